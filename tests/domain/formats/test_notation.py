"""How files write amounts, rates and dates, and the sentences about other notations."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.formats.notation import (
    LARGEST_MINOR,
    amount_problem,
    currency_problem,
    date_problem,
    exact,
    rate_problem,
    rounded_rate,
    shown,
)
from plan_assistant.domain.money import CNY, Currency

CURRENCIES = st.sampled_from([CNY, Currency.of("JPY"), Currency.of("KWD")])


@given(CURRENCIES, st.integers(0, LARGEST_MINOR))
def test_every_amount_up_to_the_largest_is_right(currency: Currency, minor: int) -> None:
    assert amount_problem(currency.money(minor).plain, currency) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("-12.00", "is negative: amounts owed, earned or paid are never below zero"),
        ("12.345", "has 3 decimals, CNY has exactly 2: write it like 1250.00"),
        ("12", "has no decimals, CNY has exactly 2"),
        ("1e3", "is in scientific notation"),
        ("1E+3", "is in scientific notation"),
        ("NaN", "is not an amount in decimal notation"),
        ("Infinity", "is not an amount in decimal notation"),
        ("１２.００", "has full-width digits or signs: write ordinary digits"),
        ("48，250.00", "has full-width digits or signs"),
        ("٣.٠٠", "is not an amount in decimal notation"),
        ("48,250.00", "has grouping commas"),
        ("007.00", "is not an amount in decimal notation"),
        ("+1.00", "is not an amount in decimal notation"),
        ("1.", "is not an amount in decimal notation"),
        (".50", "is not an amount in decimal notation"),
        ("¥12.00", "is not an amount in decimal notation"),
        (" 12.00", "has spaces around it"),
        ("12.00\n", "has spaces around it"),
        ("", "the amount is empty"),
        ("100000000000.00", "is more than a file may hold (99999999999.99)"),
        ("9" * 9000 + ".00", "is more than a file may hold"),
        ("1." + "0" * 9000, "has 9000 decimals"),
    ],
    ids=lambda value: value[:20],
)
def test_every_other_notation_of_an_amount_gets_its_sentence(text: str, part: str) -> None:
    problem = amount_problem(text, CNY)

    assert problem is not None
    assert part in problem
    assert len(problem) < 150


def test_an_amount_of_an_unknown_currency_is_judged_by_its_notation_only() -> None:
    assert amount_problem("12.345", None) is None
    assert amount_problem("-12.345", None) is not None


def test_a_currency_without_decimals_says_so() -> None:
    problem = amount_problem("1250.00", Currency.of("JPY"))

    assert problem == "“1250.00” has 2 decimals, JPY has none: write it like 1250"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("18%", "is in percent: write a fraction of one, such as 0.1825 for 18.25 %"),
        ("18", "is over 100 % a year"),
        ("-0.1", "is negative"),
        ("０.18", "has full-width digits"),
        (".18", "is not a rate"),
        ("1e-1", "is not a rate"),
        ("NaN", "is not a rate"),
        ("1/0", "is not a rate"),
        ("", "is not a rate"),
    ],
)
def test_every_other_notation_of_a_rate_gets_its_sentence(text: str, part: str) -> None:
    problem = rate_problem(text)

    assert problem is not None
    assert part in problem


@pytest.mark.parametrize("text", ["0", "0.18", "0.1825", "1", "1/3", "0.000000000000000001"])
def test_rates_are_fractions_of_one(text: str) -> None:
    assert rate_problem(text) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("20261120", "is not a date: write year-month-day"),
        ("2026-11-20T00:00:00", "is not a date"),
        ("20/11/2026", "is not a date"),
        ("２０２６-11-20", "is not a date"),
        ("2026-W47-5", "is not a date"),
        ("2026-02-29", "is not a day of the calendar"),
        ("2026-13-01", "is not a day of the calendar"),
        ("0001-01-01", "lies outside the years 1900 to 2199"),
        ("9999-12-31", "lies outside the years 1900 to 2199"),
    ],
)
def test_every_other_notation_of_a_date_gets_its_sentence(text: str, part: str) -> None:
    problem = date_problem(text)

    assert problem is not None
    assert part in problem


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("RMB", "write CNY for renminbi"),
        ("元", "write CNY for renminbi"),
        ("cny", "write the currency in capitals: CNY"),
        ("XYZ", "is not a currency"),
        ("", "is not a currency"),
    ],
)
def test_a_currency_that_is_none_gets_its_sentence(code: str, part: str) -> None:
    problem = currency_problem(code)

    assert problem is not None
    assert part in problem


@given(st.fractions(min_value=-2, max_value=2, max_denominator=10**12))
def test_a_rate_is_written_without_loss(value: Fraction) -> None:
    assert Fraction(exact(value)) == value
    assert Fraction(exact(value, 6)) == value


@given(st.integers(-(10**9), 10**9), st.integers(0, 12))
def test_a_finite_rate_is_written_in_decimals(scaled: int, places: int) -> None:
    value = Fraction(scaled, 10**places)

    written = exact(value, 6)

    assert "/" not in written
    assert len(written.partition(".")[2]) >= 6


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(18, 100), "0.18"),
        (Fraction(0), "0"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 40), "-0.025"),
        (Fraction(1, 3), "1/3"),
        (Fraction(2, 1), "2"),
    ],
)
def test_a_rate_is_written_as_short_as_it_can_be(value: Fraction, written: str) -> None:
    assert exact(value) == written


def test_a_rate_found_by_iteration_is_rounded_half_up_to_six_decimals() -> None:
    assert rounded_rate(Fraction(1318424999999, 10**13)) == "0.131842"
    assert rounded_rate(Fraction(1318425, 10**7)) == "0.131843"
    assert rounded_rate(Fraction(-5, 10**7)) == "-0.000001"
    assert rounded_rate(Fraction(0)) == "0.000000"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("x" * 500, "a text of 500 characters"),
        ("张伟", "a text of 2 characters"),
        ("Chen Wei", "a text of 8 characters"),
        ("138 0013 8000", "a text of 13 characters"),
        (13800138000, "a number too long"),
        ("a\x1b[2J", "“a�[2J”"),
        (True, "true"),
        (None, "null"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
        (10**400, "a number too long"),
        (12, "12"),
    ],
)
def test_a_wrong_value_is_quoted_short_and_safely(value: object, quoted: str) -> None:
    assert shown(value) == quoted


def test_a_rate_with_too_many_decimals_is_told_how_many_it_may_have() -> None:
    problem = rate_problem("0.1825000000000000000001")

    assert problem is not None
    assert problem.endswith("has too many digits: a rate has at most 18 decimals")
