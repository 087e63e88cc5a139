from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import get_args

import pytest

from plan_assistant.domain.calendar import Frequency, HolidayRoll, Holidays, MonthEnd, Unit
from plan_assistant.domain.money import CNY, Currency, Rounding
from plan_assistant.domain.schedule.engine import price, price_general
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DayCount,
    DeferredCollection,
    DownPayment,
    FixedFee,
    Grace,
    HolidayInterest,
    InterestRounding,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    PaymentStep,
    PeriodInterest,
    RoundingStage,
)
from tests.domain.schedule.builders import dated, payments, undated, yuan

# Reference numbers computed with decimal arithmetic, half up at the cent.
WORKED = [
    pytest.param(
        undated(rate="0.12", periods=12), "888.49", "888.47", "10661.86", id="12 months at 12 %"
    ),
    pytest.param(
        undated(rate="0.18", periods=36), "361.52", "361.69", "13014.89", id="36 months at 18 %"
    ),
    pytest.param(
        undated(rate="0.1825", periods=60),
        "255.30",
        "254.89",
        "15317.59",
        id="60 months at 18.25 %",
    ),
    pytest.param(
        undated(rate="0.12", periods=24), "470.73", "470.86", "11297.65", id="extended to 24"
    ),
    pytest.param(
        undated(rate="0", periods=60),
        "166.67",
        "166.47",
        "10000.00",
        id="60 months without interest",
    ),
    pytest.param(
        undated("50000.00", "0", 60),
        "833.33",
        "833.53",
        "50000.00",
        id="card, 60 months without interest",
    ),
    pytest.param(
        undated(amortization=Amortization.EQUAL_PRINCIPAL),
        "933.33",
        "841.70",
        "10650.00",
        id="equal principal",
    ),
    pytest.param(
        undated(amortization=Amortization.INTEREST_ONLY),
        "100.00",
        "10100.00",
        "11200.00",
        id="interest only",
    ),
    pytest.param(
        undated(rate="0.072", amortization=Amortization.FLAT),
        "893.33",
        "893.37",
        "10720.00",
        id="flat fee 0.6 %",
    ),
    pytest.param(
        undated(periods=15, grace=Grace(3, 3, InterestTreatment.CAPITALISE)),
        "915.41",
        "915.40",
        "10984.91",
        id="deferred three months, capitalised",
    ),
]


@pytest.mark.parametrize(("terms", "regular", "last", "total"), WORKED)
@pytest.mark.parametrize("pricing", [price, price_general], ids=["short way", "general way"])
def test_worked_plans_come_out_to_the_cent(terms, regular, last, total, pricing) -> None:  # type: ignore[no-untyped-def]
    schedule = pricing(terms)

    schedule.check()
    assert schedule.regular_payment.plain == regular
    assert schedule.last_payment.plain == last
    assert schedule.total_paid.plain == total


def test_capitalised_interest_joins_the_balance() -> None:
    schedule = price(undated(periods=15, grace=Grace(3, 3, InterestTreatment.CAPITALISE)))

    assert [row.capitalised.plain for row in schedule.rows[:3]] == ["100.00", "101.00", "102.01"]
    assert schedule.rows[2].balance.plain == "10303.01"
    assert schedule.total_interest.plain == "984.91"
    assert schedule.total_principal.plain == "10000.00"


def test_deferred_interest_is_collected_on_top_by_the_first_paying_row() -> None:
    conventions = Conventions(deferred_collection=DeferredCollection.ON_TOP)

    schedule = price(undated(periods=15, grace=Grace(3, 3), conventions=conventions))

    assert schedule.rows[2].deferred.plain == "300.00"
    assert payments(schedule)[:5] == ["0.00", "0.00", "0.00", "1188.49", "888.49"]
    schedule.check()


def test_deferred_interest_is_spread_in_equal_parts() -> None:
    conventions = Conventions(deferred_collection=DeferredCollection.SPREAD)

    schedule = price(
        undated("10000.00", "0.1111", periods=10, grace=Grace(3, 3), conventions=conventions)
    )

    schedule.check()
    paid = payments(schedule)
    assert len(set(paid[3:-1])) == 1
    assert (
        schedule.total_interest.minor
        - price(undated("10000.00", "0.1111", periods=7)).total_interest.minor
        == 27774
    )


def test_month_end_due_dates_return_to_the_31st() -> None:
    schedule = price(dated(periods=4))

    assert schedule.due == (
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    )


def test_month_end_may_roll_to_the_first_of_the_next_month() -> None:
    conventions = Conventions(month_end=MonthEnd.ROLL_NEXT)
    terms = dated(periods=3, first_due=date(2026, 3, 1), conventions=conventions)

    schedule = price(terms)

    assert schedule.due == (date(2026, 3, 1), date(2026, 3, 31), date(2026, 5, 1))


def test_holidays_move_the_day_of_payment_and_not_the_interest() -> None:
    holidays = Holidays("test", date(2026, 12, 31), frozenset({date(2026, 3, 2)}), frozenset())
    conventions = Conventions(holiday_roll=HolidayRoll.NEXT)

    schedule = price(dated(conventions=conventions, holidays=holidays))

    assert schedule.rows[0].due == date(2026, 3, 3)
    assert schedule.rows[0].nominal_due == date(2026, 2, 28)
    assert schedule.columns == price(dated()).columns
    assert schedule.moved[0].number == 1


def test_nominal_flows_are_those_of_the_grid_without_the_down_payment() -> None:
    holidays = Holidays("test", date(2026, 12, 31), frozenset({date(2026, 3, 2)}), frozenset())
    conventions = Conventions(holiday_roll=HolidayRoll.NEXT)
    down = DownPayment(yuan("1000.00"), yuan("0.00"))

    schedule = price(dated(conventions=conventions, holidays=holidays, down_payment=down))

    assert schedule.nominal_flows[0] == (date(2026, 2, 28), schedule.first_payment)
    assert schedule.cash_flows[1] == (date(2026, 3, 3), schedule.first_payment)
    assert len(schedule.nominal_flows) == 12


def test_interest_for_the_extra_days_of_a_holiday_is_a_convention() -> None:
    holidays = Holidays("test", date(2026, 12, 31), frozenset(), frozenset())
    conventions = Conventions(
        holiday_roll=HolidayRoll.NEXT,
        holiday_interest=HolidayInterest.EXTRA_DAYS,
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
    )

    schedule = price(dated(periods=2, conventions=conventions, holidays=holidays))

    # 28 February 2026 is a Saturday: the first period has 30 days up to Monday, 2 March.
    assert schedule.rows[0].due == date(2026, 3, 2)
    assert schedule.rows[0].interest.plain == "98.63"


def test_an_odd_first_period_follows_the_day_count() -> None:
    schedule = price(dated(start=date(2026, 2, 8)))

    # 20 days / 360 x 12 % x 10,000
    assert schedule.rows[0].interest.plain == "66.67"
    assert schedule.rows[1].interest.plain == "91.78"


def test_arrears_are_spread_so_that_every_installment_but_the_last_is_alike() -> None:
    schedule = price(undated("10000.00", "0", 60, arrears=yuan("123.45")))

    assert len(set(payments(schedule)[:-1])) == 1
    assert schedule.total_arrears.plain == "123.45"
    assert min(row.arrears.minor for row in schedule.rows) >= 0
    schedule.check()


@pytest.mark.parametrize("total", range(1, 240, 7))
def test_spread_arrears_are_never_negative(total: int) -> None:
    schedule = price(undated("10000.00", "0", 60, arrears=CNY.money(total)))

    schedule.check()
    assert schedule.total_arrears.minor == total


@pytest.mark.parametrize(
    ("treatment", "index"),
    [(ArrearsTreatment.FIRST_INSTALLMENT, 0), (ArrearsTreatment.LAST_INSTALLMENT, -1)],
)
def test_arrears_may_join_one_installment(treatment: ArrearsTreatment, index: int) -> None:
    schedule = price(undated(arrears=yuan("250.00"), arrears_treatment=treatment))

    assert schedule.rows[index].arrears.plain == "250.00"
    assert schedule.regular_payment.plain == "888.49"
    schedule.check()


def test_a_plan_may_consist_of_arrears_alone() -> None:
    schedule = price(undated("0.00", "0.12", 3, arrears=yuan("100.00")))

    assert payments(schedule) == ["33.33", "33.33", "33.34"]
    schedule.check()


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (ArrearsTreatment.SPREAD, ["0.00", "0.00", "33.33", "33.33", "33.34"]),
        (ArrearsTreatment.FIRST_INSTALLMENT, ["0.00", "0.00", "100.00", "0.00", "0.00"]),
    ],
)
def test_arrears_alone_wait_for_the_end_of_a_grace_that_asks_for_nothing(
    treatment: ArrearsTreatment, expected: list[str]
) -> None:
    grace = Grace(principal=2, interest=2)
    terms = undated("0.00", "0.12", 5, arrears=yuan("100.00"), grace=grace)
    schedule = price(replace(terms, arrears_treatment=treatment))

    assert payments(schedule) == expected
    schedule.check()


def test_arrears_alone_are_paid_in_a_grace_that_asks_for_interest() -> None:
    terms = undated("0.00", "0.12", 3, arrears=yuan("100.00"), grace=Grace(principal=2))

    assert payments(price(terms)) == ["33.33", "33.33", "33.34"]


def test_a_down_payment_is_row_one_and_bears_no_interest() -> None:
    down = DownPayment(yuan("1000.00"), yuan("50.00"))

    schedule = price(dated(down_payment=down, arrears=yuan("110.00"), periods=6))

    first = schedule.rows[0]
    assert (first.due, first.payment.plain, first.interest.plain) == (
        date(2026, 1, 31),
        "1050.00",
        "0.00",
    )
    assert schedule.rows[1].arrears.plain == "10.00"
    assert schedule.number_of_payments == 6
    assert schedule.first_due == date(2026, 2, 28)
    schedule.check()


def test_steps_keep_their_payments_and_the_rest_is_level() -> None:
    steps = (PaymentStep(6, yuan("1000.00")), PaymentStep(30, None))

    schedule = price(undated("60000.00", "0.18", 36, payment_steps=steps))

    assert schedule.rows[5].balance.plain == "59377.04"
    assert schedule.regular_payment.plain == "2472.41"
    assert schedule.last_payment.plain == "2472.51"
    assert schedule.total_paid.plain == "80172.40"
    schedule.check()


def test_skipped_months_hold_their_interest_for_the_next_payment() -> None:
    conventions = Conventions(level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS)

    schedule = price(dated(skip_months=frozenset({6, 7}), conventions=conventions))

    assert [row.payment.minor for row in schedule.rows[4:6]] == [0, 0]
    assert schedule.rows[5].deferred.minor > 0
    assert schedule.rows[6].deferred.minor == 0
    assert schedule.number_of_payments == 10
    schedule.check()


def test_fees_join_an_installment_or_stand_alone_after_the_last() -> None:
    fees = (FixedFee(yuan("15.00"), date(2026, 3, 5)), FixedFee(yuan("9.00"), date(2027, 6, 1)))

    schedule = price(dated(fees=fees))

    assert schedule.rows[1].fees.plain == "15.00"
    assert (schedule.rows[12].due, schedule.rows[12].payment.plain) == (date(2027, 6, 1), "9.00")
    schedule.check()


def test_fees_after_the_end_stand_in_date_order_and_carry_no_arrears() -> None:
    days = [date(2027, 6, 1), date(2027, 4, 1), date(2027, 6, 1)]
    fees = tuple(FixedFee(yuan("9.00"), day) for day in days)
    last = ArrearsTreatment.LAST_INSTALLMENT

    schedule = price(dated(fees=fees, arrears=yuan("50.00"), arrears_treatment=last))

    assert [(row.due, row.payment.plain) for row in schedule.rows[12:]] == [
        (date(2027, 4, 1), "9.00"),
        (date(2027, 6, 1), "18.00"),
    ]
    assert schedule.rows[11].arrears.plain == "50.00"
    schedule.check()


def test_percent_fees_are_part_of_every_row() -> None:
    schedule = price(undated(installment_fee_rate=Fraction(1, 100)))

    assert schedule.rows[0].fees.plain == "8.88"
    assert schedule.rows[0].payment.plain == "897.37"
    schedule.check()


def test_a_balloon_is_left_for_the_last_installment() -> None:
    schedule = price(undated(balloon=yuan("4000.00")))

    assert schedule.last_payment.minor - schedule.regular_payment.minor == pytest.approx(
        400000, abs=12
    )
    schedule.check()


def test_payments_may_come_in_multiples() -> None:
    conventions = Conventions(payment_rounding=Rounding.UP)

    schedule = price(
        undated("25000.00", "0", 72, payment_multiple_of=yuan("1.00"), conventions=conventions)
    )

    assert schedule.regular_payment.plain == "348.00"
    assert schedule.last_payment.plain == "292.00"
    schedule.check()


@pytest.mark.parametrize(
    ("code", "principal", "payment"), [("JPY", "10000", "888"), ("KWD", "10000.000", "888.488")]
)
def test_currencies_may_have_no_decimals_or_three(code: str, principal: str, payment: str) -> None:
    schedule = price(undated(principal, currency=Currency.of(code)))

    assert schedule.regular_payment.plain == payment
    schedule.check()


@pytest.mark.parametrize("rounding", [Rounding(word) for word in get_args(InterestRounding)])
@pytest.mark.parametrize("payment_rounding", list(Rounding))
@pytest.mark.parametrize("stage", list(RoundingStage))
def test_every_rounding_clears_the_balance(
    rounding: Rounding, payment_rounding: Rounding, stage: RoundingStage
) -> None:
    conventions = Conventions(
        rounding=rounding, payment_rounding=payment_rounding, rounding_stage=stage
    )

    schedule = price(undated("50136.00", "0.1825", 36, conventions=conventions))

    schedule.check()


def test_an_exact_tie_is_rounded_up_although_a_divided_rate_would_miss_it() -> None:
    # 72.00 x 18.25 % / 12 = 1.095 exactly; 0.1825 / 12 as a decimal falls just below.
    schedule = price(undated("72.00", "0.1825", 2))

    assert schedule.rows[0].interest.plain == "1.10"


def test_a_given_payment_may_end_the_plan_early() -> None:
    conventions = Conventions(level_payment=LevelPayment.GIVEN)

    schedule = price(undated(payment=yuan("3000.00"), conventions=conventions))

    assert len(schedule.rows) == 4
    schedule.check()
    assert schedule == price_general(undated(payment=yuan("3000.00"), conventions=conventions))


def test_weeks_and_days_count_by_their_frequency() -> None:
    weekly = Frequency(2, Unit.WEEKS)

    schedule = price(undated(frequency=weekly, periods=26))

    # 10,000 x 12 % x 2/52
    assert schedule.rows[0].interest.plain == "46.15"
    schedule.check()


def test_figures_of_a_schedule_are_those_of_its_rows() -> None:
    schedule = price(dated(arrears=yuan("60.00")))

    assert schedule.total_paid.minor == sum(row.payment.minor for row in schedule.rows)
    assert schedule.largest_payment == schedule.first_payment
    assert len(schedule.cash_flows) == 12
    assert schedule.last_due == schedule.rows[-1].due
    assert schedule.rows[0].owed_after.minor == schedule.rows[0].balance.minor + 5500


@pytest.mark.parametrize(("periods", "months"), [(4, 2), (5, 3), (12, 9)])
def test_the_regular_payment_is_one_that_repays_not_one_of_the_grace(
    periods: int, months: int
) -> None:
    terms = dated("5212.28", "0.01", periods, grace=Grace(months), arrears=yuan("0.59"))

    schedule = price(terms)

    assert schedule.regular_payment == schedule.rows[months].payment
    assert schedule.regular_payment > yuan("1000.00")
