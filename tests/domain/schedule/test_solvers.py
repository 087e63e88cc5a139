from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.solvers import (
    NoSolution,
    Solved,
    solve_amount,
    solve_down_payment,
    solve_first_due,
    solve_periods,
    solve_rate,
    solve_shortest,
)
from plan_assistant.domain.schedule.terms import Amortization
from tests.domain.schedule.builders import dated, undated, yuan


def test_a_payment_gives_its_number_of_installments() -> None:
    answer = solve_periods(undated("50000.00", "0.12"), yuan("2000.00"))

    assert isinstance(answer, Solved)
    assert len(answer.schedule.rows) == 29
    assert answer.schedule.last_payment < yuan("2000.00")


def test_a_payment_below_the_interest_has_no_number_of_installments() -> None:
    answer = solve_periods(undated("124000.00", "0.12"), yuan("1000.00"))

    assert isinstance(answer, NoSolution)
    assert str(answer) == "1000.00 does not cover the interest of 1240.00"


def test_the_shortest_term_fits_and_one_month_less_does_not() -> None:
    terms = undated()
    answer = solve_shortest(terms, yuan("500.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("500.00")
    assert price(terms.with_(periods=answer.terms.periods - 1)).largest_payment > yuan("500.00")


def test_interest_only_fits_no_payment_below_the_principal() -> None:
    terms = undated(amortization=Amortization.INTEREST_ONLY)

    answer = solve_shortest(terms, yuan("500.00"))

    assert isinstance(answer, NoSolution)
    assert str(answer).startswith("500.00 does not repay the debt in 1200 installments;")


@pytest.mark.parametrize("payment", ["100.00", "437.19", "500.00", "2000.01"])
@pytest.mark.parametrize("rate", ["0", "0.12", "0.1825"])
def test_the_amount_fits_and_one_unit_more_does_not(payment: str, rate: str) -> None:
    terms = undated(rate=rate, periods=24)
    answer = solve_amount(terms, yuan(payment))

    assert isinstance(answer, Solved)
    more = answer.terms.principal + yuan("0.01")
    assert answer.schedule.largest_payment <= yuan(payment)
    assert price(terms.with_(principal=more)).largest_payment > yuan(payment)


def test_the_rate_fits_and_one_ppm_more_does_not() -> None:
    answer = solve_rate(undated(), yuan("860.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("860.00")
    more = answer.terms.annual_rate + type(answer.terms.annual_rate)(1, 10**6)
    assert price(undated().with_(annual_rate=more)).largest_payment > yuan("860.00")


def test_no_rate_makes_principal_smaller() -> None:
    answer = solve_rate(undated(), yuan("800.00"))

    assert str(answer) == "800.00 does not repay the debt even without interest; that takes 833.37"


def test_a_down_payment_brings_the_installment_down() -> None:
    answer = solve_down_payment(dated(), yuan("500.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("500.00")
    assert answer.terms.down_payment is not None
    assert yuan("4300.00") < answer.terms.down_payment.principal < yuan("4400.00")


def test_no_down_payment_is_asked_where_none_is_needed() -> None:
    answer = solve_down_payment(dated(), yuan("900.00"))

    assert isinstance(answer, Solved)
    assert answer.terms.down_payment is None


def test_the_latest_first_due_date_that_fits() -> None:
    terms = dated(periods=1)
    answer = solve_first_due(terms, yuan("10150.00"), date(2026, 6, 30))

    # 45 days at 12 % / 360 cost exactly 150.00.
    assert isinstance(answer, Solved)
    assert answer.terms.first_due == date(2026, 3, 17)


def test_no_first_due_date_fits_a_payment_below_the_principal() -> None:
    answer = solve_first_due(dated(periods=1), yuan("9999.00"), date(2026, 3, 31))

    # One day at 12 % / 360 costs 3.33.
    assert str(answer) == ("9999.00 fits no first due date; the one that asks least takes 10003.33")


def test_no_amount_is_repaid_by_nothing() -> None:
    answer = solve_amount(undated(), yuan("0.00"))

    assert str(answer) == "0.00 repays no amount; the smallest one takes 0.01"


def test_no_down_payment_makes_nothing_enough() -> None:
    answer = solve_down_payment(dated(), yuan("0.00"))

    assert str(answer) == "0.00 repays no rest after a down payment; the smallest takes 0.01"


def test_a_payment_that_covers_the_interest_may_still_need_more_than_a_hundred_years() -> None:
    answer = solve_periods(undated("100000.00", "0.12"), yuan("1000.01"))

    assert isinstance(answer, Solved)
    answer = solve_periods(undated("10000000.00", "0.001"), yuan("900.00"))
    assert isinstance(answer, NoSolution)
    assert answer.reason == "too_many_periods"
    assert str(answer).startswith("900.00 does not repay the debt in 1200 installments;")


@pytest.mark.parametrize("periods", [1, 2, 5, 12, 60])
def test_solvers_turn_each_other_around(periods: int) -> None:
    """Exact fractions, no code shared: payment -> number -> payment, amount and rate."""
    rate = Fraction(12, 1200)
    exact = 1_000_000 * rate / (1 - (1 + rate) ** -periods)
    payment = CNY.money(-int(-exact // 1))

    by_periods = solve_shortest(undated(), payment + CNY.money(periods))
    by_amount = solve_amount(undated(periods=periods), payment + CNY.money(periods))
    by_rate = solve_rate(undated(periods=periods, rate="0.5"), payment + CNY.money(periods))

    assert isinstance(by_periods, Solved)
    assert by_periods.terms.periods == periods
    assert isinstance(by_amount, Solved)
    assert 1_000_000 <= by_amount.terms.principal.minor <= 1_000_000 + (periods + 1) * periods
    assert isinstance(by_rate, Solved)
    assert Fraction(12, 100) <= by_rate.terms.annual_rate < Fraction(122, 1000)
