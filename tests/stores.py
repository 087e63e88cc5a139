"""Fresh stores for tests: the SQLite ones are copies of one that was made once."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from tests.people import EVERYBODY


@functools.cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        store = open_store(str(path))
        for person in EVERYBODY:
            store.add_account(person)
        store.close()
        return path.read_bytes()


def fresh_file(folder: Path) -> Path:
    """Return the path of a store in which everybody works and nothing has happened."""
    path = folder / "store.sqlite"
    path.write_bytes(_template())
    path.chmod(0o600)
    return path


def fresh_sqlite(folder: Path, *, lock_timeout: float = 30.0) -> SqlStore:
    """Open such a store."""
    return open_store(str(fresh_file(folder)), lock_timeout=lock_timeout)


def copy_of(path: Path, folder: Path) -> Path:
    """Return a copy of a closed store."""
    return Path(shutil.copy(path, folder / "copy.sqlite"))
