"""Rates as arrays: the interest of `money.round_ratio`, whatever bits a product needs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plan_assistant.domain.money import Rounding, round_ratio
from plan_assistant.domain.schedule.vector_rates import Rates, joined_rates, rounded_quotient

_RATES = st.one_of(
    st.fractions(0, 1, max_denominator=10_000),
    st.fractions(0, 100, max_denominator=10**18),
    st.decimals(0, 1, places=18).map(Fraction),
)
_AMOUNTS = st.one_of(st.integers(0, 10**8), st.integers(0, 2**50))


def _interest(rates: list[Fraction], amounts: list[int], rounding: Rounding) -> list[int]:
    return [
        round_ratio(amount * rate.numerator, rate.denominator, rounding)
        for rate, amount in zip(rates, amounts, strict=True)
    ]


@given(st.lists(st.tuples(_RATES, _AMOUNTS), min_size=1, max_size=8), st.sampled_from(Rounding))
def test_interest_is_that_of_exact_integers(
    pairs: list[tuple[Fraction, int]], rounding: Rounding
) -> None:
    rates, amounts = [rate for rate, _ in pairs], [amount for _, amount in pairs]

    found = Rates.of(rates).interest_on(np.array(amounts, dtype=np.int64), rounding)

    assert found.dtype == np.int64
    assert found.tolist() == _interest(rates, amounts, rounding)


@example([Fraction(6858710500685871, 2 * 10**18), Fraction(1, 3)], [Fraction(1, 2**62)])
@given(st.lists(_RATES, min_size=1, max_size=4), st.lists(_RATES, min_size=1, max_size=4))
def test_rates_picked_from_others_still_give_whole_numbers(
    picked: list[Fraction], others: list[Fraction]
) -> None:
    rates = Rates.of([*picked, *others])[np.arange(len(picked))]

    found = rates.interest_on(np.ones(len(picked), dtype=np.int64), Rounding.HALF_UP)

    assert found.dtype == np.int64
    assert found.tolist() == _interest(picked, [1] * len(picked), Rounding.HALF_UP)


@example([[Fraction(814112375, 37037037037037037)]])
@given(st.lists(st.lists(_RATES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_rates_joined_stay_the_same_quotients(parts: list[list[Fraction]]) -> None:
    joined = joined_rates([Rates.of(part) for part in parts])

    every = [rate for part in parts for rate in part]
    found = zip(joined.numerator.tolist(), joined.denominator.tolist(), strict=True)
    assert [Fraction(up, down) for up, down in found] == every
    assert joined.floats.tolist() == [rate.numerator / rate.denominator for rate in every]


@example([Fraction("0.018014398509481981")])
@given(st.lists(_RATES, min_size=1, max_size=6))
def test_floats_are_the_nearest_ones(rates: list[Fraction]) -> None:
    assert Rates.of(rates).floats.tolist() == [float(rate) for rate in rates]


@given(
    st.lists(st.integers(0, 2**61), min_size=1, max_size=6),
    st.integers(1, 2**40),
    st.sampled_from(Rounding),
)
def test_one_divisor_and_many_alike_round_the_same(
    scaled: list[int], divisor: int, rounding: Rounding
) -> None:
    amounts = np.array(scaled, dtype=np.int64)
    many = np.full(len(scaled), divisor, dtype=np.int64)

    by_one = rounded_quotient(amounts, divisor, rounding).tolist()

    assert by_one == rounded_quotient(amounts, many, rounding).tolist()
    assert by_one == [round_ratio(amount, divisor, rounding) for amount in scaled]


@pytest.mark.parametrize("rounding", list(Rounding))
def test_the_largest_safe_amount_is_where_products_leave_62_bits(rounding: Rounding) -> None:
    rates = [Fraction(123_456_789, 10**9)]
    safe = Rates.of(rates).largest_safe_balance

    for amount in (safe, safe + 1, 2**50):
        found = Rates.of(rates).interest_on(np.array([amount]), rounding)
        assert found.tolist() == _interest(rates, [amount], rounding)
    assert safe * rates[0].numerator + rates[0].denominator <= 2**62
