"""What is missing when nothing fits: for each lever alone, the smallest change that makes a plan.

Starts from the plan that asks for the least of those the person at work may grant. Each answer is
exact: one unit less would not do. Not here: what helps a household without surplus (`search.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.claim import allocate
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Count, Effect, Finding, Measure, Role, Share
from plan_assistant.domain.policy.pack import Waiver
from plan_assistant.domain.schedule.terms import DownPayment
from plan_assistant.domain.verdict import Verdict

_LONGEST = 1200
_BASIS_POINT = Fraction(1, 10_000)
_GIVEN_UP_FIRST = (Component.FEE, Component.PENALTY_INTEREST, Component.COST, Component.INTEREST)


def gap_of(search: Search) -> Gap | None:
    """Return what is missing; None where something fits, or where no plan can be priced at all."""
    space, pool = search.space, search.pool
    if not len(pool) or search.fits.is_met or space.affordability.is_deficit:
        return None
    every = search.fits.places
    own = every[~pool.beyond[every] & pool.gives_nothing_up[every]]
    order = (By.WORST, By.TOTAL, By.MONTHS, By.PAYMENTS)
    place = pool.best(own if len(own) else every, order)
    assert place is not None
    line, payments = pool.candidate(place)
    nearest = plan_of(space, line, payments)
    levers = (_payment, _length, _rate, _waiver, _down_payment)
    found = (lever(_Base(search, line, payments, nearest)) for lever in levers)
    return Gap(nearest, tuple(each for each in found if each is not None))


@dataclass(frozen=True, slots=True)
class _Base:
    search: Search
    line: Line
    payments: int
    plan: Plan

    @property
    def space(self) -> Space:
        """The space of the search."""
        return self.search.space

    def fits(self, plan: Plan | None) -> bool:
        """Say whether a plan answers what was dialled, or what the household can carry."""
        if plan is None:
            return False
        monthly = self.space.wishes.monthly
        if monthly is not None:
            return plan.judgement.worst_payment <= monthly
        return plan.judgement.verdict.rank <= Verdict.TIGHT.rank

    def priced(self, line: Line, payments: int | None = None) -> Plan | None:
        """Return the plan of a line, or None where the terms make none."""
        try:
            return plan_of(self.space, line, self.payments if payments is None else payments)
        except InvalidTerms:
            return None


def _payment(base: _Base) -> Missing | None:
    """Return by how much the worst month exceeds what can be carried."""
    monthly = base.space.wishes.monthly
    if monthly is not None:
        short = (base.plan.judgement.worst_payment - monthly).minor
    else:
        short = short_by(base.search, base.plan)
    if short <= 0:
        return None
    money = base.plan.total.currency.money
    return Missing(Lever.PAYMENT, money(short), base.plan, *_who(base.plan))


def short_by(search: Search, plan: Plan) -> int:
    """Return by how much the worst month asks for more than can just be carried; minor units."""
    tight, as_of = search.judge.limits.tight, search.space.case.as_of
    start = as_of.year * 12 + as_of.month
    due: Counter[int] = Counter()
    for day, amount in plan.schedule.nominal_flows:
        due[day.year * 12 + day.month - start] += amount.minor
    return max(amount - tight[month] for month, amount in due.items())


def _length(base: _Base) -> Missing | None:
    def at(more: int) -> Plan | None:
        return base.priced(base.line, base.payments + more)

    return _smallest(base, Lever.LENGTH, _LONGEST - base.payments, at, Count)


def _rate(base: _Base) -> Missing | None:
    points = base.line.annual_rate / _BASIS_POINT

    def at(less: int) -> Plan | None:
        rate = max(base.line.annual_rate - less * _BASIS_POINT, Fraction(0))
        return base.priced(replace(base.line, annual_rate=rate))

    most = -(-points.numerator // points.denominator)
    return _smallest(base, Lever.RATE, most, at, lambda less: Share(less * _BASIS_POINT))


def _waiver(base: _Base) -> Missing | None:
    claim, money = base.line.claim, base.plan.total.currency.money
    left = base.space.debt.components.minus(dict(claim.waived.items()))

    def at(more: int) -> Plan | None:
        more_waived = _taken(left, money(more))
        waived = Components(
            *(have + more_waived.get(part, money(0)) for part, have in claim.waived.items())
        )
        given = replace(claim, waiver=Waiver(), waived=waived, arrears=claim.arrears - money(more))
        return base.priced(replace(base.line, claim=given))

    return _smallest(base, Lever.WAIVER, claim.carried.minor, at, money)


def _taken(left: Components, amount: Money) -> dict[Component, Money]:
    """Lay a waiver over the components that are given up first."""
    owed, taken = dict(left.items()), {}
    for part in _GIVEN_UP_FIRST:
        taken[part] = min(amount, owed[part])
        amount = amount - taken[part]
    return taken


def _down_payment(base: _Base) -> Missing | None:
    claim, money = base.line.claim, base.plan.total.currency.money
    order = base.space.policy.allocation_order(
        base.space.debt.product, base.space.debt.days_past_due
    )
    left = base.space.debt.components.minus(dict(claim.waived.items()))

    def at(more: int) -> Plan | None:
        whole = claim.paid_today + money(more)
        paid = allocate(whole, left, order)[Component.PRINCIPAL]
        given = replace(claim, down_payment=DownPayment(paid, whole - paid))
        return base.priced(replace(base.line, claim=given))

    most = claim.bearing.minor + claim.carried.minor - 1
    return _smallest(base, Lever.DOWN_PAYMENT, most, at, money)


def _smallest(
    base: _Base,
    lever: Lever,
    most: int,
    at: Callable[[int], Plan | None],
    measure: Callable[[int], Measure],
) -> Missing | None:
    """Return the smallest change, from 1 to most, with which the plan fits.

    More of a lever asks for less a month, but for the cents that a last installment takes up: so
    the neighbors below what bisection finds are tried as well. The search for a change that is
    enough doubles it, because far too much of a lever may make no plan at all.
    """
    high = 1
    while high < most and not base.fits(at(high)):
        high *= 2
    high = min(high, most)
    if high < 1 or not base.fits(at(high)):
        return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if base.fits(at(middle)):
            high = middle
        else:
            low = middle
    for less in _below(high):
        if not base.fits(at(less)):
            break
        high = less
    plan = at(high)
    assert plan is not None
    return Missing(lever, measure(high), plan, *_who(plan))


def _below(change: int) -> Iterator[int]:
    return iter(range(change - 1, 0, -1))


def _who(plan: Plan) -> tuple[Role | None, Finding | None]:
    blocking = next((each for each in plan.findings if each.effect is Effect.BLOCK), None)
    return (None, blocking) if blocking else (plan.needs, None)
