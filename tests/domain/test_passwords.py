"""What may be a password, and how long a guesser waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest

from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.passwords import (
    Attempt,
    Outcome,
    PasswordKey,
    StoredPassword,
    failures_in,
    prepared,
    require_fit,
    require_open,
    wait_after,
)
from tests.people import NOW


def _door(*lines: tuple[Outcome, float]) -> tuple[Attempt, ...]:
    """Return what happened so many seconds ago, newest first."""
    return tuple(Attempt(outcome, NOW - timedelta(seconds=ago)) for outcome, ago in lines)


def _failed(count: int, ago: float) -> list[tuple[Outcome, float]]:
    return [line for _ in range(count) for line in ((Outcome.FAILED, ago), (Outcome.TRIED, ago))]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("nine char", "password_short"),
        ("x" * 129, "password_long"),
        ("long enough\x1b[2J", "password_unreadable"),
        ("li.na.lead", "password_is_name"),
        ("ＬＩ.ＮＡ.ＬＥＡＤ", "password_is_name"),
    ],
)
def test_unfit_passwords_are_refused_by_name(password: str, code: str) -> None:
    with pytest.raises(TransitionRefused) as refused:
        require_fit(password, name="li.na.lead", display_name="李娜")

    assert refused.value.code == code


@pytest.mark.parametrize("password", ["ten chars!", "正确的马电池订书钉十个", "x" * 128])
def test_fit_passwords_are_taken_in_any_script(password: str) -> None:
    require_fit(password, name="li.na", display_name="李娜")


def test_full_width_letters_of_an_input_method_are_the_same_password() -> None:
    assert prepared("ｃｏｒｒｅｃｔ　１２３") == prepared("correct 123")


def test_nothing_secret_is_shown_when_a_row_is_printed() -> None:
    row = StoredPassword("li.na", 1, NOW, "li.na", "the-verifier", 1, "the-sealed-key")

    shown = f"{row} {PasswordKey(b'the-key-itself')}"

    assert "the-" not in shown


def test_waiting_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    waits = [wait_after(count) for count in range(40)]

    assert waits[:4] == [timedelta(0)] * 3 + [timedelta(seconds=2)]
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert waits[-1] == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("lines", "failures"),
    [
        ([], 0),
        (_failed(2, 60), 2),
        ([(Outcome.CAME_IN, 1), *_failed(9, 60)], 0),
        ([*_failed(1, 1), (Outcome.NEW_PASSWORD, 2), *_failed(9, 60)], 1),
        # Broken off while the hash ran: a try as good as any other.
        ([(Outcome.TRIED, 30)] * 5, 5),
        # Several scripts that begin at once are not yet wrong ...
        ([(Outcome.TRIED, 0.1)] * 8, 0),
        # ... but nobody gets more than these by trying all at once.
        ([(Outcome.TRIED, 0.1)] * 20, 12),
        ([*_failed(3, 0.5), (Outcome.TRIED, 30)], 4),
        # Put back, the clock makes no try new again.
        ([(Outcome.TRIED, -3600)] * 4, 4),
    ],
)
def test_failures_count_since_the_person_last_came_in(
    lines: Sequence[tuple[Outcome, float]], failures: int
) -> None:
    assert failures_in(_door(*lines), NOW) == failures


@pytest.mark.parametrize(("ago", "left"), [(0, 8), (0.5, 8), (6, 2), (-3600, 8)])
def test_a_shut_account_says_for_how_long(ago: float, left: int) -> None:
    with pytest.raises(TransitionRefused) as refused:
        require_open(_door(*_failed(5, ago)), NOW)

    assert (refused.value.code, refused.value.detail) == (
        "wait_before_retry",
        {"seconds": str(left)},
    )


def test_an_account_opens_when_the_wait_is_over() -> None:
    require_open(_door(*_failed(5, 8)), NOW)
