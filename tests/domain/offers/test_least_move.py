"""The smallest change of a lever with which one plan fits, held against trying every unit."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.offers.base_plan import Base, Means
from plan_assistant.domain.offers.judging import REFUSED
from plan_assistant.domain.offers.least_move import least_move
from plan_assistant.domain.offers.missing import Lever
from plan_assistant.domain.offers.moves import MOVES, Move
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.space import Space
from tests.builders import case, components, debt
from tests.domain.offers.spaces import random_space, space_with
from tests.properties import is_long

_MONTHS = 2000
"""More than any plan reaches into."""


@pytest.mark.parametrize("lever", MOVES)
@given(seed=st.integers(0, 2**30))
@settings(
    max_examples=2000 if is_long() else 40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_no_smaller_change_makes_a_plan_that_fits(lever: Lever, seed: int) -> None:
    draw, move = Random(seed), MOVES[lever]
    base = _base(_small_space(seed), draw)
    farthest = move.most(base.space, base.line, base.payments)
    most = draw.choice([farthest, draw.randint(0, farthest)])

    assert least_move(base, move, most) == _first_of_all(base, move, most)


def test_cash_that_no_down_payment_helps_is_seen_before_any_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Without interest as much is paid in all, whatever is paid today.
    search = Search(space_with(case(debt(rate="0"))))
    base = Base(search.space, Means(search), search.pool, 0)
    total = base.plan.total.minor
    limits = base.means.known
    base.means.known = replace(
        limits, cash=(total - 1,) * len(limits.tight), comfortable_cash=(0,) * len(limits.tight)
    )
    monkeypatch.setattr(Means, "fitting", None)

    assert least_move(base, MOVES[Lever.DOWN_PAYMENT], total) is None


def _first_of_all(base: Base, move: Move, most: int) -> int | None:
    """Return the smallest change with which a plan fits, of every one up to so many units."""
    for start in range(1, most + 1, 4096):
        units = range(start, min(start + 4096, most + 1))
        fits = base.means.fitting(move.each(base.group, units))
        for change in (unit for unit, is_enough in zip(units, fits, strict=True) if is_enough):
            if base.is_plan(move.line(base.space, base.line, change), base.payments):
                return change
    return None


def _small_space(seed: int) -> Space:
    """Return a space of a debt of few units, so that each can be tried, also in round payments."""
    space, draw = random_space(seed), Random(f"{seed} small")
    owed = components(
        principal=f"{draw.choice([3, 40, 250])}.{draw.randrange(100):02d}",
        interest=f"{draw.choice([0, 0, 9])}.{draw.randrange(100):02d}",
        penalty=f"{draw.randrange(9)}.00",
        fee=f"{draw.randrange(3)}.{draw.choice(['00', '07'])}",
    )
    opened = space.policy.space.model_copy(update={"multiples": (draw.choice([1, 1, 2, 10]),)})
    pack = space.policy.model_copy(update={"space": opened})
    of = replace(space.case, debts=(replace(space.debt, components=owed),))
    return space_with(of, pack=pack, role=space.role)


def _base(space: Space, draw: Random) -> Base:
    """Return some plan, mostly a round one, of a household that cannot carry it in some months."""
    search = Search(space)
    pool = search.pool
    pool.settle(np.arange(len(pool)))
    plans = np.flatnonzero(pool.code != REFUSED).tolist()
    bases = [
        Base(space, Means(search), pool, place) for place in draw.sample(plans, min(len(plans), 30))
    ]
    assume(bases)
    is_round = draw.random() < 0.8
    base = max(bases, key=lambda each: each.line.multiple) if is_round else bases[0]
    _carry(base.means, int(pool.low(By.WORST)[base.place]), base.payments, draw)
    return base


def _carry(means: Means, asked: int, payments: int, draw: Random) -> None:
    """Let each month carry about what a plan asks for, and let some households run out of cash."""
    least, most = sorted((draw.uniform(0, 1.1), draw.uniform(0, 1.1)))
    least = draw.choice([least, most])
    tight = tuple(int(asked * draw.uniform(least, most)) for _ in range(_MONTHS))
    cash = None
    if draw.random() < 0.3:
        left = draw.uniform(0.2, 1.2)
        in_hand = int(asked * draw.uniform(0, payments))
        cash = tuple(accumulate((int(left * each) for each in tight), initial=in_hand))
    means.known = replace(
        means.known, comfortable=tight, tight=tight, comfortable_cash=cash, cash=cash
    )
