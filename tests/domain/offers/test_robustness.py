"""The mark says in how many settings a plan stays first among all that it is said to be among."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.offers.dominance import FIGURES
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.plan import Plan, Reason, Robustness
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.why_not import why_not
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.offers.worth import period_years
from plan_assistant.domain.policy.pack import OldCharges
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from tests.builders import yuan
from tests.domain.offers.spaces import random_space, sample_space
from tests.properties import is_long


def compared(search: Search) -> list[tuple[int, Line, int]]:
    """Return every plan of the best verdict within authority that leaves all as it is.

    Nothing is waived or added to the principal, and no rate is higher.
    """
    pool, space = search.pool, search.space
    fits = search.fits.places
    mine = fits[~pool.beyond[fits]]
    own = mine if len(mine) else fits
    found = []
    for place in own[pool.code[own] == pool.code[own].min()].tolist():
        line, payments = pool.candidate(place)
        claim = line.claim
        if not claim.waived.total.minor and claim.principal == space.debt.components.principal:
            found.append((place, line, payments))
    highest = max((line.annual_rate for _place, line, _payments in found), default=None)
    return [each for each in found if each[1].annual_rate == highest]


def values(space: Space, schedule: Schedule) -> list[float]:
    """Return what a plan is worth in every setting, as the reference defines it."""
    box, paid = space.policy.robustness, schedule.columns.payment[schedule.has_down_payment :]
    first, step = schedule.terms.first_due, period_years(schedule.terms.frequency)
    assert first is not None
    years = [(first - space.today).days / 365 + step * row for row in range(len(paid))]
    contractual = space.debt.contractual_payment
    cut = 0.0
    if contractual:
        cut = max(0.0, 1.0 - max(paid) / 12 / step / contractual.minor)
    found = []
    for hazard, has_effect, rate, recovery in product(
        box.hazards, box.payment_effects, box.discount_rates, box.recoveries
    ):
        monthly = float(hazard) * (max(0.45, 0.78 ** (cut * 10)) if has_effect else 1.0)
        before, left, value = 1.0, sum(paid), float(schedule.down_payment.minor)
        lag = (1.0 + float(rate)) ** (-box.recovery_lag_months / 12)
        for payment, year in zip(paid, years, strict=True):
            kept, worth = (1.0 - monthly) ** (12 * year), (1.0 + float(rate)) ** -year
            value += kept * payment * worth
            value += float(recovery) * lag * (before - kept) * left * worth
            before, left = kept, left - payment
        found.append(value)
    return found


def firsts(space: Space, plans: list[tuple[int, Line, int]]) -> dict[int, int]:
    """Return in how many settings each plan is first; of plans that are alike the earliest."""
    places = [place for place, _line, _payments in plans]
    wins = dict.fromkeys(places, 0)
    every = [values(space, price(space.terms(line, count))) for _place, line, count in plans]
    for setting in zip(*every, strict=True):
        enough = max(setting) * (1 - 1e-6)
        wins[
            next(place for place, value in zip(places, setting, strict=True) if value >= enough)
        ] += 1
    return wins


def unbeaten_first(search: Search) -> tuple[list[tuple[int, Line, int]], dict[int, int]]:
    """Return what is compared and how often each is first, until no plan beats the most robust."""
    plans = compared(search)
    wins = firsts(search.space, plans)
    while plans and (best := max(wins, key=lambda place: wins[place])) in beaten(search, wins):
        plans = [each for each in plans if each[0] != best]
        wins = firsts(search.space, plans)
    return plans, wins


def beaten(search: Search, places: Iterable[int]) -> set[int]:
    """Return those that a plan beats which needs no more authority and has no worse verdict."""
    pool, every = search.pool, search.fits.places
    pool.settle(every)
    figures = np.stack([pool.low(by)[every] for by in FIGURES], axis=1)
    found = set()
    for place in places:
        is_alike = (pool.code[every] <= pool.code[place]) & (
            pool.beyond[every] <= pool.beyond[place]
        )
        mine = np.array([pool.low(by)[place] for by in FIGURES])
        is_better = (figures <= mine).all(axis=1) & (figures < mine).any(axis=1)
        if (is_alike & is_better).any():
            found.add(place)
    return found


def hold_against_brute_force(search: Search) -> None:
    plans, wins = unbeaten_first(search)
    of = sum(wins.values())

    for answer in search.answers:
        mark = answer.robustness
        if mark is not None:
            assert mark == Robustness(wins[answer.place], of, len(plans))
        if Reason.MOST_ROBUST in answer.reasons:
            assert wins[answer.place] == max(wins.values())
    is_offered = any(Reason.MOST_ROBUST in answer.reasons for answer in search.answers)
    assert is_offered is (len(plans) > 1)


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=1_000 if is_long() else 25, suppress_health_check=[HealthCheck.filter_too_much]
)
def test_no_plan_of_the_same_verdict_and_authority_beats_an_offer(seed: int) -> None:
    search = Search(random_space(seed))
    assume(search.fits.is_met)

    # What only fills up a call for comparison answers no question.
    answers = [each for each in search.answers if set(each.reasons) != {Reason.COMPARISON}]

    assert beaten(search, [each.place for each in answers]) == set()


@pytest.mark.parametrize(
    "name",
    [
        "S06-loan-before-maturity",
        "S12-hong-kong-dollar",
        "S14-very-large",
        "S15-very-small",
        "S18-guarantor-illness",
    ],
)
def test_no_plan_that_is_compared_stays_first_more_often(name: str) -> None:
    hold_against_brute_force(Search(sample_space(name)))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, suppress_health_check=[HealthCheck.filter_too_much])
def test_mark_in_a_random_space_is_that_of_brute_force(seed: int) -> None:
    search = Search(random_space(seed))
    assume(search.fits.is_met)
    assume(2 <= len(compared(search)) <= 150)

    hold_against_brute_force(search)


def test_a_down_payment_counts_as_paid_today() -> None:
    space = sample_space("S18-guarantor-illness", Wishes(down_payment=yuan("1000.00")))

    hold_against_brute_force(Search(space))


def test_plans_that_ask_for_old_charges_first_are_compared_and_capitalised_ones_are_not() -> None:
    space = sample_space("S18-guarantor-illness")
    opened = space.policy.space.model_copy(update={"old_charges": tuple(OldCharges)})
    pack = space.policy.model_copy(update={"space": opened})
    search = Search(replace(space, policy=pack))

    treated = {line.claim.old_charges for _place, line, _payments in compared(search)}

    assert {OldCharges.SPREAD, OldCharges.FIRST_INSTALLMENT} <= treated
    assert OldCharges.CAPITALISE not in treated
    hold_against_brute_force(search)


def robust(search: Search) -> Plan:
    return next(plan for plan in search.offers.plans if Reason.MOST_ROBUST in plan.reasons)


@pytest.mark.parametrize("name", ["S06-loan-before-maturity", "S18-guarantor-illness"])
def test_why_not_says_of_the_most_robust_plan_that_it_is_offered(name: str) -> None:
    search = Search(sample_space(name))
    plan = robust(search)
    line = search.space.line(plan.family)

    assert why_not(search, line, plan.schedule.number_of_payments).is_offered


def test_offers_that_ask_for_the_same_money_keep_the_mark_of_the_one_that_stays_first() -> None:
    for name in ("S06-loan-before-maturity", "S14-very-large", "S18-guarantor-illness"):
        search = Search(sample_space(name))
        mark = robust(search).robustness
        best = next(each for each in search.answers if Reason.MOST_ROBUST in each.reasons)
        assert mark == best.robustness


def test_highest_rate_left_is_compared_where_no_plan_keeps_the_rate_of_the_contract() -> None:
    search = Search(sample_space("S02-refuses-contact"))
    rates = {line.annual_rate for _place, line, _payments in compared(search)}

    assert max(rates) < search.space.debt.annual_rate
    for plan in search.offers.plans:
        if plan.robustness is not None:
            assert {plan.terms.annual_rate} == rates
