"""The plan of one debt out of a joint plan, as an offer: priced, judged with the sum, asked.

Not here: how the payment is shared (`joint.py`).
"""

from __future__ import annotations

from dataclasses import replace

from plan_assistant.domain.offers.joint_part import JointPart
from plan_assistant.domain.offers.line import LEVEL, Line
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.proposal import PricedProposal
from plan_assistant.domain.policy.rules import check_part, check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.unknowns import certainty_of
from plan_assistant.domain.verdict import Certainty, Judgement, judge


def level_line(space: Space, periods: int) -> Line | None:
    """Return the level plan of so many payments at the contract rate under its right name."""
    lines = (space.line(family) for family in space.families if family in LEVEL)
    return next((line for line in lines if space.is_named_rightly(line, periods)), None)


def part_offer(space: Space, schedule: Schedule, joint: JointPart) -> Plan | None:
    """Return a debt's part of a joint plan as a plan; None where no level plan is open to it.

    It is judged by the sum of all parts, and so are the rules that ask how a payment sits with the
    household; every other rule asks about this debt alone.
    """
    debt_id, terms = space.debt.debt_id, schedule.terms
    assert terms.first_due is not None  # plans of a call have dates
    dialled = replace(space, wishes=replace(space.wishes, first_due=terms.first_due))
    line = level_line(dialled, terms.periods)
    if line is None:
        return None
    proposal, rate = dialled.proposal(line, terms), annualized_rate(schedule)
    together = joint.judged(space.affordability, schedule, debt_id)
    alone = judge(space.affordability, schedule.nominal_flows, debt_id)
    priced = PricedProposal(proposal, schedule, alone, rate)
    return Plan(
        family=line.family,
        debt_id=debt_id,
        confirmed=space.debt.components,
        waived=line.claim.waived,
        terms=terms,
        schedule=schedule,
        grace_months=line.grace_months,
        annualized_rate=rate,
        judgement=replace(together, certainty=_certainty(together, space, schedule, joint)),
        findings=(
            *check_terms(proposal, space.policy, space.rules),
            *check_part(priced, together, space.policy, space.rules),
        ),
        joint=joint,
    )


def _certainty(
    likely: Judgement, space: Space, schedule: Schedule, joint: JointPart
) -> Certainty | None:
    """Say how far the sum depends on figures that are not known yet; None where all are known."""
    if space.corners is None:
        return None
    worst, best = (
        joint.judged(corner, schedule, space.debt.debt_id).verdict for corner in space.corners
    )
    return certainty_of(likely=likely.verdict, worst=worst, best=best)
