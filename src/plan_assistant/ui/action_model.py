"""What an action is: something a person can do with a key, at home in a zone.

Not here: which actions there are (`action_list_call.py`, `action_list_overlays.py`,
`action_list_desk.py`) and who reads them (`actions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_assistant.domain.policy.findings import Role

BOTH = frozenset(Role)
COLLECTORS = frozenset({Role.COLLECTOR, Role.TEAM_LEAD, Role.AGENCY_COLLECTOR})
LEADS = frozenset({Role.TEAM_LEAD})
REVEALERS = COLLECTORS
"""Whoever may see personal data, each time on the record: `rights.may_record`."""


class Zone(StrEnum):
    """Where an action is at home: a screen, or a part of one that can hold the focus."""

    EVERYWHERE = "everywhere"
    SIGN_IN = "sign_in"
    PASSWORD = "password"
    LOCKED = "locked"
    QUEUE = "queue"
    CALL = "call"
    DIALS = "dials"
    PLANS = "plans"
    SPARE = "spare"
    SCRIPT = "script"
    SCHEDULE = "schedule"
    THEY_SAY = "they_say"
    READ_BACK = "read_back"
    OUTCOME = "outcome"
    EXPORT = "export"
    NOTE = "note"
    BUDGET = "budget"
    LIST = "list"
    """Any list with a marked line."""
    READING = "reading"
    """An overlay that is only read: case file, help."""
    CASE_FILE = "case_file"
    """What only the case file has beside reading."""
    REVEAL = "reveal"
    PALETTE = "palette"
    APPROVALS = "approvals"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do with a key."""

    id: str
    zone: Zone
    keys: tuple[str, ...]
    label: tuple[str, str]
    """One short word for the key bar, with its context."""
    hint: str
    """One sentence for help and palette."""
    roles: frozenset[Role] = BOTH
    bar: int = 0
    """Place in the key bar; 0 keeps it out. At 80 columns the bar has room for eight."""
    is_wide_only: bool = False
    """In the key bar only from 110 columns."""
    in_palette: bool = True


def act(
    id: str,  # noqa: A002  # the registry calls it id
    zone: Zone,
    keys: str,
    name: tuple[str, str],
    hint: str,
    *,
    roles: frozenset[Role] = BOTH,
    bar: int = 0,
    wide: bool = False,
) -> Action:
    """Return an action from its keys, separated by blanks, and its words."""
    listed = zone in {Zone.EVERYWHERE, Zone.QUEUE, Zone.CALL, Zone.APPROVALS}
    return Action(id, zone, tuple(keys.split()), name, hint, roles, bar, wide, listed)
