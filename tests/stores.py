"""Fresh stores for tests: the SQLite ones are copies of one that was made once."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from tests.people import EVERYBODY


@functools.cache
def _made_once(fill: Callable[[SqlStore], None] | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        if fill is None:
            store = open_store(str(path))
            for person in EVERYBODY:
                store.add_account(person)
        else:
            store = fresh_sqlite(path.parent)
            fill(store)
        store.close()
        return path.read_bytes()


def _copied(folder: Path, content: bytes) -> Path:
    path = folder / "store.sqlite"
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def fresh_file(folder: Path) -> Path:
    """Return the path of a store in which everybody works and nothing has happened."""
    return _copied(folder, _made_once(None))


def fresh_sqlite(folder: Path, *, lock_timeout: float = 30.0) -> SqlStore:
    """Open such a store."""
    return open_store(str(fresh_file(folder)), lock_timeout=lock_timeout)


def filled_file(folder: Path, fill: Callable[[SqlStore], None]) -> Path:
    """Return the path of a store in which `fill` recorded what happened, once for all tests."""
    return _copied(folder, _made_once(fill))


def filled_sqlite(folder: Path, fill: Callable[[SqlStore], None]) -> SqlStore:
    """Open such a store."""
    return open_store(str(filled_file(folder, fill)))


def copy_of(path: Path, folder: Path) -> Path:
    """Return a copy of a closed store."""
    return Path(shutil.copy(path, folder / "copy.sqlite"))
