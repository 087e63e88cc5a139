"""The store port on PostgreSQL: one statement a request, tried again when transactions meet.

The statement is a SERIALIZABLE transaction of its own and reads nothing that others write (see
docs/decisions/0014): whether a case is at the expected version, and what waits in it, is found out
by inserting. Not here: the statement itself (`postgres_statement.py`).
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Final

import psycopg
from psycopg import Error, RawCursor
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from plan_assistant.adapters.store import postgres_failures as reports
from plan_assistant.adapters.store.asking import (
    Asked,
    Prepared,
    first_receipt,
    refuse_in_clear,
)
from plan_assistant.adapters.store.fields import CaseKey, PersonalFields
from plan_assistant.adapters.store.logins import GROUPS, OWNER, Login, admit
from plan_assistant.adapters.store.people import known_person, person_named
from plan_assistant.adapters.store.postgres_connection import PatientConnection, ServerSilent
from plan_assistant.adapters.store.postgres_credentials import PostgresCredentials
from plan_assistant.adapters.store.postgres_engine import postgres_engine
from plan_assistant.adapters.store.postgres_pool import PostgresPool
from plan_assistant.adapters.store.postgres_statement import parameters_of, statement_for
from plan_assistant.adapters.store.sql_store import SqlStore, staleness
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreClosedToYou, StoreLocked, TransitionRefused
from plan_assistant.domain.events import Account, Receipt
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import MasterKey

_MOST_TRIES: Final = 12
_MOST_CONNECTIONS: Final = 3
_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.25
_KEYS_KEPT: Final = 4096
# What else a session does is shown to nobody but itself and those above the walls.
_RECORDING: Final = text(
    "select distinct a.usename, a.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid"
    " where l.relation = 'event'::regclass and l.mode = 'RowExclusiveLock' and l.granted"
    " and l.database = (select oid from pg_database where datname = current_database())"
    " and l.pid <> pg_backend_pid() order by a.pid"
)


class _ConnectionBroke(psycopg.OperationalError):
    """The server went away before it answered."""


class PostgresStore(SqlStore):
    """The record in a PostgreSQL database, as one person who signed in sees it."""

    def __init__(
        self,
        engine: Engine,
        fields: PersonalFields | None,
        *,
        place: str,
        lock_timeout: float,
        signed_in: Login,
    ) -> None:
        super().__init__(engine, fields, place=place, lock_timeout=lock_timeout, journal="wal")
        # What somebody reads is of one moment, and no conflict with what others write.
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ")
        self._writing = engine.execution_options(isolation_level="SERIALIZABLE")
        # Who seals waits for others, and has to see what they wrote meanwhile.
        self._sealing = engine.execution_options(isolation_level="READ COMMITTED")
        self._requests = engine
        self.signed_in = signed_in
        self.login = signed_in.name
        self.credentials = PostgresCredentials(
            self._reading, self._writing, self._translated, signed_in.name
        )
        self.tries_repeated = 0
        """How many transactions were run again, for diagnostics."""
        self._account: Account | None = None
        # A key that was read stays that of its case: the database refuses what comes for a case
        # whose key was destroyed.
        self._keys: OrderedDict[CaseId, CaseKey] = OrderedDict()

    def add_account(self, account: Account, password: str | None = None) -> None:
        """Add a person, with their database role where this login may create roles."""
        with self._translated(), self._writing.begin() as connection:
            try:
                admit(connection, account, self.signed_in, password)
            except DBAPIError as error:
                raise reports.refusal_of(error.orig) or error from error

    def rotate(self, to: MasterKey) -> tuple[CaseId, ...]:
        """Put every key of the store under another master key, as the owner of the tables."""
        if not self.signed_in.is_owner:
            raise TransitionRefused("only_owner_rotates", login=self.signed_in.name, owner=OWNER)
        with self._translated(), self._writing.begin() as connection:
            connection.execute(text(f"set local role {OWNER}"))
            left = self._fields.rotate(connection, to)
        self._keys.clear()
        return left

    def scrub(self) -> bool:
        """Return True: nothing is left for this program to do.

        The server keeps the old row of an erased key until a vacuum, and its log for as long as it
        is kept; both are looked after by whoever looks after the server.
        """
        return True

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection for one transaction, in which each statement sees what is there.

        Raises StoreLocked that names who is in the middle of recording, where that is the reason.
        """
        try:
            with self._translated(), self._sealing.begin() as connection:
                try:
                    yield connection
                except DBAPIError as error:
                    raise reports.refusal_of(error.orig) or error from error
        except StoreLocked as failure:
            seconds = failure.detail.get("seconds")
            if seconds is not None and (holders := self._recording()):
                raise reports.held(self.place, holders, seconds) from failure
            raise

    def _recording(self) -> str:
        """Return which other sessions are in the middle of recording, by login and process."""
        with self._translated(), self._requests.connect() as connection:
            rows = connection.execute(_RECORDING).all()
        return ", ".join(f"{row.usename} (process {row.pid})" for row in rows)

    def knows_password(self, password: str) -> bool:
        """Say whether the server lets this login in with that password, by asking it."""
        url = self._requests.url.set(password=password)
        with self._translated():
            again = postgres_engine(url, lock_timeout=self._lock_timeout)
            try:
                again.connect().close()
            except DBAPIError as error:
                if isinstance(reports.failure_of(error.orig, self.place, 0), StoreClosedToYou):
                    return False
                raise
            finally:
                again.dispose()
        return True

    @property
    def may_seal(self) -> bool:
        """Whether this login may add checkpoints."""
        return self.signed_in.seals or self.signed_in.is_superuser

    def require_whole_view(self) -> None:
        """Refuse whoever does not see all rows: what is out of sight would look like deleted."""
        if not self.signed_in.sees_all_rows:
            raise TransitionRefused("sees_not_all_rows", login=self.signed_in.name)

    # --- one request --------------------------------------------------------------------------

    def _key_for(self, case_id: CaseId) -> CaseKey:
        known = self._keys.get(case_id)
        if known is not None:
            return known
        found = super()._key_for(case_id)
        if not found.is_fresh:
            self._remember(found)
        return found

    def _remember(self, key: CaseKey) -> None:
        if key.wrapped is None:
            return
        self._keys[key.case_id] = key
        while len(self._keys) > _KEYS_KEPT:
            self._keys.popitem(last=False)

    def _record(self, new: Prepared) -> Receipt | None:
        asked = new.asked
        self._refuse_stranger(asked)
        if asked.is_erasing:
            with self._reading.connect() as connection:
                refuse_in_clear(connection, asked.case_id)
        is_fresh = _brings_key(new)
        for number in range(_MOST_TRIES):
            try:
                is_new = self._once(new, is_fresh=is_fresh)
            except _ConnectionBroke:
                # Whether it was recorded is not known; the key of the request tells the next time.
                is_last = number + 1 >= _MOST_CONNECTIONS
                if is_last:
                    raise
            except Error as error:
                if reports.constraint_of(error) == "master_key_moved":
                    return None
                is_last = number + 1 >= _MOST_TRIES
                if is_last or not reports.is_worth_another_try(error):
                    raise self._meaning(error, new) from error
            else:
                return self._receipt(new, is_new=is_new)
            self.tries_repeated += 1
            # Those who met are spread.
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))
        raise AssertionError("the last try returns or raises")

    def _receipt(self, new: Prepared, *, is_new: bool) -> Receipt:
        case_id = new.asked.case_id
        if not is_new:
            with self._reading.connect() as connection:
                return first_receipt(connection, new)
        if new.asked.is_erasing:
            self._keys.pop(case_id, None)
        elif _brings_key(new):
            self._remember(replace(new.case_key, is_fresh=False))
        return new.receipt

    def _once(self, new: Prepared, *, is_fresh: bool) -> bool:
        """Run the statement of a request; say whether it recorded anything."""
        statement = statement_for(len(new.facts), is_fresh, len(new.index_rows))
        pool = self._requests.pool
        assert isinstance(pool, PostgresPool)
        # Past SQLAlchemy, here and in the statement: it would take more time than the driver does.
        entry = pool.take()
        try:
            driver = entry.driver_connection
            assert isinstance(driver, PatientConnection)
            cursor = entry.info.get("cursor") or entry.info.setdefault("cursor", RawCursor(driver))
            try:
                cursor.execute(statement, parameters_of(new, is_fresh=is_fresh))
            except psycopg.OperationalError as error:
                if not driver.closed:
                    raise
                if isinstance(error, ServerSilent):
                    # Nor would the other connections be answered.
                    self._requests.dispose()
                    raise
                raise _ConnectionBroke(*error.args) from error
            return bool(cursor.rowcount > 0)
        finally:
            pool.give_back(entry)

    def _meaning(self, error: Error, new: Prepared) -> Exception:
        asked = new.asked
        is_out_of_sight = new.case_key.is_fresh and asked.expected_version > 0
        if reports.constraint_of(error) in reports.STALE or (
            is_out_of_sight and reports.permission_missing(error) is not None
        ):
            with self._reading.connect() as connection:
                stale = staleness(connection, asked.case_id, asked.expected_version)
            if is_out_of_sight and self.signed_in.groups == (GROUPS[Role.AGENCY_COLLECTOR],):
                return TransitionRefused("not_assigned", case_id=asked.case_id)
            # A case of another team is there, and out of sight.
            return stale or TransitionRefused("case_exists", case_id=asked.case_id)
        return reports.refusal_of(error) or error

    def _refuse_stranger(self, asked: Asked) -> None:
        actor = asked.actor
        if self._account is None:
            with self._reading.connect() as connection:
                self._account = person_named(connection, self.signed_in.name)
        if actor == self._account:
            return
        with self._reading.connect() as connection:
            known = known_person(connection, actor)
        if known.name != self.signed_in.name:
            raise TransitionRefused("not_your_account", name=known.name, login=self.signed_in.name)

    def _translated(self) -> AbstractContextManager[None]:
        return reports.translated(self.place, self._lock_timeout)


def _brings_key(new: Prepared) -> bool:
    """Say whether the key of the case has to be stored with the request."""
    key = new.case_key
    return key.is_fresh and (
        new.asked.expected_version == 0
        or any(key.key_id in str(each.row["body"]) for each in new.facts)
    )
