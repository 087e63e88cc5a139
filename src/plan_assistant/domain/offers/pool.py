"""The candidates that no rule forbids, side by side, and the best of them by exact figures.

Figures start as bounds and are made exact only where a comparison needs it, so that whatever wins
has won to the cent. Not here: which questions are asked (`choice.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.offers.axes import AXES, Axis, along
from plan_assistant.domain.offers.judging import REFUSED, TIGHT, Group, Judge
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.screen import Screen
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.policy.pack import OldCharges
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import Flags

Places = NDArray[np.intp]


class By(Enum):
    """A figure that candidates are compared by; less is better for each."""

    CODE = auto()
    """The verdict, best first."""
    BEYOND = auto()
    """Whether more authority is needed than the person at work has."""
    WORST = auto()
    """What falls due in the worst month."""
    TOTAL = auto()
    """All the borrower pays."""
    MONTHS = auto()
    """Started months until the last payment."""
    COST_TO_LENDER = auto()
    """The present value of the plan, counted downwards and rounded to minor units."""
    PAYMENTS = auto()
    """How often the borrower pays."""
    EARLY = auto()
    """What is paid today and falls due before the hardship ends."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A sheet with the bounds of its figures, the verdicts, and what needs a lead."""

    sheet: Sheet
    figures: Screen
    code: NDArray[np.int8]
    beyond: Flags
    """Which candidates need more authority than the person at work has."""


def decide(
    judge: Judge, screened: Sequence[Screened], left_open: Sequence[tuple[Places, ...]]
) -> None:
    """Run to the cent what bounds have left open, all of it together."""
    pairs = [
        (each, lines, at)
        for each, (lines, at) in zip(screened, left_open, strict=True)
        if len(lines)
    ]
    if not pairs:
        return
    exact = judge.settle(
        [Group(each.sheet, lines, each.sheet.lengths[at]) for each, lines, at in pairs]
    )
    start = 0
    for each, lines, at in pairs:
        each.code[lines, at] = exact.code[start : start + len(lines)]
        start += len(lines)


class Pool:
    """Every candidate that was screened, in the order of the pack; no rule forbids the open ones.

    A place counts all of them, sheet by sheet, so that what a sheet knows is copied as it stands.
    """

    def __init__(self, screened: Sequence[Screened], judge: Judge) -> None:
        self._judge = judge
        self.screened = tuple(screened)
        sizes = [each.code.size for each in self.screened]
        stops = np.cumsum([0, *sizes]).tolist()
        self._spans = [slice(start, stop) for start, stop in pairwise(stops)]
        self.sheet_at: Places = np.repeat(np.arange(len(sizes)), sizes)
        self.code = _joined([each.code.ravel() for each in self.screened])
        self.beyond = _joined([each.beyond.ravel() for each in self.screened]).astype(bool)
        self.months = self._of_sheets(lambda sheet: sheet.months)
        self.payments = self._of_sheets(lambda sheet: sheet.paying)
        self.places: Places = np.flatnonzero(self.code != REFUSED)
        """The open candidates."""
        self._low = np.empty((len(_ROW), len(self.code)))
        self._high = np.empty_like(self._low)
        cost = _ROW[By.COST_TO_LENDER]
        for each, span in zip(self.screened, self._spans, strict=True):
            figures = each.figures
            for row, bounds in enumerate((figures.worst, figures.total)):
                self._low[row, span] = bounds.low.ravel()
                self._high[row, span] = bounds.high.ravel()
            # What a plan costs the lender is its worth counted downwards, in whole units.
            np.ceil(figures.worth.high.ravel(), out=self._low[cost, span])
            np.floor(figures.worth.low.ravel(), out=self._high[cost, span])
        for side in (self._low[cost], self._high[cost]):
            np.negative(side, out=side)
        self.is_exact = np.zeros(len(self.code), dtype=bool)
        # What pays before the hardship ends pays something: few are ever compared by how much.
        self._is_early_open: Flags = self._of_sheets(lambda sheet: sheet.pays_early, bool)
        self._early = self._of_sheets(lambda sheet: sheet.paid_today + sheet.pays_early)

    def _of_sheets(
        self, figure: Callable[[Sheet], NDArray[Any]], dtype: type = np.int64
    ) -> NDArray[Any]:
        """Return a figure with an entry for each candidate, written once to where it stays."""
        every: NDArray[Any] = np.empty(len(self.code), dtype=dtype)
        for each, span in zip(self.screened, self._spans, strict=True):
            each.sheet.on_axes(every[span])[...] = figure(each.sheet)
        return every

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def affordable(self) -> Places:
        """The open candidates that the household can carry."""
        return np.flatnonzero(self.code <= TIGHT)

    def sheet(self, place: int) -> Sheet:
        """Return the sheet of a candidate."""
        return self.screened[int(self.sheet_at[place])].sheet

    def line_at(self, places: Places) -> NDArray[np.intp]:
        """Return which line of its sheet each of some candidates is on."""
        starts = np.array([span.start for span in self._spans])
        lengths = np.array([len(each.sheet.lengths) for each in self.screened])
        at = self.sheet_at[places]
        lines: NDArray[np.intp] = (places - starts[at]) // lengths[at]
        return lines

    def candidate(self, place: int) -> tuple[Line, int]:
        """Return the line of a candidate and how often the borrower pays."""
        (line,) = self.line_at(np.array([place])).tolist()
        return self.sheet(place).line(line), int(self.payments[place])

    def groups(self, places: Places) -> tuple[Places, list[Group]]:
        """Return some candidates sheet by sheet, and in which order that puts them."""
        groups, order = [], []
        for index in np.unique(self.sheet_at[places]):
            here = places[self.sheet_at[places] == index]
            order.append(here)
            sheet = self.screened[int(index)].sheet
            groups.append(Group(sheet, self.line_at(here), self.payments[here]))
        return np.concatenate(order) if order else places, groups

    def settle(self, places: Places) -> None:
        """Make the figures of some candidates exact."""
        places = places[~self.is_exact[places]]
        if not len(places):
            return
        here, groups = self.groups(places)
        exact = self._judge.settle(groups)
        for row, figure in enumerate((exact.worst, exact.total, -np.rint(exact.worth))):
            self._low[row, here] = self._high[row, here] = figure
        self._early[here], self._is_early_open[here] = exact.early, False
        self.code[here] = exact.code
        self.is_exact[here] = True

    @cached_property
    def grace(self) -> Int64s:
        """Months of grace of each candidate."""
        return self._of_sheets(lambda sheet: sheet.grace)

    @cached_property
    def keeps_the_claim(self) -> Flags:
        """Say of each candidate whether it waives nothing and adds nothing to the principal."""

        def flags(sheet: Sheet) -> Flags:
            whole = [
                not claim.waived.total and claim.old_charges is not OldCharges.CAPITALISE
                for claim in sheet.claims
            ]
            return along(Axis.CLAIM, np.array(whole))

        return self._of_sheets(flags, bool)

    @cached_property
    def rate_rank(self) -> Int64s:
        """The place of each candidate's rate among all rates of the space, the highest first."""
        sheets = [each.sheet for each in self.screened]
        every = sorted({rate for sheet in sheets for rate in sheet.rates}, reverse=True)
        rank = {rate: index for index, rate in enumerate(every)}
        return self._of_sheets(
            lambda sheet: along(Axis.RATE, np.array([rank[rate] for rate in sheet.rates]))
        )

    @cached_property
    def gives_nothing_up(self) -> Flags:
        """Say of each candidate whether it has the first claim, to the cent, at the first rate."""

        def flags(sheet: Sheet) -> Flags:
            first: list[Any] = [slice(None)] * AXES
            for axis in (Axis.CLAIM, Axis.MULTIPLE, Axis.RATE):
                first[axis] = slice(1)
            every = np.zeros((*sheet.shape, len(sheet.lengths)), dtype=bool)
            every[tuple(first)] = True
            return every

        return self._of_sheets(flags, bool)

    def low(self, by: By) -> NDArray[Any]:
        """Return what a figure is at least."""
        if by is By.EARLY:
            return self._early
        return self._low[_ROW[by]] if by in _ROW else self._whole(by)

    def high(self, by: By) -> NDArray[Any]:
        """Return what a figure is at most."""
        if by is By.EARLY:
            return np.where(self._is_early_open, self.high(By.TOTAL), self._early)
        return self._high[_ROW[by]] if by in _ROW else self._whole(by)

    def _whole(self, by: By) -> NDArray[Any]:
        figures = {
            By.CODE: self.code,
            By.BEYOND: self.beyond,
            By.MONTHS: self.months,
            By.PAYMENTS: self.payments,
        }
        return figures[by]

    def best(self, places: Places, order: Sequence[By]) -> int | None:
        """Return the candidate that comes first by exact figures; of equal ones the earliest."""
        for by in order:
            places = self.least(places, by)
        return int(places[0]) if len(places) else None

    def least(self, places: Places, by: By) -> Places:
        """Return the candidates of which an exact figure is the least."""
        if by in _BOUNDED and len(places) > 1:
            places = self._contenders(places, by)
        if len(places) < 2:
            return places
        figures = self.low(by)[places]
        least: Places = places[figures == figures.min()]
        return least

    def _contenders(self, places: Places, by: By) -> Places:
        reach = self.high(by)[places].min()
        contenders: Places = places[self.low(by)[places] <= reach]
        if len(contenders) > 1:
            self.settle(contenders)
        return contenders

    def at_most(self, by: By, limit: int, places: Places) -> Places:
        """Return the candidates whose exact figure is at most a limit."""
        low, high = self._low[_ROW[by]], self._high[_ROW[by]]
        # Flags of all are sooner picked than figures of many.
        is_unsure = (low <= limit) & (high > limit)
        self.settle(places[is_unsure[places]])
        kept: Places = places[(low <= limit)[places]]
        return kept


_ROW = {By.WORST: 0, By.TOTAL: 1, By.COST_TO_LENDER: 2}
_BOUNDED = {*_ROW, By.EARLY}


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
