"""The hash of passwords: right ones open, wrong ones do not, and the row gives nothing away."""

from __future__ import annotations

import base64

import pytest
from tests.staffing import CHEAP, PASSWORD

from plan_assistant.adapters.passwords import Argon2Passwords


def test_the_right_password_gives_the_same_key_again() -> None:
    verifier, key = CHEAP.make(PASSWORD)

    assert CHEAP.open(PASSWORD, verifier) == key
    assert len(key.secret) == 32


def test_a_wrong_password_gives_nothing() -> None:
    verifier, _ = CHEAP.make(PASSWORD)

    assert CHEAP.open(PASSWORD + " ", verifier) is None


def test_the_same_password_of_two_people_looks_different() -> None:
    assert CHEAP.make(PASSWORD)[0] != CHEAP.make(PASSWORD)[0]


def test_what_is_stored_does_not_hold_the_key() -> None:
    verifier, key = CHEAP.make(PASSWORD)

    assert base64.b64encode(key.secret).decode() not in verifier
    assert PASSWORD not in verifier


def test_an_input_method_does_not_change_the_password() -> None:
    verifier, _ = CHEAP.make("abc 123 long")

    assert CHEAP.open("ａｂｃ　１２３　ｌｏｎｇ", verifier) is not None


def test_the_real_costs_are_those_the_library_recommends() -> None:
    verifier, key = Argon2Passwords().make(PASSWORD)

    assert "$m=65536,t=3,p=4$" in verifier
    # Whatever costs a new password has, an older one is checked with its own.
    assert CHEAP.open(PASSWORD, verifier) == key


@pytest.mark.parametrize(
    "row",
    [
        "",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaA",
        "plan-assistant-argon2id@1$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
        "plan-assistant-argon2id@1$m=0,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
        "plan-assistant-argon2id@1$m=8,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
        "plan-assistant-argon2id@1$m=8,t=1,p=0$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
        "plan-assistant-argon2id@1$m=8,t=1,p=1$AAAA$AAAA",
        "plan-assistant-argon2id@1$m=8,t=1,p=1$AAAAA$AAAA",
    ],
)
def test_a_row_that_we_did_not_write_opens_with_nothing(row: str) -> None:
    assert CHEAP.open(PASSWORD, row) is None
