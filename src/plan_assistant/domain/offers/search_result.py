"""What was dialled, and what the search over the plan space answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.policy.findings import Finding


@dataclass(frozen=True, slots=True)
class Wishes:
    """The dials: what the borrower said. None leaves a dial to the search.

    At most one of `monthly` and `periods` is set; the other is solved.
    """

    monthly: Money | None = None
    periods: int | None = None
    down_payment: Money | None = None
    due_day: int | None = None
    first_due: date | None = None

    def with_monthly(self, monthly: Money | None) -> Wishes:
        """Return the wishes driven by a monthly amount; the number of payments becomes solved."""
        return replace(self, monthly=monthly, periods=None)

    def with_periods(self, periods: int | None) -> Wishes:
        """Return the wishes driven by a number of payments; the monthly amount becomes solved."""
        return replace(self, periods=periods, monthly=None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A family that is not offered, and the findings that say why."""

    family: Family
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """The answer of a search: three to five plans, and why the rest is not among them."""

    plans: tuple[Plan, ...]
    refusals: tuple[Refusal, ...]
    searched: int
    """Candidates priced to the cent."""
    rejected: Mapping[str, int]
    """Candidates that a rule excluded, counted by rule id."""
    advice: tuple[Finding, ...] = ()
    """What helps when no installment fits: token payment, freeze, deferral, referral."""
