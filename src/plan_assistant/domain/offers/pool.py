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

from plan_assistant.domain.offers.axes import Axis
from plan_assistant.domain.offers.bounds import Bounds
from plan_assistant.domain.offers.judging import REFUSED, Group, Judge
from plan_assistant.domain.offers.screen import Screen
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import Line
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
    """Every open candidate of a space, in the order of the pack."""

    def __init__(self, screened: Sequence[Screened], judge: Judge) -> None:
        self._judge = judge
        self.screened = tuple(screened)
        kept = [np.flatnonzero(each.code != REFUSED) for each in self.screened]
        paired = list(zip(self.screened, kept, strict=True))
        self.sheet_at: Places = np.repeat(np.arange(len(kept)), list(map(len, kept)))
        # A sheet counts its lengths within its lines.
        line_at = [at // len(each.sheet.lengths) for each, at in paired]
        self.line_at = _joined(line_at)
        length_at = [
            at - line * len(each.sheet.lengths)
            for (each, at), line in zip(paired, line_at, strict=True)
        ]
        self.payments = _joined(
            [each.sheet.lengths[at] for each, at in zip(self.screened, length_at, strict=True)]
        )
        self.code = _joined([each.code.ravel()[at] for each, at in paired])
        self.months = _joined([_of(each.sheet, each.sheet.months, at) for each, at in paired])
        self.beyond = _joined([each.beyond.ravel()[at] for each, at in paired]).astype(bool)
        self._low = np.empty((len(_ROW), len(self.code)))
        self._high = np.empty_like(self._low)
        stops = np.cumsum([0, *map(len, kept)]).tolist()
        # The candidates of a sheet stand one after the other.
        self._spans = [slice(start, stop) for start, stop in pairwise(stops)]
        for (each, at), span in zip(paired, self._spans, strict=True):
            for row, bounds in enumerate(_figures(each.figures)):
                np.take(bounds.low.ravel(), at, out=self._low[row, span], mode="clip")
                np.take(bounds.high.ravel(), at, out=self._high[row, span], mode="clip")
        # What a plan costs the lender is its worth counted downwards, in whole units.
        cost = _ROW[By.COST_TO_LENDER]
        np.floor(self._low[cost], out=self._low[cost])
        np.ceil(self._high[cost], out=self._high[cost])
        self.is_exact = np.zeros(len(self.code), dtype=bool)

    def __len__(self) -> int:
        return len(self.code)

    def sheet(self, place: int) -> Sheet:
        """Return the sheet of a candidate."""
        return self.screened[int(self.sheet_at[place])].sheet

    def candidate(self, place: int) -> tuple[Line, int]:
        """Return the line of a candidate and how often the borrower pays."""
        return self.sheet(place).line(int(self.line_at[place])), int(self.payments[place])

    def groups(self, places: Places) -> tuple[Places, list[Group]]:
        """Return some candidates sheet by sheet, and in which order that puts them."""
        groups, order = [], []
        for index in np.unique(self.sheet_at[places]):
            here = places[self.sheet_at[places] == index]
            order.append(here)
            sheet = self.screened[int(index)].sheet
            groups.append(Group(sheet, self.line_at[here], self.payments[here]))
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
        self.code[here] = exact.code
        self.is_exact[here] = True

    @cached_property
    def grace(self) -> Int64s:
        """Months of grace of each candidate."""
        parts = [
            each.sheet.by_line(each.sheet.grace)[self.line_at[span]]
            for each, span in zip(self.screened, self._spans, strict=True)
        ]
        return _joined(parts)

    @cached_property
    def waives_nothing(self) -> Flags:
        """Say of each candidate whether it keeps the whole claim and pays to the cent."""
        return self._of_lines(
            lambda sheet: (sheet.at(Axis.CLAIM) == 0) & (sheet.at(Axis.MULTIPLE) == 0)
        )

    @cached_property
    def gives_nothing_up(self) -> Flags:
        """Say of each candidate whether it keeps the contract rate as well."""
        return self.waives_nothing & self._of_lines(lambda sheet: sheet.at(Axis.RATE) == 0)

    def _of_lines(self, flags: Callable[[Sheet], Flags]) -> Flags:
        parts = [
            flags(each.sheet)[self.line_at[span]]
            for each, span in zip(self.screened, self._spans, strict=True)
        ]
        return _joined(parts).astype(bool)

    def low(self, by: By) -> NDArray[Any]:
        """Return what a figure is at least."""
        return self._low[_ROW[by]] if by in _ROW else self._whole(by)

    def high(self, by: By) -> NDArray[Any]:
        """Return what a figure is at most."""
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
            if len(places) < 2:
                break
            if by in _ROW:
                places = self._contenders(places, by)
            figures = self.low(by)[places]
            places = places[figures == figures.min()]
        return int(places[0]) if len(places) else None

    def _contenders(self, places: Places, by: By) -> Places:
        row = _ROW[by]
        reach = self._high[row, places].min()
        contenders: Places = places[self._low[row, places] <= reach]
        if len(contenders) > 1:
            self.settle(contenders)
        return contenders

    def at_most(self, by: By, limit: int, places: Places) -> Places:
        """Return the candidates whose exact figure is at most a limit."""
        row = _ROW[by]
        low, high = self._low[row, places], self._high[row, places]
        self.settle(places[(low <= limit) & (high > limit)])
        kept: Places = places[self._low[row, places] <= limit]
        return kept


_ROW = {By.WORST: 0, By.TOTAL: 1, By.COST_TO_LENDER: 2}


def _figures(of: Screen) -> tuple[Bounds, Bounds, Bounds]:
    """Return the bounds of each row of figures; what the lender gets counts downwards."""
    return of.worst, of.total, Bounds(-of.worth.high, -of.worth.low)


def _of(sheet: Sheet, figure: NDArray[Any], candidates: Places) -> NDArray[Any]:
    return sheet.by_candidate(figure).ravel()[candidates]


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
