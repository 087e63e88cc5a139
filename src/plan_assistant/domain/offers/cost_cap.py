"""Candidates that cost more a year than a rule allows, at all or without a lead.

A plan's annualized rate is above a cap exactly when its payments, discounted at the cap, are worth
more than is outstanding. So the bounds of the screen decide most candidates here too, runs to the
cent decide the rest, and where a float cannot tell the readable engine does. Rates above a cap are
closed before (`gates.py`); left for this file is what first periods and rounding add to a rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from plan_assistant.domain.calendar import Frequency
from plan_assistant.domain.offers.axes import Axis, along
from plan_assistant.domain.offers.judging import REFUSED, Group, Judge
from plan_assistant.domain.offers.pool import Screened
from plan_assistant.domain.offers.screen import worth
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.policy.plan_tests import is_cost_cap
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.rates.annualized import time_to_first
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import Flags

_UNDECIDED = 1e-10
"""Relative distance below which a sum of floats does not say which side of a cap a plan is on."""


def caps_of(space: Space) -> tuple[Rule, ...]:
    """Return the rules of a space that forbid a cost, or ask a lead to allow it."""
    return tuple(rule for rule in space.rules if is_cost_cap(rule))


def over_cap(rule: Rule, judge: Judge, each: Screened) -> Flags:
    """Return which open candidates of a sheet cost more than a rule's limit (lines x lengths).

    Those whose rate alone is above it are left to the gates, which know them already.
    """
    limit, sheet = rule.exact("rate"), each.sheet
    over = np.zeros(sheet.size, dtype=bool)
    at_cap = _AtRate.of(limit, sheet)
    may = _may_be_over(sheet, at_cap).any(axis=tuple(set(Axis) - {Axis.RATE}))
    may &= np.array([rate <= limit for rate in sheet.rates])
    if may.any():
        rates = slice(int(may.argmax()), int(np.flatnonzero(may)[-1]) + 1)
        is_open = sheet.on_axes(each.code != REFUSED)[:, :, rates]
        bounds = worth(sheet, each.figures.parts, at_cap, rates)
        owed = sheet.bearing + sheet.carried + sheet.paid_today
        sheet.on_axes(over)[:, :, rates] = is_open & (bounds.low > owed)
        unsure = np.zeros_like(over)
        is_near = (bounds.low <= owed) & (bounds.high > owed)
        sheet.on_axes(unsure)[:, :, rates] = is_open & is_near
        lines, at = np.nonzero(unsure)
        if len(lines):
            group = Group(sheet, lines, sheet.lengths[at])
            at_limit = replace(judge, discount=at_cap)
            over[lines, at] = _exactly(limit, at_limit, group, sheet.by_line(owed)[lines])
    return over


def _may_be_over(sheet: Sheet, at_cap: _AtRate) -> Flags:
    """Return for which lines it takes more than their rate to tell.

    At a plan's own rate its payments are worth what it owes with the first period's interest, apart
    from the rounding of each row, and every payment lies at or beyond the first due date. So where
    (1 + f) x bearing, discounted from there at the cap, and a unit for each row stay below what
    bears interest, no plan of the line is above the cap.
    """
    start = along(Axis.FIRST, np.array([at_cap.start(f, sheet.frequency) for f in sheet.firsts]))
    rows = int(sheet.lengths[-1]) + max(sheet.graces)
    worth = sheet.bearing * (1.0 + sheet.first.floats) * start + rows
    may: Flags = worth * (1.0 + _UNDECIDED) > sheet.bearing
    return may


def _exactly(limit: Fraction, at_limit: Judge, group: Group, owed: Int64s) -> Flags:
    """Decide by exact runs, and by the readable engine where a sum of floats cannot tell."""
    settled = at_limit.settle([group]).worth
    over: Flags = settled > owed
    space = group.sheet.space
    for place in np.flatnonzero(np.abs(settled - owed) <= _UNDECIDED * owed):
        line = group.sheet.line(int(group.lines[place]))
        terms = space.terms(line, int(group.payments[place]))
        over[place] = annualized_rate(price(terms)) > limit
    return over


@dataclass(frozen=True, slots=True)
class _AtRate(Discount):
    """Discounts as the annualized rate does: by periods, and a broken one at simple interest."""

    times: tuple[tuple[date, int, Fraction], ...]
    """Whole periods and the part of one until each first due date."""

    @classmethod
    def of(cls, rate: Fraction, sheet: Sheet) -> _AtRate:
        """Return the discount of a sheet's payments at an annualized rate."""
        return cls(float(rate), sheet.space.today, tuple(_times(sheet)))

    def start(self, first_due: date, frequency: Frequency) -> float:
        """Return what one unit on the first due date is worth at the start."""
        whole, odd = next((whole, odd) for day, whole, odd in self.times if day == first_due)
        rate = self._period_rate(frequency)
        return float((1.0 + rate) ** -whole / (1.0 + float(odd) * rate))

    def factor(self, frequency: Frequency) -> float:
        """Return what one unit a period later is worth now."""
        return 1.0 / (1.0 + self._period_rate(frequency))

    def _period_rate(self, frequency: Frequency) -> float:
        return self.annual_rate * float(nominal_fraction(frequency))


def _times(sheet: Sheet) -> Iterator[tuple[date, int, Fraction]]:
    for first in sheet.firsts:
        plain = replace(sheet.line(0), step=None, first_due=first)
        yield (first, *time_to_first(sheet.space.terms(plain, int(sheet.lengths[-1]))))
