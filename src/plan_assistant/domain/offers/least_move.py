"""The smallest change of a lever with which one plan fits, to the unit.

Not here: which plan (`gap.py`), and the levers (`moves.py`).
"""

from __future__ import annotations

import numpy as np

from plan_assistant.domain.offers.base_plan import Base, Excess
from plan_assistant.domain.offers.may_fit import Limits, may_fit
from plan_assistant.domain.offers.moves import Move
from plan_assistant.domain.offers.smallest import smallest

_AT_ONCE = 64
"""Changes that are tried together."""
_SCANNED_AT_ONCE = 1024
_LEFT_OVER = 2
"""Units of the payment, for each payment, that rounding usually leaves to the last one at most."""


def least_move(base: Base, move: Move, most: int) -> int | None:
    """Return the smallest change, at most so many units, with which a plan fits; None for none.

    For round payments, and where so much may be too much again, a change with which it fits and
    with one unit less does not: there may be a smaller one.
    """
    most = min(most, move.most(base.space, base.line, base.payments))
    found = _first_found(base, move, most)
    if move.may_ask_more_of(base.space) or base.line.multiple > 1:
        return found
    # Rounding may let a little less do as well.
    upper = most if found is None else found - 1
    low = _least_that_may_do(base, move, upper)
    if low is None:
        return found
    for start in range(low, upper + 1, _SCANNED_AT_ONCE):
        units = range(start, min(start + _SCANNED_AT_ONCE, upper + 1))
        fitting = np.flatnonzero(base.means.fitting(move.each(base.group, units)))
        if len(fitting):
            change = units[int(fitting[0])]
            # So much may be paid today, or given up, that the rest makes no plan.
            is_plan = base.excess(move.line(base.space, base.line, change), base.payments)
            return found if is_plan is None else change
    return found


def _least_that_may_do(base: Base, move: Move, most: int) -> int | None:
    """Return the smallest change below which a plan surely does not fit; None: nor with `most`."""
    low, high = 0, most + 1
    while high - low > 1:
        step = max(1, (high - low) // _AT_ONCE)
        units = range(low + step, high, step)
        unmoved, moved = base.unmoved(len(units)), move.each(base.group, units)
        limits = Limits(base.means.judge([moved]), base.dialled)
        may = np.flatnonzero(may_fit([unmoved], [moved], limits))
        if len(may):
            high = units[int(may[0])]
            low = high - step
        else:
            low = units[-1]
    return None if high > most else high


def _first_found(base: Base, move: Move, most: int) -> int | None:
    """Return a change with which a plan fits, and with one less does not.

    First without its last installment, as if nothing were left over. Where that one alone then asks
    for some units too much, each change that follows is tried.
    """
    known: dict[int, Excess | None] = {}

    def excess(change: int) -> Excess | None:
        if change not in known:
            line = move.line(base.space, base.line, change)
            known[change] = base.excess(line, base.payments)
        return known[change]

    def but_last(change: int) -> int | None:
        found = excess(change)
        return None if found is None else found.but_last

    def whole(change: int) -> int | None:
        found = excess(change)
        return None if found is None else found.whole

    rounding = _LEFT_OVER * base.payments
    rises_by = rounding if move.may_ask_more_of(base.space) else None
    start: int | None = 1
    if base.unchanged.but_last > 0:
        start = smallest(
            but_last, base.unchanged.but_last, most, first=most // 8, rises_by=rises_by
        )
    if start is None:
        return None
    for change in range(start, min(most, start + rounding) + 1):
        left = whole(change)
        if left is None:
            return None
        if left <= 0:
            return change
        if left > rounding or change == start + rounding:
            # More than rounding leaves over: the last installment is the one that asks too much.
            return smallest(whole, left, most, low=change, first=most // 8, rises_by=rises_by)
    return None
