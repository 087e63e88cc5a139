"""What rules ask of terms, before anything is priced; every rule that blocks by length is here.

Not here: what needs the exact schedule (`plan_tests.py`), and which limits hold (data of the pack).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from plan_assistant.domain.calendar import HolidayRoll, add_months, months_between
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import (
    Count,
    Days,
    Effect,
    Finding,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import (
    Proposal,
    authorities,
    beyond,
    beyond_authority,
    finding_of,
    most_waived,
)
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms


def _longest_term(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return beyond(rule, rule.whole("months"), ask.months, Months)


def _extension_before_maturity(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if (
        ask.family is not Family.EXTENSION
        or ask.debt.maturity is None
        or ask.debt.maturity >= ask.today
    ):
        return None
    return finding_of(
        rule, ask.debt.maturity, ask.today, Days((ask.today - ask.debt.maturity).days)
    )


def _months_added(ask: Proposal) -> int:
    """Months by which the plan outlives a running contract, earlier extensions included."""
    maturity = ask.debt.maturity
    if maturity is None or maturity < ask.today or ask.terms.first_due is None:
        return 0
    last = _last_nominal(ask.terms)
    if last <= maturity:
        return 0
    started = months_between(maturity, last)
    return ask.debt.extended_months + started + (add_months(maturity, started) < last)


def _last_nominal(terms: Terms) -> date:
    first = terms.first_due
    assert first is not None  # plans of the search are always dated
    return add_months(first, (terms.periods - 1) * terms.frequency.every)


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
    if start is None or first is None or first <= add_months(start, ask.terms.frequency.every):
        return None
    try:
        price(ask.terms)
    except InvalidTerms as refused:
        # What else is wrong is the business of other rules, or raises when the terms are priced.
        if refused.field == "payment":
            return finding_of(rule, None, first, Days((first - start).days))
    return None


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
    """Without original term and maturity no limit of an extension can be checked."""
    known = ask.debt.maturity is not None and ask.debt.original_term_months is not None
    return None if known else finding_of(rule)


def _term_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    return beyond_authority(
        rule, mine.longest_term_months, lead.longest_term_months, ask.months, Months
    )


def _longest_grace(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    return beyond_authority(
        rule, mine.longest_grace_months, lead.longest_grace_months, ask.grace_months, Months
    )


def _latest_first_payment(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    if ask.terms.first_due is None:
        return None
    days = (ask.terms.first_due - ask.today).days
    return beyond_authority(
        rule, mine.latest_first_payment_days, lead.latest_first_payment_days, days, Days
    )


def _largest_owed(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    currency, owed = ask.case.currency, ask.case.owed
    if currency.code not in lead.largest_owed:
        if ask.role is Role.TEAM_LEAD:
            return None
        finding = finding_of(rule, None, Word(currency.code))
        return replace(finding, test="foreign_currency_authority")
    return beyond_authority(
        rule,
        int(mine.largest_owed.get(currency.code, "0")) * currency.units,
        int(lead.largest_owed[currency.code]) * currency.units,
        owed.minor,
        currency.money,
    )


def _rate_cut(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    contract, rate = ask.debt.annual_rate, ask.terms.annual_rate
    mine, lead = (each.lowest_rate_share * contract for each in authorities(pack, ask.role))
    if rate >= min(mine, contract):
        return None
    is_leads = rate >= lead
    lowest, effect = (mine, Effect.APPROVAL) if is_leads else (lead, Effect.BLOCK)
    return finding_of(rule, Share(lowest), Share(rate), Share(lowest - rate), effect=effect)


def _waiver_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    """The component that is furthest beyond what may be given up speaks for all of them."""
    mine, lead = authorities(pack, ask.role)
    owed = dict(ask.debt.components.items())
    found = [
        beyond_authority(
            rule,
            most_waived(mine, component, owed[component]).minor,
            most_waived(lead, component, owed[component]).minor,
            waived.minor,
            waived.currency.money,
        )
        for component, waived in ask.waived.items()
    ]
    beyond_limits = [finding for finding in found if finding is not None]
    return max(beyond_limits, key=_weight, default=None)


def _weight(finding: Finding) -> tuple[bool, int]:
    excess = finding.difference
    return finding.effect is Effect.BLOCK, excess.minor if isinstance(excess, Money) else 0


def _down_payment_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    down, owed = ask.terms.down_payment, ask.debt.owed
    paid = owed.currency.zero if down is None else down.principal + down.arrears
    mine, lead = (
        owed.times(each.lowest_down_payment_share) for each in authorities(pack, ask.role)
    )
    if paid >= mine:
        return None
    least, effect = (mine, Effect.APPROVAL) if paid >= lead else (lead, Effect.BLOCK)
    return finding_of(rule, least, paid, least - paid, effect=effect)


def _restructurings_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    """Count the restructurings of the last 12 and 60 months, this plan included."""
    mine, lead = authorities(pack, ask.role)
    for months, name in ((12, "restructurings_12_months"), (60, "restructurings_60_months")):
        since = add_months(ask.today, -months)
        count = 1 + sum(1 for day in ask.debt.restructured_on if day > since)
        found = beyond_authority(rule, getattr(mine, name), getattr(lead, name), count, Count)
        if found is not None:
            return found
    return None


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


def _always(rule: Rule, _ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return finding_of(rule)


def _capitalised(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    is_deferral = ask.family is Family.DEFERRAL_CAPITALISED
    joins = ask.terms.principal > ask.debt.components.principal
    return finding_of(rule) if is_deferral or joins else None


TERMS_TESTS: dict[str, Callable[[Rule, Proposal, PolicyPack], Finding | None]] = {
    "longest_term": _longest_term,
    "extension_before_maturity": _extension_before_maturity,
    "extension_cumulative_short": _extension_short,
    "extension_cumulative_long": _extension_long,
    "smallest_installment": _smallest_installment,
    "covers_interest": _covers_interest,
    "deficit_no_installment": _deficit,
    "inability_shown": _inability,
    "down_payment_exceeds_cash": _down_payment,
    "term_known": _term_known,
    "term_authority": _term_authority,
    "longest_grace": _longest_grace,
    "latest_first_payment": _latest_first_payment,
    "largest_owed": _largest_owed,
    "rate_cut": _rate_cut,
    "waiver_authority": _waiver_authority,
    "down_payment_authority": _down_payment_authority,
    "restructurings_authority": _restructurings_authority,
    "limitation_passed": _limitation,
    "guarantor_consent": _guarantor,
    "willingness_expressed": _willingness,
    "restructured_before": _restructured_before,
    "hardship_evidence": _evidence,
    "stale_figures": _stale,
    "no_new_card": _always,
    "recording_kept": _always,
    "interest_on_fees": _always,
    "capitalised_interest": _capitalised,
    "cost_statement": _always,
    "credit_report_notice": _always,
}
