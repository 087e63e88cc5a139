"""Passwords and approval keys on PostgreSQL: they open the keys that sign approvals.

Who somebody is says the login of the database; no password of this program lets anybody in.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from plan_assistant.adapters.store import postgres_failures as reports
from plan_assistant.adapters.store.credentials import SqlCredentials
from plan_assistant.domain.approval import ApprovalKey
from plan_assistant.domain.errors import StoreFailure, TransitionRefused
from plan_assistant.domain.passwords import StoredPassword

_MOST_TRIES: Final = 20
_LONGEST_PAUSE: Final = 0.05
_MET: Final = frozenset({"40001", "40P01", "23505"})
"""Two transactions met, or both took the next number."""


class PostgresCredentials(SqlCredentials):
    """What one login may know and add: its own passwords, and everybody's public keys."""

    def __init__(
        self,
        reading: Engine,
        writing: Engine,
        translated: Callable[[], AbstractContextManager[None]],
        login: str,
    ) -> None:
        super().__init__(reading, writing, translated)
        self._login = login

    def password_of(self, name: str) -> StoredPassword | None:
        """Return the newest password of this login; of another person only which number it has."""
        if name == self._login:
            return super().password_of(name)
        known = [key for key in self.key_registry().keys if key.account == name]
        if not known:
            return None
        newest = known[-1]
        with self._translated(), self._reading.connect() as connection:
            number = self._newest_number(connection, name)
        return StoredPassword(name, number, newest.at, newest.set_by, "", newest.number, "")

    def add_password(self, new: StoredPassword, key: ApprovalKey | None) -> None:
        """Add the next password of an account; refuse roles that approve nothing."""
        with self._translated():
            try:
                super().add_password(new, key)
            except StoreFailure as error:
                if reports.permission_missing(error.__cause__) is not None:
                    raise TransitionRefused("password_for_approvals", name=new.account) from error
                raise

    def _write(self, act: Callable[[Connection], None]) -> None:
        """Do that in a SERIALIZABLE transaction, again where it met another."""
        for number in range(_MOST_TRIES):
            try:
                with self._writing.begin() as connection:
                    act(connection)
            except DBAPIError as error:
                is_last = number + 1 >= _MOST_TRIES
                if is_last or getattr(error.orig, "sqlstate", None) not in _MET:
                    raise
            else:
                return
            time.sleep(random.uniform(0, _LONGEST_PAUSE))

    def _newest_number(self, connection: Connection, name: str) -> int:
        if name == self._login:
            return super()._newest_number(connection, name)
        counted = connection.execute(select(func.passwords_of(name))).scalar_one()
        return int(counted or 0)
