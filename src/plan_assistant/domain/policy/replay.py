"""A recorded decision under another pack: what is found, what is closed, and who could grant it.

Not here: which decisions a store holds (`services/replay.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast

from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Components, Debt
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.joint_file import JOINT, read_joint
from plan_assistant.domain.formats.terms_file import read_terms
from plan_assistant.domain.offers.closed_levers import ClosedLever, closed_levers
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.proposal import (
    PricedProposal,
    Proposal,
    last_nominal,
    started_months,
)
from plan_assistant.domain.policy.rules import check_part, check_plan, check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.verdict import judge


class Standing(StrEnum):
    """Who could grant a plan."""

    ALONE = "alone"
    """The collector, without asking."""
    LEAD = "lead"
    """A team lead has to allow it."""
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class RecordedTerms:
    """A plan as it was recorded, with the case it was made for."""

    case: Case
    debt: Debt
    agreement: Mapping[str, Json]
    on: date
    """The day on which it was recorded."""
    role: Role
    """Of the person who recorded it."""


def standing_of(effects: Iterable[Effect]) -> Standing:
    """Return who could grant a plan with findings of these effects."""
    found = set(effects)
    if Effect.BLOCK in found:
        return Standing.NOBODY
    return Standing.LEAD if Effect.APPROVAL in found else Standing.ALONE


def findings_under(
    pack: PolicyPack, plan: RecordedTerms, holidays: Callable[[str], Holidays]
) -> tuple[Finding, ...]:
    """Return what the rules of a pack in force on that day say about a recorded plan.

    A part of a joint plan is judged by the sum of all parts, as when it was offered.
    Raises InputRefused where the recorded terms cannot be read.
    """
    proposal = _proposal(pack, plan, holidays)
    schedule = price(proposal.terms)
    judgement = judge(
        proposal.affordability,
        schedule.nominal_flows,
        plan.debt.debt_id,
        down_payment=schedule.down_payment,
    )
    rules = pack.rules_for(plan.debt.product, plan.on)
    priced = PricedProposal(proposal, schedule, judgement, annualized_rate(schedule))
    joint = read_joint(plan.agreement, "agreement", holidays, price)
    if joint is None:
        late = check_plan(priced, pack, rules)
    else:
        together = joint.judged(proposal.affordability, schedule, plan.debt.debt_id)
        late = check_part(priced, together, pack, rules)
    return (*check_terms(proposal, pack, rules), *late)


def closed_under(
    pack: PolicyPack, plan: RecordedTerms, holidays: Callable[[str], Holidays]
) -> tuple[ClosedLever, ...]:
    """Return the levers that a recorded plan would need further open than a pack has them.

    Under such a pack the plan is not searched, and so nobody offers it. Raises InputRefused where
    the recorded terms cannot be read.
    """
    proposal = _proposal(pack, plan, holidays)
    down, zero = proposal.terms.down_payment, plan.debt.currency.zero
    space = Space(
        case=plan.case,
        debt=plan.debt,
        affordability=proposal.affordability,
        policy=pack,
        role=plan.role,
        today=plan.on,
        holidays=proposal.holidays,
        wishes=Wishes(down_payment=zero if down is None else down.principal + down.arrears),
    )
    return closed_levers(
        space,
        family=proposal.family,
        terms=proposal.terms,
        waived=proposal.waived,
        grace_months=proposal.grace_months,
        is_joint=JOINT in plan.agreement,
    )


def _proposal(
    pack: PolicyPack, plan: RecordedTerms, holidays: Callable[[str], Holidays]
) -> Proposal:
    recorded = cast("Mapping[str, Json]", plan.agreement["plan"])
    terms = read_terms(recorded["terms"], "agreement", holidays)
    return Proposal(
        case=plan.case,
        debt=plan.debt,
        affordability=assess(plan.case, pack.affordability.rules),
        family=Family(str(recorded["family"])),
        terms=terms,
        waived=_waived(recorded, plan.debt),
        grace_months=int(str(recorded["grace_months"])),
        months=started_months(plan.on, last_nominal(terms)),
        today=plan.on,
        role=plan.role,
        holidays=holidays(pack.calendar),
    )


def _waived(recorded: Mapping[str, Json], debt: Debt) -> Components:
    """Return what an agreement gave up; one that says nothing of a waiver has none."""
    given_up = recorded.get("waived")
    nothing = Components.none(debt.currency)
    if not isinstance(given_up, dict):
        return nothing
    return Components(
        *(debt.currency.parse(str(given_up[component.value])) for component, _ in nothing.items())
    )
