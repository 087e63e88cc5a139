from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.ratio import Ratio

WHOLE = st.integers(-(10**30), 10**30)
FRACTIONS = st.fractions() | st.builds(Fraction, WHOLE, WHOLE.filter(bool))
OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


def ratio(value: Fraction) -> Ratio:
    return Ratio(value.numerator, value.denominator)


def pair(value: Any) -> tuple[int, int]:
    return value.numerator, value.denominator


@pytest.mark.parametrize("operation", OPERATIONS)
@given(left=FRACTIONS, right=FRACTIONS)
def test_operations_give_what_fractions_give(
    operation: Callable[[Any, Any], Any], left: Fraction, right: Fraction
) -> None:
    right = right or Fraction(1)

    assert pair(operation(ratio(left), ratio(right))) == pair(operation(left, right))


@pytest.mark.parametrize("operation", OPERATIONS)
@given(left=FRACTIONS, right=WHOLE)
def test_whole_numbers_mix_with_ratios(
    operation: Callable[[Any, Any], Any], left: Fraction, right: int
) -> None:
    right = right or 1

    assert pair(operation(ratio(left), right)) == pair(operation(left, right))
    if operation is not operator.truediv:
        assert pair(operation(right, ratio(left))) == pair(operation(right, left))


@pytest.mark.parametrize("compared", COMPARISONS)
@given(left=FRACTIONS, right=FRACTIONS | WHOLE)
def test_comparisons_say_what_fractions_say(
    compared: Callable[[Any, Any], bool], left: Fraction, right: Fraction | int
) -> None:
    other = right if isinstance(right, int) else ratio(right)

    assert compared(ratio(left), other) is compared(left, right)
    assert compared(ratio(left), ratio(left)) is compared(left, left)


@given(FRACTIONS)
def test_a_ratio_is_floored_turned_and_told_from_zero_like_a_fraction(value: Fraction) -> None:
    assert floor(ratio(value)) == floor(value)
    assert pair(-ratio(value)) == pair(-value)
    assert pair(abs(ratio(value))) == pair(abs(value))
    assert bool(ratio(value)) is bool(value)
    assert ratio(value) == value
    assert value == ratio(value)
    assert hash(ratio(value)) == hash(ratio(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_ratio_is_read_from_a_decimal(value: object) -> None:
    assert pair(Ratio(str(value))) == pair(Fraction(str(value)))


def test_nothing_is_divided_by_zero() -> None:
    for numerator in (-1, 0, 1):
        with pytest.raises(ZeroDivisionError):
            Ratio(numerator, 0)
        with pytest.raises(ZeroDivisionError):
            Ratio(numerator) / 0
