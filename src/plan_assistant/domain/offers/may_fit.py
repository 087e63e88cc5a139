"""Which of many plans may fit with at most so much of a lever: a bound that never says no wrongly.

What each row asks for falls as a lever is moved. Rounding alone goes the other way: in the last
installment, which takes up what it leaves, and after lower payments, which are cut to whole units.
So much is allowed there that a plan which does not keep to the limits with so many units of a lever
keeps to them with no smaller number either; nothing has to be where the level payment is the same
(`same_level.py`). Not here: what fits to the cent (`base_plan.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.judging import Group, Judge, by_dates, by_month
from plan_assistant.domain.offers.same_level import is_same_level
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_run import (
    CARRIED,
    Course,
    Flags,
    equal_parts,
    joined,
    run,
)

_FIRST, _LAST, _SPREAD = (
    CARRIED.index(each)
    for each in (
        ArrearsTreatment.FIRST_INSTALLMENT,
        ArrearsTreatment.LAST_INSTALLMENT,
        ArrearsTreatment.SPREAD,
    )
)
_MORE_THAN_ANY = 2.0**50
"""Minor units beyond what any row asks for."""
_TO_NEAREST = {Rounding.HALF_UP, Rounding.HALF_EVEN}


@dataclass(frozen=True)
class Limits:
    """What plans have to keep to."""

    judge: Judge
    """What each month can carry, for as long as any plan is tried."""
    dialled: int | None
    """The most that a month may ask for, in minor units; None where nothing was dialled."""


def may_fit(least: Sequence[Group], most: Sequence[Group], limits: Limits) -> Flags:
    """Say of some plans whether they may keep to the limits, moved so little or so much or between.

    Args:
        least: the plans, moved as little as may be.
        most: the same, moved as far as may be.
        limits: what they have to keep to.
    """
    course = joined([group.course for group in most])
    asked = _moved_at_least(joined([group.course for group in least]), course)
    # What is not paid today is paid later, and with interest it is no less.
    repaid = course.balance + course.carried + _paid_today(most)
    return _fit(course, asked, least, limits, repaid)


def may_fit_longer(groups: Sequence[Group], rows: Int64s, limits: Limits) -> Flags:
    """Say of some plans whether they, or the same with fewer payments, may keep to the limits.

    Args:
        groups: the plans, with as many payments as may be.
        rows: how many rows the same have with the fewest payments.
        limits: what they have to keep to.
    """
    course = joined([group.course for group in groups])
    payments = _without_carried(course)
    row = np.arange(len(payments))[:, None]
    payments = np.maximum(payments + _carried(course, row), _is_paying(course, row))
    is_in_all = row < np.minimum(rows, _falling_rows(course))
    # The last rows of a longer plan are none of a shorter one.
    repaid = np.zeros_like(course.balance)
    return _fit(course, np.where(is_in_all, payments, 0), groups, limits, repaid)


def _paid_today(groups: Sequence[Group]) -> Int64s:
    return np.concatenate(
        [group.sheet.by_line(group.sheet.paid_today)[group.lines] for group in groups]
    )


def _fit(
    course: Course, asked: Int64s, groups: Sequence[Group], limits: Limits, repaid: Int64s
) -> Flags:
    """Say which plans keep to the limits with rows of so much, and `repaid` in all at least."""
    paid_today = _paid_today(groups)
    fits = np.ones(len(paid_today), dtype=bool)
    for (frequency, first), here in by_dates(groups).items():
        count = int(course.rows[here].max())
        months = limits.judge.months(groups[0].sheet.space, first, frequency, count)
        monthly = by_month(asked[:count, here], months)
        start = int(months[0])
        fits[here] = _keeps(monthly, start, paid_today[here], repaid[here], limits)
    return fits


def _moved_at_least(least: Course, most: Course) -> Int64s:
    """Return the least that each row asks for, moved so little or so much or between."""
    payments, after_lower = _without_carried(most), _after_lower(most)
    row = np.arange(len(payments))[:, None]
    stepped = (row >= most.grace + most.step_rows) & (most.step_rows > 0)
    payments = payments - np.where(stepped, -(-after_lower // most.multiple) * most.multiple, 0)
    last = row == most.rows - 1
    left_over = np.where(is_same_level(least, most), 0, _left_over(least))
    payments = np.maximum(payments - np.where(last, left_over, 0), 0)
    asked: Int64s = np.maximum(payments + _carried(most, row), _is_paying(most, row))
    return asked


def _without_carried(course: Course) -> Int64s:
    """Return what each row asks for but old charges.

    Terms that make no plan with so much of a lever may make one with less, which asks for no less.
    The charges are left out because they lie on rows that pay, and of those there may be more then.
    """
    return run(replace(course, carried=np.zeros_like(course.carried))).payments


def _is_paying(course: Course, row: Int64s) -> Flags:
    """Say which rows ask for something in every plan: all that are not free."""
    is_paying: Flags = (row >= course.free) & (row < course.rows)
    return is_paying


def _carried(course: Course, row: Int64s) -> Int64s:
    """Return the least of old charges that each row asks for, with as many of them or more."""
    where, count, last = course.carried_where, course.paying, course.rows - 1
    part, _last_part = equal_parts(course.carried, count, course.rounding)
    # What the last part takes up is at most a unit of each of the others.
    last_part = np.maximum(course.carried // count - count + 1, 0)
    of_row = np.where(row == last, last_part, part)
    spread = np.where(where == _SPREAD, of_row, 0) * ((row >= course.free) & (row <= last))
    at_once = np.where(where == _FIRST, row == course.free, (where == _LAST) & (row == last))
    return np.asarray(spread + at_once * course.carried)


def _left_over(course: Course) -> Int64s:
    """Return by how much the last row of a plan may ask for less than an exact one moved as far.

    Each row's payment and interest are rounded, and the difference bears interest until the last
    row. Twice: what is looked at is rounded, too.
    """
    to_nearest = {course.rounding, course.payment_rounding} <= _TO_NEAREST
    rate, rows = course.rate.floats, course.rows
    with np.errstate(over="ignore"):
        grown = _annuity(rate, rows) * (1.0 + rate) ** rows
    a_row = np.where(course.is_level, course.multiple, 1) + 1
    # Deferred interest is shared out in parts that are rounded by themselves.
    left = (a_row * grown + rows) * (1 if to_nearest else 2)
    return np.minimum(np.ceil(left), _MORE_THAN_ANY).astype(np.int64)


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


def _keeps(
    monthly: Int64s, start: int, paid_today: Int64s, repaid: Int64s, limits: Limits
) -> Flags:
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
    row = np.arange(count)[:, None]
    running = np.where(row == last, np.maximum(running, repaid), running)
    is_short = (running > cash) & (row <= last)
    fits = np.logical_and(fits, ~is_short.any(axis=0))
    if start:
        fits = np.logical_and(fits, paid_today <= min(known.cash[:start], default=0))
    return fits
