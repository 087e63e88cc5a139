"""The comparison rule of golden-case/2: round half up to the decimals shown, then compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plan_assistant.domain.money import Rounding, round_fraction


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expected value that was not met."""

    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.field} expected {self.expected} got {self.got}"


def compare(field: str, expected: Any, got: Any, tolerance: Fraction) -> Iterator[Mismatch]:
    """Yield every difference between an expected value and a computed one.

    Mappings compare the keys they name, lists their length and order, strings of digits as numbers;
    null is not compared.
    """
    if expected is None:
        return
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            yield from compare(f"{field}.{key}", value, _member(got, key), tolerance)
        return
    if isinstance(expected, list):
        if not isinstance(got, Sequence) or len(got) != len(expected):
            count = len(got) if isinstance(got, Sequence) else got
            yield Mismatch(f"{field}.length", str(len(expected)), str(count))
            return
        for index, (value, computed) in enumerate(zip(expected, got, strict=True)):
            yield from compare(f"{field}[{index}]", value, computed, tolerance)
        return
    yield from _compare_value(field, expected, got, tolerance)


def _member(got: Any, key: str) -> Any:
    return got.get(key) if isinstance(got, Mapping) else None


def _compare_value(field: str, expected: Any, got: Any, tolerance: Fraction) -> Iterator[Mismatch]:
    if isinstance(expected, str) and isinstance(got, (int, Fraction)) and not isinstance(got, bool):
        decimals = len(expected.partition(".")[2])
        shown = Fraction(
            round_fraction(Fraction(got) * 10**decimals, Rounding.HALF_UP), 10**decimals
        )
        if abs(shown - Fraction(expected)) > tolerance:
            yield Mismatch(field, expected, as_decimal(shown, decimals))
    elif got is None or type(expected) is not type(got) or expected != got:
        yield Mismatch(field, str(expected), "nothing" if got is None else str(got))


def as_decimal(value: Fraction, decimals: int) -> str:
    """Return an exact decimal in plain notation."""
    minor = round_fraction(value * 10**decimals, Rounding.HALF_UP)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits
