"""The exact rows of many dated plans at once, each with its own length, rate and balance.

The same cents as `price` for the families of the search: level, stepped and equal-principal plans,
after a grace in which interest is paid, held or capitalised, with an odd first period. Not here:
which plans exist (`offers/space.py`); plans of one length over a whole book (`vector.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding, round_ratio
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.domain.schedule.vector_figures import EXACT_FLOAT, Floats, Int64s

Flags = NDArray[np.bool_]

_LIMIT = 2**62


class GraceKind(Enum):
    """What happens to the interest of the rows in which no principal is paid."""

    NONE = auto()
    PAID = auto()
    HELD = auto()
    """Collected later in equal parts, without interest on it."""
    CAPITALISED = auto()


@dataclass(frozen=True, slots=True)
class Rates:
    """Period rates as exact quotients: interest is balance x numerator / denominator, rounded."""

    numerator: Int64s
    denominator: Int64s

    @classmethod
    def of(cls, rates: list[Fraction]) -> Rates:
        """Return exact rates as arrays."""
        return cls(
            np.array([rate.numerator for rate in rates], dtype=np.int64),
            np.array([rate.denominator for rate in rates], dtype=np.int64),
        )

    def __getitem__(self, index: Int64s) -> Rates:
        return Rates(self.numerator[index], self.denominator[index])

    @property
    def floats(self) -> Floats:
        """The rates as binary fractions."""
        return self.numerator / self.denominator

    def interest_on(self, balance: Int64s, rounding: Rounding) -> Int64s:
        """Return the rounded interest; products were shown to fit (`largest_safe_balance`)."""
        scaled = balance * self.numerator
        return rounded_quotient(scaled, self.denominator, rounding)

    @property
    def largest_safe_balance(self) -> int:
        """The balance up to which no product of `interest_on` leaves 62 bits."""
        most = max(int(self.numerator.max(initial=1)), 1)
        return (_LIMIT // 2 - int(self.denominator.max(initial=1))) // most


def rounded_quotient(scaled: Int64s, divisor: Int64s | int, rounding: Rounding) -> Int64s:
    """Return scaled / divisor rounded as `money.round_ratio` does; nothing is negative."""
    if rounding is Rounding.DOWN:
        return scaled // divisor
    if rounding is Rounding.UP:
        return (scaled + (divisor - 1)) // divisor
    whole, rest = np.divmod(scaled, divisor)
    twice = 2 * rest
    if rounding is Rounding.HALF_UP:
        return whole + (twice >= divisor)
    return whole + ((twice > divisor) | ((twice == divisor) & ((whole & 1) == 1)))


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
    whole = np.floor(exact)
    rest = exact - whole
    margin = 1e-6 + exact * 1e-12
    if rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
        level = (whole + (rest >= 0.5)).astype(np.int64)
        unsure = np.abs(rest - 0.5) < margin
    else:
        level = (whole + (rest > 0.0 if rounding is Rounding.UP else 0)).astype(np.int64)
        unsure = np.minimum(rest, 1.0 - rest) < margin
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
    """Many plans of one family, an entry each; amounts in minor units, lengths in rows."""

    is_level: bool
    """Level payments (stepped where `step_rows` says so), or else equal principal."""
    grace_kind: GraceKind
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
    def is_free(self) -> bool:
        """Say whether the rows of the grace ask for nothing."""
        return self.grace_kind in {GraceKind.HELD, GraceKind.CAPITALISED}

    @property
    def rows(self) -> Int64s:
        """All rows of each plan."""
        return self.paying + self.grace if self.is_free else self.paying

    @property
    def bearing(self) -> Int64s:
        """Rows that repay principal."""
        return self.rows - self.grace


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


def run(course: Course) -> Run:
    """Return every payment of every plan, to the cent."""
    count = len(course.balance)
    rows, last_row = course.rows, int(course.rows.max(initial=0))
    payments = np.zeros((last_row, count), dtype=course.balance.dtype)
    balance = course.balance.copy()
    held = np.zeros_like(balance)
    is_priced = np.ones(count, dtype=bool)
    part = np.zeros_like(balance)
    share = np.zeros_like(balance)
    lower = _lower_payments(course)
    for row in range(last_row):
        rate = course.first if row == 0 else course.rate
        interest = rate.interest_on(balance, course.rounding)
        in_grace = row < course.grace
        if in_grace.any():
            if course.grace_kind is GraceKind.PAID:
                is_priced &= ~(in_grace & (interest <= 0))
            _grace_row(course, in_grace, interest, payments[row], balance, held)
        starts = (row == course.grace) | (row == course.grace + course.step_rows)
        if starts.any():
            _start_rows(course, row, starts, balance, held, part, share)
        asked = np.where(row < course.step_rows, lower, part) if lower is not None else part
        principal = asked - interest if course.is_level else part
        runs = ~in_grace & (row < rows)
        is_last = row == rows - 1
        is_priced &= ~(runs & ~is_last & ((principal < 0) | (principal >= balance)))
        is_priced &= ~(runs & ~is_last & (asked <= 0))
        principal = np.where(is_last, balance, principal)
        collected = np.where(is_last, held, np.minimum(share, held))
        np.copyto(payments[row], principal + interest + collected, where=runs)
        held = held - np.where(runs, collected, 0)
        balance = balance - np.where(runs, principal, 0)
    _add_carried(course, payments)
    return Run(payments, is_priced)


def _grace_row(
    course: Course,
    in_grace: Flags,
    interest: Int64s,
    payments: Int64s,
    balance: Int64s,
    held: Int64s,
) -> None:
    if course.grace_kind is GraceKind.PAID:
        np.copyto(payments, interest, where=in_grace)
    elif course.grace_kind is GraceKind.HELD:
        held += np.where(in_grace, interest, 0)
    else:
        balance += np.where(in_grace, interest, 0)


def _start_rows(
    course: Course,
    row: int,
    starts: Flags,
    balance: Int64s,
    held: Int64s,
    part: Int64s,
    share: Int64s,
) -> None:
    """Set the payment, or the part of principal, of the plans whose next run of rows starts."""
    index = np.flatnonzero(starts & (row < course.rows))
    left = course.rows[index] - row
    if course.is_level:
        # After a first row every period is regular.
        first = course.first if row == 0 else course.rate
        part[index] = exact_levels(
            balance[index],
            first[index],
            course.rate[index],
            left,
            course.multiple[index],
            course.payment_rounding,
        )
    else:
        part[index] = rounded_quotient(balance[index], left, course.rounding)
    share[index] = rounded_quotient(held[index], left, course.rounding)


def _lower_payments(course: Course) -> Int64s | None:
    """Return what stepped plans ask at first, cut down to whole units."""
    if not course.step_rows.any():
        return None
    level = exact_levels(
        course.balance, course.first, course.rate, course.rows, 1, course.payment_rounding
    )
    lower = level * course.step_share.numerator // course.step_share.denominator
    whole: Int64s = lower // course.step_unit * course.step_unit
    return whole


def _add_carried(course: Course, payments: Int64s) -> None:
    """Lay the carried charges over the paying rows, as `carried.spread_arrears` does."""
    if not course.carried.any():
        return
    plans = np.arange(payments.shape[1])
    paying = payments > 0
    none = ~paying.any(axis=0)
    if none.any():
        paying[:, none] = np.arange(payments.shape[0])[:, None] < course.rows[none]
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
