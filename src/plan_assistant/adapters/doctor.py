"""Looks at the program and its store from outside: versions, files, disk, clock, fonts.

Nothing is changed, and no store is made where none is. Not here: what the answers are called
(`wording/health.py`) and whether the record is what was recorded (`domain/audit.py`).
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Final

from pysqlite3 import dbapi2
from sqlalchemy import func, select

from plan_assistant.adapters.journal import journal_of
from plan_assistant.adapters.keys.ring import default_ring
from plan_assistant.adapters.outside import key_file
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.aside import asides, half_made, unfolded
from plan_assistant.adapters.store.engine import is_wal_safe, journal_mode
from plan_assistant.adapters.store.place import default_place, is_postgres, place_named
from plan_assistant.adapters.store.schema import HEAD, event, seal
from plan_assistant.adapters.store.soundness import differing_parts, schema_made, unsound
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.errors import StoreFailure
from plan_assistant.domain.event_form import moment_of
from plan_assistant.domain.health import Check, fine, note, wrong
from plan_assistant.ports import Clock

_PACKAGES: Final = (
    "plan-assistant",
    "textual",
    "sqlalchemy",
    "alembic",
    "pysqlite3",
    "cryptography",
    "typst",
)
_LEAST_FREE: Final = 200 * 1024 * 1024
"""Bytes: some ten thousand plans, and the room that a backup takes on its way."""
_SKEW: Final = timedelta(minutes=2)
_PLAUSIBLE_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Nobody ran this program before."""
_JUMP: Final = 1.0
"""Seconds by which the two clocks of the machine may differ while the doctor works."""
_SAMPLE: Final = "协议（草案）第1条：还款 ¥1,234.56 — Agreement “draft”"

StoreCheck = Callable[[SqlStore], Iterator[Check]]


def examine(url: str | None, clock: Clock) -> tuple[Check, ...]:
    """Return the answers of every check, in the order in which they are worth reading."""
    wall, monotonic = time.time(), time.monotonic()
    checks = [*_versions(), *_fonts(), *_seal_key()]
    if url is not None and is_postgres(url):
        checks += _journal(url, None)
        checks += _database(url, clock)
    else:
        checks += _file(url, clock)
    drift = abs((time.time() - wall) - (time.monotonic() - monotonic))
    if drift > _JUMP:
        checks.append(wrong("clock_jumped", seconds=round(drift)))
    return tuple(checks)


def _file(url: str | None, clock: Clock) -> Iterator[Check]:
    path = default_place() if url is None else place_named(url)
    yield from _modes(path)
    yield from _disk(path)
    yield from _journal(url, path)
    yield from _remains(path)
    if path.exists():
        yield from _store(url, path, clock)
    else:
        yield note("no_store", place=path)
        yield from _clock(clock.now(), None)


def _remains(path: Path) -> Iterator[Check]:
    """Say what programs that were ended have left beside the store."""
    place = Path(os.path.realpath(path))
    for file in half_made(place):
        yield note("half_made", path=file)
    if place.exists():
        for file in asides(place):
            if file.samefile(place):
                yield wrong("second_name", path=file, place=place)
    elif left := [*asides(place), *unfolded(place)]:
        yield wrong("store_gone", place=place, path=left[-1])


def _database(url: str, clock: Clock) -> Iterator[Check]:
    from plan_assistant.adapters.doctor_postgres import database_checks  # noqa: PLC0415  # psycopg is an extra
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415

    try:
        with closing(open_store(url)) as store:
            assert isinstance(store, PostgresStore)  # what such a URL opens
            yield from database_checks(store)
            yield from _seals(store)
            yield from _clock(clock.now(), store)
    except StoreFailure as failure:
        yield wrong("store_unreadable", place=failure.detail.get("place", ""), reason=failure)


def _versions() -> Iterator[Check]:
    found = {name: version(name) for name in _PACKAGES}
    yield fine("versions", python=platform.python_version(), **found)
    library = dbapi2.sqlite_version
    if is_wal_safe(dbapi2.sqlite_version_info):
        yield fine("sqlite", version=library, mode=journal_mode())
    else:
        yield note("sqlite_old", version=library, mode=journal_mode())


def _fonts() -> Iterator[Check]:
    from plan_assistant.adapters.documents.fonts import missing_characters  # noqa: PLC0415  # reads both fonts

    missing = missing_characters(_SAMPLE)
    if missing:
        yield wrong("fonts_missing", characters="".join(missing))
    else:
        yield fine("fonts")


def _seal_key() -> Iterator[Check]:
    path = key_file()
    if path.exists() and _mode(path) & 0o077:
        yield wrong("seal_key_mode", path=path, mode=f"{_mode(path):03o}")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _modes(path: Path) -> Iterator[Check]:
    """Say which files of the store others may read."""
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
    open_ones = [file for file in files if file.exists() and _mode(file) & 0o077]
    for file in open_ones:
        yield wrong("mode", path=file, mode=f"{_mode(file):03o}")
    if path.exists() and not open_ones:
        yield fine("modes", path=path)
    if path.parent.is_dir() and _mode(path.parent) & 0o022:
        yield wrong("folder_mode", path=path.parent, mode=f"{_mode(path.parent):03o}")


def _disk(path: Path) -> Iterator[Check]:
    folder = next((each for each in path.absolute().parents if each.is_dir()), Path("/"))
    free = shutil.disk_usage(folder).free
    megabytes = free // (1024 * 1024)
    if free < _LEAST_FREE:
        yield wrong("disk_low", free=megabytes, least=_LEAST_FREE // (1024 * 1024), path=folder)
    else:
        yield fine("disk", free=megabytes, path=folder)


def _journal(url: str | None, path: Path | None) -> Iterator[Check]:
    """Say how many acts wait on this machine; which ones is for their people."""
    journal = journal_of(url, default_ring(path), None)
    try:
        content = journal.content()
    except StoreFailure as failure:
        yield wrong("journal_unusable", reason=failure)
        return
    refused = sum(one.refusal is not None for one in content.acts)
    if len(content.acts) > refused:
        yield note("acts_wait", count=len(content.acts) - refused)
    if refused:
        yield wrong("acts_refused", count=refused)
    if content.damaged:
        yield wrong("journal_damaged", count=len(content.damaged))


def _store(url: str | None, path: Path, clock: Clock) -> Iterator[Check]:
    try:
        with closing(open_store(url)) as store:
            for check in STORE_CHECKS:
                yield from check(store)
            yield from _clock(clock.now(), store)
    except StoreFailure as failure:
        yield wrong("store_unreadable", place=path, reason=failure)


def _sound(store: SqlStore) -> Iterator[Check]:
    problem = unsound(store)
    if problem:
        yield wrong("store_unsound", place=store.place, reason=problem)
        return
    with store.reading() as connection:
        facts = connection.execute(select(func.count()).select_from(event)).scalar_one()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    yield fine("store", place=store.place, revision=HEAD, facts=facts, mode=store.journal)
    if broken is not None:
        yield wrong("foreign_keys", table=broken[0])


def _guards(store: SqlStore) -> Iterator[Check]:
    """Compare tables, constraints and triggers with those of a new store."""
    made = schema_made()
    differing = differing_parts(store, made)
    if differing:
        yield wrong("guards_missing", names=", ".join(differing))
    else:
        yield fine("guards", count=len(made))


def _seals(store: SqlStore) -> Iterator[Check]:
    with store.reading() as connection:
        newest = connection.execute(
            select(seal.c.number, seal.c.at, seal.c.last_sequence).order_by(seal.c.number.desc())
        ).first()
        last = newest.last_sequence if newest else 0
        left = connection.execute(
            select(func.count()).select_from(event).where(event.c.sequence > last)
        ).scalar_one()
    if newest is not None:
        yield fine("seals", number=newest.number, at=newest.at, unsealed=left)
    elif left:
        yield note("seals_none", facts=left)


STORE_CHECKS: Final[tuple[StoreCheck, ...]] = (_sound, _guards, _seals)
"""What is asked of an open store; other engines add what only they can be asked."""


def _clock(now: datetime, store: SqlStore | None) -> Iterator[Check]:
    """Compare the clock with what the record says about time."""
    if now < _PLAUSIBLE_FROM:
        yield wrong("clock_implausible", now=now.isoformat())
        return
    moments: list[datetime] = []
    if store is not None:
        with store.reading() as connection:
            found = connection.execute(select(event.c.at).order_by(event.c.sequence)).scalars()
            try:
                moments = [moment_of(at) for at in found]
            except ValueError:
                yield wrong("moment_unreadable", place=store.place)
                return
    newest = max(moments, default=None)
    if newest is not None and newest - now > _SKEW:
        yield wrong("clock_behind", now=now.isoformat(), newest=newest.isoformat())
        return
    yield fine("clock", now=now.isoformat())
    back = [
        number
        for number, (before, after) in enumerate(pairwise(moments), start=2)
        if before - after > _SKEW
    ]
    if back:
        yield note("clock_went_back", count=len(back), first=back[0])
