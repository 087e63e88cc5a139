"""Golden cases of negotiations, field by field (SCHEMA 10).

Not here: present_value, which is a matter of rates (`rate_model.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plan_assistant.domain.formats.wire import WHOLE, Few, Many
from plan_assistant.domain.schedule.terms import InterestRounding
from plan_assistant.golden.expected_model import Shape
from plan_assistant.golden.fields import (
    COUNT,
    Amount,
    Decimals,
    Part,
    WrittenAmount,
    WrittenDecimals,
    WrittenNumber,
    WrittenPeriods,
)

_Share = Annotated[WrittenNumber, Field(ge=0)]
_Sum = Annotated[WrittenAmount, Field(ge=0)]
_Component = Literal["interest", "fees", "principal"]


class HousingRatioPart(Part):
    """A target as a share of income."""

    type: Literal["housing_ratio"]
    ratio: _Share


class PaymentCutPart(Part):
    """A target as a fall of the payment."""

    type: Literal["payment_cut"]
    ratio: WrittenNumber


class CapitalisePart(Part):
    """A step that adds the arrears."""

    type: Literal["capitalise_arrears"]


class ReduceRatePart(Part):
    """A step that lowers the rate."""

    type: Literal["reduce_rate"]
    step: Annotated[WrittenNumber, Field(gt=0)]
    floor: _Share


class ExtendTermPart(Part):
    """A step that lengthens the term."""

    type: Literal["extend_term"]
    step: WrittenPeriods
    max_periods: WrittenPeriods


class ForbearPart(Part):
    """A step that forbears principal."""

    type: Literal["forbear_principal"]
    limit: Literal["greater_of", "lesser_of"]
    share_of_balance: _Share
    down_to_ltv: _Share
    requires_ltv_above: _Share | None


LeverPart = Annotated[
    CapitalisePart | ReduceRatePart | ExtendTermPart | ForbearPart, Field(discriminator="type")
]


class WaterfallTerms(Part):
    """A loan, a target and the steps towards it."""

    currency_decimals: WrittenDecimals
    unpaid_principal: Annotated[WrittenAmount, Field(gt=0)]
    arrears: _Sum
    annual_rate: _Share
    remaining_periods: WrittenPeriods
    gross_monthly_income: _Sum | None
    other_housing_cost: _Sum | None
    property_value: _Sum
    current_payment: _Sum | None
    target: Annotated[HousingRatioPart | PaymentCutPart, Field(discriminator="type")]
    steps: Annotated[list[LeverPart], Few]


class WaterfallConventions(Part):
    """How level payments are found."""

    rounding: InterestRounding
    level_payment: Literal["plain"]
    level_payment_basis: Literal["period_rate"]
    remainder: Literal["last_payment"]


class WaterfallShape(Shape):
    """A case of kind waterfall."""

    terms: WaterfallTerms
    conventions: WaterfallConventions


class ShareTerms(Part):
    """A debt, and the shares of the surplus that may repay it."""

    currency_decimals: WrittenDecimals
    debt: Annotated[WrittenAmount, Field(gt=0)]
    monthly_surplus: WrittenAmount
    shares: Annotated[list[Annotated[WrittenNumber, Field(gt=0)]], Many]
    stop_when_periods_at_most: Annotated[int, Field(ge=1), WHOLE]


class ShareConventions(Part):
    """How the share is rounded."""

    rounding: InterestRounding
    remainder: Literal["last_payment"]


class ShareShape(Shape):
    """A case of kind share_of_surplus_plans."""

    terms: ShareTerms
    conventions: ShareConventions


class BufferPart(Part):
    """What is kept back."""

    share: _Share
    cap: _Sum


class AffordabilityTerms(Part):
    """A household's month."""

    currency_decimals: WrittenDecimals
    income: WrittenAmount
    essentials: WrittenAmount
    priority_payments: WrittenAmount
    other_debt_payments: WrittenAmount
    buffer: BufferPart


class AffordabilityConventions(Part):
    """How the buffer is rounded."""

    rounding: InterestRounding


class AffordabilityShape(Shape):
    """A case of kind affordability."""

    terms: AffordabilityTerms
    conventions: AffordabilityConventions


class BucketsPart(Part):
    """Amounts owed, by component."""

    interest: Amount
    fees: Amount
    principal: Amount


class OrderPart(Part):
    """The order up to a number of days past due; null: without end."""

    max_days_past_due: Annotated[int, COUNT] | None
    order: Annotated[list[_Component], Few]


class AllocationTerms(Part):
    """A payment and what it may cover."""

    currency_decimals: Decimals
    payment: Amount
    days_past_due: Annotated[int, Field(ge=0), COUNT]
    buckets: BucketsPart
    orders: Annotated[list[OrderPart], Few]


class AllocationConventions(Part):
    """Which installments come first."""

    within_bucket: Literal["oldest_first"]


class AllocationShape(Shape):
    """A case of kind payment_allocation."""

    terms: AllocationTerms
    conventions: AllocationConventions


class FrontierTerms(Part):
    """A balance, what can be paid of it a month, and how the search moves."""

    currency_decimals: WrittenDecimals
    balance: Annotated[WrittenAmount, Field(gt=0)]
    annual_rate: _Share
    current_periods: WrittenPeriods
    affordable_payment: WrittenAmount
    rate_step: Annotated[WrittenNumber, Field(gt=0)]
    max_periods: WrittenPeriods
    discount_rate: Annotated[WrittenNumber, Field(gt=-1)]
    search: Literal["shortest_term_per_rate", "term_first", "rate_first", "gap"]


class FrontierConventions(WaterfallConventions):
    """How level payments are found and discounted."""

    discounting: Literal["effective_annual_monthly"]


class FrontierShape(Shape):
    """A case of kind frontier."""

    terms: FrontierTerms
    conventions: FrontierConventions
