"""Translates what PostgreSQL reports: into refusals, failures that say what to do, or another try.

Only the first line of a report is ever passed on: its details may quote the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from psycopg import Error, OperationalError
from sqlalchemy.exc import DBAPIError

from plan_assistant.adapters.store.failures import damaged, locked, met, no_room, read_only
from plan_assistant.domain.errors import (
    StoreClosedToYou,
    StoreFailure,
    StoreLocked,
    StoreOutOfReach,
    TransitionRefused,
)

_AGAIN: Final = frozenset({"40001", "40P01"})
_LOCKED: Final = frozenset({"55P03", "57014", "25P03"})
_NOT_PERMITTED: Final = "42501"
_NOT_LET_IN: Final = (
    *("authentication failed", "is not permitted to log in", "permission denied for database"),
    *("认证失败", "不允许角色", "权限不足"),
    *("密碼驗證", "不允許角色", "權限不足"),
)
"""What stands in the report of a login that is refused, which comes without a state: in the words
of a server that speaks English or Chinese. Of others it is shown, as what keeps the store away."""

_CODES: Final[Mapping[str, str]] = {
    "four_eyes": "maker_may_not_decide",
    "maker_cancels": "only_maker_may_cancel",
    "lead_decides": "role_may_not",
    "event_role_may_write": "role_may_not",
    "event_role_opens": "role_may_not",
    "event_role_calls": "role_may_not",
    "event_role_leads": "role_may_not",
    "event_role_exports": "role_may_not",
    "event_role_purges": "role_may_not",
    "event_role_ends": "role_may_not",
    "event_role_posts": "role_may_not",
    "event_role_signs": "role_may_not",
    "follows_approval": "plan_not_approved",
    "maker_breaks": "maker_may_not_declare",
    "case_erased": "case_erased",
    "submission_number": "number_taken",
    "number_names_its_case": "number_taken",
    "purged_too_early": "purged_too_early",
    "decision_content": "not_what_is_pending",
    "one_pending": "plan_is_pending",
    "nothing_pending": "nothing_pending",
    "already_decided": "already_decided",
    "actor_is_session_user": "not_your_account",
    "case_of_another_team": "case_of_another_team",
    "case_not_assigned": "not_assigned",
}
"""What a constraint, or a guard that speaks like one, says as the code of a refusal."""

STALE: Final = frozenset(
    {"stale_version", "event_version", "case_key_case_id_key", "person_index_pkey"}
)
"""Constraints that say: the case is not at the version that was expected."""


def constraint_of(error: Error) -> str:
    """Return the constraint that was violated, or nothing."""
    return error.diag.constraint_name or ""


def is_worth_another_try(error: Error) -> bool:
    """Say whether the same transaction may succeed when it is simply run again.

    That is so for transactions that met, and for two events in the same microsecond.
    """
    return error.sqlstate in _AGAIN or (
        error.sqlstate == "23505" and constraint_of(error) == "event_pkey"
    )


def refusal_of(error: BaseException | None) -> TransitionRefused | None:
    """Return the refusal that a report means; None when it is a failure."""
    if not isinstance(error, Error):
        return None
    state = error.sqlstate or ""
    if state == _NOT_PERMITTED:
        return TransitionRefused("role_may_not", rule=_first_line(error))
    if not state.startswith("23"):
        return None
    rule = constraint_of(error)
    return TransitionRefused(_CODES.get(rule, "refused_by_store"), rule=rule)


@contextmanager
def translated(place: str, lock_timeout: float) -> Iterator[None]:
    """Turn reports of the server into failures of the store at `place`, keeping the cause."""
    try:
        yield
    except DBAPIError as error:
        raise failure_of(error.orig, place, lock_timeout) from error
    except Error as error:
        raise failure_of(error, place, lock_timeout) from error


def failure_of(error: BaseException | None, place: str, lock_timeout: float) -> StoreFailure:
    """Return the failure that a report of the server means."""
    state = getattr(error, "sqlstate", None) or ""
    reason = _first_line(error)
    if state in _LOCKED:
        return locked(place, lock_timeout)
    if state in _MEANINGS:
        return _MEANINGS[state](place)
    if state.startswith("XX"):
        return damaged(place, reason)
    if not state and any(words in str(error) for words in _NOT_LET_IN):
        return closed(place)
    is_away = state[:2] in {"08", "3D", "53", "57"}
    if is_away or (isinstance(error, OperationalError) and not state):
        return _out_of_reach(place, reason)
    return StoreFailure(
        f"{place} could not do what was asked ({reason}). Ask its administrator to look into the"
        " log of the database, then try again: what was recorded after all is not recorded twice.",
        place=place,
        reason=reason,
    )


def _out_of_reach(place: str, reason: str) -> StoreOutOfReach:
    return StoreOutOfReach(
        f"{place} cannot be reached ({reason}). Check the address, your name and your password,"
        " then try again: what was recorded after all is not recorded twice.",
        server=place,
        place=place,
        reason=reason,
    )


def permission_missing(error: BaseException | None) -> str | None:
    """Return what the server says it does not permit; None where it said something else."""
    report = error.orig if isinstance(error, DBAPIError) else error
    is_so = isinstance(report, Error) and report.sqlstate == _NOT_PERMITTED
    return _first_line(report) if is_so else None


def closed(place: str) -> StoreClosedToYou:
    """Return the failure of a login that is refused, or that may do nothing."""
    return StoreClosedToYou(
        f"{place} does not let you in. Check your login and its password; if they are right, have"
        " yourself added: plan-assistant staff add NAME ROLE.",
        place=place,
    )


def held(place: str, holders: str, seconds: str) -> StoreLocked:
    """Return the failure of sealing while those sessions are in the middle of recording."""
    return StoreLocked(
        f"{place} has been held in the middle of recording by {holders} for more than {seconds}"
        " seconds. Nothing was sealed. Ask them to finish, or have a superuser of the database end"
        " that session with pg_terminate_backend, then try again.",
        place=place,
        holders=holders,
        seconds=seconds,
    )


def _first_line(error: BaseException | None) -> str:
    if isinstance(error, Error) and error.diag.message_primary:
        return error.diag.message_primary
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


_MEANINGS: Final[Mapping[str, Callable[[str], StoreFailure]]] = {
    **dict.fromkeys(_AGAIN, met),
    "53100": no_room,
    "25006": read_only,
    "28000": closed,
    "28P01": closed,
    _NOT_PERMITTED: closed,
}
