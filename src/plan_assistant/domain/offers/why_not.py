"""Why a plan that somebody names is not offered: what excludes it, or the plan that beats it.

Not here: which plans are offered (`search.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plan_assistant.domain.offers.concession import present_value
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Line
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What speaks against a plan; nothing does where all is empty."""

    plan: Plan
    excluded_by: tuple[Finding, ...]
    """The rules that forbid it to everybody."""
    asks: tuple[Finding, ...]
    """What somebody with more authority would have to allow."""
    is_carried: bool
    """Whether the household can carry it."""
    dominated_by: Plan | None
    """A plan that is nowhere worse (worst month, total, months, lender's value) and better once."""
    is_offered: bool


def why_not(search: Search, line: Line, payments: int) -> WhyNot:
    """Answer for one candidate; it need not be in the space that the pack opens.

    Raises InvalidTerms where its terms make no plan.
    """
    plan = plan_of(search.space, line, payments)
    offers = search.offers.plans
    return WhyNot(
        plan=plan,
        excluded_by=_of(plan, Effect.BLOCK),
        asks=_of(plan, Effect.APPROVAL),
        is_carried=plan.judgement.verdict.rank <= Verdict.TIGHT.rank,
        dominated_by=_dominator(search, plan, offers),
        is_offered=any(each.schedule.cash_flows == plan.schedule.cash_flows for each in offers),
    )


def _of(plan: Plan, effect: Effect) -> tuple[Finding, ...]:
    return tuple(finding for finding in plan.findings if finding.effect is effect)


def _figures(search: Search, plan: Plan) -> tuple[int, int, int, int]:
    space = search.space
    last = plan.schedule.nominal_flows[-1][0]
    return (
        plan.judgement.worst_payment.minor,
        plan.total.minor,
        space.months_from(space.today, last),
        -round(present_value(plan.schedule, search.judge.discount)),
    )


def _dominates(better: Iterable[int], worse: Iterable[int]) -> bool:
    pairs = list(zip(better, worse, strict=True))
    return all(one <= other for one, other in pairs) and any(one < other for one, other in pairs)


def _dominator(search: Search, plan: Plan, offers: Iterable[Plan]) -> Plan | None:
    """Return an offer that beats the plan, or else the cheapest plan that fits and does."""
    figures = _figures(search, plan)
    for offer in offers:
        if _dominates(_figures(search, offer), figures):
            return offer
    pool, places = search.pool, search.fits.places
    if not search.fits.is_met or not len(places):
        return None
    worst, total, months, cost = figures
    places = places[pool.months[places] <= months]
    for by, limit in ((By.WORST, worst), (By.TOTAL, total), (By.COST_TO_LENDER, cost)):
        places = pool.at_most(by, limit, places)
    pool.settle(places)
    better = (
        (pool.months[places] < months)
        | (pool.low(By.WORST)[places] < worst)
        | (pool.low(By.TOTAL)[places] < total)
        | (pool.low(By.COST_TO_LENDER)[places] < cost)
    )
    place = pool.best(places[better], (By.CODE, By.BEYOND, By.TOTAL, By.MONTHS))
    return None if place is None else plan_of(search.space, *pool.candidate(place))
