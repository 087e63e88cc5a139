"""When one plan beats another: it is nowhere worse by any figure compared, and better by one.

Compared are what the worst month asks for, the borrower's total, the months, the lender's present
value, and what is asked for before the hardship ends. The concession is what is owed less that
value, so it says nothing more. Not here: all plans that none beats (`frontier.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from plan_assistant.domain.offers.pool import By, Places, Pool

FIGURES = (By.TOTAL, By.WORST, By.MONTHS, By.COST_TO_LENDER, By.EARLY)
"""What plans are compared by; less is better for each."""
Figures = Mapping[By, int]
"""The exact figures of a plan: an entry for each of `FIGURES`."""


def figures_of(pool: Pool, place: int) -> Figures:
    """Return the figures of a candidate that has been run to the cent."""
    return {by: int(pool.low(by)[place]) for by in FIGURES}


def beats(better: Figures, worse: Figures) -> bool:
    """Say whether one plan beats another."""
    return all(better[by] <= worse[by] for by in FIGURES) and better != worse


def nowhere_worse(pool: Pool, places: Places, most: Mapping[By, float]) -> Places:
    """Return the candidates of some whose figures may all be at most those given."""
    for by in FIGURES:
        places = places[pool.low(by)[places] <= most[by]]
    return places


def beating(pool: Pool, places: Places, figures: Figures) -> Places:
    """Return the candidates of some that beat a plan."""
    places = nowhere_worse(pool, places, figures)
    pool.settle(places)
    is_less = places < 0
    for by in FIGURES:
        mine = pool.low(by)[places]
        kept = mine <= figures[by]
        places, is_less = places[kept], (is_less | (mine < figures[by]))[kept]
    found: Places = places[is_less]
    return found
