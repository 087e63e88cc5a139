"""From which day an event acts, and on which of the plans that followed each other.

12,000.00 at 12 % over twelve months from 10 January 2026; a restructuring on 1 March to 24 rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.succession import position_in
from plan_assistant.domain.schedule.terms import (
    Terms,
)
from tests.domain.schedule.builders import DAILY, dated, yuan

WHOLE = dated("12000.00", start=date(2026, 1, 10), first_due=date(2026, 2, 10), due_day=None)
TERMS = WHOLE.with_(conventions=DAILY)
PLAIN = History(TERMS)
NEW_DAY = date(2026, 3, 1)
NEW = ev.Restructuring(
    NEW_DAY,
    (Step(Treatment.CAPITALISE, "interest"),),
    TERMS.with_(start=NEW_DAY, first_due=date(2026, 4, 1), periods=24),
)
CHANGED = PLAIN.with_event("new", NEW)
GRANTED = date(2026, 2, 20)
"""Before the restructuring."""


def test_a_fee_of_a_numbered_installment_joins_the_plan_that_reaches_it() -> None:
    """Row 1 of the old plan was due before the restructuring, row 5 and row 20 never came."""
    with_fees = [
        CHANGED.with_event("fee", ev.FeeCharged(yuan("50.00"), number=number)) for number in (5, 20)
    ]

    assert [history.schedule.total_fees.plain for history in with_fees] == ["50.00", "50.00"]
    assert with_fees[1].schedule.rows[19].fees == yuan("50.00")
    with pytest.raises(InvalidTerms, match="no step says what becomes of fee"):
        _ = CHANGED.with_event("fee", ev.FeeCharged(yuan("50.00"), number=1)).schedule
    with pytest.raises(InvalidTerms, match="the plan has installments 1 to 24"):
        _ = CHANGED.with_event("fee", ev.FeeCharged(yuan("50.00"), number=25)).schedule


def test_extra_principal_of_a_numbered_installment_lowers_the_plan_that_reaches_it() -> None:
    extra = ev.Prepayment(5, yuan("50.00"), Excess.SHORTEN)
    on_its_day = ev.Prepayment(5, yuan("50.00"), Excess.SHORTEN, date(2026, 8, 1))

    without_a_day = CHANGED.with_event("x", extra).schedule

    assert without_a_day.total_interest < CHANGED.schedule.total_interest
    assert without_a_day == CHANGED.with_event("x", on_its_day).schedule


def test_extra_principal_without_a_day_meets_the_rows_that_a_re_age_made() -> None:
    """Row 4 of the re-aged plan is due on 1 June; what was prepaid stands in the rows."""
    re_age = ev.ReAge(date(2026, 4, 1), ev.ReAgeInterest.FULL_REMAINING, 6, date(2026, 5, 1))
    extra = ev.Prepayment(4, yuan("5000.00"), Excess.SHORTEN)
    on_its_day = ev.Prepayment(4, yuan("5000.00"), Excess.SHORTEN, date(2026, 6, 1))
    re_aged = History(WHOLE, {"a": re_age})

    after = re_aged.with_event("x", extra).schedule

    assert after.rows[3].principal == re_aged.schedule.rows[3].principal + yuan("5000.00")
    assert after.total_principal == re_aged.schedule.total_principal
    assert after == re_aged.with_event("x", on_its_day).schedule


def test_extra_principal_comes_no_later_than_its_installment() -> None:
    late = ev.Prepayment(3, yuan("3000.00"), Excess.SHORTEN, date(2027, 1, 5))

    with pytest.raises(InvalidTerms, match="installment 3 was due on 2026-04-10") as refusal:
        _ = PLAIN.with_event("x", late).schedule

    assert (refusal.value.field, refusal.value.value) == ("date", date(2027, 1, 5))


@pytest.mark.parametrize("strategy", [Excess.SKIP, Excess.ADVANCE])
def test_extra_principal_shortens_or_lowers_and_nothing_else(strategy: Excess) -> None:
    with pytest.raises(InvalidTerms, match="shortens the plan or lowers") as refusal:
        _ = PLAIN.with_event("x", ev.Prepayment(3, yuan("3000.00"), strategy)).schedule

    assert (refusal.value.field, refusal.value.value) == ("strategy", strategy.value)


@pytest.mark.parametrize("event", [None, "nonsense", 7])
def test_what_is_no_event_is_refused_by_name(event: object) -> None:
    with pytest.raises(InvalidTerms, match="no such event") as refusal:
        _ = PLAIN.with_event("x", event).schedule  # type: ignore[arg-type]  # what a caller may do

    assert refusal.value.field == "events"


# --- all that is owed ends the plan, whatever is to come ------------------------------------------

EARLY = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("event", "owed"),
    [
        (ev.RateChange(date(2026, 2, 9), Fraction(24, 100)), "12176.00"),
        (ev.RateChange(date(2026, 2, 9), Fraction(6, 100)), "12044.00"),
        (ev.InterestPause(date(2026, 2, 8), date(2026, 2, 12)), "12000.00"),
        (ev.InterestPause(date(2026, 1, 20), date(2026, 2, 9)), "12088.00"),
    ],
    ids=["dearer", "cheaper", "no interest", "a pause that the due date lies after"],
)
def test_where_a_period_counts_as_a_whole_its_rate_is_owed_from_its_start(
    event: ev.Event, owed: str
) -> None:
    history = History(WHOLE, {"x": event})

    paid = history.with_event("all", ev.Payment(EARLY, yuan(owed)))

    assert history.position(EARLY).total == yuan(owed)
    assert history.payoff(EARLY).amount == yuan(owed).minor
    for day in (EARLY, date(2026, 3, 1), date(2027, 1, 10)):
        assert paid.position(day).total == yuan("0.00")


@pytest.mark.parametrize("terms", [WHOLE, TERMS], ids=["whole periods", "daily"])
@pytest.mark.parametrize("day", [date(2026, 2, 5), date(2026, 2, 7), date(2026, 2, 10)])
def test_a_due_date_moved_forward_is_due_from_its_new_day(terms: Terms, day: date) -> None:
    moved = History(terms, {"m": ev.MoveDueDate(date(2026, 2, 10), date(2026, 2, 5))})

    paid = moved.with_event("all", ev.Payment(day, moved.position(day).total))

    assert paid.position(date(2026, 3, 1)).total == yuan("0.00")
    assert paid.position(date(2027, 1, 10)).total == yuan("0.00")


MOVED = PLAIN.with_event("m", ev.MoveDueDate(date(2026, 4, 10), date(2026, 4, 5)))


def test_a_payment_books_on_the_day_to_which_a_due_date_moved_forward() -> None:
    booked = ev.Payment(date(2026, 4, 5), yuan("2000.00"), Excess.SHORTEN)

    rows = MOVED.with_event("p", booked).schedule.rows

    assert (rows[2].due, rows[2].payment) == (date(2026, 4, 5), yuan("2000.00"))


def test_a_moved_due_date_may_move_again() -> None:
    """Whatever their names: the second waits until there is an installment on its day."""
    again = ev.MoveDueDate(date(2026, 4, 5), date(2026, 4, 20))

    dues = MOVED.with_event("again", again).schedule.due

    assert dues[1:4] == (date(2026, 3, 10), date(2026, 4, 20), date(2026, 5, 20))


def test_a_position_knows_nothing_of_what_happens_after_its_day() -> None:
    re_age = ev.ReAge(date(2026, 4, 1), ev.ReAgeInterest.PAYABLE_TO_DATE, 6, date(2026, 5, 1))
    later = PLAIN.with_event("a", re_age)

    days = [date(2026, 1, 10), date(2026, 2, 15), date(2026, 3, 31)]

    assert [later.position(day) for day in days] == [PLAIN.position(day) for day in days]


def test_an_impossible_event_is_refused_whatever_the_day_of_the_position() -> None:
    impossible = PLAIN.with_event("x", ev.ExtendTerm(date(2026, 6, 10), 0))

    with pytest.raises(InvalidTerms):
        impossible.position(date(2026, 2, 1))


# --- what was granted for a plan ends with it -----------------------------------------------------

GRANTS: dict[str, ev.Event] = {
    "longer": ev.ExtendTerm(date(2026, 6, 10), 6, day=GRANTED),
    "longer, for an installment of the old plan": ev.ExtendTerm(date(2026, 6, 10), 6),
    "grace": ev.InterestGrace(date(2026, 6, 1), 2, day=GRANTED),
    "grace, for an installment of the old plan": ev.InterestGrace(date(2026, 6, 10), 2),
    "pause": ev.InterestPause(date(2026, 3, 15), date(2026, 4, 15), day=GRANTED),
    "moved": ev.MoveDueDate(date(2026, 5, 10), date(2026, 5, 20), day=GRANTED),
    "moved, an installment of the old plan": ev.MoveDueDate(date(2026, 5, 10), date(2026, 5, 20)),
}


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS.keys())
def test_what_was_granted_for_a_plan_ends_with_it(grant: ev.Event) -> None:
    granted = PLAIN.with_event("grant", grant)

    assert granted.schedule != PLAIN.schedule
    assert granted.with_event("new", NEW).schedule == CHANGED.schedule


@pytest.mark.parametrize(
    "grant",
    [
        ev.ExtendTerm(date(2026, 6, 1), 6),
        ev.ExtendTerm(date(2026, 6, 10), 6, day=NEW_DAY.replace(day=2)),
        ev.InterestGrace(date(2026, 6, 1), 2),
        ev.InterestPause(date(2026, 3, 15), date(2026, 4, 15)),
        ev.MoveDueDate(date(2026, 5, 1), date(2026, 5, 20)),
    ],
    ids=lambda event: f"{type(event).__name__} {getattr(event, 'day', '')}",
)
def test_what_names_the_new_plan_or_a_day_of_it_changes_the_new_plan(grant: ev.Event) -> None:
    assert CHANGED.with_event("grant", grant).schedule != CHANGED.schedule


def test_an_impossible_grant_is_refused_though_its_plan_has_ended() -> None:
    with pytest.raises(InvalidTerms) as refusal:
        _ = CHANGED.with_event("grant", ev.ExtendTerm(date(2026, 6, 10), 0)).schedule

    assert refusal.value.field == "extra_periods"


@pytest.mark.parametrize("day", [date(2026, 1, 9), date(2027, 1, 11)])
@pytest.mark.parametrize(
    "grant",
    [
        ev.ExtendTerm(date(2026, 6, 10), 6),
        ev.InterestGrace(date(2026, 6, 10), 2),
        ev.InterestPause(date(2026, 3, 15), date(2026, 4, 15)),
        ev.MoveDueDate(date(2026, 5, 10), date(2026, 5, 20)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_grant_of_a_day_outside_its_plan_is_refused(grant: ev.Event, day: date) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        _ = PLAIN.with_event("grant", replace(grant, day=day)).schedule

    assert refusal.value.field == "date"


def test_a_rate_change_after_a_restructuring_is_one_of_the_new_plan() -> None:
    """Where periods count as a whole it acts from their start, and not on a plan that has ended."""
    new = ev.Restructuring(EARLY, NEW.steps, WHOLE.with_(start=EARLY, first_due=date(2026, 3, 1)))
    changed = History(WHOLE, {"new": new})

    dearer = changed.with_event("x", ev.RateChange(date(2026, 2, 9), Fraction(24, 100)))

    assert dearer.schedule.total_principal == changed.schedule.total_principal
    assert dearer.schedule.total_interest > changed.schedule.total_interest


@pytest.mark.parametrize(
    "event",
    [
        ev.ReAge(EARLY, ev.ReAgeInterest.FULL_REMAINING, 6, date(2026, 3, 1)),
        ev.ReAmortize(EARLY, ev.ReAmortizeInterest.RECALCULATED),
        ev.ExtendTerm(date(2026, 2, 10), 6),
        ev.RateChange(date(2026, 3, 1), Fraction(24, 100)),
        ev.Prepayment(3, yuan("1.00"), Excess.LOWER),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_contract_changes_where_nothing_is_owed(event: ev.Event) -> None:
    everything = PLAIN.position(date(2026, 1, 20)).total
    paid = PLAIN.with_event("all", ev.Payment(date(2026, 1, 20), everything))

    with pytest.raises(InvalidTerms, match="nothing is owed any more"):
        _ = paid.with_event("x", event).schedule


@pytest.mark.parametrize(
    "grant",
    [
        ev.ExtendTerm(date(2026, 6, 10), 6),
        ev.InterestGrace(date(2026, 6, 10), 2),
        ev.MoveDueDate(date(2026, 6, 10), date(2026, 6, 20)),
    ],
    ids=lambda grant: type(grant).__name__,
)
def test_a_grant_for_a_due_date_that_both_plans_have_is_for_the_one_in_force_on_it(
    grant: ev.ExtendTerm | ev.InterestGrace | ev.MoveDueDate,
) -> None:
    """On 10 June an installment of the old plan would have been due, and one of the new plan is."""
    new = replace(NEW, terms=NEW.terms.with_(first_due=date(2026, 4, 10)))
    changed = PLAIN.with_event("new", new)

    granted = changed.with_event("grant", grant).schedule

    assert granted == changed.with_event("grant", replace(grant, day=grant.from_due)).schedule
    assert granted == PLAIN.with_event("grant", grant).with_event("new", new).schedule
    assert granted != changed.schedule
    before = replace(grant, day=GRANTED)
    assert changed.with_event("grant", before).schedule == changed.schedule


@pytest.mark.parametrize(
    "grant",
    [
        ev.ExtendTerm(date(2026, 6, 10), 6),
        ev.InterestGrace(date(2026, 6, 10), 2),
        ev.MoveDueDate(date(2026, 6, 10), date(2026, 6, 2)),
    ],
    ids=lambda grant: type(grant).__name__,
)
def test_a_grant_that_would_have_acted_after_a_plan_ended_leaves_that_plan_as_it_ended(
    grant: ev.Event,
) -> None:
    """The day of the restructuring lies in the period that the grant would have changed."""
    day = date(2026, 5, 20)
    new = replace(NEW, day=day, terms=NEW.terms.with_(start=day, first_due=date(2026, 7, 5)))
    changed = PLAIN.with_event("new", new)
    owed = changed.plans[1].restructured
    assert owed is not None

    granted = changed.with_event("grant", grant)

    assert granted.plans[1].restructured == owed
    ended = position_in(granted.plans[0], day).total
    assert ended == owed.principal + owed.carried + owed.in_first + owed.waived
    assert granted.plans[0].draft.visible_rows() == changed.plans[0].draft.visible_rows()
