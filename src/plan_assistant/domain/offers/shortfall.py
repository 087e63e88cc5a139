"""How much more a month is missing: earned by the household, offered by the borrower, or both.

Not here: the levers of the plan (`gap.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from plan_assistant.domain.offers.base_plan import MOST_INCOME, Base
from plan_assistant.domain.offers.bases import NEAREST_FIRST, Bases
from plan_assistant.domain.offers.judging import TIGHT
from plan_assistant.domain.offers.least_of import least_of
from plan_assistant.domain.offers.pool import By, Places


class Of(Enum):
    """What more has to come of."""

    INCOME = auto()
    OFFER = auto()
    BOTH = auto()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The least that is missing."""

    minor: int
    """Minor units a month; of both the larger part."""
    base: Base
    """The plan that fits with so much more."""


def shortfalls(bases: Bases, below: Mapping[Of, Shortfall] | None = None) -> dict[Of, Shortfall]:
    """Return the least of each, where it is less than that of `below`.

    More of both is only told where more of one alone is never enough.
    """
    found: dict[Of, Shortfall] = {}
    known = below or {}
    for kind, least in ((Of.INCOME, _income), (Of.OFFER, _offer)):
        short = least(bases, known[kind].minor - 1 if kind in known else MOST_INCOME)
        if short is not None:
            found[kind] = short
    if not found and (below is None or Of.BOTH in below):
        short = _both(bases, known[Of.BOTH].minor - 1 if Of.BOTH in known else MOST_INCOME)
        if short is not None:
            found[Of.BOTH] = short
    return found


def _offer(bases: Bases, most: int) -> Shortfall | None:
    """Return how much more than was dialled has to be offered of what the household can pay."""
    pool = bases.pool
    place = pool.best(bases.places[pool.code[bases.places] <= TIGHT], NEAREST_FIRST)
    if place is None:
        return None
    base = bases.at(place)
    return Shortfall(base.dialled_short, base) if base.dialled_short <= most else None


def _income(bases: Bases, most: int) -> Shortfall | None:
    """Return how much more has to be earned for a plan that keeps to what was dialled."""
    places, dialled = bases.places, bases.dialled
    if dialled is not None:
        places = bases.pool.at_most(By.WORST, dialled, places)

    def change_of(place: int, most: int) -> int | None:
        short = bases.at(place).income_short
        return None if short is None or short > most else short

    def may_do(left: Places, most: int) -> Places:
        return bases.richer(left, most, None)

    return _shortfall(bases, least_of(places, change_of, may_do, most))


def _both(bases: Bases, most: int) -> Shortfall | None:
    """Return how much more has to be earned and offered alike."""
    dialled = bases.dialled
    if dialled is None:
        return None

    def change_of(place: int, most: int) -> int | None:
        short = bases.at(place).short
        return None if short is None or short > most else short

    def may_do(left: Places, most: int) -> Places:
        return bases.richer(left, most, dialled + most)

    return _shortfall(bases, least_of(bases.places, change_of, may_do, most))


def _shortfall(bases: Bases, found: tuple[int, int] | None) -> Shortfall | None:
    return None if found is None else Shortfall(found[0], bases.at(found[1]))
