"""Posts the money a plan received to the installments that are due, in the agreed order.

The order holds inside each installment, the oldest first, or over all that are due together; that
is part of it (`Scope`). It is chosen anew at each posting, by how many days the oldest unpaid
installment is past due on that day (CN-CARD-07 turns on day 91). Money that comes before an
installment is due waits for it. Not here: what interest money ahead or overdue saves or costs
(`money_ahead.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.schedule.allocation import (
    ARREARS,
    FEE,
    INSTALLMENT_ORDER,
    INTEREST,
    PENALTY_INTEREST,
    PRINCIPAL,
    Component,
    OrderByDaysPastDue,
    Scope,
)
from plan_assistant.domain.schedule.lines import Cash, Minor, Row


@dataclass(frozen=True, slots=True)
class Posted:
    """Where the money of a plan went by a day."""

    unpaid: tuple[dict[Component, Minor], ...]
    """What each installment due by then still owes, component by component."""
    ahead: Minor
    """Money that no installment due by then asked for."""

    def of(self, component: Component) -> Minor:
        """Return what all installments still owe of one component."""
        nothing: Minor = 0
        return sum((owed[component] for owed in self.unpaid), nothing)


def post(
    rows: Sequence[Row], cash: Sequence[Cash], day: date, allocation: OrderByDaysPastDue | None
) -> Posted:
    """Post all money received by a day, in date order, to the installments due by then.

    Args:
        rows: the installments in their order.
        cash: the money received, in date order.
        day: the last day that is looked at.
        allocation: None leaves the order of an installment's own figures: interest, fees, arrears
            carried along, principal.
    """
    due = [row for row in rows if row.due is not None and row.due <= day]
    unpaid = [_owed(row) for row in due]
    received = [item for item in cash if item.day <= day]
    if allocation is None:
        # One order throughout: when the money came makes no difference.
        return Posted(
            tuple(unpaid), _fill(unpaid, sum(item.amount for item in received), INSTALLMENT_ORDER)
        )
    ahead: Minor = 0
    known = 0
    for today in sorted({*(row.due for row in due if row.due), *(item.day for item in received)}):
        while known < len(due) and (due[known].due or today) <= today:
            known += 1
        agreed = allocation.order_at(_days_past_due(due, unpaid, today))
        order = with_arrears(agreed.order)
        ahead += sum(item.amount for item in received if item.day == today)
        fill = _fill_together if agreed.scope is Scope.ACCOUNT else _fill
        ahead = fill(unpaid[:known], ahead, order)
    return Posted(tuple(unpaid), ahead)


def lay_ahead(rows: Iterable[Row], ahead: Minor) -> tuple[list[dict[Component, Minor]], Minor]:
    """Lay money ahead on installments whose interest has run in full but that are not yet due.

    That is so between a due date on a holiday and the day of payment. Their fees wait for that day.

    Returns what each still owes without its fees, and the money that is left.
    """
    unpaid = [{**_owed(row), FEE: 0, PENALTY_INTEREST: 0} for row in rows]
    return unpaid, _fill(unpaid, ahead, INSTALLMENT_ORDER)


def with_arrears(order: Sequence[Component]) -> tuple[Component, ...]:
    """Return the order with the arrears that a plan carries along, after what is no principal.

    They are old interest, fees and costs, which lost their names when they were spread.
    """
    last = max((k for k, name in enumerate(order) if name != PRINCIPAL), default=-1)
    return (*order[: last + 1], ARREARS, *order[last + 1 :])


def _owed(row: Row) -> dict[Component, Minor]:
    """Return what an installment asks for; together it is the payment of the row.

    A correction below zero lowers the principal. Principal below zero joins the balance and is no
    money to lay on the rest: `_fill` gives a row no more than its payment.
    """
    asked: dict[Component, Minor] = {
        INTEREST: row.interest,
        PENALTY_INTEREST: row.penalties,
        FEE: row.fees,
        ARREARS: row.carried,
        PRINCIPAL: row.principal,
    }
    for component in (INTEREST, PENALTY_INTEREST, FEE):
        if asked[component] < 0:
            asked[PRINCIPAL] += asked[component]
            asked[component] = 0
    return asked


def _days_past_due(
    due: Sequence[Row], unpaid: Sequence[dict[Component, Minor]], today: date
) -> int:
    """Return how long the oldest installment that is not paid in full has been due."""
    for row, owed in zip(due, unpaid, strict=True):
        if row.due is None or row.due > today:
            break
        if sum(owed.values()) > 0:
            return (today - row.due).days
    return 0


def _fill(
    unpaid: Sequence[dict[Component, Minor]], money: Minor, order: Sequence[Component]
) -> Minor:
    """Fill the installments one after the other; return what is left of the money."""
    for owed in unpaid:
        left = sum(owed.values())
        if not money or left <= 0:
            continue
        given = min(money, left)
        money -= given
        for component in order:
            part = min(given, owed.get(component, 0))
            if part > 0:
                owed[component] -= part
                given -= part
    return money


def _fill_together(
    unpaid: Sequence[dict[Component, Minor]], money: Minor, order: Sequence[Component]
) -> Minor:
    """Fill one component of all installments after the other; return what is left of the money.

    No installment receives more than it asks for, as in `_fill`.
    """
    for component in order:
        for owed in unpaid:
            part = min(money, owed.get(component, 0), sum(owed.values()))
            if part > 0:
                owed[component] -= part
                money -= part
    return money
