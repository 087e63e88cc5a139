"""The exact rows of many dated plans at once, each with its own length, rate and balance.

The same cents as `price` for the families of the search: level, stepped and equal-principal plans,
after a grace in which interest is paid, held or capitalised, with an odd first period. Not here:
which plans exist (`offers/space.py`); plans of one length over a whole book (`vector.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from math import log, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding, round_ratio
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.domain.schedule.vector_figures import EXACT_FLOAT, Int64s
from plan_assistant.domain.schedule.vector_rates import Rates, joined_rates, rounded_quotient

Flags = NDArray[np.bool_]


class GraceKind(IntEnum):
    """What happens to the interest of the rows in which no principal is paid."""

    NONE = 0
    PAID = 1
    HELD = 2
    """Collected later in equal parts, without interest on it."""
    CAPITALISED = 3


def exact_levels(
    balance: Int64s,
    first: Rates,
    rate: Rates,
    counts: Int64s,
    multiple: Int64s | int,
    rounding: Rounding,
) -> Int64s:
    """Return the level payment of every plan, rounded once to its multiple of minor units.

    It solves balance (1+f) G = x (G + (G - 1)/i), G = (1+i)^(n-1): the first period has rate f, the
    others i. Floats decide where they provably can: the formula takes a handful of operations, each
    good to an ulp, so its relative error stays below 1e-13; whatever lies within a margin ten times
    as wide of a rounding boundary is computed from exact integers. Arrays broadcast.
    """
    shape = np.broadcast_shapes(
        balance.shape, first.numerator.shape, rate.numerator.shape, counts.shape
    )
    i, f = rate.floats, first.floats
    with np.errstate(divide="ignore", invalid="ignore"):
        later = np.where(i > 0, -np.expm1(-(counts - 1) * np.log1p(i)) / i, counts - 1.0)
    exact = np.broadcast_to(balance * (1.0 + f) / (1.0 + later), shape) / multiple
    # One margin for all, that of the largest: a little more is decided exactly than has to be.
    largest = float(exact.max(initial=0.0))
    margin = 1e-6 + largest * 1e-12
    if rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
        level = (exact + 0.5).astype(np.int64)
        unsure = np.abs(exact - level) > 0.5 - margin
    else:
        level = (np.ceil(exact) if rounding is Rounding.UP else exact).astype(np.int64)
        unsure = np.abs(exact - np.rint(exact)) < margin
    if largest >= EXACT_FLOAT:
        unsure |= exact >= EXACT_FLOAT
    level = np.asarray(level * multiple)
    if unsure.any():
        _decide_exactly(level, unsure, (balance, first, rate, counts, multiple), rounding)
    return level


def _decide_exactly(
    level: Int64s,
    unsure: Flags,
    plans: tuple[Int64s, Rates, Rates, Int64s, Int64s | int],
    rounding: Rounding,
) -> None:
    balance, first, rate, counts, multiple = plans
    columns = [
        np.broadcast_to(np.asarray(column), level.shape)
        for column in (
            balance,
            first.numerator,
            first.denominator,
            rate.numerator,
            rate.denominator,
            counts,
            multiple,
        )
    ]
    for place in zip(*np.nonzero(unsure), strict=True):
        owed, f_up, f_down, i_up, i_down, count, step = (int(column[place]) for column in columns)
        level[place] = step * _level_quotient(
            owed, Fraction(f_up, f_down), Fraction(i_up, i_down), count, step, rounding
        )


def _level_quotient(
    balance: int, first: Fraction, rate: Fraction, count: int, step: int, rounding: Rounding
) -> int:
    """Return the level payment in steps, rounded once, from exact integers."""
    if rate == 0:
        owed = balance * (1 + first)
        return round_ratio(owed.numerator, owed.denominator * count * step, rounding)
    up, down = rate.numerator, rate.denominator
    grown, flat = (up + down) ** (count - 1), down ** (count - 1)
    numerator = balance * (first.numerator + first.denominator) * grown * up
    denominator = first.denominator * (grown * up + (grown - flat) * down)
    return round_ratio(numerator, denominator * step, rounding)


@dataclass(frozen=True, slots=True)
class Course:
    """Many plans, an entry each; amounts in minor units, lengths in rows."""

    is_level: Flags
    """Level payments (stepped where `step_rows` says so), or else equal principal."""
    grace_kind: NDArray[np.int8]
    """A `GraceKind` each."""
    grace: Int64s
    """Rows without principal at the start."""
    balance: Int64s
    carried: Int64s
    """Old charges that bear no interest."""
    carried_where: NDArray[np.int8]
    """Index into `CARRIED`."""
    paying: Int64s
    """Rows after a grace that asks for nothing, and all rows after any other grace."""
    first: Rates
    rate: Rates
    multiple: Int64s
    step_rows: Int64s
    """Rows at the start that ask for a share of the level payment; 0 for none."""
    step_share: Rates
    step_unit: int
    """The lower payments are cut down to whole multiples of this."""
    rounding: Rounding
    payment_rounding: Rounding

    @property
    def is_free(self) -> Flags:
        """Say of which plans the rows of the grace ask for nothing."""
        free: Flags = self.grace_kind >= GraceKind.HELD
        return free

    @property
    def free(self) -> Int64s:
        """How many rows of each plan ask for nothing."""
        free: Int64s = np.where(self.is_free, self.grace, 0)
        return free

    @property
    def rows(self) -> Int64s:
        """All rows of each plan."""
        return self.paying + self.free


def joined(courses: Sequence[Course]) -> Course:
    """Return several courses of one space, one after the other."""
    if len(courses) == 1:
        return courses[0]
    columns: dict[str, Any] = {}
    for name in Course.__slots__:
        parts = [getattr(course, name) for course in courses]
        if isinstance(parts[0], Rates):
            columns[name] = joined_rates(parts)
        elif isinstance(parts[0], np.ndarray):
            columns[name] = np.concatenate(parts)
        else:
            columns[name] = parts[0]
    return Course(**columns)


CARRIED = (
    ArrearsTreatment.SPREAD,
    ArrearsTreatment.FIRST_INSTALLMENT,
    ArrearsTreatment.LAST_INSTALLMENT,
)


@dataclass(frozen=True, slots=True)
class Run:
    """The payments of many plans, a row each and a column per plan, zero after the last."""

    payments: Int64s
    is_priced: Flags
    """False where `price` refuses the terms (a payment below the interest, or an early end), and
    where an installment before the last would ask for nothing."""


@dataclass(slots=True)
class _State:
    """The plans between two rows."""

    balance: Int64s
    least: Int64s
    """The smallest balance so far."""
    held: Int64s
    """Interest of the grace that is still to be collected."""
    part: Int64s
    """The payment of each row, or the part of principal where payments fall."""
    share: Int64s
    """What each row collects of the held interest."""
    runs: Flags
    """Past the grace and not yet over."""
    is_priced: Flags


def run(course: Course) -> Run:
    """Return every payment of every plan, to the cent.

    What happens on few rows (a grace, the start of a run of payments, the last row) is looked for
    only there: most runs are of a few plans, and then a row costs as much as it has array
    operations. A plan that is over owes nothing and asks for nothing, so that no row has to leave
    it out. What is refused shows where payments start, and in the second row, which may ask for
    more interest after a short first one: where those repay something, interest only falls and
    later rows repay more. Whether it ended early shows in the least that it ever owed.
    """
    count, rows = len(course.balance), course.rows
    last_row = int(rows.max(initial=0))
    payments = np.zeros((last_row, count), dtype=np.int64)
    state = _beginning(course)
    lower = _lower_payments(course)
    after_steps = course.grace + course.step_rows
    starting = set(course.grace.tolist()) | set(after_steps.tolist())
    telling, ending = starting | {1}, _ending(rows)
    least = course.balance.copy()
    longest_grace = int(course.grace.max(initial=0))
    falls, owes = ~course.is_level, course.balance > 0
    has_falling, has_held = bool(falls.any()), bool((course.grace_kind == GraceKind.HELD).any())
    interest_of = _interest_of(course, last_row)
    for row in range(last_row):
        interest = interest_of(course.first if row == 0 else course.rate, state.balance)
        if row in starting:
            _start_rows(course, row, (course.grace == row) | (after_steps == row), state)
            if lower is not None:
                is_lower = (row < after_steps) & (row >= course.grace) & state.runs
                np.copyto(state.part, lower, where=is_lower)
        if row < longest_grace:
            _grace_row(course, row < course.grace, interest, payments[row], state)
        principal = state.part - interest
        if has_falling:
            np.copyto(principal, state.part, where=falls)
        if row < longest_grace:
            principal[~state.runs] = 0
            interest[~state.runs] = 0
        if row in telling:
            _refuse(state, principal, interest, owes & (rows > row + 1))
        last = ending.get(row)
        if last is not None:
            principal[last] = state.balance[last]
            least[last] = state.least[last]
        interest += principal
        if has_held:
            collected = np.minimum(state.share, state.held)
            if last is not None:
                collected[last] = state.held[last]
            state.held -= collected
            interest += collected
        payments[row] += interest
        state.balance -= principal
        np.minimum(state.least, state.balance, out=state.least)
        if last is not None:
            _end(state, last)
    state.is_priced &= (least > 0) | ~owes | (course.grace >= rows)
    _add_carried(course, payments)
    if not owes.all():
        # Without principal the installments are old charges alone.
        state.is_priced &= owes | ((payments > 0).sum(axis=0) == course.paying)
    return Run(payments, state.is_priced)


def _beginning(course: Course) -> _State:
    count = len(course.balance)
    zeros = np.zeros(count, dtype=np.int64)
    return _State(
        balance=course.balance.copy(),
        least=course.balance.copy(),
        held=zeros.copy(),
        part=zeros.copy(),
        share=zeros,
        runs=np.zeros(count, dtype=bool),
        is_priced=np.ones(count, dtype=bool),
    )


def _refuse(state: _State, principal: Int64s, interest: Int64s, asked: Flags) -> None:
    """Refuse of some plans those whose row asks for nothing, or for less than its interest."""
    is_wrong = (principal < 0) | (principal + interest <= 0)
    state.is_priced &= ~(is_wrong & asked & state.runs)


def _end(state: _State, last: NDArray[np.intp]) -> None:
    """Let plans ask for nothing after their last row."""
    state.runs[last] = False
    state.part[last] = 0


def _interest_of(course: Course, rows: int) -> Callable[[Rates, Int64s], Int64s]:
    """Return how interest is asked for: without a look at each balance where all of them fit.

    No balance grows by more than the highest interest of a row, rounded up.
    """
    rates = (course.first, course.rate)
    highest = max(float(each.floats.max(initial=0.0)) for each in rates)
    safe = min(each.largest_safe_balance for each in rates)
    grown = log(int(course.balance.max(initial=0)) + rows + 1) + (rows + 1) * log1p(highest)
    if safe > 0 and grown + 1e-6 < log(safe):
        return lambda rate, balance: rounded_quotient(
            balance * rate.numerator, rate.divisor, course.rounding
        )
    return lambda rate, balance: rate.interest_on(balance, course.rounding)


def _ending(rows: Int64s) -> dict[int, NDArray[np.intp]]:
    """Return which plans have their last row where, counted from 0."""
    order = np.argsort(rows, kind="stable")
    lasts, starts = np.unique(rows[order], return_index=True)
    stops = [*starts[1:].tolist(), len(order)]
    return {
        last - 1: order[start:stop]
        for last, start, stop in zip(lasts.tolist(), starts.tolist(), stops, strict=True)
    }


def _grace_row(
    course: Course, in_grace: Flags, interest: Int64s, payments: Int64s, state: _State
) -> None:
    owes = in_grace & (course.grace_kind == GraceKind.PAID)
    np.copyto(payments, interest, where=owes)
    state.is_priced &= ~(owes & (interest <= 0))
    state.held += np.where(in_grace & (course.grace_kind == GraceKind.HELD), interest, 0)
    state.balance += np.where(in_grace & (course.grace_kind == GraceKind.CAPITALISED), interest, 0)


def _start_rows(course: Course, row: int, starts: Flags, state: _State) -> None:
    """Set the payment, or the part of principal, of the plans whose next run of rows starts."""
    index = np.flatnonzero(starts & (row < course.rows))
    if not len(index):
        return
    state.runs[index] = True
    left, balance = course.rows[index] - row, state.balance[index]
    # After a first row every period is regular.
    first = course.first if row == 0 else course.rate
    part = exact_levels(
        balance,
        first[index],
        course.rate[index],
        left,
        course.multiple[index],
        course.payment_rounding,
    )
    falls = ~course.is_level[index]
    if falls.any():
        part = np.where(falls, rounded_quotient(balance, left, course.rounding), part)
    state.part[index] = part
    state.share[index] = rounded_quotient(state.held[index], left, course.rounding)


def _lower_payments(course: Course) -> Int64s | None:
    """Return what stepped plans ask at first, cut down to whole units."""
    if not course.step_rows.any():
        return None
    level = exact_levels(
        course.balance, course.first, course.rate, course.rows, 1, course.payment_rounding
    )
    whole: Int64s = course.step_share.part_of(level) // course.step_unit * course.step_unit
    return whole


def _add_carried(course: Course, payments: Int64s) -> None:
    """Lay the carried charges over the paying rows, as `carried.spread_arrears` does."""
    if not course.carried.any():
        return
    plans = np.arange(payments.shape[1])
    paying = payments > 0
    none = ~paying.any(axis=0)
    if none.any():
        row = np.arange(payments.shape[0])[:, None]
        paying[:, none] = (row >= course.free[none]) & (row < course.rows[none])
    count = paying.sum(axis=0)
    first = paying.argmax(axis=0)
    last = payments.shape[0] - 1 - paying[::-1].argmax(axis=0)
    part, last_part = equal_parts(course.carried, count, course.rounding)
    where = course.carried_where
    spread = np.where(where == 0, part, 0)
    payments += paying * spread
    payments[last, plans] += np.where(where == 0, last_part - part, 0)
    payments[first, plans] += np.where(where == 1, course.carried, 0)
    payments[last, plans] += np.where(where == 2, course.carried, 0)


def equal_parts(total: Int64s, count: Int64s, rounding: Rounding) -> tuple[Int64s, Int64s]:
    """Return the equal part and the last part of totals, none of them negative."""
    part = rounded_quotient(total, count, rounding)
    part = np.where(part * (count - 1) > total, total // count, part)
    return part, total - part * (count - 1)
