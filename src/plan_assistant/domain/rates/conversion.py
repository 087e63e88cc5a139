"""Nominal, periodic and effective annual rates."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.rates.roots import GRID


def effective_from_nominal(nominal: Fraction, periods_a_year: int) -> Fraction:
    """Return (1 + nominal/periods)^periods - 1, exactly."""
    _refuse_no_period(periods_a_year)
    return (1 + nominal / periods_a_year) ** periods_a_year - 1


def nominal_from_effective(effective: Fraction, periods_a_year: int) -> Fraction:
    """Return periods x ((1 + effective)^(1/periods) - 1), the root rounded half up to 10^-15."""
    return periods_a_year * period_rate_from_effective(effective, periods_a_year)


def period_rate_from_effective(
    effective: Fraction, periods_a_year: int, decimals: int | None = None
) -> Fraction:
    """Return (1 + effective)^(1/periods) - 1, rounded half up to `decimals` (default 15).

    Raises InvalidTerms for a loss of everything or more, which no periodic rate describes.
    """
    _refuse_no_period(periods_a_year)
    if effective <= -1:
        raise InvalidTerms("effective", effective, "is above -1")
    scale = 10**decimals if decimals is not None else GRID * 1000
    target = 1 + effective
    with localcontext() as context:
        context.prec = 60
        grown = Decimal(target.numerator) / Decimal(target.denominator)
        root = (grown.ln() / periods_a_year).exp() - 1
        index = int((root * scale).to_integral_value())
    # The neighbours are compared exactly, so a rounding of the logarithm cannot decide.
    while (1 + Fraction(2 * index + 1, 2 * scale)) ** periods_a_year <= target:
        index += 1
    while (1 + Fraction(2 * index - 1, 2 * scale)) ** periods_a_year > target:
        index -= 1
    return Fraction(index, scale)


def _refuse_no_period(periods_a_year: int) -> None:
    if periods_a_year < 1:
        raise InvalidTerms("periods_a_year", periods_a_year, "a year has at least one period")
