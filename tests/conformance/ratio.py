"""Exact fractions for the second implementation, several times as fast as `fractions.Fraction`.

A `Ratio` is a pair of whole numbers in lowest terms and knows only what the reference needs: the
four operations, comparison, floor and reading a decimal. `tests/conformance/test_ratio.py` holds
it against `Fraction`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import TypeAlias, Union

Number: TypeAlias = Union["Ratio", int]


class Ratio:
    """An exact fraction; never changed after it was made."""

    __slots__ = ("denominator", "numerator")

    numerator: int
    denominator: int

    def __new__(cls, value: Number | str = 0, over: int = 1) -> Ratio:
        if isinstance(value, str):
            return _read(value)
        if over != 1:
            return _lowest(value.numerator, value.denominator * over)
        return value if isinstance(value, Ratio) else _made(value, 1)

    def __add__(self, other: Number) -> Ratio:
        mine, theirs = self.denominator, other.denominator
        if mine == theirs:
            return _lowest(self.numerator + other.numerator, mine)
        return _lowest(self.numerator * theirs + other.numerator * mine, mine * theirs)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Ratio:
        mine, theirs = self.denominator, other.denominator
        if mine == theirs:
            return _lowest(self.numerator - other.numerator, mine)
        return _lowest(self.numerator * theirs - other.numerator * mine, mine * theirs)

    def __rsub__(self, other: int) -> Ratio:
        return _made(other * self.denominator - self.numerator, self.denominator)

    def __mul__(self, other: Number) -> Ratio:
        return _lowest(self.numerator * other.numerator, self.denominator * other.denominator)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Ratio:
        return _lowest(self.numerator * other.denominator, self.denominator * other.numerator)

    def __neg__(self) -> Ratio:
        return _made(-self.numerator, self.denominator)

    def __abs__(self) -> Ratio:
        return self if self.numerator >= 0 else -self

    def __floor__(self) -> int:
        return self.numerator // self.denominator

    def __bool__(self) -> bool:
        return self.numerator != 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Ratio, Fraction, int)):
            return (self.numerator, self.denominator) == (other.numerator, other.denominator)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.numerator, self.denominator))

    def __lt__(self, other: Number) -> bool:
        return self.numerator * other.denominator < other.numerator * self.denominator

    def __le__(self, other: Number) -> bool:
        return self.numerator * other.denominator <= other.numerator * self.denominator

    def __gt__(self, other: Number) -> bool:
        return self.numerator * other.denominator > other.numerator * self.denominator

    def __ge__(self, other: Number) -> bool:
        return self.numerator * other.denominator >= other.numerator * self.denominator

    def __repr__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


def _made(numerator: int, denominator: int) -> Ratio:
    made = object.__new__(Ratio)
    made.numerator, made.denominator = numerator, denominator
    return made


def _lowest(numerator: int, denominator: int) -> Ratio:
    common = gcd(numerator, denominator)
    if denominator <= 0:
        if not denominator:
            raise ZeroDivisionError(f"{numerator} / 0")
        common = -common
    made = object.__new__(Ratio)
    made.numerator, made.denominator = numerator // common, denominator // common
    return made


@lru_cache(maxsize=4096)
def _read(text: str) -> Ratio:
    return _lowest(*Decimal(text).as_integer_ratio())
