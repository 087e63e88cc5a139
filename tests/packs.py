"""The shipped packs, read once."""

from dataclasses import dataclass
from datetime import date
from importlib import resources

from plan_assistant.adapters.policies import PackagedPolicies, shipped_names, shipped_pack
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.ports import Policies

CN_BYTES = (resources.files("plan_assistant.policies") / "cn.toml").read_bytes()
CN = shipped_pack("cn")
"""The rules that all Chinese packs share; it answers for every product."""


def shipped_bytes(name: str) -> bytes | None:
    """Return the file of a shipped pack; None when there is none of that name."""
    file = resources.files("plan_assistant.policies") / f"{name}.toml"
    return file.read_bytes() if file.is_file() else None


def shipped_table(name: str) -> bytes | None:
    """Return the file of a shipped table; None when there is none of that name."""
    file = resources.files("plan_assistant.policies") / "tables" / f"{name}.toml"
    return file.read_bytes() if file.is_file() else None


class WithoutRules(PackagedPolicies):
    """The shipped packs without a single rule, for plans that no search would have made."""

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        return super().for_case(case, on, debt_id).model_copy(update={"rules": ()})


@dataclass(frozen=True)
class NothingToRead:
    """Packs without disclosures, for plans that were sent for approval without a call."""

    packs: Policies

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        return self.packs.for_case(case, on, debt_id).model_copy(update={"disclosures": ()})

    def with_hash(self, sha256: str) -> PolicyPack | None:
        return self.packs.with_hash(sha256)


def every_pack() -> tuple[PolicyPack, ...]:
    """Return all packs that ship."""
    return tuple(shipped_pack(name) for name in shipped_names())
