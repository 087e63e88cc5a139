"""The settings over which the first place of an offer is tried.

Not here: the trial itself (`domain/offers/robustness.py`).
"""

from __future__ import annotations

from pydantic import Field

from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.parts import Part, ShareOfOne


class RobustnessBox(Part):
    """Settings over which a plan's first place is tried; priors, not predictions."""

    hazards: tuple[ShareOfOne, ...] = Field(min_length=1)
    """Monthly, at the contractual payment."""
    payment_effects: tuple[bool, ...] = Field(min_length=1)
    """Whether a lower payment lowers the hazard."""
    recoveries: tuple[ShareOfOne, ...] = Field(min_length=1)
    """The share of what is left that a broken plan still brings."""
    recovery_lag_months: int = Field(ge=0, le=120)
    discount_rates: tuple[ShareOfOne, ...] = Field(min_length=1)
    source: str
    confidence: Confidence
