"""What a plan does to the standing of a debt: class, restructuring, probation, re-aging.

Dates and classes are computed and shown; nothing here says what is lawful. Not here: limits on the
plan itself (`terms_tests.py`, `plan_tests.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Final

from plan_assistant.domain.calendar import add_months, months_between
from plan_assistant.domain.policy.findings import (
    CLASSES,
    Count,
    Days,
    Finding,
    Months,
    Share,
    Word,
)
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import PricedProposal, finding_of
from plan_assistant.domain.rates import present_value

DEFAULT_BY_LOSS: Final = "default_by_loss"
"""The test whether a plan gives up so much that it is itself a default."""


def _classification(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """Return the worst class that the days past due have reached."""
    days = ask.proposal.debt.days_past_due
    reached = [
        name
        for name in CLASSES
        if f"{name}_from" in rule.parameters and days >= rule.whole(f"{name}_from")
    ]
    return finding_of(rule, Word(reached[-1]), Days(days)) if reached else None


def _difficulty(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """A debt past due, or a stated reason why it cannot be paid, is financial difficulty."""
    days = ask.proposal.debt.days_past_due
    if days >= 1:
        return finding_of(rule, None, Days(days))
    return finding_of(rule) if ask.proposal.case.hardships else None


def _restructured_asset(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """The observation ends a year after the first payment, but not before the second (Art. 20).

    It begins on the day on which that payment is due, after holidays have moved it.
    """
    days = ask.schedule.payment_days
    if not days:
        return None
    periods = rule.whole("observation_periods")
    a_year = add_months(days[0], rule.whole("observation_months"))
    return finding_of(rule, max(a_year, days[min(periods, len(days)) - 1]))


def _upgrade(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """A non-performing debt may be upgraded after some payments in a row and some months."""
    days = ask.schedule.payment_days
    if ask.proposal.debt.days_past_due <= rule.whole("non_performing_days") or not days:
        return None
    nth = days[min(rule.whole("periods"), len(days)) - 1]
    return finding_of(rule, max(nth, add_months(days[0], rule.whole("least_months"))))


def _overdue_rescheduled(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """After maturity there is nothing left to extend: the plan restructures an overdue debt."""
    maturity, today = ask.proposal.debt.maturity, ask.proposal.today
    if maturity is None or maturity >= today:
        return None
    return finding_of(rule, maturity, today, Days((today - maturity).days))


def _limitation_after(rule: Rule, ask: PricedProposal, pack: PolicyPack) -> Finding | None:
    """The period starts again when the last installment falls due (Civil Code Art. 189)."""
    last = ask.schedule.last_due
    return None if last is None else finding_of(rule, add_months(last, 12 * pack.limitation_years))


def _present_value_loss(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """How much less the payments are worth at the contract rate than what is owed."""
    owed = ask.proposal.debt.owed
    worth = present_value(ask.schedule, ask.proposal.debt.annual_rate)
    if worth >= owed:
        return None
    lost, limit = Fraction((owed - worth).minor, owed.minor), rule.exact("share")
    if lost <= limit:
        return None
    return finding_of(rule, Share(limit), Share(lost), Share(lost - limit))


def _is_default(ask: PricedProposal, pack: PolicyPack) -> bool:
    """Say whether a rule of the pack counts the plan itself as a default."""
    rules = pack.rules_for(ask.proposal.debt.product, ask.proposal.today)
    return any(
        _present_value_loss(rule, ask, pack) is not None
        for rule in rules
        if rule.test == DEFAULT_BY_LOSS
    )


def _forborne(rule: Rule, ask: PricedProposal, pack: PolicyPack) -> Finding | None:
    """Return the ends of the cure period and of the probation that follows it.

    The cure period is only for a debt that is non-performing, by its days past due or because the
    plan is a default; it runs from the measure, and not before a grace of the plan is over.
    """
    start = add_months(ask.proposal.today, ask.proposal.grace_months)
    is_late = ask.proposal.debt.days_past_due > rule.whole("non_performing_days")
    cured: date | None = None
    if is_late or _is_default(ask, pack):
        start = cured = add_months(start, rule.whole("cure_months"))
    return finding_of(rule, add_months(start, rule.whole("probation_months")), cured)


def _reaging_conditions(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """An account is only brought current at some age and after some payments in a row."""
    debt, today = ask.proposal.debt, ask.proposal.today
    if debt.days_past_due < 1:
        return None
    age, least_age = months_between(debt.opened, today), rule.whole("age_months")
    if age < least_age:
        return finding_of(rule, Months(least_age), Months(age), Months(least_age - age))
    paid, least = _payments_in_a_row(ask, rule.whole("payments")), rule.whole("payments")
    if paid >= least:
        return None
    return finding_of(rule, Count(least), Count(paid), Count(least - paid))


def _payments_in_a_row(ask: PricedProposal, needed: int) -> int:
    """Count the newest payments of at least the contractual amount; one large sum counts as all."""
    least = ask.proposal.debt.contractual_payment
    newest = sorted(ask.proposal.case.payments, key=lambda payment: payment.on, reverse=True)
    count = 0
    for payment in newest:
        if least is not None and payment.amount.currency == least.currency:
            if payment.amount.minor >= needed * least.minor:
                return needed
            if payment.amount < least:
                break
        count += 1
    return count


STATUS_TESTS: dict[str, Callable[[Rule, PricedProposal, PolicyPack], Finding | None]] = {
    "classification_by_days": _classification,
    "financial_difficulty": _difficulty,
    "restructured_asset": _restructured_asset,
    "upgrade_earliest": _upgrade,
    "overdue_rescheduled": _overdue_rescheduled,
    "limitation_after_plan": _limitation_after,
    "forborne_dates": _forborne,
    "present_value_loss": _present_value_loss,
    DEFAULT_BY_LOSS: _present_value_loss,
    "reaging_conditions": _reaging_conditions,
}
