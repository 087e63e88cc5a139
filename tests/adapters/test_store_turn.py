"""Whoever waits to write to a file keeps asking in short pauses, and gives up when time is up."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from tests.stores import fresh_file

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.engine import WRITES, sqlite_engine

_TIMEOUT = 0.2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = fresh_file(tmp_path)
    open_store(str(file)).close()
    return file


def _engine(path: Path, lock_timeout: float) -> Engine:
    return sqlite_engine(path, lock_timeout=lock_timeout, journal="wal")


def test_the_turn_comes_a_short_pause_after_the_other_writer_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = dbapi2.connect(str(path), isolation_level=None)
    writer.execute("begin immediate")
    pauses: list[float] = []

    def paused(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 500:
            writer.execute("rollback")

    monkeypatch.setattr(time, "sleep", paused)
    engine = _engine(path, lock_timeout=60)
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        pass

    # SQLite itself would have waited a tenth of a second each time.
    assert len(pauses) == 500
    assert max(pauses) <= 0.004
    assert len(set(pauses)) > 400
    engine.dispose()
    writer.close()


@pytest.mark.parametrize("is_held", [False, True])
def test_reading_and_committing_wait_as_long_as_before(path: Path, *, is_held: bool) -> None:
    writer = dbapi2.connect(str(path), isolation_level=None)
    if is_held:
        writer.execute("begin immediate")
    engine = _engine(path, lock_timeout=_TIMEOUT)
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if is_held:
            with pytest.raises(OperationalError, match="locked"):
                connection.begin()
        else:
            connection.begin()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        assert raw.execute("pragma busy_timeout").fetchone() == (_TIMEOUT * 1000,)
    engine.dispose()
    writer.close()
