"""What the product makes of the negotiation kinds of golden-case/2 (SCHEMA 10)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.offers import fixed_order
from plan_assistant.domain.offers.fixed_order import FixedOrder, Point
from plan_assistant.domain.offers.levers import (
    CapitaliseArrears,
    ExtendTerm,
    ForbearPrincipal,
    HousingRatio,
    Lever,
    Limit,
    PaymentCut,
    ReduceRate,
    Situation,
    Target,
)
from plan_assistant.domain.offers.share_of_surplus import share_of_surplus_plans
from plan_assistant.domain.offers.waterfall import run
from plan_assistant.domain.outgoings import spare_income
from plan_assistant.golden.fields import currency_of, money, optional_money
from plan_assistant.golden.negotiation_model import (
    AffordabilityShape,
    CapitalisePart,
    ExtendTermPart,
    FrontierShape,
    HousingRatioPart,
    LeverPart,
    PaymentCutPart,
    ReduceRatePart,
    ShareShape,
    WaterfallShape,
)


def _units(amount: Money | None) -> Fraction | None:
    return None if amount is None else Fraction(amount.minor, amount.currency.units)


def waterfall_results(case: WaterfallShape) -> Mapping[str, Any]:
    """Return the figures at the end of a waterfall and where the loan stands after each step."""
    terms = case.terms
    currency = currency_of(terms.currency_decimals)
    outcome = run(
        (_target(terms.target),),
        tuple(_lever(step) for step in terms.steps),
        Situation(
            unpaid_principal=money(terms.unpaid_principal, currency),
            arrears=money(terms.arrears, currency),
            annual_rate=terms.annual_rate,
            remaining_periods=terms.remaining_periods,
            current_payment=optional_money(terms.current_payment, currency),
            gross_monthly_income=optional_money(terms.gross_monthly_income, currency),
            other_housing_cost=optional_money(terms.other_housing_cost, currency),
            property_value=money(terms.property_value, currency),
        ),
        Rounding(case.conventions.rounding),
    )
    return {
        "figures": {
            "target_payment": _units(outcome.target_payment),
            "current_payment": _units(outcome.current_payment),
            "capitalised_balance": _units(outcome.balance),
            "annual_rate": outcome.annual_rate,
            "periods": outcome.periods,
            "forbearance": _units(outcome.forbearance),
            "forbearance_limit": _units(outcome.forbearance_limit),
            "interest_bearing": _units(outcome.interest_bearing),
            "payment": _units(outcome.payment),
            "target_met": outcome.is_target_met,
            "payment_cut": outcome.payment_cut,
            "housing_ratio": outcome.housing_ratio,
        },
        "steps": [
            {
                "step": step.lever,
                "annual_rate": step.annual_rate,
                "periods": step.periods,
                "forbearance": _units(step.forbearance),
                "payment": _units(step.payment),
            }
            for step in outcome.steps
        ],
    }


def _target(target: HousingRatioPart | PaymentCutPart) -> Target:
    if isinstance(target, HousingRatioPart):
        return HousingRatio(target.ratio)
    return PaymentCut(target.ratio)


def _lever(step: LeverPart) -> Lever:
    if isinstance(step, CapitalisePart):
        return CapitaliseArrears()
    if isinstance(step, ReduceRatePart):
        return ReduceRate(step.step, step.floor)
    if isinstance(step, ExtendTermPart):
        return ExtendTerm(step.step, step.max_periods)
    return ForbearPrincipal(
        Limit(step.limit), step.share_of_balance, step.down_to_ltv, step.requires_ltv_above
    )


def share_results(case: ShareShape) -> Mapping[str, Any]:
    """Return one plan for each share of the surplus."""
    terms = case.terms
    currency = currency_of(terms.currency_decimals)
    plans = share_of_surplus_plans(
        money(terms.debt, currency),
        money(terms.monthly_surplus, currency),
        terms.shares,
        stop_when_periods_at_most=terms.stop_when_periods_at_most,
        rounding=Rounding(case.conventions.rounding),
    )
    return {
        "plans": [
            {
                "share": plan.share,
                "payment": _units(plan.payment),
                "periods": plan.periods,
                "last_payment": _units(plan.last_payment),
            }
            for plan in plans
        ]
    }


def affordability_results(case: AffordabilityShape) -> Mapping[str, Any]:
    """Return surplus, buffer and what is affordable."""
    terms = case.terms
    units = currency_of(terms.currency_decimals).units
    outgoings = terms.essentials + terms.priority_payments + terms.other_debt_payments
    spare = spare_income(
        int((terms.income - outgoings) * units),
        buffer_share=terms.buffer.share,
        buffer_cap=terms.buffer.cap * units,
        rounding=Rounding(case.conventions.rounding),
    )
    return {
        "figures": {
            name: Fraction(minor, units) for name, minor in zip(spare._fields, spare, strict=True)
        }
    }


def frontier_results(case: FrontierShape) -> Mapping[str, Any]:
    """Return the points of a search in a fixed order, or the gap where nothing is moved."""
    terms = case.terms
    currency = currency_of(terms.currency_decimals)
    search = FixedOrder(
        balance=money(terms.balance, currency),
        annual_rate=terms.annual_rate,
        current_periods=terms.current_periods,
        affordable=money(terms.affordable_payment, currency),
        rate_step=terms.rate_step,
        max_periods=terms.max_periods,
        discount_rate=terms.discount_rate,
    )
    match terms.search:
        case "gap":
            found = fixed_order.gap(search)
            return {"figures": {"payment": _units(found.payment), "gap": _units(found.gap)}}
        case "shortest_term_per_rate":
            points = fixed_order.shortest_term_per_rate(search)
        case "term_first" | "rate_first":
            move = (
                fixed_order.term_first if terms.search == "term_first" else fixed_order.rate_first
            )
            point = move(search)
            points = () if point is None else (point,)
    return {"points": [_point(point) for point in points]}


def _point(point: Point) -> dict[str, Any]:
    return {
        "annual_rate": point.annual_rate,
        "periods": point.periods,
        "payment": _units(point.payment),
        "last_payment": _units(point.last_payment),
        "total_paid": _units(point.total_paid),
        "present_value": _units(point.present_value),
    }
