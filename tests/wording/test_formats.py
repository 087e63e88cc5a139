"""Amounts, shares and dates: equal to Babel where Babel says the same, exact everywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.money import CNY, Currency, Money
from plan_assistant.wording import formats
from tests.wording.samples import LANGUAGES

_CURRENCIES = [Currency.of(code) for code in ("CNY", "JPY", "KWD", "USD")]


@given(st.integers(-(10**15), 10**15), st.sampled_from(_CURRENCIES), st.sampled_from(LANGUAGES))
def test_an_amount_reads_as_babel_writes_it(minor: int, currency: Currency, language: str) -> None:
    decimals = currency.decimals
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")

    expected = format_decimal(Decimal(minor).scaleb(-decimals), format=pattern, locale=language)

    assert formats.money(Money(minor, currency), language) == expected


@given(st.integers(-(10**15), 10**15), st.sampled_from(_CURRENCIES))
def test_an_amount_can_be_read_back_to_the_minor_unit(minor: int, currency: Currency) -> None:
    text = formats.money(Money(minor, currency), "zh")

    assert int(text.replace(",", "").replace(".", "")) == minor


@given(st.fractions(-10, 10), st.integers(0, 4))
def test_a_percentage_is_rounded_half_up_once(value: Fraction, decimals: int) -> None:
    step = Decimal(1).scaleb(-decimals)
    numerator, denominator = value.numerator * 100, value.denominator
    exact = Decimal(numerator) / Decimal(denominator)
    if (abs(numerator) * 10**decimals * 2) % denominator == 0:
        # At a tie 28 digits of Decimal could fall on either side; the tie itself is decided here.
        twice = abs(numerator) * 10**decimals * 2 // denominator
        exact = Decimal(twice + twice % 2) / 2 * step * (-1 if value < 0 else 1)

    expected = exact.quantize(step, ROUND_HALF_UP)

    shown = formats.percent(value, "zh", decimals)
    assert Decimal(shown.removesuffix("%").replace(",", "")) == expected


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (Fraction(18, 100), "en", "18.00 %"),
        (Fraction(18, 100), "zh", "18.00%"),
        (Fraction(2, 3), "zh", "66.67%"),
        (Fraction(5, 100_000), "en", "0.01 %"),
        (Fraction(-5, 100_000), "en", "-0.01 %"),
        (Fraction(0), "zh", "0.00%"),
    ],
)
def test_percentages_follow_the_language(value: Fraction, language: str, shown: str) -> None:
    assert formats.percent(value, language) == shown


def test_percentages_take_other_decimals() -> None:
    assert formats.percent(Fraction(68, 100), "en", decimals=0) == "68 %"
    assert formats.points(Fraction(3, 1000), "zh", decimals=1) == "0.3"


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_dates_read_as_babel_writes_them(on: date) -> None:
    assert formats.day(on, "en") == format_date(on, "d MMM yy", locale="en")
    assert formats.day(on, "zh") == format_date(on, "yyyy-MM-dd", locale="zh")
    assert formats.long_day(on, "en") == format_date(on, "d MMMM y", locale="en")
    assert formats.long_day(on, "zh") == format_date(on, "long", locale="zh")


def test_a_moment_keeps_the_zone_it_carries() -> None:
    shanghai = timezone(timedelta(hours=8))
    at = datetime(2026, 12, 15, 4, 5, 6, tzinfo=UTC).astimezone(shanghai)

    assert formats.moment(at, "en") == "15 Dec 26 12:05"
    assert formats.moment(at, "zh") == "2026-12-15 12:05"
    assert formats.clock_time(at, "zh") == "12:05"
    assert formats.clock_time(at, "en", seconds=True) == "12:05:06"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (22, "22nd"), (23, "23rd"), (28, "28th"), (30, "30th"), (31, "31st")],
    ],
)
def test_a_day_of_the_month_is_an_ordinal_in_english(number: int, shown: str) -> None:
    assert formats.day_of_month(number, "en") == shown
    assert formats.day_of_month(number, "zh") == str(number)


def test_counts_know_one_from_many() -> None:
    assert [formats.months(count, "en") for count in (1, 24)] == ["1 month", "24 months"]
    assert [formats.days(count, "en") for count in (1, 1324)] == ["1 day", "1,324 days"]
    assert [formats.payments(count, "en") for count in (1, 2)] == ["1 payment", "2 payments"]
    assert [formats.months(3, "zh"), formats.days(1, "zh")] == ["3个月", "1天"]
    assert formats.payments(24, "zh") == "24期"


@pytest.mark.parametrize(
    ("code", "minor", "english", "chinese"),
    [
        ("CNY", 230899, "2,308.99 yuan", "2,308.99元"),
        ("CNY", 200000, "2,000 yuan", "2,000元"),
        ("HKD", 150, "1.50 Hong Kong dollars", "1.50港元"),
        ("JPY", 12345, "12,345 yen", "12,345日元"),
        ("CHF", 100, "CHF 1", "CHF 1"),
    ],
)
def test_spoken_amounts_name_their_currency(
    code: str, minor: int, english: str, chinese: str
) -> None:
    amount = Money(minor, Currency.of(code))

    assert formats.spoken_money(amount, "en") == english
    assert formats.spoken_money(amount, "zh") == chinese


def test_an_amount_read_for_the_record_keeps_its_decimals() -> None:
    assert formats.spoken_money_in_full(CNY.parse("2000.00"), "en") == "2,000.00 yuan"
    assert formats.spoken_money_in_full(CNY.parse("2000.00"), "zh") == "2,000.00元"
    assert formats.short_money(CNY.parse("-2000.00"), "en") == "-2,000"
    assert formats.short_money(CNY.parse("-2000.50"), "en") == "-2,000.50"
    assert formats.money_with_code(CNY.parse("2000.00"), "zh") == "CNY 2,000.00"


@given(st.integers(0, 10**15), st.integers(1, 20))
def test_an_amount_is_never_cropped(minor: int, width: int) -> None:
    text = formats.money(Money(minor, CNY), "en")

    shown = formats.fit(text, width)

    assert formats.cell_width(shown) == width
    assert shown.strip() == text or set(shown) == {"#"}


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("月供", 4), ("（1）", 5), ("é", 1), ("e\u0301", 1), ("", 0), ("２", 2)],
)
def test_width_is_measured_in_cells(text: str, cells: int) -> None:
    assert formats.cell_width(text) == cells
