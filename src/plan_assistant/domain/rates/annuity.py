"""Annuity functions in exact rationals: payment, parts of a payment, number of periods.

Money out is negative: pv (1+r)^n + pmt (1 + r w) ((1+r)^n - 1)/r + fv = 0, with w = 1 for payments
at the beginning of a period. These are the formulas of numpy-financial without its floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.rates.roots import refuse_total_loss
from plan_assistant.domain.schedule.validation import MAX_PERIODS


class When(StrEnum):
    """Whether payments fall at the end or the beginning of a period."""

    END = "end"
    BEGIN = "begin"


@dataclass(frozen=True, slots=True)
class Annuity:
    """The five quantities of an annuity; the one to solve for is None.

    Raises InvalidTerms for a rate that loses everything, or more, in a period.
    """

    rate: Fraction
    periods: Fraction | None
    payment: Fraction | None
    present: Fraction
    future: Fraction = Fraction(0)
    when: When = When.END

    def __post_init__(self) -> None:
        refuse_total_loss("rate", self.rate)

    def call(self, function: str, period: Fraction | None = None) -> Fraction:
        """Return pmt, nper, ipmt or ppmt; the parts are those of payment number `period`."""
        match function:
            case "pmt":
                return self.level_payment()
            case "nper":
                return self.number_of_periods()
            case "ipmt":
                return self.interest_part(_whole("per", period))
            case "ppmt":
                return self.level_payment() - self.interest_part(_whole("per", period))
        raise InvalidTerms("function", function, "pmt, nper, ipmt or ppmt")

    def level_payment(self) -> Fraction:
        """Return the payment, exactly."""
        periods = _whole("nper", self.periods)
        if self.rate == 0:
            return -(self.present + self.future) / periods
        grown = (1 + self.rate) ** periods
        return -(self.present * grown + self.future) * self.rate / (self._due * (grown - 1))

    def interest_part(self, period: int) -> Fraction:
        """Return the interest in payment number `period`, exactly."""
        if period < 1 or period > _whole("nper", self.periods):
            raise InvalidTerms("per", period, f"payments are numbered 1 to {self.periods}")
        if self.when is When.BEGIN and period == 1:
            return Fraction(0)
        payment = self.level_payment()
        interest = -self._balance_before(period, payment) * self.rate
        return interest / (1 + self.rate) if self.when is When.BEGIN else interest

    def _balance_before(self, period: int, payment: Fraction) -> Fraction:
        """Return what is owed just before the interest of that payment accrues is counted."""
        grown = (1 + self.rate) ** (period - 1)
        paid = (
            payment * (period - 1)
            if self.rate == 0
            else payment * self._due * (grown - 1) / self.rate
        )
        return self.present * grown + paid

    @property
    def _due(self) -> Fraction:
        return 1 + self.rate if self.when is When.BEGIN else Fraction(1)

    def number_of_periods(self) -> Fraction:
        """Return the number of periods, whole or broken, to 40 digits.

        Raises InvalidTerms where no number of payments gets there.
        """
        payment = self.payment
        if not payment:
            raise InvalidTerms("pmt", payment, "a number of periods needs a payment")
        periods = self._periods_paying(payment)
        if periods < 0:
            raise InvalidTerms("pmt", payment, "no number of payments gets there")
        return periods

    def _periods_paying(self, payment: Fraction) -> Fraction:
        """Return the number of periods that solves the equation, which may lie in the past."""
        if self.rate == 0:
            return -(self.present + self.future) / payment
        step = payment * self._due / self.rate
        ratio = (step - self.future) / (step + self.present) if step + self.present else Fraction(0)
        if ratio <= 0:
            raise InvalidTerms(
                "pmt", payment, "it does not cover the interest, so no number of payments is enough"
            )
        with localcontext() as context:
            context.prec = 50
            log = (Decimal(ratio.numerator) / ratio.denominator).ln()
            base = 1 + self.rate
            return Fraction(log / (Decimal(base.numerator) / base.denominator).ln())


def _whole(field: str, value: Fraction | None) -> int:
    if value is None or value.denominator != 1 or value < 1:
        raise InvalidTerms(field, value, "a whole number of periods, at least one")
    if value > MAX_PERIODS:
        raise InvalidTerms(field, value, f"at most {MAX_PERIODS} periods")
    return value.numerator
