"""What all plans of one call of the vector twin share, and which families it can work out.

Not here: the arithmetic (`vector.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from plan_assistant.domain.calendar import MONTHLY, Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Currency
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DeferredRounding,
    Grace,
    LevelPayment,
    LevelPaymentBasis,
    PeriodInterest,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)
from plan_assistant.domain.schedule.validation import MAX_PERIODS, check_rounding
from plan_assistant.domain.schedule.vector_figures import PPM


@dataclass(frozen=True, slots=True)
class VectorFamily:
    """What all plans of one call share; rates are annual, in parts per million."""

    periods: int
    amortization: Amortization = Amortization.EQUAL_INSTALLMENT
    grace: Grace = field(default_factory=Grace)
    """Interest grace goes with as long a principal grace; `interest_free` is not supported."""
    frequency: Frequency = MONTHLY
    arrears_treatment: ArrearsTreatment = ArrearsTreatment.SPREAD
    conventions: Conventions = field(default_factory=Conventions)
    """Rounding, payment rounding and deferred collection as given; days play no part. Everything
    else that would change a cent must be as in `_NEEDED`."""
    currency: Currency = CNY

    def __post_init__(self) -> None:
        grace = self.grace
        if self.amortization not in _SUPPORTED:
            raise InvalidTerms(
                "amortization", self.amortization.value, "no vector arithmetic for it"
            )
        if self.periods < 1 or max(grace.principal, grace.interest) >= self.periods:
            raise InvalidTerms("periods", self.periods, "at least one installment after the grace")
        if self.periods > MAX_PERIODS:
            raise InvalidTerms("periods", self.periods, f"at most {MAX_PERIODS} installments")
        if self.frequency.every < 1:
            raise InvalidTerms("frequency", self.frequency.every, "at least one unit apart")
        if grace.interest_free or (grace.interest and grace.interest != grace.principal):
            raise InvalidTerms("grace", grace, "a deferral takes interest and principal alike")
        if self.frequency.unit is Unit.DAYS:
            raise InvalidTerms("frequency", "days", "months or weeks")
        check_rounding(self.conventions.rounding)
        for name, allowed in _NEEDED.items():
            value = getattr(self.conventions, name)
            if value not in allowed:
                raise InvalidTerms(name, value, "no vector arithmetic for it")

    def terms(self, principal: int, rate_ppm: int, arrears: int = 0) -> Terms:
        """Return the same plan for one account, for `price`."""
        money = self.currency.money
        return Terms(
            principal=money(principal),
            annual_rate=Fraction(rate_ppm, PPM),
            periods=self.periods,
            start=None,
            first_due=None,
            frequency=self.frequency,
            amortization=self.amortization,
            grace=self.grace,
            arrears=money(arrears) if arrears else None,
            arrears_treatment=self.arrears_treatment,
            conventions=self.conventions,
        )


_NEEDED: dict[str, tuple[object, ...]] = {
    "rounding_stage": (RoundingStage.EACH_PERIOD,),
    "period_rate_decimals": (None,),
    "period_interest": (PeriodInterest.SAME_AS_PERIOD,),
    "level_payment": (LevelPayment.PLAIN,),
    # With regular periods alone both solve the same recursion.
    "level_payment_basis": (LevelPaymentBasis.PERIOD_RATE, LevelPaymentBasis.PERIOD_FRACTIONS),
    "remainder": (Remainder.LAST_PAYMENT,),
    "total_interest": (TotalInterest.SUM_OF_ROWS,),
    "deferred_interest": (DeferredRounding.ROUND_EACH,),
}
_SUPPORTED = {
    Amortization.EQUAL_INSTALLMENT,
    Amortization.EQUAL_PRINCIPAL,
    Amortization.INTEREST_ONLY,
}
