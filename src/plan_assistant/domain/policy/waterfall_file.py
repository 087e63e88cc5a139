"""Reads a published waterfall from the bytes of a TOML file, every problem at once.

Not here: what its levers do (`offers/waterfall.py`) and where the files lie
(`adapters/waterfalls.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.offers.levers import (
    AffordablePayment,
    CapitaliseArrears,
    ExtendTerm,
    ForbearPrincipal,
    HousingRatio,
    Limit,
    PaymentCut,
    ReduceFees,
    ReduceRate,
    Target,
)
from plan_assistant.domain.offers.published import (
    Bracket,
    ShareOfSurplus,
    Step,
    TermByBalance,
    Waterfall,
)
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.misfits import validated
from plan_assistant.domain.policy.parts import Amount, Bilingual, Exact, Part, ShareOfOne
from plan_assistant.domain.schedule.validation import MAX_PERIODS

FORMAT = "plan-assistant/waterfall@1"

Periods = Annotated[int, Field(strict=True, ge=1, le=MAX_PERIODS)]
AboveZero = Annotated[Exact, Field(gt=0)]


class _TargetPart(Part):
    below_days_past_due: int | None = Field(default=None, ge=1)


class _HousingRatio(_TargetPart):
    type: Literal["housing_ratio"]
    ratio: ShareOfOne

    def made(self) -> Target:
        return HousingRatio(self.ratio, self.below_days_past_due)


class _PaymentCut(_TargetPart):
    type: Literal["payment_cut"]
    ratio: ShareOfOne

    def made(self) -> Target:
        return PaymentCut(self.ratio, self.below_days_past_due)


class _AffordablePayment(_TargetPart):
    type: Literal["affordable_payment"]

    def made(self) -> Target:
        return AffordablePayment(self.below_days_past_due)


class _CapitaliseArrears(Part):
    type: Literal["capitalise_arrears"]

    def made(self) -> Step:
        return CapitaliseArrears()


class _ReduceRate(Part):
    type: Literal["reduce_rate"]
    step: AboveZero | None = None
    """Left out: to the floor at once."""
    floor: ShareOfOne | Literal["modification_rate"]
    always: bool = False
    requires_ltv_at_least: Amount | None = None

    def made(self) -> Step:
        floor = None if self.floor == "modification_rate" else self.floor
        assert not isinstance(floor, str)
        return ReduceRate(self.step, floor, self.always, self.requires_ltv_at_least)


class _ExtendTerm(Part):
    type: Literal["extend_term"]
    step: Periods | None = None
    """Left out: to the maximum at once."""
    max_periods: Periods
    max_times_original: Annotated[Exact, Field(ge=1)] | None = None
    always: bool = False

    def made(self) -> Step:
        return ExtendTerm(self.step, self.max_periods, self.max_times_original, self.always)


class _ReduceFees(Part):
    type: Literal["reduce_fees"]
    always: bool = False

    def made(self) -> Step:
        return ReduceFees(self.always)


class _ForbearPrincipal(Part):
    type: Literal["forbear_principal"]
    limit: Limit
    share_of_balance: ShareOfOne
    down_to_ltv: Amount
    requires_ltv_above: Amount | None = None
    always: bool = False

    def made(self) -> Step:
        return ForbearPrincipal(
            self.limit,
            self.share_of_balance,
            self.down_to_ltv,
            self.requires_ltv_above,
            self.always,
        )


class _ShareOfSurplus(Part):
    type: Literal["share_of_surplus_plans"]
    shares: Annotated[tuple[AboveZero, ...], Field(min_length=1)]
    stop_when_periods_at_most: int = Field(strict=True, ge=1)

    def made(self) -> Step:
        return ShareOfSurplus(self.shares, self.stop_when_periods_at_most)


class _Bracket(Part):
    up_to: AboveZero
    periods: Periods


class _TermByBalance(Part):
    type: Literal["term_by_balance"]
    payment_multiple_of: AboveZero
    brackets: Annotated[tuple[_Bracket, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        amounts = [bracket.up_to for bracket in self.brackets]
        if amounts != sorted(set(amounts)):
            raise ValueError("brackets must rise: each up_to above the one before")
        return self

    def made(self) -> Step:
        brackets = tuple(Bracket(item.up_to, item.periods) for item in self.brackets)
        return TermByBalance(brackets, self.payment_multiple_of)


class WaterfallFile(Part):
    """A waterfall as it stands in its file."""

    format: Literal["plan-assistant/waterfall@1"]
    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    title: Bilingual
    source: str = Field(min_length=1)
    confidence: Confidence
    note: Bilingual | None = None
    products: Annotated[tuple[Product, ...], Field(min_length=1)] = tuple(Product)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    capitalises: tuple[Component, ...] = ()
    periods_when_open: Periods | None = None
    targets: Annotated[
        tuple[
            Annotated[
                _HousingRatio | _PaymentCut | _AffordablePayment, Field(discriminator="type")
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    steps: Annotated[
        tuple[
            Annotated[
                _CapitaliseArrears
                | _ReduceRate
                | _ExtendTerm
                | _ReduceFees
                | _ForbearPrincipal
                | _ShareOfSurplus
                | _TermByBalance,
                Field(discriminator="type"),
            ],
            ...,
        ],
        Field(min_length=1),
    ]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = list(self._contradictions())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _contradictions(self) -> Iterator[str]:
        kinds = [step.type for step in self.steps]
        whole = {"share_of_surplus_plans", "term_by_balance"} & set(kinds)
        if whole and len(kinds) > 1:
            yield f"step {min(whole)} makes whole plans and stands alone"
        if not whole and bool(self.capitalises) is not ("capitalise_arrears" in kinds):
            yield "capitalises names what the step capitalise_arrears adds: give both or neither"
        if kinds.count("capitalise_arrears") > 1:
            yield "the step capitalise_arrears stands twice"
        if Component.PRINCIPAL in self.capitalises:
            yield "capitalises cannot name principal, which is the balance itself"
        if len(set(self.capitalises)) < len(self.capitalises):
            yield "capitalises names a component twice"
        if "term_by_balance" in kinds and self.currency is None:
            yield "a table of balances needs the currency of its amounts"
        if all(target.below_days_past_due is not None for target in self.targets):
            yield "one target must hold for every debt: leave out its below_days_past_due"

    @property
    def waterfall(self) -> Waterfall:
        """The waterfall as the domain takes it."""
        return Waterfall(
            name=self.name,
            title={str(key): text for key, text in self.title.items()},
            source=self.source,
            confidence=self.confidence,
            note={str(key): text for key, text in (self.note or {}).items()},
            products=self.products,
            currency=self.currency,
            capitalises=self.capitalises,
            periods_when_open=self.periods_when_open,
            targets=tuple(target.made() for target in self.targets),
            steps=tuple(step.made() for step in self.steps),
        )


def read_waterfall(content: bytes, source: str) -> Waterfall:
    """Read a waterfall from the bytes of a TOML file; raises InputRefused with every problem."""
    return validated(WaterfallFile, content, source).waterfall
