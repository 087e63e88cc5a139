"""A line of candidates: the value of every lever but the number of payments.

Not here: which lines there are (`space.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_assistant.domain.calendar import BIWEEKLY, MONTHLY, WEEKLY
from plan_assistant.domain.offers.claim import Claim
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.pack import Rhythm, StepPattern
from plan_assistant.domain.schedule.terms import InterestTreatment

LEVEL = frozenset({Family.EQUAL_INSTALLMENT, Family.EXTENSION})
"""Families that repay level from the first month, which is what most people mean by a plan; an
extension outlives its contract."""
FREE_GRACE = {
    Family.DEFERRAL: InterestTreatment.DEFER,
    Family.DEFERRAL_CAPITALISED: InterestTreatment.CAPITALISE,
}
"""Families whose grace asks for nothing at all."""
WITH_GRACE = frozenset({Family.INTEREST_FIRST, *FREE_GRACE})
FREQUENCIES = {Rhythm.MONTH: MONTHLY, Rhythm.FORTNIGHT: BIWEEKLY, Rhythm.WEEK: WEEKLY}
PAYMENTS_A_YEAR = {Rhythm.MONTH: 12, Rhythm.FORTNIGHT: 26, Rhythm.WEEK: 52}


@dataclass(frozen=True, slots=True)
class Line:
    """A run of candidates that differ only in the number of payments."""

    family: Family
    claim: Claim
    annual_rate: Fraction
    first_due: date
    grace_months: int = 0
    step: StepPattern | None = None
    rhythm: Rhythm = Rhythm.MONTH
    multiple: int = 1
    """Level payments come in multiples of so many minor units."""
