"""The policy packs that ship with the program, and packs of a lender's own from a folder.

The models of a pack are imported when one is read: the queue is on the screen before.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.living_costs import LivingCostTable, StatementFields
from plan_assistant.domain.policy.pack import PolicyPack, read_pack
from plan_assistant.domain.policy.rules import require_known_tests
from plan_assistant.domain.policy.tables import read_costs, read_statement

_TABLES = resources.files("plan_assistant.policies") / "tables"


@lru_cache(maxsize=32)
def _read(content: bytes, source: str, beside: Path | None = None) -> PolicyPack:
    """Read a pack with the tables it names; `beside` is a folder whose own tables come first."""
    pack = read_pack(content, source)
    require_known_tests(pack)
    named = pack.affordability
    costs = {name: found for name in named.tables if (found := _costs(name, beside)) is not None}
    statement = None if named.statement is None else _statement(named.statement, beside)
    standing = named.with_tables(costs, statement)
    missing = list(standing.missing)
    if named.statement is not None and statement is None:
        missing.append(named.statement)
    if missing:
        raise InputRefused(
            source,
            [
                Problem(
                    "affordability",
                    f"there is no table or item {', '.join(missing)}: correct the name, or put the "
                    "table into a folder “tables” beside the pack",
                )
            ],
        )
    return pack.model_copy(update={"affordability": standing})


def _table(name: str, beside: Path | None) -> bytes | None:
    for folder in (beside, _TABLES):
        if folder is not None and (folder / f"{name}.toml").is_file():
            return (folder / f"{name}.toml").read_bytes()
    return None


def _costs(name: str, beside: Path | None) -> LivingCostTable | None:
    content = _table(name, beside)
    return None if content is None else read_costs(content, f"{name}.toml")


def _statement(name: str, beside: Path | None) -> StatementFields | None:
    content = _table(name, beside)
    return None if content is None else read_statement(content, f"{name}.toml")


def load_pack(path: Path) -> PolicyPack:
    """Read a pack from a file; raises InputRefused with every problem found."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputRefused(str(path), [Problem("", f"cannot be read: {error.strerror}")]) from error
    return _read(content, path.name, path.parent / "tables")


def shipped_pack(name: str) -> PolicyPack:
    """Return a pack inside the package, for example `cn`."""
    folder = resources.files("plan_assistant.policies")
    return _read((folder / f"{name}.toml").read_bytes(), f"{name}.toml")


class PackagedPolicies:
    """The packs inside the package, one for each jurisdiction; or one pack given for all cases."""

    def __init__(self, given: Path | None = None) -> None:
        self._given = load_pack(given) if given else None

    def for_case(self, case: Case, on: date) -> PolicyPack:
        """Return the pack in force for that case on that day."""
        if self._given is not None:
            return self._given
        name = f"{case.jurisdiction.lower()}.toml"
        folder = resources.files("plan_assistant.policies")
        if not (folder / name).is_file():
            known = sorted(
                item.name[:-5].upper() for item in folder.iterdir() if item.name.endswith(".toml")
            )
            raise InputRefused(
                f"case {case.case_id}",
                [
                    Problem(
                        "jurisdiction",
                        f"there is no policy pack for {case.jurisdiction}; packs exist for "
                        f"{', '.join(known)}. "
                        "Give one with --policy FILE",
                    )
                ],
            )
        return shipped_pack(case.jurisdiction.lower())
