"""Terms and conventions of golden loan cases, field by field (SCHEMA 2 to 6).

Not here: their events (`event_model.py`) and what the engine makes of them (`loan_terms.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plan_assistant.domain.calendar import MonthEnd, Unit
from plan_assistant.domain.formats.wire import Day, Many
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.terms import (
    Amortization,
    DayCount,
    DeferredRounding,
    InterestRounding,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    OddFirstPeriod,
    OverdueInterest,
    PeriodInterest,
    RateChangeDay,
    RateChangePayment,
    Remainder,
    RoundingStage,
    TotalInterest,
)
from plan_assistant.golden.event_model import EventPart
from plan_assistant.golden.expected_model import Shape
from plan_assistant.golden.fields import (
    COUNT,
    MOST_DAYS,
    Amount,
    Decimals,
    Number,
    Part,
    Periods,
    PeriodsOrNone,
    RateDecimals,
)


class QuotedRatePart(Part):
    """How the source quotes the rate, for readers; `annual_rate` has it converted."""

    rate: Number
    basis: Literal["whole_term"]


class FrequencyPart(Part):
    """How often a payment falls due."""

    every: Annotated[int, Field(ge=1, le=MOST_DAYS), COUNT]
    unit: Unit


class GracePart(Part):
    """Periods at the start in which less is asked."""

    principal: PeriodsOrNone
    interest: PeriodsOrNone
    interest_treatment: InterestTreatment
    interest_free: PeriodsOrNone


class StepPart(Part):
    """A run of installments with one payment; null is the computed level payment."""

    periods: Periods
    payment: Amount | None


class DownPaymentPart(Part):
    """A share of the principal, paid on the start date."""

    share: Number


class FinancedFeePart(Part):
    """A fee inside the principal."""

    type: Literal["financed"]
    amount: Amount


class FixedFeePart(Part):
    """A fee of a given amount on a day."""

    type: Literal["fixed"]
    due_date: Day
    amount: Amount


class PercentFeePart(Part):
    """A fee of a share of every row."""

    type: Literal["instalment_percent"]
    rate: Number
    of: Literal["principal_and_interest"] = "principal_and_interest"
    """Only the schema names it: SCHEMA 2 knows no other."""


FeePart = Annotated[FinancedFeePart | FixedFeePart | PercentFeePart, Field(discriminator="type")]


class LoanTerms(Part):
    """Terms of a loan."""

    principal: Amount
    currency_decimals: Decimals
    annual_rate: Number
    quoted_rate: QuotedRatePart | None
    periods: Periods
    frequency: FrequencyPart
    start_date: Day | None
    first_due_date: Day | None
    due_day: Annotated[int, Field(ge=1, le=31), COUNT] | None
    as_of: Day | None
    amortization: Amortization
    grace: GracePart
    payment: Amount | None
    payment_steps: Annotated[list[StepPart], Many]
    principal_payment: Amount | None
    balloon: Amount | None
    down_payment: DownPaymentPart | None
    fees: Annotated[list[FeePart], Many]
    skip_months: Annotated[list[Annotated[int, Field(ge=1, le=12), COUNT]], Many]
    payment_multiple_of: Amount | None


class LoanConventions(Part):
    """Conventions of a loan. Literals stand where the engine knows more than the format does."""

    rounding: InterestRounding
    rounding_stage: RoundingStage
    period_rate_decimals: RateDecimals | None
    day_count: DayCount
    period_interest: PeriodInterest
    odd_first_period: OddFirstPeriod
    level_payment: LevelPayment
    level_payment_basis: LevelPaymentBasis
    payment_rounding: Rounding
    remainder: Remainder
    total_interest: TotalInterest
    deferred_interest: DeferredRounding
    deferred_collection: Literal["within_payment", "on_top"]
    month_end: MonthEnd
    rate_change_day: RateChangeDay
    rate_change_payment: RateChangePayment
    pause_days: Literal["both_inclusive"]
    overdue_interest: OverdueInterest
    fee_date: Literal["first_due_on_or_after"]
    apr_method: Literal["us_actuarial", "simple_days_365"] | None


class LoanShape(Shape):
    """A case of a loan kind."""

    terms: LoanTerms
    conventions: LoanConventions
    events: Annotated[list[EventPart], Many]
