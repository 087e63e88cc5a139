"""How amounts, rates, dates and counts look on paper, in Chinese and in English.

Every figure is formatted here, once; the page only lays it out. Not here: figures on a screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.numbers import get_currency_name

from plan_assistant.domain.money import Money, Rounding, round_fraction
from plan_assistant.wording.capitals import chinese_capitals, english_words

_PERCENT_DECIMALS = 4
_SHORTEST_PERCENT = 2


class Language(StrEnum):
    """The languages of the paper."""

    ZH = "zh"
    EN = "en"

    @property
    def locale(self) -> Locale:
        """The locale that formats this language."""
        return _LOCALES[self]

    @property
    def region(self) -> str:
        """The region whose typographic rules apply."""
        return "CN" if self is Language.ZH else "US"


_LOCALES = {Language.ZH: Locale.parse("zh_CN"), Language.EN: Locale.parse("en")}


def figure(amount: Money) -> str:
    """Return the amount without its currency, grouped; the same in both languages."""
    whole, point, decimals = amount.plain.partition(".")
    sign = "-" if amount.minor < 0 else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{decimals}"


def amount(value: Money, language: Language) -> str:
    """Return the amount with its currency: 人民币2,308.99元, CNY 2,308.99."""
    code = value.currency.code
    if language is Language.EN:
        return f"{code} {figure(value)}"
    if code == "CNY":
        return f"人民币{figure(value)}元"
    return f"{figure(value)}{currency_name(code, language)}"


def in_words(value: Money, language: Language) -> str:
    """Return the amount in Chinese capitals or English words."""
    return chinese_capitals(value) if language is Language.ZH else english_words(value)


@lru_cache(maxsize=64)
def currency_name(code: str, language: Language) -> str:
    """Return what the currency is called in running text: 人民币, Chinese yuan."""
    return str(get_currency_name(code, count=1, locale=language.locale))


def day(value: date, language: Language) -> str:
    """Return a date in full: 2026年12月15日, 15 December 2026."""
    style = "long" if language is Language.ZH else "d MMMM y"
    return str(format_date(value, style, locale=language.locale))


def moment(value: datetime, language: Language) -> str:
    """Return a moment to the minute with its time zone, as it was recorded."""
    clock = format_time(value, "HH:mm", locale=language.locale)
    zone = f"UTC{value.isoformat()[-6:]}" if value.utcoffset() else "UTC"
    if language is Language.ZH:
        return f"{day(value, language)} {clock}（{zone}）"
    return f"{day(value, language)}, {clock} ({zone})"


def percent(rate: Fraction) -> str:
    """Return a rate in percent with two to four decimals, more being rounded half up."""
    scaled = round_fraction(rate * 10 ** (_PERCENT_DECIMALS + 2), Rounding.HALF_UP)
    digits = str(scaled).rjust(_PERCENT_DECIMALS + 1, "0")
    whole, decimals = digits[:-_PERCENT_DECIMALS], digits[-_PERCENT_DECIMALS:]
    return f"{whole}.{decimals.rstrip('0').ljust(_SHORTEST_PERCENT, '0')}%"


def days(count: int, language: Language) -> str:
    """Return a number of days."""
    return f"{count}天" if language is Language.ZH else f"{count} day{'s' * (count != 1)}"


def months(count: int, language: Language) -> str:
    """Return a number of months."""
    return f"{count}个月" if language is Language.ZH else f"{count} month{'s' * (count != 1)}"


def listed(items: Sequence[str], language: Language) -> str:
    """Return several things as one text."""
    return ("、" if language is Language.ZH else "; ").join(items)


def sentences(items: Sequence[str], language: Language) -> str:
    """Return several clauses of a sentence as one text."""
    return ("；" if language is Language.ZH else "; ").join(items)


def ordinal(number: int) -> str:
    """Return a number from 1 to 99 as Chinese clauses count: 一, 十, 二十三."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    head = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones else "")
