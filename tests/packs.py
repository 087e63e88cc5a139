"""The shipped packs, read once."""

from importlib import resources

from plan_assistant.domain.policy.pack import read_pack

CN_BYTES = (resources.files("plan_assistant.policies") / "cn.toml").read_bytes()
CN = read_pack(CN_BYTES, "cn.toml")
