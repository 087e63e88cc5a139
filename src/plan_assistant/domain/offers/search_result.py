"""What the search over the plan space answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.misfit import Misnamed
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.policy.findings import Finding

if TYPE_CHECKING:
    from plan_assistant.domain.offers.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Refusal:
    """A family that is not offered, and why.

    Where nothing is said, no values of the levers make a plan of it.
    """

    family: Family
    findings: tuple[Finding, ...]
    asks_more: Money | None = None
    """By how much its least plan asks for more in its worst month than was dialled, where nothing
    else keeps it out; None otherwise."""
    misnamed: Misnamed | None = None
    """Why no plan of the lengths that are open is what the family says."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The answer of a search: three to five plans, and why the rest is not among them."""

    plans: tuple[Plan, ...]
    refusals: tuple[Refusal, ...]
    certificate: Certificate | None
    """What was searched; None before the first search."""
    is_met: bool = True
    """Whether the offers keep what was dialled and can be carried; otherwise they come nearest."""
    advice: tuple[Finding, ...] = ()
    """What helps when no installment fits: token payment, freeze, deferral, referral."""

    @property
    def searched(self) -> int:
        """How many candidates were searched."""
        return self.certificate.candidates if self.certificate else 0

    @property
    def rejected(self) -> Mapping[str, int]:
        """Candidates that a rule excluded, counted by rule id."""
        return self.certificate.rejected if self.certificate else {}


NOTHING_SEARCHED = Offers((), (), None)
"""Before the first search."""
