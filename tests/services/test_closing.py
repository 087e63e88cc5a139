"""A call that no screen was open for is closed as one on a screen, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests import builders
from tests.away import Switched, desk_with_journal
from tests.desks import CASE, agreement, approve, desk_at, lead, memory_store, waiting
from tests.people import ADMINISTRATOR, AGENT, AUDITOR, COLLEAGUE, NOW
from tests.recording import close_call as close_on_screen
from tests.recording import disclosure_read

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.call_outcome import CallOutcome
from plan_assistant.domain.errors import PlanNotSent, TransitionRefused
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.record import Status, fold
from plan_assistant.ports import Store
from plan_assistant.services import negotiate
from plan_assistant.services.closing import Closed, close_call
from plan_assistant.services.deliver import deliver
from plan_assistant.services.desk import Desk
from plan_assistant.services.open_case import open_case


@pytest.fixture
def desk(store: Store) -> Desk:
    """A collector, and a case that was opened: version 1."""
    desk = desk_at(store)
    open_case(desk, builders.case(), RequestKey("open"))
    return desk


def outcomes_of(store: Store) -> list[object]:
    facts = store.events(CASE)
    return [fact.body["outcome"] for fact in facts if fact.type is EventType.CALL_CLOSED]


def repeats(closed: Closed) -> bool:
    assert closed.receipt is not None
    return closed.receipt.is_repeat


def later(desk: Desk, hours: int) -> Desk:
    return replace(desk, clock=DemoClock(NOW + timedelta(hours=hours)))


def refused(desk: Desk, outcome: str, call: str | None = None) -> str:
    with pytest.raises(TransitionRefused) as refusal:
        close_call(desk, CASE, outcome, call=call)
    return refusal.value.code


def test_the_same_twice_is_one_call(desk: Desk) -> None:
    first, second = close_call(desk, CASE, "promised"), close_call(later(desk, 2), CASE, "promised")

    assert (repeats(first), repeats(second)) == (False, True)
    assert outcomes_of(desk.store) == ["promised"]


@pytest.mark.parametrize("between", ["the next day", "a fact", "another outcome", "a colleague"])
def test_what_is_said_again_after_something_else_is_another_call(desk: Desk, between: str) -> None:
    close_call(desk, CASE, "no_answer")
    again = desk
    match between:
        case "the next day":
            again = later(desk, 24)
        case "a fact":
            disclosure_read(desk, CASE, "identity", RequestKey("said"))
        case "another outcome":
            close_call(desk, CASE, "call_back")
        case _:
            close_call(desk_at(desk.store, COLLEAGUE), CASE, "no_answer")

    closed = close_call(again, CASE, "no_answer")
    repeated = close_call(again, CASE, "no_answer")

    assert (repeats(closed), repeats(repeated)) == (False, True)
    assert outcomes_of(desk.store).count("no_answer") == 2 + (between == "a colleague")


def test_what_was_closed_on_a_screen_is_closed_again_once_at_most(desk: Desk) -> None:
    close_on_screen(desk, CASE, "promised", RequestKey("screen"))

    close_call(desk, CASE, "promised")
    closed = close_call(desk, CASE, "promised")

    assert repeats(closed)
    assert outcomes_of(desk.store) == ["promised"] * 2


def test_calls_with_ids_of_their_own_are_noted_once_each(desk: Desk) -> None:
    for call in ("A", "B", "A", "B"):
        close_call(desk, CASE, "no_answer", call=call)

    assert outcomes_of(desk.store) == ["no_answer"] * 2
    assert refused(desk, "promised", call="A") == "ended_otherwise"
    assert len(outcomes_of(desk.store)) == 2


def test_a_plan_was_agreed_only_in_the_call_that_recorded_it(store: Store) -> None:
    fingerprint = waiting(store)
    desk = desk_at(store)

    assert refused(desk_at(store, COLLEAGUE), "agreed") == "no_plan_agreed"
    agreed = [close_call(desk, CASE, "agreed") for _ in range(2)]
    assert [repeats(closed) for closed in agreed] == [False, True]
    assert fold(store.events(CASE)).status is Status.PENDING
    close_call(desk, CASE, "call_back")
    assert refused(desk, "agreed") == "no_plan_agreed"
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))
    close_call(later(desk, 48), CASE, "promised")

    record = fold(store.events(CASE))
    assert (record.status, record.last_outcome) == (Status.APPROVED, "promised")


def test_a_case_of_others_and_an_outcome_nobody_knows_leave_nothing(desk: Desk) -> None:
    assert refused(desk_at(desk.store, AGENT), "promised") == "not_assigned"
    assert refused(lead(desk.store), "paid") == "outcome_unknown"
    assert outcomes_of(desk.store) == []


@pytest.fixture
def away(tmp_path: Path) -> tuple[Switched, Desk]:
    """A store that can be read and takes nothing, and the desk of a collector with a journal."""
    kept = memory_store()
    open_case(desk_at(kept), builders.case(), RequestKey("open"))
    store = Switched(kept)
    store.away_for = "append"
    store.go_away()
    return store, desk_with_journal(store, tmp_path)


def test_what_the_store_does_not_take_is_kept_and_delivered_once(
    away: tuple[Switched, Desk],
) -> None:
    store, desk = away

    kept = [close_call(desk, CASE, "promised", call=call) for call in (None, None, "A", "A")]
    otherwise = refused(desk, "no_answer", call="A")
    store.come_back()
    delivered = deliver(desk).delivered
    after = [close_call(desk, CASE, "promised", call=call) for call in (None, "A")]

    assert kept == [Closed(CallOutcome.PROMISED, None)] * 4
    assert otherwise == "ended_otherwise"
    assert len(delivered) == 2
    assert all(repeats(closed) for closed in after)
    assert outcomes_of(desk.store) == ["promised"] * 2


def test_a_plan_that_was_kept_was_agreed_in_its_call(away: tuple[Switched, Desk]) -> None:
    store, desk = away
    assert refused(desk, "agreed") == "no_plan_agreed"
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, negotiate.begin(desk, CASE), agreement(), key=RequestKey("plan"))

    kept = [close_call(desk, CASE, "agreed") for _ in range(2)]
    store.come_back()
    deliver(desk)

    assert [closed.receipt for closed in kept] == [None, None]
    assert repeats(close_call(desk, CASE, "agreed"))
    assert [fact.type for fact in desk.store.events(CASE)][1:] == [
        EventType.PLAN_RECORDED,
        EventType.CALL_CLOSED,
    ]


def test_a_person_who_calls_nobody_closes_nothing(desk: Desk) -> None:
    for person in (ADMINISTRATOR, AUDITOR):
        assert refused(desk_at(desk.store, person), "promised") == "role_may_not"
