"""The smallest change over many plans, of which few have to be asked.

Not here: what is changed (`gap.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from plan_assistant.domain.offers.pool import Places


def least_of(
    places: Places,
    change_of: Callable[[int, int], int | None],
    may_do: Callable[[Places, int], Places],
    most: int,
) -> tuple[int, int] | None:
    """Return the smallest change of any plan, and of equal ones the first plan; None for none.

    Args:
        places: the plans, those first that probably need the least.
        change_of: the smallest change of one plan, at most so much; None where there is none.
        may_do: which of some plans may do with at most so much; the others surely do not.
        most: the largest change that is looked for.
    """
    found: tuple[int, int] | None = None
    is_sifted = False
    while len(places) and most > 0:
        place, places = int(places[0]), places[1:]
        change = change_of(place, most)
        if change is not None:
            found, most = (change, place), change - 1
        if change is not None or not is_sifted:
            places, is_sifted = may_do(places, most), True
    return found
