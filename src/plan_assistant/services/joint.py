"""One payment for several debts of a case: each debt's rules asked, the amount shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import InvalidTerms, TransitionRefused
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.fixed_order import first_true
from plan_assistant.domain.offers.joint import (
    Joint,
    JointDebt,
    JointGap,
    Method,
    share,
    share_what_lasts,
)
from plan_assistant.domain.offers.joint_offer import level_line
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search import plan_of
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Finding
from plan_assistant.domain.policy.proposal import PricedProposal
from plan_assistant.domain.policy.rules import OF_THE_SUM, check_plan, check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import Judgement, judge, monthly_limits
from plan_assistant.services.negotiate import consider, space_of


@dataclass(frozen=True, slots=True)
class PartOfAll:
    """The plan of one of the debts, as the rules call it and what they say to it."""

    family: Family
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SharedPayment:
    """The debts of a case under one payment, or what is missing for that."""

    found: Joint | JointGap
    parts: Mapping[DebtId, PartOfAll]
    judgement: Judgement | None
    """How the sum of every month sits with the household; None where there is no joint plan."""
    asks: tuple[Finding, ...]
    """What the sum asks for that the person at work may not offer alone."""
    above_affordable: Money
    """How far the month that asks for the most is above what the household can afford; or zero."""


def share_payment(
    state: Negotiation,
    method: Method,
    *,
    monthly: Money | None = None,
    flows_on: bool | None = None,
    states: Mapping[DebtId, Negotiation] | None = None,
) -> SharedPayment:
    """Share one monthly amount over all negotiated debts of a case.

    The amount is what the household can pay, unless `monthly` says another. `states` holds the
    negotiation of each debt under its own policy pack; without it all stand under this one. Raises
    TransitionRefused when the rules allow no installment plan for one of the debts.
    """
    if monthly is not None and monthly.minor <= 0:
        raise InvalidTerms("payment", monthly.plain, "must be above zero")
    if states is None:
        states = {debt.debt_id: _for_debt(state, debt) for debt in state.case.negotiated}
    debts = [_joint_debt(item) for item in states.values()]
    if monthly is None:
        found = _proposed(state, debts, method, flows_on=flows_on)
    else:
        found = share(debts, monthly, method, today=state.today, flows_on=flows_on)
    if isinstance(found, JointGap):
        return SharedPayment(found, {}, None, (), found.affordable.currency.zero)
    judgement = _judged(state, found)
    priced = {
        plan.debt.debt_id: _priced(states[plan.debt.debt_id], plan.schedule) for plan in found.plans
    }
    lead = state.case.lead_debt.debt_id
    return SharedPayment(
        found,
        # How a payment sits with the household is a question to the sum, not to one debt.
        {
            debt_id: PartOfAll(
                ask.proposal.family,
                tuple(each for each in _said(ask, states[debt_id]) if not _is_of_sum(each)),
            )
            for debt_id, ask in priced.items()
        },
        judgement,
        tuple(
            each
            for each in _said(replace(priced[lead], judgement=judgement), states[lead])
            if _is_of_sum(each)
        ),
        max(found.largest - state.affordability.affordable, found.currency.zero),
    )


def _priced(state: Negotiation, schedule: Schedule) -> PricedProposal:
    """Return the plan of one debt as the rules see it."""
    space = space_of(replace(state, wishes=Wishes()))
    line = level_line(space, schedule.number_of_payments)
    assert line is not None  # as many payments were allowed before they were shared
    judgement = judge(state.affordability, schedule.nominal_flows, state.debt.debt_id)
    proposal = space.proposal(line, schedule.terms)
    return PricedProposal(proposal, schedule, judgement, annualized_rate(schedule))


def _said(ask: PricedProposal, state: Negotiation) -> tuple[Finding, ...]:
    rules = state.policy.rules_for(state.debt.product, state.today)
    return (
        *check_terms(ask.proposal, state.policy, rules),
        *check_plan(ask, state.policy, rules),
    )


def _is_of_sum(finding: Finding) -> bool:
    return finding.test in OF_THE_SUM


def _proposed(
    state: Negotiation, debts: Sequence[JointDebt], method: Method, *, flows_on: bool | None
) -> Joint | JointGap:
    """Share what the household can pay each month for all debts together.

    What it can pay comfortably; where that is not enough for every debt, what it can pay at all.
    """
    means, lead = _of_all_debts(state)
    as_of, first_due = state.case.as_of, debts[0].terms.first_due
    assert first_due is not None  # plans of a call have dates
    ahead = 12 * (first_due.year - as_of.year) + first_due.month - as_of.month
    limits = monthly_limits(means, lead, months=ahead + max(item.longest for item in debts))
    kinds = ((limits.comfortable, limits.comfortable_cash), (limits.tight, limits.cash))
    for by_month, cash in kinds:
        most = means.currency.money(max(0, min(means.affordable.minor, *by_month)))
        if cash is None:
            found = share(debts, most, method, today=state.today, flows_on=flows_on)
        else:
            found = share_what_lasts(
                debts,
                most,
                method,
                cash=cash,
                as_of=as_of,
                today=state.today,
                flows_on=flows_on,
            )
        if isinstance(found, Joint):
            break
    return found


def _of_all_debts(state: Negotiation) -> tuple[Affordability, DebtId]:
    """Return the means with nothing kept free: the sum of all plans is judged as one plan."""
    lead = state.case.lead_debt.debt_id
    return state.affordability.undivided(lead), lead


def _judged(state: Negotiation, found: Joint) -> Judgement:
    means, lead = _of_all_debts(state)
    flows = [flow for plan in found.plans for flow in plan.schedule.nominal_flows]
    return judge(means, flows, lead)


def _for_debt(state: Negotiation, debt: Debt) -> Negotiation:
    return consider(
        state.case,
        policy=state.policy,
        holidays=state.holidays,
        today=state.today,
        role=state.role,
        version=state.case_version,
        debt_id=debt.debt_id,
    )


def _plain_plan(state: Negotiation, periods: int) -> Plan | None:
    """Return the level plan of so many payments at the contract rate, if rules allow one."""
    space = space_of(replace(state, wishes=Wishes()))
    line = level_line(space, periods)
    if line is None:
        return None
    try:
        plan = plan_of(space, line, periods)
    except InvalidTerms:
        return None
    return None if plan.is_blocked else plan


def _joint_debt(state: Negotiation) -> JointDebt:
    """Return a debt with the fewest and most payments that the rules allow it."""
    limits, debt = state.policy.space, state.debt
    low, high = limits.min_periods, limits.max_periods
    shortest = next(
        (count for count in range(low, high + 1) if _plain_plan(state, count) is not None), None
    )
    if shortest is None:
        raise TransitionRefused("no_installments", debt_id=debt.debt_id)
    beyond = first_true(
        shortest, high + 1, lambda count: count > high or _plain_plan(state, count) is None
    )
    plan = _plain_plan(state, shortest)
    assert plan is not None
    terms = Terms(
        principal=debt.components.principal,
        annual_rate=debt.annual_rate,
        periods=shortest,
        start=plan.terms.start,
        first_due=plan.terms.first_due,
        due_day=plan.terms.due_day,
        arrears=debt.components.non_principal or None,
        arrears_treatment=state.policy.schedule.arrears_treatment,
        conventions=state.policy.schedule.conventions,
        holidays=state.holidays,
    )
    return JointDebt(debt, terms, shortest, beyond - 1)
