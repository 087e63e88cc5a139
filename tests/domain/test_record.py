"""The fold: what a sequence of facts says about a case."""

from __future__ import annotations

import doctest
from collections.abc import Sequence

import pytest

from plan_assistant.domain import record as record_module
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import recorded, seal_of
from plan_assistant.domain.events import Account, Event, EventId, EventType, Json, NewEvent
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.record import Status, fold, fold_readable, queue_row
from tests import builders
from tests.people import COLLECTOR, LEAD, NOW, decided, opened, plan, spoken

_PRINT = fingerprint(plan("AG-1").body)
OPEN = opened()
PLAN = plan("AG-1")
CLOSE = NewEvent(EventType.CALL_CLOSED, {"outcome": "no_answer"})
TOLD = NewEvent(EventType.DISCLOSURE_READ, {"disclosure": "identity"})
PRINTED = NewEvent(EventType.EXPORTED, {"number": "AG-1", "files": []})
APPROVE, RETURN, DECLINE, CANCEL = (
    decided(outcome, _PRINT, COLLECTOR if outcome is EventType.CANCELLED else LEAD)
    for outcome in (
        EventType.APPROVED,
        EventType.RETURNED,
        EventType.DECLINED,
        EventType.CANCELLED,
    )
)


def history(*facts: NewEvent, case: str = "T-1") -> tuple[Event, ...]:
    def actor(fact: NewEvent) -> Account:
        return LEAD if fact in (APPROVE, RETURN, DECLINE) else COLLECTOR

    return tuple(
        recorded(
            fact,
            sequence=version,
            event_id=EventId(f"{case} {version}"),
            case_id=CaseId(case),
            version=version,
            at=NOW,
            actor=actor(fact),
        )
        for version, fact in enumerate(facts, start=1)
    )


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], Status.OPEN),
        ([TOLD, spoken()], Status.OPEN),
        ([CLOSE], Status.CLOSED),
        ([CLOSE, PRINTED], Status.CLOSED),
        ([CLOSE, TOLD], Status.OPEN),
        ([CLOSE, PLAN], Status.PENDING),
        ([PLAN], Status.PENDING),
        ([PLAN, CLOSE], Status.PENDING),
        ([PLAN, TOLD], Status.PENDING),
        ([PLAN, APPROVE], Status.APPROVED),
        ([PLAN, APPROVE, PRINTED, CLOSE], Status.APPROVED),
        ([PLAN, RETURN], Status.RETURNED),
        ([PLAN, RETURN, CLOSE], Status.RETURNED),
        ([PLAN, DECLINE], Status.DECLINED),
        ([PLAN, CANCEL], Status.CANCELLED),
        ([PLAN, RETURN, plan("AG-2")], Status.PENDING),
    ],
    ids=lambda value: (
        " ".join(fact.type.value for fact in value) or "nothing"
        if isinstance(value, list)
        else value.value
    ),
)
def test_the_status_follows_the_facts(facts: Sequence[NewEvent], status: Status) -> None:
    assert fold(history(OPEN, *facts)).status is status


def test_a_pending_plan_is_what_was_recorded_last() -> None:
    second = plan("AG-2", total="1.00")

    record = fold(history(OPEN, PLAN, RETURN, second))

    assert record.pending is not None
    assert record.pending.agreement == second.body
    assert record.pending.fingerprint == fingerprint(second.body)
    assert (record.pending.number, record.pending.version) == ("AG-2", 4)
    assert record.decision is None


def test_only_an_approval_puts_a_plan_in_force() -> None:
    approved = fold(history(OPEN, PLAN, APPROVE))
    returned = fold(history(OPEN, PLAN, RETURN))

    assert approved.approved is not None
    assert approved.pending is None
    assert (returned.approved, returned.pending, returned.approval) == (None, None, None)


def test_the_case_is_the_one_recorded_last() -> None:
    better = builders.case(of_budget=builders.budget((builders.income("9000.00"),)))
    facts = history(
        NewEvent(EventType.CASE_OPENED, write_case(builders.case())),
        NewEvent(EventType.BUDGET_CHANGED, write_case(better)),
        CLOSE,
    )

    record = fold(facts)

    assert record.case == better
    assert queue_row(record).last_outcome == "no_answer"


def test_the_trail_holds_neither_the_case_nor_the_agreement() -> None:
    record = fold(history(opened("private"), plan("AG-1", borrower="private"), TOLD))

    assert [dict(line.facts) for line in record.trail] == [
        {},
        {"number": "AG-1"},
        {"disclosure": "identity"},
    ]


def test_a_prefix_of_the_facts_is_the_state_of_that_version() -> None:
    facts = history(OPEN, PLAN, RETURN, plan("AG-2"), TOLD)

    states = [fold(facts[:version]).status for version in range(1, 6)]

    assert states == [
        Status.OPEN,
        Status.PENDING,
        Status.RETURNED,
        Status.PENDING,
        Status.PENDING,
    ]


def test_every_case_of_a_store_is_folded_by_itself() -> None:
    one, two = history(OPEN, PLAN, case="Z-1"), history(OPEN, case="A-1")

    records, left_out = fold_readable([one[0], two[0], one[1]])

    assert [(record.case_id, record.status) for record in records] == [
        ("Z-1", Status.PENDING),
        ("A-1", Status.OPEN),
    ]
    assert left_out == ()


@pytest.mark.parametrize("facts", [(), (PLAN,)], ids=["nothing", "no opening"])
def test_a_record_begins_with_the_opening(facts: tuple[NewEvent, ...]) -> None:
    with pytest.raises(ValueError, match="opening"):
        fold(history(*facts))


def test_the_aging_buckets_are_those_of_the_glossary() -> None:
    edges = {0: "M0", 1: "M1", 30: "M1", 31: "M2", 60: "M2", 61: "M3", 90: "M3", 91: "M4"}
    edges |= {120: "M4", 121: "M5", 150: "M5", 151: "M6", 180: "M6", 181: "M6+", 4_000: "M6+"}

    assert {days: record_module.stage(days) for days in edges} == edges
    assert doctest.testmod(record_module).failed == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"event_id": EventId("other")},
        {"case_id": CaseId("other")},
        {"version": 2},
        {"at": NOW.replace(microsecond=1)},
        {"actor": "li.na"},
        {"role": LEAD.role},
        {"type": EventType.EXPORTED},
        {"body": {"note": "other"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_hash_of_a_fact_covers_every_part_of_it(changed: dict[str, object]) -> None:
    (fact,) = history(OPEN)
    parts = {name: getattr(fact, name) for name in Event.__slots__} | changed

    assert seal_of(fact) == fact.sha256
    assert seal_of(Event(**parts)) != fact.sha256


def test_the_position_in_the_store_is_not_part_of_the_hash() -> None:
    body: dict[str, Json] = {"note": ""}
    first, later = (
        recorded(
            NewEvent(EventType.CASE_OPENED, body),
            sequence=sequence,
            event_id=EventId("E"),
            case_id=CaseId("T-1"),
            version=1,
            at=NOW,
            actor=COLLECTOR,
        )
        for sequence in (1, 99)
    )

    assert first.sha256 == later.sha256
