"""Whether a pack may stand in for the one that a plan was recorded under.

Not here: whether the plan may be approved under it (`replay.py`).
"""

from __future__ import annotations

import re
from typing import Final

from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.policy.pack import PolicyPack

_COMPARABLE: Final = re.compile(r"[0-9]+(\.[0-9]+)*")


def require_successor(pack: PolicyPack, recorded: PolicyStamp) -> None:
    """Refuse a pack that is neither the recorded one nor extends it, and an older version of it.

    A pack only tightens what it extends: whatever extends the recorded one asks all that it asked.
    Of any other pack nobody can say so, least of all of the one that it extended itself.
    """
    here = dict(zip(pack.lineage, pack.versions, strict=True)).get(recorded.pack)
    if here is None:
        raise TransitionRefused(
            "pack_is_another",
            recorded=recorded.pack,
            recorded_version=recorded.version,
            pack=pack.pack,
            version=pack.version,
        )
    if _is_older(here, recorded.version):
        raise TransitionRefused(
            "pack_is_older", pack=recorded.pack, version=here, recorded_version=recorded.version
        )


def _is_older(version: str, other: str) -> bool:
    """Say whether a version comes before another; of other forms than numbers nobody knows.

    >>> _is_older("2026.9", "2026.11.1"), _is_older("2", "2.0"), _is_older("spring", "2")
    (True, False, False)
    """
    if not (_COMPARABLE.fullmatch(version) and _COMPARABLE.fullmatch(other)):
        return False
    return _numbers(version) < _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version without zeros at its end: 2 is 2.0."""
    return tuple(int(part) for part in re.sub(r"(\.0+)+$", "", version).split("."))
