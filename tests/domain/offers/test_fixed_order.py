"""Searches in a fixed order, and why they lose against the whole space."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.fixed_order import (
    FixedOrder,
    RateSteps,
    gap,
    monthly_payment,
    monthly_payments,
    rate_first,
    shortest_term_per_rate,
    term_first,
)
from tests.builders import yuan


def search(**changes: object) -> FixedOrder:
    start: dict[str, object] = {
        "balance": yuan("64200.00"),
        "annual_rate": Fraction("0.18"),
        "current_periods": 24,
        "affordable": yuan("1450.00"),
        "rate_step": Fraction("0.015"),
        "max_periods": 60,
        "discount_rate": Fraction("0.08"),
    }
    return FixedOrder(**(start | changes))  # type: ignore[arg-type]


def test_fixed_orders_end_at_the_two_extremes_of_the_frontier() -> None:
    frontier = shortest_term_per_rate(search())

    by_term, by_rate = term_first(search()), rate_first(search())

    assert by_term is not None
    assert by_rate is not None
    assert len(frontier) == 9
    assert by_term.annual_rate == frontier[0].annual_rate
    assert by_term.total_paid > frontier[0].total_paid
    assert by_rate == frontier[-1]


def test_a_plan_in_the_middle_costs_thousands_less_for_75_cents_a_month() -> None:
    by_term = term_first(search())
    middle = next(
        point for point in shortest_term_per_rate(search()) if point.annual_rate == Fraction("0.09")
    )

    assert by_term is not None
    assert by_term.total_paid - middle.total_paid == yuan("7099.65")
    assert middle.payment - by_term.payment == yuan("0.75")


def test_the_gap_is_what_the_contract_rate_lacks() -> None:
    found = gap(search())

    assert (found.payment, found.gap) == (yuan("1630.26"), yuan("180.26"))


def test_where_nothing_helps_there_is_no_point() -> None:
    poor = search(affordable=yuan("10.00"))

    assert shortest_term_per_rate(poor) == ()
    assert term_first(poor) is None
    assert rate_first(poor) is None


def test_a_term_that_is_longer_already_is_not_shortened() -> None:
    found = term_first(search(current_periods=72))

    assert found is not None
    assert found.periods == 72


@given(
    balance=st.integers(1, 10**9),
    rate=st.integers(0, 360_000),
    affordable=st.integers(0, 10**8),
    periods=st.integers(1, 60),
)
def test_every_point_is_affordable_and_repays_the_balance(
    balance: int, rate: int, affordable: int, periods: int
) -> None:
    asked = search(
        balance=CNY.money(balance),
        annual_rate=Fraction(rate, 10**6),
        affordable=CNY.money(affordable),
        current_periods=periods,
    )

    frontier = shortest_term_per_rate(asked)
    ends = [point for point in (term_first(asked), rate_first(asked)) if point is not None]

    for point in (*frontier, *ends):
        assert point.payment <= asked.affordable
        assert point.total_paid >= asked.balance
        assert point.annual_rate > 0 or point.total_paid == asked.balance
    for point in frontier:
        shorter = point.periods - 1
        if shorter:
            payment = monthly_payment(asked.balance, point.annual_rate, shorter)
            assert payment > asked.affordable
    # A fixed order finds something exactly where the frontier has something.
    assert bool(frontier) == (len(ends) == 2) or periods > asked.max_periods


def test_the_last_rate_is_the_floor() -> None:
    steps = RateSteps(Fraction("0.10"), Fraction("0.03"), Fraction("0.02"))

    assert [steps.at(k) for k in range(steps.last + 1)] == [
        Fraction(text) for text in ("0.10", "0.07", "0.04", "0.02")
    ]


def test_payments_of_a_tiny_balance_end_early() -> None:
    assert [item.plain for item in monthly_payments(yuan("0.05"), Fraction(0), 9)] == ["0.01"] * 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"balance": yuan("0.00")}, "balance"),
        ({"annual_rate": Fraction(-1)}, "annual_rate"),
        ({"annual_rate": Fraction(101)}, "annual_rate"),
        ({"current_periods": 0}, "current_periods"),
        ({"max_periods": 1201}, "max_periods"),
        ({"rate_step": Fraction(0)}, "rate_step"),
        ({"rate_step": Fraction(1, 10**6)}, "rate_step"),
        ({"discount_rate": Fraction(-1)}, "discount_rate"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        search(**changes)

    assert refusal.value.field == field
