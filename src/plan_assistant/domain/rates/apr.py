"""Annual percentage rates of dated advances and payments.

US: the actuarial method of Regulation Z, Appendix J (odd days at simple interest). EU: the formula
of Directive 2008/48/EC, Annex I (every time compounds). IRR x periods: the rate of a unit-period
times the unit-periods of a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.rates.conversion import effective_from_nominal
from plan_assistant.domain.rates.roots import GRID, find_rate, require_one_rate

_DIGITS = 60


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


def us_apr(flows: Sequence[Flow], units_a_year: int) -> Fraction:
    """Return the US APR as a fraction of one: unit-periods a year times the actuarial rate."""
    return us_period_rate(flows) * units_a_year


def us_period_rate(flows: Sequence[Flow]) -> Fraction:
    """Return the rate i of a unit-period that solves sum of c / ((1 + f i)(1 + i)^t) = 0."""
    ordered = sorted(flows, key=lambda flow: flow.time)
    side = require_one_rate(_by_time(ordered))
    by_odd: dict[Fraction, dict[int, Fraction | int]] = {}
    for flow in ordered:
        group = by_odd.setdefault(flow.odd, {})
        group[flow.units] = group.get(flow.units, 0) + side * flow.amount

    def sign(rate: Fraction) -> int:
        total = sum(
            (_discounted(group, rate) / (1 + odd * rate) for odd, group in by_odd.items()),
            Fraction(0),
        )
        return (total > 0) - (total < 0)

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


def _discounted(group: dict[int, Fraction | int], rate: Fraction) -> Fraction:
    """Return the sum of c / (1 + rate)^t exactly, with one common denominator."""
    p, q = rate.numerator, rate.denominator
    grown = p + q
    total: Fraction | int = 0
    power = 1
    done = 0
    for units in sorted(group):
        step = units - done
        total = total * grown**step
        power *= q**step
        total += group[units] * power
        done = units
    return Fraction(total) / Fraction(grown**done)


def eu_apr(flows: Sequence[Flow], units_a_year: int) -> Fraction:
    """Return the EU APR as a fraction of one: (1 + i)^units_a_year - 1."""
    return effective_from_nominal(irr_rate(flows) * units_a_year, units_a_year)


def irr_rate(flows: Sequence[Flow]) -> Fraction:
    """Return the rate i of a unit-period that solves sum of c / (1 + i)^(t + f) = 0."""
    ordered = sorted(flows, key=lambda flow: flow.time)
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
