"""How figures look on paper; babel is only asked for dates and names."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.adapters.documents import figures
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.domain.money import CNY, Currency

ZH, EN = Language.ZH, Language.EN


@pytest.mark.parametrize(
    ("code", "minor", "chinese", "english"),
    [
        ("CNY", 230_899, "人民币2,308.99元", "CNY 2,308.99"),
        ("CNY", 0, "人民币0.00元", "CNY 0.00"),
        ("HKD", 5, "0.05港元", "HKD 0.05"),
        ("JPY", 1_250_000, "1,250,000日元", "JPY 1,250,000"),
        ("KWD", 1_234_567, "1,234.567科威特第纳尔", "KWD 1,234.567"),
    ],
)
def test_amounts_carry_their_currency(code: str, minor: int, chinese: str, english: str) -> None:
    amount = Currency.of(code).money(minor)

    assert figures.amount(amount, ZH) == chinese
    assert figures.amount(amount, EN) == english


@given(st.integers(-(10**13), 10**13), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_grouping_is_that_of_both_locales(minor: int, code: str) -> None:
    amount = Currency.of(code).money(minor)

    for language in (ZH, EN):
        pattern = "#,##0" + (
            "." + "0" * amount.currency.decimals if amount.currency.decimals else ""
        )
        expected = format_decimal(amount.plain, format=pattern, locale=language.locale)
        assert figures.figure(amount) == expected


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0.18", "18.00%"),
        ("0", "0.00%"),
        ("0.1825", "18.25%"),
        ("0.131842", "13.1842%"),
        ("0.00005", "0.005%"),
        ("1/3", "33.3333%"),
        ("0.99999999", "100.00%"),
    ],
)
def test_rates_are_percents_with_two_to_four_decimals(rate: str, text: str) -> None:
    assert figures.percent(Fraction(rate)) == text


def test_dates_and_moments_are_written_in_full() -> None:
    day = date(2026, 12, 5)
    moment = datetime.fromisoformat("2026-11-22T14:05:11+08:00")

    assert figures.day(day, ZH) == "2026年12月5日"
    assert figures.day(day, EN) == "5 December 2026"
    assert figures.moment(moment, ZH) == "2026年11月22日 14:05（UTC+08:00）"
    assert figures.moment(moment, EN) == "22 November 2026, 14:05 (UTC+08:00)"
    assert figures.moment(datetime.fromisoformat("2026-11-22T06:05:00Z"), EN).endswith("(UTC)")


def test_counts_take_their_plural() -> None:
    assert [figures.days(count, EN) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert figures.months(1, EN) == "1 month"
    assert figures.months(6, ZH) == "6个月"


@pytest.mark.parametrize(
    ("number", "ordinal"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一")]
)
def test_clauses_are_counted_in_chinese(number: int, ordinal: str) -> None:
    assert figures.ordinal(number) == ordinal


def test_an_amount_in_words_follows_the_language() -> None:
    assert figures.in_words(CNY.money(100), ZH) == "人民币壹元整"
    assert figures.in_words(CNY.money(100), EN) == "One yuan and 00 fen"
