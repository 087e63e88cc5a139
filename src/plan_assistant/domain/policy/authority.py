"""The authority table: what each role may grant alone.

Not here: how a plan is held against it (`authority_tests.py`).
"""

from __future__ import annotations

from fractions import Fraction

from pydantic import Field

from plan_assistant.domain.debt import Component
from plan_assistant.domain.policy.parts import Part, ShareOfOne, WholeUnits
from plan_assistant.domain.verdict import Verdict


class WaiverLimit(Part):
    """How much of a component a role may waive: within the share, and within the amount."""

    share: ShareOfOne
    amount: dict[str, WholeUnits]
    """By currency; a currency that is not listed has no limit of its own beside the share."""


class Authority(Part):
    """What a role may grant alone."""

    longest_term_months: int = Field(ge=1)
    latest_first_payment_days: int = Field(ge=0)
    longest_grace_months: int = Field(ge=0)
    lowest_rate_share: ShareOfOne
    """The lowest rate, as a share of the contract rate: 1 is no cut at all."""
    largest_waiver: dict[Component, WaiverLimit] = Field(default_factory=dict)
    """A component that is not listed may not be waived."""
    lowest_down_payment_share: ShareOfOne = Fraction(0)
    """Of what is owed."""
    largest_owed: dict[str, WholeUnits]
    """By currency; a debt in a currency that is not listed asks for approval."""
    restructurings_12_months: int = Field(default=1, ge=0)
    """How many restructurings, this plan included, one debt may have within 12 months."""
    restructurings_60_months: int = Field(default=2, ge=0)
    verdicts: tuple[Verdict, ...]
    lender_may_loosen: tuple[str, ...] = ()
    """Fields that a pack which extends this one may widen."""
