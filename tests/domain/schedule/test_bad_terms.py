from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import HolidayRoll
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Rounding
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DownPayment,
    FixedFee,
    Grace,
    LevelPayment,
    PaymentStep,
)
from plan_assistant.domain.schedule.validation import problems_of
from tests.domain.schedule.builders import dated, undated, yuan

EURO = Currency.of("EUR")
GIVEN = Conventions(level_payment=LevelPayment.GIVEN)

REFUSED = {
    "no installments": (undated(periods=0), "periods"),
    "a negative number of installments": (undated(periods=-3), "periods"),
    "more than a hundred years": (undated(periods=1201), "periods"),
    "a negative principal": (undated().with_(principal=-yuan("1.00")), "principal"),
    "nothing owed": (undated("0.00"), "principal"),
    "a negative rate": (undated(rate="-0.01"), "annual_rate"),
    "a rate beyond all measure": (undated(rate="1e999"), "annual_rate"),
    "a rate with endless decimals": (undated(rate="1e-999"), "annual_rate"),
    "a rate that is not a number": (undated().with_(annual_rate=float("nan")), "annual_rate"),
    "a rate as a float": (undated().with_(annual_rate=0.12), "annual_rate"),
    "a first due date before the start": (dated(first_due=date(2026, 1, 30)), "first_due"),
    "a start without a first due date": (dated(first_due=None, due_day=None), "first_due"),
    "a due day off the grid": (dated(due_day=15), "due_day"),
    "a due day of 32": (dated(due_day=32), "due_day"),
    "a due day without dates": (undated(due_day=5), "due_day"),
    "a grace as long as the plan": (undated(grace=Grace(principal=12)), "grace"),
    "a negative grace": (undated(grace=Grace(principal=-1)), "grace"),
    "a given payment without an amount": (undated(conventions=GIVEN), "payment"),
    "a payment below the interest": (undated(payment=yuan("99.99"), conventions=GIVEN), "payment"),
    "a payment in another currency": (
        undated(payment=EURO.parse("900.00"), conventions=GIVEN),
        "payment",
    ),
    "steps longer than the plan": (
        undated(payment_steps=(PaymentStep(13, yuan("1.00")),)),
        "payment_steps",
    ),
    "an empty step": (undated(payment_steps=(PaymentStep(0, None),)), "payment_steps"),
    "arrears in another currency": (undated(arrears=EURO.parse("1.00")), "arrears"),
    "negative arrears": (undated(arrears=-yuan("1.00")), "arrears"),
    "a balloon above the principal": (undated(balloon=yuan("10000.01")), "balloon"),
    "a down payment above the debt": (
        dated(down_payment=DownPayment(yuan("10000.01"), yuan("0.00"))),
        "down_payment",
    ),
    "a down payment of everything": (
        dated(down_payment=DownPayment(yuan("10000.00"), yuan("0.00"))),
        "down_payment",
    ),
    "a negative fee": (undated(fees=(FixedFee(-yuan("1.00")),)), "fees"),
    "a fee for a missing installment": (undated(fees=(FixedFee(yuan("1.00"), number=13),)), "fees"),
    "a dated fee in an undated plan": (
        undated(fees=(FixedFee(yuan("1.00"), date(2026, 1, 1)),)),
        "fees",
    ),
    "skipped months in an undated plan": (undated(skip_months=frozenset({6})), "skip_months"),
    "a thirteenth month": (dated(skip_months=frozenset({13})), "skip_months"),
    "all months skipped": (dated(skip_months=frozenset(range(1, 13))), "skip_months"),
    "a holiday roll without a calendar": (
        dated(conventions=Conventions(holiday_roll=HolidayRoll.NEXT)),
        "holidays",
    ),
    "a single payment in parts": (undated(amortization=Amortization.SINGLE_PAYMENT), "periods"),
    "a debt too small for its installments": (undated("0.83", "0", 100), "periods"),
    "a multiple that shortens a flat plan": (
        undated(
            "1000.00", "0", 12, amortization=Amortization.FLAT, payment_multiple_of=yuan("50.00")
        ).with_(conventions=Conventions(payment_rounding=Rounding.UP)),
        "payment_multiple_of",
    ),
    "a multiple that shortens the plan": (
        undated("1000.00", "0", 60, payment_multiple_of=yuan("100.00")).with_(
            conventions=Conventions(payment_rounding=Rounding.UP)
        ),
        "payment_multiple_of",
    ),
    "interest rounded up": (undated(conventions=Conventions(rounding=Rounding.UP)), "rounding"),
    "due dates beyond the calendar": (dated(periods=1200, first_due=date(9900, 2, 28)), "periods"),
}


@pytest.mark.parametrize(("terms", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_meaningless_terms_are_refused_and_the_field_named(terms, field) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidTerms) as refusal:
        price(terms)

    assert refusal.value.field == field


def test_a_payment_below_the_interest_is_told_the_interest() -> None:
    with pytest.raises(InvalidTerms, match=r"1000\.00.*does not cover the interest of 1240\.00"):
        price(undated("124000.00", "0.12", 12, payment=yuan("1000.00"), conventions=GIVEN))


def test_the_largest_plan_is_priced() -> None:
    schedule = price(undated("99999999999.99", "0.36", 1200))

    schedule.check()
    assert schedule.total_principal.plain == "99999999999.99"


def test_very_high_rates_are_priced_exactly() -> None:
    schedule = price(undated(rate="99", periods=360))

    schedule.check()
    assert schedule.rows[0].interest == yuan("82500.00")


def test_rates_are_fractions_and_stay_so() -> None:
    assert price(undated(rate="1/3")).rows[0].interest == yuan("277.78")
    assert price(undated().with_(annual_rate=Fraction(0))).total_interest == yuan("0.00")


def test_everything_that_makes_no_sense_is_found_at_once() -> None:
    terms = dated(
        periods=0,
        rate="-0.01",
        first_due=date(2026, 1, 30),
        due_day=15,
        grace=Grace(principal=-1),
        balloon=yuan("10000.01"),
        down_payment=DownPayment(yuan("10000.02"), yuan("0.00")),
        fees=(FixedFee(EURO.parse("1.00")),),
        skip_months=frozenset({13}),
    )

    fields = [problem.field for problem in problems_of(terms)]

    assert fields == [
        "periods",
        "annual_rate",
        "grace",
        "first_due",
        "due_day",
        "down_payment",
        "balloon",
        "fees",
        "skip_months",
    ]
