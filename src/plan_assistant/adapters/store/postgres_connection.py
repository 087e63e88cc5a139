"""A connection to PostgreSQL that does not wait for ever.

A server that stands still closes nothing, and an act that waits for its answer is in no journal.
"""

from __future__ import annotations

import select
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

_INTERVAL: Final = 0.1
"""Seconds after which a waiting program looks whether somebody interrupts it."""

Answer = TypeVar("Answer")


class ServerSilent(psycopg.OperationalError):
    """The server did not answer; whether it did what it was asked is not known."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that ends when an answer takes too long; the driver would wait for ever."""

    patience: float | None = None
    """Seconds that an answer may take; None while the connection is made."""

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended this idle connection; costs no question to it."""
        # There is nothing to read of an idle one, unless the server has said goodbye.
        asked = select.poll()
        asked.register(self.pgconn.socket, select.POLLIN)
        return bool(asked.poll(0))

    def wait(
        self, gen: PQGen[Answer], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Answer:
        """Wait for an answer; raises ServerSilent, and ends the connection, where none comes."""
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.OperationalError as error:
            # The driver has a class of its own for this, which is not public.
            waits = self.pgconn.transaction_status == TransactionStatus.ACTIVE
            if waits and error.sqlstate is None:
                self.pgconn.finish()
                raise ServerSilent(f"no answer within {self.patience:.0f} seconds") from error
            raise
