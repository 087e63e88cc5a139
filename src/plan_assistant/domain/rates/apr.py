"""Annual percentage rates of dated advances and payments.

US: the actuarial method of Regulation Z, Appendix J (odd days at simple interest). EU: the formula
of Directive 2008/48/EC, Annex I (every time compounds). IRR x periods: the rate of a unit-period
times the unit-periods of a year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.rates.conversion import effective_from_nominal
from plan_assistant.domain.rates.roots import GRID, RateUndefined, find_rate, require_one_rate

_DIGITS = 60
MAX_FLOWS = 4_000
"""A payment a day for ten years."""
MAX_UNITS = 12_000
"""A thousand years of months, thirty of days: the time that the last flow may lie away."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Money at a time: advances negative, payments positive."""

    amount: Fraction | int
    units: int
    """Whole unit-periods after the start."""
    odd: Fraction = Fraction(0)
    """The part of a unit-period beyond them."""

    @property
    def time(self) -> Fraction:
        """Unit-periods after the start."""
        return self.units + self.odd


def refuse_many_flows(field: str, count: int) -> None:
    """Raise InvalidTerms for more flows than are priced in a moment."""
    if count > MAX_FLOWS:
        raise InvalidTerms(field, count, f"at most {MAX_FLOWS} payments are priced")


def _in_time_order(flows: Sequence[Flow]) -> list[Flow]:
    """Return the flows in time order; raises InvalidTerms for more or later ones than are priced.

    Exact powers of a rate take a time that grows with the square of the exponent.
    """
    refuse_many_flows("flows", len(flows))
    for flow in flows:
        if not (0 <= flow.units <= MAX_UNITS and abs(flow.odd) <= MAX_UNITS):
            reason = f"a flow lies at most {MAX_UNITS} unit-periods after the start"
            raise InvalidTerms("units", flow.units + int(flow.odd), reason)
    return sorted(flows, key=lambda flow: flow.time)


def us_apr(flows: Sequence[Flow], units_a_year: int) -> Fraction:
    """Return the US APR as a fraction of one: unit-periods a year times the actuarial rate."""
    return us_period_rate(flows) * units_a_year


def us_period_rate(flows: Sequence[Flow]) -> Fraction:
    """Return the rate i of a unit-period that solves sum of c / ((1 + f i)(1 + i)^t) = 0."""
    ordered = _in_time_order(flows)
    side = require_one_rate(_by_time(ordered))
    by_odd: dict[Fraction, dict[int, Fraction | int]] = {}
    for flow in ordered:
        group = by_odd.setdefault(flow.odd, {})
        group[flow.units] = group.get(flow.units, 0) + side * flow.amount

    # Only the sign is asked, so everything is multiplied out: a quotient of integers as long as
    # these would be reduced first, which costs far more than any product.
    scale = math.lcm(*(flow.amount.denominator for flow in ordered))
    last = max(flow.units for flow in ordered)
    groups = [
        (odd, [(units, int(amount * scale)) for units, amount in sorted(group.items())])
        for odd, group in by_odd.items()
    ]

    def sign(rate: Fraction) -> int:
        top, bottom = 0, 1
        for odd, group in groups:
            simple = 1 + odd * rate
            if simple <= 0:
                # Beyond such a rate the odd part of a period would discount by less than nothing.
                raise RateUndefined("beyond_limit" if rate > 0 else "total_loss")
            worth = _compounded(group, rate, last) * simple.denominator
            top = top * simple.numerator + worth * bottom
            bottom *= simple.numerator
        return (top > 0) - (top < 0)

    def value(rate: Decimal) -> Decimal:
        growth = 1 + rate
        total = Decimal(0)
        for odd, group in by_odd.items():
            part = sum(
                (_decimal(amount) / growth**units for units, amount in group.items()), Decimal(0)
            )
            total += part / (1 + _decimal(odd) * rate)
        return total

    return find_rate(value, sign)


def _compounded(group: Sequence[tuple[int, int]], rate: Fraction, last: int) -> int:
    """Return the sum of c / (1 + rate)^t, times the integer that makes it one for every group.

    With 1 + rate = g / q it is the sum of c q^t g^(last - t). Halves are summed first: products of
    numbers that are equally long are the cheapest.
    """
    q = rate.denominator
    grown = rate.numerator + q

    def between(start: int, end: int) -> int:
        """Return the sum of c q^(t - first t) g^(last t - t) over a run of the group."""
        if end - start == 1:
            return group[start][1]
        middle = (start + end) // 2
        early = between(start, middle) * _power(grown, group[end - 1][0] - group[middle - 1][0])
        late = between(middle, end) * _power(q, group[middle][0] - group[start][0])
        return early + late

    first, final = group[0][0], group[-1][0]
    return between(0, len(group)) * _power(q, first) * _power(grown, last - final)


def _power(base: int, exponent: int) -> int:
    """Return base^exponent for an exponent that is not negative."""
    return int(base**exponent)


def eu_apr(flows: Sequence[Flow], units_a_year: int) -> Fraction:
    """Return the EU APR as a fraction of one: (1 + i)^units_a_year - 1."""
    return effective_from_nominal(irr_rate(flows) * units_a_year, units_a_year)


def irr_rate(flows: Sequence[Flow]) -> Fraction:
    """Return the rate i of a unit-period that solves sum of c / (1 + i)^(t + f) = 0."""
    ordered = _in_time_order(flows)
    side = require_one_rate(_by_time(ordered))
    if all(not flow.odd for flow in ordered):
        return us_period_rate(ordered)
    timed = [(_decimal(side * flow.amount), _decimal(flow.time)) for flow in ordered]
    size = sum(abs(amount) for amount, _ in timed)

    def value(rate: Decimal) -> Decimal:
        log = (1 + rate).ln()
        return sum((amount * (-time * log).exp() for amount, time in timed), Decimal(0))

    def sign(rate: Fraction) -> int:
        with localcontext() as context:
            context.prec = _DIGITS
            total = value(_decimal(rate))
            # Sixty digits leave an error far below this bound, which is far below a grid step.
            noise = size * Decimal(10) ** -45
            return 0 if abs(total) < noise else (1 if total > 0 else -1)

    return find_rate(value, sign, grid=GRID * 1000)


def _by_time(ordered: Sequence[Flow]) -> list[Fraction | int]:
    """Return the flows in time order, those at one time added up."""
    totals: dict[Fraction, Fraction | int] = {}
    for flow in ordered:
        totals[flow.time] = totals.get(flow.time, 0) + flow.amount
    return list(totals.values())


def _decimal(value: Fraction | int) -> Decimal:
    return (
        Decimal(value)
        if isinstance(value, int)
        else Decimal(value.numerator) / Decimal(value.denominator)
    )
