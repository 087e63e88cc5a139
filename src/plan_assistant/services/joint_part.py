"""One debt's part of one payment for several debts, as the one offer of a call.

The first part is taken out of a joint plan that is made now; every later one is the part that an
agreement in force names, so that all parts are those of one and the same sharing. Not here: how a
payment is shared (`joint.py`), and how a chosen plan is recorded (`negotiate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.budget import assess
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.formats.agreement_file import agreed_terms
from plan_assistant.domain.formats.joint_file import other_debts, read_joint
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.domain.offers.joint_offer import part_offer
from plan_assistant.domain.offers.joint_part import JointPart, OtherPart
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.search_result import NOTHING_SEARCHED, Offers
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.desk import Desk
from plan_assistant.services.elsewhere import require_free_everywhere
from plan_assistant.services.joint import share_payment
from plan_assistant.services.negotiate import space_of


@dataclass(frozen=True, slots=True)
class Part:
    """A call whose one offer is a debt's part of one payment."""

    state: Negotiation
    plan: Plan
    joint: JointPart
    named_in: str | None
    """Number of the agreement in force that names the part; None where it was shared now."""

    def left(self, record: CaseRecord) -> tuple[DebtId, ...]:
        """Return the other debts whose parts no agreement in force holds yet."""
        others = (part.debt_id for part in self.joint.others)
        return tuple(debt_id for debt_id in others if record.in_force_for(debt_id) is None)


def take_part(
    desk: Desk,
    state: Negotiation,
    method: Method,
    *,
    monthly: Money | None = None,
    flows_on: bool | None = None,
) -> Part | JointGap:
    """Return a call with the part of its debt as the one offer, or what is missing for a sharing.

    Where an agreement in force names the part, it is offered to the cent, however the payment would
    be shared today. Raises TransitionRefused where the case does not allow it.
    """
    if len(state.case.negotiated) < 2:
        raise TransitionRefused("nothing_to_share")
    # While another part waits, nobody knows yet whether this one is named or shared anew.
    record = record_of(desk, state.case.case_id)
    require_free_everywhere(desk, record, state.debt_id)
    named = next(
        (
            item
            for item in reversed(state.agreements)
            if item.is_in_force and state.debt_id in other_debts(item.plan.agreement)
        ),
        None,
    )
    if named is not None:
        return _named_part(desk, state, named)
    _require_no_agreement(state)
    return _shared_part(desk, state, method, monthly=monthly, flows_on=flows_on)


def _shared_part(
    desk: Desk, state: Negotiation, method: Method, *, monthly: Money | None, flows_on: bool | None
) -> Part | JointGap:
    states = {debt.debt_id: _under_its_pack(desk, state, debt) for debt in state.case.negotiated}
    lead = states[state.case.lead_debt.debt_id]
    found = share_payment(lead, method, monthly=monthly, flows_on=flows_on, states=states).found
    if not isinstance(found, Joint):
        return found
    schedules = {
        plan.debt.debt_id: _posted(states[plan.debt.debt_id], plan.schedule) for plan in found.plans
    }
    own = schedules.pop(state.debt_id)
    others = tuple(OtherPart(debt_id, schedule) for debt_id, schedule in schedules.items())
    joint = JointPart(found.method, found.flows_on, found.affordable, others)
    asked = replace(state, wishes=Wishes(monthly=monthly))
    return _offered(asked, own, joint, None)


def _under_its_pack(desk: Desk, state: Negotiation, debt: Debt) -> Negotiation:
    """Return the call as one about another debt of the case; its own plans are not searched."""
    pack = desk.policies.for_case(state.case, state.today, debt.debt_id)
    return replace(
        state,
        debt_id=debt.debt_id,
        policy=pack,
        holidays=desk.calendars.named(pack.calendar),
        affordability=assess(state.case, pack.affordability.rules),
        wishes=Wishes(),
        offers=NOTHING_SEARCHED,
    )


def _posted(state: Negotiation, schedule: Schedule) -> Schedule:
    """Return a schedule with the order in which its debt is paid, as every plan of a call has."""
    return price(schedule.terms.with_(conventions=space_of(state).conventions))


def _named_part(desk: Desk, state: Negotiation, named: ApprovedPlan) -> Part:
    """Return the part that an agreement in force names; refuse one that is not possible any more.

    The sum is judged with the terms that were named, so what is in force for the other debts has
    to be that.
    """
    agreement, number = named.plan.agreement, named.plan.number
    holidays = desk.calendars.named
    agreed = read_joint(agreement, f"agreement {number}", holidays, price)
    assert agreed is not None  # it names this debt
    schedules = {part.debt_id: part.schedule for part in agreed.others}
    own = schedules.pop(state.debt_id)
    schedules[named.debt_id] = price(agreed_terms(agreement, holidays))
    for debt_id, schedule in schedules.items():
        standing = _standing(state, debt_id)
        if standing is not None and standing.is_in_force:
            terms = agreed_terms(standing.plan.agreement, holidays)
            if terms != schedule.terms:
                raise _has_its_own(state, standing)
    _require_unchanged(state, own, number)
    order = [debt.debt_id for debt in state.case.negotiated if debt.debt_id in schedules]
    others = tuple(OtherPart(debt_id, schedules[debt_id]) for debt_id in order)
    return _offered(state, own, replace(agreed, others=others), number)


def _require_unchanged(state: Negotiation, own: Schedule, number: str) -> None:
    """Refuse a named part whose first day has come, or whose debt is not what it was."""
    terms, owed = own.terms, state.debt.components
    first_due = terms.first_due
    if first_due is None or first_due <= state.today:
        raise TransitionRefused(
            "part_is_too_late",
            debt_id=state.debt_id,
            number=number,
            first_due=first_due.isoformat() if first_due else "-",
        )
    carried = terms.arrears or owed.total.currency.zero
    figures = (terms.principal, carried, terms.annual_rate)
    if figures != (owed.principal, owed.non_principal, state.debt.annual_rate):
        raise TransitionRefused("part_does_not_fit", debt_id=state.debt_id, number=number)


def _require_no_agreement(state: Negotiation) -> None:
    """Refuse to share a payment over a debt that has an agreement of its own already."""
    for debt in state.case.negotiated:
        standing = _standing(state, debt.debt_id)
        if debt.debt_id != state.debt_id and standing is not None:
            raise _has_its_own(state, standing)


def _standing(state: Negotiation, debt_id: DebtId) -> ApprovedPlan | None:
    """Return the agreement about a debt that is in force, or ended and was not opened again."""
    found = (item for item in state.agreements if item.debt_id == debt_id and not item.is_reopened)
    return next(found, None)


def _has_its_own(state: Negotiation, standing: ApprovedPlan) -> TransitionRefused:
    return TransitionRefused(
        "other_debt_has_its_own",
        other=standing.debt_id,
        number=standing.plan.number,
        debt_id=state.debt_id,
    )


def _offered(
    state: Negotiation, schedule: Schedule, joint: JointPart, named_in: str | None
) -> Part:
    """Return the call with that part as its one offer; refuse what a rule forbids."""
    space = space_of(replace(state, wishes=Wishes()))
    plan = part_offer(space, schedule, joint)
    if plan is None:
        raise TransitionRefused("no_installments", debt_id=state.debt_id)
    blocking = [each.rule for each in plan.findings if each.effect is Effect.BLOCK]
    if blocking:
        raise TransitionRefused("plan_is_blocked", rules=", ".join(blocking))
    offers = Offers((plan,), (), None)
    return Part(replace(state, offers=offers, selected=0, chosen=None), plan, joint, named_in)
