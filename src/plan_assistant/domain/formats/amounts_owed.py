"""Holds what is owed against what a plan repays, what is waived and what joins the principal.

Not here: the schedule that follows from the terms (`agreement_file.py`).
"""

from __future__ import annotations

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.formats.differences import Difference, compare, json_of
from plan_assistant.domain.formats.raw_tree import Findings, Node
from plan_assistant.domain.formats.wire import refuse
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.terms import Terms


def compare_amounts(
    root: Node, owed: Components, terms: Terms, source: str, *, is_first: bool
) -> list[Difference]:
    """Hold what is owed against what the terms repay, what is waived and what joins the principal.

    What is owed = principal and arrears of the terms + what is waived; the principal of the terms =
    the principal owed + old interest that joins it.
    """
    plan, debt = root.get("plan"), root.get("debt")
    currency = terms.principal.currency
    waived, waived_total = Components.none(currency), currency.zero
    if not is_first:
        waived = read_components(plan.get("waived"), currency, source)
        found = Findings()
        waived_total = _amount(plan.get("waived").get("total"), currency, found)
        refuse(source, found.problems)
    repaid = terms.principal + (terms.arrears or currency.zero)
    total_owed = debt.get("total")
    is_sum = (repaid + waived.total).plain == total_owed.value
    given_up = waived.total if is_sum else waived_total
    differences = []
    if total_owed.value != owed.total.plain and owed.total != repaid + given_up:
        differences.append(Difference("debt.components", owed.total.plain, json_of(total_owed)))
    differences += compare(total_owed, (repaid + given_up).plain)
    joins = min(max(terms.principal - owed.principal, currency.zero), owed.interest)
    differences += _compare_waived(
        plan.get("waived"),
        waived,
        waived_total,
        owed,
        {Component.INTEREST: joins},
        is_sum=is_sum,
    )
    return differences + _compare_principal(plan, owed, waived, terms, is_first=is_first)


def _compare_waived(
    node: Node,
    waived: Components,
    waived_total: Money,
    owed: Components,
    joined: dict[Component, Money],
    *,
    is_sum: bool,
) -> list[Difference]:
    """Return what contradicts itself in a waiver: no part exceeds what is owed, principal is none.

    `joined` is the interest that joins the principal and so cannot be waived as well. Where the
    parts do not add up and only one of them can be the wrong one, it is named.
    """
    zero = waived_total.currency.zero
    limits = dict(owed.minus({Component.PRINCIPAL: owed.principal} | joined).items())
    differences = [
        Difference(f"{node.path}.{part.value}", amount.plain, limits[part].plain)
        for part, amount in waived.items()
        if amount > limits[part]
    ]
    missing = waived_total - waived.total
    if not missing:
        return differences
    if is_sum:
        return [
            *differences,
            Difference(f"{node.path}.total", waived_total.plain, waived.total.plain),
        ]
    right = [
        Difference(f"{node.path}.{part.value}", amount.plain, (amount + missing).plain)
        for part, amount in waived.items()
        if zero <= amount + missing <= limits[part]
    ]
    if len(right) == 1:
        return right
    return [*differences, Difference(node.path, waived.total.plain, waived_total.plain)]


def _compare_principal(
    plan: Node, owed: Components, waived: Components, terms: Terms, *, is_first: bool
) -> list[Difference]:
    """Hold the principal of the terms against the principal owed and the interest that joins it."""
    joined, most = terms.principal - owed.principal, owed.interest - waived.interest
    if joined.minor < 0 or (is_first and joined):
        return [Difference("plan.terms.principal", terms.principal.plain, owed.principal.plain)]
    differences = [] if is_first else compare(plan.get("capitalised"), joined.plain)
    if not differences and joined > most and not is_first:
        differences.append(Difference("plan.capitalised", joined.plain, most.plain))
    return differences


def read_components(node: Node, currency: Currency, source: str) -> Components:
    """Read every component; raises InputRefused with each that is no amount."""
    found = Findings()
    amounts = [_amount(node.get(component.value), currency, found) for component in Component]
    refuse(source, found.problems)
    return Components(*amounts)


def _amount(node: Node, currency: Currency, found: Findings) -> Money:
    amount = found.amount(node, currency)
    if amount is None and not isinstance(node.value, str):
        found.add(node, "this amount is missing")
    return amount or currency.zero
