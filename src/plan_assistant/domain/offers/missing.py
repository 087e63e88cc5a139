"""What is missing for a plan that fits, as data. Not here: how it is found (`gap.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.policy.findings import Finding, Measure, Role


class Lever(StrEnum):
    """What could be moved."""

    INCOME = "income"
    """A month more of verified income."""
    PAYMENT = "payment"
    """A month more than was dialled, which the household can pay."""
    LENGTH = "length"
    """More payments."""
    RATE = "rate"
    """Percentage points less, in hundredths of a point."""
    WAIVER = "waiver"
    DOWN_PAYMENT = "down_payment"


@dataclass(frozen=True, slots=True)
class Missing:
    """The smallest change of one lever that makes a plan fit."""

    lever: Lever
    change: Measure
    plan: Plan
    """The plan that would fit."""
    may_allow: Role | None
    """Who may allow it; None where the person at work may, or nobody."""
    blocked_by: Finding | None
    """The rule that forbids it to everybody, if one does."""
    closed: str | None = None
    """The field of the pack's levers that is not open so far; None where it is."""
    beyond_dial: Money | None = None
    """Beside more income: how much more a month has to be offered than was dialled."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing, lever by lever; a lever that cannot help alone is not listed."""

    nearest: Plan
    """The plan from which each lever is moved."""
    missing: tuple[Missing, ...]
    is_mine: bool
    """Whether the terms of that plan lie within the authority of the person at work."""
