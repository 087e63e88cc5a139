"""What is missing when nothing fits: for each lever alone, the smallest change that makes a plan.

Each answer is the smallest of all plans that the person at work may grant without giving anything
up; where there are none, of all plans. With fewer units none of them fits, nor with fewer payments:
in the rhythm of the nearest plan, and in another one where that takes less time. Not here: the
plans that levers are moved away from (`bases.py`), the levers (`moves.py`), and what helps a
household without surplus (`search.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from plan_assistant.domain.offers.base_plan import Base
from plan_assistant.domain.offers.bases import Bases
from plan_assistant.domain.offers.closed_levers import closed_rate
from plan_assistant.domain.offers.least_move import least_move
from plan_assistant.domain.offers.least_of import least_of
from plan_assistant.domain.offers.line import PAYMENTS_A_YEAR, Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.moves import MOVES
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import Places
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.shortfall import Of, Shortfall, shortfalls
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Count, Effect, Finding, Role
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED

_LONGEST: Final = 1200
"""Payments beyond which no plan is tried."""


def gap_of(search: Search) -> Gap | None:
    """Return what is missing; None where something fits, or where no plan can be priced at all."""
    pool = search.pool
    if not len(pool) or search.fits.is_met or search.space.affordability.is_deficit:
        return None
    every = search.fits.places
    own = every[~pool.beyond[every] & pool.gives_nothing_up[every]]
    is_mine = len(own) > 0
    bases = Bases(search, own if is_mine else every)
    moved = (_moved(bases, lever) for lever in MOVES)
    missing = (*_short(search, bases), *_longer(bases), *(each for each in moved if each))
    return Gap(bases.nearest.plan, missing, is_mine=is_mine)


def _short(search: Search, bases: Bases) -> Iterator[Missing]:
    """Yield how much more a month makes a plan fit; then where a lead allows one with less."""
    mine, every = shortfalls(bases), search.fits.places
    with_lead = (
        shortfalls(Bases(search, every), below=mine) if len(every) > len(bases.places) else {}
    )
    for kind in Of:
        yield from (_of_money(kind, each[kind]) for each in (mine, with_lead) if kind in each)


def _of_money(kind: Of, short: Shortfall) -> Missing:
    plan = short.base.plan
    # With that income the household can carry it, so nobody is asked for consent to that.
    others = tuple(each for each in plan.findings if each.test != VERDICT_ALLOWED)
    who = _who(replace(plan, findings=others))
    money = plan.total.currency.money
    if kind is Of.OFFER:
        return Missing(Lever.PAYMENT, money(short.minor), plan, *who)
    income = short.base.income_short
    assert income is not None
    offered = money(short.base.dialled_short) if kind is Of.BOTH else None
    return Missing(Lever.INCOME, money(income), plan, *who, beyond_dial=offered)


def _longer(bases: Bases) -> Iterator[Missing]:
    """Yield the fewest more payments with which a plan fits; of equal ones the nearest.

    First in the rhythm of the nearest plan; then in each other one where it takes less time: a
    week more is less than a month more.
    """

    def change_of(place: int, most: int) -> int | None:
        base = bases.at(place)
        longest = min(_LONGEST - base.payments, int(bases.room[place]))
        return base.fewest_more(min(longest, most))

    soonest: Fraction | None = None
    for rhythm in bases.rhythms:
        a_year, most = PAYMENTS_A_YEAR[rhythm], _LONGEST
        if soonest is not None:
            most = min(most, math.ceil(soonest * a_year) - 1)
        found = least_of(bases.of_rhythm(rhythm), change_of, bases.lengthened, most)
        if found is not None:
            more, place = found
            soonest = Fraction(more, a_year)
            yield _lengthened(bases.at(place), more)


def _lengthened(base: Base, more: int) -> Missing:
    line, payments = base.longer_line(more), base.payments + more
    assert line is not None
    plan = plan_of(base.space, line, payments)
    longest = int(base.space.lengths(line.rhythm)[-1])
    closed = "max_periods" if payments > longest else None
    return Missing(Lever.LENGTH, Count(more), plan, *_who(plan), closed)


def _moved(bases: Bases, lever: Lever) -> Missing | None:
    """Return the smallest change of a lever with which a plan fits; of equal ones the nearest."""
    move = MOVES[lever]

    def change_of(place: int, most: int) -> int | None:
        return least_move(bases.at(place), move, most)

    def may_do(places: Places, most: int) -> Places:
        return bases.moved(places, move, most)

    found = least_of(bases.places, change_of, may_do, bases.most(move))
    if found is None:
        return None
    change, base = found[0], bases.at(found[1])
    line = move.line(base.space, base.line, change)
    plan, closed = plan_of(base.space, line, base.payments), _closed(base.space, line)
    return Missing(lever, move.measure(base.space, change), plan, *_who(plan), closed)


def _closed(space: Space, line: Line) -> str | None:
    """Return the lever that the pack does not open as far as a line needs it, if there is one."""
    if line.annual_rate < min(rate for family in space.families for rate in space.rates(family)):
        return closed_rate(space, line.family, line.annual_rate)
    opened = [dict(each.waived.items()) for each in (*space.claims, *space.claims_without_interest)]
    given_up = line.claim.waived.items()
    is_open = all(amount <= max(each[part] for each in opened) for part, amount in given_up)
    return None if is_open else "waivers"


def _who(plan: Plan) -> tuple[Role | None, Finding | None]:
    blocking = next((each for each in plan.findings if each.effect is Effect.BLOCK), None)
    return (None, blocking) if blocking else (plan.needs, None)
