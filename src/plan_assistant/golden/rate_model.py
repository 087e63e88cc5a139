"""Golden cases that `domain/rates` answers: rates, annuities, rebates, present values.

Sections 7 to 9 of SCHEMA, and present_value of section 10. Their amounts may be finer than the
currency: nothing of them is booked.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan_assistant.domain.formats.wire import Many
from plan_assistant.domain.rates.annuity import When
from plan_assistant.domain.rates.apr import MAX_FLOWS, MAX_UNITS
from plan_assistant.domain.schedule.terms import InterestRounding
from plan_assistant.golden.expected_model import Shape
from plan_assistant.golden.fields import (
    COUNT,
    Amount,
    Decimals,
    Number,
    Part,
    Periods,
    PeriodsAYear,
    PeriodsOrNone,
    RateDecimals,
    refuse_value,
)

_Units = Annotated[int, Field(ge=0, le=MAX_UNITS), COUNT]
_Segments = Field(min_length=1, max_length=2000)


class SegmentPart(Part):
    """Flows of one amount at equal distances."""

    amount: Number | None
    total: Number | None
    count: Annotated[int, Field(ge=1, le=MAX_FLOWS), COUNT]
    first_unit: _Units
    odd_units: Number
    odd_years: Number
    every_units: _Units

    @model_validator(mode="after")
    def _has_an_amount(self) -> Self:
        if self.amount is None and self.total is None:
            refuse_value("a segment has an amount or a total: write one of them")
        return self


class RateTerms(Part):
    """What is lent and what is paid."""

    currency_decimals: Decimals
    unit_periods_per_year: PeriodsAYear
    advances: Annotated[list[SegmentPart], _Segments]
    payments: Annotated[list[SegmentPart], _Segments]


class RateConventions(Part):
    """Which rate is asked."""

    apr_method: Literal["eu_effective", "us_actuarial", "irr_times_periods"]


class RateShape(Shape):
    """A case of kind apr_eu, apr_us or fee_to_rate."""

    terms: RateTerms
    conventions: RateConventions


class CallPart(Part):
    """One call of an annuity function; null is not used by it."""

    function: Literal["pmt", "ipmt", "ppmt", "nper"]
    rate: Number | None
    nper: Number | None
    pmt: Number | None
    pv: Number | None
    fv: Number | None
    per: Number | None
    when: When


class AnnuityTerms(Part):
    """The calls."""

    calls: Annotated[list[CallPart], Field(min_length=1, max_length=2000)]


class AnnuityConventions(Part):
    """The sign of money."""

    sign: Literal["money_out_negative"]


class AnnuityShape(Shape):
    """A case of kind annuity_function."""

    terms: AnnuityTerms
    conventions: AnnuityConventions


class RebateTerms(Part):
    """An agreement that is settled early."""

    currency_decimals: Decimals
    principal: Amount
    instalment: Amount
    periods: Periods
    apr: Number
    settle_after_periods: PeriodsOrNone
    part_period: Number


class RebateConventions(Part):
    """How its rate and its figure are rounded."""

    rounding: InterestRounding
    period_rate_decimals: RateDecimals


class RebateShape(Shape):
    """A case of kind early_settlement_rebate."""

    terms: RebateTerms
    conventions: RebateConventions


class RunPart(Part):
    """Equal payments one after the other."""

    amount: Number
    count: Annotated[int, Field(ge=1, le=MAX_FLOWS), COUNT]


class PresentValueTerms(Part):
    """What is to be paid, and what it is worth in the books."""

    currency_decimals: Decimals
    carrying_amount: Number
    discount_rate: Number
    periods_per_year: PeriodsAYear
    payments: Annotated[list[RunPart], Many]


class PresentValueConventions(Part):
    """How payments are discounted."""

    discounting: Literal["nominal_per_period"]


class PresentValueShape(Shape):
    """A case of kind present_value."""

    terms: PresentValueTerms
    conventions: PresentValueConventions
