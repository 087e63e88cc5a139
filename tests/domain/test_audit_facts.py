"""Facts of a record checked one by one: what the rows beside them or the account contradict."""

from __future__ import annotations

import pytest

from plan_assistant.domain.audit_facts import FactChecks
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.events import EventType
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.stored import RecordRow, StoredEvent
from plan_assistant.wording.audit import discrepancy_sentence
from tests.people import NOW


def found_in(
    *facts: StoredEvent, code: str, roles: dict[str, str] | None = None
) -> list[Discrepancy]:
    """Return what the checks say with that code about these facts."""
    checks = FactChecks({"wu.hao": facts[0].role} if roles is None else roles, {})
    said = [item for fact in facts for item in checks.check(RecordRow(fact, None, None, None))]
    for item in said:
        for language in ("en", "zh"):
            assert discrepancy_sentence(item, language)
    return [item for item in said if item.code == code]


def fact(
    kind: str, *, role: Role = Role.COLLECTOR, version: int = 1, at: str = "", body: str = "{}"
) -> StoredEvent:
    """Return a row as it may stand in a store."""
    when = at or NOW.isoformat(timespec="microseconds")
    return StoredEvent(version, f"E{version}", "A-1", version, when, "wu.hao", role, kind, body, "")


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_fact_by_a_role_that_may_not_record_it_is_named(role: Role) -> None:
    named = {
        kind for kind in EventType if found_in(fact(kind.value, role=role), code="fact_may_not")
    }

    assert named == {kind for kind in EventType if role not in may_record(kind)}


def test_a_role_that_there_is_not_may_record_nothing() -> None:
    stranger = fact("approved", role="director")  # type: ignore[arg-type]  # as a row may say

    (named,) = found_in(stranger, code="fact_may_not")

    assert named.detail == {"role": "director", "act": "approved"}
