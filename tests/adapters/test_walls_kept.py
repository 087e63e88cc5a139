"""What the migrations leave on PostgreSQL is what is kept beside them."""

from __future__ import annotations

from contextlib import closing

from tests.people import AUDITOR
from tests.postgres import Database

from plan_assistant.adapters.store.walls import WALLS_FILE, walls_found, walls_made, walls_text


def test_the_walls_that_are_kept_are_those_that_the_migrations_leave(database: Database) -> None:
    with closing(database.open(AUDITOR)) as store, store.reading() as connection:
        left = walls_found(connection)

    assert walls_text(left) == WALLS_FILE.read_text(encoding="utf-8"), "python tools/walls.py"
    assert walls_made() == left
