"""The golden kinds that are not loans: rates, annuities, rebates, allocation, present values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.rates.annuity import Annuity, When
from plan_assistant.domain.rates.apr import Flow, irr_rate, us_period_rate
from plan_assistant.domain.rates.present_value import present_value_of
from plan_assistant.domain.rates.rebate import early_settlement
from plan_assistant.domain.schedule.allocation import AllocationOrder, OrderByDaysPastDue, allocate
from plan_assistant.golden.files import GoldenCase, fraction, minor_units


def rate_results(case: GoldenCase) -> Mapping[str, Any]:
    """Return the figures of section 7."""
    terms = case.terms
    a_year = int(terms["unit_periods_per_year"])
    flows = [
        *_segments(terms["advances"], a_year, sign=-1),
        *_segments(terms["payments"], a_year, sign=1),
    ]
    method = case.conventions["apr_method"]
    if method == "us_actuarial":
        rate = us_period_rate(flows)
        return {"figures": {"apr_percent": 100 * a_year * rate, "period_rate": rate}}
    rate = irr_rate(flows)
    effective = 100 * ((1 + rate) ** a_year - 1)
    nominal = 100 * a_year * rate
    if method not in {"eu_effective", "irr_times_periods"}:
        raise InvalidTerms("apr_method", method, "eu_effective, us_actuarial or irr_times_periods")
    return {
        "figures": {
            "apr_percent": effective if method == "eu_effective" else nominal,
            "nominal_annual_percent": nominal,
            "effective_annual_percent": effective,
            "period_rate": rate,
        }
    }


def _segments(segments: list[Mapping[str, Any]], a_year: int, *, sign: int) -> list[Flow]:
    flows = []
    for segment in segments:
        count = int(segment["count"])
        amount = (
            fraction(segment["amount"])
            if segment["amount"] is not None
            else fraction(segment["total"]) / count
        )
        odd = fraction(segment["odd_units"]) + fraction(segment["odd_years"]) * a_year
        for index in range(count):
            units = int(segment["first_unit"]) + index * int(segment["every_units"])
            flows.append(Flow(sign * amount, units, odd))
    return flows


def annuity_results(case: GoldenCase) -> Mapping[str, Any]:
    """Return one value per call of section 8."""
    values = []
    for call in case.terms["calls"]:
        numbers = {
            key: None if call[key] is None else fraction(call[key])
            for key in ("rate", "nper", "pmt", "pv", "fv", "per")
        }
        annuity = Annuity(
            rate=numbers["rate"] or Fraction(0),
            periods=numbers["nper"],
            payment=numbers["pmt"],
            present=numbers["pv"] or Fraction(0),
            future=numbers["fv"] or Fraction(0),
            when=When(call["when"]),
        )
        values.append(annuity.call(str(call["function"]), numbers["per"]))
    return {"values": values}


def rebate_results(case: GoldenCase) -> Mapping[str, Any]:
    """Return settlement figure and rebate of section 9."""
    terms = case.terms
    decimals = int(terms["currency_decimals"])
    units = 10**decimals
    settled = early_settlement(
        minor_units(terms["principal"], decimals),
        minor_units(terms["instalment"], decimals),
        int(terms["periods"]),
        fraction(terms["apr"]),
        int(terms["settle_after_periods"]),
        part_period=fraction(terms["part_period"]),
        rate_decimals=int(case.conventions["period_rate_decimals"]),
        rounding=Rounding(case.conventions["rounding"]),
    )
    return {
        "figures": {
            "settlement_figure": Fraction(settled.settlement_figure, units),
            "rebate": Fraction(settled.rebate, units),
        }
    }


def allocation_results(case: GoldenCase) -> Mapping[str, Any]:
    """Return what a payment covers and what remains (section 10)."""
    terms = case.terms
    decimals = int(terms["currency_decimals"])
    units = 10**decimals
    buckets = {name: minor_units(amount, decimals) for name, amount in terms["buckets"].items()}
    orders = OrderByDaysPastDue(
        tuple(
            AllocationOrder(order["max_days_past_due"], tuple(order["order"]))
            for order in terms["orders"]
        )
    )
    order = orders.at(int(terms["days_past_due"]))
    allocated, _ = allocate(minor_units(terms["payment"], decimals), buckets, order)
    return {
        "allocated": {name: Fraction(amount, units) for name, amount in allocated.items()},
        "remaining": {name: Fraction(buckets[name] - allocated[name], units) for name in buckets},
    }


def present_value_results(case: GoldenCase) -> Mapping[str, Any]:
    """Return the present value and the loss against the carrying amount (section 10)."""
    terms = case.terms
    rate = fraction(terms["discount_rate"]) / int(terms["periods_per_year"])
    payments = [
        fraction(run["amount"]) for run in terms["payments"] for _ in range(int(run["count"]))
    ]
    present = present_value_of(payments, rate)
    loss = 100 * (1 - present / fraction(terms["carrying_amount"]))
    return {"figures": {"present_value": present, "loss_percent": loss}}
