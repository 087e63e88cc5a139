"""A search for programs: its certificate, the gap, a counter-offer and why-not as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.cli.facts import plan_json
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.formats.plan_file import written_findings, written_measure
from plan_assistant.domain.offers.concession import Concession
from plan_assistant.domain.offers.counter_offer import CounterOffer
from plan_assistant.domain.offers.frontier import Point
from plan_assistant.domain.offers.missing import Gap
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.search_result import Refusal
from plan_assistant.domain.offers.why_not import WhyNot


def gap_json(gap: Gap | None, policy: PolicyStamp) -> Json:
    """Return what is missing, lever by lever."""
    if gap is None:
        return None
    return {
        "nearest": plan_json(gap.nearest, policy),
        "missing": [
            {
                "lever": each.lever.value,
                "change": written_measure(each.change),
                "beyond_dial": each.beyond_dial.plain if each.beyond_dial else None,
                "may_allow": each.may_allow.value if each.may_allow else None,
                "blocked_by": written_findings([each.blocked_by]) if each.blocked_by else [],
                "closed_lever": each.closed,
                "plan": plan_json(each.plan, policy),
            }
            for each in gap.missing
        ],
    }


def counter_json(answer: CounterOffer, policy: PolicyStamp) -> dict[str, Json]:
    """Return the answer to a proposal."""
    return {
        "asked": answer.asked.plain,
        "is_possible": answer.is_possible,
        "gap": answer.gap.plain if answer.gap else None,
        "most": answer.most.plain,
        "plan": _plan(answer.plan, policy),
        "uncarried": _plan(answer.uncarried, policy),
        "below": _plan(answer.below, policy),
        "above": _plan(answer.above, policy),
        "cost": concession_json(answer.cost),
        "advice": [finding.test for finding in answer.advice],
        "not_offered": refusals_json(answer.refusals),
    }


def refusals_json(refusals: Sequence[Refusal]) -> list[Json]:
    """Return which kinds of plans are not offered and why."""
    return [
        {
            "family": each.family.value,
            "findings": written_findings(each.findings),
            "asks_more": None if each.asks_more is None else each.asks_more.plain,
            "misnamed": None if each.misnamed is None else each.misnamed.why.value,
        }
        for each in refusals
    ]


def concession_json(cost: Concession | None) -> Json:
    """Return what a plan costs the lender; rate and time are null where they are one figure."""
    if cost is None:
        return None
    return {
        "waiver": cost.waiver.plain,
        "rate": None if cost.rate is None else cost.rate.plain,
        "time": None if cost.time is None else cost.time.plain,
        "rate_and_time": cost.rate_and_time.plain,
        "total": cost.total.plain,
    }


def why_not_json(answer: WhyNot, policy: PolicyStamp) -> dict[str, Json]:
    """Return what speaks against a plan."""
    return {
        "plan": _plan(answer.plan, policy),
        "no_plan": None if answer.no_plan is None else str(answer.no_plan),
        "closed_levers": list(answer.closed),
        "misnamed": None if answer.misnamed is None else answer.misnamed.why.value,
        "excluded_by": written_findings(answer.excluded_by),
        "asks": written_findings(answer.asks),
        "tells": written_findings(answer.tells),
        "is_carried": answer.is_carried,
        "dominated_by": _plan(answer.dominated_by, policy),
        "behind": _plan(answer.behind, policy),
        "is_offered": answer.is_offered,
    }


def points_json(points: Sequence[Point], debt: Debt) -> list[Json]:
    """Return the frontier."""
    money = debt.currency.money
    return [
        {
            "family": point.line.family.value,
            "payments": point.payments,
            "annual_rate": exact(point.line.annual_rate, RATE_DECIMALS),
            "grace_months": point.line.grace_months,
            "old_charges": point.line.claim.old_charges.value,
            "waived": point.line.claim.waived.total.plain,
            "worst_month": money(point.worst).plain,
            "total": money(point.total).plain,
            "first_months": money(point.early).plain,
            "months": point.months,
            "present_value": money(point.worth).plain,
            "within_authority": point.is_own,
        }
        for point in points
    ]


def _plan(plan: Plan | None, policy: PolicyStamp) -> Json:
    return None if plan is None else plan_json(plan, policy)
