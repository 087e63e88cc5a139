"""Canonical JSON: one value, one byte string, one fingerprint."""

from __future__ import annotations

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.formats.canonical import assembled, canonical, fingerprint, pieces

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    # RFC 8785, section 3.2.3: the emoji's first code unit, U+D83D, sorts before U+FB33.
    value: Json = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    values = list(json.loads(canonical(value)).values())

    assert [text.split()[0] for text in values] == [
        "Carriage",
        "One",
        "Control",
        "Latin",
        "Euro",
        "Emoji:",
        "Hebrew",
    ]


def test_strings_are_written_as_the_standard_says() -> None:
    # RFC 8785, section 3.2.2: the example of the standard.
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"

    written = canonical({"string": text})

    assert written == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


# Keys whose order as text and by UTF-16 code units differ come up on purpose.
ODD_TEXT = TEXT | st.sampled_from(["\ufb33", "\U0001f600", "\r", "\u0080", "\u20ac", "\u007f"])


@given(
    st.recursive(
        JSON | ODD_TEXT, lambda inner: st.dictionaries(ODD_TEXT, inner, max_size=6), max_leaves=20
    )
)
def test_it_is_what_another_implementation_of_the_standard_writes(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(JSON)
def test_a_plain_value_is_written_like_any_other(value: Json) -> None:
    class Strange(dict[str, Json]):
        """Not plain, so that it is written the long way."""

    assert canonical(Strange({"": value})) == canonical({"": value})


@pytest.mark.parametrize(
    "strange",
    [0.5, {"a": 0.5}, [[0.5]], {1: "a"}, {True: "a"}, {None: "a"}, [{"a": (1, {2: "b"})}], b"a"],
    ids=repr,
)
def test_what_is_not_json_of_ours_is_refused_at_any_depth(strange: object) -> None:
    with pytest.raises(TypeError):
        canonical({"a": strange})  # type: ignore[dict-item]


@pytest.mark.parametrize("large", [2**53, -(2**53), 10**30])
def test_a_whole_number_that_loses_digits_elsewhere_is_refused_at_any_depth(large: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        canonical({"a": [{"b": large}]})


@given(JSON)
def test_what_was_written_reads_back_and_is_written_the_same(value: Json) -> None:
    written = canonical(value)

    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(list(value.items())))

    assert fingerprint(dict[str, Json](value)) == fingerprint(dict[str, Json](turned))


def test_the_fingerprint_is_the_sha256_of_the_bytes() -> None:
    assert fingerprint({"b": 1, "a": None}) == hashlib.sha256(b'{"a":null,"b":1}').hexdigest()


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float does not belong into a record"):
        canonical({"rate": 0.18})  # type: ignore[dict-item]


@pytest.mark.parametrize("number", [2**53, -(2**53)])
def test_a_number_that_other_readers_would_round_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="too large for a whole number"):
        canonical([number])


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="a key of a JSON object is text, not int"):
        canonical({1: "one"})  # type: ignore[dict-item]


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical({"name": "\ud83d"})


def test_brackets_nested_too_deep_to_write_are_refused() -> None:
    deep: Json = {}
    for _ in range(400):
        deep = [deep]

    with pytest.raises(ValueError, match="no JSON can be written of it"):
        canonical(deep)


def test_a_key_of_a_class_of_its_own_is_written_as_its_text() -> None:
    assert canonical({EventType.APPROVED: "yes"}) == b'{"approved":"yes"}'


@given(st.dictionaries(ODD_TEXT, JSON, max_size=6))
def test_an_object_put_together_from_its_entries_is_the_same(value: dict[str, Json]) -> None:
    assert assembled(pieces(value)) == canonical(value)
