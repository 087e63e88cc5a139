"""The rows of whole sheets after a grace: level, stepped or falling, and bounds of the last one.

Level payments are exact; what a plan's last payment takes up from rounding is enclosed. Interest of
a row is off by at most r (1/2 when rounded to nearest, else 1) and that error grows with the rest
of the plan, so the last payment lies within r S + 1 of p - (p - x) S, where p is the payment, x the
unrounded one and S = ((1+i)^m - 1)/i for m level rows. Not here: the grace before these rows and
the old charges beside them (`screen.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.axes import AXES, Axis, Entry, of_some
from plan_assistant.domain.offers.bounds import SLACK, Bounds, around
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_rates import Rates, rounded_quotient
from plan_assistant.domain.schedule.vector_run import (
    Flags,
    exact_levels,
)


@dataclass(slots=True)
class Tail:
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
    worth: Callable[[Discount], Bounds]
    """Present value, by a discount, at the day of the row before the first one of these."""
    refused: Flags
    unsure: Flags

    def with_rows(self, at: NDArray[np.intp]) -> Tail:
        """Return it for each grace and length, given where along the last axis each is found."""

        def picked(figure: NDArray[Entry]) -> NDArray[Entry]:
            no_grace = figure[:, :, :, 0]
            return np.stack([no_grace[..., places] for places in at], axis=Axis.GRACE)

        return Tail(
            start=picked(self.start),
            body=picked(self.body),
            last=self.last.map(picked),
            total=self.total.map(picked),
            worth=lambda discount: self.worth(discount).map(picked),
            refused=picked(self.refused),
            unsure=picked(self.unsure),
        )


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
    error = _row_error(sheet) * growth + 1.0 + SLACK * owed
    last = Bounds(middle - error, middle + error)
    # The plan ends early when nothing is left before the last row: that row then asks for nothing.
    return last, last.high <= 0.0, last.low <= 1.0


def level(sheet: Sheet, balance: Int64s, first: Rates, count: Int64s) -> Tail:
    """Return level rows from a balance on, of which the first has a rate of its own."""
    policy = sheet.space.policy.schedule
    payment = exact_levels(
        balance, first, sheet.rate, count, sheet.multiple, policy.payment_rounding
    )
    last, ended, unsure = _rest(sheet, balance, first, payment, count)
    ended |= _pays_too_little(sheet, balance, first, payment, count)
    rows = payment * (count - 1)

    def worth(discount: Discount) -> Bounds:
        before = discount.level(sheet, count - 1) * payment
        at_last = discount.at(sheet, count)
        return last.map(lambda side: before + at_last * side)

    return Tail(
        start=payment,
        body=np.where(count > 1, payment, 0),
        last=last,
        total=last.map(lambda side: rows + side),
        worth=worth,
        refused=ended,
        unsure=unsure & ~ended,
    )


def _pays_too_little(
    sheet: Sheet, balance: Int64s, first: Rates, payment: Int64s, count: Int64s
) -> Flags:
    """Say which payments, rounded to multiples, are nothing or do not cover the interest.

    One that covers the interest of the first two rows covers it later. After a short first row the
    second may ask for more; no more than on the whole balance, which is looked at first.
    """
    rounding = sheet.space.policy.schedule.rounding
    interest = first.interest_on(balance, rounding)
    too_little = (payment < np.maximum(interest, np.where(balance > 0, 1, 0))) & (count > 1)
    open_yet = (payment < sheet.rate.interest_on(balance, rounding)) & (count > 2) & ~too_little
    if open_yet.any():
        left = np.maximum(balance - (payment - interest), 0)
        too_little |= open_yet & (payment < sheet.rate.interest_on(left, rounding))
    return too_little


def stepped(sheet: Sheet) -> Tail:
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
    refused = refused | ended

    def worth(discount: Discount) -> Bounds:
        until_steps = discount.level(sheet, rows)
        until_last = discount.level(sheet, rows + count - 1)
        before = until_steps * lower + (until_last - until_steps) * payment
        at_last = discount.at(sheet, rows + count)
        return last.map(lambda side: before + at_last * side)

    return Tail(
        start=lower,
        body=np.where(count > 1, np.maximum(payment, lower), lower),
        last=last,
        total=last.map(lambda side: paid + side),
        worth=worth,
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
        # Lower payments of nothing would be fewer than promised.
        balance, refused = sheet.bearing, np.asarray((paid <= 0) & (rows > 0))
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


def falling(sheet: Sheet, count: Int64s) -> Tail:
    """Equal principal: balances are exact, so only the sum of many interests is enclosed."""
    rounding, balance = sheet.space.policy.schedule.rounding, sheet.bearing
    part = rounded_quotient(balance, count, rounding)
    left = balance - part * (count - 1)
    early = left <= 0
    interest = sheet.first.interest_on(balance, rounding)
    second = sheet.rate.interest_on(np.maximum(balance - part, 0), rounding)
    last = left + sheet.rate.interest_on(np.maximum(left, 0), rounding)
    last = np.where(count > 1, last, balance + interest)
    # A part of nothing leaves rows that ask for interest alone, if for anything.
    least = part + np.minimum(interest, np.where(count > 2, second, interest))
    body = np.where(count > 1, part + interest, 0)
    body = np.where(count > 2, np.maximum(body, part + second), body)
    i = sheet.rate.floats
    others = np.maximum(count - 2, 0)
    # Rows 2 to m-1 start from balance - part x k, k = 1 .. m-2.
    middle = i * (balance * others - part * (others * (others + 1) / 2.0))
    error = _row_error(sheet) * others + SLACK * (middle + balance)
    rows = np.where(count > 1, part * (count - 1) + interest, 0) + last

    def worth(discount: Discount) -> Bounds:
        paid = np.where(count > 1, discount.at(sheet, np.int64(1)) * (part + interest), 0.0)
        weights = discount.level(sheet, others + 1) - discount.level(sheet, np.minimum(others, 1))
        weights = np.where(others > 0, weights, 0.0)
        paid = paid + (part + i * balance) * weights - i * part * discount.ramp(sheet, others)
        paid = paid + discount.at(sheet, count) * last
        return around(paid, error + SLACK * paid)

    return Tail(
        start=part + interest,
        body=body,
        last=around(last, 0),
        total=around(rows + middle, error),
        worth=worth,
        refused=(early | (least <= 0)) & (count > 1),
        unsure=np.zeros((1,) * AXES, dtype=bool),
    )
