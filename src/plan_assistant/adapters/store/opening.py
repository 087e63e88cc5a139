"""Opens the store: makes a new one whole or not at all, upgrades older ones, refuses all else.

Not here: where it lies (`place.py`) and what is done with it (`sql_store.py`).
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from plan_assistant.adapters.files import sync_folder
from plan_assistant.adapters.keys.ring import default_ring
from plan_assistant.adapters.store.aside import asides, unfolded
from plan_assistant.adapters.store.engine import WRITES, journal_mode, sqlite_engine
from plan_assistant.adapters.store.failures import damaged, os_failure, read_only, translated
from plan_assistant.adapters.store.fields import PersonalFields, make_store_keys, stored_keys
from plan_assistant.adapters.store.migrate import refuse_newer, revision_of, upgrade
from plan_assistant.adapters.store.place import (
    default_place,
    is_postgres,
    place_named,
    prepare_folder,
    store_gone,
)
from plan_assistant.adapters.store.schema import HEAD, event, person_index
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.ports import KeyRing

LOCK_TIMEOUT = 30.0
"""Seconds a writer waits for others: SQLite's lock is not fair, and a call must not fail at a busy
hour."""


def open_store(
    url: str | None = None, *, ring: KeyRing | None = None, lock_timeout: float = LOCK_TIMEOUT
) -> SqlStore:
    """Open the store at a path or sqlite:/// URL; make it if missing.

    Without one it lies in the user's data folder, and without a ring its master key is looked for
    in the places of this user. One at a postgresql:// URL is made by its owner (`preparing.py`).
    Raises InputRefused for a place of another kind, and a StoreFailure that says what to do next
    for a store that cannot be used: MasterKeyMissing where its key is not here.
    """
    if url is not None and is_postgres(url):
        from plan_assistant.adapters.store.postgres_opening import open_postgres  # noqa: PLC0415  # psycopg is an extra

        return open_postgres(url, ring or default_ring(), lock_timeout=lock_timeout)
    path = default_place() if url is None else place_named(url)
    prepare_folder(path, is_default=url is None)
    place = str(path)
    try:
        size = _size(path)
        if size is None:
            _refuse_to_start_anew(path)
            _make(path, lock_timeout)
        elif size == 0:
            raise damaged(
                place, "it is empty; if that was meant to become a new store, delete it first"
            )
    except OSError as error:
        raise os_failure(error, place) from error
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise read_only(place)
    journal = journal_mode()
    engine = sqlite_engine(path, lock_timeout=lock_timeout, journal=journal)
    try:
        with translated(place, lock_timeout):
            _bring_up_to_date(engine, place)
            fields = fields_of(engine, ring or default_ring(path), place)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine, fields, place=place, lock_timeout=lock_timeout, journal=journal)


def _size(path: Path) -> int | None:
    # Asked for, never read: closing a file that SQLite has open in this process drops SQLite's
    # locks on it.
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _refuse_to_start_anew(path: Path) -> None:
    """Raise StoreDamaged where the files beside the place tell of a store that is gone.

    An empty store would hide that, and a log that was left would be folded into it.
    """
    path = Path(os.path.realpath(path))
    left = [*asides(path), *unfolded(path)]
    # Asked again: another program may have made it in the meantime.
    if left and not path.exists():
        raise store_gone(path, left[-1])


def _bring_up_to_date(engine: Engine, place: str) -> None:
    with engine.connect() as connection:
        revision = revision_of(connection, place)
    refuse_newer(revision, place)
    if revision == HEAD:
        return
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        # Asked again under the lock: another program may have upgraded it in the meantime.
        if revision_of(connection, place) != HEAD:
            upgrade(connection, place)


def fields_of(engine: Engine, ring: KeyRing, place: str) -> PersonalFields:
    """Return the keys of the store; one that has none yet, new or older, gets them here."""
    with engine.connect() as connection:
        stored = stored_keys(connection)
    if not stored:
        master = ring.newest_or_made()
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            # Asked again under the lock: another program may have made them in the meantime.
            stored = stored_keys(connection)
            if not stored:
                make_store_keys(connection, master)
                stored = stored_keys(connection)
                _index_all(connection, PersonalFields(ring, place, stored))
    return PersonalFields(ring, place, stored)


def _index_all(connection: Connection, fields: PersonalFields) -> None:
    """Let the cases of an older store be found, too."""
    opened = select(event.c.case_id, event.c.body).where(event.c.type == "case_opened")
    for row in connection.execute(opened).all():
        for found_by in fields.index_rows(CaseId(row.case_id), json.loads(row.body)):
            connection.execute(insert(person_index).values(**found_by))


def _make(path: Path, lock_timeout: float) -> None:
    """Build a new store beside its place and put it there in one step.

    Nobody ever sees half a store, and of two programs that start together one uses what the other
    made.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    # SQLite gives its log and shared-memory files the mode of the database: 0600 under any umask.
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        engine = sqlite_engine(
            new, place=str(path), lock_timeout=lock_timeout, journal=journal_mode()
        )
        writing = engine.execution_options(**{WRITES: True})
        try:
            with translated(str(path), lock_timeout), writing.begin() as connection:
                upgrade(connection, str(path))
            # Now that it is one of ours, a fresh connection gives it its journal mode. Here nobody
            # is in the way: two programs that switch the mode at once lock each other out.
            engine.dispose()
            with translated(str(path), lock_timeout), engine.connect():
                pass
        finally:
            engine.dispose()
        publish(new, path)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def publish(new: Path, path: Path) -> None:
    """Give a finished file its name; one that is there by now stays."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links: claim the name first, then fill it.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return
        new.replace(path)
    sync_folder(path.parent)
