"""What the rules of a pack ask of a plan: each test answers with a finding, or with nothing.

A pack names a test and gives it limits; this module holds the question. Not here: how findings are
worded, and which limits hold (both are data).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.budget import Affordability, Judgement, Verdict
from plan_assistant.domain.calendar import HolidayRoll, Holidays, add_months, months_between
from plan_assistant.domain.case import Case, Debt
from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import (
    Days,
    Effect,
    Finding,
    Measure,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.policy.pack import Authority, PolicyPack, Rule
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything a rule may ask about: a plan before it is called one."""

    case: Case
    debt: Debt
    affordability: Affordability
    family: Family
    terms: Terms
    grace_months: int
    months: int
    """From today to the last due date of the grid, counted as started months."""
    today: date
    role: Role
    holidays: Holidays


@dataclass(frozen=True, slots=True)
class PricedProposal:
    """A proposal with its exact schedule."""

    proposal: Proposal
    schedule: Schedule
    judgement: Judgement
    annualized_rate: Fraction


def _finding(
    rule: Rule,
    limit: Measure | None = None,
    actual: Measure | None = None,
    difference: Measure | None = None,
    *,
    effect: Effect | None = None,
) -> Finding:
    effect = effect or rule.effect
    may_allow = rule.may_allow if effect is Effect.APPROVAL else None
    return Finding(
        rule.id, rule.test, effect, limit, actual, difference, may_allow, rule.confidence
    )


def _beyond(rule: Rule, limit: int, actual: int, unit: Callable[[int], Measure]) -> Finding | None:
    if actual <= limit:
        return None
    return _finding(rule, unit(limit), unit(actual), unit(actual - limit))


def _beyond_authority(
    rule: Rule, mine: int, leads: int, actual: int, unit: Callable[[int], Measure]
) -> Finding | None:
    """Within my authority nothing; within the lead's an approval; beyond it nobody may."""
    if actual <= mine:
        return None
    if actual <= leads:
        return _finding(rule, unit(mine), unit(actual), unit(actual - mine))
    return _finding(rule, unit(leads), unit(actual), unit(actual - leads), effect=Effect.BLOCK)


def _authorities(pack: PolicyPack, role: Role) -> tuple[Authority, Authority]:
    lead = pack.authority[Role.TEAM_LEAD]
    return (lead if role is Role.TEAM_LEAD else pack.authority[Role.COLLECTOR]), lead


# --- tests that need only the terms; every rule that blocks by length is among them -------------


def _longest_term(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return _beyond(rule, rule.whole("months"), ask.months, Months)


def _extension_before_maturity(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if (
        ask.family is not Family.EXTENSION
        or ask.debt.maturity is None
        or ask.debt.maturity >= ask.today
    ):
        return None
    return _finding(rule, ask.debt.maturity, ask.today, Days((ask.today - ask.debt.maturity).days))


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
    return _beyond(rule, original, _months_added(ask), Months)


def _extension_long(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    original = ask.debt.original_term_months
    if original is None or original < rule.whole("original_term_months_min"):
        return None
    added = _months_added(ask)
    if added == 0:
        return None
    return _beyond(rule, rule.whole(f"{ask.debt.product.value}_months"), original + added, Months)


def _smallest_installment(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Below a few coins a month rounding would break the promise of the number of installments."""
    paid = ask.terms.down_payment.principal if ask.terms.down_payment else ask.debt.currency.zero
    principal = ask.terms.principal - paid
    carried = ask.debt.components.total - ask.terms.principal
    if ask.terms.down_payment:
        carried = carried - ask.terms.down_payment.arrears
    bearing = ask.terms.periods - ask.terms.grace.principal
    least = rule.whole("minor_units")
    # Principal is rounded apart from what is carried; where there is none, what is carried counts.
    amount = principal if principal else carried
    if amount.minor >= least * bearing:
        return None
    money, part = principal.currency.money, amount.minor // bearing
    return _finding(rule, money(least), money(part), money(least - part))


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
            return _finding(rule, None, first, Days((first - start).days))
    return None


def _deficit(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    surplus = ask.affordability.surplus
    if not ask.affordability.is_deficit:
        return None
    return _finding(rule, surplus.currency.zero, surplus, -surplus)


def _inability(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    able = ask.affordability.affordable + ask.affordability.cash
    owed = ask.case.owed
    if able < owed:
        return None
    return _finding(rule, owed, able, able - owed)


def _down_payment(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Money that the household does not have would have to be borrowed elsewhere."""
    down = ask.terms.down_payment
    cash = ask.affordability.cash
    if down is None or down.principal + down.arrears <= cash:
        return None
    paid = down.principal + down.arrears
    return _finding(rule, cash, paid, paid - cash)


def _term_known(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    """Without original term and maturity no limit of an extension can be checked."""
    known = ask.debt.maturity is not None and ask.debt.original_term_months is not None
    return None if known else _finding(rule)


def _term_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = _authorities(pack, ask.role)
    return _beyond_authority(
        rule, mine.longest_term_months, lead.longest_term_months, ask.months, Months
    )


def _longest_grace(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = _authorities(pack, ask.role)
    return _beyond_authority(
        rule, mine.longest_grace_months, lead.longest_grace_months, ask.grace_months, Months
    )


def _latest_first_payment(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = _authorities(pack, ask.role)
    if ask.terms.first_due is None:
        return None
    days = (ask.terms.first_due - ask.today).days
    return _beyond_authority(
        rule, mine.latest_first_payment_days, lead.latest_first_payment_days, days, Days
    )


def _largest_owed(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = _authorities(pack, ask.role)
    currency, owed = ask.case.currency, ask.case.owed
    if currency.code not in lead.largest_owed:
        if ask.role is Role.TEAM_LEAD:
            return None
        finding = _finding(rule, None, Word(currency.code))
        return replace(finding, test="foreign_currency_authority")
    return _beyond_authority(
        rule,
        int(mine.largest_owed.get(currency.code, "0")) * currency.units,
        int(lead.largest_owed[currency.code]) * currency.units,
        owed.minor,
        currency.money,
    )


def _rate_cut(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    contract, rate = ask.debt.annual_rate, ask.terms.annual_rate
    mine, lead = _authorities(pack, ask.role)
    if rate >= contract or mine.may_cut_rate:
        return None
    effect = Effect.APPROVAL if lead.may_cut_rate else Effect.BLOCK
    return _finding(rule, Share(contract), Share(rate), Share(contract - rate), effect=effect)


def _limitation(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    ends = ask.debt.limitation_ends(pack.limitation_years)
    if ends is None:
        return None
    ends = ask.holidays.roll(ends, HolidayRoll.NEXT)
    if ends >= ask.today:
        return None
    return _finding(rule, ends, ask.today, Days((ask.today - ends).days))


def _guarantor(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if not ask.debt.has_guarantor or ask.debt.guarantor_consents:
        return None
    return _finding(rule)


def _willingness(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return None if ask.case.willingness.is_expressed else _finding(rule)


def _restructured_before(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    # The observation runs from the first payment after the change, which the case does not know:
    # the margin is the latest first payment that a plan may have had.
    margin = timedelta(days=rule.whole("margin_days"))
    ends = [add_months(on, rule.whole("window_months")) + margin for on in ask.debt.restructured_on]
    if not ends or max(ends) < ask.today:
        return None
    return _finding(rule, max(ends), max(ask.debt.restructured_on))


def _evidence(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    if any(reason.evidence for reason in ask.case.hardships):
        return None
    return _finding(rule)


def _stale(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return _beyond(rule, rule.whole("days"), (ask.today - ask.case.as_of).days, Days)


def _always(rule: Rule, _ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return _finding(rule)


def _capitalised(rule: Rule, ask: Proposal, _pack: PolicyPack) -> Finding | None:
    return _finding(rule) if ask.family is Family.DEFERRAL_CAPITALISED else None


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

# --- tests that need the exact schedule -----------------------------------------------------------


def _verdict_allowed(rule: Rule, ask: PricedProposal, pack: PolicyPack) -> Finding | None:
    mine, lead = _authorities(pack, ask.proposal.role)
    verdict = ask.judgement.verdict
    if verdict in mine.verdicts or verdict is Verdict.DEFICIT:
        return None  # a deficit is the business of `deficit_no_installment`
    effect = Effect.APPROVAL if verdict in lead.verdicts else Effect.BLOCK
    return _too_much(rule, ask.judgement, effect)


def _too_much(rule: Rule, judgement: Judgement, effect: Effect) -> Finding:
    surplus = judgement.left_over + judgement.worst_payment
    beyond = max(-judgement.left_over, surplus.currency.zero)
    return _finding(rule, surplus, judgement.worst_payment, beyond, effect=effect)


def _cost_alarm(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    # Old charges in the base lower the internal rate below the contract's: the higher one counts.
    limit, rate = rule.exact("rate"), max(ask.annualized_rate, ask.proposal.terms.annual_rate)
    if rate <= limit:
        return None
    return _finding(rule, Share(limit), Share(rate), Share(rate - limit))


def _cost_shown(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    return _finding(rule, None, Share(ask.annualized_rate))


def _restructured_asset(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    """The observation ends a year after the first payment, but not before the second (Art. 20)."""
    days = [day for day, _amount in ask.schedule.nominal_flows]
    if not days:
        return None
    periods = rule.whole("observation_periods")
    a_year = add_months(days[0], rule.whole("observation_months"))
    return _finding(rule, max(a_year, days[min(periods, len(days)) - 1]))


def _relief(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    contractual = ask.proposal.debt.contractual_payment
    payment = ask.schedule.regular_payment
    if contractual is None or payment <= contractual:
        return None
    return _finding(rule, contractual, payment, payment - contractual)


def _calendar(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    holidays, last = ask.proposal.holidays, ask.schedule.last_due
    if last is None or holidays.is_published(last):
        return None
    return _finding(rule, holidays.known_until, last)


PLAN_TESTS: dict[str, Callable[[Rule, PricedProposal, PolicyPack], Finding | None]] = {
    "restructured_asset": _restructured_asset,
    "verdict_allowed": _verdict_allowed,
    "annualized_cost_alarm": _cost_alarm,
    "annualized_cost_shown": _cost_shown,
    "relief_raises_payment": _relief,
    "calendar_unpublished": _calendar,
}


PARAMETERS: dict[str, tuple[str, ...]] = {
    "longest_term": ("months",),
    "extension_cumulative_short": ("original_term_months_max",),
    "extension_cumulative_long": (
        "original_term_months_min",
        "consumer_loan_months",
        "business_loan_months",
    ),
    "restructured_asset": ("observation_months", "observation_periods"),
    "restructured_before": ("window_months", "margin_days"),
    "smallest_installment": ("minor_units",),
    "stale_figures": ("days",),
    "annualized_cost_alarm": ("rate",),
}
"""What a rule must give its test; a test not listed here needs nothing."""
_RATES = frozenset({"rate"})


def require_known_tests(pack: PolicyPack) -> None:
    """Refuse a pack that asks what nobody can answer; a rule is never skipped in silence."""
    problems = [problem for rule in pack.rules for problem in _problems_of(rule)]
    if problems:
        raise InputRefused(f"policy {pack.pack}", problems)


def _problems_of(rule: Rule) -> Iterator[Problem]:
    if rule.test not in TERMS_TESTS and rule.test not in PLAN_TESTS:
        known = ", ".join(sorted({*TERMS_TESTS, *PLAN_TESTS}))
        yield Problem(f"rules.{rule.id}.test", f"there is no test {rule.test!r}; known are {known}")
        return
    needed = PARAMETERS.get(rule.test, ())
    for name in sorted(set(needed) ^ set(rule.parameters)):
        sentence = "is missing" if name in needed else f"is not a parameter of {rule.test}"
        yield Problem(f"rules.{rule.id}.parameters.{name}", sentence)
    for name in set(needed) & set(rule.parameters):
        value, place = rule.parameters[name], f"rules.{rule.id}.parameters.{name}"
        if name in _RATES:
            try:
                is_share = 0 < Fraction(str(value)) <= 1
            except ValueError:
                is_share = False
            if not is_share:
                yield Problem(place, 'must be a rate from 0 to 1, written as text such as "0.24"')
        elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
            yield Problem(place, "must be a whole number from 1 on")


def unaffordable(pack: PolicyPack, judgement: Judgement) -> tuple[Finding, ...]:
    """Return the finding that even the longest plan of a line asks for too much."""
    return tuple(
        _too_much(rule, judgement, rule.effect)
        for rule in pack.rules
        if rule.test == "verdict_allowed"
    )


def check_terms(proposal: Proposal, pack: PolicyPack, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Ask the rules that need only the terms, before anything is priced."""
    found = (
        TERMS_TESTS[rule.test](rule, proposal, pack) for rule in rules if rule.test in TERMS_TESTS
    )
    return tuple(finding for finding in found if finding is not None)


def check_plan(
    priced: PricedProposal, pack: PolicyPack, rules: Sequence[Rule]
) -> tuple[Finding, ...]:
    """Ask the rules that need the exact schedule."""
    found = (PLAN_TESTS[rule.test](rule, priced, pack) for rule in rules if rule.test in PLAN_TESTS)
    return tuple(finding for finding in found if finding is not None)
