"""The levers that are moved away from a plan, a unit at a time: rate, waiver and down payment.

A move leads from a line to another line, and from the lines of a sheet to as many others. Not here:
how far each is moved (`gap.py`), what becomes of a claim (`claim_moves.py`), and more payments,
which make the same line longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.axes import Axis, along
from plan_assistant.domain.offers.claim import Claim
from plan_assistant.domain.offers.claim_moves import (
    Amounts,
    most_paid_today,
    pay_each_today,
    pay_today,
    waive,
    waive_each,
)
from plan_assistant.domain.offers.judging import Group
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Lever
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Measure, Share
from plan_assistant.domain.schedule.vector_figures import Int64s

_BASIS_POINT = Fraction(1, 10_000)


@dataclass(frozen=True)
class _MovedSheet(Sheet):
    """A sheet with other claims or rates than the space opens."""

    claims_moved_to: tuple[Claim, ...] = ()
    rates_moved_to: tuple[Fraction, ...] = ()

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Ways to treat what is owed."""
        return self.claims_moved_to

    @cached_property
    def rates(self) -> tuple[Fraction, ...]:
        """Annual rates."""
        return self.rates_moved_to


@dataclass(frozen=True, kw_only=True)
class _SheetOfAmounts(Sheet):
    """A sheet whose claims are one, moved so far that each has other amounts.

    Many thousands of them are tried, for which claims as objects would take most of the time.
    """

    claim: Claim
    amounts: Amounts

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claim before it is moved, once for each amount."""
        return (self.claim,) * len(self.amounts.bearing)

    @cached_property
    def bearing(self) -> Int64s:
        """What bears interest after a down payment."""
        return along(Axis.CLAIM, self.amounts.bearing)

    @cached_property
    def carried(self) -> Int64s:
        """Old charges that the installments repay without interest."""
        return along(Axis.CLAIM, self.amounts.carried)

    @cached_property
    def paid_today(self) -> Int64s:
        """The down payment."""
        return along(Axis.CLAIM, self.amounts.paid_today)


def _moved(
    sheet: Sheet,
    *,
    claims: tuple[Claim, ...] | None = None,
    rates: tuple[Fraction, ...] | None = None,
) -> Sheet:
    return _MovedSheet(
        sheet.space,
        sheet.family,
        sheet.rhythm,
        claims_moved_to=sheet.claims if claims is None else claims,
        rates_moved_to=sheet.rates if rates is None else rates,
    )


@dataclass(frozen=True, slots=True)
class ClaimMove:
    """A lever that changes what is repaid: what is given up, or what is paid today."""

    change: Callable[[Space, Claim, Money], Claim]
    amounts: Callable[[Space, Claim, Int64s], Amounts]
    """What `change` makes of a claim, for many changes at once."""
    most_of: Callable[[Space, Claim, int], int]
    may_ask_more_of: Callable[[Space], bool]

    def most(self, space: Space, line: Line, payments: int) -> int:
        """Return how many units it can be moved: beyond them nothing makes a plan."""
        return self.most_of(space, line.claim, payments)

    def line(self, space: Space, line: Line, units: int) -> Line:
        """Return a line, moved so many units."""
        return replace(line, claim=self._claim(space, line.claim, units))

    def _claim(self, space: Space, claim: Claim, units: int) -> Claim:
        return self.change(space, claim, space.debt.currency.money(units))

    def sheet(self, sheet: Sheet, units: int) -> Sheet:
        """Return a sheet whose lines are all moved so many units, or as far as each goes."""
        space, payments = sheet.space, int(sheet.lengths[0])
        claims = tuple(
            self._claim(space, claim, min(units, self.most_of(space, claim, payments)))
            for claim in sheet.claims
        )
        return _moved(sheet, claims=claims)

    def each(self, group: Group, units: Sequence[int]) -> Group:
        """Return the one candidate of a group, moved by each of some numbers of units."""
        (line,) = group.lines.tolist()
        sheet, claim = group.sheet, group.sheet.line(line).claim
        amounts = self.amounts(sheet.space, claim, np.array(units, dtype=np.int64))
        of_amounts = _SheetOfAmounts(
            sheet.space, sheet.family, sheet.rhythm, claim=claim, amounts=amounts
        )
        return _each(group, Axis.CLAIM, of_amounts)

    def measure(self, space: Space, units: int) -> Measure:
        """Return a change in the terms people use."""
        return space.debt.currency.money(units)


@dataclass(frozen=True, slots=True)
class RateMove:
    """A lower rate, by hundredths of a percentage point."""

    def most(self, space: Space, line: Line, payments: int) -> int:
        """Return how many units it can be moved: the last one may be a part."""
        del space, payments
        points = line.annual_rate / _BASIS_POINT
        return -(-points.numerator // points.denominator)

    def line(self, space: Space, line: Line, units: int) -> Line:
        """Return a line, moved so many units."""
        del space
        return replace(line, annual_rate=_lowered(line.annual_rate, units))

    def sheet(self, sheet: Sheet, units: int) -> Sheet:
        """Return a sheet whose lines are all moved so many units, or as far as each goes."""
        return _moved(sheet, rates=tuple(_lowered(rate, units) for rate in sheet.rates))

    def each(self, group: Group, units: Sequence[int]) -> Group:
        """Return the one candidate of a group, moved by each of some numbers of units."""
        (line,) = group.lines.tolist()
        rate = group.sheet.line(line).annual_rate
        rates = tuple(_lowered(rate, each) for each in units)
        return _each(group, Axis.RATE, _moved(group.sheet, rates=rates))

    def may_ask_more_of(self, space: Space) -> bool:
        """Say whether so much of it may ask for more again."""
        del space
        return False

    def measure(self, space: Space, units: int) -> Measure:
        """Return a change in the terms people use."""
        del space
        return Share(units * _BASIS_POINT)


Move = ClaimMove | RateMove


def _lowered(rate: Fraction, units: int) -> Fraction:
    return max(rate - units * _BASIS_POINT, Fraction(0))


def _each(group: Group, axis: Axis, sheet: Sheet) -> Group:
    """Return the one candidate of a group with every value that a sheet has on an axis."""
    count = sheet.shape[axis]
    at = [
        np.full(count, int(place)) for place in np.unravel_index(group.lines[0], group.sheet.shape)
    ]
    at[axis] = np.arange(count)
    lines = np.ravel_multi_index(at, sheet.shape)
    return Group(sheet, lines, np.repeat(group.payments, count))


MOVES: Final[dict[Lever, Move]] = {
    Lever.RATE: RateMove(),
    Lever.WAIVER: ClaimMove(
        waive,
        waive_each,
        lambda _space, claim, _payments: claim.carried.minor,
        lambda _space: False,
    ),
    Lever.DOWN_PAYMENT: ClaimMove(
        pay_today,
        pay_each_today,
        most_paid_today,
        # What is paid today is no longer in hand in the weak months before the next season.
        lambda space: space.affordability.is_seasonal,
    ),
}
