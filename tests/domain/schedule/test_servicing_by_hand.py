"""Each servicing event against arithmetic of its own: exact fractions, no code of the engine.

A plan of twelve month ends at 10 % a year, interest by real days / 365, rows rounded half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DayCount,
    LevelPayment,
    LevelPaymentBasis,
    PeriodInterest,
)
from tests.domain.schedule.builders import dated, yuan

PLAIN = History(
    dated(
        "12000.00",
        "0.1",
        12,
        conventions=Conventions(
            period_interest=PeriodInterest.DAILY,
            day_count=DayCount.ACT_365,
            level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
        ),
    )
)
OWED = 1_200_000
LENGTHS = (28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31)
"""Days of the months February 2026 to January 2027."""
Cells = list[tuple[int, int, int]]


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def of_days(days: int, percent: int = 10) -> Fraction:
    return Fraction(percent * days, 36_500)


def level(owed: int, periods: Sequence[Fraction], added: int = 0) -> int:
    """Discount a payment of one unit; interest `added` to the first row counts there."""
    worth, factors = Fraction(1), []
    for period in periods:
        worth /= 1 + period
        factors.append(worth)
    return half_up((owed + added * factors[0]) / sum(factors))


def repay(owed: int, periods: Sequence[Fraction], payment: int, added: int = 0) -> Cells:
    """Return payment, interest and balance of each row; the last one clears."""
    cells: Cells = []
    for number, period in enumerate(periods, start=1):
        interest = half_up(owed * period) + (added if number == 1 else 0)
        paid = owed + interest if number == len(periods) else payment
        owed -= paid - interest
        cells.append((paid, interest, owed))
    return cells


def cells_of(history: History) -> Cells:
    columns = history.schedule.columns
    return list(zip(columns.payment, columns.interest, columns.balance, strict=True))


MONTHS = [of_days(days) for days in LENGTHS]
PAYMENT = level(OWED, MONTHS)
ORIGINAL = repay(OWED, MONTHS, PAYMENT)


def test_without_events() -> None:
    assert cells_of(PLAIN) == ORIGINAL


def test_a_pause_of_21_days_in_june() -> None:
    pause = ev.InterestPause(date(2026, 6, 5), date(2026, 6, 25))
    months = [*MONTHS[:4], of_days(9), *MONTHS[5:]]

    assert cells_of(PLAIN.with_event("x", pause)) == repay(OWED, months, PAYMENT)


def test_a_pause_over_the_end_of_a_month_shortens_both_periods() -> None:
    pause = ev.InterestPause(date(2026, 6, 21), date(2026, 7, 4))
    months = [*MONTHS[:4], of_days(20), of_days(27), *MONTHS[6:]]

    assert cells_of(PLAIN.with_event("x", pause)) == repay(OWED, months, PAYMENT)


def test_a_due_date_moves_and_the_later_ones_follow() -> None:
    moved = PLAIN.with_event("x", ev.MoveDueDate(date(2026, 5, 31), date(2026, 6, 10)))
    days = [
        date(2026, 4, 30),
        *[date(2026, month, 10) for month in range(6, 13)],
        date(2027, 1, 10),
        date(2027, 2, 10),
    ]
    months = [*MONTHS[:3], *(of_days((b - a).days) for a, b in pairwise(days))]

    assert [row.due for row in moved.schedule.rows[3:]] == days[1:]
    assert cells_of(moved) == repay(OWED, months, PAYMENT)


def test_an_extension_recomputes_the_payment_over_what_is_left() -> None:
    history = PLAIN.extended("x", date(2026, 7, 31), 6).recomputed
    months = [*MONTHS[5:], *map(of_days, (28, 31, 30, 31, 30, 31))]
    balance = ORIGINAL[4][2]

    new = repay(balance, months, level(balance, months))

    assert cells_of(history) == [*ORIGINAL[:5], *new]


def test_an_extension_may_keep_the_payment_for_what_a_lower_one_left_open() -> None:
    """After a dearer half year the kept payment needs a fourteenth, smaller row."""
    rate = ev.RateChange(date(2026, 7, 1), Fraction(60, 100))
    kept_rate = Conventions(
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
        level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
        rate_change_payment=type(PLAIN.terms.conventions.rate_change_payment).KEEP,
    )
    plan = History(PLAIN.terms.with_(conventions=kept_rate), {"rate": rate})
    months = [*MONTHS[:5], *(of_days(days, 60) for days in (*LENGTHS[5:], 28, 31))]
    expected: Cells = []
    owed = OWED
    for period in months:
        interest = half_up(owed * period)
        paid = min(PAYMENT, owed + interest)
        owed -= paid - interest
        expected.append((paid, interest, owed))
        if not owed:
            break

    extension = plan.extended("x", date(2026, 7, 31), 3)

    assert len(expected) == 14
    assert cells_of(extension.keeps_payment) == expected
    assert extension.recomputed.schedule.first_payment.minor == PAYMENT
    assert extension.recomputed.schedule.last_payment.minor < PAYMENT


@pytest.mark.parametrize("day", [date(2026, 2, 1) + timedelta(days=k) for k in range(0, 360, 23)])
def test_a_payoff_on_any_day(day: date) -> None:
    ends = [row.due for row in PLAIN.schedule.rows]
    running = next(k for k, due in enumerate(ends) if due is not None and due >= day)
    start = ends[running - 1] if running else date(2026, 1, 31)
    assert start is not None
    balance = ORIGINAL[running - 1][2] if running else OWED

    quote = PLAIN.payoff(day)

    assert quote.principal == balance
    assert quote.interest == half_up(balance * of_days((day - start).days))
    whole = PLAIN.payoff(day, ev.InterestUntil.PERIOD_END)
    assert whole.interest == half_up(balance * MONTHS[running])


OVERDUE = sum(half_up(OWED * of_days(days)) for days in LENGTHS[:3])
"""Interest of the three months that are due on 15 May and unpaid."""


def test_re_age_asks_for_everything_on_new_days() -> None:
    event = ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 6, date(2026, 6, 30))
    months = list(map(of_days, (61, 30, 31, 31, 30, 31)))

    new = repay(OWED, months, level(OWED, months, OVERDUE), OVERDUE)

    assert cells_of(PLAIN.with_event("x", event)) == [(0, 0, OWED)] * 3 + new


def test_re_age_in_equal_parts_of_what_is_payable_to_date() -> None:
    event = ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.PAYABLE_TO_DATE, 7, date(2026, 6, 30))
    interest = OVERDUE + half_up(OWED * of_days(15))
    part, share = half_up(Fraction(OWED, 7)), half_up(Fraction(interest, 7))
    expected = [(part + share, share, OWED - part * k) for k in range(1, 7)]
    last = (OWED - part * 6) + (interest - share * 6)

    found = cells_of(PLAIN.with_event("x", event))

    assert found == [(0, 0, OWED)] * 3 + expected + [(last, interest - share * 6, 0)]


GRACED = History(
    PLAIN.terms,
    {
        "grace": ev.InterestGrace(date(2026, 2, 28), 1),
        "paid": ev.Payment(date(2026, 2, 28), CNY.money(PAYMENT)),
    },
)
"""The first installment was paid and repaid principal only; its interest is held."""


def test_re_age_to_date_also_asks_for_the_interest_that_a_grace_held() -> None:
    event = ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.PAYABLE_TO_DATE, 7, date(2026, 6, 30))
    owed, held = OWED - PAYMENT, half_up(OWED * MONTHS[0])
    overdue = sum(half_up(owed * of_days(days)) for days in LENGTHS[1:3])

    schedule = GRACED.with_event("x", event).schedule

    schedule.check()
    assert sum(schedule.columns.interest) == held + overdue + half_up(owed * of_days(15))
    assert schedule.columns.deferred == (held,) * 3 + (0,) * 7


def test_re_age_in_equal_parts_of_the_whole_interest_leaves_nothing_held() -> None:
    event = ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.FULL_REMAINING, 7, date(2026, 6, 30))

    schedule = GRACED.with_event("x", event).schedule

    schedule.check()
    assert sum(schedule.columns.interest) == sum(GRACED.schedule.columns.interest)


def test_re_amortize_spreads_everything_over_the_remaining_days() -> None:
    event = ev.ReAmortize(date(2026, 5, 15), ev.ReAmortizeInterest.RECALCULATED)
    months = MONTHS[3:]

    new = repay(OWED, months, level(OWED, months, OVERDUE), OVERDUE)

    assert cells_of(PLAIN.with_event("x", event)) == [(0, 0, OWED)] * 3 + new


def test_re_amortize_asks_for_nothing_on_days_that_an_early_end_left_empty() -> None:
    """Given payments would end the plan in March; on 15 May nothing is paid, and April is over."""
    given = replace(PLAIN.terms.conventions, level_payment=LevelPayment.GIVEN)
    history = History(PLAIN.terms.with_(payment=yuan("6500.00"), conventions=given))
    event = ev.ReAmortize(date(2026, 5, 15), ev.ReAmortizeInterest.RECALCULATED)

    serviced = history.with_event("x", event)

    overdue = half_up(OWED * of_days(28)) + half_up(OWED * of_days(31))
    april_and_may = of_days(30 + 31)
    new = repay(OWED, [april_and_may, of_days(30)], 650_000, overdue)
    assert cells_of(serviced) == [(0, 0, OWED)] * 2 + new
    assert [row.due for row in serviced.schedule.rows[2:]] == [date(2026, 5, 31), date(2026, 6, 30)]


def test_a_rate_change_inside_a_period_counts_its_own_days() -> None:
    event = ev.RateChange(date(2026, 5, 11), Fraction(4, 100))
    mixed = of_days(10) + of_days(21, 4)
    months = [mixed, *(of_days(days, 4) for days in LENGTHS[4:])]
    balance = ORIGINAL[2][2]

    new = repay(balance, months, level(balance, months))

    assert cells_of(PLAIN.with_event("x", event)) == [*ORIGINAL[:3], *new]


def test_money_paid_ahead_saves_its_interest_to_the_day() -> None:
    """The first installment on its day, then 5,000.00 on 10 March: 10 days and 21 days."""
    events: dict[str, ev.Event] = {
        "due": ev.Payment(date(2026, 2, 28), yuan("0.01").currency.money(PAYMENT)),
        "ahead": ev.Payment(date(2026, 3, 10), yuan("5000.00")),
    }
    balance = ORIGINAL[0][2]
    accrued = balance * of_days(10)
    ahead = 500_000 - accrued

    second = History(PLAIN.terms, events).schedule.rows[1]

    expected = balance * of_days(10) + (balance - ahead) * of_days(21)
    assert second.interest.minor == half_up(expected)
