"""The fewest installments of equalised plans with given steps are those that a plain scan finds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Money, Rounding
from plan_assistant.domain.schedule import length_solvers
from plan_assistant.domain.schedule.length_solvers import solve_shortest
from plan_assistant.domain.schedule.solution import NoSolution, Solved, fits, largest_payment
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DeferredCollection,
    Grace,
    LevelPayment,
    PaymentStep,
    Terms,
)
from tests.domain.schedule.builders import undated, yuan

EQUALISED = Conventions(level_payment=LevelPayment.EQUALISED)
LONGEST = 40


@st.composite
def stepped(draw: st.DrawFn) -> Terms:
    """Return equalised terms with some given payments at the start."""
    amounts = st.none() | st.integers(0, 60_000).map(CNY.money)
    steps = st.builds(PaymentStep, st.integers(1, 6), amounts)
    collection = draw(st.sampled_from(DeferredCollection))
    return Terms(
        principal=CNY.money(draw(st.integers(10_000, 400_000))),
        annual_rate=Fraction(draw(st.integers(0, 360)), 1_000),
        periods=1,
        start=None,
        first_due=None,
        grace=Grace(principal=draw(st.integers(0, 2)), interest=draw(st.integers(0, 2))),
        payment_steps=tuple(draw(st.lists(steps, max_size=3))),
        conventions=Conventions(
            level_payment=LevelPayment.EQUALISED,
            payment_rounding=draw(st.sampled_from(Rounding)),
            deferred_collection=collection,
        ),
    )


@settings(max_examples=150)
@given(terms=stepped(), minor=st.integers(5_000, 100_000))
def test_no_shorter_plan_fits(terms: Terms, minor: int) -> None:
    payment = CNY.money(minor)
    scanned = next((n for n in range(1, LONGEST) if fits(terms.with_(periods=n), payment)), None)

    try:
        # Where the scan finds nothing there is no need to look at a thousand longer plans.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(length_solvers, "MAX_PERIODS", LONGEST - 1)
            answer = solve_shortest(terms, payment)
    except InvalidTerms:
        assert scanned is None
        return

    assert (answer.terms.periods if isinstance(answer, Solved) else None) == scanned


@pytest.mark.parametrize("payment", ["502.30", "501.00", "400.00"])
def test_only_the_plans_that_may_fit_are_priced(
    payment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of 500.50 covers the interest of 500.00; more than a thousand installments follow."""
    priced = 0

    def counted(terms: Terms) -> Money | None:
        nonlocal priced
        priced += 1
        return largest_payment(terms)

    monkeypatch.setattr(length_solvers, "largest_payment", counted)
    steps = (PaymentStep(6, yuan("500.50")),)

    answer = solve_shortest(
        undated("100000.00", "0.06", payment_steps=steps, conventions=EQUALISED), yuan(payment)
    )

    assert isinstance(answer, Solved) or answer.limit > yuan("500.00") or payment == "400.00"
    assert priced <= 3


def test_a_step_below_the_interest_is_refused_by_name() -> None:
    steps = (PaymentStep(6, yuan("300.00")),)

    with pytest.raises(InvalidTerms, match=r"300\.00.*does not cover the interest of 500\.00"):
        solve_shortest(
            undated("100000.00", "0.06", payment_steps=steps, conventions=EQUALISED),
            yuan("600.00"),
        )


def test_a_step_above_the_payment_leaves_no_plan() -> None:
    steps = (PaymentStep(6, yuan("700.00")),)

    answer = solve_shortest(
        undated("100000.00", "0.06", payment_steps=steps, conventions=EQUALISED), yuan("600.00")
    )

    assert isinstance(answer, NoSolution)
    assert str(answer).endswith("takes at least 700.00")


def test_interest_alone_is_covered_by_as_much_and_repays_no_principal() -> None:
    terms = undated("12000.00", amortization=Amortization.INTEREST_ONLY)

    answers = [solve_shortest(terms, yuan(paid)) for paid in ("119.99", "120.00", "120.01")]

    assert [str(answer) for answer in answers] == [
        "119.99 does not cover the interest of 120.00",
        "120.00 covers the interest of 120.00 and no principal",
        "120.01 does not repay the debt in 1200 installments; that takes at least 12120.00",
    ]


@pytest.mark.parametrize("paid", ["8.00", "8.33", "8.34"])
@pytest.mark.parametrize(
    "amortization", [Amortization.EQUAL_INSTALLMENT, Amortization.EQUAL_PRINCIPAL]
)
def test_the_payment_said_to_be_the_least_is_the_least_that_repays(
    amortization: Amortization, paid: str
) -> None:
    """1,200 parts of 10,000.00 are 8.33 and leave 12.33, 1,199 are 8.34 and leave 8.68."""
    terms = undated("10000.00", rate="0", amortization=amortization)

    answer = solve_shortest(terms, yuan(paid))

    assert isinstance(answer, NoSolution)
    assert answer.limit == yuan("8.35")
    found = solve_shortest(terms, answer.limit)
    assert isinstance(found, Solved)
    assert found.terms.periods == 1198


def test_the_least_is_said_of_equalised_plans_where_the_longest_are_no_help() -> None:
    terms = undated("10000.00", rate="0", conventions=EQUALISED)

    answer = solve_shortest(terms, yuan("8.34"))

    assert isinstance(answer, NoSolution)
    assert answer.limit == yuan("8.35")
    assert isinstance(solve_shortest(terms, answer.limit), Solved)
