"""Exact rates as arrays: quotients of whole numbers, and what they make of amounts, to the unit.

Products of an amount and a rate are formed in 64 bits where they are shown to fit, and in Python's
own integers elsewhere: a rate of eighteen decimals is slow here and never wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.vector_figures import EXACT_FLOAT, Floats, Int64s

_LIMIT = 2**62
_COMMON = 2**20
"""Rates share a denominator up to here: dividing by one number is far cheaper than by many."""


@dataclass(frozen=True)
class Rates:
    """Exact quotients, an entry each: numerator / denominator, none of them negative.

    The entries are 64-bit integers, or Python's own where one of them needs more bits.
    """

    numerator: NDArray[Any]
    denominator: NDArray[Any]

    @classmethod
    def of(cls, rates: Sequence[Fraction]) -> Rates:
        """Return exact rates as arrays, over one denominator where that is a small one."""
        common = lcm(*(rate.denominator for rate in rates))
        if common <= _COMMON:
            return cls(
                _whole([rate.numerator * (common // rate.denominator) for rate in rates]),
                _whole([common] * len(rates)),
            )
        return cls(
            _whole([rate.numerator for rate in rates]), _whole([rate.denominator for rate in rates])
        )

    def __getitem__(self, index: Int64s) -> Rates:
        return Rates(self.numerator[index], self.denominator[index])

    @cached_property
    def floats(self) -> Floats:
        """The rates as binary fractions, each the nearest one."""
        up, down = self.numerator, self.denominator
        if max(up.max(initial=0), down.max(initial=0)) > EXACT_FLOAT:
            # Only Python's own integers are divided without being rounded first.
            up, down = up.astype(object), down.astype(object)
        quotients: Floats = np.asarray(up / down, dtype=np.float64)
        return quotients

    def interest_on(self, balance: Int64s, rounding: Rounding) -> Int64s:
        """Return amounts x rates, rounded; no amount is negative."""
        if self._fits(balance):
            return rounded_quotient(balance * self.numerator, self.divisor, rounding)
        scaled = balance.astype(object) * self.numerator
        exact = rounded_quotient(scaled, self.denominator.astype(object), rounding)
        # Beyond 62 bits are only plans whose payment lies below the interest: they are refused.
        interest: Int64s = np.clip(exact, -_LIMIT, _LIMIT).astype(np.int64)
        return interest

    def part_of(self, amount: Int64s) -> Int64s:
        """Return amounts x shares, cut down to the unit."""
        return self.interest_on(amount, Rounding.DOWN)

    def _fits(self, balance: Int64s) -> bool:
        return int(balance.max(initial=0)) <= self.largest_safe_balance

    @cached_property
    def largest_safe_balance(self) -> int:
        """The amount up to which no product leaves 62 bits; -1 where a rate itself does."""
        if any(part.dtype == object for part in (self.numerator, self.denominator)):
            return -1
        most = max(int(self.numerator.max(initial=1)), 1)
        return (_LIMIT // 2 - int(self.denominator.max(initial=1))) // most

    @cached_property
    def divisor(self) -> Int64s | int:
        """The denominator all entries share, or all of them."""
        first = int(self.denominator.flat[0]) if self.denominator.size else 1
        return first if (self.denominator == first).all() else self.denominator


def joined_rates(parts: Sequence[Rates]) -> Rates:
    """Return several rates one after the other, over one denominator where that is a small one."""
    divisors = [part.divisor for part in parts]
    common = lcm(*(divisor for divisor in divisors if isinstance(divisor, int)))
    numerators = [part.numerator for part in parts]
    if all(isinstance(divisor, int) for divisor in divisors) and common <= _COMMON:
        numerators = [
            numerator * (common // int(divisor))
            for numerator, divisor in zip(numerators, divisors, strict=True)
        ]
        numerator = np.concatenate(numerators)
        return Rates(numerator, np.full(len(numerator), common))
    return Rates(np.concatenate(numerators), np.concatenate([part.denominator for part in parts]))


def _whole(numbers: list[int]) -> NDArray[Any]:
    """Return whole numbers in 64 bits, or as Python's own where one of them needs more."""
    is_large = max(numbers, default=0) >= _LIMIT
    return np.array(numbers, dtype=object if is_large else np.int64)


def rounded_quotient(
    scaled: NDArray[Any], divisor: NDArray[Any] | int, rounding: Rounding
) -> Int64s:
    """Return scaled / divisor rounded as `money.round_ratio` does; nothing is negative.

    Half up needs one division: for whole numbers floor(s/d + 1/2) = floor((s + floor(d/2)) / d).
    """
    rounded: Int64s
    if rounding is Rounding.DOWN:
        rounded = scaled // divisor
    elif rounding is Rounding.UP:
        rounded = (scaled + (divisor - 1)) // divisor
    elif rounding is Rounding.HALF_UP:
        rounded = (scaled + divisor // 2) // divisor
    else:
        whole = scaled // divisor
        twice = 2 * (scaled - whole * divisor)
        rounded = whole + ((twice > divisor) | ((twice == divisor) & ((whole & 1) == 1)))
    return rounded
