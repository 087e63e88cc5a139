"""A plan as the rules see it, before it is called one; and how an answer is put into a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.calendar import Holidays, Unit, add_months, months_between
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Component, Components, Debt
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import (
    Effect,
    Finding,
    Measure,
    Role,
)
from plan_assistant.domain.policy.pack import Authority, PolicyPack, Rule
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything a rule may ask about: a plan before it is called one."""

    case: Case
    debt: Debt
    affordability: Affordability
    family: Family
    terms: Terms
    waived: Components
    """What the lender gives up of each component."""
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


def last_nominal(terms: Terms) -> date:
    """Return the nominal day of the last installment; plans of a search are always dated."""
    first, frequency = terms.first_due, terms.frequency
    assert first is not None
    steps = (terms.periods - 1) * frequency.every
    if frequency.unit is Unit.MONTHS:
        return add_months(first, steps)
    return first + timedelta(days=steps * (7 if frequency.unit is Unit.WEEKS else 1))


def started_months(today: date, last: date) -> int:
    """Return the months from one day to another, a started month counted whole."""
    months = months_between(today, last)
    return months + (add_months(today, months) < last)


def finding_of(
    rule: Rule,
    limit: Measure | None = None,
    actual: Measure | None = None,
    difference: Measure | None = None,
    *,
    effect: Effect | None = None,
) -> Finding:
    """Return a rule's answer; only what needs approval names who may allow it."""
    effect = effect or rule.effect
    may_allow = rule.may_allow if effect is Effect.APPROVAL else None
    return Finding(
        rule.id, rule.test, effect, limit, actual, difference, may_allow, rule.confidence
    )


def beyond(rule: Rule, limit: int, actual: int, unit: Callable[[int], Measure]) -> Finding | None:
    """Return a finding when a count is above its limit."""
    if actual <= limit:
        return None
    return finding_of(rule, unit(limit), unit(actual), unit(actual - limit))


def beyond_authority(
    rule: Rule, mine: int, leads: int, actual: int, unit: Callable[[int], Measure]
) -> Finding | None:
    """Within my authority nothing; within the lead's an approval; beyond it nobody may."""
    if actual <= mine:
        return None
    if actual <= leads:
        return finding_of(rule, unit(mine), unit(actual), unit(actual - mine))
    return finding_of(rule, unit(leads), unit(actual), unit(actual - leads), effect=Effect.BLOCK)


def authorities(pack: PolicyPack, role: Role) -> tuple[Authority, Authority]:
    """Return what the person at work may grant alone, and what a team lead may."""
    lead = pack.authority[Role.TEAM_LEAD]
    return (lead if role is Role.TEAM_LEAD else pack.authority[Role.COLLECTOR]), lead


def most_waived(authority: Authority, component: Component, owed: Money) -> Money:
    """Return the most that a role may give up of a component, rounded down."""
    limit = authority.largest_waiver.get(component)
    if limit is None:
        return owed.currency.zero
    most = owed.times(limit.share, Rounding.DOWN)
    amount = limit.amount.get(owed.currency.code)
    return (
        most
        if amount is None
        else min(most, owed.currency.money(int(amount) * owed.currency.units))
    )
