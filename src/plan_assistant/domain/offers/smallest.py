"""The smallest change with which something is no longer too much.

Not here: what is changed, and how much is too much (`gap.py`).
"""

from __future__ import annotations

from collections.abc import Callable

Excess = Callable[[int], int | None]
"""By how many units a change leaves too much, at most 0 where it is enough; None where the change
is so great that nothing comes of it any more."""


def smallest(
    excess: Excess, above: int, most: int, *, low: int = 0, first: int, rises_by: int | None = None
) -> int | None:
    """Return the smallest change beyond `low`, up to `most`, that is enough; None where none is.

    The excess falls with the change, and is `above` at `low`; `first` is tried first. Where it does
    not fall everywhere, what is returned is enough, and one less is not. With `rises_by` it falls
    and then rises: by more than that, which is no rounding.
    """
    step, before = first, (low, above)
    while low < most:
        change = min(low + max(step, 1), most)
        found = excess(change)
        if found is None:
            most, step = change - 1, (change - low) // 2
        elif found <= 0:
            return _between(excess, (low, above), (change, found))
        elif rises_by is not None and found > above + rises_by:
            return _in_the_valley(excess, before, change)
        else:
            step = _reach(change - low, above - found, found)
            before = before if rises_by and above - found <= rises_by else (low, above)
            low, above = change, found
    return None if rises_by is None else _in_the_valley(excess, before, most)


def _in_the_valley(excess: Excess, too_little: tuple[int, int], high: int) -> int | None:
    """Return the smallest change that is enough, where the excess falls and then rises."""
    low = too_little[0]
    while high - low > 1:
        third = max((high - low) // 3, 1)
        left, right = low + third, high - third
        on_left, on_right = excess(left), excess(right)
        for change, found in ((left, on_left), (right, on_right)):
            if found is not None and found <= 0:
                return _between(excess, too_little, (change, found))
        if on_left is None:
            high = left
        elif on_right is None or on_left <= on_right:
            high = right
        else:
            low = left
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
        is_enough = found is not None and found <= 0
        if found is not None and found <= 0:
            high, below = change, found
            above = above // 2 + 1 if was_enough is True else above
        else:
            low, above = change, above if found is None else found
            below = below // 2 if was_enough is False else below
        was_enough = is_enough
    return high
