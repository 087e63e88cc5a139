"""The shipped packs, read once."""

from importlib import resources

from plan_assistant.adapters.policies import shipped_pack

CN_BYTES = (resources.files("plan_assistant.policies") / "cn.toml").read_bytes()
CN = shipped_pack("cn")
