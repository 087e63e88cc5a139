"""Which role may record which fact; the tests of the services hold the other transitions."""

from __future__ import annotations

import pytest

from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, EventType
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.transitions import require_role

_OF_A_LEAD = {"approved", "returned", "declined", "case_assigned", "broken", "reopened"}
_OF_THE_TEAM = {"payment_posted", "kept"}
ALLOWED: dict[Role, set[str]] = {
    Role.COLLECTOR: {event.value for event in EventType} - _OF_A_LEAD - {"purged"},
    Role.TEAM_LEAD: {event.value for event in EventType} - {"purged"},
    Role.AGENCY_COLLECTOR: {event.value for event in EventType}
    - _OF_A_LEAD
    - _OF_THE_TEAM
    - {"case_opened", "purged"},
    Role.LEGAL_REVIEWER: {"exported"},
    Role.ADMINISTRATOR: {"case_opened", "purged"},
    Role.AUDITOR: set(),
}


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_role_records_these_facts_and_no_others(role: Role) -> None:
    person = Account("x", "x", role)
    allowed = set()
    for act in EventType:
        try:
            require_role(person, act)
            allowed.add(act.value)
        except TransitionRefused as refused:
            assert refused.code == "role_may_not"
            assert refused.detail == {"role": role.value, "act": act.value}

    assert allowed == ALLOWED[role]
