"""Which of many plans may fit with at most so much of a lever: a bound that never says no wrongly.

What each row asks for falls as a lever is moved. Rounding alone goes the other way: in the last
installment, which takes up what it leaves, and after lower payments, which are cut to whole units.
So much is allowed there that a plan which does not keep to the limits with so many units of a lever
keeps to them with no smaller number either. Not here: what fits to the cent (`base_plan.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plan_assistant.domain.offers.judging import Group, Judge, by_dates, by_month
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_run import CARRIED, Course, Flags, joined, run

_WITH_LAST = CARRIED.index(ArrearsTreatment.LAST_INSTALLMENT)
LEFT_OVER = 2
"""Units of the payment, for each payment, that rounding may leave to the last one."""


@dataclass(frozen=True)
class Limits:
    """What plans have to keep to."""

    judge: Judge
    """What each month can carry, for as long as any plan is tried."""
    dialled: int | None
    """The most that a month may ask for, in minor units; None where nothing was dialled."""


def may_fit(
    groups: Sequence[Group],
    limits: Limits,
    *,
    paid_today: Int64s,
    rows: Int64s | None = None,
) -> Flags:
    """Say of some moved plans whether they, or the same moved less, may keep to the limits.

    Args:
        groups: the plans, moved as far as may be.
        limits: what they have to keep to.
        paid_today: the least that each asks for today.
        rows: how many rows of each count, where what moves is their number; None for all.
    """
    course = joined([group.course for group in groups])
    # Terms that make no plan with so much of a lever may make one with less: it asks for no less.
    least = _at_least(course, run(course).payments, rows)
    fits = np.ones(len(paid_today), dtype=bool)
    for (frequency, first), here in by_dates(groups).items():
        count = int(course.rows[here].max())
        months = limits.judge.months(groups[0].sheet.space, first, frequency, count)
        monthly = by_month(least[:count, here], months)
        fits[here] = _keeps(monthly, int(months[0]), paid_today[here], limits)
    return fits


def _at_least(course: Course, payments: Int64s, rows: Int64s | None) -> Int64s:
    """Return the least that each row asks for with so much of a lever or less."""
    row = np.arange(len(payments))[:, None]
    # No installment before the last one asks for nothing.
    is_paying: Flags = (row >= np.where(course.is_free, course.grace, 0)) & (row < course.rows - 1)
    payments = np.maximum(payments, is_paying)
    if rows is not None:
        return np.where(row < np.minimum(rows, _falling_rows(course)), payments, 0)
    least = payments.copy()
    after_lower = _after_lower(course)
    if after_lower.any():
        stepped = (row >= course.grace + course.step_rows) & (course.step_rows > 0)
        least -= np.where(stepped, after_lower, 0)
    last, plans = course.rows - 1, np.arange(payments.shape[1])
    least[last, plans] -= LEFT_OVER * course.paying * (course.multiple + after_lower)
    # Old charges that are paid with it are not rounded.
    with_last = course.carried * (course.carried_where == _WITH_LAST)
    least[last, plans] = np.maximum(least[last, plans], with_last)
    return np.maximum(least, is_paying)


def _after_lower(course: Course) -> Int64s:
    """Return how much more the level payments ask for where lower ones are a unit lower."""
    lower, rest = course.step_rows, np.maximum(course.paying - course.step_rows, 1)
    if not lower.any():
        return np.zeros(len(lower), dtype=np.int64)
    rate = course.rate.floats
    share = _annuity(rate, lower) / (_annuity(rate, rest) * (1.0 + rate) ** -lower)
    return np.where(lower > 0, np.ceil(course.step_unit * share) + 1, 0).astype(np.int64)


def _annuity(rate: Floats, count: Int64s) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = -np.expm1(-count * np.log1p(rate)) / rate
    return np.where(rate > 0, worth, count * 1.0)


def _falling_rows(course: Course) -> Int64s:
    """Return how many rows of each plan never ask for more where it has more payments.

    Less principal in each row leaves more to bear interest: that outweighs it in a late row of
    equal principal. A lower payment that is cut to whole units may leave more to the level ones.
    """
    every = course.rows.copy()
    rate = course.rate.floats
    late = np.divide(1.0, rate, out=np.full(len(rate), np.inf), where=rate > 0)
    falling = np.where(course.is_level, every, np.minimum(every, late - 1.0))
    lower = np.where(course.step_rows > 0, course.grace + course.step_rows, falling)
    rows: Int64s = np.maximum(lower, 0).astype(np.int64)
    return rows


def _keeps(monthly: Int64s, start: int, paid_today: Int64s, limits: Limits) -> Flags:
    """Say which plans keep to what was dialled, to each month, and to the cash of a season."""
    count, known = len(monthly), limits.judge.limits
    tight = np.array(known.tight[start : start + count])[:, None]
    if limits.dialled is not None:
        tight = np.minimum(tight, limits.dialled)
    fits: Flags = np.asarray((monthly <= tight).all(axis=0))
    if known.cash is None:
        return fits
    running = np.cumsum(monthly, axis=0) + paid_today
    paying = monthly > 0
    last = np.where(paying.any(axis=0), count - 1 - paying[::-1].argmax(axis=0), -1)
    cash = np.array(known.cash[start : start + count])[:, None]
    is_short = (running > cash) & (np.arange(count)[:, None] <= last)
    fits = np.logical_and(fits, ~is_short.any(axis=0))
    if start:
        fits = np.logical_and(fits, paid_today <= min(known.cash[:start], default=0))
    return fits
