"""What is missing when nothing fits: for each lever alone, the smallest change that makes a plan.

Starts from the plans of each family that ask for the least, of those the person at work may grant:
what a change is worth differs between families. Each answer is exact: one unit less would not do.
Not here: what helps a household without surplus (`search.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Final

import numpy as np

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.claim import allocate
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import By, Places
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.smallest import smallest
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Count, Effect, Finding, Measure, Role, Share
from plan_assistant.domain.policy.pack import Waiver
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import DownPayment
from plan_assistant.domain.verdict import MonthlyLimits, monthly_limits

_LONGEST = 1200
_BASIS_POINT = Fraction(1, 10_000)
_LEFT_OVER = 2
"""Minor units for each payment that rounding may leave to the last one."""
_ORDER: Final = (By.WORST, By.TOTAL, By.MONTHS, By.PAYMENTS)
_GIVEN_UP_FIRST = (Component.FEE, Component.PENALTY_INTEREST, Component.COST, Component.INTEREST)


def gap_of(search: Search) -> Gap | None:
    """Return what is missing; None where something fits, or where no plan can be priced at all."""
    space, pool = search.space, search.pool
    if not len(pool) or search.fits.is_met or space.affordability.is_deficit:
        return None
    every = search.fits.places
    own = every[~pool.beyond[every] & pool.gives_nothing_up[every]]
    means = _Means(space)
    bases = [
        _Base(space, means, *pool.candidate(place))
        for place in _nearest(search, own if len(own) else every)
    ]
    place = pool.best(every, _ORDER)
    assert place is not None
    least = _Base(space, means, *pool.candidate(place))
    short = (_payment(bases[0]), _payment(least, below=bases[0]))
    moved = (_smallest(bases, lever) for lever in _MOVES)
    missing = tuple(each for each in (*short, *moved) if each is not None)
    return Gap(bases[0].plan, missing, is_mine=len(own) > 0)


def _nearest(search: Search, places: Places) -> list[int]:
    """Return the candidate of each family that asks for the least, the least of all first.

    Only in the rhythm of that one: a week more is not to be compared with a month more.
    """
    pool = search.pool
    first = pool.best(places, _ORDER)
    assert first is not None
    sheets, rhythm = pool.sheet_at[places], pool.sheet(first).rhythm
    others = [
        pool.best(places[sheets == index], _ORDER)
        for index in np.unique(sheets)
        if index != pool.sheet_at[first] and pool.screened[int(index)].sheet.rhythm is rhythm
    ]
    return [first, *(place for place in others if place is not None)]


class _Means:
    """What each month can carry, as far ahead as plans are tried."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._known = self._limits(space.policy.space.max_periods)

    def _limits(self, months: int) -> MonthlyLimits:
        return monthly_limits(self._space.affordability, self._space.debt.debt_id, months=months)

    def until(self, month: int) -> MonthlyLimits:
        """Return the limits of all months up to one, at least."""
        if month >= len(self._known.tight):
            self._known = self._limits(2 * month)
        return self._known


@dataclass(frozen=True, slots=True)
class _Excess:
    """By how many minor units a plan asks for too much; at most 0 where it fits."""

    whole: int
    but_last: int
    """Without its last installment, which takes up what rounding leaves: less of a lever never asks
    for less."""


@dataclass(frozen=True)
class _Base:
    """A plan that levers are moved away from."""

    space: Space
    means: _Means
    line: Line
    payments: int

    @cached_property
    def plan(self) -> Plan:
        """The whole plan."""
        return plan_of(self.space, self.line, self.payments)

    @cached_property
    def unchanged(self) -> _Excess:
        """By how much it asks for too much as it is."""
        found = self.excess(self.line, self.payments)
        assert found is not None
        return found

    @cached_property
    def short(self) -> int:
        """By how much its worst month asks for too much, whatever the cash; minor units."""
        return self._in_a_month(self._by_month(self.plan.schedule))

    def excess(self, line: Line, payments: int) -> _Excess | None:
        """Return by how much another plan asks for too much; None where the terms make none.

        In a month, more than was dialled or than can just be carried; for a seasonal household, in
        cash.
        """
        try:
            schedule = price(self.space.terms(line, payments))
        except InvalidTerms:
            return None
        due = self._by_month(schedule)
        whole = self._of(due, schedule)
        last = max(due)
        due[last] -= schedule.columns.payment[-1]
        return _Excess(whole, self._of(due, schedule) if payments > 1 else whole)

    def _of(self, due: Counter[int], schedule: Schedule) -> int:
        most = self._in_a_month(due)
        cash = self.means.until(max(due)).cash
        if cash is None:
            return most
        by_month = (due[month] for month in range(max(due) + 1))
        _today, *paid = accumulate(by_month, initial=schedule.down_payment.minor)
        return max(most, *(sum_ - cash[month] for month, sum_ in enumerate(paid)))

    def _in_a_month(self, due: Counter[int]) -> int:
        monthly, tight = self.space.wishes.monthly, self.means.until(max(due)).tight
        excess = max(amount - tight[month] for month, amount in due.items())
        return excess if monthly is None else max(excess, max(due.values()) - monthly.minor)

    def _by_month(self, schedule: Schedule) -> Counter[int]:
        """Add up what falls due in each calendar month, counted from that of the cut-off date."""
        as_of, skipped = self.space.case.as_of, int(schedule.has_down_payment)
        start = as_of.year * 12 + as_of.month
        due: Counter[int] = Counter()
        payments = schedule.columns.payment[skipped:]
        for day, minor in zip(schedule.nominal_due[skipped:], payments, strict=True):
            if minor and day is not None:
                due[day.year * 12 + day.month - start] += minor
        return due


def _payment(base: _Base, below: _Base | None = None) -> Missing | None:
    """Return by how much a plan's worst month exceeds what can be carried.

    Of the plan that a lead may allow only where it needs less than the one `below`.
    """
    short, plan = base.short, base.plan
    if short <= 0 or (below is not None and short >= below.short):
        return None
    # With that money the household can carry it, so nobody is asked for consent to that.
    others = tuple(each for each in plan.findings if each.test != VERDICT_ALLOWED)
    who = _who(replace(plan, findings=others))
    return Missing(Lever.PAYMENT, plan.total.currency.money(short), plan, *who)


@dataclass(frozen=True, slots=True)
class _Move:
    """A lever moved away from a plan: by 1 to `most` units, and where that leads."""

    most: int
    to: Callable[[int], tuple[Line, int]]
    measure: Callable[[int], Measure]


def _length(base: _Base) -> _Move:
    return _Move(_LONGEST - base.payments, lambda more: (base.line, base.payments + more), Count)


def _rate(base: _Base) -> _Move:
    points = base.line.annual_rate / _BASIS_POINT

    def to(less: int) -> tuple[Line, int]:
        rate = max(base.line.annual_rate - less * _BASIS_POINT, Fraction(0))
        return replace(base.line, annual_rate=rate), base.payments

    most = -(-points.numerator // points.denominator)
    return _Move(most, to, lambda less: Share(less * _BASIS_POINT))


def _waiver(base: _Base) -> _Move:
    claim, money = base.line.claim, base.space.debt.currency.money
    left = base.space.debt.components.minus(dict(claim.waived.items()))

    def to(more: int) -> tuple[Line, int]:
        more_waived = _taken(left, money(more))
        waived = Components(
            *(have + more_waived.get(part, money(0)) for part, have in claim.waived.items())
        )
        given = replace(claim, waiver=Waiver(), waived=waived, arrears=claim.arrears - money(more))
        return replace(base.line, claim=given), base.payments

    return _Move(claim.carried.minor, to, money)


def _taken(left: Components, amount: Money) -> dict[Component, Money]:
    """Lay a waiver over the components that are given up first."""
    owed, taken = dict(left.items()), {}
    for part in _GIVEN_UP_FIRST:
        taken[part] = min(amount, owed[part])
        amount = amount - taken[part]
    return taken


def _down_payment(base: _Base) -> _Move:
    claim, money = base.line.claim, base.space.debt.currency.money
    order = base.space.policy.allocation_order(
        base.space.debt.product, base.space.debt.days_past_due
    )
    left = base.space.debt.components.minus(dict(claim.waived.items()))

    def to(more: int) -> tuple[Line, int]:
        whole = claim.paid_today + money(more)
        paid = allocate(whole, left, order)[Component.PRINCIPAL]
        given = replace(claim, down_payment=DownPayment(paid, whole - paid))
        return replace(base.line, claim=given), base.payments

    return _Move(claim.bearing.minor + claim.carried.minor - 1, to, money)


_MOVES: Final = {
    Lever.LENGTH: _length,
    Lever.RATE: _rate,
    Lever.WAIVER: _waiver,
    Lever.DOWN_PAYMENT: _down_payment,
}


def _smallest(bases: Sequence[_Base], lever: Lever) -> Missing | None:
    """Return the smallest change of a lever with which a plan fits; of equal ones the nearest."""
    found: tuple[int, _Base] | None = None
    for base in bases:
        # Another family must need less: one question settles that for most.
        change = _least(base, _MOVES[lever](base), None if found is None else found[0] - 1)
        if change is not None:
            found = change, base
    if found is None:
        return None
    change, base = found
    move = _MOVES[lever](base)
    plan = plan_of(base.space, *move.to(change))
    return Missing(lever, move.measure(change), plan, *_who(plan))


def _least(base: _Base, move: _Move, at_most: int | None) -> int | None:
    """Return the smallest change with which the plan fits.

    First without its last installment, as if nothing were left over. Where that one alone then asks
    for some units too much, each change that follows is tried.
    """
    known: dict[int, _Excess | None] = {}

    def excess(change: int) -> _Excess | None:
        if change not in known:
            known[change] = base.excess(*move.to(change))
        return known[change]

    def but_last(change: int) -> int | None:
        found = excess(change)
        return None if found is None else found.but_last

    def whole(change: int) -> int | None:
        found = excess(change)
        return None if found is None else found.whole

    most = move.most if at_most is None else min(move.most, at_most)
    first = most // 8 if at_most is None else most
    start: int | None = 1
    if base.unchanged.but_last > 0:
        start = smallest(but_last, base.unchanged.but_last, most, first=first)
    while start is not None and start <= most:
        left = whole(start)
        if left is None:
            return None
        if left <= 0:
            return start
        if left > _LEFT_OVER * base.payments:
            # More than rounding leaves over: the last installment is the one that asks too much.
            return smallest(whole, left, most, low=start, first=most // 8)
        start += 1
    return None


def _who(plan: Plan) -> tuple[Role | None, Finding | None]:
    blocking = next((each for each in plan.findings if each.effect is Effect.BLOCK), None)
    return (None, blocking) if blocking else (plan.needs, None)
