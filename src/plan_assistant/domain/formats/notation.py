"""How files write exact values: amounts, rates, dates, currencies; what is wrong with other texts.

Each `*_problem` function returns a sentence that names the way out, or None when the text is right.
Not here: the fields of a format.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from fractions import Fraction

from plan_assistant.domain.calendar import year_problem
from plan_assistant.domain.money import CNY, Currency, Rounding, round_fraction
from plan_assistant.domain.text import clean

LARGEST_MINOR = 10**13 - 1
"""The largest amount a file may hold, in minor units (99,999,999,999.99 yuan).

It keeps amount x rate in parts per million within 64 bits, which the vector arithmetic relies on.
"""
RATE_DECIMALS = 6
"""Decimals of a rate in a record; more only where the rate has more."""

_SHOWN = 24
_LONGEST_NUMBER = 9
"""Digits in a row that are quoted; a telephone number has more."""
_LONG_NUMBER = re.compile(r"[0-9]{10}")
_WORDS = re.compile(r"[A-Za-z]{2}[^0-9A-Za-z]*\s+[A-Za-z]{2}")
_LONGEST_WHOLE = len(str(LARGEST_MINOR))
_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RATE = re.compile(r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,18})?")
_LONG_RATE = re.compile(r"(0|[1-9][0-9]{0,5})\.[0-9]{19,200}")
_QUOTIENT = re.compile(r"(0|[1-9][0-9]{0,59})/([1-9][0-9]{0,59})")

# ISO 4217, active codes of money that people borrow (list one; funds and metals left out).
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
ISO_CURRENCIES = frozenset(_CODES.split())


def shown(value: object) -> str:
    """Return a short, safe quotation of a wrong value for a sentence; a long one is cut.

    What may be a name, an address, a telephone or identity number that slipped into another field
    is told by its length only: sentences about files end up in logs.
    """
    match value:
        case str():
            cut = f"“{clean(value, _SHOWN)}”"
            told = f"a text of {len(value)} characters" if may_identify(value) else cut
        case bool():
            told = "true" if value else "false"
        case list():
            told = "a list"
        case dict():
            told = "an object"
        case None:
            told = "null"
        case int() | float() if 10**_LONGEST_NUMBER <= abs(value) != math.inf:
            told = "a number too long"
        case _:
            told = clean(str(value), _SHOWN)
    return told


def may_identify(text: str) -> bool:
    """Say whether a text may be about a person: words, letters beyond ASCII, a long row of digits.

    >>> [may_identify(text) for text in ("1,250.00", "２０２６", "cn-card", "2026-02-30")]
    [False, False, False, False]
    >>> [may_identify(text) for text in ("张伟", "Chen Wei", "138 0013 8000", "x" * 30)]
    [True, True, True, True]
    """
    plain = unicodedata.normalize("NFKC", text)
    has_letters = any(not sign.isascii() and sign.isalpha() for sign in plain)
    digits = re.sub(r"[\s()+-]", "", plain)
    return (
        has_letters
        or len(plain) > _SHOWN
        or _WORDS.search(plain) is not None
        or _LONG_NUMBER.search(digits) is not None
    )


def currency_problem(code: str) -> str | None:
    """Say what is wrong with a currency code."""
    if code in ISO_CURRENCIES:
        return None
    if code in {"RMB", "CNH", "￥", "¥", "元", "人民币"}:
        return f"{shown(code)} is not an ISO 4217 code: write CNY for renminbi"
    if code.upper() in ISO_CURRENCIES:
        return f"write the currency in capitals: {code.upper()}"
    return f"{shown(code)} is not a currency: write its three-letter ISO 4217 code such as CNY"


def known_currency(value: object) -> Currency | None:
    """Return the currency of that code, or None where the value is not one."""
    return Currency.of(value) if isinstance(value, str) and value in ISO_CURRENCIES else None


# Notations people use by habit, each with the sentence that leads to ours.
_OTHER_AMOUNTS = (
    (r"", "the amount is empty: write it in decimal notation, such as {example}"),
    (r"\s.*|.*\s", "{text} has spaces around it: write the amount alone, such as {example}"),
    (r"-[0-9].*", "{text} is negative: amounts owed, earned or paid are never below zero"),
    (
        r"[0-9.]+[eE][-+]?[0-9]+",
        "{text} is in scientific notation: write the amount out, such as {example}",
    ),
    (
        r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?",
        "{text} has grouping commas: write the amount without them, such as {example}",
    ),
    (
        r".*[！-～。].*",
        "{text} has full-width digits or signs: write ordinary digits, such as {example}",
    ),
)
_OTHER_RATES = (
    (r".*[%％‰]", "{text} is in percent: write a fraction of one, such as {example} for 18.25 %"),
    (r"-[0-9].*", "{text} is negative: a rate is never below zero"),
    (
        r".*[！-～。].*",
        "{text} has full-width digits or signs: write ordinary digits, such as {example}",
    ),
)


def _habit(text: str, habits: tuple[tuple[str, str], ...], example: str) -> str | None:
    return next(
        (
            sentence.format(text=shown(text), example=example)
            for pattern, sentence in habits
            if re.fullmatch(pattern, text, re.DOTALL)
        ),
        None,
    )


def amount_problem(text: str, currency: Currency | None) -> str | None:
    """Say what is wrong with an amount; decimals are only judged where the currency is known."""
    judged = currency or CNY
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return _habit(text, _OTHER_AMOUNTS, judged.example) or (
            f"{shown(text)} is not an amount in decimal notation, such as {judged.example}"
        )
    decimals = len(match.group(2) or "")
    if currency is not None and decimals != currency.decimals:
        wanted = f"exactly {currency.decimals}" if currency.decimals else "none"
        if decimals == 1:
            return (
                f"{shown(text)} has one decimal, {currency.code} has {wanted}: write it like"
                f" {currency.example}"
            )
        return (
            f"{shown(text)} has {decimals or 'no'} decimals, {currency.code} has {wanted}: "
            f"write it like {currency.example}"
        )
    is_known = currency is not None and len(text) < 2 * _LONGEST_WHOLE
    if len(match.group(1)) > _LONGEST_WHOLE or (
        is_known and int(text.replace(".", "")) > LARGEST_MINOR
    ):
        most = judged.money(LARGEST_MINOR).plain
        return f"{shown(text)} is more than a file may hold ({most}): check the digits"
    return None


def rate_problem(text: str) -> str | None:
    """Say what is wrong with a rate a year: a fraction of one, in decimals or as a quotient."""
    if _LONG_RATE.fullmatch(text):
        return f"{shown(text)} has too many digits: a rate has at most 18 decimals"
    if not _RATE.fullmatch(text) and not _QUOTIENT.fullmatch(text):
        return _habit(text, _OTHER_RATES, "0.1825") or (
            f"{shown(text)} is not a rate: write a fraction of one, such as 0.1825 for 18.25 %"
        )
    if Fraction(text) > 1:
        return f"{shown(text)} is over 100 % a year: write 18.25 % as 0.1825"
    return None


def date_problem(text: str) -> str | None:
    """Say what is wrong with a date."""
    if not _ISO_DATE.fullmatch(text):
        return f"{shown(text)} is not a date: write year-month-day, such as 2026-11-20"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return f"{text} is not a day of the calendar: check month and day"
    return year_problem(day)


def exact(value: Fraction, decimals: int = 0) -> str:
    """Return a rate or share without loss: decimal notation with at least `decimals` decimals.

    A value without a finite decimal notation is written as a quotient, `1/3`.
    """
    places = 0
    rest = value.denominator
    while rest % 10 == 0:
        rest //= 10
        places += 1
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places += count
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return _decimal(value, max(places, decimals))


def rounded_rate(value: Fraction) -> str:
    """Return a rate that was computed by iteration with six decimals, rounded half up."""
    scaled = round_fraction(value * 10**RATE_DECIMALS, Rounding.HALF_UP)
    return _decimal(Fraction(scaled, 10**RATE_DECIMALS), RATE_DECIMALS)


def _decimal(value: Fraction, places: int) -> str:
    scaled = value * 10**places
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits
