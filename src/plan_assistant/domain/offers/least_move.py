"""The smallest change of a lever with which one plan fits, to the unit.

What a plan asks for does not fall with every unit: rounding goes up and down, a round payment falls
in steps, and what is paid today is no longer in hand in the weak months of a season. So the changes
are looked through from the smallest on, and only those left out that a bound says no to. Not here:
which plan (`gap.py`), the levers (`moves.py`), and the bound (`may_fit.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from plan_assistant.domain.offers.base_plan import Base
from plan_assistant.domain.offers.may_fit import Limits, may_fit
from plan_assistant.domain.offers.moves import Move
from plan_assistant.domain.offers.same_level import ends_early
from plan_assistant.domain.schedule.vector_run import Flags

_PARTS = 64
"""Parts of a range of changes that are bounded together."""
_SMALL = 128
"""Changes in a part that is not parted again."""
_AT_ONCE = 512
"""Changes that are tried together."""


def least_move(base: Base, move: Move, most: int) -> int | None:
    """Return the smallest change, at most so many units, with which a plan fits; None for none."""
    most = min(most, move.most(base.space, base.line, base.payments))
    every = range(1, most + 1)
    if not every or not _may_fit(base, move, [every]).any():
        return None
    tried = (_first_of(base, move, some) for some in _that_may_fit(base, move, every))
    return next((change for change in tried if change is not None), None)


def _that_may_fit(base: Base, move: Move, changes: range) -> Iterator[Sequence[int]]:
    """Yield the changes of a range that may fit, from the smallest on, some at a time."""
    if len(changes) <= _AT_ONCE:
        yield changes
        return
    size = -(-len(changes) // _PARTS)
    parts = [changes[start : start + size] for start in range(0, len(changes), size)]
    kept = [parts[int(place)] for place in np.flatnonzero(_may_fit(base, move, parts))]
    if size > _SMALL:
        for part in kept:
            yield from _that_may_fit(base, move, part)
        return
    left = [*chain.from_iterable(kept)]
    for start in range(0, len(left), _AT_ONCE):
        yield left[start : start + _AT_ONCE]


def _may_fit(base: Base, move: Move, parts: Sequence[range]) -> Flags:
    """Say in which parts there may be a change with which it fits."""
    least = move.each(base.group, [part[0] for part in parts])
    most = move.each(base.group, [part[-1] for part in parts])
    may = may_fit([least], [most], Limits(base.means.judge([most]), base.dialled))
    if base.line.multiple > 1:  # to the unit, hardly any plan ends early
        may &= ~ends_early(least.course, most.course)
    return may


def _first_of(base: Base, move: Move, changes: Sequence[int]) -> int | None:
    """Return the first of some changes with which it fits, to the cent."""
    for place in np.flatnonzero(base.means.fitting(move.each(base.group, changes))):
        change = changes[int(place)]
        # So much may be paid today, or given up, that the rest makes no plan.
        if base.is_plan(move.line(base.space, base.line, change), base.payments):
            return change
    return None
