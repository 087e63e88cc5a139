"""Canaries are found wherever they stand, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json

import pytest

from tests.canaries import CANARIES, found_in, spelled


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
@pytest.mark.parametrize("after", [b"", b"z", b"zz"])
def test_a_canary_is_found_in_base64_wherever_it_begins(
    name: str, before: bytes, after: bytes
) -> None:
    content = base64.b64encode(before + CANARIES[name].encode() + after)

    assert name in found_in(b"{" + content + b"}")


@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_is_found_in_every_other_spelling(name: str) -> None:
    text = CANARIES[name]

    for content in (text.encode(), text.encode("utf-16-le"), json.dumps(text).encode()):
        assert name in found_in(content)


@pytest.mark.parametrize("text", CANARIES.values(), ids=CANARIES)
def test_no_spelling_is_so_short_that_ciphertext_holds_it_by_chance(text: str) -> None:
    # Six letters of base64 stand by chance in one of 68,000 texts of a million letters.
    assert min(map(len, spelled(text))) >= 6
