"""SQLite on a disk that loses power: every write is logged, and what was not synced may be lost.

A file system of ours below apsw's SQLite, and a small DB-API over apsw, so that the store itself
runs on it. Not here: what has to survive (`test_power_cut.py`).
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from plan_assistant.adapters.store import engine

_SECTOR = 512
"""What a disk writes as a whole; a longer write may be torn between two of them."""


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put into a file, not yet on the disk for sure."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut to a size, not yet on the disk for sure."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything written to a file so far is on the disk."""

    file: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The store has told somebody that a fact is recorded."""

    case: str
    event_id: str


Step = Write | Truncate | Sync | Acknowledged


@dataclass(slots=True)
class Disk:
    """What happened to the files of a folder, in order."""

    steps: list[Step] = field(default_factory=list)

    def holds(self, path: Path) -> None:
        """Start with a file that is on the disk already."""
        self.steps += [Write(path.name, 0, path.read_bytes()), Sync(path.name)]

    def after_cut(self, at: int, chance: random.Random) -> dict[str, bytes]:
        """Return the files as the disk holds them after power failed at a step.

        What was synced is there; of the rest any part may be, in any order, torn between sectors.
        """
        durable: dict[str, bytearray] = {}
        pending: dict[str, list[Write | Truncate]] = {}
        for step in self.steps[:at]:
            match step:
                case Sync(file):
                    for each in pending.pop(file, []):
                        _apply(durable.setdefault(file, bytearray()), each)
                case Write() | Truncate():
                    pending.setdefault(step.file, []).append(step)
        for file, left in pending.items():
            survived = [part for each in left for part in _sectors(each) if chance.random() < 0.5]
            chance.shuffle(survived)
            for each in survived:
                _apply(durable.setdefault(file, bytearray()), each)
        return {file: bytes(content) for file, content in durable.items()}

    def acknowledged(self, at: int) -> list[Acknowledged]:
        """Return what had been acknowledged before a step."""
        return [step for step in self.steps[:at] if isinstance(step, Acknowledged)]


def _apply(content: bytearray, step: Write | Truncate) -> None:
    if isinstance(step, Truncate):
        del content[step.size :]
        return
    end = step.offset + len(step.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[step.offset : end] = step.data


def _sectors(step: Write | Truncate) -> Iterator[Write | Truncate]:
    if isinstance(step, Truncate):
        yield step
        return
    start = 0
    while start < len(step.data):
        # Sectors are those of the file, not of the write.
        stop = start + _SECTOR - (step.offset + start) % _SECTOR
        yield Write(step.file, step.offset + start, step.data[start:stop])
        start = stop


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disk, self._name = disk, Path(path or "temporary").name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # the name apsw calls
        self._disk.steps.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.steps.append(Truncate(self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.steps.append(Sync(self._name))


class _FileSystem(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__("power-cut", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> _File:  # noqa: N802
        return _File(self._disk, name, flags)


class Cursor:
    """The part of a DB-API cursor that SQLAlchemy's SQLite dialect uses."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._rows = connection, list[tuple[Any, ...]]()
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount, self.lastrowid, self.arraysize = -1, None, 1

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> Cursor:
        """Run one statement to its end."""
        database = self._connection.database
        statement = self._connection.replaced(statement)
        cursor = database.cursor()
        before = database.total_changes()
        described: list[tuple[Any, ...]] = []

        def describe(at: apsw.Cursor, *_statement: object) -> bool:
            # A query without any row is over before it can be asked for its columns.
            described.extend((column[0], *[None] * 6) for column in at.get_description())
            return True

        cursor.exec_trace = describe
        try:
            cursor.execute(statement, tuple(parameters))
        except apsw.ConstraintError as error:
            raise sqlite3.IntegrityError(str(error)) from error
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error
        self.description = described or None
        self._rows = list(cursor)
        self.rowcount = database.total_changes() - before
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return some rows."""
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []


class Connection:
    """The part of a DB-API connection that SQLAlchemy's SQLite dialect uses."""

    def __init__(self, uri: str, replaced: dict[str, str]) -> None:
        self.database = apsw.Connection(
            uri, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
        )
        self._replaced = replaced
        self.isolation_level: str | None = None

    def replaced(self, statement: str) -> str:
        """Return the statement that is run instead."""
        return self._replaced.get(statement, statement)

    def cursor(self) -> Cursor:
        """Return a cursor."""
        return Cursor(self)

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> Cursor:
        """Run one statement."""
        return self.cursor().execute(statement, parameters)

    def create_function(self, name: str, count: int, function: Any, **_options: object) -> None:
        """Add a function of SQL."""
        self.database.create_scalar_function(name, function, count)

    def commit(self) -> None:
        """End a transaction; nothing where none is open."""
        if self.database.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Undo a transaction; nothing where none is open."""
        if self.database.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self.database.close()


class Driver:
    """A DB-API module over apsw. `replaced` maps statements to those that are run instead."""

    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(map(int, sqlite_version.split(".")))
    paramstyle = "qmark"
    threadsafety = 1
    Error, Warning = sqlite3.Error, sqlite3.Warning
    DatabaseError, OperationalError = sqlite3.DatabaseError, sqlite3.OperationalError
    IntegrityError, InterfaceError = sqlite3.IntegrityError, sqlite3.InterfaceError
    ProgrammingError, NotSupportedError = sqlite3.ProgrammingError, sqlite3.NotSupportedError
    InternalError, DataError = sqlite3.InternalError, sqlite3.DataError
    Binary = bytes
    PARSE_DECLTYPES, PARSE_COLNAMES = 1, 2

    def __init__(self, replaced: dict[str, str] | None = None) -> None:
        self._replaced = replaced or {}

    def connect(self, place: str, **_options: object) -> Connection:
        """Open a database by its URI."""
        return Connection(place, self._replaced)


@contextmanager
def logged_disk(*, replaced: dict[str, str]) -> Iterator[Disk]:
    """Let the store run on a disk whose every write is logged."""
    disk = Disk()
    files = _FileSystem(disk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "dbapi2", Driver(replaced))
        yield disk
    files.unregister()
