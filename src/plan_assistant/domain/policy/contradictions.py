"""What can be wrong with a pack whose fields are well-formed: limits upside down, gaps, repeats.

Each check takes one section, so that all of them speak even where another section is broken, and
the names of the fields of it that are `hidden`: nothing is said of those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.policy.affordability import AffordabilityTable
from plan_assistant.domain.policy.authority import Authority
from plan_assistant.domain.policy.authority_tests import AUTHORITY_TESTS
from plan_assistant.domain.policy.directions import AFFORDABILITY, TOP
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.pack import AllocationOrder
from plan_assistant.domain.policy.parameters import problems_of
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS, VERDICT_ALLOWED
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import Space
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS

_AT_LEAST_THE_COLLECTORS = (
    "longest_term_months",
    "latest_first_payment_days",
    "longest_grace_months",
    "restructurings_12_months",
    "restructurings_60_months",
)
_ASKS_THE_AUTHORITY = frozenset({*AUTHORITY_TESTS, VERDICT_ALLOWED})
"""Tests whose effect comes from the authority table: a search relies on it."""
_ASKED_OF_A_FINISHED_PLAN = (
    frozenset(PLAN_TESTS)
    - frozenset(TERMS_TESTS)
    - {
        VERDICT_ALLOWED,
        "annualized_cost_alarm",
    }
)
"""Tests that nothing but the exact schedule answers, except those that a search counts by."""
_GRANTING = frozenset({Role.COLLECTOR, Role.TEAM_LEAD})
_SHORTEST_RATE_STEP = Fraction(1, 10_000)
_LONGEST_MONTH = 31
_AT_MOST_THE_COLLECTORS = ("lowest_rate_share", "lowest_down_payment_share")


def of_rules(rules: Sequence[Rule], dated: Sequence[Rule]) -> Iterator[Problem]:
    """Check every rule by itself, and those whose days are known against each other."""
    for rule in rules:
        yield from problems_of(rule)
        yield from _of_approval(rule)
        if rule.test in _ASKS_THE_AUTHORITY and rule.effect is not Effect.APPROVAL:
            sentence = (
                f"must be approval: beyond the collector {rule.test} asks the team lead, and "
                "beyond both it forbids the plan"
            )
            yield Problem(f"rules.{rule.id}.effect", sentence)
        if rule.effect is Effect.BLOCK and rule.test in _ASKED_OF_A_FINISHED_PLAN:
            sentence = (
                f"must not be block: {rule.test} is asked of a finished plan, and a search that "
                "counts what a rule forbids does not count this one; write approval and name in "
                "may_allow who may allow it"
            )
            yield Problem(f"rules.{rule.id}.effect", sentence)
    for one, other in combinations(dated, 2):
        if one.id == other.id and one.overlaps(other):
            sentence = (
                "stands twice for the same days and products: end one before the other begins"
            )
            yield Problem(f"rules.{other.id}", sentence)


def _of_approval(rule: Rule) -> Iterator[Problem]:
    """Check that whoever may allow it can: only a team lead decides about a plan."""
    place = f"rules.{rule.id}.may_allow"
    if rule.effect is not Effect.APPROVAL:
        if rule.may_allow is not None:
            sentence = "has no effect here: remove it, or let the effect be approval"
            yield Problem(place, sentence)
    elif rule.may_allow is None:
        sentence = "says nobody who may allow it: name the team_lead, or let the effect be block"
        yield Problem(place, sentence)
    elif rule.may_allow is not Role.TEAM_LEAD:
        sentence = (
            "must be team_lead, who alone decides about a plan: write it, or let the effect be "
            "block"
        )
        yield Problem(place, sentence)


def of_space(space: Space, hidden: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """Check that no lower limit of a lever is above its upper one."""
    if not hidden & {"min_periods", "max_periods"} and space.min_periods > space.max_periods:
        yield Problem(
            "space.min_periods", f"{space.min_periods} is above max_periods {space.max_periods}"
        )
    if "rate_step" not in hidden and 0 < space.rate_step < _SHORTEST_RATE_STEP:
        yield Problem("space.rate_step", "is below a hundredth of a percentage point")
    least, most = space.first_payment_min_days, space.first_payment_max_days
    if not hidden & {"first_payment_min_days", "first_payment_max_days"}:
        if least > most:
            sentence = f"{least} is above first_payment_max_days {most}"
            yield Problem("space.first_payment_min_days", sentence)
        else:
            yield from _without_due_day(space)
    yield from _unknown_fields("space", space)


def _without_due_day(space: Space) -> Iterator[Problem]:
    """Check that whatever day it is the due day falls once between the first days and the last."""
    least, most = max(space.first_payment_min_days, 1), space.first_payment_max_days
    needed, latest = least + _LONGEST_MONTH - 1, most - _LONGEST_MONTH + 1
    if most >= needed:
        return
    if latest < 1:
        sentence = (
            f"{most} leaves no due day for a first payment from day {least} on, as a due day comes "
            f"once a month: write at least {needed}"
        )
    else:
        sentence = (
            f"{most} leaves no due day for a first payment from day {least} on, as a due day comes "
            f"once a month: write at least {needed}, or at most {latest} for first_payment_min_days"
        )
    yield Problem("space.first_payment_max_days", sentence)


def of_authority(
    authority: Mapping[Role, Authority], hidden: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Check that a team lead may grant whatever a collector may, and that nobody else grants."""
    mine, lead = authority.get(Role.COLLECTOR), authority.get(Role.TEAM_LEAD)
    if mine is not None and lead is not None:
        yield from _of_lead(mine, lead, hidden)
    for role, table in authority.items():
        if role not in _GRANTING:
            sentence = (
                "has no effect: collector and team_lead have authority, and an agency's collector "
                "has that of collector"
            )
            yield Problem(f"authority.{role.value}", sentence)
        yield from _unknown_fields(f"authority.{role.value}", table)


def _of_lead(mine: Authority, lead: Authority, hidden: frozenset[str]) -> Iterator[Problem]:
    for name in _AT_LEAST_THE_COLLECTORS:
        if name not in hidden and getattr(lead, name) < getattr(mine, name):
            yield Problem(f"authority.team_lead.{name}", "is below the collector's")
    for name in _AT_MOST_THE_COLLECTORS:
        if name not in hidden and getattr(lead, name) > getattr(mine, name):
            yield Problem(f"authority.team_lead.{name}", "is above the collector's")
    if "verdicts" in hidden:
        return
    missing = [verdict.value for verdict in mine.verdicts if verdict not in lead.verdicts]
    if missing:
        sentence = f"lacks {', '.join(missing)}, which the collector may grant"
        yield Problem("authority.team_lead.verdicts", sentence)


def _unknown_fields(place: str, table: Space | Authority) -> Iterator[Problem]:
    for name in table.lender_may_loosen:
        if name not in type(table).model_fields:
            yield Problem(f"{place}.lender_may_loosen", f"there is no field {name!r} here")


def of_permissions(names: Sequence[str]) -> Iterator[Problem]:
    """Check that whatever a pack lets others loosen is a field of its own."""
    known = {*TOP, *(f"affordability.{name}" for name in AFFORDABILITY)}
    for name in names:
        if name not in known:
            sentence = f"there is no field {name!r} outside the levers and the authority"
            yield Problem("lender_may_loosen", sentence)


def of_allocation(orders: Sequence[AllocationOrder], *, is_whole: bool = True) -> Iterator[Problem]:
    """Check that every payment of every product has one order in which it settles.

    Which products have one is only known where every order `is_whole`.
    """
    for product in Product if is_whole else ():
        mine = [order for order in orders if product in order.products]
        if not any(order.max_days_past_due is None for order in mine):
            sentence = f"has no order for {product.value} without an upper end of days"
            yield Problem("allocation", sentence)
    for order in orders:
        if set(order.order) != set(Component) or len(order.order) != len(Component):
            yield Problem("allocation", f"the order of {order.rule} must name every component once")


def of_affordability(
    table: AffordabilityTable, hidden: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Check that the lines of the method rise, and that the minimum is one figure."""
    is_known = not hidden & {"dsr_comfortable", "dsr_alarm"}
    if is_known and table.dsr_comfortable > table.dsr_alarm:
        yield Problem("affordability.dsr_comfortable", "is above affordability.dsr_alarm")
    if table.minimum is not None and len(table.minimum.items) > 1:
        sentence = "names several items: the minimum living standard is one of a table"
        yield Problem("affordability.minimum.items", sentence)
    if "shocks" not in hidden and list(table.shocks) != sorted(set(table.shocks)):
        yield Problem("affordability.shocks", "must rise")
