"""Amounts in words: the house style, read back, and checked against another library."""

from __future__ import annotations

import re

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.money import CNY, Currency, Money
from plan_assistant.wording.capitals import LARGEST_UNITS, chinese_capitals, english_words

_LARGEST_FEN = LARGEST_UNITS * 100 + 99
_STEMS = ("one", "two", "thir", "four", "fif", "six", "seven", "eigh", "nine")


def _amount(text: str, code: str = "CNY") -> Money:
    return Currency.of(code).parse(text)


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.55", "伍角伍分"),
        ("1.00", "壹元整"),
        ("10.00", "壹拾元整"),
        ("10.50", "壹拾元零伍角整"),
        ("15.00", "壹拾伍元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1001.10", "壹仟零壹元壹角整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("48250.00", "肆万捌仟贰佰伍拾元整"),
        ("100000.01", "壹拾万元零壹分"),
        ("107000.53", "壹拾万零柒仟元零伍角叁分"),
        ("200500.00", "贰拾万零伍佰元整"),
        ("10000000.00", "壹仟万元整"),
        ("100000000.00", "壹亿元整"),
        ("100001000.00", "壹亿零壹仟元整"),
        ("500009753.94", "伍亿零玖仟柒佰伍拾叁元玖角肆分"),
        ("1000000000000.10", "壹万亿元零壹角整"),
        ("10000000000000.00", "壹拾万亿元整"),
        ("10000000000001.00", "壹拾万亿零壹元整"),
        (
            "1234567890123456.78",
            "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元柒角捌分",
        ),
    ],
)
def test_yuan_are_written_in_the_house_style(amount: str, capitals: str) -> None:
    assert chinese_capitals(_amount(amount)) == "人民币" + capitals


@pytest.mark.parametrize(
    ("code", "amount", "capitals"),
    [
        ("HKD", "1234.50", "壹仟贰佰叁拾肆港元伍角整"),
        ("USD", "0.05", "零美元伍分"),
        ("USD", "100.00", "壹佰美元整"),
        ("JPY", "1250000", "壹佰贰拾伍万日元整"),
        ("JPY", "0", "零日元整"),
        ("KWD", "12.345", "壹拾贰点叁肆伍科威特第纳尔"),
        ("KWD", "0.005", "零点零零伍科威特第纳尔"),
        ("KWD", "12.000", "壹拾贰科威特第纳尔整"),
        ("GBP", "3.07", "叁点零柒英镑"),
    ],
)
def test_other_currencies_carry_their_chinese_name(code: str, amount: str, capitals: str) -> None:
    assert chinese_capitals(_amount(amount, code)) == capitals


@pytest.mark.parametrize(
    ("code", "amount", "words"),
    [
        ("CNY", "48250.00", "Forty-eight thousand two hundred fifty yuan and 00 fen"),
        ("CNY", "0.00", "Zero yuan and 00 fen"),
        ("CNY", "1000001.05", "One million one yuan and 05 fen"),
        ("CNY", "100000000019.00", "One hundred billion nineteen yuan and 00 fen"),
        ("USD", "1.00", "One US dollar and 00 cents"),
        ("HKD", "21.50", "Twenty-one Hong Kong dollars and 50 cents"),
        ("JPY", "1250000", "One million two hundred fifty thousand Japanese yen"),
        ("KWD", "12.345", "Twelve Kuwaiti dinars and 345/1000"),
    ],
)
def test_english_words_keep_the_fraction_in_digits(code: str, amount: str, words: str) -> None:
    assert english_words(_amount(amount, code)) == words


@pytest.mark.parametrize("write", [chinese_capitals, english_words])
@pytest.mark.parametrize("minor", [-1, -500, _LARGEST_FEN + 1])
def test_what_cannot_be_written_is_refused(write: object, minor: int) -> None:
    assert callable(write)

    with pytest.raises(ValueError, match="written in words"):
        write(Money(minor, CNY))


def _read_group(text: str) -> int:
    """Read capitals below 10**8, with 万 but without 亿."""
    high, has_myriad, low = text.rpartition("万")
    total = 0
    for part, factor in ((high if has_myriad else "", 10_000), (low, 1)):
        for digit, place in re.findall("([壹贰叁肆伍陆柒捌玖])([拾佰仟]?)", part):
            unit = {"": 1, "拾": 10, "佰": 100, "仟": 1000}[place]
            total += ("零壹贰叁肆伍陆柒捌玖".index(digit)) * unit * factor
    return total


def _read_back(capitals: str) -> int:
    """Read the fen of an amount in capitals; strict about what may stand where."""
    match = re.fullmatch(
        "人民币(?:(?P<yuan>.+)元)?零?(?:(?P<jiao>.)角)?(?:零?(?P<fen>.)分)?(?P<closed>整?)",
        capitals,
    )
    assert match is not None, capitals
    assert bool(match["closed"]) == (match["fen"] is None)
    high, has_yi, low = (match["yuan"] or "零").rpartition("亿")
    yuan = _read_group(low) + (_read_group(high) * 10**8 if has_yi else 0)
    figures = "零壹贰叁肆伍陆柒捌玖"
    jiao, fen = (figures.index(match[name] or "零") for name in ("jiao", "fen"))
    return yuan * 100 + jiao * 10 + fen


_FEN = st.one_of(
    st.integers(0, _LARGEST_FEN),
    st.integers(0, 10**7),
    # Numbers full of zeros are where writers of capitals go wrong.
    st.lists(st.sampled_from("0000123456789"), min_size=1, max_size=18).map(
        lambda d: int("".join(d))
    ),
)


@given(_FEN)
def test_capitals_read_back_to_the_same_fen(fen: int) -> None:
    assert _read_back(chinese_capitals(Money(fen, CNY))) == fen


@given(_FEN)
def test_a_zero_is_written_once_for_each_run_of_zeros_between_figures(fen: int) -> None:
    capitals = chinese_capitals(Money(fen, CNY))

    runs = re.findall("(?<=[1-9])0+(?=[1-9])", str(fen))
    assert capitals.count("零") == (len(runs) if fen else 1)


@given(st.integers(0, 10**12 - 1))
def test_capitals_agree_with_another_library_where_the_rule_leaves_no_choice(fen: int) -> None:
    """They differ by choices of house style: 整 after 角, and every 零 that is permitted."""
    plain = Money(fen, CNY).plain
    theirs = cn2an.an2cn(plain, "rmb")

    ours = chinese_capitals(Money(fen, CNY)).removeprefix("人民币")

    assert ours.replace("零", "").rstrip("整") == theirs.replace("零", "").rstrip("整")
    if not re.search("0", plain.replace(".", "").strip("0")):
        assert ours.rstrip("整") == theirs.rstrip("整")


@given(st.integers(0, LARGEST_UNITS))
def test_english_words_read_back_to_the_same_number(units: int) -> None:
    words = english_words(Money(units, Currency.of("JPY"))).removesuffix(" Japanese yen").lower()

    assert _read_english(words) == units


def _read_english(words: str) -> int:
    """Read English number words, with a vocabulary of its own."""
    small: dict[str, int] = {}
    for figure, stem in enumerate(_STEMS, 1):
        small |= {stem: figure, f"{stem}teen": figure + 10, f"{stem}ty": figure * 10}
    small |= {"zero": 0, "three": 3, "five": 5, "eight": 8, "ten": 10, "eleven": 11, "twelve": 12}
    small |= {"twenty": 20, "forty": 40}
    scales = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "quadrillion": 15}
    total = group = 0
    for word in words.replace("-", " ").split():
        if word in scales:
            total, group = total + group * 10 ** scales[word], 0
        elif word == "hundred":
            group *= 100
        else:
            group += small[word]
    return total + group
