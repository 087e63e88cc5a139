"""Bounds of every candidate's figures, from closed forms over whole sheets at once.

Level payments are exact; what a plan's last payment takes up from rounding is enclosed. Interest of
a row is off by at most r (1/2 when rounded to nearest, else 1) and that error grows with the rest
of the plan, so the last payment lies within r S + 1 of p - (p - x) S, where p is the payment, x the
unrounded one and S = ((1+i)^m - 1)/i for m level rows. Whatever these bounds do not decide is run
to the cent (`vector_run.run`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_run import (
    Flags,
    GraceKind,
    Rates,
    equal_parts,
    exact_levels,
    rounded_quotient,
)

_SLACK = 1e-11
"""Relative error of the closed forms beside the rounding of rows: some dozen operations."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure of every candidate (lines x lengths), enclosed from both sides."""

    low: Floats
    high: Floats

    def over(self, size: tuple[int, int]) -> Bounds:
        """Return the bounds with an entry for every candidate."""
        return Bounds(np.broadcast_to(self.low, size), np.broadcast_to(self.high, size))


@dataclass(frozen=True, slots=True)
class Screen:
    """What is known of a sheet's candidates before any of them is run to the cent."""

    worst: Bounds
    """The largest installment, or the most that falls due in one month."""
    total: Bounds
    """All the borrower pays, the down payment included."""
    worth: Bounds
    """The lender's present value."""
    refused: Flags
    """Surely refused by `price`: a payment below the interest, or an early end."""
    unsure: Flags
    """Whether `price` refuses it takes a run to the cent."""


@dataclass(slots=True)
class _Tail:
    """The level or falling rows after a grace: the regular payment, and bounds of the last."""

    start: Int64s
    """The payment of the first row."""
    body: Int64s
    """The largest payment of the rows before the last."""
    last: Bounds
    total: Bounds
    """All the rows, old charges not counted."""
    worth: Bounds
    """Present value at the day of the row before the first one of these."""
    refused: Flags
    unsure: Flags


def screen(sheet: Sheet, discount: Discount) -> Screen:
    """Return bounds of every candidate of a sheet."""
    lengths = sheet.lengths[None, :]
    grace = sheet.grace[:, None]
    count = lengths if sheet.is_free or sheet.grace_kind is GraceKind.NONE else lengths - grace
    too_short = count < 1
    count = np.maximum(count, 1)
    balance, before, first = _after_grace(sheet)
    tail = _falling(sheet, count, discount) if not sheet.is_level else None
    if tail is None:
        tail = (
            _stepped(sheet, lengths, discount)
            if sheet.step_rows.any()
            else _level(sheet, balance, first, count, discount)
        )
    return _with_charges(sheet, before, tail, count, too_short, discount)


@dataclass(frozen=True, slots=True)
class _Grace:
    """What the rows of a grace ask for, a line each."""

    payment: Int64s
    """The largest payment in the grace."""
    total: Int64s
    first: Int64s
    later: Int64s
    held: Int64s
    """Interest held for the rows after it."""


def _after_grace(sheet: Sheet) -> tuple[Int64s, _Grace, Rates]:
    """Return the balance after the grace, what the grace asks for, and the next row's rate."""
    rounding = sheet.space.policy.schedule.rounding
    balance, zero = sheet.bearing, np.zeros_like(sheet.bearing)
    if sheet.grace_kind is GraceKind.NONE:
        return balance, _Grace(zero, zero, zero, zero, zero), sheet.first
    first = sheet.first.interest_on(balance, rounding)
    later = sheet.rate.interest_on(balance, rounding)
    both = first + (sheet.grace - 1) * later
    if sheet.grace_kind is GraceKind.PAID:
        payment = np.where(sheet.grace > 1, np.maximum(first, later), first)
        return balance, _Grace(payment, both, first, later, zero), sheet.rate
    if sheet.grace_kind is GraceKind.HELD:
        return balance, _Grace(zero, zero, zero, zero, both), sheet.rate
    balance = balance + first
    for row in range(1, int(sheet.grace.max(initial=1))):
        interest = sheet.rate.interest_on(balance, rounding)
        balance = balance + np.where(row < sheet.grace, interest, 0)
    return balance, _Grace(zero, zero, zero, zero, zero), sheet.rate


def _growth(rate: Floats, count: Int64s) -> Floats:
    """Return ((1+i)^m - 1)/i; m where the rate is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.expm1(count * np.log1p(rate)) / rate
    return np.where(rate > 0, grown, count * 1.0)


def _row_error(sheet: Sheet) -> float:
    nearest = {Rounding.HALF_UP, Rounding.HALF_EVEN}
    return 0.5 if sheet.space.policy.schedule.rounding in nearest else 1.0


def _rest(
    sheet: Sheet, balance: Int64s, first: Rates, payment: Int64s, count: Int64s
) -> tuple[Bounds, Flags, Flags]:
    """Enclose the last of `count` rows, of which the others ask for `payment`.

    Returns also which plans surely end before it, and for which that is open.
    """
    i, f = sheet.rate.floats[:, None], first.floats[:, None]
    growth = _growth(i, count)
    before = _growth(i, count - 1)
    owed = balance * (1.0 + f) * (1.0 + i * before)
    middle = owed - payment * (growth - 1.0)
    error = _row_error(sheet) * growth + 1.0 + _SLACK * owed
    last = Bounds(middle - error, middle + error)
    # The plan ends early when nothing is left before the last row: that row then asks for nothing.
    return last, last.high <= 0.0, last.low <= 1.0


def _level(sheet: Sheet, balance: Int64s, first: Rates, count: Int64s, discount: Discount) -> _Tail:
    rounding = sheet.space.policy.schedule.payment_rounding
    column, first_column = (
        balance[:, None],
        Rates(first.numerator[:, None], first.denominator[:, None]),
    )
    rate = Rates(sheet.rate.numerator[:, None], sheet.rate.denominator[:, None])
    payment = exact_levels(column, first_column, rate, count, sheet.multiple[:, None], rounding)
    last, ended, unsure = _rest(sheet, column, first, payment, count)
    interest = first.interest_on(balance, sheet.space.policy.schedule.rounding)
    later = sheet.rate.interest_on(balance, sheet.space.policy.schedule.rounding)
    # Rounded to multiples a payment may be nothing, and there would be fewer than promised.
    ended |= (payment <= 0) & (count > 1)
    # After a short first row the second may ask for more interest.
    ended |= (payment < np.maximum(interest, later)[:, None]) & (count > 1)
    body = np.where(count > 1, payment, 0)
    rows = payment * (count - 1)
    worth = discount.level(sheet, count - 1) * payment
    at_last = discount.at(sheet, count)
    return _Tail(
        payment,
        body,
        last,
        Bounds(rows + last.low, rows + last.high),
        Bounds(worth + at_last * last.low, worth + at_last * last.high),
        ended,
        unsure & ~ended,
    )


def _stepped(sheet: Sheet, lengths: Int64s, discount: Discount) -> _Tail:
    """Run the lower payments row by row, exactly, then treat the rest as a level plan."""
    policy = sheet.space.policy.schedule
    rows = sheet.step_rows[:, None]
    first = Rates(sheet.first.numerator[:, None], sheet.first.denominator[:, None])
    rate = Rates(sheet.rate.numerator[:, None], sheet.rate.denominator[:, None])
    start = sheet.bearing[:, None]
    level = exact_levels(start, first, rate, lengths, 1, policy.payment_rounding)
    share, unit = sheet.step_share, sheet.space.debt.currency.units
    lower = level * share.numerator[:, None] // share.denominator[:, None] // unit * unit
    balance = np.broadcast_to(start, level.shape).copy()
    refused = np.zeros(level.shape, dtype=bool)
    for row in range(int(sheet.step_rows.max())):
        interest = (first if row == 0 else rate).interest_on(balance, policy.rounding)
        runs = row < rows
        principal = lower - interest
        refused |= runs & ((principal < 0) | (principal >= balance))
        balance = balance - np.where(runs, principal, 0)
    count = np.maximum(lengths - rows, 1)
    balance = np.maximum(balance, 1)
    payment = exact_levels(balance, rate, rate, count, 1, policy.payment_rounding)
    last, ended, unsure = _rest(sheet, balance, sheet.rate, payment, count)
    body = np.where(count > 1, np.maximum(payment, lower), lower)
    paid = lower * rows + payment * (count - 1)
    worth = discount.level(sheet, rows) * lower
    worth = (
        worth + (discount.level(sheet, rows + count - 1) - discount.level(sheet, rows)) * payment
    )
    at_last = discount.at(sheet, rows + count)
    refused |= ended
    return _Tail(
        lower,
        body,
        last,
        Bounds(paid + last.low, paid + last.high),
        Bounds(worth + at_last * last.low, worth + at_last * last.high),
        refused,
        unsure & ~refused,
    )


def _falling(sheet: Sheet, count: Int64s, discount: Discount) -> _Tail:
    """Equal principal: balances are exact, so only the sum of many interests is enclosed."""
    rounding = sheet.space.policy.schedule.rounding
    balance = sheet.bearing[:, None]
    rate = Rates(sheet.rate.numerator[:, None], sheet.rate.denominator[:, None])
    part = rounded_quotient(balance, count, rounding)
    left = balance - part * (count - 1)
    early = left <= 0
    interest = sheet.first.interest_on(sheet.bearing, rounding)[:, None]
    second = rate.interest_on(np.maximum(balance - part, 0), rounding)
    last = left + rate.interest_on(np.maximum(left, 0), rounding)
    last = np.where(count > 1, last, balance + interest)
    body = np.where(count > 1, part + interest, 0)
    body = np.where(count > 2, np.maximum(body, part + second), body)
    i = sheet.rate.floats[:, None]
    others = np.maximum(count - 2, 0)
    # Rows 2 to m-1 start from balance - part x k, k = 1 .. m-2.
    middle = i * (balance * others - part * (others * (others + 1) / 2.0))
    error = _row_error(sheet) * others + _SLACK * (middle + balance)
    rows = np.where(count > 1, part * (count - 1) + interest, 0) + last
    worth = np.where(count > 1, discount.at(sheet, np.int64(1)) * (part + interest), 0.0)
    weights = discount.level(sheet, others + 1) - discount.level(sheet, np.minimum(others, 1))
    weights = np.where(others > 0, weights, 0.0)
    worth = worth + (part + i * balance) * weights - i * part * discount.ramp(sheet, others)
    worth = worth + discount.at(sheet, count) * last
    return _Tail(
        part + interest,
        body,
        _around(last, 0 * last),
        _around(rows + middle, error),
        _around(worth, error + _SLACK * worth),
        early & (count > 1),
        np.zeros(early.shape, dtype=bool),
    )


def _around(middle: NDArray[Any], error: NDArray[Any]) -> Bounds:
    return Bounds(
        np.asarray(middle - error, dtype=np.float64), np.asarray(middle + error, dtype=np.float64)
    )


def _with_charges(
    sheet: Sheet,
    grace: _Grace,
    tail: _Tail,
    count: Int64s,
    too_short: Flags,
    discount: Discount,
) -> Screen:
    """Add the grace, held interest and old charges to the rows, and look for the worst month."""
    rounding = sheet.space.policy.schedule.rounding
    rows = sheet.grace[:, None]
    shift = discount.shift(sheet, rows)
    paying = np.broadcast_to(sheet.lengths[None, :], count.shape) if sheet.is_free else count + rows
    held, held_last = equal_parts_no_more(grace.held[:, None], count, rounding)
    part, part_last = equal_parts(sheet.carried[:, None], paying, rounding)
    where = sheet.carried_where[:, None]
    carried = sheet.carried[:, None]
    part = np.where(where == 0, part, 0)
    at_end = np.where(where == 0, part_last, np.where(where == 2, carried, 0))
    at_start = np.where(where == 1, carried, 0)
    extra, extra_last = held + part, held_last + at_end
    body = tail.body + np.where(count > 1, extra, 0)
    in_grace = grace.payment[:, None] + np.where(grace.payment[:, None] > 0, part, 0)
    whole = np.maximum(body, in_grace)
    low = np.maximum(whole, tail.last.low + extra_last)
    high = np.maximum(whole, tail.last.high + extra_last)
    if at_start.any():
        opening = np.where(grace.first[:, None] > 0, grace.first[:, None], tail.start + extra)
        is_last = (count == 1) & (grace.first[:, None] == 0)
        low = np.maximum(low, np.where(is_last, tail.last.low + extra_last, opening) + at_start)
        high = np.maximum(high, np.where(is_last, tail.last.high + extra_last, opening) + at_start)
    worst = _in_one_month(sheet, low, high, body, at_start, at_end)
    fixed = (grace.total + grace.held + sheet.carried + sheet.paid_today)[:, None]
    total = Bounds(fixed + tail.total.low, fixed + tail.total.high)
    worth = (
        sheet.paid_today[:, None]
        + _worth_of_grace(sheet, grace, discount)[:, None]
        + _worth_of_charges(sheet, (held, held_last, part, at_end, at_start), count, discount)
    )
    slack = _SLACK * np.abs(worth)
    nothing = np.minimum(grace.first, np.where(sheet.grace > 1, grace.later, grace.first)) <= 0
    if sheet.grace_kind is GraceKind.PAID:
        too_short = too_short | nothing[:, None]
    valued = Bounds(worth + shift * tail.worth.low - slack, worth + shift * tail.worth.high + slack)
    size = sheet.size
    return Screen(
        worst=worst.over(size),
        total=total.over(size),
        worth=valued.over(size),
        refused=np.broadcast_to(tail.refused | too_short, size),
        unsure=np.broadcast_to(tail.unsure & ~too_short, size),
    )


def equal_parts_no_more(total: Int64s, count: Int64s, rounding: Rounding) -> tuple[Int64s, Int64s]:
    """Return the part of held interest in each row, and in the last: never more than is left."""
    part = rounded_quotient(total, count, rounding)
    return part, np.maximum(total - part * (count - 1), 0)


def _worth_of_grace(sheet: Sheet, grace: _Grace, discount: Discount) -> Floats:
    first = discount.at(sheet, np.int64(1))[:, 0] * grace.first
    later = (
        discount.level(sheet, sheet.grace[:, None])[:, 0] - discount.at(sheet, np.int64(1))[:, 0]
    )
    worth: Floats = np.where(grace.first > 0, first + later * grace.later, 0.0)
    return worth


def _worth_of_charges(
    sheet: Sheet,
    parts: tuple[Int64s, Int64s, Int64s, Int64s, Int64s],
    count: Int64s,
    discount: Discount,
) -> Floats:
    held, held_last, part, at_end, at_start = parts
    rows = sheet.grace[:, None]
    until_last = discount.level(sheet, rows + count - 1)
    skipped = discount.level(sheet, rows) if rows.any() else 0.0
    at_last = discount.at(sheet, rows + count)
    from_row = skipped if sheet.is_free else 0.0
    worth = held * (until_last - skipped) + part * (until_last - from_row)
    worth = worth + (held_last + at_end) * at_last
    start_row = rows + 1 if sheet.is_free else np.int64(1)
    paid: Floats = worth + at_start * discount.at(sheet, start_row)
    return paid


def _in_one_month(
    sheet: Sheet, low: Floats, high: Floats, body: Int64s, at_start: Int64s, at_end: Int64s
) -> Bounds:
    """Return the bounds of what falls due in one calendar month.

    Where payments come more often than monthly, the month with most of them counts; a plan whose
    last payment is the odd one out stays enclosed.
    """
    most = sheet.most_in_a_month
    if most is None:
        return Bounds(low, high)
    fully, with_last = most
    least = np.maximum(fully * (body * 1.0), low)
    return Bounds(least, with_last * high + at_start + at_end)
