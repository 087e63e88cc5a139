"""What rules ask of terms, before anything is priced; every rule that blocks by length is here.

Not here: who may grant what (`authority_tests.py`), what needs the exact schedule
(`plan_tests.py`), and which limits hold (data of the pack).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from plan_assistant.domain.calendar import (
    Frequency,
    HolidayRoll,
    Unit,
    add_months,
    months_between,
)
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.authority_tests import AUTHORITY_TESTS
from plan_assistant.domain.policy.findings import Count, Days, Finding, Months, Share
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import Proposal, beyond, finding_of, last_nominal
from plan_assistant.domain.schedule.engine import price


def _longest_term(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return beyond(rule, rule.whole("months"), ask.months, Months)


def _extension_before_maturity(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    maturity = ask.debt.maturity
    if ask.family is not Family.EXTENSION or maturity is None or ask.debt.is_running(ask.today):
        return None
    since = (ask.today - maturity).days
    return finding_of(rule, maturity, ask.today, Days(since) if since else None)


def _months_added(ask: Proposal) -> int:
    """Months by which the plan outlives a running contract, earlier extensions included."""
    maturity = ask.debt.maturity
    if maturity is None or not ask.debt.is_running(ask.today) or ask.terms.first_due is None:
        return 0
    last = last_nominal(ask.terms)
    if last <= maturity:
        return 0
    started = months_between(maturity, last)
    return ask.debt.extended_months + started + (add_months(maturity, started) < last)


def _extension_short(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    original = ask.debt.original_term_months
    if original is None or original > rule.whole("original_term_months_max"):
        return None
    return beyond(rule, original, _months_added(ask), Months)


def _extension_long(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    original = ask.debt.original_term_months
    if original is None or original < rule.whole("original_term_months_min"):
        return None
    added = _months_added(ask)
    if added == 0:
        return None
    return beyond(rule, rule.whole(f"{ask.debt.product.value}_months"), original + added, Months)


def _smallest_installment(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Below a few coins a month rounding would break the promise of the number of installments."""
    zero = ask.debt.currency.zero
    down = ask.terms.down_payment
    principal = ask.terms.principal - (down.principal if down else zero)
    carried = (ask.terms.arrears or zero) - (down.arrears if down else zero)
    bearing = ask.terms.periods - ask.terms.grace.principal
    least = rule.whole("minor_units")
    # Principal is rounded apart from what is carried; where there is none, what is carried counts.
    amount = principal if principal else carried
    if amount.minor >= least * bearing:
        return None
    money, part = principal.currency.money, amount.minor // bearing
    return finding_of(rule, money(least), money(part), money(least - part))


def _covers_interest(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """After a long first period a long plan's payment may not cover the interest of it."""
    start, first = ask.terms.start, ask.terms.first_due
    if start is None or first is None or first <= _after(start, ask.terms.frequency):
        return None
    try:
        price(ask.terms)
    except InvalidTerms as refused:
        # What else is wrong is the business of other rules, or raises when the terms are priced.
        if refused.field == "payment":
            return finding_of(rule, None, first, Days((first - start).days))
    return None


def _after(start: date, frequency: Frequency) -> date:
    """Return the day one period after the start."""
    if frequency.unit is Unit.MONTHS:
        return add_months(start, frequency.every)
    return start + timedelta(days=frequency.every * (7 if frequency.unit is Unit.WEEKS else 1))


def _deficit(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    surplus = ask.affordability.surplus
    if not ask.affordability.is_deficit:
        return None
    return finding_of(rule, surplus.currency.zero, surplus, -surplus)


def _inability(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    able = ask.affordability.affordable + ask.affordability.cash
    owed = ask.case.owed
    if able < owed:
        return None
    return finding_of(rule, owed, able, able - owed)


def _down_payment(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Money that the household does not have would have to be borrowed elsewhere."""
    down = ask.terms.down_payment
    cash = ask.affordability.cash
    if down is None or down.principal + down.arrears <= cash:
        return None
    paid = down.principal + down.arrears
    return finding_of(rule, cash, paid, paid - cash)


def _term_known(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Without original term and maturity no limit of an extension can be checked.

    After maturity there is nothing to extend, so that the original term no longer counts.
    """
    maturity = ask.debt.maturity
    counts = maturity is None or ask.debt.is_running(ask.today)
    known = maturity is not None and ask.debt.original_term_months is not None
    return finding_of(rule) if counts and not known else None


def _limitation(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    ends = ask.debt.limitation_ends(pack.limitation_years)
    if ends is None:
        return None
    ends = ask.holidays.roll(ends, HolidayRoll.NEXT)
    if ends >= ask.today:
        return None
    return finding_of(rule, ends, ask.today, Days((ask.today - ends).days))


def _guarantor(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if not ask.debt.has_guarantor or ask.debt.guarantor_consents:
        return None
    return finding_of(rule)


def _willingness(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return None if ask.case.willingness.is_expressed else finding_of(rule)


def _restructured_before(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    # The observation runs from the first payment after the change, which the case does not know:
    # the margin is the latest first payment that a plan may have had.
    margin = timedelta(days=rule.whole("margin_days"))
    ends = [add_months(on, rule.whole("window_months")) + margin for on in ask.debt.restructured_on]
    if not ends or max(ends) < ask.today:
        return None
    return finding_of(rule, max(ends), max(ask.debt.restructured_on))


def _evidence(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if any(reason.evidence for reason in ask.case.hardships):
        return None
    return finding_of(rule)


def _stale(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return beyond(rule, rule.whole("days"), (ask.today - ask.case.as_of).days, Days)


def _capitalised(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    is_deferral = ask.family is Family.DEFERRAL_CAPITALISED
    joins = ask.terms.principal > ask.debt.components.principal
    return finding_of(rule) if is_deferral or joins else None


def _extension_general(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Short loans by their own term again, medium by half of it, long ones by some years.

    Where the term is not known, nothing says how far the plan may outlive the contract.
    """
    original, added = ask.debt.original_term_months, _months_added(ask)
    if added == 0:
        return None
    if original is None:
        return finding_of(rule)
    if original <= rule.whole("short_months"):
        most = original
    elif original <= rule.whole("medium_months"):
        most = int(original * rule.exact("medium_share"))
    else:
        most = rule.whole("long_months")
    return beyond(rule, most, added, Months)


def _settlement_length(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """A plan that gives up principal is a settlement: it is paid in a short time."""
    if not ask.waived.principal:
        return None
    return beyond(rule, rule.whole("months"), ask.months, Months)


def _rate_above_contract(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    contract, rate = ask.debt.annual_rate, ask.terms.annual_rate
    if rate <= contract:
        return None
    return finding_of(rule, Share(contract), Share(rate), Share(rate - contract))


def _few_payments(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    least, payments = rule.whole("payments"), ask.terms.periods - ask.terms.grace.interest
    if payments >= least:
        return None
    return finding_of(rule, Count(least), Count(payments), Count(least - payments))


def _reaging_count(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Count the times this account was and would be brought current, this plan included."""
    for months in (12, 60):
        since = add_months(ask.today, -months)
        count = 1 + sum(1 for day in ask.debt.restructured_on if day > since)
        found = beyond(rule, rule.whole(f"within_{months}_months"), count, Count)
        if found is not None:
            return found
    return None


TERMS_TESTS: dict[str, Callable[[Rule, Proposal, PolicyPack], Finding | None]] = {
    "longest_term": _longest_term,
    "extension_before_maturity": _extension_before_maturity,
    "extension_cumulative_short": _extension_short,
    "extension_cumulative_long": _extension_long,
    "extension_general": _extension_general,
    "smallest_installment": _smallest_installment,
    "covers_interest": _covers_interest,
    "deficit_no_installment": _deficit,
    "inability_shown": _inability,
    "down_payment_exceeds_cash": _down_payment,
    "term_known": _term_known,
    "settlement_length": _settlement_length,
    "rate_above_contract": _rate_above_contract,
    "few_payments": _few_payments,
    "reaging_count": _reaging_count,
    "limitation_passed": _limitation,
    "guarantor_consent": _guarantor,
    "willingness_expressed": _willingness,
    "restructured_before": _restructured_before,
    "hardship_evidence": _evidence,
    "stale_figures": _stale,
    "capitalised_interest": _capitalised,
    **AUTHORITY_TESTS,
}
