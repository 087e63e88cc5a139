"""A plan: terms with their exact schedule, and everything that was found about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.debt import Components, DebtId
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.joint_part import JointPart
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import Judgement


class Family(StrEnum):
    """The kind of a plan, as collectors call it."""

    EQUAL_INSTALLMENT = "equal_installment"
    """等额本息."""
    EQUAL_PRINCIPAL = "equal_principal"
    """等额本金."""
    INTEREST_FIRST = "interest_first"
    """先息后本: interest only for some months, then level."""
    EXTENSION = "extension"
    """展期 before maturity, or a longer term for what is left."""
    DEFERRAL = "deferral"
    """延期还本付息: nothing for some months; that time's interest is paid later, bearing none."""
    DEFERRAL_CAPITALISED = "deferral_capitalised"
    """延期还本付息: nothing for some months; the interest of that time is added to principal."""
    ZERO_RATE = "zero_rate"
    """停息分期: no further interest."""
    STEP_UP = "step_up"
    """递增: less in the first months, level afterwards."""


class Reason(StrEnum):
    """Why an offer is shown."""

    CHEAPEST = "cheapest"
    """The lowest total of all that the person at work may grant and whose verdict is the best."""
    LOWEST_PAYMENT = "lowest_payment"
    """The least in the worst month, of the same."""
    FASTEST = "fastest"
    """Over soonest, of the same."""
    BEST_FOR_LENDER = "best_for_lender"
    """The highest present value for the lender, of the same."""
    MOST_ROBUST = "most_robust"
    """First for the lender in more settings of what nobody knows than any other of the same
    verdict, authority and rate that waives nothing and adds nothing to the principal."""
    CHEAPEST_WITH_LEAD = "cheapest_with_lead"
    """The lowest total of all whose verdict is the best, where a team lead allows it."""
    LOWEST_WITH_LEAD = "lowest_with_lead"
    """The least in the worst month, where a team lead allows it."""
    FASTEST_WITH_LEAD = "fastest_with_lead"
    """Over soonest, where nothing lies within authority and a team lead allows it."""
    BEST_FOR_LENDER_WITH_LEAD = "best_for_lender_with_lead"
    """The highest present value for the lender, of the same."""
    COMPARISON = "comparison"
    """Another way to pay, for comparison."""
    LOW_FIRST = "low_first"
    """Nothing, or at most half of the largest payment, is due in the first months; it may well cost
    more in all, so it is never called relief."""
    FREEZE = "freeze"
    """No further interest runs."""
    ASKED = "asked"
    """It answers what was dialled."""
    NEAREST = "nearest"
    """Nothing fits; this is one of the plans that come nearest."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """In how many settings of the pack's box a plan stays first."""

    first_in: int
    of: int
    among: int
    """How many plans are compared: of the same verdict, authority and rate, the claim as it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Terms with their exact schedule and everything that was found about them."""

    family: Family
    debt_id: DebtId
    confirmed: Components
    """What is owed at the cut-off date, before any waiver or down payment."""
    waived: Components
    """What the lender gives up; the terms repay the rest."""
    terms: Terms
    schedule: Schedule
    grace_months: int
    """Months at the start with less (interest first) or nothing (deferral)."""
    annualized_rate: Fraction
    """Periodic IRR on what is outstanding x periods a year, fees included (rule CN-DISC-01)."""
    judgement: Judgement
    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...] = ()
    robustness: Robustness | None = None
    """In how many settings of what nobody knows it stays first for the lender, if compared."""
    joint: JointPart | None = None
    """The payment for several debts that it is part of; its judgement is that of their sum."""

    @property
    def payment(self) -> Money:
        """The regular payment: what the borrower pays in most months."""
        return self.schedule.regular_payment

    @property
    def total(self) -> Money:
        """All the borrower pays from today, down payment included."""
        return self.schedule.total_paid

    @property
    def added_cost(self) -> Money:
        """What the plan costs on top of what is owed today; below zero after a large waiver."""
        return self.total - self.confirmed.total

    @property
    def capitalised(self) -> Money:
        """Old interest that joins the principal and bears interest from now on."""
        return self.terms.principal - self.confirmed.principal

    @property
    def first_due(self) -> date:
        """The first day of payment."""
        return _dated(self.schedule.first_due)

    @property
    def last_due(self) -> date:
        """The last day of payment."""
        return _dated(self.schedule.last_due)

    @property
    def is_blocked(self) -> bool:
        """Say whether a rule forbids the plan to everybody."""
        return any(finding.effect is Effect.BLOCK for finding in self.findings)

    @property
    def told(self) -> tuple[Finding, ...]:
        """What has to be said because the plan passes a limit, such as the contract's payment."""
        return tuple(finding for finding in self.findings if finding.passes_a_limit)

    @property
    def needs(self) -> Role | None:
        """Who has to allow the plan; None when the collector may offer it."""
        asked = {
            finding.may_allow for finding in self.findings if finding.effect is Effect.APPROVAL
        }
        return Role.TEAM_LEAD if Role.TEAM_LEAD in asked else None


def _dated(day: date | None) -> date:
    if day is None:
        raise InvalidTerms("first_due", day, "a plan that is offered has dates")
    return day
