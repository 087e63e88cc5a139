"""The levers of a pack: which part of the plan space is searched.

Not here: the search itself (`domain/offers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import product
from typing import Annotated

from pydantic import Field

from plan_assistant.domain.debt import Component
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.parts import Part, ShareOfOne


@dataclass(frozen=True, slots=True)
class Waiver:
    """Which share of each component is given up; principal never is."""

    interest: Fraction = Fraction(0)
    penalty_interest: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)

    @property
    def shares(self) -> tuple[tuple[Component, Fraction], ...]:
        """Every component of which something is given up, with its share."""
        parts = (
            (Component.INTEREST, self.interest),
            (Component.PENALTY_INTEREST, self.penalty_interest),
            (Component.FEE, self.fee),
            (Component.COST, self.cost),
        )
        return tuple((component, share) for component, share in parts if share)


class Waivers(Part):
    """Which shares of each component may be given up: each with each share of the others."""

    interest: tuple[ShareOfOne, ...] = ()
    penalty_interest: tuple[ShareOfOne, ...] = ()
    fee: tuple[ShareOfOne, ...] = ()
    cost: tuple[ShareOfOne, ...] = ()

    @property
    def combinations(self) -> tuple[Waiver, ...]:
        """Every combination, giving up nothing first."""
        levers = (self.interest, self.penalty_interest, self.fee, self.cost)
        every = product(*((Fraction(0), *shares) for shares in levers))
        return tuple(Waiver(*shares) for shares in every)

    @property
    def largest(self) -> Waiver:
        """The most that may be given up of each component."""
        levers = (self.interest, self.penalty_interest, self.fee, self.cost)
        return Waiver(*(max(shares, default=Fraction(0)) for shares in levers))


class StepPattern(Part):
    """Less in the first months: a share of the level payment, the rest level afterwards."""

    months: int = Field(ge=1, le=60)
    share: ShareOfOne


class OldCharges(StrEnum):
    """What a plan does with charges that are already owed beside the principal."""

    SPREAD = "spread"
    """In equal parts over all installments, without interest."""
    FIRST_INSTALLMENT = "first_installment"
    LAST_INSTALLMENT = "last_installment"
    """Carried to the end, without interest."""
    CAPITALISE = "capitalise"
    """Old interest joins the principal and bears interest; penalties, fees and costs are spread."""


class Rhythm(StrEnum):
    """How often the borrower pays."""

    MONTH = "month"
    FORTNIGHT = "fortnight"
    WEEK = "week"


class Space(Part):
    """The part of the plan space that is searched: every lever with its values."""

    families: tuple[Family, ...] = Field(min_length=1)
    min_periods: int = Field(ge=1)
    max_periods: int = Field(le=1200)
    graces: tuple[Annotated[int, Field(ge=1, le=60)], ...]
    """Lengths of a grace in months, for the families that have one."""
    rate_step: ShareOfOne
    """The contract rate is lowered by this, again and again; 0 leaves it."""
    lowest_rate: ShareOfOne
    """As an annual rate; the family without further interest does not depend on it."""
    waivers: Waivers = Waivers()
    """What may be given up; giving up nothing is always searched."""
    old_charges: tuple[OldCharges, ...] = Field(min_length=1)
    down_payment_shares: tuple[ShareOfOne, ...] = ()
    """Of the cash beyond a month's outgoings; no down payment is always searched."""
    steps: tuple[StepPattern, ...] = ()
    rhythms: tuple[Rhythm, ...] = Field(min_length=1)
    multiples: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Level payments in multiples of whole units; to the cent is always searched."""
    first_payments: int = Field(default=1, ge=1, le=12)
    """On how many due days in a row the first payment may fall."""
    discount_rate: ShareOfOne
    """Effective annual rate of the lender's present value."""
    first_payment_min_days: int = Field(ge=0)
    """Days from today before which no first payment is proposed."""
    first_payment_max_days: int = Field(ge=0, le=3660)
    """Days from today after which no first payment is searched."""
    days_after_payday: int = Field(ge=0, le=27)
    default_due_day: int = Field(ge=1, le=28)
    offers: int = Field(ge=3, le=5)
    lender_may_loosen: tuple[str, ...] = ()
    """Fields that a pack which extends this one may widen."""

    @property
    def max_grace_months(self) -> int:
        """The longest grace that is searched."""
        return max(self.graces, default=0)
