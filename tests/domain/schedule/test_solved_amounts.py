"""Amounts that a payment repays where it is not one equal part of them each time."""

from __future__ import annotations

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.solution import Solved
from plan_assistant.domain.schedule.solvers import solve_amount, solve_down_payment
from plan_assistant.domain.schedule.terms import Amortization, Conventions, Remainder
from tests.domain.schedule.builders import dated, undated, yuan


def test_a_last_installment_alone_repays_any_amount_however_small() -> None:
    terms = undated(periods=12, amortization=Amortization.INTEREST_ONLY)

    answer = solve_amount(terms, yuan("0.05"))

    assert isinstance(answer, Solved)
    assert answer.terms.principal == yuan("0.05")


def test_a_last_installment_alone_repays_any_rest_of_a_down_payment() -> None:
    terms = dated(periods=12, amortization=Amortization.INTEREST_ONLY)

    answer = solve_down_payment(terms, yuan("0.05"))

    assert isinstance(answer, Solved)
    assert answer.schedule.rows[0].balance == yuan("0.05")


@pytest.mark.parametrize(
    ("amortization", "rate", "largest"),
    [
        # A month of it costs 100.0049, which is rounded.
        (Amortization.INTEREST_ONLY, "0.12", "10000.49"),
        # A twelfth of it is 100.009166..., which is cut down.
        (Amortization.EQUAL_INSTALLMENT, "0", "1200.11"),
    ],
)
def test_an_amount_may_be_more_than_its_installments_repay_where_a_rest_stays_open(
    amortization: Amortization, rate: str, largest: str
) -> None:
    conventions = Conventions(remainder=Remainder.OPEN, payment_rounding=Rounding.DOWN)
    terms = undated(rate=rate, periods=12, amortization=amortization, conventions=conventions)

    answer = solve_amount(terms, yuan("100.00"))

    assert isinstance(answer, Solved)
    assert answer.terms.principal == yuan(largest)
    assert answer.schedule.largest_payment == yuan("100.00")
    more = terms.with_(principal=yuan(largest) + yuan("0.01"))
    assert price(more).largest_payment == yuan("100.01")


def test_no_amount_is_the_largest_where_all_of_it_may_stay_open() -> None:
    terms = undated(
        rate="0",
        amortization=Amortization.INTEREST_ONLY,
        conventions=Conventions(remainder=Remainder.OPEN),
    )

    with pytest.raises(InvalidTerms) as refusal:
        solve_amount(terms, yuan("100.00"))

    assert refusal.value.field == "remainder"
