"""What a plan costs the lender, also where it could not exist at the rate of the contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.concession import Concession, concession_of, present_value
from plan_assistant.domain.offers.counter_offer import answer
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.pack import Waiver
from plan_assistant.domain.schedule.engine import price
from tests.domain.offers.spaces import random_space, sample_space

CALLED = date(2026, 11, 26)
LATE = date(2027, 1, 26)
"""A first payment so late that two months of interest at the contract's rate fall due with it."""


def proposed(name: str, monthly: str, first: date) -> Space:
    space = sample_space(name)
    amount = space.debt.currency.parse(monthly)
    return sample_space(name, Wishes(monthly=amount, first_due=first), CALLED)


def cost_of(space: Space, plan: Plan) -> Concession:
    return concession_of(plan, space.debt.annual_rate, Search(space).judge.discount)


def worth(space: Space, plan: Plan) -> Money:
    """Return the present value of a plan."""
    value = round(present_value(plan.schedule, Search(space).judge.discount))
    return space.debt.currency.money(value)


@pytest.mark.parametrize(
    ("name", "monthly", "first"),
    [
        ("S01-job-loss", "900.00", LATE),
        ("S02-refuses-contact", "545.00", date(2027, 1, 20)),
        ("S05-card-95-days", "900.00", LATE),
        ("S12-hong-kong-dollar", "1500.00", LATE),
    ],
)
def test_yes_is_said_where_the_plan_could_not_exist_at_the_contract_rate(
    name: str, monthly: str, first: date
) -> None:
    space = proposed(name, monthly, first)

    found = answer(space)

    assert found.is_possible
    assert found.plan is not None
    assert found.plan.judgement.largest_payment <= found.asked
    assert found.cost is not None
    assert found.cost.total == space.debt.owed - worth(space, found.plan)


def test_rate_and_time_are_one_figure_where_the_contract_rate_makes_no_such_plan() -> None:
    space = proposed("S01-job-loss", "900.00", LATE)
    plan = plan_of(space, space.line(Family.ZERO_RATE), 52)
    with pytest.raises(InvalidTerms):
        price(plan.terms.with_(annual_rate=space.debt.annual_rate))

    cost = cost_of(space, plan)

    assert (cost.rate, cost.time) == (None, None)
    assert not cost.waiver
    assert cost.rate_and_time == space.debt.owed - worth(space, plan)


def test_waiver_is_told_apart_where_the_contract_rate_makes_no_such_plan() -> None:
    space = proposed("S01-job-loss", "900.00", LATE)
    waiver = Waiver(penalty_interest=Fraction(1), fee=Fraction(1))
    plan = plan_of(space, space.line(Family.ZERO_RATE, waiver=waiver), 52)

    cost = cost_of(space, plan)

    assert cost.rate is None
    # What is waived would have been paid with every payment: in today's money it is worth less.
    assert plan.waived.total.minor * 8 < cost.waiver.minor * 10 < plan.waived.total.minor * 10
    assert cost.total == space.debt.owed - worth(space, plan)


def test_rate_and_time_are_two_figures_where_both_plans_exist() -> None:
    space = sample_space("S01-job-loss")
    plan = plan_of(space, space.line(Family.EQUAL_INSTALLMENT, annual_rate=Fraction(9, 100)), 36)

    cost = cost_of(space, plan)

    assert cost.rate is not None
    assert cost.time is not None
    assert cost.rate.minor > 0
    assert cost.rate + cost.time == cost.rate_and_time


@given(seed=st.integers(0, 2**32), days=st.integers(20, 75))
@settings(max_examples=15)
def test_every_offer_has_a_cost_whose_parts_add_up(seed: int, days: int) -> None:
    drawn = random_space(seed)
    wishes = replace(drawn.wishes, first_due=drawn.today + timedelta(days=days))
    space = replace(drawn, wishes=wishes)

    for plan in Search(space).offers.plans:
        assert cost_of(space, plan).total == space.debt.owed - worth(space, plan)
