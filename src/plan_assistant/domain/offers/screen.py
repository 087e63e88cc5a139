"""Bounds of every candidate's figures, from closed forms over whole sheets at once.

Level payments are exact; what a plan's last payment takes up from rounding is enclosed. Interest of
a row is off by at most r (1/2 when rounded to nearest, else 1) and that error grows with the rest
of the plan, so the last payment lies within r S + 1 of p - (p - x) S, where p is the payment, x the
unrounded one and S = ((1+i)^m - 1)/i for m level rows. Whatever these bounds do not decide is run
to the cent (`vector_run.run`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.axes import Axis, Entry, along, of_some
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_rates import Rates, rounded_quotient
from plan_assistant.domain.schedule.vector_run import (
    Flags,
    GraceKind,
    equal_parts,
    exact_levels,
)

_SLACK = 1e-11
"""Relative error of the closed forms beside the rounding of rows: some dozen operations."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure, enclosed from both sides."""

    low: Floats
    high: Floats

    def map(self, change: Callable[[Floats], Floats]) -> Bounds:
        """Return both sides changed alike."""
        return Bounds(change(self.low), change(self.high))


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


@dataclass(slots=True)
class _Tail:
    """The level or falling rows after a grace: the regular payment, and bounds of the last.

    The last axis counts these rows.
    """

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

    def with_rows(self, at: NDArray[np.intp]) -> _Tail:
        """Return it for each grace and length, given where along the last axis each is found."""

        def picked(figure: NDArray[Entry]) -> NDArray[Entry]:
            no_grace = figure[:, :, :, 0]
            return np.stack([no_grace[..., places] for places in at], axis=Axis.GRACE)

        return _Tail(
            start=picked(self.start),
            body=picked(self.body),
            last=self.last.map(picked),
            total=self.total.map(picked),
            worth=self.worth.map(picked),
            refused=picked(self.refused),
            unsure=picked(self.unsure),
        )


def screen(sheet: Sheet, discount: Discount) -> Screen:
    """Return bounds of every candidate of a sheet."""
    count, too_short = sheet.paying, np.zeros((1,) * len(Axis), dtype=bool)
    if sheet.grace_kind is GraceKind.PAID:
        left = sheet.paying - sheet.grace
        count, too_short = np.maximum(left, 1), left < 1
    balance, before, first = _after_grace(sheet)
    if not sheet.is_level:
        tail = _falling(sheet, count, discount)
    elif sheet.step_rows.any():
        tail = _stepped(sheet, discount)
    elif sheet.grace_kind is GraceKind.PAID:
        # What comes after depends on how many rows are left, not on the grace that left them.
        counts, at = np.unique(count[0, 0, 0, :, 0, 0], return_inverse=True)
        rows = _level(sheet, balance, first, along(Axis.LENGTH, counts), discount)
        tail = rows.with_rows(at.reshape(count.shape[Axis.GRACE], -1))
    else:
        tail = _level(sheet, balance, first, count, discount)
    return _with_charges(sheet, before, tail, count, too_short, discount)


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
    balance, zero = sheet.bearing, np.zeros((1,) * len(Axis), dtype=np.int64)
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
    i, f = sheet.rate.floats, first.floats
    growth = _growth(i, count)
    before = _growth(i, count - 1)
    owed = balance * (1.0 + f) * (1.0 + i * before)
    middle = owed - payment * (growth - 1.0)
    error = _row_error(sheet) * growth + 1.0 + _SLACK * owed
    last = Bounds(middle - error, middle + error)
    # The plan ends early when nothing is left before the last row: that row then asks for nothing.
    return last, last.high <= 0.0, last.low <= 1.0


def _level(sheet: Sheet, balance: Int64s, first: Rates, count: Int64s, discount: Discount) -> _Tail:
    policy = sheet.space.policy.schedule
    payment = exact_levels(
        balance, first, sheet.rate, count, sheet.multiple, policy.payment_rounding
    )
    last, ended, unsure = _rest(sheet, balance, first, payment, count)
    interest = np.maximum(
        first.interest_on(balance, policy.rounding),
        sheet.rate.interest_on(balance, policy.rounding),
    )
    # Rounded to multiples a payment may be nothing, and there would be fewer than promised.
    # After a short first row the second may ask for more interest.
    least = np.maximum(interest, np.where(balance > 0, 1, 0))
    ended |= (payment < least) & (count > 1)
    worth = discount.level(sheet, count - 1) * payment
    at_last = discount.at(sheet, count)
    rows = payment * (count - 1)
    return _Tail(
        start=payment,
        body=np.where(count > 1, payment, 0),
        last=last,
        total=last.map(lambda side: rows + side),
        worth=last.map(lambda side: worth + at_last * side),
        refused=ended,
        unsure=unsure & ~ended,
    )


def _stepped(sheet: Sheet, discount: Discount) -> _Tail:
    """Run the lower payments row by row, exactly, then treat the rest as a level plan."""
    policy = sheet.space.policy.schedule
    rows, lengths = sheet.step_rows, sheet.paying
    level = exact_levels(
        sheet.bearing, sheet.first, sheet.rate, lengths, 1, policy.payment_rounding
    )
    share, unit = sheet.step_share, sheet.space.debt.currency.units
    lower = share.part_of(level) // unit * unit
    balance, refused = _after_steps(sheet, lower)
    count = np.maximum(lengths - rows, 1)
    balance = np.maximum(balance, 1)
    payment = exact_levels(balance, sheet.rate, sheet.rate, count, 1, policy.payment_rounding)
    last, ended, unsure = _rest(sheet, balance, sheet.rate, payment, count)
    paid = lower * rows + payment * (count - 1)
    until_steps, until_last = discount.level(sheet, rows), discount.level(sheet, rows + count - 1)
    worth = until_steps * lower + (until_last - until_steps) * payment
    at_last = discount.at(sheet, rows + count)
    refused = refused | ended
    return _Tail(
        start=lower,
        body=np.where(count > 1, np.maximum(payment, lower), lower),
        last=last,
        total=last.map(lambda side: paid + side),
        worth=last.map(lambda side: worth + at_last * side),
        refused=refused,
        unsure=unsure & ~refused,
    )


def _after_steps(sheet: Sheet, lower: Int64s) -> tuple[Int64s, Flags]:
    """Return what is owed after each pattern's lower payments, and what they surely refuse.

    Interest falls from the second row on, so a payment that covers it there covers it later; and a
    balance that a row uses up is not above nothing after the last row either.
    """
    rounding = sheet.space.policy.schedule.rounding
    balances, refusals = [], []
    for place, rows in enumerate(sheet.step_rows.ravel().tolist()):
        paid = of_some(Axis.STEP, lower, np.array([place]))
        balance, refused = sheet.bearing, np.zeros((1,) * len(Axis), dtype=bool)
        for row in range(rows):
            rate = sheet.first if row == 0 else sheet.rate
            principal = paid - rate.interest_on(balance, rounding)
            if row < 2:
                refused = refused | (principal < 0)
            balance = balance - principal
        balances.append(balance)
        refusals.append(refused | (balance <= 0))
    return (
        np.concatenate(balances, axis=Axis.STEP),
        np.concatenate(refusals, axis=Axis.STEP),
    )


def _falling(sheet: Sheet, count: Int64s, discount: Discount) -> _Tail:
    """Equal principal: balances are exact, so only the sum of many interests is enclosed."""
    rounding, balance = sheet.space.policy.schedule.rounding, sheet.bearing
    part = rounded_quotient(balance, count, rounding)
    left = balance - part * (count - 1)
    early = left <= 0
    interest = sheet.first.interest_on(balance, rounding)
    second = sheet.rate.interest_on(np.maximum(balance - part, 0), rounding)
    last = left + sheet.rate.interest_on(np.maximum(left, 0), rounding)
    last = np.where(count > 1, last, balance + interest)
    body = np.where(count > 1, part + interest, 0)
    body = np.where(count > 2, np.maximum(body, part + second), body)
    i = sheet.rate.floats
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
        start=part + interest,
        body=body,
        last=_around(last, 0),
        total=_around(rows + middle, error),
        worth=_around(worth, error + _SLACK * worth),
        refused=early & (count > 1),
        unsure=np.zeros((1,) * len(Axis), dtype=bool),
    )


def _around(middle: NDArray[Any], error: NDArray[Any] | int) -> Bounds:
    return Bounds(
        np.asarray(middle - error, dtype=np.float64), np.asarray(middle + error, dtype=np.float64)
    )


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


def _with_charges(
    sheet: Sheet,
    grace: _Grace,
    tail: _Tail,
    count: Int64s,
    too_short: Flags,
    discount: Discount,
) -> Screen:
    """Add the grace, held interest and old charges to the rows."""
    charges = _charges(sheet, grace, count)
    worst = _worst(sheet, grace, tail, charges, count)
    fixed = grace.total + grace.held + sheet.carried + sheet.paid_today
    worth = (
        sheet.paid_today
        + _worth_of_grace(sheet, grace, discount)
        + _worth_of_charges(sheet, charges, count, discount)
    )
    shift = discount.shift(sheet, sheet.grace)
    slack = _SLACK * np.abs(worth)
    if sheet.grace_kind is GraceKind.PAID:
        # A grace in which a row would ask for nothing makes no plan.
        least = np.minimum(grace.first, np.where(sheet.grace > 1, grace.later, grace.first))
        too_short = too_short | (least <= 0)
    every = sheet.by_candidate
    return Screen(
        worst=worst.map(every),
        total=tail.total.map(lambda side: every(fixed + side)),
        worth=Bounds(
            every((worth - slack) + shift * tail.worth.low),
            every((worth + slack) + shift * tail.worth.high),
        ),
        refused=every(tail.refused | too_short),
        unsure=every(tail.unsure & ~too_short),
    )


def _worst(sheet: Sheet, grace: _Grace, tail: _Tail, charges: _Charges, count: Int64s) -> Bounds:
    """Return bounds of the most that is asked for at once, or in one month."""
    extra, spread = charges.held + charges.spread, charges.spread
    body = tail.body + np.where(count > 1, extra, 0)
    in_grace = grace.payment + np.where(grace.payment > 0, spread, 0)
    whole = np.maximum(body, in_grace)
    last = tail.last.map(lambda side: side + charges.at_end)
    size = (*sheet.shape, len(sheet.lengths))
    worst = last.map(lambda side: np.array(np.broadcast_to(np.maximum(whole, side), size)))
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
