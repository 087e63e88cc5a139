"""A candidate with its exact schedule, and the pricer that makes each of them at most once.

Not here: which candidates exist (`space.py`) and which are worth offering (`choice.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.space import Line, Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.rules import check_terms
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.unknowns import certainty_of
from plan_assistant.domain.verdict import Certainty, Judgement, Verdict, judge

PLAIN = frozenset({Family.EQUAL_INSTALLMENT, Family.EQUAL_PRINCIPAL, Family.EXTENSION})
"""Families that repay from the first month at the contract rate."""
RELIEF = frozenset({Family.INTEREST_FIRST, Family.DEFERRAL, Family.DEFERRAL_CAPITALISED})
"""Families that ask for little or nothing at first."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A candidate with its exact schedule and how it sits with the household and the rules."""

    line: Line
    payments: int
    schedule: Schedule
    judgement: Judgement
    findings: tuple[Finding, ...]
    """Of the rules that need only the terms."""

    @property
    def family(self) -> Family:
        """The kind of plan."""
        return self.line.family

    @property
    def verdict(self) -> Verdict:
        """How its worst month sits with the household."""
        return self.judgement.verdict

    @property
    def total(self) -> int:
        """All the borrower pays, in minor units."""
        return self.schedule.total_paid.minor

    @property
    def payment(self) -> int:
        """The regular payment, in minor units."""
        return self.schedule.regular_payment.minor

    @property
    def ends(self) -> date:
        """The nominal day of the last payment."""
        return self.schedule.nominal_flows[-1][0]

    @property
    def is_blocked(self) -> bool:
        """Say whether a rule forbids it to everybody."""
        return any(finding.effect is Effect.BLOCK for finding in self.findings)

    @property
    def needs_approval(self) -> bool:
        """Say whether it is outside the authority of the person at work."""
        return any(finding.effect is Effect.APPROVAL for finding in self.findings)


def stressed(plan: Priced, space: Space) -> Judgement:
    """Return how a plan sits with the household, tried with a higher rate and unknown figures."""
    return replace(
        plan.judgement,
        passes_rate_shock=_passes_rate_shock(plan, space),
        certainty=_certainty(plan, space),
    )


def _passes_rate_shock(plan: Priced, space: Space) -> bool | None:
    """Say whether a plan is kept up at a higher rate; None where the rate does not float.

    A plan whose payment would not even cover the higher interest is not kept up.
    """
    terms = plan.schedule.terms
    if not space.debt.is_floating or not terms.annual_rate:
        return None
    higher = terms.annual_rate + space.affordability.rules.rate_shock
    try:
        schedule = price(terms.with_(annual_rate=higher))
    except InvalidTerms:
        return False
    worst = judge(space.affordability, schedule.nominal_flows, space.debt.debt_id)
    return worst.left_over.minor >= 0


def _certainty(plan: Priced, space: Space) -> Certainty | None:
    """Say how far a plan depends on figures that are not known yet; None where all are known."""
    if space.corners is None:
        return None
    flows, down = plan.schedule.nominal_flows, plan.schedule.down_payment
    worst, best = (
        judge(corner, flows, space.debt.debt_id, down_payment=down).verdict
        for corner in space.corners
    )
    return certainty_of(likely=plan.verdict, worst=worst, best=best)


class Pricer:
    """Prices candidates of one space, each at most once."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._seen: dict[tuple[Line, int], Priced] = {}

    def __call__(self, line: Line, payments: int) -> Priced:
        """Return a candidate with its exact schedule."""
        key = (line, payments)
        if key not in self._seen:
            space = self.space
            terms = space.terms(line, payments)
            schedule = price(terms)
            judgement = judge(
                space.affordability,
                schedule.nominal_flows,
                space.debt.debt_id,
                down_payment=schedule.down_payment,
            )
            findings = check_terms(space.proposal(line, terms), space.policy, space.rules)
            self._seen[key] = Priced(line, payments, schedule, judgement, findings)
        return self._seen[key]
