"""What is owed on a day is one figure, whatever happened before it and whatever is to happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.position import Position
from plan_assistant.domain.schedule.schedule import Installment
from plan_assistant.domain.schedule.servicing import quote_payoff
from plan_assistant.domain.schedule.terms import HolidayInterest, RoundingStage, Terms
from tests.domain.schedule.histories import (
    DAYS,
    EVENTS,
    owing_terms,
    restructurings,
)
from tests.properties import Kind, holds

NOTHING = CNY.zero


def _position(history: History, day: date) -> Position:
    """Return a position; reject the example where the history is refused, which others hold."""
    try:
        return history.position(day)
    except InvalidTerms:
        assume(False)
        raise


def _history(terms: Terms, events: list[ev.Event]) -> History:
    return History(terms, {f"e{index}": event for index, event in enumerate(events)})


def _day_of_money(event: ev.Event, day: date) -> date:
    """Return the day of money or of a charge; of anything else the day itself."""
    match event:
        case ev.FeeCharged():
            return event.day or event.due or date.max
        case ev.Prepayment():
            return event.day or date.max
        case ev.Payment() | ev.Settlement() | ev.Restructuring():
            return event.day
        case _:
            return day


@holds(Kind.INVARIANTS, short=1_000, long=80_000)
@given(owing_terms(), st.lists(EVENTS, max_size=4), DAYS)
def test_a_payment_of_the_position_ends_the_plan_in_the_middle_of_any_events(
    terms: Terms, events: list[ev.Event], day: date
) -> None:
    """Money and charges of later days find no debt, or make a new one; all else may be to come."""
    # On the day itself money may come before or after the payment, by its kind.
    assume(not any(getattr(event, "day", None) == day for event in events))
    known = [event for event in events if _day_of_money(event, day) <= day]
    history = _history(terms, known)
    owed = _position(history, day).total
    assume(owed)

    repaid = history.with_event("all", ev.Payment(day, owed))

    try:
        positions = [repaid.position(day + timedelta(days=later)) for later in (0, 1, 30, 400)]
    except InvalidTerms as refusal:
        # What acts later finds no debt: that is said, and cancelled by hand.
        settled, covered = f"the debt was settled on {day}", "nothing is owed any more"
        said = settled in refusal.reason or covered in refusal.reason
        assert said or _needs_another_to_come(terms, known, day, refusal)
        return
    assert [position.total for position in positions] == [NOTHING] * 4


def _needs_another_to_come(
    terms: Terms, events: list[ev.Event], day: date, refusal: InvalidTerms
) -> bool:
    """Say whether an event to come is refused without the others to come, and for that reason."""
    earlier = [event for event in events if _last_day(event) <= day]
    reasons = []
    for event in events:
        try:
            _ = _history(terms, [*earlier, event]).plans
        except InvalidTerms as refused:
            reasons.append(refused.reason)
    return refusal.reason in reasons


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(owing_terms(), st.lists(EVENTS, max_size=4), DAYS)
def test_a_payoff_is_the_position_and_no_component_is_ever_negative(
    terms: Terms, events: list[ev.Event], day: date
) -> None:
    history = _history(terms, events)

    position = _position(history, day)

    assert history.payoff(day).amount == position.total.minor
    assert min(*position.components().values(), position.ahead) >= NOTHING
    assert NOTHING <= position.principal_due <= position.principal
    whole = history.payoff(day, ev.InterestUntil.PERIOD_END)
    assert whole.amount >= position.total.minor


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(owing_terms(), st.lists(EVENTS, max_size=4), DAYS, st.integers(0, 400))
def test_what_acts_later_changes_no_position(
    terms: Terms, events: list[ev.Event], day: date, later: int
) -> None:
    history = _history(terms, events)
    before = _position(history, day)
    event = ev.ReAmortize(day + timedelta(days=later + 1), ev.ReAmortizeInterest.SPLIT_EQUALLY)

    try:
        after = history.with_event("later", event).position(day)
    except InvalidTerms:
        return
    assert after == before


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(owing_terms(), st.lists(EVENTS, max_size=4), restructurings())
def test_a_restructuring_takes_over_exactly_what_was_owed(
    terms: Terms, events: list[ev.Event], restructuring: ev.Restructuring
) -> None:
    day = restructuring.day
    known = [event for event in events if _last_day(event) <= day]
    before = _history(terms, known)
    owed = _position(before, day).total

    try:
        new = before.with_event("new", restructuring).plans[-1].restructured
    except InvalidTerms:
        assume(False)

    assert new is not None
    taken: Money = new.principal + new.carried + new.in_first + new.waived
    assert taken == owed


def _last_day(event: ev.Event) -> date:
    """Return the day from which an event surely belongs to the plan before a restructuring."""
    match event:
        case ev.FeeCharged() | ev.Prepayment():
            return event.day or date.max
        case ev.InterestPause():
            return event.day or event.first
        case ev.MoveDueDate():
            return event.day or min(event.from_due, event.to)
        case ev.ExtendTerm() | ev.InterestGrace():
            return event.day or event.from_due
        case _:
            return event.day


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(owing_terms(), DAYS)
def test_with_all_due_paid_the_position_is_the_quote_of_the_running_period_and_what_waits(
    terms: Terms, day: date
) -> None:
    """The quote of golden/SCHEMA 6.12 takes everything before the running period as paid."""
    # Rows priced before anything is paid would ask for interest on what is overdue by then.
    terms = terms.with_(
        as_of=None,
        conventions=replace(terms.conventions, rounding_stage=RoundingStage.EACH_PERIOD),
    )
    try:
        rows = History(terms).schedule.rows
    except InvalidTerms:
        assume(False)
    assume(day not in {row.due for row in rows} | {row.nominal_due for row in rows})
    paid = {
        f"row {row.number}": ev.Payment(row.due, row.payment)
        for row in rows
        if row.due is not None and row.due <= day and row.payment
    }
    history = History(terms, paid)
    quote = quote_payoff(history.draft, day, ev.InterestUntil.DATE)
    ended = [row for row in rows if _has_ended(row, terms, day)]
    to_come = {row.number for row in rows if row.due is not None and row.due > day}

    position = history.position(day)

    held = ended[-1].deferred if ended else NOTHING
    waiting = sum((row.arrears for row in rows if row.number in to_come), NOTHING)
    assert position.total == CNY.money(int(quote.amount)) + held + waiting + position.fees_due
    assert position.fees_due == _charged_by(terms, rows, to_come, day)


def _has_ended(row: Installment, terms: Terms, day: date) -> bool:
    """Say whether the period of a row has; with interest for extra days it ends when it is paid."""
    runs_on = terms.conventions.holiday_interest is HolidayInterest.EXTRA_DAYS
    end = row.due if runs_on else row.nominal_due
    return end is not None and end <= day


def _charged_by(terms: Terms, rows: Sequence[Installment], to_come: set[int], day: date) -> Money:
    """Return the fees whose own day has come and that a row to come collects."""
    collected = sum((row.fees for row in rows if row.number in to_come), NOTHING)
    own_day_to_come = [fee.amount for fee in terms.fees if fee.due is not None and fee.due > day]
    of_numbers = [
        fee.amount
        for fee in terms.fees
        if fee.number is not None and fee.number + (terms.down_payment is not None) in to_come
    ]
    return collected - sum([*own_day_to_come, *of_numbers], NOTHING)
