"""Bounds of every candidate's figures, from closed forms over whole sheets at once.

The grace, the rows after it (`tails.py`) and old charges are put together. Whatever these bounds do
not decide is run to the cent (`vector_run.run`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.axes import AXES, Axis, along, filled, of_some
from plan_assistant.domain.offers.bounds import SLACK, Bounds
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.tails import Tail, falling, level, stepped
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_rates import Rates, rounded_quotient
from plan_assistant.domain.schedule.vector_run import (
    Flags,
    GraceKind,
    equal_parts,
)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is known of a sheet's candidates (lines x lengths) before any is run to the cent."""

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
    parts: Parts


def screen(sheet: Sheet, discount: Discount) -> Screen:
    """Return bounds of every candidate of a sheet."""
    parts = _parts(sheet)
    grace, tail, every = parts.grace, parts.tail, sheet.by_candidate
    too_short = parts.too_short
    if sheet.grace_kind is GraceKind.PAID:
        # A grace in which a row would ask for nothing makes no plan.
        least = np.minimum(grace.first, np.where(sheet.grace > 1, grace.later, grace.first))
        too_short = too_short | (least <= 0)
    fixed = grace.total + grace.held + sheet.carried + sheet.paid_today
    return Screen(
        worst=_worst(sheet, parts).map(every),
        total=tail.total.map(lambda side: every(fixed + side)),
        worth=worth(sheet, parts, discount).map(every),
        refused=every(tail.refused | too_short),
        unsure=every(tail.unsure & ~too_short),
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What every candidate is put together from."""

    count: Int64s
    """How many rows come after the grace."""
    too_short: Flags
    """Where the grace leaves no row."""
    grace: _Grace
    tail: Tail
    charges: _Charges


def _parts(sheet: Sheet) -> Parts:
    count, too_short = sheet.paying, np.zeros((1,) * AXES, dtype=bool)
    if sheet.grace_kind is GraceKind.PAID:
        left = sheet.paying - sheet.grace
        count, too_short = np.maximum(left, 1), left < 1
    balance, before, first = _after_grace(sheet)
    if not sheet.is_level:
        tail = falling(sheet, count)
    elif sheet.step_rows.any():
        tail = stepped(sheet)
    elif sheet.grace_kind is GraceKind.PAID:
        # What comes after depends on how many rows are left, not on the grace that left them.
        counts, at = np.unique(count[0, 0, 0, :, 0, 0], return_inverse=True)
        rows = level(sheet, balance, first, along(Axis.LENGTH, counts))
        tail = rows.with_rows(at.reshape(count.shape[Axis.GRACE], -1))
    else:
        tail = level(sheet, balance, first, count)
    return Parts(count, too_short, before, tail, _charges(sheet, before, count))


@dataclass(frozen=True, slots=True)
class _Grace:
    """What the rows of a grace ask for."""

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
    balance, zero = sheet.bearing, np.zeros((1,) * AXES, dtype=np.int64)
    nothing = _Grace(zero, zero, zero, zero, zero)
    if sheet.grace_kind is GraceKind.NONE:
        return balance, nothing, sheet.first
    first = sheet.first.interest_on(balance, rounding)
    if sheet.grace_kind is GraceKind.CAPITALISED:
        balance = balance + first
        for row in range(1, int(sheet.grace.max(initial=1))):
            interest = sheet.rate.interest_on(balance, rounding)
            balance = balance + np.where(row < sheet.grace, interest, 0)
        return balance, nothing, sheet.rate
    later = sheet.rate.interest_on(balance, rounding)
    both = first + (sheet.grace - 1) * later
    if sheet.grace_kind is GraceKind.HELD:
        return balance, replace(nothing, held=both), sheet.rate
    payment = np.where(sheet.grace > 1, np.maximum(first, later), first)
    return balance, _Grace(payment, both, first, later, zero), sheet.rate


@dataclass(frozen=True, slots=True)
class _Charges:
    """What the rows of a plan ask for besides level or falling payments."""

    held: Int64s
    """Of each row but the last, interest that was held in a grace."""
    spread: Int64s
    """Of each row but the last, old charges."""
    at_end: Int64s
    """All that the last row asks for besides."""
    at_start: Int64s
    """Old charges that the first row asks for."""


def _charges(sheet: Sheet, grace: _Grace, count: Int64s) -> _Charges:
    rounding, where = sheet.space.policy.schedule.rounding, sheet.carried_where
    held, held_last = equal_parts_no_more(grace.held, count, rounding)
    part, part_last = equal_parts(sheet.carried, sheet.paying, rounding)
    at_end = np.where(where == 0, part_last, np.where(where == 2, sheet.carried, 0))
    return _Charges(
        held=held,
        spread=np.where(where == 0, part, 0),
        at_end=held_last + at_end,
        at_start=np.where(where == 1, sheet.carried, 0),
    )


def worth(sheet: Sheet, parts: Parts, discount: Discount, rates: slice = slice(None)) -> Bounds:
    """Return bounds, over the levers, of the present value; of some of the rates alone.

    Adds the grace, held interest, old charges and the down payment to what the rows are worth.
    """
    beside = (
        sheet.paid_today
        + _worth_of_grace(sheet, parts.grace, discount)
        + _worth_of_charges(sheet, parts.charges, parts.count, discount)
    )
    shift, slack = discount.shift(sheet, sheet.grace), SLACK * np.abs(beside)
    rows = parts.tail.worth(discount)
    least, most = (of_some(Axis.RATE, side, rates) for side in (beside - slack, beside + slack))
    return Bounds(
        least + shift * of_some(Axis.RATE, rows.low, rates),
        most + shift * of_some(Axis.RATE, rows.high, rates),
    )


def _worst(sheet: Sheet, parts: Parts) -> Bounds:
    """Return bounds of the most that is asked for at once, or in one month."""
    grace, tail, charges, count = parts.grace, parts.tail, parts.charges, parts.count
    extra, spread = charges.held + charges.spread, charges.spread
    body = tail.body + np.where(count > 1, extra, 0)
    in_grace = grace.payment + np.where(grace.payment > 0, spread, 0)
    whole = np.maximum(body, in_grace)
    last = tail.last.map(lambda side: side + charges.at_end)
    size = (*sheet.shape, len(sheet.lengths))
    worst = last.map(lambda side: filled(np.maximum(whole, side), size))
    # Where the first row asks for old charges as well, it may be the worst.
    at = np.flatnonzero(charges.at_start.any(axis=(0, 2, 3, 4, 5, 6)))
    if len(at):
        first = of_some(Axis.CLAIM, grace.first, at)
        row = of_some(Axis.CLAIM, tail.start, at) + of_some(Axis.CLAIM, extra, at)
        opening = np.where(first > 0, first, row)
        is_last = (count == 1) & (first == 0)
        at_start = of_some(Axis.CLAIM, charges.at_start, at)
        for side, of_last in ((worst.low, last.low), (worst.high, last.high)):
            asked = np.where(is_last, of_some(Axis.CLAIM, of_last, at), opening) + at_start
            side[:, at] = np.maximum(side[:, at], asked)
    return _in_one_month(sheet, worst, body, charges)


def equal_parts_no_more(total: Int64s, count: Int64s, rounding: Rounding) -> tuple[Int64s, Int64s]:
    """Return the part of held interest in each row, and in the last: never more than is left."""
    part = rounded_quotient(total, count, rounding)
    return part, np.maximum(total - part * (count - 1), 0)


def _worth_of_grace(sheet: Sheet, grace: _Grace, discount: Discount) -> Floats:
    at_first = discount.at(sheet, np.int64(1))
    later = discount.level(sheet, sheet.grace) - at_first
    worth: Floats = np.where(grace.first > 0, at_first * grace.first + later * grace.later, 0.0)
    return worth


def _worth_of_charges(sheet: Sheet, charges: _Charges, count: Int64s, discount: Discount) -> Floats:
    rows = sheet.grace
    until_last = discount.level(sheet, rows + count - 1)
    skipped = discount.level(sheet, rows)
    from_row = skipped if sheet.is_free else 0.0
    worth = charges.held * (until_last - skipped) + charges.spread * (until_last - from_row)
    worth = worth + charges.at_end * discount.at(sheet, rows + count)
    start_row = rows + 1 if sheet.is_free else np.int64(1)
    paid: Floats = worth + charges.at_start * discount.at(sheet, start_row)
    return paid


def _in_one_month(sheet: Sheet, worst: Bounds, body: Int64s, charges: _Charges) -> Bounds:
    """Return the bounds of what falls due in one calendar month.

    Where payments come more often than monthly, the month with most of them counts; a plan whose
    last payment is the odd one out stays enclosed.
    """
    most = sheet.most_in_a_month
    if most is None:
        return worst
    fully, with_last = most
    return Bounds(
        np.maximum(fully * (body * 1.0), worst.low),
        with_last * worst.high + charges.at_start + charges.at_end,
    )
