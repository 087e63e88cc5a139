"""What rules ask of a plan with its exact schedule.

Not here: what a plan does to the standing of the debt (`status_tests.py`), and what only has to be
said or kept (`duties.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from plan_assistant.domain.policy.contract import contract_total
from plan_assistant.domain.policy.duties import DUTIES
from plan_assistant.domain.policy.findings import Effect, Finding, Share, Word
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import PricedProposal, authorities, finding_of
from plan_assistant.domain.policy.status_tests import STATUS_TESTS
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import Judgement, Verdict

VERDICT_ALLOWED: Final = "verdict_allowed"
"""The test whether the person at work may offer a plan of that verdict."""


def _verdict_allowed(rule: Rule, ask: PricedProposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.proposal.role)
    verdict = ask.judgement.verdict
    if verdict in mine.verdicts or verdict is Verdict.DEFICIT:
        return None  # a deficit is the business of `deficit_no_installment`
    effect = Effect.APPROVAL if verdict in lead.verdicts else Effect.BLOCK
    if verdict is Verdict.COMFORTABLE:
        return finding_of(rule, None, Word(verdict.value), effect=effect)
    return _too_much(rule, ask.judgement, effect, pack)


def _too_much(rule: Rule, judgement: Judgement, effect: Effect, pack: PolicyPack) -> Finding:
    """Return by which limit a plan asks for too much: the surplus, the cash, or the ratio."""
    if judgement.verdict is Verdict.UNAFFORDABLE and judgement.left_over.minor >= 0:
        cash, on = judgement.lowest_cash, judgement.lowest_cash_on
        if cash is not None and cash.minor < 0:
            return finding_of(rule, on, None, -cash, effect=effect)
        ratio, alarm = judgement.debt_service_ratio, pack.affordability.rules.dsr_alarm
        if ratio is not None and ratio > alarm:
            return finding_of(rule, Share(alarm), Share(ratio), Share(ratio - alarm), effect=effect)
    surplus = judgement.left_over + judgement.worst_payment
    beyond = max(-judgement.left_over, surplus.currency.zero)
    return finding_of(rule, surplus, judgement.worst_payment, beyond, effect=effect)


def _cost_alarm(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    # Old charges in the base lower the internal rate below the contract's: the higher one counts.
    limit, rate = rule.exact("rate"), max(ask.annualized_rate, ask.proposal.terms.annual_rate)
    if rate <= limit:
        return None
    return finding_of(rule, Share(limit), Share(rate), Share(rate - limit))


def is_cost_cap(rule: Rule) -> bool:
    """Say whether a rule forbids, or lets somebody allow, what costs more a year than a limit.

    A search counts by it.
    """
    caps = {Effect.BLOCK, Effect.APPROVAL}
    return rule.test == "annualized_cost_alarm" and rule.effect in caps


def is_above_cap(rule: Rule, terms: Terms) -> bool:
    """Say whether terms alone, whatever their schedule, break a cost cap."""
    return terms.annual_rate > rule.exact("rate")


def _cost_shown(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    return finding_of(rule, None, Share(ask.annualized_rate))


def _debt_grows(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    owed = ask.proposal.debt.owed
    most = max((row.owed_after for row in ask.schedule.rows), default=owed)
    return None if most <= owed else finding_of(rule, owed, most, most - owed)


def _above_proposal(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """A plan that asks for more than an amount the borrower proposed and could keep up."""
    proposed = ask.proposal.case.willingness.own_proposal
    largest = ask.judgement.largest_payment
    if proposed is None or proposed.currency != largest.currency or largest <= proposed:
        return None
    return finding_of(rule, proposed, largest, largest - proposed)


def _raises_payment(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """The month that asks for the most counts: later steps, and three fortnights in a month."""
    contractual = ask.proposal.debt.contractual_payment
    largest = ask.judgement.largest_payment
    if contractual is None or largest <= contractual:
        return None
    return finding_of(rule, contractual, largest, largest - contractual)


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
    VERDICT_ALLOWED: _verdict_allowed,
    "annualized_cost_alarm": _cost_alarm,
    "annualized_cost_shown": _cost_shown,
    "debt_grows": _debt_grows,
    "above_own_proposal": _above_proposal,
    "relief_raises_payment": _raises_payment,
    "relief_raises_total": _raises_total,
    "calendar_unpublished": _calendar,
    **STATUS_TESTS,
    **DUTIES,
}


def unaffordable(pack: PolicyPack, judgement: Judgement) -> tuple[Finding, ...]:
    """Return the finding that even the longest plan of a line asks for too much."""
    return tuple(
        _too_much(rule, judgement, rule.effect, pack)
        for rule in pack.rules
        if rule.test == VERDICT_ALLOWED
    )
