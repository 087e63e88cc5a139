"""The store port on PostgreSQL: one statement a request, tried again when transactions meet.

The statement is a SERIALIZABLE transaction of its own and reads nothing that others write (see
docs/decisions/0014): whether a case is at the expected version, and what waits in it, is found out
by inserting.
"""

from __future__ import annotations

import functools
import random
import time
from contextlib import AbstractContextManager
from typing import Any, Final, LiteralString

import psycopg
from psycopg import Error
from sqlalchemy import Engine, func
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Select

from plan_assistant.adapters.store import postgres_failures as reports
from plan_assistant.adapters.store.logins import Login, admit
from plan_assistant.adapters.store.schema import event
from plan_assistant.adapters.store.sql_store import (
    Asked,
    SqlStore,
    claimed,
    first_receipt,
    person_named,
    staleness,
)
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, Receipt

_MOST_TRIES: Final = 12
_MOST_CONNECTIONS: Final = 3
_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.25
_FACT: Final = tuple(column.name for column in event.c if column.name != "sequence")


@functools.cache
def statement_for(facts: int) -> LiteralString:
    """Return the statement that records so many facts, unless the key was used before.

    The key comes first and the facts depend on it, so a repeat inserts nothing, whatever the case
    has become in between.
    """
    columns = ", ".join(_FACT)
    types = {"version": "integer"}
    rows = " union all ".join(
        "select "
        + ", ".join(
            f"cast(%({name}_{number})s as {types.get(name, 'text')}) as {name}" for name in _FACT
        )
        for number in range(facts)
    )
    # Nothing but our own names stands in it.
    return (
        "with claimed as (insert into request (key, payload_sha256, case_id, version, event_ids)"
        " values (%(key)s, %(payload_sha256)s, %(case_id)s, %(version)s, %(event_ids)s)"
        " on conflict do nothing returning key)"
        f" insert into event ({columns}) select {columns} from claimed, ({rows}) as fact"
        " order by version"
    )


class _ConnectionBroke(psycopg.OperationalError):
    """The server went away before it answered."""


class PostgresStore(SqlStore):
    """The record in a PostgreSQL database, as one person who signed in sees it."""

    def __init__(
        self, engine: Engine, *, place: str, lock_timeout: float, signed_in: Login
    ) -> None:
        super().__init__(engine, place=place, lock_timeout=lock_timeout, journal="wal")
        # What somebody reads must not count as a conflict with what others write.
        self._reading = engine.execution_options(isolation_level="READ COMMITTED")
        self._writing = engine.execution_options(isolation_level="SERIALIZABLE")
        self._requests = engine
        self.signed_in = signed_in
        self.login = signed_in.name
        self.tries_repeated = 0
        """How many transactions were run again, for diagnostics."""
        self._account: Account | None = None

    def add_account(self, account: Account, password: str | None = None) -> None:
        """Add a person, with their database role where this login may create roles."""
        with self._translated(), self._writing.begin() as connection:
            try:
                admit(connection, account, self.signed_in, password)
            except DBAPIError as error:
                raise reports.refusal_of(error.orig) or error from error

    def _record(self, asked: Asked) -> Receipt:
        self._refuse_stranger(asked)
        for number in range(_MOST_TRIES):
            try:
                is_new = self._once(asked)
            except _ConnectionBroke:
                # Whether it was recorded is not known; the key of the request tells the next time.
                is_last = number + 1 >= _MOST_CONNECTIONS
                if is_last:
                    raise
            except Error as error:
                is_last = number + 1 >= _MOST_TRIES
                if is_last or not reports.is_worth_another_try(error):
                    raise self._meaning(error, asked) from error
            else:
                return asked.receipt if is_new else self._first_receipt(asked)
            self.tries_repeated += 1
            # Those who met are spread.
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))
        raise AssertionError("the last try returns or raises")

    def _once(self, asked: Asked) -> bool:
        """Run the statement of a request; say whether it recorded anything."""
        row = {
            f"{name}_{number}": value
            for number, each in enumerate(asked.facts)
            for name, value in each.row.items()
        }
        pooled = self._requests.raw_connection()
        try:
            # Past SQLAlchemy, which would take more time than the driver and the network together.
            driver = pooled.driver_connection
            assert isinstance(driver, psycopg.Connection)
            try:
                recorded = driver.execute(
                    statement_for(len(asked.facts)), {**row, **claimed(asked)}
                )
            except psycopg.OperationalError as error:
                if not driver.closed:
                    raise
                pooled.invalidate()
                raise _ConnectionBroke(*error.args) from error
            return recorded.rowcount > 0
        finally:
            pooled.close()

    def _first_receipt(self, asked: Asked) -> Receipt:
        with self._reading.connect() as connection:
            return first_receipt(connection, asked)

    def _meaning(self, error: Error, asked: Asked) -> Exception:
        if reports.constraint_of(error) in reports.STALE:
            with self._reading.connect() as connection:
                stale = staleness(connection, asked.case_id, asked.expected_version)
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
            known = person_named(connection, actor.name)
        if known is None:
            raise TransitionRefused("account_unknown", name=actor.name)
        if known.role is not actor.role:
            raise TransitionRefused("account_differs", name=actor.name, role=known.role.value)
        if known.name != self.signed_in.name:
            raise TransitionRefused("not_your_account", name=known.name, login=self.signed_in.name)

    def _translated(self) -> AbstractContextManager[None]:
        return reports.translated(self.place, self._lock_timeout)

    def _in_order(self, query: Select[Any]) -> Select[Any]:
        # The clock that orders facts may be set back; within a case the versions say what is first.
        reached = func.max(event.c.sequence).over(
            partition_by=event.c.case_id, order_by=event.c.version
        )
        return query.order_by(reached, event.c.case_id, event.c.version)
