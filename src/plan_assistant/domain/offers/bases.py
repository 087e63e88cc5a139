"""The plans that levers are moved away from, side by side: which of them has to be looked at.

Not here: one of them by itself (`base_plan.py`), and how far a lever is moved (`gap.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np

from plan_assistant.domain.offers.base_plan import Base, Means
from plan_assistant.domain.offers.judging import REFUSED, TIGHT, Group
from plan_assistant.domain.offers.line import FREE_GRACE
from plan_assistant.domain.offers.may_fit import Limits, may_fit, may_fit_longer
from plan_assistant.domain.offers.moves import Move
from plan_assistant.domain.offers.pool import By, Places
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.policy.pack import Rhythm
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import Flags

NEAREST_FIRST: Final = (By.WORST, By.TOTAL, By.MONTHS, By.PAYMENTS)
_AT_ONCE = 4096
"""Plans that are run together."""
_PIECES = 16
_MOST = 2**50
"""More units than any lever has."""


class Bases:
    """Some candidates of a search of which none fits."""

    def __init__(self, search: Search, places: Places) -> None:
        self._search, self.space, self.pool = search, search.space, search.pool
        self.means = Means(search)
        nearest = self.pool.best(places, NEAREST_FIRST)
        assert nearest is not None
        others = places[places != nearest]
        worst = self.pool.low(By.WORST)[others]
        self.places: Places = np.concatenate([[nearest], others[np.argsort(worst, kind="stable")]])
        """The one that asks for the least first, and then about by what they ask for."""
        self.nearest = self.at(nearest)
        self.dialled = self.nearest.dialled

    def at(self, place: int) -> Base:
        """Return one of them."""
        return Base(self.space, self.means, self.pool, place)

    def most(self, move: Move) -> int:
        """Return how many units of a lever are worth trying at most.

        What a seasonal household pays today has to be in hand until the first payment.
        """
        cash = self.means.known.cash
        if cash is None or not move.may_ask_more_of(self.space):
            return _MOST
        as_of, first = self.space.case.as_of, min(self.space.first_dues)
        months = 12 * (first.year - as_of.year) + first.month - as_of.month
        return max(0, min(cash[: months + 1]))

    def moved(self, places: Places, move: Move, most: int) -> Places:
        """Return those of some that may fit when a lever is moved at most so many units."""
        # Where so much may be too much again, it is looked for in one part after the other.
        pieces = _PIECES if move.may_ask_more_of(self.space) else 1
        ends = sorted({most * (index + 1) // pieces for index in range(pieces)} - {0})

        def of(here: Places) -> Flags:
            _order, least = self.pool.groups(here)
            before, fits = least, np.zeros(len(here), dtype=bool)
            for end in ends:
                most = [replace(each, sheet=move.sheet(each.sheet, end)) for each in before]
                fits |= may_fit(least, most, self._limits(most))
                least = most
            return fits

        return self._piece_by_piece(places, of)

    def lengthened(self, places: Places, most: int) -> Places:
        """Return those of some that may fit with at most so many more payments."""

        def of(here: Places) -> Flags:
            order, before = self.pool.groups(here)
            more = np.minimum(self.room[order], most)
            groups, start = [], 0
            for each in before:
                stop = start + len(each.lines)
                groups.append(replace(each, payments=each.payments + more[start:stop]))
                start = stop
            rows = np.concatenate([_rows(each) for each in before])
            return (more > 0) & may_fit_longer(groups, rows, self._limits(groups))

        return self._piece_by_piece(places[self.room[places] > 0], of)

    def _limits(self, groups: list[Group]) -> Limits:
        return Limits(self.means.judge(groups), self.dialled)

    def _piece_by_piece(self, places: Places, of: Callable[[Places], Flags]) -> Places:
        """Return the places, in their order, of which `of` says yes; it is asked sheet by sheet."""
        kept = np.zeros(len(self.pool.code), dtype=bool)
        for start in range(0, len(places), _AT_ONCE):
            here = np.sort(places[start : start + _AT_ONCE])
            kept[here] = of(here)
        some: Places = places[kept[places]]
        return some

    @cached_property
    def room(self) -> Int64s:
        """How many more payments each of them, by its place, has before the next one begins.

        What is as long as the next one of its line or longer is nearer to that one.
        """
        pool, places = self.pool, np.sort(self.places)
        room = np.full(len(pool.code), np.iinfo(np.int64).max)
        line, sheet, payments = pool.line_at(places), pool.sheet_at[places], pool.payments[places]
        is_same = (line[1:] == line[:-1]) & (sheet[1:] == sheet[:-1])
        room[places[:-1][is_same]] = (payments[1:] - payments[:-1] - 1)[is_same]
        return room

    @property
    def rhythms(self) -> tuple[Rhythm, ...]:
        """The rhythms that are open, that of the nearest first."""
        nearest = self.nearest.line.rhythm
        others = {each.sheet.rhythm for each in self.pool.screened} - {nearest}
        return (nearest, *(rhythm for rhythm in Rhythm if rhythm in others))

    def of_rhythm(self, rhythm: Rhythm) -> Places:
        """Return those in a rhythm."""
        alike = np.array([each.sheet.rhythm is rhythm for each in self.pool.screened])
        some: Places = self.places[alike[self.pool.sheet_at[self.places]]]
        return some

    def richer(self, places: Places, income: int, offered: int | None) -> Places:
        """Return those of some that can be carried with more income, in minor units a month.

        They ask for at most `offered` a month; None is whatever they ask for.
        """
        pool, judge = self.pool, self._search.judge
        last = len(judge.limits.tight) - 1
        judge = replace(judge, limits=self.means.with_income(income, last))
        if offered is not None:
            places = pool.at_most(By.WORST, offered, places)
        fits, unsure = [], []
        for each in pool.screened:
            code, open_yet = judge.codes(each.sheet, each.figures, each.code != REFUSED)
            fits.append(((code <= TIGHT) & ~open_yet).ravel())
            unsure.append(open_yet.ravel())
        is_sure, is_open = np.concatenate(fits), np.concatenate(unsure)
        left = np.sort(places[is_open[places]])
        order, groups = pool.groups(left)
        if groups:
            is_sure[order] = judge.settle(groups).code <= TIGHT
        some: Places = places[is_sure[places]]
        return some


def _rows(group: Group) -> Int64s:
    """Return how many rows each candidate has."""
    if group.sheet.family not in FREE_GRACE:
        return group.payments
    return group.payments + group.sheet.by_line(group.sheet.grace)[group.lines]
