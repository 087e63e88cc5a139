"""The golden kinds that are not loans: rates, annuities, rebates, allocation, present values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.rates.annuity import Annuity
from plan_assistant.domain.rates.apr import Flow, irr_rate, refuse_many_flows, us_period_rate
from plan_assistant.domain.rates.present_value import present_value_of
from plan_assistant.domain.rates.rebate import early_settlement
from plan_assistant.domain.schedule.allocation import AllocationOrder, OrderByDaysPastDue, allocate
from plan_assistant.golden.fields import currency_of, money
from plan_assistant.golden.negotiation_model import AllocationShape
from plan_assistant.golden.rate_model import (
    AnnuityShape,
    PresentValueShape,
    RateShape,
    RebateShape,
    SegmentPart,
)


def rate_results(case: RateShape) -> Mapping[str, Any]:
    """Return the figures of section 7."""
    terms = case.terms
    a_year = terms.unit_periods_per_year
    flows = [
        *_flows("advances", terms.advances, a_year, sign=-1),
        *_flows("payments", terms.payments, a_year, sign=1),
    ]
    method = case.conventions.apr_method
    if method == "us_actuarial":
        rate = us_period_rate(flows)
        return {"figures": {"apr_percent": 100 * a_year * rate, "period_rate": rate}}
    rate = irr_rate(flows)
    effective = 100 * ((1 + rate) ** a_year - 1)
    nominal = 100 * a_year * rate
    return {
        "figures": {
            "apr_percent": effective if method == "eu_effective" else nominal,
            "nominal_annual_percent": nominal,
            "effective_annual_percent": effective,
            "period_rate": rate,
        }
    }


def _flows(field: str, segments: list[SegmentPart], a_year: int, *, sign: int) -> list[Flow]:
    # Counted before they are laid out one by one.
    refuse_many_flows(field, sum(segment.count for segment in segments))
    flows = []
    for segment in segments:
        amount = segment.amount
        if amount is None:
            amount = (segment.total or Fraction(0)) / segment.count
        odd = segment.odd_units + segment.odd_years * a_year
        for index in range(segment.count):
            units = segment.first_unit + index * segment.every_units
            flows.append(Flow(sign * amount, units, odd))
    return flows


def annuity_results(case: AnnuityShape) -> Mapping[str, Any]:
    """Return one value per call of section 8."""
    values = []
    for call in case.terms.calls:
        annuity = Annuity(
            rate=call.rate or Fraction(0),
            periods=call.nper,
            payment=call.pmt,
            present=call.pv or Fraction(0),
            future=call.fv or Fraction(0),
            when=call.when,
        )
        values.append(annuity.call(call.function, call.per))
    return {"values": values}


def rebate_results(case: RebateShape) -> Mapping[str, Any]:
    """Return settlement figure and rebate of section 9."""
    terms = case.terms
    currency = currency_of(terms.currency_decimals)
    settled = early_settlement(
        money(terms.principal, currency).minor,
        money(terms.instalment, currency).minor,
        terms.periods,
        terms.apr,
        terms.settle_after_periods,
        part_period=terms.part_period,
        rate_decimals=case.conventions.period_rate_decimals,
        rounding=Rounding(case.conventions.rounding),
    )
    return {
        "figures": {
            "settlement_figure": Fraction(settled.settlement_figure, currency.units),
            "rebate": Fraction(settled.rebate, currency.units),
        }
    }


def allocation_results(case: AllocationShape) -> Mapping[str, Any]:
    """Return what a payment covers and what remains (section 10)."""
    terms = case.terms
    currency = currency_of(terms.currency_decimals)
    buckets = {name: money(amount, currency).minor for name, amount in terms.buckets}
    orders = OrderByDaysPastDue(
        tuple(
            AllocationOrder(order.max_days_past_due, tuple(order.order)) for order in terms.orders
        )
    )
    payment = money(terms.payment, currency).minor
    allocated, _ = allocate(payment, buckets, orders.at(terms.days_past_due))
    units = currency.units
    return {
        "allocated": {name: Fraction(amount, units) for name, amount in allocated.items()},
        "remaining": {name: Fraction(buckets[name] - allocated[name], units) for name in buckets},
    }


def present_value_results(case: PresentValueShape) -> Mapping[str, Any]:
    """Return the present value and the loss against the carrying amount (section 10)."""
    terms = case.terms
    refuse_many_flows("payments", sum(run.count for run in terms.payments))
    payments = [run.amount for run in terms.payments for _ in range(run.count)]
    present = present_value_of(payments, terms.discount_rate / terms.periods_per_year)
    # Of nothing in the books, no share can be lost.
    loss = 100 * (1 - present / terms.carrying_amount) if terms.carrying_amount else None
    return {"figures": {"present_value": present, "loss_percent": loss}}
