"""The Pareto frontier of what fits: every plan that no other one beats.

Not needed on a key press: all that fits is run to the cent first. Not here: which figures are
compared (`dominance.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
_PART = 4096
"""Of those kept so far, compared in one go: what does not fit into the cache is slower."""


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
    """Say which sorted rows no earlier row is at most as large as in every figure.

    A row that something beats need not be compared with: what it beats, that beats, too.
    """
    ranks = _ranks(figures[:, 1:])  # by the first figure they are sorted
    kept = np.zeros(len(figures), dtype=bool)
    best, count = np.empty_like(ranks), 0
    for start in range(0, len(figures), _AT_ONCE):
        block = ranks[:, start : start + _AT_ONCE]
        alive = np.flatnonzero(~np.tril(_at_most(block, block), -1).any(axis=1))
        for first in range(0, count, _PART):
            part = best[:, first : min(first + _PART, count)]
            alive = alive[~_at_most(part, block[:, alive]).any(axis=1)]
        kept[start + alive] = True
        best[:, count : count + len(alive)] = block[:, alive]
        count += len(alive)
        if tell is not None:
            tell(min(start + _AT_ONCE, len(figures)), len(figures))
    return kept


def _ranks(figures: NDArray[np.float64]) -> NDArray[np.unsignedinteger[Any]]:
    """Return each figure as its place among those of its column, a column to a line.

    They compare as the figures do, and several times as many fit into the processor at once.
    """
    places = [np.unique(column, return_inverse=True)[1] for column in figures.T]
    return np.stack(places).astype(np.min_scalar_type(len(figures)))


def _at_most(
    some: NDArray[np.unsignedinteger[Any]], others: NDArray[np.unsignedinteger[Any]]
) -> NDArray[np.bool_]:
    """Say of each of the others (a line) which of some are at most as large in every figure."""
    found = np.ones((others.shape[1], some.shape[1]), dtype=bool)
    for mine, theirs in zip(some, others, strict=True):
        found &= mine[None, :] <= theirs[:, None]
    return found
