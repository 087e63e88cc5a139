"""Early-settlement figure and rebate of a regulated UK agreement (golden/SCHEMA section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding, round_fraction
from plan_assistant.domain.rates.conversion import period_rate_from_effective
from plan_assistant.domain.schedule.validation import MAX_PERIODS

MAX_PART = 12
"""Periods: beyond it, installments are missing."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settles an agreement early, and what that saves; minor units."""

    settlement_figure: int
    rebate: int


def early_settlement(
    principal: int,
    installment: int,
    periods: int,
    apr: Fraction,
    settled_after: int,
    *,
    part_period: Fraction = Fraction(0),
    rate_decimals: int = 6,
    rounding: Rounding = Rounding.HALF_UP,
) -> Settlement:
    """Return settlement figure and rebate after some installments and a part of a period.

    The monthly rate is the twelfth root of 1 + apr, rounded to `rate_decimals`. Growth over the
    part of a period is a root of an exact number: it is found to 40 decimals.
    """
    if not 1 <= periods <= MAX_PERIODS:
        raise InvalidTerms("periods", periods, f"an agreement has 1 to {MAX_PERIODS} installments")
    if not 0 <= settled_after <= periods:
        raise InvalidTerms(
            "settle_after_periods", settled_after, f"the agreement has {periods} installments"
        )
    if part_period < 0:
        raise InvalidTerms("part_period", part_period, "a part of a period is not below zero")
    if part_period > MAX_PART:
        raise InvalidTerms("part_period", part_period, f"a part of a period is at most {MAX_PART}")
    rate = period_rate_from_effective(apr, 12, rate_decimals)
    balance = Fraction(principal)
    for _ in range(settled_after):
        balance = balance * (1 + rate) - installment
    grown = balance * _power(1 + rate, part_period)
    figure = round_fraction(grown, rounding)
    return Settlement(figure, (periods - settled_after) * installment - figure)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return a power; a broken one is irrational or short, and is found to 40 decimals."""
    if exponent.denominator == 1:
        return base**exponent.numerator
    bits = max(0, base.numerator.bit_length() - base.denominator.bit_length() + 1)
    with localcontext() as context:
        # Three bits are less than a digit: enough for what stands before the point, and 40 behind.
        context.prec = 80 + int(bits * exponent) // 3
        log = (Decimal(base.numerator) / base.denominator).ln()
        grown = (log * exponent.numerator / exponent.denominator).exp()
        return Fraction(grown.quantize(Decimal(10) ** -40))
