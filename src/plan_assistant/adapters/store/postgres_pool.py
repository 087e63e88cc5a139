"""Connections to a PostgreSQL database that nobody is using at the moment, kept for the next.

SQLAlchemy finds them here, and so do requests, past what SQLAlchemy does around each use of one:
that took six times as long. Both share them, because a server lets in so many connections and no
more. Not here: how one is made (`postgres_engine.py`).
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from psycopg.pq import TransactionStatus
from sqlalchemy import Pool
from sqlalchemy.pool import ConnectionPoolEntry

_KEPT: Final = 5
"""Connections that stay open when nobody uses them."""


class PostgresPool(Pool):
    """Keeps idle connections. Safe to use from several threads at once."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: deque[ConnectionPoolEntry] = deque()
        self._is_disposed = False

    def take(self) -> ConnectionPoolEntry:
        """Return a connection that is nobody else's until it is given back."""
        while self._idle:
            entry = self._do_get()
            connection = entry.driver_connection
            if connection is not None and not connection.has_ended:
                return entry
            entry.close()
        return self._create_connection()

    def give_back(self, entry: ConnectionPoolEntry) -> None:
        """Keep a connection for the next, unless it broke, or is in the middle of something."""
        connection = entry.driver_connection
        if connection and connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._do_return_conn(entry)
        else:
            entry.close()

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            return self._idle.popleft()
        except IndexError:
            return self._create_connection()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if len(self._idle) >= _KEPT:
            record.close()
            return
        self._idle.append(record)
        # Somebody closed the store meanwhile: nobody will look here again.
        if self._is_disposed:
            self.dispose()

    def recreate(self) -> PostgresPool:
        """Return an empty one for the same database, which follows this one once disposed of."""
        return PostgresPool(self._creator, _dispatch=self.dispatch, dialect=self._dialect)

    def dispose(self) -> None:
        """Close all idle connections; those in use are closed when they are given back."""
        self._is_disposed = True
        self._close_idle()

    def _invalidate(self, *given: Any, **named: Any) -> None:
        super()._invalidate(*given, **named)
        # SQLAlchemy only notes the moment, for whoever finds the others through it. A server that
        # was silent to a reader would not answer a request on one of them either.
        self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            try:
                entry = self._idle.popleft()
            except IndexError:  # another thread took the last one
                return
            entry.close()
