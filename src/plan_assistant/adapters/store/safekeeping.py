"""Copies of the store: backups made while collectors work, and their return.

A copy is made beside its place, checked, and put there in one step. Not here: what makes a record
sound (`domain/audit.py`); callers hand the check over.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2
from sqlalchemy import Engine

from plan_assistant.adapters.files import sync_folder
from plan_assistant.adapters.keys.ring import default_ring
from plan_assistant.adapters.store.aside import aside_names, logs, unfolded
from plan_assistant.adapters.store.backup_failures import reading_backup, writing_backup
from plan_assistant.adapters.store.engine import journal_mode, sqlite_engine
from plan_assistant.adapters.store.failures import (
    damaged,
    failure_of,
    locked,
    no_room,
    os_failure,
    translated,
)
from plan_assistant.adapters.store.fields import PersonalFields
from plan_assistant.adapters.store.holding import AT_REST, connect, held, no_store
from plan_assistant.adapters.store.migrate import refuse_newer, revision_of, upgrade
from plan_assistant.adapters.store.opening import LOCK_TIMEOUT, fields_of, publish
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
    stray_log,
    would_come_back,
)
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.soundness import differing_parts, schema_made, unsound
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.approval import WrongApproval
from plan_assistant.domain.audit import Report
from plan_assistant.domain.errors import StoreDamaged, StoreFailure, StoreFull
from plan_assistant.ports import Archive, KeyRing, Store

Check = Callable[[Archive], Report]
"""Audits a record."""
ApprovalCheck = Callable[[Store], WrongApproval | None]
"""Finds the first approval that its lead did not sign."""

_BLOCK: Final = 64 * 1024
_FACTS: Final = "select event_id from event"
_ERASED: Final = "select case_id from case_key where wrapped is null"
_READABLE: Final = "select case_id from case_key where wrapped is not null"


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy that was made and checked."""

    path: Path
    report: Report
    """What the audit of the copy found."""
    aside: Path | None = None
    """Where the store that was replaced lies now."""
    left_aside: int = 0
    """How many facts of the store that was replaced are not in this one."""


def back_up(store: SqlStore, target: Path, check: Check, *, replace: bool) -> Kept:
    """Copy the store as it is now into a file of its own, while others go on recording.

    Everything acknowledged before the call is in the copy. The copy is made even of a record that
    the audit finds wrong: it may be the only evidence. Raises InputRefused for a file that is there
    already unless it may be replaced, and for one that is a store; and a StoreFailure when no sound
    copy could be made.
    """
    if store.login is not None:
        raise no_file()
    place, file = Path(store.place), Path(os.path.realpath(target))
    with writing_backup(target):
        if target.exists() and not replace:
            raise copy_in_the_way(target)
        with no_store(file, place):
            pass
        least = _size(place)
        with _beside(file, place) as new:
            _copy(place, new)
            _refuse_less(new, least, target)
            report = _checked(new, str(target), check)
            with no_store(file, place):
                if file.exists() and not replace:
                    raise copy_in_the_way(target)
                new.replace(file)
                sync_folder(file.parent)
    return Kept(target, report)


def restore(
    source: Path,
    url: str | None,
    check: Check,
    wrong_approval: ApprovalCheck,
    *,
    ring: KeyRing | None = None,
    replace: bool,
    at: datetime,
) -> Kept | Report | WrongApproval:
    """Put a backup where the store is, or belongs; the store that was there is kept beside it.

    Nothing is touched unless the backup opens and holds: what is wrong with it is returned. Raises
    InputRefused where a store is in the way and may not be replaced, and where a case that was
    purged there could be read again; StoreLocked while another program uses it, StoreDamaged for a
    file that is no sound store, and MasterKeyMissing where its master key is not in `ring`.
    """
    if url is not None and is_postgres(url):
        raise no_file()
    named = default_place() if url is None else place_named(url)
    path = Path(os.path.realpath(named))
    prepare_folder(path, is_default=url is None)
    if not source.is_file():
        raise no_backup(source)
    was_there = path.exists()
    if was_there and not replace:
        standing, kept = _facts(path), _facts(source)
        known = len((standing or frozenset()) & (kept or frozenset()))
        raise store_in_the_way(path, None if standing is None else len(standing), known)
    if not was_there and (strays := unfolded(path)):
        raise stray_log(strays[0])
    with reading_backup(source), _beside(path, source) as new:
        _copy(source, new)
        with _brought_up(new, str(source)) as engine:
            report = check(SqlSeals(_store(engine, str(source))))
            if not report.holds:
                return report
            with translated(str(source), LOCK_TIMEOUT):
                fields = fields_of(engine, ring or default_ring(named), str(source))
                with engine.connect() as connection:
                    fields.require_whole(connection)
            wrong = wrong_approval(_store(engine, str(source), fields))
            if wrong is not None:
                return wrong
            _require_ours(_store(engine, str(source)))
        _set_journal(new, str(source))
        aside, left = None, 0
        if was_there:
            aside, left = _swap(new, path, source, at)
        else:
            _publish_only(new, path)
    return Kept(path, report, aside, left)


def _require_ours(store: SqlStore) -> None:
    """Refuse a store in which a rule is missing, or something besides the program would act."""
    if differing := differing_parts(store, schema_made()):
        named = ", ".join(differing)
        raise damaged(store.place, f"these tables, indexes or triggers are not ours: {named}")


def _facts(path: Path) -> frozenset[str] | None:
    """Return the facts that a file holds; None where it cannot be read."""
    # Who only reads leaves the files of a log behind; who may write folds a log in that is there,
    # and with it perhaps what was damaged.
    mode = "ro" if unfolded(path) else "rw"
    try:
        with closing(connect(path, mode, LOCK_TIMEOUT)) as connection:
            return _ids(connection, _FACTS)
    except dbapi2.Error:
        return None


def _ids(connection: Any, query: str) -> frozenset[str]:
    """Return what a store names; nothing where an older one has no such table."""
    try:
        return frozenset(name for (name,) in connection.execute(query))
    except dbapi2.OperationalError:
        return frozenset()


def _publish_only(new: Path, path: Path) -> None:
    inode = new.stat().st_ino
    publish(new, path)
    if path.stat().st_ino != inode:
        raise made_anew(path)


def _swap(new: Path, path: Path, source: Path, at: datetime) -> tuple[Path, int]:
    """Put a store in the place of another one, which has a name of its own before it loses this.

    Returns that name, and how many facts are only there. Whoever looks, also after a crash, finds
    one of the two whole.
    """
    with held(path, LOCK_TIMEOUT) as standing:
        left = 0 if standing is None else _left_behind(standing, new, source)
        aside = next(name for name in aside_names(path, at) if _is_set_aside(path, name))
        try:
            if standing is None:
                _move_logs(path, aside)
            new.replace(path)
        except OSError:
            _move_logs(aside, path)
            if path.exists():
                aside.unlink()
            else:
                aside.rename(path)
            raise
        sync_folder(path.parent)
    return aside, left


def _left_behind(standing: Any, new: Path, source: Path) -> int:
    """Return how many facts of a store are not in the one that takes its place.

    Raises InputRefused where that holds the key of a case which was purged since.
    """
    with closing(connect(new, "ro", LOCK_TIMEOUT)) as other:
        back = _ids(standing, _ERASED) & _ids(other, _READABLE)
        left = _ids(standing, _FACTS) - _ids(other, _FACTS)
    if back:
        raise would_come_back(source, sorted(back))
    return len(left)


def _is_set_aside(path: Path, aside: Path) -> bool:
    """Give a store that name too; say whether it was free."""
    try:
        os.link(path, aside)
    except FileExistsError:
        return False
    except OSError:
        # A file system without hard links: claim the name first. The store has only this one then
        # until the other one is put in its place; whoever opens the store in between is told.
        try:
            os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        path.rename(aside)
    return True


def _move_logs(path: Path, aside: Path) -> None:
    for log, moved in zip(logs(path), logs(aside), strict=True):
        with suppress(FileNotFoundError):
            log.rename(moved)


@contextmanager
def _beside(target: Path, source: Path) -> Iterator[Path]:
    """Yield an empty file for its owner only; what is left of it afterwards is removed.

    A lack of room for a copy of `source` is named as one of the place of `target`.
    """
    new = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    with _os_errors(target):
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield new
    except OSError as error:
        raise os_failure(error, str(target)) from error
    except StoreFull as error:
        raise no_room(str(target)) from error
    except StoreFailure as error:
        # A quota, a limit on the size of files and some full devices are unnamed disk errors.
        if type(error) is StoreFailure:
            _require_room(new, source, target)
        raise
    finally:
        for left in (new, *logs(new)):
            with suppress(FileNotFoundError):
                left.unlink()


def _require_room(new: Path, source: Path, target: Path) -> None:
    """Raise StoreFull where a file of the size of `source` cannot be written."""
    with _os_errors(target), new.open("wb") as file:
        for _ in range(0, source.stat().st_size + _BLOCK, _BLOCK):
            file.write(bytes(_BLOCK))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _os_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise os_failure(error, str(place)) from error


def _size(path: Path) -> tuple[int, ...]:
    """Return how many facts a store has, and the last one's sequence."""
    with (
        translated(str(path), LOCK_TIMEOUT),
        closing(connect(path, "ro", LOCK_TIMEOUT)) as connection,
    ):
        found = connection.execute("select count(*), coalesce(max(sequence), 0) from event")
        return tuple(found.fetchone())


def _copy(source: Path, new: Path) -> None:
    """Copy a database page by page in one go: a moment of it, whatever is recorded meanwhile."""
    deadline = time.monotonic() + LOCK_TIMEOUT

    def give_up(_status: int, remaining: int, _total: int) -> None:
        # Called after each try; the driver itself would try for ever while somebody writes.
        if remaining and time.monotonic() > deadline:
            raise locked(str(source), LOCK_TIMEOUT)

    try:
        with (
            closing(connect(source, "ro", LOCK_TIMEOUT)) as reading,
            closing(connect(new, "rw", LOCK_TIMEOUT)) as writing,
        ):
            # What is no database is named as such here; the copying only says that it failed.
            reading.execute("select count(*) from sqlite_schema").fetchone()
            reading.backup(writing, pages=-1, progress=give_up)
            (mode,) = writing.execute(f"PRAGMA journal_mode={AT_REST}").fetchone()
            if mode != AT_REST:
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
    with _brought_up(new, place) as engine:
        return check(SqlSeals(_store(engine, place)))


@contextmanager
def _brought_up(new: Path, place: str) -> Iterator[Engine]:
    """Yield an engine over a copy that is sound and has our revision."""
    engine = sqlite_engine(new, lock_timeout=LOCK_TIMEOUT, journal=AT_REST, place=place)
    store = _store(engine, place)
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
        yield engine
    finally:
        store.close()


def _store(engine: Engine, place: str, fields: PersonalFields | None = None) -> SqlStore:
    return SqlStore(engine, fields, place=place, lock_timeout=LOCK_TIMEOUT, journal=AT_REST)


def _set_journal(new: Path, place: str) -> None:
    engine = sqlite_engine(new, lock_timeout=LOCK_TIMEOUT, journal=journal_mode(), place=place)
    try:
        with translated(place, LOCK_TIMEOUT), engine.connect():
            pass
    finally:
        engine.dispose()
