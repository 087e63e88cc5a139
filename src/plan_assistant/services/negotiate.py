"""The acts of a call: begin it, turn a dial, mark an offer, draw up the agreement.

Every act returns a new `Negotiation`; only what the record needs is written to the store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from plan_assistant import __version__
from plan_assistant.domain.agreement import Acceptance, Agreement
from plan_assistant.domain.budget import assess, corrected_income
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import InvalidTerms, TransitionRefused
from plan_assistant.domain.events import Json, Receipt, RequestKey
from plan_assistant.domain.formats.agreement_file import write_agreement
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.dials_file import read_dials
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation, TrailEntry, TrailKind
from plan_assistant.domain.offers.counter_offer import CounterOffer, answer
from plan_assistant.domain.offers.gap import gap_of
from plan_assistant.domain.offers.impossible import impossible_dials
from plan_assistant.domain.offers.missing import Gap
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.search_result import NOTHING_SEARCHED, Offers
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.why_not import NamedPlan, WhyNot, why_not
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.transitions import require_kept
from plan_assistant.domain.unknowns import (
    Holds,
    Question,
    Unknown,
    figure_to_ask,
    first_question,
    has_surplus,
    keeps_up,
)
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.call_facts import plan_facts, shown_facts, stamp_of
from plan_assistant.services.desk import Desk
from plan_assistant.services.elsewhere import require_free_everywhere
from plan_assistant.services.keeping import carry_out
from plan_assistant.services.keys import key_of, new_key
from plan_assistant.services.record import (
    disclosure_said,
    offer_refused,
    offer_spoken,
    plan_accepted,
)


def offers_of(state: Negotiation) -> Offers:
    """Search the whole space of a negotiation with its dials."""
    return Search(space_of(state)).offers


def missing(state: Negotiation) -> Gap | None:
    """Return what is missing where nothing fits; found out when asked, not with every key press."""
    return gap_of(Search(space_of(state)))


def space_of(state: Negotiation) -> Space:
    """Return the plan space of a negotiation with its dials."""
    return Space(
        case=state.case,
        debt=state.debt,
        affordability=state.affordability,
        policy=state.policy,
        role=state.role,
        today=state.today,
        holidays=state.holidays,
        wishes=state.wishes,
    )


def problems_of_dials(state: Negotiation, wishes: Wishes) -> tuple[InvalidTerms, ...]:
    """Return what is wrong with the dials, all of it at once."""
    return impossible_dials(replace(space_of(state), wishes=wishes))


def answer_counter_offer(state: Negotiation, wishes: Wishes) -> CounterOffer:
    """Answer what the borrower would pay a month. Raises InvalidTerms for impossible dials."""
    return answer(replace(space_of(state), wishes=wishes))


def explain_why_not(
    state: Negotiation,
    wishes: Wishes,
    *,
    named: NamedPlan,
    payments: int,
) -> WhyNot:
    """Say what speaks against a plan that somebody names. Raises InvalidTerms where it is none."""
    space = replace(space_of(state), wishes=wishes)
    return why_not(Search(space), named.line(space), payments)


def consider(
    case: Case,
    *,
    policy: PolicyPack,
    holidays: Holidays,
    today: date,
    role: Role,
    version: int = 0,
    debt_id: DebtId | None = None,
    wishes: Wishes | None = None,
) -> Negotiation:
    """Assess a case and search its offers, without touching any store."""
    debt = case.lead_debt if debt_id is None else _debt(case, debt_id)
    state = Negotiation(
        case=case,
        case_version=version,
        debt_id=debt.debt_id,
        policy=policy,
        holidays=holidays,
        today=today,
        role=role,
        affordability=assess(case, policy.affordability.rules),
        wishes=wishes or Wishes(),
        offers=NOTHING_SEARCHED,
    )
    return replace(state, offers=offers_of(state))


def _debt(case: Case, debt_id: DebtId) -> Debt:
    for debt in case.negotiated:
        if debt.debt_id == debt_id:
            return debt
    raise TransitionRefused("no_such_debt", debt_id=debt_id)


def begin(desk: Desk, case_id: CaseId, debt_id: DebtId | None = None) -> Negotiation:
    """Open a case of the store for a call; its offers are already priced."""
    record = record_of(desk, case_id)
    require_kept(record)
    today = desk.clock.now().date()
    policy = desk.policies.for_case(record.case, today, debt_id)
    state = consider(
        record.case,
        policy=policy,
        holidays=desk.calendars.named(policy.calendar),
        today=today,
        role=desk.account.role,
        version=record.version,
        debt_id=debt_id,
    )
    state = replace(
        state,
        call=new_key(),
        agreements=record.agreements,
        refused=_refusal(desk, record, state.debt_id),
    )
    returned, terms = record.recorded, record.terms_from_lead
    if returned is None or terms is None or returned.debt_id != state.debt_id:
        return state
    return replace(state, from_lead=read_dials(terms, record.case.currency))


def _refusal(desk: Desk, record: CaseRecord, debt_id: DebtId) -> TransitionRefused | None:
    try:
        require_free_everywhere(desk, record, debt_id)
    except TransitionRefused as refused:
        return refused
    return None


def take_terms_from_lead(state: Negotiation) -> Negotiation:
    """Turn the dials to what the lead would grant; the borrower is asked as for any offer."""
    if state.from_lead is None:
        raise TransitionRefused("no_terms_from_lead")
    return what_if(state, state.from_lead)


def what_if(state: Negotiation, wishes: Wishes) -> Negotiation:
    """Turn the dials: every plan is priced again. Raises InvalidTerms for impossible dials."""
    return state.what_if(wishes, offers_of)


def undo(state: Negotiation) -> Negotiation:
    """Take the last what-if back."""
    return state.undone(offers_of)


def correct_budget(
    state: Negotiation, *, is_income: bool, index: int, amount: Money
) -> Negotiation:
    """Correct one figure of the budget in the call; what is affordable and every plan follow."""
    budget = state.case.budget
    if is_income:
        incomes = list(budget.incomes)
        incomes[index] = corrected_income(incomes[index], amount)
        budget = replace(budget, incomes=tuple(incomes))
    else:
        outgoings = list(budget.outgoings)
        outgoings[index] = replace(outgoings[index], amount=amount, bounds=None)
        budget = replace(budget, outgoings=tuple(outgoings))
    case = replace(state.case, budget=budget)
    corrected = replace(
        state, case=case, affordability=assess(case, state.policy.affordability.rules)
    )
    return corrected.what_if(state.wishes, offers_of)


def figure_to_ask_for(state: Negotiation) -> Unknown | None:
    """Return the unknown figure that would settle the selected plan; None when none would."""
    return figure_to_ask(state.case, _asked(state), state.affordability.rules)


def first_to_ask(state: Negotiation) -> Question | None:
    """Return that figure with the amounts from which its answer decides alone."""
    return first_question(state.case, _asked(state), state.affordability.rules)


def _asked(state: Negotiation) -> Holds:
    """Return what is asked: is the plan kept up, or, without one, is anything to spare."""
    rules, plan = state.affordability.rules, state.plan
    if plan is None:
        return has_surplus(rules)
    schedule = plan.schedule
    return keeps_up(rules, schedule.nominal_flows, state.debt_id, schedule.down_payment)


def mark_offered(desk: Desk, state: Negotiation) -> Negotiation:
    """Note that the selected plan was spoken to the borrower, now."""
    plan = _selected(state)
    facts = plan_facts(plan, state.debt.annual_rate, state.policy)
    shown = shown_facts(state)
    searched = fingerprint(shown)
    act = offer_spoken(
        desk,
        state.case.case_id,
        debt_id=state.debt_id,
        plan=facts,
        # What the search answered is recorded with the first offer out of it.
        shown=None if searched == state.searched else shown,
        key=_key_of(state, TrailKind.OFFERED, facts),
    )
    carry_out(desk, act)
    noted = state.noting(_entry(desk, TrailKind.OFFERED, plan.family.value, plan))
    return replace(noted, searched=searched)


def mark_refused(desk: Desk, state: Negotiation, objection: str) -> Negotiation:
    """Note that the borrower refused the selected plan, and what they said."""
    plan = _selected(state)
    facts = plan_facts(plan, state.debt.annual_rate, state.policy)
    act = offer_refused(
        desk,
        state.case.case_id,
        debt_id=state.debt_id,
        plan=facts,
        objection=objection,
        key=_key_of(state, TrailKind.REFUSED, [objection, facts]),
    )
    carry_out(desk, act)
    return state.noting(_entry(desk, TrailKind.REFUSED, plan.family.value, plan, objection))


def tick_disclosure(desk: Desk, state: Negotiation, disclosure: str) -> Negotiation:
    """Note that a disclosure was read to the borrower; reading it twice is recorded once."""
    if disclosure in state.disclosed:
        return state
    key = _key_of(state, TrailKind.DISCLOSED, disclosure)
    carry_out(desk, disclosure_said(desk, state.case.case_id, disclosure, key))
    return state.noting(_entry(desk, TrailKind.DISCLOSED, disclosure))


def _key_of(state: Negotiation, kind: TrailKind, what: Json) -> RequestKey:
    """Return the key of the next line of a call's trail: the same until that line is recorded."""
    place: list[Json] = [state.call, len(state.trail), kind.value, what]
    return key_of(f"call:{fingerprint({'act': place})}")


def _selected(state: Negotiation) -> Plan:
    if state.plan is None:
        raise TransitionRefused("nothing_offered")
    return state.plan


def _entry(
    desk: Desk, kind: TrailKind, what: str, plan: Plan | None = None, answer: str | None = None
) -> TrailEntry:
    return TrailEntry(desk.clock.now(), kind, what, plan, answer)


def require_agreeable(
    desk: Desk, state: Negotiation, *, recording: str | None, reason_code: str | None
) -> None:
    """Refuse now what recording the selected plan would refuse later, before anything is noted."""
    record = fold(desk.store.events(state.case.case_id))
    require_free_everywhere(desk, record, state.debt_id)
    _require_complete(state, _selected(state), recording, reason_code)


def _require_complete(
    state: Negotiation, plan: Plan, recording: str | None, reason_code: str | None
) -> None:
    if not recording and any(finding.test == "recording_kept" for finding in plan.findings):
        raise TransitionRefused("recording_missing")
    known = ", ".join(state.policy.submit_reasons)
    if plan.needs is not None and not reason_code:
        raise TransitionRefused("reason_missing", known=known)
    if reason_code and reason_code not in state.policy.submit_reasons:
        raise TransitionRefused("reason_unknown", reason=reason_code, known=known)


def draw_up(
    desk: Desk,
    state: Negotiation,
    *,
    lines_read: tuple[str, ...],
    recording: str | None,
    reason_code: str | None,
    note: str = "",
) -> Agreement:
    """Draw up the agreement for the selected plan, as the borrower accepted it.

    Raises TransitionRefused when a mandatory disclosure is missing, when the recording is missing
    where a rule asks for one, or when the plan needs a reason and has none.
    """
    plan = _selected(state)
    if state.disclosures_left:
        raise TransitionRefused("disclosures_missing", missing=", ".join(state.disclosures_left))
    _require_complete(state, plan, recording, reason_code)
    plan.schedule.check()
    now = desk.clock.now()
    return Agreement(
        number=f"AG-{now:%Y%m%d}-{state.case.case_id}-{state.case_version + 1}",
        case=state.case,
        debt=state.debt,
        plan=plan,
        affordability=state.affordability,
        policy=stamp_of(state.policy),
        engine=f"plan-assistant {__version__}",
        maker=desk.account.name,
        acceptance=Acceptance(now, lines_read, recording, reason_code, note),
    )


def agreement_of(
    desk: Desk,
    state: Negotiation,
    *,
    lines_read: tuple[str, ...],
    recording: str | None,
    reason_code: str | None,
    note: str = "",
) -> dict[str, Json]:
    """Draw up the agreement in the form that is recorded, fingerprinted and printed."""
    return write_agreement(
        draw_up(
            desk,
            state,
            lines_read=lines_read,
            recording=recording,
            reason_code=reason_code,
            note=note,
        )
    )


def record(
    desk: Desk, state: Negotiation, agreement: dict[str, Json], *, key: RequestKey
) -> Receipt:
    """Record the agreement and any budget corrected in the call; the same key records it once.

    Raises PlanNotSent where the store is away and the plan was kept on this machine instead.
    """
    act = plan_accepted(
        desk, agreement, expected_version=state.case_version, key=key, price=price, case=state.case
    )
    receipt = carry_out(desk, act)
    assert receipt is not None  # a plan that is kept raises
    return receipt
