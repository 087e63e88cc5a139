"""Holds a database file against everybody else while its name goes to another one.

Not here: copies (`safekeeping.py`) and the names of what is set aside (`aside.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2

from plan_assistant.adapters.store.aside import unfolded
from plan_assistant.adapters.store.failures import failure_of, locked
from plan_assistant.adapters.store.place import copy_onto_store, made_anew, no_plain_file
from plan_assistant.domain.errors import StoreDamaged, StoreLocked

AT_REST: Final = "delete"
"""The journal mode of a copy: there is no log beside it."""


def connect(path: Path, mode: str, lock_timeout: float) -> Any:
    """Return a connection of the driver to a file that is there; `mode` is ro or rw."""
    return dbapi2.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=lock_timeout,
        isolation_level=None,
    )


@contextmanager
def no_store(target: Path, store: Path) -> Iterator[None]:
    """Hold a file that a backup may replace; raises InputRefused for a store, and for no file.

    Programs that have it open would go on in a file without a name, and their log would be folded
    into the copy.
    """
    if unfolded(target):
        raise copy_onto_store(target)
    if not target.exists():
        yield
        return
    if not target.is_file():
        # Looked at, never opened: whoever opens a pipe waits for its other end.
        raise no_plain_file(target)
    if target.samefile(store):
        raise copy_onto_store(target)
    with closing(connect(target, "rw", 0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except dbapi2.Error as error:
            failure = failure_of(error, str(target), 0)
            if isinstance(failure, StoreLocked):
                raise copy_onto_store(target) from error
            if not isinstance(failure, StoreDamaged):
                raise failure from error
            mode = ""
        if mode == "wal":
            raise copy_onto_store(target)
        yield


@contextmanager
def held(path: Path, lock_timeout: float) -> Iterator[Any]:
    """Hold a store that nobody else has open, its log folded in; yield the connection that does.

    A damaged one is left as it is, and not held: None is yielded.
    """
    inode = path.stat().st_ino
    if not _is_readable(path, lock_timeout):
        yield None
        return
    with closing(connect(path, "rw", lock_timeout)) as connection:
        error = None
        try:
            # Leaving the log takes every other connection to be closed, and folds it in.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            (mode,) = connection.execute(f"PRAGMA journal_mode={AT_REST}").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except dbapi2.Error as raised:
            error = raised
        if path.stat().st_ino != inode:
            # Another restore was first: what is held here has another name by now.
            raise made_anew(path) from error
        if error is not None:
            raise failure_of(error, str(path), lock_timeout) from error
        if mode != AT_REST:
            raise locked(str(path), lock_timeout)
        yield connection
        connection.execute("ROLLBACK")


def _is_readable(path: Path, lock_timeout: float) -> bool:
    """Say whether a file is a database at all; looking at it does not fold its log in."""
    try:
        with closing(connect(path, "ro", lock_timeout)) as connection:
            connection.execute("select count(*) from sqlite_schema").fetchone()
    except dbapi2.Error as error:
        failure = failure_of(error, str(path), lock_timeout)
        if not isinstance(failure, StoreDamaged):
            raise failure from error
        return False
    return True
