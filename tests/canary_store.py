"""A store with a case full of canaries, and what is asked of it in several tests."""

from __future__ import annotations

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import fold
from plan_assistant.ports import PersonalStore, Store
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from tests.canaries import (
    NAME,
    NOTE,
    SENTENCE,
    canary_case,
)
from tests.desks import agreement, approve, desk_at, lead, send
from tests.people import ADMINISTRATOR, COLLECTOR, NOW

CASE = CaseId("K-1")
IN_TIME = NOW.replace(year=NOW.year + 6)
PURGED = NewEvent(EventType.PURGED, {"ended": "2021-11-20", "retention_years": 5})


def fill_with_canaries(made: Store) -> None:
    """Record a case full of canaries, a plan and its approval."""
    desk = desk_at(made)
    open_case(desk, canary_case(), RequestKey("open"))
    sent = agreement(case_id=CASE)
    sent["parties"]["borrower"]["name"] = NAME
    sent["acceptance"]["note"] = NOTE
    sent["acceptance"]["lines_read"] = [SENTENCE]
    print_of_content = send(desk, sent, version=1)
    approve(
        lead(made), CASE, fingerprint=print_of_content, version=2, key=new_key(), sentence=SENTENCE
    )


def put(to: Store, *facts: NewEvent, version: int, key: str = "k", case: str = CASE) -> Receipt:
    return to.append(
        CaseId(case), facts, actor=COLLECTOR, at=NOW, expected_version=version, key=RequestKey(key)
    )


def keep_plan(to: Store) -> None:
    """Record that everything was paid that the agreement of the canaries asks for."""
    plan = fold(to.events(CASE)).recorded
    assert plan is not None
    day = NOW.date().isoformat()
    kept = {"number": plan.number, "fingerprint": plan.fingerprint, "day": day}
    put(to, NewEvent(EventType.KEPT, {**kept}), version=3, key="kept")


def erase_in_time(to: PersonalStore, case: str) -> Receipt:
    """Erase a case that ended today when it has been kept long enough."""
    return to.erase(
        CaseId(case),
        NewEvent(EventType.PURGED, {"ended": NOW.date().isoformat(), "retention_years": 5}),
        actor=ADMINISTRATOR,
        at=IN_TIME,
        expected_version=len(to.events(CaseId(case))),
        key=RequestKey("in time"),
    )


def erase(to: PersonalStore, case: str = CASE, key: str = "erase") -> Receipt:
    return to.erase(
        CaseId(case),
        PURGED,
        actor=ADMINISTRATOR,
        at=NOW,
        expected_version=len(to.events(CaseId(case))),
        key=RequestKey(key),
    )
