"""Foreign text shown safely, and personal data masked."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain import text as text_module
from plan_assistant.domain.text import (
    REPLACEMENT,
    clean,
    mask_address,
    mask_id,
    mask_name,
    mask_phone,
    refused_character,
)

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x1b\x9b\u202e\u0301\u0302\u0303é张䶮龑𬱖[]<>=\n\ue000\ud800"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    "text",
    [
        "张伟",
        "欧阳䶮龑",
        "𬱖㛃",
        "𠮷野家",
        "𮯰",
        "𰀀",
        "Müller",
        "阿依古丽·买买提",
        "[/] <b> =1+1 {{7*7}}",
    ],
    ids=lambda text: f"U+{ord(text[0]):04X}",
)
def test_names_and_markup_are_shown_as_they_stand(text: str) -> None:
    assert clean(text, 80) == text


def test_han_characters_younger_than_the_tables_of_the_interpreter_are_shown() -> None:
    extension_h, extension_i = "\U00031350", "\U0002ebf0"

    assert clean(extension_h + extension_i, 10) == extension_h + extension_i


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x9b",
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u2028",
        "\ue000",
        "\U000f0001",
        "\ud83d",
        "\uffff",
        "\U0002ffff",
        "\U000e0041",
        "\u0378",
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_what_a_terminal_could_obey_or_not_show_becomes_a_replacement(character: str) -> None:
    assert clean(f"a{character}b", 10) == f"a{REPLACEMENT}b"


def test_an_escape_sequence_loses_its_escape() -> None:
    assert clean("\x1b]52;c;ZXZpbA==\x07", 40) == f"{REPLACEMENT}]52;c;ZXZpbA=={REPLACEMENT}"


def test_combining_marks_are_capped_at_two() -> None:
    assert clean("q" + "\u0301\u0302" * 50, 10) == "q\u0301\u0302"


def test_a_mark_without_a_base_cannot_reach_into_what_stands_before() -> None:
    assert clean("\u0301a", 10) == REPLACEMENT + "a"


def test_text_is_composed() -> None:
    assert clean("e\u0301", 10) == "é"


def test_long_text_ends_with_an_ellipsis() -> None:
    assert clean("abcdef", 5) == "abcd…"
    assert clean("abcde", 5) == "abcde"


def test_a_million_marks_take_no_time_and_show_that_something_was_cut() -> None:
    shown = clean("a" + "\u0316\u0301" * 500_000 + "b", 200)

    assert shown == "á\u0316\u0316…"


def test_newlines_stay_only_where_they_are_asked_for() -> None:
    assert clean("a\nb", 10, keep_newlines=True) == "a\nb"
    assert clean("a\nb", 10) == f"a{REPLACEMENT}b"


@given(ANY_TEXT, st.integers(1, 40))
def test_clean_text_is_short_harmless_and_stays_the_same(text: str, max_length: int) -> None:
    shown = clean(text, max_length)

    assert len(shown) <= max_length
    assert refused_character(shown) is None
    assert clean(shown, max_length) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("张\u202e伟", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\x1b[31m", "U+001B control character"),
        ("a\u200bb", "U+200B ZERO WIDTH SPACE"),
        ("a\ud83d", "U+D83D half of a surrogate pair"),
        ("a\nb", "U+000A control character"),
    ],
)
def test_input_names_the_character_it_refuses(text: str, named: str) -> None:
    assert refused_character(text) == named


@pytest.mark.parametrize("text", ["张伟", "[red]", "\ue000", "𬱖", "=1+1", "a\u0301\u0302\u0303"])
def test_input_accepts_what_a_name_may_hold(text: str) -> None:
    assert refused_character(text) is None


def test_a_note_may_have_several_lines() -> None:
    assert refused_character("a\nb", allow_newlines=True) is None


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张伟", "张*"),
        ("欧阳娜娜", "欧***"),
        ("Chen Wei", "C*** W**"),
        ("J Li", "* L*"),
        ("张", "*"),
        ("", "*"),
        ("𬱖龑", "𬱖*"),
        ("\u202eabc", f"{REPLACEMENT}***"),
        ("x" * 70, "x********"),
        ("q\u0301\u0302i", "q*"),
    ],
)
def test_of_a_name_only_the_first_characters_are_left(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("110101199003074258", "110***********4258"),
        ("R512345(9)", "R*******9)"),
        ("1234", "****"),
        ("", "*"),
    ],
)
def test_of_an_identity_number_the_middle_is_hidden(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138000", "138****8000"),
        ("138-0013 8000", "138****8000"),
        ("+852 9123 4567", "+85*****4567"),
        ("9123 4567", "******67"),
        ("110", "***"),
    ],
)
def test_of_a_telephone_number_the_middle_is_hidden(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("湖南省长沙市岳麓区桐梓坡路1号", "湖南省长沙市岳麓区****"),
        ("北京市朝阳区市场街1号院", "北京市朝阳区****"),
        ("广东省深圳市南山区科技园路市民中心", "广东省深圳市南山区****"),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放北路8号", "新疆维吾尔自治区乌鲁木齐市天山区****"),
        ("Flat 12B, 88 Example Street, Kowloon, Hong Kong", "****, Hong Kong"),
        ("12 Example Road", "****"),
        ("Example Road, Apartment 7", "****"),
        ("", "****"),
    ],
)
def test_of_an_address_only_the_region_is_left(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def test_the_examples_of_the_module_are_true() -> None:
    results = doctest.testmod(text_module)

    assert results.attempted >= 4
    assert results.failed == 0


@given(ANY_TEXT)
def test_masks_show_at_most_the_edges_of_anything(text: str) -> None:
    assert refused_character(mask_name(text)) is None
    assert sum(character.isdigit() for character in mask_id(text)) <= 7
    assert sum(character.isdigit() for character in mask_phone(text)) <= 7
    assert "****" in mask_address(text)
