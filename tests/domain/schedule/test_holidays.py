"""Due dates on a holiday: what is paid when, what bears interest, and from when it is overdue.

The National Day holiday of 2025 runs from Wednesday, 1 October, to Wednesday, 8 October; whatever
is due in it is paid on Thursday, 9 October.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.calendar import (
    BIWEEKLY,
    MONTHLY,
    WEEKLY,
    Frequency,
    HolidayRoll,
    Unit,
)
from plan_assistant.domain.debt import Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.rates.annualized import annualized_rate
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    FixedFee,
    HolidayInterest,
    OverdueInterest,
    PeriodInterest,
    Terms,
)
from tests.domain.schedule.builders import undated, yuan
from tests.packs import CN

HOLIDAY, PAID = date(2025, 10, 1), date(2025, 10, 9)
NOMINAL = Conventions(holiday_roll=HolidayRoll.NEXT)
EXTRA_DAYS = replace(NOMINAL, holiday_interest=HolidayInterest.EXTRA_DAYS)
DAILY = replace(NOMINAL, period_interest=PeriodInterest.DAILY, day_count=DayCount.ACT_365)
BOTH = pytest.mark.parametrize("conventions", [NOMINAL, EXTRA_DAYS], ids=["nominal", "extra days"])


def _terms(first_due: date, periods: int = 12, **fields: object) -> Terms:
    """Return 12,000.00 at 12 %, a month before a first due date unless a start is named."""
    return undated("12000.00", periods=periods).with_(
        **{
            "start": date(first_due.year, first_due.month - 1, first_due.day),
            "first_due": first_due,
            "conventions": NOMINAL,
            "holidays": PackagedCalendars().named("cn"),
            **fields,
        }
    )


def _days(*days: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in days)


def _interest(schedule: Schedule) -> list[str]:
    return [row.interest.plain for row in schedule.rows]


# --- due dates that are paid on one day ----------------------------------------------------------


def test_two_due_dates_paid_on_one_day_leave_a_period_of_no_days_and_no_interest() -> None:
    schedule = price(
        _terms(
            HOLIDAY,
            3,
            start=date(2025, 9, 24),
            frequency=WEEKLY,
            conventions=EXTRA_DAYS,
        )
    )

    schedule.check()
    assert schedule.due == _days("2025-10-09", "2025-10-09", "2025-10-15")
    assert schedule.nominal_due == _days("2025-10-01", "2025-10-08", "2025-10-15")
    # 15 days of 360 on 12,000.00, none, and 6 days on what two installments have left.
    left = schedule.rows[1].balance.minor
    assert [row.interest.minor for row in schedule.rows] == [6_000, 0, round(left * 6 / 3_000)]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_daily_due_dates_in_a_holiday_are_all_paid_after_it(every: int) -> None:
    terms = _terms(
        date(2025, 9, 30),
        20,
        start=date(2025, 9, 29),
        frequency=Frequency(every, Unit.DAYS),
        conventions=EXTRA_DAYS,
    )

    schedule = price(terms)

    schedule.check()
    in_holiday = [row for row in schedule.rows if row.due == PAID]
    assert len(in_holiday) > 1
    assert all(not row.interest for row in in_holiday[1:])


# --- the grid goes on from the nominal day -------------------------------------------------------


@BOTH
def test_an_extended_plan_keeps_to_the_month_ends_of_its_grid(conventions: Conventions) -> None:
    terms = _terms(
        date(2026, 8, 31), 3, start=date(2026, 7, 31), due_day=31, conventions=conventions
    )

    longer = History(terms, {"x": ev.ExtendTerm(date(2026, 8, 31), 2)}).schedule

    assert longer.due == price(terms.with_(periods=5)).due
    assert longer.due[2:] == _days("2026-11-02", "2026-11-30", "2026-12-31")
    assert longer.nominal_due[2:] == _days("2026-10-31", "2026-11-30", "2026-12-31")


def test_an_extended_plan_keeps_to_its_weekday() -> None:
    terms = _terms(
        date(2025, 9, 17),
        2,
        start=date(2025, 9, 3),
        frequency=BIWEEKLY,
        conventions=EXTRA_DAYS,
    )

    longer = History(terms, {"x": ev.ExtendTerm(date(2025, 9, 17), 2)}).schedule

    assert longer.due == _days("2025-09-17", "2025-10-09", "2025-10-15", "2025-10-29")
    assert longer.columns.interest == price(terms.with_(periods=4)).columns.interest


@BOTH
def test_a_skipped_month_is_that_of_the_nominal_day(conventions: Conventions) -> None:
    """31 October 2026 is a Saturday, paid on Monday, 2 November."""
    terms = _terms(
        date(2026, 8, 31),
        6,
        start=date(2026, 7, 31),
        due_day=31,
        skip_months=frozenset({11}),
        conventions=conventions,
    )

    paid = price(terms).columns.payment

    assert [number for number, amount in enumerate(paid, start=1) if not amount] == [4]


# --- extra days of a due date that was moved by agreement ----------------------------------------


def test_a_due_date_moved_to_a_holiday_bears_interest_up_to_the_day_of_payment() -> None:
    terms = _terms(date(2025, 9, 15), 4, conventions=EXTRA_DAYS)
    to = date(2025, 11, 8)

    moved = History(terms, {"x": ev.MoveDueDate(date(2025, 10, 15), to)}).schedule

    second, third = moved.rows[1:3]
    assert (second.nominal_due, second.due) == (to, date(2025, 11, 10))
    assert moved.moved[0] == second
    # 56 days from 15 September to 10 November, then 28 to 8 December, which counts its days.
    assert second.interest.minor == round(Fraction(moved.rows[0].balance.minor * 56, 3_000))
    assert third.interest.minor == round(Fraction(second.balance.minor * 28, 3_000))


def test_rows_with_extra_days_tell_their_nominal_day() -> None:
    schedule = price(_terms(HOLIDAY, conventions=EXTRA_DAYS))

    assert (schedule.rows[0].nominal_due, schedule.rows[0].due) == (HOLIDAY, PAID)
    assert schedule.moved[0] == schedule.rows[0]
    assert schedule.nominal_flows[0][0] == HOLIDAY


def test_the_rate_of_a_plan_with_extra_days_counts_up_to_the_days_of_payment() -> None:
    """Counted up to the nominal days it would be 12.25 %."""
    rate = annualized_rate(price(_terms(HOLIDAY, conventions=EXTRA_DAYS)))

    assert round(rate * 100, 2) == Fraction("12.13")


# --- overdue from the day of payment -------------------------------------------------------------


@BOTH
def test_nothing_is_due_before_the_day_of_payment(conventions: Conventions) -> None:
    history = History(_terms(HOLIDAY, conventions=conventions))

    before, on = (history.position(day) for day in (PAID - timedelta(days=1), PAID))

    assert before.interest_due == yuan("0.00")
    assert before.principal == yuan("12000.00")
    assert on.interest_due == history.schedule.rows[0].interest


def test_interest_of_an_ended_period_has_accrued_before_it_is_due() -> None:
    owed = History(_terms(HOLIDAY)).position(date(2025, 10, 3))

    # 120.00 of the first period, and two days on the 11,053.81 that its installment leaves.
    assert owed.interest_accrued == yuan("127.37")
    assert owed.total == yuan("12127.37")


def test_a_fee_is_owed_from_the_day_of_payment() -> None:
    history = History(_terms(HOLIDAY, fees=(FixedFee(yuan("50.00"), number=1),)))

    assert history.position(PAID - timedelta(days=1)).fees_due == yuan("0.00")
    assert history.position(PAID).fees_due == yuan("50.00")


@pytest.mark.parametrize("paid", ["60.00", "500.00", "1066.19", "1116.19", "3000.00"])
@pytest.mark.parametrize("frequency", [MONTHLY, WEEKLY, Frequency(1, Unit.DAYS)], ids=str)
def test_money_that_comes_before_the_day_of_payment_lowers_what_is_owed_by_as_much(
    paid: str, frequency: Frequency
) -> None:
    day = PAID - timedelta(days=1)
    terms = _terms(HOLIDAY, frequency=frequency, fees=(FixedFee(yuan("50.00"), number=1),))
    history = History(terms.with_(arrears=yuan("240.00")))

    after = history.with_event("paid", ev.Payment(day, yuan(paid))).position(day)

    assert history.position(day).total - after.total == yuan(paid)
    assert all(amount.minor >= 0 for amount in after.components().values())


def test_days_past_due_count_from_the_day_of_payment() -> None:
    """From day 91 past due a card payment goes to principal first: 8 January 2026 is day 91."""
    terms = _terms(
        HOLIDAY,
        conventions=replace(NOMINAL, allocation=CN.allocation_ahead(Product.CREDIT_CARD, 0)),
    )

    due = {
        day: History(terms, {"p": ev.Payment(day, yuan("500.00"))}).position(day).interest_due
        for day in _days("2025-12-31", "2026-01-07", "2026-01-08")
    }
    unpaid = {day: History(terms).position(day).interest_due for day in due}

    goes_to_interest = [due[day] < unpaid[day] for day in due]
    assert goes_to_interest == [True, True, False]


@pytest.mark.parametrize(
    ("days", "interest"), [(0, "112.64"), (1, "112.95"), (8, "115.13")], ids=["on time", "1", "8"]
)
def test_overdue_interest_counts_from_the_day_of_payment(days: int, interest: str) -> None:
    """The first installment repays 947.83, of which a day costs 0.3116."""
    overdue = replace(DAILY, overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF)
    terms = _terms(HOLIDAY, conventions=overdue, as_of=date(2025, 12, 31))
    first = price(terms).first_payment
    paid = ev.Payment(PAID + timedelta(days=days), first)

    assert History(terms, {"p": paid}).schedule.rows[1].interest == yuan(interest)


def test_a_daily_flat_plan_without_interest_left_after_a_holiday_says_so() -> None:
    """0.0184 a day is rounded up to 0.02; the last period has no days and nothing to give back."""
    terms = _terms(
        date(2025, 9, 30),
        3,
        start=date(2025, 9, 29),
        principal=yuan("330.75"),
        annual_rate=Fraction(2, 100),
        frequency=Frequency(1, Unit.DAYS),
        amortization=Amortization.FLAT,
        conventions=EXTRA_DAYS,
    )

    with pytest.raises(InvalidTerms, match="each rounded, is more than that of the whole plan"):
        price(terms)


# --- what repays a plan between the holiday and the day of payment -------------------------------


@BOTH
@pytest.mark.parametrize("day", _days("2025-10-01", "2025-10-02", "2025-10-08", "2025-10-09"))
def test_a_payoff_is_the_position_of_a_day_on_which_nothing_is_overdue(
    conventions: Conventions, day: date
) -> None:
    """The first installment waits for its day of payment: 9 October."""
    history = History(_terms(HOLIDAY, conventions=conventions))

    assert history.payoff(day).amount == history.position(day).total.minor


def test_a_payoff_counts_what_two_waiting_installments_ask_for() -> None:
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)
    history = History(terms)

    quote = history.payoff(date(2025, 10, 8))

    first, second = history.schedule.rows[:2]
    assert quote.principal == 1_200_000
    assert quote.interest == first.interest.minor + second.interest.minor
    assert quote.amount == history.position(date(2025, 10, 8)).total.minor


def test_the_last_installment_may_be_repaid_up_to_its_day_of_payment() -> None:
    terms = _terms(HOLIDAY, 1)
    owed = price(terms).total_paid

    quotes = [History(terms).payoff(day) for day in _days("2025-10-01", "2025-10-05", "2025-10-09")]

    assert [quote.amount for quote in quotes] == [owed.minor] * 3


def test_an_installment_that_was_not_paid_on_its_day_is_repaid_after_it() -> None:
    terms = _terms(HOLIDAY, 1)

    quote = History(terms).payoff(date(2025, 10, 10))

    assert quote.amount == quote.due == price(terms).total_paid.minor


def test_a_fee_that_waits_for_its_day_of_payment_may_be_paid_before() -> None:
    terms = _terms(HOLIDAY, 1, fees=(FixedFee(yuan("30.00"), number=1),))
    owed = price(terms).total_paid

    history = History(terms, {"p": ev.Payment(date(2025, 10, 5), owed)})

    assert history.paid == (owed,)


# --- events that name a due date -----------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("named", [HOLIDAY, PAID], ids=["nominal day", "day of payment"])
def test_an_installment_is_named_by_its_nominal_day_or_its_day_of_payment(
    conventions: Conventions, named: date
) -> None:
    terms = _terms(HOLIDAY, conventions=conventions)
    to = date(2025, 10, 20)

    moved = History(terms, {"x": ev.MoveDueDate(named, to)}).schedule
    held = History(terms, {"x": ev.InterestGrace(named, 1)}).schedule
    longer = History(terms, {"x": ev.ExtendTerm(named, 2)}).schedule

    assert moved.due[:2] == _days("2025-10-20", "2025-11-20")
    assert held.rows[0].deferred == price(terms).rows[0].interest
    assert longer.rows[0].payment < price(terms).rows[0].payment


@BOTH
def test_a_payment_on_the_day_of_payment_may_shorten_the_plan(conventions: Conventions) -> None:
    terms = _terms(HOLIDAY, conventions=conventions)
    plain = price(terms)

    history = History(terms, {"p": ev.Payment(PAID, yuan("4000.00"), Excess.SHORTEN)})

    history.schedule.check()
    assert history.schedule.rows[0].payment == yuan("4000.00") == history.paid[0]
    assert history.schedule.rows[0].interest == plain.rows[0].interest
    assert len(history.schedule.rows) < len(plain.rows)


def test_two_payments_of_different_kinds_book_two_installments_of_one_day() -> None:
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)
    events = {
        "large": ev.Payment(PAID, yuan("4000.00"), Excess.SHORTEN),
        "small": ev.Payment(PAID, yuan("3500.00"), Excess.LOWER),
    }

    schedule = History(terms, events).schedule

    assert [row.payment for row in schedule.rows[:2]] == [yuan("4000.00"), yuan("3500.00")]


def test_a_refused_booking_names_its_installment() -> None:
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)
    events = {
        "large": ev.Payment(PAID, yuan("4000.00"), Excess.SHORTEN),
        "small": ev.Payment(PAID, yuan("5.00"), Excess.LOWER),
    }

    with pytest.raises(InvalidTerms, match=r"interest and fees of 18\.53 in installment 2"):
        _ = History(terms, events).schedule


@pytest.mark.parametrize("periods", [1, 2, 3])
def test_a_grace_from_a_day_of_payment_spares_the_last_installment(periods: int) -> None:
    """Two installments are paid on 9 October, two more come after them."""
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)

    schedule = History(terms, {"x": ev.InterestGrace(PAID, periods)}).schedule

    assert [row.deferred.minor > 0 for row in schedule.rows] == [
        number <= periods for number in range(1, 5)
    ]


def test_a_grace_of_all_installments_from_a_day_of_payment_is_refused() -> None:
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)

    with pytest.raises(InvalidTerms, match="the last installment is never in grace"):
        _ = History(terms, {"x": ev.InterestGrace(PAID, 4)}).schedule


def test_two_installments_of_one_day_of_payment_are_named_by_their_nominal_days() -> None:
    terms = _terms(HOLIDAY, 4, start=date(2025, 9, 24), frequency=WEEKLY)

    first, second, by_payment = (
        History(terms, {"x": ev.MoveDueDate(day, date(2025, 10, 20))}).schedule.due[:2]
        for day in (HOLIDAY, date(2025, 10, 8), PAID)
    )

    assert first == by_payment == _days("2025-10-20", "2025-10-27")
    assert second == _days("2025-10-09", "2025-10-20")


# --- restructuring between the holiday and the day of payment ------------------------------------


@pytest.mark.parametrize("interest", list(ev.ReAmortizeInterest))
def test_an_installment_that_is_not_yet_due_is_not_closed(interest: ev.ReAmortizeInterest) -> None:
    terms = _terms(HOLIDAY)

    spread = History(terms, {"x": ev.ReAmortize(date(2025, 10, 5), interest)}).schedule

    assert spread.due == price(terms).due
    assert spread.columns.payment[:-1] == price(terms).columns.payment[:-1]


def test_interest_to_date_counts_every_period_that_has_ended() -> None:
    """120.00 of the first period, and four days on 12,000.00, of which nothing was paid: 16.00."""
    day, first_due = date(2025, 10, 5), date(2025, 11, 15)
    re_age = ev.ReAge(day, ev.ReAgeInterest.PAYABLE_TO_DATE, 12, first_due)

    schedule = History(_terms(HOLIDAY), {"x": re_age}).schedule

    schedule.check()
    assert schedule.total_interest == yuan("136.00")


@pytest.mark.parametrize("interest", list(ev.ReAgeInterest))
def test_new_due_dates_close_what_is_due_on_the_day_of_payment(
    interest: ev.ReAgeInterest,
) -> None:
    re_age = ev.ReAge(PAID, interest, 12, date(2025, 11, 15))

    schedule = History(_terms(HOLIDAY), {"x": re_age}).schedule

    schedule.check()
    assert len(schedule.rows) == 13
    assert _interest(schedule)[0] == "0.00"
