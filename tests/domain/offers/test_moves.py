"""Levers moved away from a plan: how far, many at once, and which plans a bound leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.offers.base_plan import Base, Means
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.may_fit import Limits, may_fit, may_fit_longer
from plan_assistant.domain.offers.missing import Lever
from plan_assistant.domain.offers.moves import MOVES, ClaimMove
from plan_assistant.domain.offers.same_level import ends_early
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import OldCharges
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from tests.domain.offers.spaces import random_space, tiny_space
from tests.properties import is_long

_CLAIM_MOVES = {lever: move for lever, move in MOVES.items() if isinstance(move, ClaimMove)}
_TOO_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def _base(space: Space, draw: Random) -> Base:
    """Return some plan of a space as one that levers are moved away from."""
    search = Search(space)
    assume(len(search.pool) > 0)
    return Base(space, Means(search), search.pool, draw.randrange(len(search.pool)))


@pytest.mark.parametrize("space_of", [random_space, tiny_space])
@pytest.mark.parametrize("lever", _CLAIM_MOVES)
@given(seed=st.integers(0, 2**30))
@settings(max_examples=400 if is_long() else 15, suppress_health_check=_TOO_SLOW)
def test_many_changes_at_once_come_to_what_each_makes_of_the_claim(
    lever: Lever, space_of: Callable[[int], Space], seed: int
) -> None:
    draw, move = Random(seed), _CLAIM_MOVES[lever]
    base = _base(space_of(seed), draw)
    most = move.most(base.space, base.line, base.payments)
    units = sorted({0, most, *(draw.randint(0, most) for _ in range(6))})

    found = move.amounts(base.space, base.line.claim, np.array(units))

    claims = [move.line(base.space, base.line, each).claim for each in units]
    assert found.bearing.tolist() == [claim.bearing.minor for claim in claims]
    assert found.carried.tolist() == [claim.carried.minor for claim in claims]
    assert found.paid_today.tolist() == [claim.paid_today.minor for claim in claims]


@pytest.mark.parametrize("old", [OldCharges.FIRST_INSTALLMENT, OldCharges.LAST_INSTALLMENT])
@given(seed=st.integers(0, 2**30))
@settings(max_examples=400 if is_long() else 15, suppress_health_check=_TOO_SLOW)
def test_more_than_the_most_paid_today_leaves_no_plan(old: OldCharges, seed: int) -> None:
    draw, move = Random(seed), MOVES[Lever.DOWN_PAYMENT]
    space = random_space(seed)
    opened = space.policy.space.model_copy(update={"old_charges": (old,)})
    space = replace(space, policy=space.policy.model_copy(update={"space": opened}))
    base = _base(space, draw)
    most, claim = move.most(space, base.line, base.payments), base.line.claim
    every = claim.bearing.minor + claim.carried.minor - 1

    at_most = move.line(space, base.line, most).claim
    assert most == every or at_most.bearing.minor == 1
    for beyond in {most + 1, every, draw.randint(min(most + 1, every), every)}:
        if most < beyond <= every:
            assert not base.is_plan(move.line(space, base.line, beyond), base.payments)


def test_a_single_payment_may_be_of_old_charges_alone() -> None:
    space, move = random_space(115), MOVES[Lever.DOWN_PAYMENT]
    line = space.line(space.families[0])
    late = replace(line.claim, old_charges=OldCharges.LAST_INSTALLMENT)
    line = replace(line, claim=late)

    alone = move.most(space, line, 1)
    assert alone == late.bearing.minor + late.carried.minor - 1
    assert move.most(space, line, 2) < alone


@pytest.mark.parametrize("lever", MOVES)
@example(seed=116)
@example(seed=1092)
@given(seed=st.integers(0, 2**30))
@settings(max_examples=1000 if is_long() else 60, suppress_health_check=_TOO_SLOW)
def test_a_plan_that_fits_is_never_left_out(lever: Lever, seed: int) -> None:
    draw, move = Random(seed), MOVES[lever]
    base = _base(random_space(seed), draw)
    farthest = move.most(base.space, base.line, base.payments)
    assume(farthest > 0)
    near_the_end = max(1, farthest - draw.randrange(200))
    change = draw.choice([draw.randint(1, farthest), near_the_end])
    moved = move.line(base.space, base.line, change)
    assume(base.is_plan(moved, base.payments))
    limits = _limits_of(base, moved, base.payments)

    units = range(change, farthest + 1, max(1, (farthest - change) // 8))
    near = max(0, change - draw.randrange(200))
    starts = [0, near, change, *(draw.randint(0, change) for _ in units[3:])][: len(units)]
    most = move.each(base.group, units)
    for least in (base.unmoved(len(units)), move.each(base.group, starts)):
        kept = may_fit([least], [most], limits) & ~ends_early(least.course, most.course)

        assert kept.all(), (change, [units[place] for place in np.flatnonzero(~kept)])


@given(seed=st.integers(0, 2**30))
@settings(max_examples=4000 if is_long() else 60, suppress_health_check=_TOO_SLOW)
def test_a_longer_plan_that_fits_is_never_left_out(seed: int) -> None:
    draw = Random(seed)
    base = _base(random_space(seed), draw)
    more = draw.choice([1, 2, draw.randint(1, 30), draw.randint(1, 300)])
    assume(base.is_plan(base.line, base.payments + more))
    limits = _limits_of(base, base.line, base.payments + more)

    longer = more + np.array([0, 1, 7, 60, 300])
    most = base.longer(longer)
    kept = may_fit_longer([most], np.repeat(base.group.course.rows, len(longer)), limits)

    assert kept.all(), (more, longer[~kept])


def _limits_of(base: Base, line: Line, payments: int) -> Limits:
    """Return limits that a plan just keeps to."""
    asked = _worst_month(price(base.space.terms(line, payments)))
    unlimited = replace(base.means.until(0), tight=(10**12,) * 2000, cash=None)
    judge = replace(base.means.judge([base.group]), limits=unlimited)
    return Limits(judge, dialled=asked)


def _worst_month(schedule: Schedule) -> int:
    """Return the most that falls due in a calendar month after today, in minor units."""
    due: Counter[tuple[int, int]] = Counter()
    after_today = slice(int(schedule.has_down_payment), None)
    days, payments = schedule.nominal_due[after_today], schedule.columns.payment[after_today]
    for day, minor in zip(days, payments, strict=True):
        if day is not None:
            due[day.year, day.month] += minor
    return max(due.values())
