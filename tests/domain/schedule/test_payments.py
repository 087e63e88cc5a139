"""Money received under a plan: what it fills first, what it may not exceed, and how it ends."""

from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DayCount,
    DownPayment,
    PeriodInterest,
)
from tests.domain.schedule.builders import dated, yuan

START = date(2025, 1, 15)
PLAIN = dated("12000.00", start=START, first_due=date(2025, 2, 15), due_day=None)
DAILY = Conventions(period_interest=PeriodInterest.DAILY, day_count=DayCount.ACT_365)
WITH_DOWN_PAYMENT = History(
    PLAIN.with_(
        conventions=DAILY,
        arrears=yuan("300.00"),
        down_payment=DownPayment(yuan("2400.00"), yuan("60.00")),
    )
)


def test_money_fills_a_down_payment_before_anything_counts_as_paid_ahead() -> None:
    paid = WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00")))

    assert paid.schedule == WITH_DOWN_PAYMENT.schedule
    assert paid.paid == (yuan("2460.00"), *[yuan("0.00")] * 12)


def test_a_down_payment_that_has_not_come_is_owed_without_interest() -> None:
    day = date(2025, 2, 10)
    before, after = (
        history.position(day)
        for history in (
            WITH_DOWN_PAYMENT,
            WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00"))),
        )
    )

    assert (before.principal, after.principal) == (yuan("12000.00"), yuan("9600.00"))
    assert (before.arrears, after.arrears) == (yuan("300.00"), yuan("240.00"))
    # 26 days on 9,600.00 at 12 %: 82.06.
    assert before.interest_accrued == after.interest_accrued == yuan("82.06")


@pytest.mark.parametrize(
    "late", [False, True], ids=["on their days", "down payment with the first"]
)
def test_paying_what_every_row_prints_repays_a_plan_with_a_down_payment(late: bool) -> None:
    rows = WITH_DOWN_PAYMENT.schedule.rows
    days = [rows[late].due, *(row.due for row in rows[1:])]
    events = {
        f"row {row.number}": ev.Payment(day, row.payment)
        for day, row in zip(days, rows, strict=True)
        if day is not None
    }

    history = History(WITH_DOWN_PAYMENT.terms, events)

    assert history.schedule == WITH_DOWN_PAYMENT.schedule
    assert history.paid == tuple(row.payment for row in rows)
    assert history.position(date(2026, 1, 15)).total == yuan("0.00")


def test_a_re_age_leaves_a_down_payment_out_of_what_was_paid_ahead() -> None:
    """The down payment came, nothing else did: the first installment closes with nothing."""
    event = ev.ReAge(date(2025, 3, 1), ev.ReAgeInterest.RECALCULATED, 6, date(2025, 4, 15))
    paid = WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00")))

    rows = paid.with_event("re-age", event).schedule.rows

    assert (rows[1].payment, rows[1].balance) == (yuan("0.00"), yuan("9600.00"))
