"""A row that books exactly what was paid: which one, how much it can, and what its fees leave.

Not here: what the excess does to the plan (`rows.py`, `servicing.py`).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from plan_assistant.domain.schedule.lines import Line, Minor
from plan_assistant.domain.schedule.named_lines import line_due_on
from plan_assistant.domain.schedule.terms import RoundingStage

if TYPE_CHECKING:
    from plan_assistant.domain.schedule.events import Payment
    from plan_assistant.domain.schedule.rows import Draft


def bookable(draft: Draft, index: int) -> tuple[Minor, Minor]:
    """Return the least that an installment books, its interest and fees, and the most: the debt."""
    balance, row = draft.state_before(index).balance, draft.run(index + 1)[index]
    line = draft.lines[index]
    debt = balance + row.capitalised + row.interest - line.extra_principal
    return with_fees(draft, line, row.interest), with_fees(draft, line, debt)


def books_the_whole_debt(draft: Draft, event: Payment) -> bool:
    """Say whether a payment is booked by an installment as all that repays the plan."""
    index = line_to_book(draft, event)
    earlier = draft.lines[index].booked
    booked = event.amount.minor + (0 if earlier is None else earlier.amount)
    return booked == bookable(draft, index)[1]


def line_to_book(draft: Draft, event: Payment) -> int:
    """Return the index of the installment that books a payment.

    Of several that a holiday lets be paid on one day it is the first that has booked nothing of
    another kind, since a row books one kind only.
    """
    index = line_due_on(draft, event.day, "date")
    if draft.lines[index].period.nominal_due == event.day:
        return index
    paid_that_day = [
        k
        for k, line in enumerate(draft.lines)
        if k >= index and line.period.due == event.day and not line.is_fee_only
    ]
    for k in paid_that_day:
        booked = draft.lines[k].booked
        if booked is None or booked.excess is event.excess:
            return k
    return paid_that_day[-1]


def with_fees(draft: Draft, line: Line, paid: Minor) -> Minor:
    """Return what a row asks for that pays an amount of interest and principal."""
    rate = draft.terms.installment_fee_rate or 0
    return paid + draft.round(rate * paid) + line.fee + line.carried


def without_fees(draft: Draft, line: Line, amount: int) -> Minor:
    """Return what an amount booked by a row leaves to interest and principal.

    It is the most that with its fees comes to no more than the amount.
    """
    exact = Fraction(amount - line.fee - line.carried) / (
        1 + (draft.terms.installment_fee_rate or 0)
    )
    if draft.terms.conventions.rounding_stage is RoundingStage.DISPLAY_ONLY:
        return exact
    most = math.ceil(exact)
    while with_fees(draft, line, most + 1) <= amount:
        most += 1
    while with_fees(draft, line, most) > amount:
        most -= 1
    return most


def percent_fee(draft: Draft, line: Line, paid: Minor) -> Minor:
    """Return the percent fee on what a row pays of interest and principal.

    A booked amount may lie between two that rows can ask for; the unit is then part of the fee.
    """
    fee = draft.round((draft.terms.installment_fee_rate or 0) * paid)
    if line.booked is None:
        return fee
    left = line.booked.amount - line.fee - line.carried - paid
    return left if left == fee + 1 else fee
