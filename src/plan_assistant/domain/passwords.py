"""Passwords of the people who work here: what may be one, and how long a guesser has to wait.

Not here: how a password is hashed (`adapters/passwords.py`) and who may set one
(`services/staff.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from plan_assistant.domain.errors import TransitionRefused

SHORTEST: Final = 10
"""Characters a new password has at least."""
LONGEST: Final = 128
"""Characters a password has at most: the hash takes any length, the work for it should not."""

_FREE_FAILURES: Final = 3
"""Typing errors that cost no waiting."""
_LONGEST_WAIT: Final = timedelta(minutes=15)
_CHECK_TAKES: Final = timedelta(seconds=2)
"""A try without an outcome may still be under way for so long; then it was broken off."""
_AT_ONCE: Final = 8
"""Tries under way that do not count yet: several scripts may begin at the same moment."""
MOST_COUNTED: Final = 40
"""Tries looked back at; the longest wait is reached long before."""


@dataclass(frozen=True, slots=True)
class PasswordKey:
    """A key that only the right password gives; it opens what was encrypted under the password."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """One row of the passwords: nothing in it helps to work as that person."""

    account: str
    number: int
    """1 for the first password of an account; the newest counts."""
    at: datetime
    set_by: str
    """The account that set it: the person's own, or an administrator's."""
    verifier: str = field(repr=False)
    """What a typed password is checked against, with the salt and the costs of the hash."""
    key_number: int
    """Which approval key of the account is encrypted under this password."""
    sealed_key: str = field(repr=False)
    """That private key, encrypted."""


class Outcome(StrEnum):
    """A line in the book of one account's door."""

    TRIED = "tried"
    """A check begins; noted before it does."""
    FAILED = "failed"
    CAME_IN = "came_in"
    NEW_PASSWORD = "new_password"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened at the door, and when."""

    outcome: Outcome
    at: datetime


def prepared(text: str) -> str:
    """Return a password in the form that is hashed.

    Full-width letters and digits, as an input method writes them, count as the ordinary ones: the
    same keys give the same password whichever way the input method is switched.
    """
    return unicodedata.normalize("NFKC", text)


def require_fit(text: str, *, name: str, display_name: str) -> None:
    """Refuse a new password that is too short, too long, unreadable, or the person's name."""
    password = prepared(text)
    if len(password) < SHORTEST:
        raise TransitionRefused("password_short", least=str(SHORTEST))
    if len(password) > LONGEST:
        raise TransitionRefused("password_long", most=str(LONGEST))
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise TransitionRefused("password_unreadable")
    if password.casefold() in {prepared(name).casefold(), prepared(display_name).casefold()}:
        raise TransitionRefused("password_is_name")


def wait_after(failures: int) -> timedelta:
    """Return how long an account is shut after so many failures in a row.

    >>> [int(wait_after(count).total_seconds()) for count in (0, 2, 3, 4, 5, 10, 12, 99)]
    [0, 0, 2, 4, 8, 256, 900, 900]
    """
    if failures < _FREE_FAILURES:
        return timedelta(0)
    doubled = timedelta(seconds=2 ** min(failures - _FREE_FAILURES + 1, 16))
    return min(doubled, _LONGEST_WAIT)


def failures_in(newest_first: Sequence[Attempt], now: datetime) -> int:
    """Return how many tries failed since the person last came in.

    Who ends the program while the hash runs has failed too: a try without an outcome counts once
    its check would be over.
    """
    failed, under_way, broken_off = 0, 0, 0
    for attempt in newest_first:
        if attempt.outcome is Outcome.FAILED:
            failed += 1
        elif attempt.outcome is Outcome.TRIED:
            is_new = timedelta(0) <= now - attempt.at < _CHECK_TAKES
            under_way += is_new
            broken_off += not is_new
        else:
            break
    # Each failure closes one try: those of the last seconds first.
    open_now = max(under_way - failed, 0)
    open_before = max(broken_off - max(failed - under_way, 0), 0)
    return failed + open_before + max(open_now - _AT_ONCE, 0)


def waits_anew(newest_first: Sequence[Attempt], now: datetime) -> bool:
    """Say whether an account is shut by a try of a time to come: the clock was put back since.

    Whoever notes the refused try as a failure lets the wait begin from here; nobody would come in
    before that time else, however far away it is.
    """
    is_shut = wait_after(failures_in(newest_first, now)) > timedelta(0)
    return is_shut and newest_first[0].at > now


def require_open(newest_first: Sequence[Attempt], now: datetime) -> None:
    """Refuse a try while the account is shut; says for how many seconds more.

    A clock that was put back opens nothing: then the whole wait begins anew (`waits_anew`).
    """
    wait = wait_after(failures_in(newest_first, now))
    if not wait:
        return
    passed = max(now - newest_first[0].at, timedelta(0))
    if passed < wait:
        left = wait - passed
        seconds = -(-left // timedelta(seconds=1))
        raise TransitionRefused("wait_before_retry", seconds=str(seconds))
