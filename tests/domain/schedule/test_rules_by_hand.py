"""Rules that meet each other in one plan, each row worked out by hand from golden/SCHEMA.md."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess, Minor, Row
from plan_assistant.domain.schedule.schedule import Columns, Schedule, ScheduleDefect
from plan_assistant.domain.schedule.servicing import apply
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    DeferredCollection,
    DeferredRounding,
    Grace,
    InterestTreatment,
    LevelPaymentBasis,
    OverdueInterest,
    PaymentStep,
    PeriodInterest,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)
from tests.domain.schedule.builders import dated, payments, undated, yuan

ON_TOP = Conventions(
    deferred_collection=DeferredCollection.ON_TOP,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
)
HELD_EXACTLY = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    deferred_interest=DeferredRounding.ROUND_ON_COLLECTION,
    overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF,
)
"""The column of held interest shows what accrues before anything is rounded."""


def rows_of(terms: Terms, *events: ev.Event) -> list[Row]:
    draft = draft_plan(terms)
    apply(draft, events)
    return draft.visible_rows()


def payments_of(rows: list[Row]) -> list[Minor]:
    return [row.payment for row in rows]


def of_days(days: int) -> Fraction:
    """Rate x fraction of some days at 10 % a year."""
    return Fraction(days, 3650)


def test_held_interest_on_top_of_a_payment_is_no_part_of_the_level_payment() -> None:
    """3 payments of 408.03 repay 1,200.00; the skipped month's 8.04 comes on top of the second."""
    terms = dated("1200.00", periods=4, skip_months=frozenset({3}), conventions=ON_TOP)

    rows = rows_of(terms)

    assert payments_of(rows) == [408_03, 0, 408_03 + 8_04, 408_02]


@pytest.mark.parametrize(
    ("payment", "left"), [("1066.19", "-0.05"), ("1066.18", "0.08")], ids=["above", "below"]
)
def test_an_open_remainder_may_end_above_or_below_zero(payment: str, left: str) -> None:
    """12,000.00 at 1 % a month, level payment 1,066.1855: rounded up it repays 5 cents more."""
    rounding = Rounding.UP if left.startswith("-") else Rounding.DOWN
    conventions = Conventions(remainder=Remainder.OPEN, payment_rounding=rounding)
    owed = 1_200_000
    for _ in range(12):
        owed += (owed + 50) // 100 - yuan(payment).minor

    schedule = price(undated("12000.00", conventions=conventions))

    schedule.check()
    assert payments(schedule) == [payment] * 12
    assert schedule.rows[-1].balance == yuan(left)
    assert owed == yuan(left).minor


def test_nothing_is_asked_for_after_an_open_balance_has_gone_below_zero() -> None:
    terms = undated("12000.00", conventions=Conventions(remainder=Remainder.OPEN))
    schedule = price(terms)
    columns = zip(*schedule.columns, strict=True)
    again = Columns(*zip(*columns, (1, 1, 0, 0, 0, 0, 0, 0, -6, 0), strict=True))

    with pytest.raises(ScheduleDefect, match="row 13: more is asked than is owed"):
        Schedule(terms, (None,) * 13, (None,) * 13, again).check()


@pytest.mark.parametrize(
    ("remainder", "last"),
    [
        (Remainder.LAST_PAYMENT, (602_00, 6_02, 0)),
        (Remainder.LAST_INTEREST, (602_00, 6_01, 0)),
        (Remainder.OPEN, (601_99, 6_02, 1)),
    ],
)
def test_a_balloon_comes_on_top_of_the_last_payment(
    remainder: Remainder, last: tuple[int, int, int]
) -> None:
    """Payments of 208.01 leave 602.00, which is 0.01 more than 208.01 + 400.00 - 6.02."""
    terms = undated("1000.00", periods=3, balloon=yuan("400.00"))

    row = rows_of(terms.with_(conventions=Conventions(remainder=remainder)))[-1]

    assert (row.principal, row.interest, row.balance) == last


def test_a_given_total_of_interest_holds_where_the_balance_stays_open() -> None:
    """(3 + 1) x 100.00 x 1 % / 2 is 2.00; the rows would add up to 2.01."""
    conventions = Conventions(
        remainder=Remainder.OPEN, total_interest=TotalInterest.ARITHMETIC_SERIES
    )

    rows = rows_of(undated("100.00", periods=3, conventions=conventions))

    assert [row.interest for row in rows] == [100, 67, 33]
    assert (rows[-1].principal, rows[-1].balance) == (33_66, 1)


def test_nothing_is_rounded_to_a_multiple_where_nothing_is_rounded() -> None:
    terms = undated(
        "1000.00",
        "0",
        3,
        amortization=Amortization.FLAT,
        payment_multiple_of=yuan("1.00"),
        conventions=Conventions(rounding_stage=RoundingStage.DISPLAY_ONLY),
    )

    assert payments_of(rows_of(terms)) == [Fraction(1000_00, 3)] * 3


def test_extra_principal_counts_in_a_row_that_capitalises_its_interest() -> None:
    grace = Grace(principal=1, interest=1, interest_treatment=InterestTreatment.CAPITALISE)
    extra = ev.Prepayment(1, yuan("100.00"), Excess.LOWER)

    row = rows_of(undated("1000.00", periods=3, grace=grace), extra)[0]

    assert (row.payment, row.principal, row.capitalised) == (100_00, 100_00, 10_00)
    assert row.balance == 910_00


@pytest.mark.parametrize(
    "money",
    [
        ev.Prepayment(1, yuan("50.00"), Excess.SHORTEN),
        ev.Payment(date(2026, 2, 10), yuan("50.00"), Excess.SHORTEN),
    ],
    ids=["extra principal", "a booked payment"],
)
def test_money_in_a_row_that_capitalises_is_shown_as_it_was_paid(money: ev.Event) -> None:
    # 12,000.00 x 12 % x 31/365 = 122.3014 joins the balance, whatever is repaid.
    conventions = Conventions(
        rounding_stage=RoundingStage.DISPLAY_ONLY,
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
        level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    )
    terms = dated(
        "12000.00",
        start=date(2026, 1, 10),
        first_due=date(2026, 2, 10),
        due_day=10,
        grace=Grace(2, 2, InterestTreatment.CAPITALISE),
        conventions=conventions,
    )

    schedule = History(terms, {"money": money}).schedule

    row = schedule.rows[0]
    assert (row.payment.plain, row.principal.plain, row.capitalised.plain) == (
        "50.00",
        "50.00",
        "122.30",
    )
    schedule.check()


def test_held_interest_keeps_to_the_cumulative_sum() -> None:
    """1.25 a month: 1, 3, 3.75 and 5 in all, so that the last row takes 2 and not round(2.5)."""
    conventions = Conventions(
        rounding_stage=RoundingStage.CUMULATIVE,
        deferred_interest=DeferredRounding.ROUND_ON_COLLECTION,
    )
    terms = dated(
        "1.25", periods=4, amortization=Amortization.INTEREST_ONLY, conventions=conventions
    )

    rows = rows_of(terms, ev.InterestGrace(date(2026, 4, 1), 1))

    assert [row.interest for row in rows] == [1, 2, 0, 2]


def test_a_row_that_collects_held_interest_on_top_books_what_was_paid() -> None:
    """12.00 held and 9.00 of its own leave 379.00 of 400.00 for the principal."""
    terms = dated(
        "1200.00",
        periods=4,
        amortization=Amortization.EQUAL_PRINCIPAL,
        grace=Grace(interest=1),
        conventions=ON_TOP,
    )

    row = rows_of(terms, ev.Payment(date(2026, 3, 31), yuan("400.00"), Excess.SHORTEN))[1]

    assert (row.payment, row.interest, row.principal) == (400_00, 21_00, 379_00)


def test_money_ahead_covers_the_exact_interest_accrued() -> None:
    """500.00 after 10 of 28 days; the interest of those days is not rounded first."""
    terms = dated(
        "1000.00", "0.1", 3, grace=Grace(principal=1, interest=1), conventions=HELD_EXACTLY
    )
    accrued = 1000_00 * of_days(10)

    row = rows_of(terms, ev.Payment(date(2026, 2, 10), yuan("500.00")))[0]

    assert row.held == accrued + (1000_00 - (500_00 - accrued)) * of_days(18)


def test_money_ahead_covers_the_interest_on_overdue_principal_too() -> None:
    """300.00 of principal is overdue for 20 days until 600.00 pay it and 290.79 ahead."""
    terms = dated(
        "1200.00",
        "0.1",
        4,
        amortization=Amortization.EQUAL_PRINCIPAL,
        as_of=date(2026, 3, 25),
        conventions=HELD_EXACTLY,
    )
    accrued = 1200_00 * of_days(20)
    ahead = 600_00 - (300_00 + 9_21)

    row = rows_of(
        terms,
        ev.InterestGrace(date(2026, 3, 1), 1),
        ev.Payment(date(2026, 3, 20), yuan("600.00")),
    )[1]

    assert row.held == accrued + (900_00 - (ahead - accrued)) * of_days(11)


def test_a_payment_computed_anew_knows_how_long_money_ahead_lasts() -> None:
    """With money ahead for several rows the last payment still is as near as rounding allows."""
    conventions = Conventions(
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
        level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    )
    terms = dated("12000.00", "0.1", 12, conventions=conventions)

    rows = rows_of(
        terms,
        ev.Payment(date(2026, 2, 28), yuan("5000.00")),
        ev.ExtendTerm(date(2026, 3, 31), 12),
    )

    level, last = rows[1].payment, rows[-1].payment
    assert level - len(rows) <= last <= level + len(rows)


def test_a_payment_computed_anew_counts_money_ahead_after_a_grace() -> None:
    grace = Grace(principal=2)
    conventions = Conventions(level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS)
    terms = dated("12000.00", "0.1", 6, grace=grace, conventions=conventions)

    rows = rows_of(
        terms,
        ev.Payment(date(2026, 2, 28), yuan("4000.00")),
        ev.ExtendTerm(date(2026, 3, 31), 6),
    )

    level, last = rows[2].payment, rows[-1].payment
    assert level - len(rows) <= last <= level + len(rows)


def test_a_re_age_finds_no_interest_in_an_interest_free_period() -> None:
    """The first installment closes; up to 10 March the second period accrues nothing either."""
    terms = dated("1200.00", periods=4, grace=Grace(interest_free=2))
    re_age = ev.ReAge(
        date(2026, 3, 10), ev.ReAgeInterest.PAYABLE_TO_DATE, 3, first_due=date(2026, 4, 30)
    )

    rows = rows_of(terms, re_age)

    assert [(row.principal, row.interest) for row in rows[1:]] == [(400_00, 0)] * 3


def test_a_payment_step_of_nothing_asks_for_nothing() -> None:
    """It is no computed payment: that is what a step without an amount asks for."""
    steps = (PaymentStep(1, yuan("0.00")), PaymentStep(2, None))

    schedule = price(dated("300.00", "0", 3, payment_steps=steps))

    assert payments(schedule) == ["0.00", "150.00", "150.00"]


def test_a_payment_step_of_nothing_covers_no_interest() -> None:
    steps = (PaymentStep(1, yuan("0.00")), PaymentStep(2, None))

    with pytest.raises(InvalidTerms, match=r"does not cover the interest of 3\.00"):
        price(dated("300.00", "0.12", 3, payment_steps=steps))
