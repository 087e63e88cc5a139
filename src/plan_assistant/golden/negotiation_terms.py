"""Reads the terms of the negotiation kinds of golden-case/2 (SCHEMA 10), every problem at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.money import Currency, Money, Rounding
from plan_assistant.golden.files import GoldenCase

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_LONGEST_TEXT = 40


def _decimal(value: object) -> object:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError(f'write it as text, such as "0.07", not {str(value)[:_LONGEST_TEXT]!r}')
    return Fraction(value)


Decimal = Annotated[Fraction, BeforeValidator(_decimal)]
Share = Annotated[Decimal, Field(ge=0)]
Count = Annotated[int, Field(strict=True, ge=1, le=1200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class _Terms(_Part):
    """Terms with the decimals of their amounts."""

    amounts: ClassVar[tuple[str, ...]] = ()
    """The fields that are amounts."""
    currency_decimals: int = Field(strict=True, ge=0, le=9)

    @property
    def currency(self) -> Currency:
        """A currency with those decimals; the format names none."""
        return Currency("XXX", self.currency_decimals)

    def money(self, amount: Fraction) -> Money:
        """Return an amount of the case; `read` has seen that it is whole in minor units."""
        return self.currency.money(int(amount * self.currency.units))


class HousingRatioTerms(_Part):
    """A target as a share of income."""

    type: Literal["housing_ratio"]
    ratio: Share


class PaymentCutTerms(_Part):
    """A target as a fall of the payment."""

    type: Literal["payment_cut"]
    ratio: Decimal


class CapitaliseTerms(_Part):
    """A step that adds the arrears."""

    type: Literal["capitalise_arrears"]


class ReduceRateTerms(_Part):
    """A step that lowers the rate."""

    type: Literal["reduce_rate"]
    step: Annotated[Decimal, Field(gt=0)]
    floor: Share


class ExtendTermTerms(_Part):
    """A step that lengthens the term."""

    type: Literal["extend_term"]
    step: Count
    max_periods: Count


class ForbearTerms(_Part):
    """A step that forbears principal."""

    type: Literal["forbear_principal"]
    limit: Literal["greater_of", "lesser_of"]
    share_of_balance: Share
    down_to_ltv: Share
    requires_ltv_above: Share | None


StepTerms = Annotated[
    CapitaliseTerms | ReduceRateTerms | ExtendTermTerms | ForbearTerms,
    Field(discriminator="type"),
]


class WaterfallTerms(_Terms):
    """Terms of kind waterfall."""

    amounts: ClassVar[tuple[str, ...]] = (
        "unpaid_principal",
        "arrears",
        "gross_monthly_income",
        "other_housing_cost",
        "property_value",
        "current_payment",
    )
    unpaid_principal: Annotated[Decimal, Field(gt=0)]
    arrears: Share
    annual_rate: Share
    remaining_periods: Count
    gross_monthly_income: Share | None
    other_housing_cost: Share | None
    property_value: Share
    current_payment: Share | None
    target: Annotated[HousingRatioTerms | PaymentCutTerms, Field(discriminator="type")]
    steps: tuple[StepTerms, ...]


class ShareTerms(_Terms):
    """Terms of kind share_of_surplus_plans."""

    amounts: ClassVar[tuple[str, ...]] = ("debt", "monthly_surplus")
    debt: Annotated[Decimal, Field(gt=0)]
    monthly_surplus: Decimal
    shares: tuple[Annotated[Decimal, Field(gt=0)], ...]
    stop_when_periods_at_most: int = Field(strict=True, ge=1)


class BufferTerms(_Part):
    """What is kept back."""

    share: Share
    cap: Share


class AffordabilityTerms(_Terms):
    """Terms of kind affordability."""

    amounts: ClassVar[tuple[str, ...]] = (
        "income",
        "essentials",
        "priority_payments",
        "other_debt_payments",
    )
    income: Decimal
    essentials: Decimal
    priority_payments: Decimal
    other_debt_payments: Decimal
    buffer: BufferTerms


class FrontierTerms(_Terms):
    """Terms of kind frontier."""

    amounts: ClassVar[tuple[str, ...]] = ("balance", "affordable_payment")
    balance: Annotated[Decimal, Field(gt=0)]
    annual_rate: Share
    current_periods: Count
    affordable_payment: Decimal
    rate_step: Annotated[Decimal, Field(gt=0)]
    max_periods: Count
    discount_rate: Annotated[Decimal, Field(gt=-1)]
    search: Literal["shortest_term_per_rate", "term_first", "rate_first", "gap"]


class RoundingConventions(_Part):
    """Conventions of kind affordability."""

    rounding: Literal["half_even", "half_up", "down"]

    @property
    def rule(self) -> Rounding:
        """The rounding as the engine takes it."""
        return Rounding(self.rounding)


class ShareConventions(RoundingConventions):
    """Conventions of kind share_of_surplus_plans."""

    remainder: Literal["last_payment"]


class WaterfallConventions(ShareConventions):
    """Conventions of kind waterfall."""

    level_payment: Literal["plain"]
    level_payment_basis: Literal["period_rate"]


class FrontierConventions(WaterfallConventions):
    """Conventions of kind frontier."""

    discounting: Literal["effective_annual_monthly"]


T = TypeVar("T", bound=_Terms)
C = TypeVar("C", bound=RoundingConventions)


def read(case: GoldenCase, terms_model: type[T], conventions_model: type[C]) -> tuple[T, C]:
    """Return the terms and conventions of a case; raises InputRefused with every problem found."""
    problems: list[Problem] = []
    terms = _validated("terms", case.terms, terms_model, problems)
    conventions = _validated("conventions", case.conventions, conventions_model, problems)
    if case.events:
        problems.append(Problem("events", "a negotiation case has no events"))
    if isinstance(terms, _Terms):
        problems += _broken_amounts(terms)
    if problems or terms is None or conventions is None:
        raise InputRefused(case.case_id, problems)
    return terms, conventions


M = TypeVar("M", bound=BaseModel)


def _validated(
    part: str, content: Mapping[str, Any], model: type[M], problems: list[Problem]
) -> M | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for item in error.errors():
            own = item.get("ctx", {}).get("error")
            path = ".".join([part, *map(str, item["loc"])])
            problems.append(Problem(path, str(own) if own else item["msg"]))
    return None


def _broken_amounts(terms: _Terms) -> list[Problem]:
    """Find amounts with more decimals than their currency has."""
    named = {name: getattr(terms, name) for name in terms.amounts}
    if isinstance(terms, AffordabilityTerms):
        named["buffer.cap"] = terms.buffer.cap
    return [
        Problem(f"terms.{name}", f"has more than {terms.currency_decimals} decimals")
        for name, amount in named.items()
        if amount is not None and (amount * terms.currency.units).denominator != 1
    ]
