"""Present values, exact until they are rounded once to the minor unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from plan_assistant.domain.money import Money, Rounding, round_fraction
from plan_assistant.domain.rates.apr import refuse_many_flows
from plan_assistant.domain.rates.roots import refuse_total_loss
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.schedule import Schedule


def present_value_of(payments: Sequence[Fraction | int], period_rate: Fraction) -> Fraction:
    """Return payments at the end of each period discounted at a period rate, exactly.

    Raises InvalidTerms for a rate of -1 or less, and for more payments than are priced.
    """
    refuse_total_loss("discount_rate", period_rate)
    refuse_many_flows("payments", len(payments))
    p, q = period_rate.numerator, period_rate.denominator
    grown = p + q
    total: Fraction | int = 0
    # Horner from the last payment: (total + payment) x q / (p + q), denominators kept apart.
    power = 1
    for payment in reversed(payments):
        total = (total + payment * power) * q
        power *= grown
    return Fraction(total) / power


def present_value(
    schedule: Schedule, annual_rate: Fraction, rounding: Rounding = Rounding.HALF_UP
) -> Money:
    """Return all payments of a plan discounted at annual_rate x period, rounded once.

    A down payment counts in full; row k counts k periods, whatever its days.
    """
    payments = list(schedule.columns.payment)
    down = payments.pop(0) if schedule.has_down_payment else 0
    exact = down + present_value_of(
        payments, annual_rate * nominal_fraction(schedule.terms.frequency)
    )
    return schedule.currency.money(round_fraction(exact, rounding))


def present_value_effective(
    payments: Sequence[int],
    annual_rate: Fraction,
    periods_a_year: Fraction | int,
    rounding: Rounding = Rounding.HALF_UP,
) -> int:
    """Return payments discounted by (1 + annual_rate)^(k / periods_a_year), rounded once.

    The roots are irrational, so the sum is formed with 60 digits and rounded from there. Raises
    InvalidTerms for a rate of -1 or less.
    """
    refuse_total_loss("discount_rate", annual_rate)
    with localcontext() as context:
        context.prec = 60
        grown = 1 + Decimal(annual_rate.numerator) / Decimal(annual_rate.denominator)
        part = 1 / Fraction(periods_a_year)
        discount = (-grown.ln() * part.numerator / part.denominator).exp()
        total = Decimal(0)
        for payment in reversed(payments):
            total = (total + payment) * discount
        return round_fraction(Fraction(total), rounding)


def present_value_by_row(schedule: Schedule, annual_rate: Fraction) -> Money:
    """Return all payments of a plan discounted at an effective annual rate, rounded once.

    A down payment counts in full; row k counts k periods, whatever its days.
    """
    payments = list(schedule.columns.payment)
    down = payments.pop(0) if schedule.has_down_payment else 0
    a_year = 1 / nominal_fraction(schedule.terms.frequency)
    return schedule.currency.money(down + present_value_effective(payments, annual_rate, a_year))
