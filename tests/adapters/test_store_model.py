"""The stores side by side: whatever is asked, in whatever order, they give the same answers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.memory_store import MemoryStore
from tests.office import Office
from tests.people import (
    ADMINISTRATOR,
    AUDITOR,
    COLLECTOR,
    EVERYBODY,
    LEAD,
    NOW,
    OTHER_LEAD,
    decided,
    opened,
    plan,
    spoken,
)
from tests.postgres import Databases
from tests.stores import fresh_sqlite

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import PlanAssistantError, TransitionRefused
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.ports import Store

_NUMBERS = ("AG-1", "AG-2", "AG-3")
_PEOPLE = (COLLECTOR, LEAD, OTHER_LEAD, AUDITOR, ADMINISTRATOR)


@dataclass(frozen=True)
class Asked:
    """One request; `off_by` says how far its version is from that of the case."""

    case: CaseId
    facts: tuple[NewEvent, ...]
    by: Account
    off_by: int
    key: RequestKey


def _fact(kind: EventType, number: str, by: Account) -> NewEvent:
    if kind is EventType.CASE_OPENED:
        return opened()
    if kind is EventType.PLAN_RECORDED:
        return plan(number)
    if kind.is_decision:
        return decided(kind, fingerprint(plan(number).body), by)
    return spoken()


# Mostly what makes sense, so that histories grow; the rest is the point.
_KINDS = (
    *[EventType.PLAN_RECORDED] * 4,
    *[EventType.APPROVED, EventType.RETURNED, EventType.CANCELLED] * 2,
    EventType.CASE_OPENED,
    EventType.OFFER_SPOKEN,
)


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    by = draw(st.sampled_from((COLLECTOR, COLLECTOR, LEAD, LEAD, *_PEOPLE)))
    number = draw(st.sampled_from(_NUMBERS))
    kinds = draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=2))
    return Asked(
        case=CaseId(draw(st.sampled_from(("A-1", "A-1", "B-1")))),
        facts=tuple(_fact(kind, number, by) for kind in kinds),
        by=by,
        off_by=draw(st.sampled_from((0, 0, 0, 0, 0, 1, -1))),
        key=RequestKey(str(draw(st.integers(0, 40)))),
    )


def _answer(store: Store, asked: Asked, version: int) -> tuple[object, ...]:
    try:
        receipt = store.append(
            asked.case,
            asked.facts,
            actor=asked.by,
            at=NOW,
            expected_version=version,
            key=asked.key,
        )
    except TransitionRefused as refused:
        return ("refused", refused.code)
    except PlanAssistantError as error:
        return (type(error).__name__, str(error))
    return ("recorded", receipt.version, len(receipt.event_ids), receipt.is_repeat)


def _facts(store: Store) -> list[tuple[object, ...]]:
    return [
        (
            event.case_id,
            event.version,
            event.at,
            event.actor,
            event.role,
            event.type,
            dict(event.body),
        )
        for event in store.every_event()
    ]


def _play(script: list[Asked], store: Store) -> None:
    """Ask both stores the same, and compare every answer and what is there in the end."""
    memory = MemoryStore()
    for person in EVERYBODY:
        memory.add_account(person)
    for case in ("A-1", "B-1"):
        start = Asked(CaseId(case), (opened(),), COLLECTOR, 0, RequestKey(f"open {case}"))
        assert _answer(memory, start, 0) == _answer(store, start, 0)

    for asked in script:
        version = len(memory.events(asked.case)) + asked.off_by
        assert _answer(memory, asked, version) == _answer(store, asked, version), asked

    assert _facts(memory) == _facts(store)


@given(st.lists(requests(), max_size=25))
def test_sqlite_gives_the_same_answers_as_memory(script: list[Asked]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sqlite = fresh_sqlite(Path(folder))
        _play(script, sqlite)
        sqlite.close()


@settings(
    max_examples=max(10, settings.default.max_examples // 6) if settings.default else 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(requests(), max_size=25))
def test_postgresql_gives_the_same_answers_as_memory(
    postgres: Databases, script: list[Asked]
) -> None:
    with postgres.fresh() as database:
        office = Office(database)
        # An auditor is refused before the key of the request is looked at, and an administrator
        # does not see the cases whose version they get wrong.
        answers_alike = [asked for asked in script if asked.by not in {AUDITOR, ADMINISTRATOR}]
        _play(answers_alike, office)
        office.close()
