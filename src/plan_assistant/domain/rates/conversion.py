"""Nominal, periodic and effective annual rates."""

from __future__ import annotations

from decimal import MAX_EMAX, Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.rates.roots import GRID, refuse_total_loss

MAX_PERIODS_A_YEAR = 366
"""One a day."""
MAX_DECIMALS = 60
"""Of a rate that is rounded: twice what anybody writes."""


def effective_from_nominal(nominal: Fraction, periods_a_year: int) -> Fraction:
    """Return (1 + nominal/periods)^periods - 1, exactly.

    Raises InvalidTerms for a rate that loses everything, or more, in a period.
    """
    _check_periods(periods_a_year)
    if nominal <= -periods_a_year:
        raise InvalidTerms("nominal", nominal, "it loses everything in a period")
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
    _check_periods(periods_a_year)
    refuse_total_loss("effective", effective)
    if decimals is not None and not 0 <= decimals <= MAX_DECIMALS:
        raise InvalidTerms("decimals", decimals, f"a rate has 0 to {MAX_DECIMALS} decimals")
    scale = 10**decimals if decimals is not None else GRID * 1000
    # The half steps below the answer are the odd multiples of 1/(2 scale) up to the root.
    grown = (1 + effective) * (2 * scale) ** periods_a_year
    halves = _root(grown.numerator // grown.denominator, periods_a_year)
    return Fraction((halves + 1) // 2 - scale, scale)


def _root(number: int, degree: int) -> int:
    """Return the largest integer whose power is at most a number of zero or more."""
    if number == 0:
        return 0
    with localcontext() as context:
        context.prec, context.Emax = 60, MAX_EMAX
        # Newton's steps fall to the root from any start that is not below it.
        near = (Decimal(number).ln() / degree).exp() * (1 + Decimal(10) ** -50)
        root = int(near) + 1
    while (lower := ((degree - 1) * root + number // root ** (degree - 1)) // degree) < root:
        root = lower
    return root


def _check_periods(periods_a_year: int) -> None:
    if periods_a_year < 1:
        raise InvalidTerms("periods_a_year", periods_a_year, "a year has at least one period")
    if periods_a_year > MAX_PERIODS_A_YEAR:
        reason = f"a year has at most {MAX_PERIODS_A_YEAR} periods"
        raise InvalidTerms("periods_a_year", periods_a_year, reason)
