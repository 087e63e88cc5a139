"""Writes down the walls that the migrations leave on PostgreSQL, for `doctor` to compare with.

    python tools/walls.py    migrate a fresh database of a server of the tests, and write the file

Needed after every migration that changes a table, a policy, a trigger, a function or a right; a
test says so.
"""

from __future__ import annotations

import base64
import os
import sys
from contextlib import closing
from pathlib import Path

from plan_assistant.adapters.keys.sources import VARIABLE
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.walls import WALLS_FILE, walls_found, walls_text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.postgres import databases  # a package beside this folder


def main() -> None:
    """Write the file."""
    # Of a store that is gone in a moment: the keys of whoever runs this are left alone.
    os.environ[VARIABLE] = base64.b64encode(os.urandom(32)).decode()
    with (
        databases() as server,
        server.fresh() as database,
        closing(open_store(database.admin_url)) as store,
    ):
        assert isinstance(store, PostgresStore)  # what such a URL opens
        with store.reading() as connection:
            WALLS_FILE.write_text(walls_text(walls_found(connection)), encoding="utf-8")


if __name__ == "__main__":
    main()
