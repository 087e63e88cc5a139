"""The Pareto frontier of what fits: every plan that no other one beats.

Not needed on a key press: all that fits is run to the cent first. Not here: which figures are
compared (`dominance.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.offers.dominance import FIGURES
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.pool import By, Places
from plan_assistant.domain.offers.search import Search


@dataclass(frozen=True, slots=True)
class Point:
    """A plan of the frontier with its exact figures; money in minor units."""

    line: Line
    payments: int
    worst: int
    total: int
    months: int
    worth: int
    """The lender's present value."""
    early: int
    """What is paid today and falls due before the hardship ends."""
    is_own: bool
    """Whether the person at work may grant it."""


def frontier_points(
    search: Search, tell: Callable[[int, int], None] | None = None
) -> tuple[Point, ...]:
    """Return the frontier as plans with their figures, the cheapest first."""
    pool = search.pool
    return tuple(
        Point(
            *pool.candidate(int(place)),
            worst=int(pool.low(By.WORST)[place]),
            total=int(pool.low(By.TOTAL)[place]),
            months=int(pool.months[place]),
            worth=-int(pool.low(By.COST_TO_LENDER)[place]),
            early=int(pool.low(By.EARLY)[place]),
            is_own=not pool.beyond[place],
        )
        for place in frontier(search, tell)
    )


_AT_ONCE = 256


def frontier(search: Search, tell: Callable[[int, int], None] | None = None) -> Places:
    """Return the places in the pool of all plans on the frontier, cheapest first.

    Args:
        search: the search whose `fits` are compared.
        tell: is told how many of how many have been compared, now and then.
    """
    pool, places = search.pool, search.fits.places
    if not len(places):
        return places
    pool.settle(places)
    figures = np.stack([pool.low(by)[places] for by in FIGURES], axis=1)
    order = np.lexsort(figures.T[::-1])
    # Sorted by the first figure, the others deciding ties: only what comes before can dominate.
    order = order[_first_of_equals(figures[order])]
    kept = order[_undominated(figures[order], tell)]
    worst, total = (figures[kept, FIGURES.index(by)] for by in (By.WORST, By.TOTAL))
    cheapest = np.lexsort((worst, total))
    found: Places = places[kept[cheapest]]
    return found


def _first_of_equals(figures: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of sorted rows which differ from the one before."""
    first = np.ones(len(figures), dtype=bool)
    first[1:] = (figures[1:] != figures[:-1]).any(axis=1)
    return first


def _undominated(
    figures: NDArray[np.float64], tell: Callable[[int, int], None] | None
) -> NDArray[np.bool_]:
    """Say which rows no earlier row is at most as large as in every figure."""
    kept = np.zeros(len(figures), dtype=bool)
    best = np.empty((0, figures.shape[1]))
    for start in range(0, len(figures), _AT_ONCE):
        block = figures[start : start + _AT_ONCE]
        alive = ~_covered(block, best)
        for index in np.flatnonzero(alive):
            if alive[index]:
                later = alive.copy()
                later[: index + 1] = False
                alive &= ~(later & (block >= block[index]).all(axis=1))
        kept[start : start + _AT_ONCE] = alive
        best = np.concatenate([best, block[alive]])
        if tell is not None:
            tell(min(start + _AT_ONCE, len(figures)), len(figures))
    return kept


def _covered(block: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.bool_]:
    covered = np.zeros(len(block), dtype=bool)
    for start in range(0, len(best), 4096):
        part = best[start : start + 4096]
        at_most = np.ones((len(block), len(part)), dtype=bool)
        for column in range(block.shape[1]):
            at_most &= part[None, :, column] <= block[:, None, column]
        covered |= at_most.any(axis=1)
    return covered
