"""What goes out in each calendar month, as outgoings begin and end, and what is then left.

Not here: income and the whole of the method (`budget.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from plan_assistant.domain.household import Every, Outgoing, OutgoingKind
from plan_assistant.domain.money import Money, Rounding, round_fraction

_PER_MONTH = {
    Every.WEEK: Fraction(52, 12),
    Every.FORTNIGHT: Fraction(26, 12),
    Every.MONTH: Fraction(1),
    Every.QUARTER: Fraction(1, 3),
    Every.YEAR: Fraction(1, 12),
}


@dataclass(frozen=True, slots=True)
class MonthMeans:
    """What goes out and what is left in one calendar month, in minor units."""

    essentials: int
    priority: int
    other_debts: int
    debt_payments: int
    """The debt part of priority payments plus other debts."""
    surplus: int
    affordable: int

    @property
    def outgoings(self) -> int:
        """All that goes out before any payment of a plan."""
        return self.essentials + self.priority + self.other_debts


def month_number(day: date) -> int:
    """Return the calendar month of a day as a count, so that months can be compared."""
    return day.year * 12 + day.month - 1


def a_month(amount: Money, every: Every) -> Fraction:
    """Return minor units a month, exactly."""
    # Most lines are monthly, and a call assesses its household many times.
    return Fraction(amount.minor) if every is Every.MONTH else amount.minor * _PER_MONTH[every]


def paid_by_month(
    outgoings: Sequence[Outgoing], as_of: date
) -> list[tuple[tuple[Outgoing, ...], int]]:
    """Return what is paid from the month of `as_of` on, and for how many months it stays so.

    The last entry lasts a month here and holds for all later ones.
    """
    this = month_number(as_of)
    changes = {this}
    for item in outgoings:
        if item.begins is not None:
            changes.add(month_number(item.begins))
        if item.until is not None:
            changes.add(month_number(item.until) + 1)
    starts = sorted(month for month in changes if month >= this)
    return [
        (tuple(item for item in outgoings if item.is_paid_in(start)), following - start)
        for start, following in zip(starts, [*starts[1:], starts[-1] + 1], strict=True)
    ]


def sums_of(outgoings: Sequence[Outgoing]) -> dict[OutgoingKind, Fraction]:
    """Return what is stated for each kind, in minor units a month."""
    sums: dict[OutgoingKind, Fraction] = {}
    for item in outgoings:
        sums[item.kind] = sums.get(item.kind, Fraction(0)) + a_month(item.amount, item.every)
    return sums


def means_of(
    paid: Sequence[Outgoing],
    income: int,
    floors: Mapping[OutgoingKind, Fraction],
    floor: Fraction,
    *,
    buffer_share: Fraction,
    buffer_cap: Fraction | None,
) -> MonthMeans:
    """Return what is left of the income in a month with these outgoings (steps 2 to 7).

    Every figure before the buffer is rounded once, so that the budget adds up on paper; what is
    affordable is rounded down.
    """
    sums = sums_of(paid)
    living = {kind: amount for kind, amount in sums.items() if kind.is_essential}
    raised = {kind: max(living.get(kind, Fraction(0)), least) for kind, least in floors.items()}
    essentials = _rounded(max(sum({**living, **raised}.values(), Fraction(0)), floor))
    priority = _rounded(_sum_of(sums, lambda kind: kind.is_priority))
    other_debts = _rounded(_sum_of(sums, lambda kind: kind is OutgoingKind.OTHER_DEBT))
    surplus = income - essentials - priority - other_debts
    spare = spare_income(
        surplus, buffer_share=buffer_share, buffer_cap=buffer_cap, rounding=Rounding.UP
    )
    return MonthMeans(
        essentials=essentials,
        priority=priority,
        other_debts=other_debts,
        debt_payments=_rounded(_sum_of(sums, lambda kind: kind.is_debt)),
        surplus=surplus,
        affordable=spare.affordable,
    )


class SpareIncome(NamedTuple):
    """What is left of a month, what of it is kept back, and what can be paid; minor units."""

    surplus: int
    buffer: int
    affordable: int


def spare_income(
    surplus: int, *, buffer_share: Fraction, buffer_cap: Fraction | None, rounding: Rounding
) -> SpareIncome:
    """Keep a buffer back from what is left (reference method 3.2, steps 6 and 7).

    B = min(round(share x max(S, 0)), cap) and A = max(0, S - B): a deficit keeps nothing back and
    leaves nothing to pay with. A cap of None is no cap.
    """
    buffer = round_fraction(buffer_share * max(surplus, 0), rounding)
    if buffer_cap is not None:
        buffer = min(buffer, round_fraction(buffer_cap, rounding))
    return SpareIncome(surplus, buffer, max(0, surplus - buffer))


def _sum_of(
    sums: Mapping[OutgoingKind, Fraction], counts: Callable[[OutgoingKind], bool]
) -> Fraction:
    return sum((amount for kind, amount in sums.items() if counts(kind)), Fraction(0))


def _rounded(value: Fraction) -> int:
    return round_fraction(value, Rounding.HALF_UP)
