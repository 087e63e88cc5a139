"""What is missing when nothing fits: for each lever alone, the smallest change that makes a plan.

Starts from the plans of each family that ask for the least, of those the person at work may grant:
what a change is worth differs between families. Each answer is exact: one unit less would not do,
and of more payments no lower number.
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
from numpy.typing import NDArray

from plan_assistant.domain.budget import assess
from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import Every, Income, Reliability
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.claim import allocate
from plan_assistant.domain.offers.judging import TIGHT, Group
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.pool import By, Places, Pool
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.smallest import smallest
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Count, Effect, Finding, Measure, Role, Share
from plan_assistant.domain.policy.pack import Waiver
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import DownPayment
from plan_assistant.domain.schedule.vector_run import Flags
from plan_assistant.domain.verdict import MonthlyLimits, monthly_limits

_LONGEST = 1200
_AT_ONCE = 64
"""Numbers of payments that are tried together at first."""
_BASIS_POINT = Fraction(1, 10_000)
_MOST_INCOME = 10**15
"""Minor units a month beyond which no more income is looked for."""
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
    means = _Means(search)
    bases = [
        _Base(space, means, pool, place) for place in _nearest(search, own if len(own) else every)
    ]
    place = pool.best(every, _ORDER)
    assert place is not None
    least = _Base(space, means, pool, place)
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


class _Means:
    """What each month can carry, as far ahead as plans are tried."""

    def __init__(self, search: Search) -> None:
        self._space, self._judge = search.space, search.judge
        self._known = self._judge.limits

    def _limits(self, months: int) -> MonthlyLimits:
        return monthly_limits(self._space.affordability, self._space.debt.debt_id, months=months)

    def with_income(self, more: int, last: int) -> MonthlyLimits:
        """Return the limits up to a month of a household that earns so many minor units more."""
        case, means = self._space.case, self._space.affordability
        extra = Income("", means.currency.money(more), Every.MONTH, Reliability.VERIFIED)
        budget = replace(case.budget, incomes=(*case.budget.incomes, extra))
        richer = assess(replace(case, budget=budget), means.rules)
        return monthly_limits(richer, self._space.debt.debt_id, months=last + 1)

    def until(self, month: int) -> MonthlyLimits:
        """Return the limits of all months up to one, at least."""
        if month >= len(self._known.tight):
            self._known = self._limits(2 * month)
        return self._known

    def reaching(self, group: Group) -> MonthlyLimits:
        """Return the limits of all months that some candidates reach into, at least."""
        first, graces = max(group.sheet.firsts), group.sheet.graces
        ahead = 12 * (first.year - self._judge.as_of.year + 1)
        return self.until(ahead + int(group.payments.max()) + max(graces))

    def fitting(self, group: Group) -> Flags:
        """Say of some candidates which keep what was dialled and can be carried, to the cent."""
        exact = replace(self._judge, limits=self.reaching(group)).settle([group])
        monthly = self._space.wishes.monthly
        is_carried: Flags = exact.code <= TIGHT
        return is_carried if monthly is None else is_carried & (exact.worst <= monthly.minor)


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
    pool: Pool
    place: int

    @cached_property
    def line(self) -> Line:
        """The value of every lever but the number of payments."""
        return self.pool.candidate(self.place)[0]

    @cached_property
    def payments(self) -> int:
        """How often the borrower pays."""
        return self.pool.candidate(self.place)[1]

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
    def dialled_short(self) -> int:
        """How much more a month would have to be offered, in minor units; at most 0: nothing."""
        monthly, due = self.space.wishes.monthly, self._by_month(self.plan.schedule)
        return 0 if monthly is None else max(due.values()) - monthly.minor

    @cached_property
    def income_short(self) -> int | None:
        """How much more the household would have to earn a month, in minor units.

        What it can pay does not rise by all that it earns: the debt service ratio and the other
        debts take their parts. None where no amount helps: more is asked for than there is before
        the first of it.
        """
        schedule = self.plan.schedule
        due = self._by_month(schedule)
        last = max(due)

        def excess(more: int) -> int:
            return self._beyond(due, schedule, self.means.with_income(more, last))

        above = excess(0)
        if above <= 0:
            return 0
        if excess(_MOST_INCOME) > 0:
            return None
        return smallest(excess, above, _MOST_INCOME, first=above)

    @property
    def short(self) -> int | None:
        """How much more a month it takes, where whatever more is earned is offered."""
        return None if self.income_short is None else max(self.income_short, self.dialled_short)

    def fewest_more(self, most: int) -> int | None:
        """Return how many more payments make a plan that fits, at most so many; None: none do.

        One number after the other: a longer plan may reach into months that carry less.
        """
        if self._asks_too_much_with(most):
            return None
        tried, at_once = 0, _AT_ONCE
        while tried < most:
            more = np.arange(tried, min(tried + at_once, most)) + 1
            fitting = more[self.means.fitting(self._longer(more))].tolist()
            for each in fitting:
                if self.longer_line(each) is not None:
                    return int(each)
            tried, at_once = tried + at_once, 2 * at_once
        return None

    def longer_line(self, more: int) -> Line | None:
        """Return the line under the name that it deserves with so many more payments.

        Equal installments that outlive the contract extend it. None where no family is right.
        """
        named = [self.line]
        if self.line.family is Family.EQUAL_INSTALLMENT and Family.EXTENSION in self.space.families:
            named.append(replace(self.line, family=Family.EXTENSION))
        payments = self.payments + more
        return next((line for line in named if self.space.is_named_rightly(line, payments)), None)

    def _longer(self, more: NDArray[np.int64]) -> Group:
        lines = np.repeat(self.pool.line_at(np.array([self.place])), len(more))
        return Group(self.pool.sheet(self.place), lines, self.payments + more)

    def _asks_too_much_with(self, more: int) -> bool:
        """Say whether no month carries a regular payment of so many more: nor one of fewer."""
        try:
            schedule = price(self.space.terms(self.line, self.payments + more))
        except InvalidTerms:
            return False
        *regular, _last = schedule.columns.payment[schedule.has_down_payment :]
        tight = self.means.reaching(self._longer(np.array([more]))).tight
        return max(regular, default=0) > max(tight)

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
        monthly, beyond = (
            self.space.wishes.monthly,
            self._beyond(due, schedule, self.means.until(max(due))),
        )
        return beyond if monthly is None else max(beyond, max(due.values()) - monthly.minor)

    def _beyond(self, due: Counter[int], schedule: Schedule, limits: MonthlyLimits) -> int:
        """Return by how much what falls due is more than can just be carried."""
        excess = max(amount - limits.tight[month] for month, amount in due.items())
        if limits.cash is None:
            return excess
        paid = self._paid_until(due, schedule)
        return max(excess, *(sum_ - limits.cash[month] for month, sum_ in enumerate(paid)))

    @staticmethod
    def _paid_until(due: Counter[int], schedule: Schedule) -> list[int]:
        """Return what is paid up to and including each month, a down payment among it."""
        by_month = (due[month] for month in range(max(due) + 1))
        _today, *paid = accumulate(by_month, initial=schedule.down_payment.minor)
        return paid

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
    """Return how much more a month, earned or only offered, makes a plan fit.

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
    lever = Lever.INCOME if base.income_short else Lever.PAYMENT
    return Missing(lever, plan.total.currency.money(short), plan, *who)


@dataclass(frozen=True, slots=True)
class _Move:
    """A lever moved away from a plan: by 1 to `most` units, and where that leads."""

    most: int
    to: Callable[[int], tuple[Line, int]]
    measure: Callable[[int], Measure]
    may_ask_more: bool = False
    """Whether so much of it may ask for more again."""


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

    # What is paid today is no longer in hand in the weak months before the next season.
    is_seasonal = base.space.affordability.is_seasonal
    return _Move(claim.bearing.minor + claim.carried.minor - 1, to, money, is_seasonal)


_MOVES: Final = {
    Lever.RATE: _rate,
    Lever.WAIVER: _waiver,
    Lever.DOWN_PAYMENT: _down_payment,
}


def _longer(bases: Sequence[_Base]) -> Missing | None:
    """Return the fewest more payments with which a plan fits; of equal ones the nearest."""
    found: tuple[int, _Base] | None = None
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
