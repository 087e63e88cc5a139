"""Amounts in words: Chinese capitals (人民币大写) and English, from integer minor units.

Not here: amounts in digits. House style of the capitals, within the rules for filling in bills
(正确填写票据和结算凭证的基本规定): every run of zeros between two figures is written once as 零,
角 and 分 included; an amount that does not end in 分 is closed with 整; 万亿 instead of 兆;
the yuan has its name in front (人民币), other currencies have theirs as the unit (港元, 日元).
"""

from __future__ import annotations

from functools import lru_cache

from babel.numbers import get_currency_name

from plan_assistant.domain.money import Money

LARGEST_UNITS = 10**16 - 1
"""The largest whole amount that can be written: 9999 万亿 of the currency's unit."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
# Currencies whose hundredth is said 分 and whose tenth is said 角 in Chinese.
_WITH_JIAO = frozenset({"CNY", "HKD", "MOP", "TWD", "USD", "CAD", "AUD", "NZD", "SGD", "EUR"})
_CENTS = frozenset({"HKD", "TWD", "USD", "CAD", "AUD", "NZD", "SGD", "EUR"})

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")


def chinese_capitals(amount: Money) -> str:
    """Return the amount in Chinese capital numerals, for example 人民币肆万捌仟贰佰伍拾元整.

    Raises ValueError for a negative amount and for more than `LARGEST_UNITS`.
    """
    units, rest = _split(amount)
    code = amount.currency.code
    prefix, unit = ("人民币", "元") if code == "CNY" else ("", _currency_name(code, "zh_CN"))
    if code in _WITH_JIAO:
        nothing = "" if code == "CNY" and rest else f"零{unit}"
        whole = f"{_capital_number(units)}{unit}" if units else nothing
        return prefix + whole + _jiao_and_fen(units, rest)
    if rest == 0:
        return f"{prefix}{_capital_number(units) or '零'}{unit}整"
    digits = str(rest).rjust(amount.currency.decimals, "0")
    spoken = "".join(_DIGITS[int(digit)] for digit in digits)
    return f"{prefix}{_capital_number(units) or '零'}点{spoken}{unit}"


def english_words(amount: Money) -> str:
    """Return the amount in English, for example "Two yuan and 05 fen".

    The fraction stays in digits, as on a check; currencies whose fraction has no everyday name get
    it as a quotient ("and 345/1000"). Raises ValueError as `chinese_capitals` does.
    """
    units, rest = _split(amount)
    currency = amount.currency
    name = "yuan" if currency.code == "CNY" else _currency_name(currency.code, "en", count=units)
    words = f"{_english_number(units)} {name}"
    words = words[0].upper() + words[1:]
    if currency.decimals == 0:
        return words
    digits = str(rest).rjust(currency.decimals, "0")
    if currency.code == "CNY":
        return f"{words} and {digits} fen"
    if currency.code in _CENTS:
        return f"{words} and {digits} cents"
    return f"{words} and {digits}/{currency.units}"


def _split(amount: Money) -> tuple[int, int]:
    """Return whole units and the minor units left over; refuse what cannot be written."""
    if amount.minor < 0:
        raise ValueError(
            f"{amount} is negative; only an amount of zero or more is written in words"
        )
    units, rest = divmod(amount.minor, amount.currency.units)
    if units > LARGEST_UNITS:
        raise ValueError(
            f"{amount} is too large to be written in words; the limit is {LARGEST_UNITS}"
        )
    return units, rest


@lru_cache(maxsize=64)
def _currency_name(code: str, locale: str, count: int | None = None) -> str:
    """Return what the currency is called; an unknown code is called by its code."""
    plural = None if count is None else 1 if count == 1 else 2
    return str(get_currency_name(code, count=plural, locale=locale))


def _capital_number(number: int) -> str:
    """Return a whole number below 10**16 in capitals; the empty string for zero."""
    text = str(number)
    written: list[str] = []
    is_zero_owed = False
    for index, figure in enumerate(text):
        position = len(text) - 1 - index
        if figure == "0":
            is_zero_owed = bool(written)
        else:
            if is_zero_owed:
                written.append("零")
                is_zero_owed = False
            written.append(_DIGITS[int(figure)] + _PLACES[position % 4])
        group = number // 10**position % 10**4
        if position % 8 == 4 and group:
            written.append("万")
        elif position == 8:
            written.append("亿")
    return "".join(written)


def _jiao_and_fen(units: int, rest: int) -> str:
    """Return the two figures after the point as 角 and 分, or the 整 that closes the amount."""
    if not rest:
        return "整"
    jiao, fen = divmod(rest, 10)
    # A zero on either side of the point belongs to the same run and is written once.
    text = "零" if units and (units % 10 == 0 or jiao == 0) else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    return f"{text}{_DIGITS[fen]}分" if fen else f"{text}整"


def _english_number(number: int) -> str:
    if number == 0:
        return _ONES[0]
    groups: list[str] = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(f"{_below_thousand(group)} {scale}".rstrip())
    return " ".join(reversed(groups))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest >= 10:
        words.append(_TEENS[rest - 10])
    elif rest:
        words.append(_ONES[rest])
    return " ".join(words)
