"""Money as an integer count of minor units, and the one function that rounds.

Not here: how an amount looks to people (`wording/formats.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import total_ordering

from plan_assistant.domain.errors import InvalidTerms, MixedCurrencies

# ISO 4217 minor units other than two (list one, amendment 177). Codes not listed have two.
_ZERO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"}
    | {"UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
MAX_DECIMALS = 9
"""More than any currency has; ISO 4217 knows up to four."""
_CODE = re.compile(r"[A-Z]{3}")
_TYPED = re.compile(r"([0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5})?(?:\.([0-9]*))?")
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.([0-9]+))?")
_NARROWED = str.maketrans("０１２３４５６７８９．，。", "0123456789.,.")
_TOO_LARGE = re.compile(r"-?[1-9][0-9]{18,}(\.[0-9]+)?")


class Rounding(StrEnum):
    """What happens to the part below one minor unit."""

    HALF_UP = "half_up"
    """Half away from zero."""
    HALF_EVEN = "half_even"
    DOWN = "down"
    """Toward zero."""
    UP = "up"
    """Away from zero."""


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return numerator / denominator as an integer, rounded once and exactly.

    The denominator is positive. Every rounding of the product goes through here (or through the
    vector twin of the same arithmetic), so multiply first and divide here, last.
    """
    quotient, remainder = divmod(abs(numerator), denominator)
    if remainder:
        twice = 2 * remainder
        if rounding is Rounding.HALF_UP:
            quotient += twice >= denominator
        elif rounding is Rounding.HALF_EVEN:
            quotient += twice > denominator or (twice == denominator and quotient % 2 == 1)
        elif rounding is Rounding.UP:
            quotient += 1
    return quotient if numerator >= 0 else -quotient


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Return `value` as an integer, rounded once and exactly."""
    return round_ratio(value.numerator, value.denominator, rounding)


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: its code and the number of decimals of its minor unit."""

    code: str
    decimals: int

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MAX_DECIMALS:
            raise InvalidTerms(
                "currency_decimals", self.decimals, f"a currency has 0 to {MAX_DECIMALS} decimals"
            )

    @classmethod
    def of(cls, code: str) -> Currency:
        """Return the currency with that ISO code; raises ValueError for anything else."""
        if not _CODE.fullmatch(code):
            raise ValueError(f"{code!r} is not a three-letter ISO 4217 code such as CNY")
        return cls(code, 0 if code in _ZERO_DECIMALS else 3 if code in _THREE_DECIMALS else 2)

    @property
    def units(self) -> int:
        """Minor units in one unit, for example 100."""
        return int(10**self.decimals)

    def money(self, minor: int) -> Money:
        """Return an amount of this currency from minor units."""
        return Money(minor, self)

    def parse(self, text: str) -> Money:
        """Read decimal notation with exactly this currency's decimals; raises ValueError."""
        match = _AMOUNT.fullmatch(text)
        if _TOO_LARGE.fullmatch(text):
            raise ValueError(f"{text[:40]!r} is too large: at most 18 digits before the point")
        if match is None:
            raise ValueError(
                f"{text[:40]!r} is not an amount in decimal notation such as {self.example}"
            )
        if len(match.group(3) or "") != self.decimals:
            raise ValueError(
                f"{text[:40]!r} must have exactly {self.decimals} decimals for {self.code}, "
                f"such as {self.example}"
            )
        return Money(int(text.replace(".", "")), self)

    def typed(self, text: str) -> Money:
        """Read an amount as a person types it: `1800`, `1,800.5`; raises ValueError as `parse`.

        Digits may be full-width ones. A comma stands before three digits or is refused: `900,50`
        is no 90,050.
        """
        text = text.translate(_NARROWED).strip()
        match = _TYPED.fullmatch(text)
        whole, decimals = match.groups(default="") if match else ("", "")
        if not (whole or decimals) or len(decimals) > self.decimals:
            return self.parse(text)
        units = int(whole.replace(",", "") or "0")
        return self.money(units * self.units + int(decimals.ljust(self.decimals, "0") or "0"))

    @property
    def example(self) -> str:
        """Return an amount written as files of this currency must write it."""
        return Money(1250 * self.units, self).plain

    @property
    def zero(self) -> Money:
        """Nothing, in this currency."""
        return Money(0, self)


CNY = Currency("CNY", 2)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount: an integer count of minor units of one currency."""

    minor: int
    currency: Currency

    def _same(self, other: Money) -> int:
        if other.currency is not self.currency and other.currency != self.currency:
            raise MixedCurrencies(self.currency.code, other.currency.code)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, factor: Fraction | int, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """Return the amount times an exact factor, rounded once to the minor unit."""
        exact = Fraction(factor) * self.minor
        return Money(round_fraction(exact, rounding), self.currency)

    def share_of(self, whole: Money) -> Fraction:
        """Return this amount as an exact share of `whole`, which is not zero."""
        return Fraction(self.minor, self._same(whole))

    @property
    def plain(self) -> str:
        """Decimal notation with exactly the currency's decimals and no grouping: `-1250.00`."""
        decimals = self.currency.decimals
        digits = str(abs(self.minor)).rjust(decimals + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits

    def __str__(self) -> str:
        """For people: with the code, and digits in threes."""
        whole, point, decimals = self.plain.removeprefix("-").partition(".")
        sign = "-" if self.minor < 0 else ""
        return f"{self.currency.code} {sign}{int(whole):,}{point}{decimals}"


def total(amounts: list[Money] | tuple[Money, ...], currency: Currency) -> Money:
    """Return the sum of amounts of one currency; zero for none."""
    result = currency.zero
    for amount in amounts:
        result = result + amount
    return result
