"""Which role may record which fact: the one table that acts, audits and verifiers go by.

Not here: what a case allows when (`transitions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plan_assistant.domain.events import EventType
from plan_assistant.domain.policy.findings import Role

_OPENS: Final = frozenset({Role.COLLECTOR, Role.TEAM_LEAD, Role.ADMINISTRATOR})
_CALLS: Final = frozenset({Role.COLLECTOR, Role.TEAM_LEAD, Role.AGENCY_COLLECTOR})
_TEAM: Final = frozenset({Role.COLLECTOR, Role.TEAM_LEAD})
_MAY: Final[Mapping[EventType, frozenset[Role]]] = {
    EventType.CASE_OPENED: _OPENS,
    EventType.BUDGET_CHANGED: _CALLS,
    EventType.OFFERS_SHOWN: _CALLS,
    EventType.OFFER_SPOKEN: _CALLS,
    EventType.OFFER_REFUSED: _CALLS,
    EventType.DISCLOSURE_READ: _CALLS,
    EventType.PLAN_RECORDED: _CALLS,
    EventType.CALL_CLOSED: _CALLS,
    EventType.BORROWER_WAITS: _CALLS,
    EventType.CANCELLED: _CALLS,
    EventType.EXPORTED: _CALLS | {Role.LEGAL_REVIEWER},
    EventType.CASE_ASSIGNED: frozenset({Role.TEAM_LEAD}),
    EventType.APPROVED: frozenset({Role.TEAM_LEAD}),
    EventType.RETURNED: frozenset({Role.TEAM_LEAD}),
    EventType.DECLINED: frozenset({Role.TEAM_LEAD}),
    EventType.SIGNED: _CALLS,
    EventType.PAYMENT_POSTED: _TEAM,
    EventType.KEPT: _TEAM,
    EventType.BROKEN: frozenset({Role.TEAM_LEAD}),
    EventType.REOPENED: frozenset({Role.TEAM_LEAD}),
    EventType.REVEALED: _CALLS,
    EventType.PURGED: frozenset({Role.ADMINISTRATOR}),
}
"""Who may record which fact. An auditor records none; no role stands above these lines. Whoever may
not record that something was revealed sees it masked for ever."""


def may_record(act: EventType) -> frozenset[Role]:
    """Return the roles that may record such a fact."""
    return _MAY[act]
