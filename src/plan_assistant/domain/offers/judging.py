"""The verdict of every open candidate of a sheet, exactly, with as few exact runs as that takes.

A candidate whose bounds stay on one side of every limit is decided by them; the others are run to
the cent. The verdicts are those of `domain/verdict.py`, by the same monthly limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.calendar import Frequency, Unit, due_dates
from plan_assistant.domain.offers.axes import Axis, across
from plan_assistant.domain.offers.screen import Screen
from plan_assistant.domain.offers.sheet import Sheet, early_rows
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_run import Course, Flags, joined, run
from plan_assistant.domain.verdict import MonthlyLimits, Verdict, monthly_limits

COMFORTABLE, TIGHT, UNAFFORDABLE, REFUSED = range(4)
"""Codes of a candidate, best first; the last is no plan at all."""
VERDICTS = (Verdict.COMFORTABLE, Verdict.TIGHT, Verdict.UNAFFORDABLE)
"""The verdict of each code but the last."""
_AT_ONCE = 4096
"""Candidates that are run together: their rows stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Exact figures of some candidates."""

    code: NDArray[np.int8]
    worst: Int64s
    """What falls due in the worst month."""
    total: Int64s
    """All the borrower pays, the down payment included."""
    worth: Floats
    early: Int64s
    """What is paid today and falls due before the hardship ends."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some candidates of one sheet."""

    sheet: Sheet
    lines: NDArray[np.intp]
    payments: Int64s

    @property
    def pieces(self) -> Iterator[Group]:
        """The group in pieces that are run at once."""
        for start in range(0, len(self.lines), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            yield Group(self.sheet, self.lines[part], self.payments[part])

    @property
    def course(self) -> Course:
        """What they ask."""
        return self.sheet.course(self.lines, self.payments)


class _Kind(NamedTuple):
    """One kind of limit: the best code of a candidate over it, and what it is over."""

    at_best: np.int8
    a_month: tuple[int, ...]
    cash: tuple[int, ...] | None


@dataclass(frozen=True)
class Judge:
    """What each month can carry, and how the lender discounts."""

    limits: MonthlyLimits
    as_of: date
    discount: Discount

    def settle(self, groups: Sequence[Group]) -> Exact:
        """Return the exact figures and verdicts of some candidates, in the order given."""
        batches: list[list[Group]] = []
        room = 0
        for group in groups:
            for piece in group.pieces:
                if len(piece.lines) > room:
                    batches.append([])
                    room = _AT_ONCE
                batches[-1].append(piece)
                room -= len(piece.lines)
        parts = [self._settle(batch) for batch in batches]
        return Exact(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in Exact.__slots__)
        )

    def _settle(self, groups: Sequence[Group]) -> Exact:
        course = joined([group.course for group in groups])
        rows = run(course)
        paid_today = np.concatenate(
            [group.sheet.by_line(group.sheet.paid_today)[group.lines] for group in groups]
        )
        worst = np.zeros(len(paid_today), dtype=np.int64)
        worth = paid_today.astype(np.float64)
        early = paid_today.copy()
        code = np.zeros(len(paid_today), dtype=np.int8)
        space = groups[0].sheet.space
        for (frequency, first), here in by_dates(groups).items():
            paid = rows.payments[: int(course.rows[here].max()), here]
            worth[here] += self.discount.weights(first, frequency, len(paid)) @ paid
            months = self.months(space, first, frequency, len(paid))
            monthly = by_month(paid, months)
            worst[here] = monthly.max(axis=0, initial=0)
            early[here] += paid[: early_rows(space, first, frequency)].sum(axis=0)
            code[here] = self._codes(monthly, int(months[0]), paid_today[here])
        code[~rows.is_priced] = REFUSED
        return Exact(code, worst, rows.payments.sum(axis=0) + paid_today, worth, early)

    def months(
        self, space: Space, first: date, frequency: Frequency, count: int
    ) -> NDArray[np.intp]:
        """Return the calendar month of each due date, counted from that of the cut-off date."""
        day = space.grid_day if frequency.unit is Unit.MONTHS else None
        return _month_offsets(self.as_of, first, count, frequency, day)

    def _codes(self, monthly: Int64s, start: int, paid_today: Int64s) -> NDArray[np.int8]:
        """Return the verdict of payments by calendar month, the first row being month `start`."""
        count = len(monthly)
        comfortable = np.array(self.limits.comfortable[start : start + count])[:, None]
        tight = np.array(self.limits.tight[start : start + count])[:, None]
        code = np.where((monthly <= comfortable).all(axis=0), COMFORTABLE, TIGHT)
        code = np.where((monthly <= tight).all(axis=0), code, UNAFFORDABLE).astype(np.int8)
        if self.limits.cash is None:
            return code
        running = np.cumsum(monthly, axis=0) + paid_today
        last = count - 1 - (monthly[::-1] > 0).argmax(axis=0)
        is_running = np.arange(count)[:, None] <= last
        for at_best, _limit, every_cash in self._kinds:
            assert every_cash is not None
            cash = np.array(every_cash[start : start + count])[:, None]
            is_short = (running > cash) & is_running
            # Before the first payment only what was paid today can take the cash below zero.
            before = paid_today > min(every_cash[:start], default=0)
            is_over = is_short.any(axis=0) | (before if start else False)
            code[is_over] = np.maximum(code[is_over], at_best)
        return code

    def codes(
        self, sheet: Sheet, screened: Screen, is_open: Flags
    ) -> tuple[NDArray[np.int8], Flags]:
        """Return the codes that bounds decide, and of which candidates they do not.

        What is not open is REFUSED.
        """
        bounds = screened.worst.map(sheet.on_axes)
        unsure: Flags = np.zeros((), dtype=np.bool_)
        code: NDArray[np.int8] = np.full((), COMFORTABLE, dtype=np.int8)
        for (at_best, _limit, cash), least, most in zip(
            self._kinds, *self._limits_over(sheet), strict=True
        ):
            is_over, may_fit = bounds.high > least, bounds.low <= most
            is_open_yet = may_fit & is_over
            if cash is not None:
                total = sheet.on_axes(screened.total.low)
                is_kept, is_short = self._cash_bounds(sheet, cash, bounds.high, total)
                is_open_yet = (is_open_yet | (~is_kept & may_fit)) & ~is_short
                is_over |= is_short
            unsure = unsure | is_open_yet
            # Codes rise from limit to limit: the larger one stands.
            code = np.maximum(code, is_over * at_best)
        is_plan = is_open & ~screened.refused
        left_open = (sheet.by_candidate(unsure) | screened.unsure) & is_plan
        return np.maximum(sheet.by_candidate(code), ~is_plan * np.int8(REFUSED)), left_open

    def _cash_bounds(
        self, sheet: Sheet, cash: Sequence[int], most: Floats, total: Floats
    ) -> tuple[Flags, Flags]:
        """Return which plans surely never run short of cash, and which surely do.

        What is paid up to a month is at most the worst month times the months so far, and at least
        the whole plan in the month of its last payment.
        """
        rows = int(sheet.lengths[-1]) + max(sheet.graces)
        tables = [self._cash_tables(sheet, cash, first, rows) for first in sheet.firsts]
        a_month = np.stack([table[0] for table in tables])
        at_last = np.stack([table[1] for table in tables])
        is_kept = most <= self._over_rows(sheet, a_month)
        is_kept &= sheet.paid_today == 0
        start = self._starts(sheet)
        last = at_last[:, start[:, None] + (sheet.lengths - 1)[None, :]]
        is_short = total > across((Axis.FIRST, Axis.GRACE, Axis.LENGTH), last)
        return is_kept, is_short

    @staticmethod
    def _starts(sheet: Sheet) -> NDArray[np.int64]:
        """Return the row at which the payments of each grace start."""
        return np.array(sheet.graces if sheet.is_free else (0,), dtype=np.int64)

    def _over_rows(self, sheet: Sheet, table: NDArray[np.float64]) -> Floats:
        """Return what a table (firsts x starts x rows) says of the rows of each candidate."""
        picked = table[:, self._starts(sheet)][:, :, sheet.lengths - 1]
        return across((Axis.FIRST, Axis.GRACE, Axis.LENGTH), picked)

    def _cash_tables(
        self, sheet: Sheet, every_cash: Sequence[int], first: date, rows: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what a month may ask for so that cash lasts (starts x rows), and cash by row."""
        months = self.months(sheet.space, first, sheet.frequency, rows)
        cash = np.array(every_cash, dtype=np.float64)[months]
        starts = max(sheet.graces) + 1 if sheet.is_free else 1
        table = np.full((starts, rows), -1.0)
        for start in range(starts):
            before = (*every_cash[: int(months[0])], *cash[:start])
            if min(before, default=0) >= 0:
                so_far = months[start:] - months[start] + 1
                table[start, : rows - start] = np.minimum.accumulate(cash[start:] / so_far)
        return table, cash

    def _limits_over(self, sheet: Sheet) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Return the least and the most that any paying month of a candidate can carry."""
        most_rows = int(sheet.lengths[-1]) + max(sheet.graces)
        table = np.stack([self._extremes(sheet, first, most_rows) for first in sheet.firsts])
        picked = [self._over_rows(sheet, table[:, kind]) for kind in range(4)]
        return (picked[0], picked[1]), (picked[2], picked[3])

    def _extremes(self, sheet: Sheet, first: date, rows: int) -> NDArray[np.float64]:
        """Return running extremes of the limits from each possible free grace on."""
        months = self.months(sheet.space, first, sheet.frequency, rows)
        limits = [np.array(each, dtype=np.float64)[months] for _code, each, _cash in self._kinds]
        starts = max(sheet.graces) + 1 if sheet.is_free else 1
        table = np.empty((4, starts, rows))
        for start in range(starts):
            for kind, limit in enumerate(limits):
                run_from = np.concatenate([limit[start:], np.full(start, limit[-1])])
                table[kind, start] = np.minimum.accumulate(run_from)
                table[kind + 2, start] = np.maximum.accumulate(run_from)
        return table

    @property
    def _kinds(self) -> tuple[_Kind, _Kind]:
        limits = self.limits
        return (
            _Kind(np.int8(TIGHT), limits.comfortable, limits.comfortable_cash),
            _Kind(np.int8(UNAFFORDABLE), limits.tight, limits.cash),
        )


def judge_of(space: Space) -> Judge:
    """Return the judge of all plans of a space."""
    limits = space.policy.space
    ahead = max(space.first_dues).year - space.case.as_of.year + 1
    months = 12 * ahead + limits.max_periods + limits.max_grace_months + 2
    return Judge(
        monthly_limits(space.affordability, space.debt.debt_id, months=months),
        space.case.as_of,
        Discount(float(limits.discount_rate), space.today),
    )


def by_dates(groups: Sequence[Group]) -> dict[tuple[Frequency, date], NDArray[np.intp]]:
    """Return which candidates, counted over all groups, share their due dates."""
    found: dict[tuple[Frequency, date], list[NDArray[np.intp]]] = {}
    start = 0
    for group in groups:
        at = group.sheet.at(Axis.FIRST)[group.lines]
        for index, first in enumerate(group.sheet.firsts):
            here = np.flatnonzero(at == index) + start
            if len(here):
                found.setdefault((group.sheet.frequency, first), []).append(here)
        start += len(group.lines)
    return {key: np.concatenate(places) for key, places in found.items()}


def by_month(paid: Int64s, months: NDArray[np.intp]) -> Int64s:
    """Add up rows that fall due in one calendar month."""
    first = int(months[0])
    if len(months) == int(months[-1]) - first + 1:
        return paid
    monthly = np.zeros((int(months[-1]) - first + 1, paid.shape[1]), dtype=np.int64)
    np.add.at(monthly, months - first, paid)
    return monthly


@lru_cache(maxsize=256)
def _month_offsets(
    as_of: date, first: date, count: int, frequency: Frequency, day: int | None
) -> NDArray[np.intp]:
    """Return the calendar month of each due date, counted from that of the cut-off date."""
    start = as_of.year * 12 + as_of.month
    days = due_dates(first, count, frequency, day)
    return np.array([due.year * 12 + due.month - start for due in days], dtype=np.intp)
