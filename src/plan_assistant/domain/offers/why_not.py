"""Why a plan that somebody names is not offered: what excludes it, or the plan that beats it.

Not here: which plans are offered (`search.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.closed_levers import closed_rate
from plan_assistant.domain.offers.concession import present_value
from plan_assistant.domain.offers.dominance import Figures, beating, beats
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.misfit import Misnamed, misnamed
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import OldCharges, Rhythm, StepPattern, Waiver
from plan_assistant.domain.policy.rules import check_terms
from plan_assistant.domain.verdict import Verdict

ABOVE_CONTRACT = "rate_above_contract"
"""What no pack opens: a rate above the contract's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlan:
    """A plan as somebody names it: a value for every lever, whether the pack opens it or not.

    The down payment and the first due date are dials (`wishes.py`).
    """

    family: Family
    annual_rate: Fraction | None = None
    """None is the contract's, or none where the family bears no interest."""
    grace_months: int = 0
    waiver: Waiver | None = None
    old_charges: OldCharges = OldCharges.SPREAD
    step: StepPattern | None = None
    rhythm: Rhythm = Rhythm.MONTH
    multiple: int = 1
    """Minor units that the level payment comes in multiples of."""

    def line(self, space: Space) -> Line:
        """Return the line of a space with these values; raises InvalidTerms for no such line."""
        if (self.step is not None) is not (self.family is Family.STEP_UP):
            reason = "a plan that steps up, and no other, asks for less in its first months"
            raise InvalidTerms("step", self.family.value, reason)
        return space.line(
            self.family,
            grace_months=self.grace_months,
            annual_rate=self.annual_rate,
            waiver=self.waiver,
            old_charges=self.old_charges,
            step=self.step,
            rhythm=self.rhythm,
            multiple=self.multiple,
        )


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What speaks against a plan; nothing does where all is empty."""

    plan: Plan | None
    """None where no plan follows from the terms."""
    no_plan: InvalidTerms | None
    """What keeps a plan from following from the terms."""
    closed: tuple[str, ...]
    """The levers of the pack, by their fields, that are not open to what the plan asks of them;
    or ABOVE_CONTRACT."""
    misnamed: Misnamed | None
    """Why it is not what its family says; None where it is, or where a lever is closed for that."""
    excluded_by: tuple[Finding, ...]
    """The rules that forbid it to everybody."""
    asks: tuple[Finding, ...]
    """What somebody with more authority would have to allow."""
    tells: tuple[Finding, ...]
    """What has to be said because the plan passes a limit, such as the contract's payment."""
    contract_rate: Fraction
    is_carried: bool
    """Whether the household can carry it."""
    dominated_by: Plan | None
    """A plan that is nowhere worse (worst month, total, months, lender's value, first months) and
    better once."""
    behind: Plan | None
    """Where none does, an offer that sits better with the household and asks nobody for more: such
    plans answer every question first."""
    is_offered: bool

    @property
    def rate_above_contract(self) -> Fraction | None:
        """By how much the plan's rate exceeds the contract's, where no rule says so already."""
        rules = (*self.excluded_by, *self.asks, *self.tells)
        if self.plan is None or any(each.test == "rate_above_contract" for each in rules):
            return None
        return max(self.plan.terms.annual_rate - self.contract_rate, Fraction(0)) or None


def why_not(search: Search, line: Line, payments: int) -> WhyNot:
    """Answer for one candidate; it need not be in the space that the pack opens.

    Raises InvalidTerms where the dials describe nothing.
    """
    closed = tuple(_closed(search.space, line, payments))
    wrong_name = misnamed(search.space, line, payments)
    try:
        plan = plan_of(search.space, line, payments)
    except InvalidTerms as problem:
        return _of_no_plan(search.space, line, payments, closed, wrong_name, problem)
    offers = search.offers.plans
    dominator = _dominator(search, plan, offers)
    return WhyNot(
        plan=plan,
        no_plan=None,
        closed=closed,
        misnamed=wrong_name,
        excluded_by=_of(plan.findings, Effect.BLOCK),
        asks=_of(plan.findings, Effect.APPROVAL),
        tells=plan.told,
        contract_rate=search.space.debt.annual_rate,
        is_carried=plan.judgement.verdict.rank <= Verdict.TIGHT.rank,
        dominated_by=dominator,
        behind=None if dominator else _before(plan, offers),
        is_offered=any(each.schedule.cash_flows == plan.schedule.cash_flows for each in offers),
    )


def _closed(space: Space, line: Line, payments: int) -> Iterator[str]:
    if line.family not in space.families or not space.suits(line.family, line.claim, 1):
        yield "families"
    if payments not in space.lengths(line.rhythm):
        yield "min_periods" if payments < space.policy.space.min_periods else "max_periods"
    if line.annual_rate > space.debt.annual_rate:
        yield ABOVE_CONTRACT
    elif (lever := closed_rate(space, line.family, line.annual_rate)) is not None:
        yield lever
    if line.grace_months not in space.graces(line.family):
        yield "graces"
    if line.step not in space.steps(line.family):
        yield "steps"
    if line.rhythm not in space.rhythms(line.family):
        yield "rhythms"
    # A payment is not round with old charges spread on top of it.
    is_round = line.multiple == 1 or space.suits(line.family, line.claim, line.multiple)
    if line.multiple not in space.multiples(line.family) or not is_round:
        yield "multiples"
    is_frozen = line.family is Family.ZERO_RATE
    asked = line.claim
    claims = space.claims_without_interest if is_frozen else space.claims
    alike = [each for each in claims if each.waived == asked.waived]
    if not alike:
        yield "waivers"
    # Where no old charge is left, all ways to treat old charges are one; of what is paid today it
    # depends which are left.
    treated = {
        each.old_charges
        for each in alike or claims
        if (each.principal, each.down_payment) == (asked.principal, asked.down_payment)
    }
    if asked.old_charges not in treated and (asked.arrears or not treated):
        yield "old_charges"


def _of_no_plan(
    space: Space,
    line: Line,
    payments: int,
    closed: tuple[str, ...],
    wrong_name: Misnamed | None,
    problem: InvalidTerms,
) -> WhyNot:
    """Answer for terms that make no plan: what is wrong with them, and what rules say of them."""
    try:
        proposal = space.proposal(line, space.terms(line, payments))
    except InvalidTerms:
        findings: tuple[Finding, ...] = ()  # not even terms follow, so no rule can be asked
    else:
        findings = tuple(check_terms(proposal, space.policy, space.rules))
    return WhyNot(
        plan=None,
        no_plan=problem,
        closed=closed,
        misnamed=wrong_name,
        excluded_by=_of(findings, Effect.BLOCK),
        asks=_of(findings, Effect.APPROVAL),
        tells=(),
        contract_rate=space.debt.annual_rate,
        is_carried=False,
        dominated_by=None,
        behind=None,
        is_offered=False,
    )


def _of(findings: Iterable[Finding], effect: Effect) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.effect is effect)


def _figures(search: Search, plan: Plan) -> Figures:
    space = search.space
    last = plan.schedule.nominal_flows[-1][0]
    return {
        By.WORST: plan.judgement.largest_payment.minor,
        By.TOTAL: plan.total.minor,
        By.MONTHS: space.months_from(space.today, last),
        By.COST_TO_LENDER: -round(present_value(plan.schedule, search.judge.discount)),
        By.EARLY: space.due_early(plan.schedule),
    }


def _dominator(search: Search, plan: Plan, offers: Iterable[Plan]) -> Plan | None:
    """Return an offer that beats the plan, or else the cheapest plan that fits and does."""
    figures = _figures(search, plan)
    for offer in offers:
        if beats(_figures(search, offer), figures):
            return offer
    pool, places = search.pool, search.fits.places
    if not search.fits.is_met or not len(places):
        return None
    better = beating(pool, places, figures)
    place = pool.best(better, (By.CODE, By.BEYOND, By.TOTAL, By.MONTHS))
    return None if place is None else plan_of(search.space, *pool.candidate(place))


def _before(plan: Plan, offers: Iterable[Plan]) -> Plan | None:
    """Return the first offer of a better verdict that no further rule asks somebody to allow."""
    rank, asks = plan.judgement.verdict.rank, _asking(plan)
    better = (each for each in offers if each.judgement.verdict.rank < rank)
    return next((each for each in better if _asking(each) <= asks), None)


def _asking(plan: Plan) -> frozenset[str]:
    return frozenset(finding.rule for finding in _of(plan.findings, Effect.APPROVAL))
