"""The policy packs that ship with the program, and packs of a lender's own from a folder.

The models of a pack are imported when one is read: the queue is on the screen before.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import InputRefused, Problem

if TYPE_CHECKING:
    from plan_assistant.domain.policy.pack import PolicyPack


@lru_cache(maxsize=32)
def _read(content: bytes, source: str) -> PolicyPack:
    from plan_assistant.domain.policy.pack import read_pack  # noqa: PLC0415  # its models are slow
    from plan_assistant.domain.policy.rules import require_known_tests  # noqa: PLC0415

    pack = read_pack(content, source)
    require_known_tests(pack)
    return pack


def load_pack(path: Path) -> PolicyPack:
    """Read a pack from a file; raises InputRefused with every problem found."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputRefused(str(path), [Problem("", f"cannot be read: {error.strerror}")]) from error
    return _read(content, path.name)


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
        return _read((folder / name).read_bytes(), name)
