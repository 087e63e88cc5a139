"""Money: exact notation, exact rounding, one currency at a time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms, MixedCurrencies
from plan_assistant.domain.money import (
    CNY,
    Currency,
    Money,
    Rounding,
    round_fraction,
    round_ratio,
    total,
)

YEN = Currency.of("JPY")
DINAR = Currency.of("KWD")
CURRENCIES = st.sampled_from([YEN, CNY, DINAR])
MINOR = st.integers(-(10**17) + 1, 10**17 - 1)
HALF = Fraction(1, 2)


def away_from_zero(value: Fraction) -> int:
    return -floor(-value) if value >= 0 else floor(value)


def half_away(value: Fraction) -> int:
    return floor(value + HALF) if value >= 0 else -floor(-value + HALF)


REFERENCE: dict[Rounding, Callable[[Fraction], int]] = {
    Rounding.HALF_UP: half_away,
    Rounding.HALF_EVEN: round,  # Fraction.__round__ rounds half to even, exactly
    Rounding.DOWN: int,
    Rounding.UP: away_from_zero,
}


@given(CURRENCIES, MINOR)
def test_what_is_written_reads_back_the_same(currency: Currency, minor: int) -> None:
    money = currency.money(minor)

    assert currency.parse(money.plain) == money


@given(CURRENCIES, MINOR)
def test_an_amount_has_exactly_the_decimals_of_its_currency(currency: Currency, minor: int) -> None:
    whole, _, rest = currency.money(minor).plain.partition(".")

    assert len(rest) == currency.decimals
    assert Fraction(f"{whole}.{rest or 0}") == Fraction(minor, currency.units)


@pytest.mark.parametrize(
    ("code", "decimals", "plain"),
    [
        ("CNY", 2, "-0.05"),
        ("HKD", 2, "-0.05"),
        ("JPY", 0, "-5"),
        ("KRW", 0, "-5"),
        ("KWD", 3, "-0.005"),
    ],
)
def test_currencies_know_their_decimals(code: str, decimals: int, plain: str) -> None:
    currency = Currency.of(code)

    assert currency.decimals == decimals
    assert currency.money(-5).plain == plain
    assert str(currency.money(-5)) == f"{code} {plain}"


@pytest.mark.parametrize("code", ["cny", "RMB ", "CN", "", "人民币", "CNYX", "ＣＮＹ"])
def test_a_code_that_cannot_be_a_currency_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Currency.of(code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.234",
        "+1.00",
        " 1.00",
        "1.00\n",
        "01.00",
        ".50",
        "1,000.00",
        "1e3",
        "１.00",
    ],
)
def test_only_one_notation_of_an_amount_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"1250\.00"):
        CNY.parse(text)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1800", 180_000),
        ("1,800.5", 180_050),
        (" 900.05 ", 90_005),
        (".5", 50),
        ("7.", 700),
        ("1,234,567", 123_456_700),
        ("１８００。５", 180_050),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, minor: int) -> None:
    assert CNY.typed(text) == CNY.money(minor)


@pytest.mark.parametrize(
    "text", ["", ".", "900,50", "1,00", "12,3456", "1.005", "-5", "1e3", "①", "0" * 5000]
)
def test_what_may_be_another_amount_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r"1250\.00"):
        CNY.typed(text)


@pytest.mark.parametrize("text", ["9" * 19, "9" * 5000, f"1{'0' * 18}.00"])
def test_an_amount_of_too_many_digits_is_called_too_large(text: str) -> None:
    for read in (CNY.typed, CNY.parse):
        with pytest.raises(ValueError, match="is too large: at most 18 digits"):
            read(text)


def test_a_currency_without_decimals_takes_whole_units_only() -> None:
    yen = Currency.of("JPY")

    assert yen.typed("61,116").minor == 61_116
    with pytest.raises(ValueError, match="1250"):
        yen.typed("61116.5")


def test_a_long_wrong_amount_is_not_quoted_in_full() -> None:
    with pytest.raises(ValueError, match="is not an amount") as refusal:
        CNY.parse("0" * 5000)

    assert len(str(refusal.value)) < 150


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**15), st.sampled_from(Rounding))
def test_rounding_agrees_with_exact_fractions(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    value = Fraction(numerator, denominator)

    assert round_ratio(numerator, denominator, rounding) == REFERENCE[rounding](value)
    assert round_fraction(value, rounding) == REFERENCE[rounding](value)


@given(st.integers(-(10**6), 10**6), st.sampled_from(Rounding))
def test_exact_halves_go_where_the_mode_says(twice: int, rounding: Rounding) -> None:
    assert round_ratio(twice, 2, rounding) == REFERENCE[rounding](Fraction(twice, 2))


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_is_symmetric_and_less_than_one_unit_away(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    rounded = round_ratio(numerator, denominator, rounding)

    assert rounded == -round_ratio(-numerator, denominator, rounding)
    assert abs(rounded - Fraction(numerator, denominator)) < 1


@pytest.mark.parametrize(
    ("rounding", "cents"),
    [
        (Rounding.HALF_UP, 63),
        (Rounding.HALF_EVEN, 62),
        (Rounding.DOWN, 62),
        (Rounding.UP, 63),
    ],
)
def test_a_tie_of_interest_is_rounded_once(rounding: Rounding, cents: int) -> None:
    # 50.00 at 15 % for one month is exactly 0.625.
    assert CNY.money(5000).times(Fraction(15, 1200), rounding) == CNY.money(cents)


@given(CURRENCIES, MINOR, MINOR)
def test_sums_and_differences_are_exact(currency: Currency, one: int, other: int) -> None:
    left, right = currency.money(one), currency.money(other)

    assert (left + right).minor == one + other
    assert left - right == left + -right
    assert (left < right) is (one < other)
    assert bool(left) is (one != 0)


def test_two_currencies_never_meet() -> None:
    for meet in (
        lambda: CNY.money(1) + YEN.money(1),
        lambda: CNY.money(1) - YEN.money(1),
        lambda: CNY.money(1) < YEN.money(1),
        lambda: CNY.money(1) >= YEN.money(1),
        lambda: CNY.money(1).share_of(YEN.money(1)),
        lambda: total([CNY.money(1), YEN.money(1)], CNY),
    ):
        with pytest.raises(MixedCurrencies, match="cannot be added or compared"):
            meet()


def test_amounts_of_two_currencies_are_not_equal() -> None:
    assert CNY.money(100) != YEN.money(100)


def test_the_total_of_nothing_is_zero() -> None:
    assert total([], YEN) == Money(0, YEN)


def test_a_share_is_exact() -> None:
    assert CNY.money(100).share_of(CNY.money(300)) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (4_825_000, CNY, "CNY 48,250.00"),
        (-50, CNY, "CNY -0.50"),
        (-123_456_789, CNY, "CNY -1,234,567.89"),
        (1_234_567, Currency("JPY", 0), "JPY 1,234,567"),
    ],
)
def test_amount_in_a_sentence_has_its_code_and_digits_in_threes(
    minor: int, currency: Currency, said: str
) -> None:
    assert str(currency.money(minor)) == said


@pytest.mark.parametrize("decimals", [-1, 10, 10**12])
def test_a_currency_has_few_decimals(decimals: int) -> None:
    with pytest.raises(InvalidTerms, match=f"currency_decimals = {decimals}: "):
        Currency("XXX", decimals)
