"""The levers that are moved away from a plan, a unit at a time: rate, waiver and down payment.

A move leads from a line to another line, and from the lines of a sheet to as many others. Not here:
how far each is moved (`gap.py`), and more payments, which make the same line longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.axes import Axis
from plan_assistant.domain.offers.claim import Claim, allocate
from plan_assistant.domain.offers.judging import Group
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Lever
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Measure, Share
from plan_assistant.domain.policy.pack import AllocationOrder, OldCharges, Waiver
from plan_assistant.domain.policy.proposal import authorities, most_waived
from plan_assistant.domain.schedule.terms import ArrearsTreatment, DownPayment

_BASIS_POINT = Fraction(1, 10_000)
_GIVEN_UP_FIRST = (Component.FEE, Component.PENALTY_INTEREST, Component.COST, Component.INTEREST)


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

    def each(self, group: Group, units: range) -> Group:
        """Return the one candidate of a group, moved by each of some numbers of units."""
        (line,) = group.lines.tolist()
        claim = group.sheet.line(line).claim
        claims = tuple(self._claim(group.sheet.space, claim, each) for each in units)
        return _each(group, Axis.CLAIM, _moved(group.sheet, claims=claims))

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

    def each(self, group: Group, units: range) -> Group:
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


def _waive(space: Space, claim: Claim, more: Money) -> Claim:
    zero, given = space.debt.currency.zero, _given_up(space, claim, more)
    waived = Components(*(have + given.get(part, zero) for part, have in claim.waived.items()))
    return replace(claim, waiver=Waiver(), waived=waived, arrears=claim.arrears - more)


def _given_up(space: Space, claim: Claim, amount: Money) -> dict[Component, Money]:
    """Lay a waiver over what is carried: what the person at work may give up, then what a lead may.

    What nobody may give up comes last, so that nobody is said to be forbidden what some other
    component allows.
    """
    zero = space.debt.currency.zero
    owed, before = dict(space.debt.components.items()), dict(claim.waived.items())
    unpaid = space.debt.components.minus(before)
    left = dict(unpaid.minus(allocate(claim.paid_today, unpaid, _order(space))).items())
    if claim.old_charges is OldCharges.CAPITALISE:
        left[Component.INTEREST] = zero  # it is principal now
    given = dict.fromkeys(_GIVEN_UP_FIRST, zero)
    for who in (*authorities(space.policy, space.role), None):
        for part in _GIVEN_UP_FIRST:
            most = owed[part] if who is None else most_waived(who, part, owed[part])
            room = min(left[part], most - before[part]) - given[part]
            taken = max(zero, min(amount, room))
            given[part], amount = given[part] + taken, amount - taken
    return given


def _order(space: Space) -> AllocationOrder:
    return space.policy.allocation_order(space.debt.product, space.debt.days_past_due)


def _most_paid_today(space: Space, claim: Claim, payments: int) -> int:
    """Return how much more may be paid today so that each of some payments is one.

    Where old charges are paid with one of them, the others need principal that is left.
    """
    left = claim.bearing.minor + claim.carried.minor
    if payments == 1 or claim.arrears_treatment is ArrearsTreatment.SPREAD:
        return left - 1
    owed = space.debt.components.minus(dict(claim.waived.items()))
    order = _order(space)
    unpaid = dict(owed.minus(allocate(claim.paid_today, owed, order)).items())
    after = order.order[order.order.index(Component.PRINCIPAL) + 1 :]
    return max(0, left - sum(unpaid[part].minor for part in after) - 1)


def _pay_today(space: Space, claim: Claim, more: Money) -> Claim:
    owed = space.debt.components.minus(dict(claim.waived.items()))
    whole = claim.paid_today + more
    paid = allocate(whole, owed, _order(space))
    # Old interest that is paid today no longer joins the principal.
    is_joining = claim.old_charges is OldCharges.CAPITALISE
    joins = owed.minus(paid).interest if is_joining else space.debt.currency.zero
    on_principal = paid[Component.PRINCIPAL]
    return replace(
        claim,
        principal=owed.principal + joins,
        arrears=owed.non_principal - joins,
        down_payment=DownPayment(on_principal, whole - on_principal),
    )


MOVES: Final[dict[Lever, Move]] = {
    Lever.RATE: RateMove(),
    Lever.WAIVER: ClaimMove(
        _waive, lambda _space, claim, _payments: claim.carried.minor, lambda _space: False
    ),
    Lever.DOWN_PAYMENT: ClaimMove(
        _pay_today,
        _most_paid_today,
        # What is paid today is no longer in hand in the weak months before the next season.
        lambda space: space.affordability.is_seasonal,
    ),
}
