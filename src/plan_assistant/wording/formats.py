"""Amounts, shares, dates and widths as people read them, in Chinese and in English.

Integers go in and text comes out: nothing is rounded but the share in `percent`, and no locale is
read from the environment. Babel would cost 30 ms at start-up and 20 microseconds an amount, and its
patterns would be replaced anyway; the tests hold these functions equal to it. Not here: sentences
(`words.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction

from plan_assistant.domain.money import Money, Rounding, round_ratio
from plan_assistant.wording.words import message, words

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPOKEN = {
    "CNY": message("{amount} yuan"),
    "HKD": message("{amount} Hong Kong dollars"),
    "MOP": message("{amount} Macao patacas"),
    "TWD": message("{amount} New Taiwan dollars"),
    "USD": message("{amount} US dollars"),
    "EUR": message("{amount} euros"),
    "GBP": message("{amount} pounds sterling"),
    "JPY": message("{amount} yen"),
    "KRW": message("{amount} won"),
    "SGD": message("{amount} Singapore dollars"),
}


def money(amount: Money, language: str) -> str:
    """Return an amount with all its decimals and no currency: `2,308.99`."""
    del language  # thousands are grouped alike in both languages
    return _decimal(amount.minor, amount.currency.decimals)


def money_with_code(amount: Money, language: str) -> str:
    """Return an amount with its ISO currency code: `CNY 2,308.99`."""
    return f"{amount.currency.code} {money(amount, language)}"


def short_money(amount: Money, language: str) -> str:
    """Return an amount without its decimals where they are all zero: `2,000`, but `2,308.99`."""
    units, rest = divmod(amount.minor, amount.currency.units)
    return f"{units:,}" if rest == 0 else money(amount, language)


def spoken_money(amount: Money, language: str) -> str:
    """Return an amount as it is said aloud, with its currency: `2,000 yuan`, `2,000元`."""
    return _spoken(short_money(amount, language), amount, language)


def spoken_money_in_full(amount: Money, language: str) -> str:
    """Return an amount as it is read for the record: `2,000.00 yuan`, `2,000.00元`."""
    return _spoken(money(amount, language), amount, language)


def percent(value: Fraction, language: str, decimals: int = 2) -> str:
    """Return a share or rate in percent, rounded half up once: `18.00 %`, in Chinese `18.00%`."""
    number = points(value, language, decimals)
    return f"{number}%" if language == "zh" else f"{number} %"


def points(value: Fraction, language: str, decimals: int = 2) -> str:
    """Return a share in percentage points without the sign, rounded half up once: `18.00`."""
    del language
    scaled = round_ratio(
        value.numerator * 10 ** (decimals + 2), value.denominator, Rounding.HALF_UP
    )
    return _decimal(scaled, decimals)


def day(on: date, language: str) -> str:
    """Return a date for a column: `15 Dec 26`, in Chinese `2026-12-15`."""
    if language == "zh":
        return on.isoformat()
    return f"{on.day} {_MONTHS[on.month - 1][:3]} {on.year % 100:02d}"


def long_day(on: date, language: str) -> str:
    """Return a date for a sentence: `15 December 2026`, in Chinese `2026年12月15日`."""
    if language == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock_time(at: datetime, language: str, *, seconds: bool = False) -> str:
    """Return the time of day in the zone that the moment carries: `12:04`."""
    del language
    return at.strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, language: str) -> str:
    """Return day and time in the zone that the moment carries: `15 Dec 26 12:04`."""
    return f"{day(at.date(), language)} {clock_time(at, language)}"


def day_of_month(number: int, language: str) -> str:
    """Return a day of the month as it is said: `15th`, in Chinese `15`."""
    if language == "zh":
        return str(number)
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def weekday(number: int, language: str) -> str:
    """Return a day of the week, Monday is 0: `Friday`, in Chinese `周五`."""
    if language == "zh":
        return f"周{'一二三四五六日'[number]}"
    return _WEEKDAYS[number]


def listed(items: Sequence[str], language: str) -> str:
    """Return several things as one text."""
    return ("、" if language == "zh" else ", ").join(items)


def months(count: int, language: str) -> str:
    """Return a number of months: `24 months`, in Chinese `24个月`."""
    return words(language).plural("{count} month", "{count} months", count)


def days(count: int, language: str) -> str:
    """Return a number of days: `45 days`, in Chinese `45天`."""
    return words(language).plural("{count} day", "{count} days", count)


def payments(count: int, language: str) -> str:
    """Return a number of payments: `24 payments`, in Chinese `24期`."""
    return words(language).plural("{count} payment", "{count} payments", count)


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes: Chinese characters two, combining marks none."""
    return sum(_cells(character) for character in text)


def fit(text_amount: str, width: int) -> str:
    """Return an amount right-aligned in `width` cells, or `#` in every cell when it does not fit.

    A cut amount is a different amount, so money is never cropped.
    """
    used = cell_width(text_amount)
    return " " * (width - used) + text_amount if used <= width else "#" * width


def _spoken(figure: str, amount: Money, language: str) -> str:
    pattern = _SPOKEN.get(amount.currency.code)
    if pattern is None:
        return f"{amount.currency.code} {figure}"
    return words(language)(pattern, amount=figure)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _decimal(scaled: int, decimals: int) -> str:
    whole, rest = divmod(abs(scaled), 10**decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}.{rest:0{decimals}d}" if decimals else f"{sign}{whole:,}"
