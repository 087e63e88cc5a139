"""A total interest that does not come from the rows follows what events grant or ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    Grace,
    LevelPayment,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
    RateChangePayment,
    Terms,
    TotalInterest,
)
from tests.domain.schedule.builders import dated, yuan
from tests.domain.schedule.histories import EVENTS_OF_ONE_PLAN, outcome, serviced_terms
from tests.properties import Kind, holds

DAILY = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    rate_change_payment=RateChangePayment.RECOMPUTE,
    total_interest=TotalInterest.UNROUNDED_PAYMENT,
)
TERMS = dated(
    "12000.00",
    start=date(2026, 1, 10),
    first_due=date(2026, 2, 10),
    due_day=10,
    conventions=DAILY,
)
MARCH = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("event", "interest", "last"),
    [
        (ev.Prepayment(3, yuan("6000.00"), Excess.LOWER), "485.97", "365.36"),
        (ev.InterestPause(MARCH, date(2026, 6, 10)), "494.89", "769.88"),
        (ev.RateChange(MARCH, Fraction(3, 100)), "364.21", "1023.23"),
        (ev.RateChange(MARCH, Fraction(36, 100)), "1974.01", "1184.21"),
        (ev.ExtendTerm(date(2026, 6, 10), 12), "1302.74", "451.86"),
    ],
    ids=["early money", "a pause", "a lower rate", "a higher rate", "an extension"],
)
def test_the_last_row_takes_back_nothing_that_an_event_grants(
    event: ev.Event, interest: str, last: str
) -> None:
    # The rows themselves add up to within two units of it.
    schedule = History(TERMS, {"event": event}).schedule

    schedule.check()
    assert schedule.total_interest.plain == interest
    assert schedule.last_payment.plain == last


def test_a_pause_of_the_last_period_leaves_no_interest_below_zero() -> None:
    pause = ev.InterestPause(date(2026, 12, 11), date(2027, 1, 10))
    # The unrounded payments come to 4 units less than the rows charge.
    terms = TERMS.with_(principal=yuan("10000.00"))

    schedule = History(terms, {"pause": pause}).schedule

    schedule.check()
    assert schedule.rows[-1].interest.minor >= 0


@pytest.mark.parametrize("paid", ["100.00", "1100.00", "2000.00"], ids=["less", "more", "far more"])
@pytest.mark.parametrize("excess", [Excess.SHORTEN, Excess.SKIP])
def test_an_extension_from_before_a_payment_forgives_no_interest_on_what_that_left_open(
    paid: str, excess: Excess
) -> None:
    by_rows = replace(DAILY, total_interest=TotalInterest.SUM_OF_ROWS)
    events: dict[str, ev.Event] = {
        "paid": ev.Payment(date(2026, 9, 10), yuan(paid), excess),
        "extended": ev.ExtendTerm(date(2026, 6, 10), 3, day=date(2026, 9, 11)),
    }

    schedule = History(TERMS, events).schedule
    expected = History(TERMS.with_(conventions=by_rows), events).schedule

    schedule.check()
    assert abs(schedule.total_interest.minor - expected.total_interest.minor) <= 2


def test_an_arithmetic_series_is_summed_up_anew_over_the_rest() -> None:
    # 1,000.00 a month at 1 %: 13 x 120.00 / 2 = 780.00. After three rows 9,000.00 are left;
    # 6,000.00 paid with the third leave 3,000.00 over nine rows: 10 x 30.00 / 2 = 150.00.
    conventions = Conventions(total_interest=TotalInterest.ARITHMETIC_SERIES)
    terms = dated("12000.00", amortization=Amortization.EQUAL_PRINCIPAL, conventions=conventions)
    prepaid = ev.Prepayment(3, yuan("6000.00"), Excess.LOWER)

    before = History(terms).schedule
    after = History(terms, {"prepaid": prepaid}).schedule

    assert before.total_interest.plain == "780.00"
    assert after.total_interest.plain == "480.00"
    assert sum(row.interest.minor for row in after.rows[3:]) == 150_00


def test_interest_on_overdue_principal_comes_on_top_of_the_total() -> None:
    conventions = replace(DAILY, overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF)
    judged = TERMS.with_(as_of=date(2026, 4, 10), conventions=conventions)

    by_rows = replace(conventions, total_interest=TotalInterest.SUM_OF_ROWS)

    late = History(judged).schedule
    expected = History(judged.with_(conventions=by_rows)).schedule

    assert late.last_payment > History(TERMS).schedule.last_payment
    assert abs(late.total_interest.minor - expected.total_interest.minor) <= 1


@holds(Kind.INVARIANTS, short=350, long=20_000)
@given(serviced_terms(), st.lists(EVENTS_OF_ONE_PLAN, max_size=3))
def test_a_total_of_unrounded_payments_stays_near_the_sum_of_the_rows(
    terms: Terms, events: list[ev.Event]
) -> None:
    # Interest that was held or has fallen due before is collected in other rows than it accrued in.
    assume(not any(isinstance(e, (ev.InterestGrace, ev.ReAge, ev.ReAmortize)) for e in events))
    found = []
    for rule in (TotalInterest.SUM_OF_ROWS, TotalInterest.UNROUNDED_PAYMENT):
        conventions = replace(
            terms.conventions,
            total_interest=rule,
            level_payment=LevelPayment.PLAIN,
            level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
        )
        level = terms.with_(
            conventions=conventions, amortization=Amortization.EQUAL_INSTALLMENT, grace=Grace()
        )
        found.append(outcome(History(level, {f"e{k}": event for k, event in enumerate(events)})))

    of_rows, of_payments = found
    assume(isinstance(of_rows, Schedule) and isinstance(of_payments, Schedule))
    assert isinstance(of_rows, Schedule)
    assert isinstance(of_payments, Schedule)
    difference = of_rows.total_interest - of_payments.total_interest
    assert abs(difference.minor) <= 2 * len(of_rows.rows)
