"""What is missing when nothing fits: for each lever alone, the smallest change that makes a plan.

Starts from the plans of each family that ask for the least, of those the person at work may grant:
what a change is worth differs between families. Each answer is exact: one unit less would not do,
and of more payments no lower number.
Not here: the plans that levers are moved away from (`base_plan.py`), and what helps a household
without surplus (`search.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.base_plan import Base, Excess, Means
from plan_assistant.domain.offers.claim import allocate
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import By, Places
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.smallest import smallest
from plan_assistant.domain.policy.findings import Count, Effect, Finding, Measure, Role, Share
from plan_assistant.domain.policy.pack import Waiver
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED
from plan_assistant.domain.schedule.terms import DownPayment

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
    means = Means(search)
    bases = [
        Base(space, means, pool, place) for place in _nearest(search, own if len(own) else every)
    ]
    place = pool.best(every, _ORDER)
    assert place is not None
    least = Base(space, means, pool, place)
    short = (_payment(bases[0]), _payment(least, below=bases[0]))
    moved = (_smallest(bases, lever) for lever in _MOVES)
    missing = tuple(each for each in (*short, _longer(bases), *moved) if each is not None)
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


def _payment(base: Base, below: Base | None = None) -> Missing | None:
    """Return how much more a month, earned or offered or both, makes a plan fit.

    Of the plan that a lead may allow only where it needs less than the one `below`.
    """
    short, plan = base.short, base.plan
    if short is None or short <= 0:
        return None
    if below is not None and below.short is not None and short >= below.short:
        return None
    # With that income the household can carry it, so nobody is asked for consent to that.
    others = tuple(each for each in plan.findings if each.test != VERDICT_ALLOWED)
    who = _who(replace(plan, findings=others))
    money, offered = plan.total.currency.money, max(base.dialled_short, 0)
    if not base.income_short:
        return Missing(Lever.PAYMENT, money(offered), plan, *who)
    beyond_dial = money(offered) if offered else None
    return Missing(Lever.INCOME, money(base.income_short), plan, *who, beyond_dial)


@dataclass(frozen=True, slots=True)
class _Move:
    """A lever moved away from a plan: by 1 to `most` units, and where that leads."""

    most: int
    to: Callable[[int], tuple[Line, int]]
    measure: Callable[[int], Measure]
    may_ask_more: bool = False
    """Whether so much of it may ask for more again."""


def _rate(base: Base) -> _Move:
    points = base.line.annual_rate / _BASIS_POINT

    def to(less: int) -> tuple[Line, int]:
        rate = max(base.line.annual_rate - less * _BASIS_POINT, Fraction(0))
        return replace(base.line, annual_rate=rate), base.payments

    most = -(-points.numerator // points.denominator)
    return _Move(most, to, lambda less: Share(less * _BASIS_POINT))


def _waiver(base: Base) -> _Move:
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


def _down_payment(base: Base) -> _Move:
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

    # What is paid today is no longer in hand in the weak months before the next season.
    is_seasonal = base.space.affordability.is_seasonal
    return _Move(claim.bearing.minor + claim.carried.minor - 1, to, money, is_seasonal)


_MOVES: Final = {
    Lever.RATE: _rate,
    Lever.WAIVER: _waiver,
    Lever.DOWN_PAYMENT: _down_payment,
}


def _longer(bases: Sequence[Base]) -> Missing | None:
    """Return the fewest more payments with which a plan fits; of equal ones the nearest."""
    found: tuple[int, Base] | None = None
    for base in bases:
        most = _LONGEST - base.payments
        more = base.fewest_more(most if found is None else min(most, found[0] - 1))
        if more is not None:
            found = more, base
    if found is None:
        return None
    more, base = found
    line = base.longer_line(more)
    assert line is not None
    plan = plan_of(base.space, line, base.payments + more)
    return Missing(Lever.LENGTH, Count(more), plan, *_who(plan))


def _smallest(bases: Sequence[Base], lever: Lever) -> Missing | None:
    """Return the smallest change of a lever with which a plan fits; of equal ones the nearest."""
    found: tuple[int, Base] | None = None
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


def _least(base: Base, move: _Move, at_most: int | None) -> int | None:
    """Return the smallest change with which the plan fits.

    First without its last installment, as if nothing were left over. Where that one alone then asks
    for some units too much, each change that follows is tried.
    """
    known: dict[int, Excess | None] = {}

    def excess(change: int) -> Excess | None:
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
    rounding = _LEFT_OVER * base.payments
    rises_by = rounding if move.may_ask_more else None
    start: int | None = 1
    if base.unchanged.but_last > 0:
        start = smallest(but_last, base.unchanged.but_last, most, first=first, rises_by=rises_by)
    if start is None:
        return None
    for change in range(start, min(most, start + rounding) + 1):
        left = whole(change)
        if left is None:
            return None
        if left <= 0:
            return change
        if left > rounding or change == start + rounding:
            # More than rounding leaves over: the last installment is the one that asks too much.
            return smallest(whole, left, most, low=change, first=most // 8, rises_by=rises_by)
    return None


def _who(plan: Plan) -> tuple[Role | None, Finding | None]:
    blocking = next((each for each in plan.findings if each.effect is Effect.BLOCK), None)
    return (None, blocking) if blocking else (plan.needs, None)
