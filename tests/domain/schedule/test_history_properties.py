"""Any events in any order give one sound schedule or a refusal; what is cancelled never was."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Treatment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.succession import position_in
from plan_assistant.domain.schedule.terms import Grace, Terms
from tests.domain.schedule.histories import (
    BOOKED_PAYMENTS,
    DUES,
    EVENTS,
    EVENTS_OF_ONE_PLAN,
    all_other,
    outcome,
    reordered,
    restructurings,
    serviced_terms,
)
from tests.domain.schedule.invariants import assert_sound
from tests.domain.schedule.strategies import any_terms, priced
from tests.properties import Kind, holds


@holds(Kind.ORDER, short=1_000, long=80_000)
@given(serviced_terms(), st.lists(EVENTS, min_size=2, max_size=5), st.integers(0, 119))
def test_any_events_give_a_sound_schedule_or_a_refusal_in_whatever_order(
    terms: Terms, events: list[ev.Event], order: int
) -> None:
    named = [(f"e{index}", event) for index, event in enumerate(events)]
    shuffled = reordered(named, order)

    expected = outcome(History(terms, dict(named)))

    assert outcome(History(terms, dict(shuffled))) == expected


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(serviced_terms(), st.lists(EVENTS_OF_ONE_PLAN, max_size=3), BOOKED_PAYMENTS)
def test_a_row_before_the_last_one_books_exactly_what_was_paid(
    terms: Terms, events: list[ev.Event], booked: ev.Event
) -> None:
    named = {f"e{index}": event for index, event in enumerate([*events, booked])}
    try:
        draft = History(terms, named).draft
    except InvalidTerms:
        assume(False)

    last = draft.run()[draft.last_line()]
    for line, row in zip(draft.lines, draft.run(), strict=True):
        if line.booked is not None and line.closed_with is None and row is not last:
            assert row.payment == line.booked.amount + line.extra_principal


@holds(Kind.CANCEL, short=700, long=50_000)
@given(serviced_terms(), st.lists(EVENTS, max_size=3), EVENTS)
def test_cancelling_an_event_restores_the_former_schedule(
    terms: Terms, events: list[ev.Event], event: ev.Event
) -> None:
    before = History(terms, {f"e{index}": known for index, known in enumerate(events)})
    expected = outcome(before)
    changed = before.with_event("new", event)
    outcome(changed)

    restored = changed.without("new")

    assert outcome(restored) == expected


@holds(Kind.CANCEL, short=700, long=50_000)
@given(serviced_terms(), st.lists(EVENTS_OF_ONE_PLAN, max_size=3), restructurings())
def test_cancelling_a_restructuring_restores_the_former_schedule_byte_for_byte(
    terms: Terms, events: list[ev.Event], restructuring: ev.Restructuring
) -> None:
    before = History(terms, {f"e{index}": known for index, known in enumerate(events)})
    changed = before.with_event("new", restructuring)

    after = outcome(changed)
    restored = changed.without("new")

    assert repr(outcome(restored)).encode() == repr(outcome(before)).encode()
    if isinstance(after, Schedule):
        _check_the_steps(changed)


def _check_the_steps(history: History) -> None:
    """Nothing is lost between the old plan and the new one: forgiven, carried or principal."""
    new = next(plan for plan in history.plans if plan.restructured is not None)
    result = new.restructured
    assert result is not None
    assert new.since is not None
    old = history.plans[history.plans.index(new) - 1]
    owed = position_in(old, new.since).total
    assert owed == result.principal + result.carried + result.in_first + result.waived


@holds(Kind.INVARIANTS, short=400, long=40_000)
@given(serviced_terms(), st.lists(EVENTS_OF_ONE_PLAN, min_size=2, max_size=6))
def test_no_event_loses_a_fee_or_an_arrear_of_the_plan(
    terms: Terms, events: list[ev.Event]
) -> None:
    history = History(terms, {f"e{index}": event for index, event in enumerate(events)})
    schedule = outcome(history)
    charged = [event.amount for event in events if isinstance(event, ev.FeeCharged)]
    if isinstance(schedule, str) or len(history.plans) > 1:
        return  # It is refused, or a payment of all that was owed ended it before a fee fell due.

    nothing = terms.principal.currency.zero
    assert schedule.total_fees == sum(charged, nothing)
    assert schedule.total_arrears == (terms.arrears or nothing)


@holds(Kind.INVARIANTS, short=200, long=20_000)
@given(serviced_terms(), restructurings())
def test_waiving_at_a_restructuring_repays_principal_as_carrying_does(
    terms: Terms, restructuring: ev.Restructuring
) -> None:
    waived, carried = (
        outcome(History(terms, {"new": replace(restructuring, steps=all_other(treatment))}))
        for treatment in (Treatment.WAIVE, Treatment.CARRY)
    )

    if isinstance(waived, str) or isinstance(carried, str):
        assert waived == carried
        return
    assert waived.columns.principal == carried.columns.principal
    assert waived.columns.interest == carried.columns.interest
    assert waived.total_paid + carried.total_arrears == carried.total_paid


@holds(Kind.TWO_WAYS, short=350, long=20_000)
@given(any_terms())
def test_a_history_without_events_is_the_priced_plan_carried_arrears_included(
    terms: Terms,
) -> None:
    expected = priced(terms)

    assert History(terms).schedule == expected


@holds(Kind.INVARIANTS, short=350, long=20_000)
@given(serviced_terms(), st.integers(0, 11), st.integers(1, 12))
def test_an_extension_asks_for_no_more_than_the_plan_it_relieves(
    terms: Terms, index: int, extra: int
) -> None:
    # Held interest may be more than a lower payment; such an extension is refused.
    before = History(terms.with_(grace=Grace()))
    largest = before.schedule.largest_payment

    ways = before.extended("longer", DUES[index], extra)

    for way in ways:
        assert_sound(way.schedule)
        assert way.schedule.largest_payment <= largest
