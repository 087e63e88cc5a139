"""What rules ask of a plan with its exact schedule."""

from __future__ import annotations

from collections.abc import Callable

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.policy.contract import contract_total
from plan_assistant.domain.policy.findings import (
    Effect,
    Finding,
    Share,
)
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import PricedProposal, authorities, finding_of
from plan_assistant.domain.verdict import Judgement, Verdict


def _verdict_allowed(rule: Rule, ask: PricedProposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.proposal.role)
    verdict = ask.judgement.verdict
    if verdict in mine.verdicts or verdict is Verdict.DEFICIT:
        return None  # a deficit is the business of `deficit_no_installment`
    effect = Effect.APPROVAL if verdict in lead.verdicts else Effect.BLOCK
    return _too_much(rule, ask.judgement, effect)


def _too_much(rule: Rule, judgement: Judgement, effect: Effect) -> Finding:
    surplus = judgement.left_over + judgement.worst_payment
    beyond = max(-judgement.left_over, surplus.currency.zero)
    return finding_of(rule, surplus, judgement.worst_payment, beyond, effect=effect)


def _cost_alarm(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    # Old charges in the base lower the internal rate below the contract's: the higher one counts.
    limit, rate = rule.exact("rate"), max(ask.annualized_rate, ask.proposal.terms.annual_rate)
    if rate <= limit:
        return None
    return finding_of(rule, Share(limit), Share(rate), Share(rate - limit))


def _cost_shown(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    return finding_of(rule, None, Share(ask.annualized_rate))


def _restructured_asset(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """The observation ends a year after the first payment, but not before the second (Art. 20)."""
    days = [day for day, _amount in ask.schedule.nominal_flows]
    if not days:
        return None
    periods = rule.whole("observation_periods")
    a_year = add_months(days[0], rule.whole("observation_months"))
    return finding_of(rule, max(a_year, days[min(periods, len(days)) - 1]))


def _raises_payment(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """A plan is judged by its worst month: later steps and three fortnights in a month count."""
    contractual = ask.proposal.debt.contractual_payment
    worst = ask.judgement.worst_payment
    if contractual is None or worst <= contractual:
        return None
    return finding_of(rule, contractual, worst, worst - contractual)


def _raises_total(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    contract = contract_total(ask.proposal.debt, ask.proposal.case.as_of)
    paid = ask.schedule.total_paid
    if contract is None or paid <= contract:
        return None
    return finding_of(rule, contract, paid, paid - contract)


def _calendar(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    holidays, last = ask.proposal.holidays, ask.schedule.last_due
    if last is None or holidays.is_published(last):
        return None
    return finding_of(rule, holidays.known_until, last)


PLAN_TESTS: dict[str, Callable[[Rule, PricedProposal, PolicyPack], Finding | None]] = {
    "restructured_asset": _restructured_asset,
    "verdict_allowed": _verdict_allowed,
    "annualized_cost_alarm": _cost_alarm,
    "annualized_cost_shown": _cost_shown,
    "relief_raises_payment": _raises_payment,
    "relief_raises_total": _raises_total,
    "calendar_unpublished": _calendar,
}


def unaffordable(pack: PolicyPack, judgement: Judgement) -> tuple[Finding, ...]:
    """Return the finding that even the longest plan of a line asks for too much."""
    return tuple(
        _too_much(rule, judgement, rule.effect)
        for rule in pack.rules
        if rule.test == "verdict_allowed"
    )
