"""Which candidates answer the questions that a borrower, a lender and a lead ask, in which order.

Each question is asked of what the person at work may grant alone, and then of everything; of a
better verdict before a worse one. Not here: how a candidate is compared to the cent (`pool.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from plan_assistant.domain.offers.dominance import FIGURES, beating, figures_of, nowhere_worse
from plan_assistant.domain.offers.line import FREE_GRACE, LEVEL, WITH_GRACE, Line
from plan_assistant.domain.offers.plan import Family, Reason, Robustness
from plan_assistant.domain.offers.pool import By, Places, Pool
from plan_assistant.domain.offers.robustness import StaysFirst, stays_first
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.schedule.engine import price

LEAST = 3
"""Fewer offers than this are filled up with other ways to pay, for comparison."""
ORDERS: dict[Reason, tuple[By, ...]] = {
    reason: (By.CODE, *order, *(by for by in FIGURES if by not in order), By.PAYMENTS)
    for reason, order in {
        Reason.CHEAPEST: (By.TOTAL, By.COST_TO_LENDER, By.MONTHS),
        Reason.LOWEST_PAYMENT: (By.WORST, By.TOTAL, By.MONTHS),
        Reason.FASTEST: (By.MONTHS, By.TOTAL, By.WORST),
        Reason.BEST_FOR_LENDER: (By.COST_TO_LENDER, By.TOTAL, By.MONTHS),
    }.items()
}
"""By which figures each question is answered; the verdict comes first (reference method 3.2).

Every figure that plans are compared by decides ties, so that no plan beats an answer.
"""
WITH_LEAD = {
    Reason.CHEAPEST: Reason.CHEAPEST_WITH_LEAD,
    Reason.LOWEST_PAYMENT: Reason.LOWEST_WITH_LEAD,
    Reason.FASTEST: Reason.FASTEST_WITH_LEAD,
    Reason.BEST_FOR_LENDER: Reason.BEST_FOR_LENDER_WITH_LEAD,
}
"""What the same question is called when a team lead may be asked."""
_CHEAPEST_OF_ALL = (By.CODE, By.BEYOND, *ORDERS[Reason.CHEAPEST][1:])
"""The cheapest, of plans that may need more authority."""
_RELIEF = (frozenset({Family.INTEREST_FIRST}), frozenset(FREE_GRACE))


@dataclass(frozen=True, slots=True)
class Answer:
    """A candidate of the pool and the questions it answers."""

    place: int
    reasons: tuple[Reason, ...]
    robustness: Robustness | None = None


@dataclass(frozen=True, slots=True)
class Fits:
    """The candidates among which the questions are asked."""

    places: Places
    is_met: bool
    """Whether they keep what was dialled and can be carried; otherwise they come nearest."""


def fits_of(space: Space, pool: Pool) -> Fits:
    """Return what fits: what the household can carry and keeps to the dialled amount.

    A dialled number of payments leaves no other plans in the pool.
    """
    kept = pool.affordable
    if space.wishes.monthly is not None:
        kept = pool.at_most(By.WORST, space.wishes.monthly.minor, kept)
    return Fits(kept, True) if len(kept) else Fits(pool.places, False)


def choose(space: Space, pool: Pool, fits: Fits) -> list[Answer]:
    """Return the answers, distinct and best first, at most as many as the pack shows."""
    found: dict[int, list[Reason]] = {}
    robust: StaysFirst | None = None
    if fits.is_met:
        robust = _find(space, pool, fits, found)
    else:
        _note(found, _nearest(pool, fits.places))
    kept = list(found)[: space.policy.space.offers]
    if space.wishes.monthly is not None:
        asked = Reason.ASKED if fits.is_met else Reason.NEAREST
        for place in kept:
            found[place].insert(0, asked)
    elif not fits.is_met:
        for place in kept:
            found[place].insert(0, Reason.NEAREST)
    answers = [
        Answer(place, tuple(found[place]), robust.mark(place) if robust else None) for place in kept
    ]
    pool.settle(np.array(kept, dtype=np.intp))
    total, code = pool.low(By.TOTAL), pool.code
    answers.sort(key=lambda each: (code[each.place], pool.beyond[each.place], total[each.place]))
    return answers


def _find(space: Space, pool: Pool, fits: Fits, found: dict[int, list[Reason]]) -> StaysFirst:
    """Answer the five questions, then fill up with other ways that matter in a call."""
    every = fits.places
    mine = every[~pool.beyond[every]]
    own = mine if len(mine) else every
    _note(found, _first_questions(pool, own, is_mine=bool(len(mine))))
    robust = stays_first(space, pool, own, lambda place: _is_beaten(pool, every, place))
    _note(found, _of(robust.first, Reason.MOST_ROBUST))
    _note(found, _other_ways(space, pool, every, mine))
    for family in space.families:
        if len(found) >= LEAST:
            break
        of_family = every[_is_family(pool, every, frozenset({family}))]
        _note(found, _of(pool.best(of_family, _CHEAPEST_OF_ALL), Reason.COMPARISON))
    return robust


def _note(found: dict[int, list[Reason]], answers: Iterable[tuple[int, Reason]]) -> None:
    for place, reason in answers:
        reasons = found.setdefault(place, [])
        if reason not in reasons:
            reasons.append(reason)


def _first_questions(pool: Pool, own: Places, *, is_mine: bool) -> Iterator[tuple[int, Reason]]:
    """Yield what is best by one figure, the others deciding ties: all of it on the frontier."""
    best = pool.least(own, By.CODE)
    for reason in (
        Reason.CHEAPEST,
        Reason.LOWEST_PAYMENT,
        Reason.FASTEST,
        Reason.BEST_FOR_LENDER,
    ):
        called = reason if is_mine else WITH_LEAD[reason]
        yield from _of(pool.best(best, ORDERS[reason][1:]), called)


def _other_ways(
    space: Space, pool: Pool, every: Places, mine: Places
) -> Iterator[tuple[int, Reason]]:
    """Yield what a collector wants to see beside the best, by how much it matters in a call."""
    if space.wishes.monthly is not None or space.wishes.periods is not None:
        level = every[_is_family(pool, every, LEVEL) & pool.gives_nothing_up[every]]
        order: tuple[By, ...] = (By.BEYOND, By.CODE, By.MONTHS, By.TOTAL, By.COST_TO_LENDER)
        yield from _of(pool.best(level, order), Reason.COMPARISON)
    is_asked = 0 < len(mine) < len(every)
    # Each question is asked of the best verdict first, and all plans are many.
    best = pool.least(every, By.CODE) if is_asked else every
    if is_asked:
        yield from _with_lead(pool, best, ORDERS[Reason.CHEAPEST][1:], Reason.CHEAPEST_WITH_LEAD)
    yield from _relief(space, pool, every)
    if is_asked:
        order = ORDERS[Reason.LOWEST_PAYMENT][1:]
        yield from _with_lead(pool, best, order, Reason.LOWEST_WITH_LEAD)


def _with_lead(
    pool: Pool, every: Places, order: Sequence[By], reason: Reason
) -> Iterator[tuple[int, Reason]]:
    """Yield the best of everything where a lead has to be asked for it."""
    place = pool.best(every, order)
    if place is not None and pool.beyond[place]:
        yield place, reason


def _of(place: int | None, reason: Reason) -> Iterator[tuple[int, Reason]]:
    if place is not None:
        yield place, reason


def _nearest(pool: Pool, every: Places) -> Iterator[tuple[int, Reason]]:
    """Nothing fits: what asks for the least, mine and with a lead, and the least of each family."""
    order = (By.WORST, By.TOTAL, By.MONTHS, By.PAYMENTS)
    mine = every[~pool.beyond[every]]
    yield from _of(pool.best(mine, order), Reason.LOWEST_PAYMENT)
    yield from _with_lead(pool, every, order, Reason.LOWEST_WITH_LEAD)
    for index, each in enumerate(pool.screened):
        if each.sheet.family in {Family.EQUAL_INSTALLMENT, Family.EXTENSION, Family.ZERO_RATE}:
            yield from _of(
                pool.best(every[pool.sheet_at[every] == index], order), Reason.COMPARISON
            )


def _relief(space: Space, pool: Pool, every: Places) -> Iterator[tuple[int, Reason]]:
    """What asks for little at first, for as long as the hardship is expected to last."""
    wanted, cheapest = space.wanted_grace, []
    for families in _RELIEF:
        of_family = every[_is_family(pool, every, families)]
        if not len(of_family):
            continue
        graces = pool.grace[of_family]
        code = pool.code[of_family]
        best_code = code == code.min()
        own = best_code & ~pool.beyond[of_family]
        among = own if own.any() else best_code
        # The longest grace up to the end of the hardship, or the shortest one beyond it.
        reach = np.where(graces <= wanted, wanted - graces, 1000 + graces)
        nearest = among & (reach == reach[among].min())
        place = pool.best(of_family[nearest], _CHEAPEST_OF_ALL)
        cheapest += [] if place is None else [place]
    for place in _unbeaten(pool, every, cheapest):
        if _asks_little_first(space, *pool.candidate(place)):
            yield place, Reason.LOW_FIRST


def _unbeaten(pool: Pool, every: Places, found: Sequence[int]) -> Iterator[int]:
    """Yield of each candidate itself, or the best of those that beat it: it is on the frontier.

    Compared with what needs no more authority and has no worse verdict.
    """
    rivals = {place: _rivals(pool, every, place) for place in found}
    open_yet = [each for each in rivals.values() if len(each) > 1]
    # One run to the cent for all of them: its rows take longer than its candidates.
    pool.settle(np.unique(np.concatenate([every[:0], *open_yet])))
    for place, others in rivals.items():
        better = None
        if len(others) > 1:
            beaten_by = beating(pool, others, figures_of(pool, place))
            better = pool.best(beaten_by, _CHEAPEST_OF_ALL)
        yield place if better is None else better


def _is_beaten(pool: Pool, every: Places, place: int) -> bool:
    """Say whether a plan that needs no more authority and has no worse verdict beats one."""
    pool.settle(np.array([place]))
    return len(beating(pool, _rivals(pool, every, place), figures_of(pool, place))) > 0


def _rivals(pool: Pool, every: Places, place: int) -> Places:
    """Return, by bounds alone, the candidates that may beat one, and that one."""
    asked = (pool.beyond <= pool.beyond[place]) & (pool.code <= pool.code[place])
    return nowhere_worse(
        pool, every[asked[every]], {by: float(pool.high(by)[place]) for by in FIGURES}
    )


def _asks_little_first(space: Space, line: Line, payments: int) -> bool:
    """Say whether no payment of the grace is more than half of the largest payment.

    Old charges in the first payment, or the interest of a long plan, may ask for more than that.
    """
    if line.family not in WITH_GRACE:
        return False
    if line.family in FREE_GRACE:
        return True
    schedule = price(space.terms(line, payments))
    first = schedule.columns.payment[schedule.has_down_payment :][: line.grace_months]
    return 2 * max(first, default=0) <= schedule.largest_payment.minor


def _is_family(pool: Pool, places: Places, families: frozenset[Family]) -> np.ndarray:
    of = np.array([each.sheet.family in families for each in pool.screened])
    flags: np.ndarray = of[pool.sheet_at[places]]
    return flags
