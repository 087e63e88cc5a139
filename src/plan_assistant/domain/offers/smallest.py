"""The smallest change with which something is no longer too much.

Not here: what is changed, and how much is too much (`gap.py`).
"""

from __future__ import annotations

from collections.abc import Callable

Excess = Callable[[int], int]
"""By how many units a change leaves too much; at most 0 where it is enough."""


def smallest(excess: Excess, above: int, most: int, *, first: int) -> int | None:
    """Return the smallest change up to `most` that is enough; None where none is.

    The excess falls with the change, and is `above` without one; `first` is tried first. Where it
    does not fall everywhere, what is returned is enough, and one less is not.
    """
    step, low = first, 0
    while low < most:
        change = min(low + max(step, 1), most)
        found = excess(change)
        if found <= 0:
            return _between(excess, (low, above), (change, found))
        step = _reach(change - low, above - found, found)
        low, above = change, found
    return None


def _reach(change: int, fell: int, left: int) -> int:
    """Return how much more should be enough, from what the last change took away."""
    # What is gained by more payments dwindles: a quarter on top saves most of the next tries.
    return 2 * change if fell <= 0 else 5 * change * left // (4 * fell) + 1


def _between(excess: Excess, too_little: tuple[int, int], enough: tuple[int, int]) -> int:
    """Close in on the smallest change: where a straight line from end to end is just enough.

    An end that stays twice counts for half, so that the other one moves on (the Illinois rule).
    """
    (low, above), (high, below) = too_little, enough
    was_enough: bool | None = None
    while high - low > 1:
        # One more than what is enough: that may be enough for long before.
        ahead = (high - low) * above // (above - below + 1)
        change = min(max(low + ahead, low + 1), high - 1)
        found = excess(change)
        is_enough = found <= 0
        if is_enough:
            high, below = change, found
            above = above // 2 + 1 if was_enough is True else above
        else:
            low, above = change, found
            below = below // 2 if was_enough is False else below
        was_enough = is_enough
    return high
