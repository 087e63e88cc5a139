"""An SQLAlchemy engine over one SQLite file, set so that an acknowledged fact survives a crash.

Not here: tables (`schema.py`) and what is written (`sql_store.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event

from plan_assistant.adapters.store.failures import is_full, no_room
from plan_assistant.adapters.store.schema import APPLICATION_ID
from plan_assistant.adapters.store.turn import begin_writing

WRITES: Final = "plan_assistant_writes"
"""Execution option of connections whose transactions write."""

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint at the
# same instant; fixed in 3.51.3 and in these backports (of the same minor version).
_FIXED_IN: Final = (3, 51, 3)
_FIXED_BACKPORTS: Final = {(3, 44): 6, (3, 50): 7}


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Say whether that SQLite library may be trusted with a write-ahead log."""
    if version >= _FIXED_IN:
        return True
    fixed = _FIXED_BACKPORTS.get((version[0], version[1]))
    return fixed is not None and version[2] >= fixed


def journal_mode(version: tuple[int, ...] = dbapi2.sqlite_version_info) -> str:
    """Return the journal mode for that SQLite library: wal, or truncate where wal may corrupt."""
    return "wal" if is_wal_safe(version) else "truncate"


def sqlite_engine(
    path: Path, *, lock_timeout: float, journal: str, place: str | None = None
) -> Engine:
    """Return an engine for that file, which must exist; a store of ours is put into that mode.

    `place` is what failures call it where that is not its path.
    """
    # Opened by a URI with mode=rw: SQLite itself would make a missing file, with the modes of the
    # umask.
    url = URL.create(
        "sqlite+pysqlite",
        database=path.absolute().as_uri(),
        query={"uri": "true", "mode": "rw"},
    )
    engine = create_engine(
        url,
        module=dbapi2,
        # An error's text must not carry what a person said or owes.
        hide_parameters=True,
        # Writers queue for SQLite's own lock, whose timeout has a sentence; the pool never refuses.
        max_overflow=-1,
        connect_args={"timeout": lock_timeout},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        try:
            configure(connection)
        except dbapi2.OperationalError as error:
            # Opening takes room too, for the index of the log, and SQLite calls the lack of it an
            # unnamed disk error. Nothing can have been recorded through a connection this new.
            if is_full(path.parent):
                raise no_room(place or str(path)) from error
            raise

    def configure(connection: Any) -> None:
        # The driver must not begin transactions on its own; `begin` below does.
        connection.isolation_level = None
        # The mode is written into the file, and a file of another program is left as it is.
        if connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,):
            (mode,) = connection.execute(f"PRAGMA journal_mode={journal}").fetchone()
            if mode != journal:
                raise dbapi2.OperationalError(f"the journal mode is {mode} instead of {journal}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA trusted_schema=OFF")
        # What is deleted or written over, the key of an erased case first of all, leaves no bytes.
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when somebody wrote in
        # between, whatever the timeout; an immediate one waits.
        if connection.get_execution_options().get(WRITES, False):
            begin_writing(connection, lock_timeout)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def scrub(engine: Engine) -> bool:
    """Leave nothing of what was written over or deleted, in the file or in its log.

    Other programs that worked on the file may have left copies on free pages, where `secure_delete`
    of ours comes too late: the whole file is written anew. Then the log is emptied; False where
    another program reads from it, so that it stays for now.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("VACUUM")
        is_busy, _pages, _moved = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
