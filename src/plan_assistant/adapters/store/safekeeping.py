"""Copies of the store: backups made while collectors work, and their return.

A copy is made beside its place, checked, and put there in one step. Not here: what makes a record
sound (`domain/audit.py`); callers hand the check over.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2

from plan_assistant.adapters.files import sync_folder
from plan_assistant.adapters.store.engine import journal_mode, sqlite_engine
from plan_assistant.adapters.store.failures import (
    damaged,
    failure_of,
    locked,
    os_failure,
    translated,
)
from plan_assistant.adapters.store.migrate import refuse_newer, revision_of, upgrade
from plan_assistant.adapters.store.opening import LOCK_TIMEOUT, publish
from plan_assistant.adapters.store.place import (
    copy_in_the_way,
    default_place,
    is_postgres,
    made_anew,
    no_backup,
    no_file,
    place_named,
    prepare_folder,
    store_in_the_way,
)
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.audit import Report
from plan_assistant.domain.errors import StoreDamaged
from plan_assistant.ports import Archive

Check = Callable[[Archive], Report]
"""Audits a record."""

# A copy at rest has no log beside it.
_AT_REST: Final = "delete"
_ASIDE: Final = "before-restore"


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy that was made and checked."""

    path: Path
    report: Report
    """What the audit of the copy found."""
    aside: Path | None = None
    """Where the store that was replaced lies now."""


def back_up(store: SqlStore, target: Path, check: Check, *, replace: bool) -> Kept:
    """Copy the store as it is now into a file of its own, while others go on recording.

    Everything acknowledged before the call is in the copy. The copy is made even of a record that
    the audit finds wrong: it may be the only evidence. Raises InputRefused for a file that is there
    already unless it may be replaced, and a StoreFailure when no sound copy could be made.
    """
    if store.login is not None:
        raise no_file()
    if target.exists() and not replace:
        raise copy_in_the_way(target)
    with _beside(target) as new:
        least = _size(Path(store.place))
        _copy(Path(store.place), new)
        _refuse_less(new, least, target)
        report = _checked(new, str(target), check)
        with _os_errors(target):
            new.replace(target)
            sync_folder(target.parent)
    return Kept(target, report)


def restore(
    source: Path, url: str | None, check: Check, *, replace: bool, at: datetime
) -> Kept | Report:
    """Put a backup where the store is, or belongs; the store that was there is kept beside it.

    A backup in which the audit finds something wrong is not used: its report is returned. Raises
    InputRefused where a store is in the way and may not be replaced, StoreLocked while another
    program uses it, and StoreDamaged for a file that is no sound store.
    """
    if url is not None and is_postgres(url):
        raise no_file()
    path = default_place() if url is None else place_named(url)
    prepare_folder(path, is_default=url is None)
    if not source.is_file():
        raise no_backup(source)
    was_there = path.exists()
    if was_there and not replace:
        raise store_in_the_way(path)
    with _beside(path) as new:
        _copy(source, new)
        report = _checked(new, str(source), check)
        if not report.holds:
            return report
        _set_journal(new, str(source))
        aside = None
        with _os_errors(path):
            if was_there:
                aside = path.with_name(f"{path.name}.{_ASIDE}-{at:%Y%m%dT%H%M%S}")
                _set_aside(path, aside)
            _publish_only(new, path)
    return Kept(path, report, aside)


def _publish_only(new: Path, path: Path) -> None:
    inode = new.stat().st_ino
    publish(new, path)
    if path.stat().st_ino != inode:
        raise made_anew(path)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield an empty file for its owner only; what is left of it afterwards is removed."""
    new = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    with _os_errors(target):
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield new
    finally:
        for left in (new, *_logs(new)):
            with suppress(FileNotFoundError):
                left.unlink()


@contextmanager
def _os_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise os_failure(error, str(place)) from error


def _logs(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _connect(path: Path, mode: str) -> Any:
    return dbapi2.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=LOCK_TIMEOUT,
        isolation_level=None,
    )


def _size(path: Path) -> tuple[int, ...]:
    """Return how many facts a store has, and the last one's sequence."""
    with translated(str(path), LOCK_TIMEOUT), _closing(_connect(path, "ro")) as connection:
        found = connection.execute("select count(*), coalesce(max(sequence), 0) from event")
        return tuple(found.fetchone())


@contextmanager
def _closing(connection: Any) -> Iterator[Any]:
    try:
        yield connection
    finally:
        connection.close()


def _copy(source: Path, new: Path) -> None:
    """Copy a database page by page in one go: a moment of it, whatever is recorded meanwhile."""
    deadline = time.monotonic() + LOCK_TIMEOUT

    def give_up(_status: int, remaining: int, _total: int) -> None:
        # Called after each try; the driver itself would try for ever while somebody writes.
        if remaining and time.monotonic() > deadline:
            raise locked(str(source), LOCK_TIMEOUT)

    try:
        with _closing(_connect(source, "ro")) as reading, _closing(_connect(new, "rw")) as writing:
            # What is no database is named as such here; the copying only says that it failed.
            reading.execute("select count(*) from sqlite_schema").fetchone()
            reading.backup(writing, pages=-1, progress=give_up)
            (mode,) = writing.execute(f"PRAGMA journal_mode={_AT_REST}").fetchone()
            if mode != _AT_REST:
                raise damaged(str(source), f"its copy stays in the journal mode {mode}")
    except dbapi2.Error as error:
        raise failure_of(error, str(source), LOCK_TIMEOUT) from error
    with new.open("rb") as file:
        os.fsync(file.fileno())


def _refuse_less(new: Path, least: tuple[int, ...], target: Path) -> None:
    found = _size(new)
    if any(have < need for have, need in zip(found, least, strict=True)):
        raise StoreDamaged(
            f"the copy for {target} holds {found[0]} facts instead of at least {least[0]}. It was"
            " removed. Check the disk, then try again.",
            place=str(target),
            reason=f"{found[0]} facts instead of {least[0]}",
        )


def _checked(new: Path, place: str, check: Check) -> Report:
    """Bring a copy up to our revision and audit it."""
    engine = sqlite_engine(new, lock_timeout=LOCK_TIMEOUT, journal=_AT_REST, place=place)
    store = SqlStore(engine, None, place=place, lock_timeout=LOCK_TIMEOUT, journal=_AT_REST)
    try:
        with store.reading() as connection:
            revision = revision_of(connection, place)
        refuse_newer(revision, place)
        if revision != HEAD:
            with store.writing() as connection:
                upgrade(connection, place)
        problems = unsound(store)
        if problems:
            raise damaged(place, problems)
        return check(SqlSeals(store))
    finally:
        store.close()


def unsound(store: SqlStore) -> str:
    """Return what the engine finds wrong with the pages and indexes of a store, or nothing.

    This is not the audit: a forged row is sound.
    """
    with store.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    return "" if said == "ok" else str(said)


def _set_journal(new: Path, place: str) -> None:
    engine = sqlite_engine(new, lock_timeout=LOCK_TIMEOUT, journal=journal_mode(), place=place)
    try:
        with translated(place, LOCK_TIMEOUT), engine.connect():
            pass
    finally:
        engine.dispose()


def _set_aside(path: Path, aside: Path) -> None:
    """Move a store away while nobody uses it; a damaged one is moved with its logs as it is."""
    if not _is_readable(path):
        for file, moved in zip((path, *_logs(path)), (aside, *_logs(aside)), strict=True):
            with suppress(FileNotFoundError):
                file.rename(moved)
        return
    with translated(str(path), LOCK_TIMEOUT), _closing(_connect(path, "rw")) as connection:
        # Leaving the log takes every other connection to be closed, and folds it in.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        (mode,) = connection.execute(f"PRAGMA journal_mode={_AT_REST}").fetchone()
        if mode != _AT_REST:
            raise locked(str(path), LOCK_TIMEOUT)
        connection.execute("BEGIN EXCLUSIVE")
        path.rename(aside)
        connection.execute("ROLLBACK")


def _is_readable(path: Path) -> bool:
    """Say whether a file is a database at all; looking at it does not fold its log in."""
    try:
        with _closing(_connect(path, "ro")) as connection:
            connection.execute("select count(*) from sqlite_schema").fetchone()
    except dbapi2.Error as error:
        failure = failure_of(error, str(path), LOCK_TIMEOUT)
        if not isinstance(failure, StoreDamaged):
            raise failure from error
        return False
    return True
