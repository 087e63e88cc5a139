"""The lender's present value: payments discounted at the pack's effective annual rate.

A floating figure for comparing plans, never printed as an amount somebody owes. The first payment
lies as many days from today as it does; later ones a regular period apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.offers.axes import Axis, along
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s

if TYPE_CHECKING:
    from plan_assistant.domain.offers.sheet import Sheet


def period_years(frequency: Frequency) -> float:
    """Return the length of a regular period in years."""
    if frequency.unit is Unit.MONTHS:
        return frequency.every / 12
    return frequency.every * (7 if frequency.unit is Unit.WEEKS else 1) / 365


@dataclass(frozen=True, slots=True)
class Discount:
    """An effective annual rate and the day that values are taken at."""

    annual_rate: float
    today: date

    def start(self, first_due: date, frequency: Frequency) -> float:
        """Return what one unit on the first due date is worth today."""
        del frequency
        return float((1.0 + self.annual_rate) ** (-(first_due - self.today).days / 365.0))

    def factor(self, frequency: Frequency) -> float:
        """Return what one unit a period later is worth now."""
        return float((1.0 + self.annual_rate) ** -period_years(frequency))

    def weights(self, first_due: date, frequency: Frequency, rows: int) -> Floats:
        """Return what one unit of each of so many rows is worth today."""
        weights: Floats = self.start(first_due, frequency) * _powers(self.factor(frequency))[:rows]
        return weights

    def _starts(self, sheet: Sheet) -> Floats:
        return _starts(self, sheet.firsts, sheet.frequency)

    def shift(self, sheet: Sheet, rows: Int64s) -> Floats:
        """Return what one unit is worth so many rows earlier."""
        shifted: Floats = _powers(self.factor(sheet.frequency))[rows]
        return shifted

    def at(self, sheet: Sheet, row: Int64s | np.int64) -> Floats:
        """Return what one unit of row 1, 2 ... is worth today, by first due date."""
        worth: Floats = self._starts(sheet) * _powers(self.factor(sheet.frequency))[row - 1]
        return worth

    def level(self, sheet: Sheet, rows: Int64s) -> Floats:
        """Return what one unit of each of the first so many rows is worth today, in all."""
        sums: Floats = self._starts(sheet) * _sums(self.factor(sheet.frequency))[rows]
        return sums

    def ramp(self, sheet: Sheet, rows: Int64s) -> Floats:
        """Return what k units of row k + 1, for k = 1 up to so many, are worth today, in all."""
        sums: Floats = self._starts(sheet) * _ramps(self.factor(sheet.frequency))[rows]
        return sums


@lru_cache(maxsize=64)
def _starts(discount: Discount, firsts: tuple[date, ...], frequency: Frequency) -> Floats:
    """Return what one unit on each first due date is worth today, as a figure."""
    starts = [discount.start(first, frequency) for first in firsts]
    return along(Axis.FIRST, np.array(starts))


_ROWS = 6_400
"""More rows than any plan has: 1,200 months in weeks."""


@lru_cache(maxsize=16)
def _powers(factor: float) -> Floats:
    return np.power(factor, np.arange(_ROWS, dtype=np.float64))


@lru_cache(maxsize=16)
def _sums(factor: float) -> Floats:
    return np.concatenate([[0.0], np.cumsum(_powers(factor))])


@lru_cache(maxsize=16)
def _ramps(factor: float) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.arange(1, _ROWS) * _powers(factor)[1:])])
