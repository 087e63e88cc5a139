"""The credentials port over SQLAlchemy Core: passwords, public keys and tries, rows only added.

Not here: the events (`sql_store.py`) and what a password has to be (`domain/passwords.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from plan_assistant.adapters.store.schema import (
    account,
    approval_key,
    approval_start,
    event,
    password,
    sign_in,
)
from plan_assistant.domain.approval import ApprovalKey, KeyRegistry, approval_key_of
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment, moment_of
from plan_assistant.domain.passwords import (
    MOST_COUNTED,
    Attempt,
    Outcome,
    StoredPassword,
    require_open,
    waits_anew,
)
from plan_assistant.domain.policy.findings import ROLES, Role
from plan_assistant.domain.stored import SIGNING_MARKS

_NO_MOMENT: Final = datetime.min.replace(tzinfo=UTC)


class SqlCredentials:
    """Passwords and keys in the database of the record."""

    def __init__(
        self,
        reading: Engine,
        writing: Engine,
        translated: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._reading, self._writing = reading, writing
        self._translated = translated
        """Turns what the database reports into failures of the store."""

    def password_of(self, name: str) -> StoredPassword | None:
        """Return the newest password of an account; None while it has none."""
        query = (
            select(*password.c)
            .where(password.c.account == name)
            .order_by(password.c.number.desc())
            .limit(1)
        )
        with self._translated(), self._reading.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            at, verifier = moment_of(row.at), row.verifier
        except ValueError:
            # What cannot be read is a password that nothing opens, until there is another one.
            at, verifier = _NO_MOMENT, ""
        return StoredPassword(
            account=row.account,
            number=row.number,
            at=at,
            set_by=row.set_by,
            verifier=verifier,
            key_number=row.key_number,
            sealed_key=row.sealed_key,
        )

    def with_password(self) -> frozenset[str]:
        """Return the accounts that have a password."""
        with self._translated(), self._reading.connect() as connection:
            # With each first password comes a public key, which everybody may read everywhere.
            return frozenset(
                connection.execute(select(approval_key.c.account).distinct()).scalars()
            )

    def add_password(self, new: StoredPassword, key: ApprovalKey | None) -> None:
        """Add the next password of an account, with its new approval key where there is one."""

        def act(connection: Connection) -> None:
            if self._newest_number(connection, new.account) + 1 != new.number:
                raise TransitionRefused("password_set_meanwhile", name=new.account)
            if key is not None:
                connection.execute(insert(approval_key).values(**_key_row(key)))
            connection.execute(insert(password).values(**_password_row(new)))
            _note(connection, new.account, new.at, Outcome.NEW_PASSWORD)

        with self._translated():
            try:
                self._write(act)
            except IntegrityError as error:
                # Another program added a row in between, or the account is not there.
                raise TransitionRefused("password_set_meanwhile", name=new.account) from error

    def key_registry(self) -> KeyRegistry:
        """Return every public key that approvals are checked with."""
        with self._translated(), self._reading.connect() as connection:
            keys = connection.execute(
                select(*approval_key.c).order_by(approval_key.c.account, approval_key.c.number)
            ).all()
            roles = connection.execute(select(account.c.name, account.c.role)).all()
            unsigned_until = _unsigned_until(connection)
        return KeyRegistry(
            tuple(_readable(keys)),
            {name: Role(role) for name, role in roles if role in ROLES},
            unsigned_until,
        )

    def begin_attempt(self, name: str, at: datetime) -> None:
        """Note durably, before a password is checked, that somebody tries one.

        Noted before and not after: whoever ends the program while the hash runs has used a try.
        """

        def after_set_back(connection: Connection) -> None:
            if waits_anew(_attempts(connection, name), at):
                _note(connection, name, at, Outcome.FAILED)

        def act(connection: Connection) -> None:
            require_open(_attempts(connection, name), at)
            _note(connection, name, at, Outcome.TRIED)

        with self._translated():
            # By itself: what is noted in a transaction that refuses goes with it.
            self._write(after_set_back)
            self._write(act)

    def end_attempt(self, name: str, at: datetime, *, came_in: bool) -> None:
        """Note what came of it; whoever comes in is forgiven the failures before."""
        outcome = Outcome.CAME_IN if came_in else Outcome.FAILED
        with self._translated():
            self._write(lambda connection: _note(connection, name, at, outcome))

    def _write(self, act: Callable[[Connection], None]) -> None:
        """Do that in a transaction of its own."""
        with self._writing.begin() as connection:
            act(connection)

    def _newest_number(self, connection: Connection, name: str) -> int:
        newest = connection.execute(
            select(func.max(password.c.number)).where(password.c.account == name)
        ).scalar_one()
        return int(newest or 0)


def _readable(rows: Sequence[Row[Any]]) -> Iterator[ApprovalKey]:
    """Yield the keys that can be read; an audit names the rows of the others."""
    for row in rows:
        with suppress(ValueError):
            yield approval_key_of(dict(row._mapping))


def _unsigned_until(connection: Connection) -> int:
    """Return up to where approvals are older than signatures, as far as the facts bear it out.

    The row alone could be changed by whoever writes the database. A row that is gone excuses
    nothing.
    """
    written = connection.execute(select(approval_start.c.unsigned_until)).scalar_one_or_none() or 0
    if written <= 0:
        return 0
    marked = or_(*(event.c.body.contains(mark, autoescape=True) for mark in SIGNING_MARKS))
    first = connection.execute(
        select(event.c.sequence)
        .where(event.c.sequence <= written, marked)
        .order_by(event.c.sequence)
        .limit(1)
    ).scalar_one_or_none()
    return int(written if first is None else first - 1)


def _attempts(connection: Connection, name: str) -> tuple[Attempt, ...]:
    """Return the newest lines of an account's door, newest first."""
    query = (
        select(sign_in.c.outcome, sign_in.c.at)
        .where(sign_in.c.account == name)
        .order_by(sign_in.c.number.desc())
        .limit(MOST_COUNTED)
    )
    found = []
    for outcome, at in connection.execute(query):
        # A line at no moment is none.
        with suppress(ValueError):
            found.append(Attempt(Outcome(outcome), moment_of(at)))
    return tuple(found)


def _note(connection: Connection, name: str, at: datetime, outcome: Outcome) -> None:
    newest = connection.execute(
        select(func.max(sign_in.c.number)).where(sign_in.c.account == name)
    ).scalar_one()
    connection.execute(
        insert(sign_in).values(
            account=name, number=(newest or 0) + 1, at=moment(at), outcome=outcome.value
        )
    )


def _password_row(new: StoredPassword) -> dict[str, object]:
    return {
        "account": new.account,
        "number": new.number,
        "at": moment(new.at),
        "set_by": new.set_by,
        "verifier": new.verifier,
        "key_number": new.key_number,
        "sealed_key": new.sealed_key,
    }


def _key_row(key: ApprovalKey) -> dict[str, object]:
    return {
        "account": key.account,
        "number": key.number,
        "public_key": key.public_key,
        "at": moment(key.at),
        "set_by": key.set_by,
        "endorsed_by": key.endorsed_by,
        "endorsed_with": key.endorsed_with,
        "endorsement": key.endorsement,
    }
