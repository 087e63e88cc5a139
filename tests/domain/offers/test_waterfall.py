"""Levers pulled in order: properties, and steps that programs use and golden cases do not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.levers import (
    AffordablePayment,
    CapitaliseArrears,
    ExtendTerm,
    ForbearPrincipal,
    HousingRatio,
    Limit,
    PaymentCut,
    ReduceFees,
    ReduceRate,
    Situation,
)
from plan_assistant.domain.offers.waterfall import run
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import PaymentStep, Terms
from tests.builders import yuan

LOAN = Situation(
    unpaid_principal=yuan("60000.00"),
    arrears=yuan("4200.00"),
    annual_rate=Fraction("0.18"),
    remaining_periods=24,
    property_value=yuan("80000.00"),
    affordable_payment=yuan("1450.00"),
)
LEVERS = (
    CapitaliseArrears(),
    ReduceRate(Fraction("0.0125"), Fraction("0.03")),
    ExtendTerm(3, 60),
    ForbearPrincipal(Limit.GREATER_OF, Fraction("0.30"), Fraction("0.80")),
)


@given(
    principal=st.integers(1, 10**9),
    arrears=st.integers(0, 10**8),
    rate=st.integers(0, 400_000),
    periods=st.integers(1, 480),
    affordable=st.integers(0, 10**7),
)
def test_no_lever_ever_raises_the_payment_and_levers_stop_at_the_target(
    principal: int, arrears: int, rate: int, periods: int, affordable: int
) -> None:
    start = replace(
        LOAN,
        unpaid_principal=CNY.money(principal),
        arrears=CNY.money(arrears),
        annual_rate=Fraction(rate, 10**6),
        remaining_periods=periods,
        affordable_payment=CNY.money(affordable),
    )

    found = run((AffordablePayment(),), LEVERS, start)

    payments = [step.payment for step in found.steps]
    assert payments == sorted(payments, reverse=True)
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        if before.payment <= found.target_payment:
            assert after == replace(before, lever=after.lever)
    assert yuan("0.00") <= found.forbearance <= found.balance
    assert found.balance == CNY.money(principal + arrears)


def test_a_cent_less_forborne_would_miss_the_target() -> None:
    poor = replace(LOAN, affordable_payment=yuan("900.00"))
    found = run((AffordablePayment(),), LEVERS, poor)

    less = replace(found, forbearance=found.forbearance - yuan("0.01"))

    assert found.forbearance
    assert found.is_target_met
    assert not less.is_target_met


def test_a_monthly_fee_falls_only_as_far_as_needed() -> None:
    loan = replace(LOAN, arrears=yuan("0.00"), monthly_fee=yuan("30.00"))
    level = run((PaymentCut(Fraction(0)),), (), replace(loan, monthly_fee=None)).payment
    able = replace(loan, affordable_payment=level + yuan("12.34"))

    found = run((AffordablePayment(),), (ReduceFees(),), able)
    nothing_left = run((AffordablePayment(),), (ReduceFees(),), loan)

    assert found.monthly_fee == yuan("12.34")
    assert found.is_target_met
    assert nothing_left.monthly_fee == yuan("0.00")
    assert not nothing_left.is_target_met


def test_the_payment_of_today_counts_the_monthly_fee() -> None:
    with_fee = run((PaymentCut(Fraction(0)),), (), replace(LOAN, monthly_fee=yuan("30.00")))
    without = run((PaymentCut(Fraction(0)),), (), LOAN)

    assert with_fee.current_payment - without.current_payment == yuan("30.00")


def test_a_floor_above_the_rate_never_raises_it() -> None:
    found = run((AffordablePayment(),), (ReduceRate(None, Fraction("0.25"), always=True),), LOAN)

    assert found.annual_rate == LOAN.annual_rate


def test_the_lowest_of_several_targets_holds() -> None:
    rich = replace(LOAN, gross_monthly_income=yuan("9000.00"), other_housing_cost=yuan("0.00"))

    found = run((AffordablePayment(), HousingRatio(Fraction("0.10"))), LEVERS, rich)

    assert found.target_payment == yuan("900.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unpaid_principal": yuan("0.00")}, "unpaid_principal"),
        ({"arrears": yuan("-0.01")}, "arrears"),
        ({"annual_rate": Fraction(-1, 100)}, "annual_rate"),
        ({"remaining_periods": 0}, "remaining_periods"),
        ({"remaining_periods": None}, "remaining_periods"),
        ({"affordable_payment": None}, "affordable_payment"),
        ({"property_value": None}, "property_value"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        run((AffordablePayment(),), LEVERS, replace(LOAN, **changes))  # type: ignore[arg-type]

    assert refusal.value.field == field


def test_a_waterfall_without_a_target_for_the_debt_is_refused() -> None:
    with pytest.raises(InvalidTerms, match="a target for every debt"):
        run((AffordablePayment(below_days_past_due=30),), LEVERS, replace(LOAN, days_past_due=60))


def test_a_step_plan_pays_little_first_and_more_afterwards() -> None:
    # 60,000 at 18 %: six times 1,000, then thirty level payments.
    plan: Schedule = price(
        Terms(
            principal=yuan("60000.00"),
            annual_rate=Fraction("0.18"),
            periods=36,
            start=None,
            first_due=None,
            payment_steps=(PaymentStep(6, yuan("1000.00")), PaymentStep(30, None)),
        )
    )

    assert plan.rows[5].balance == yuan("59377.04")
    assert plan.rows[6].payment == yuan("2472.41")
    assert plan.last_payment == yuan("2472.51")
    assert plan.total_paid == yuan("80172.40")
