"""What is wrong with the file of a store besides its rows: its pages, and what they are asked.

Not here: the rows (`domain/audit.py`); a forged one is sound.
"""

from __future__ import annotations

from pysqlite3 import dbapi2
from sqlalchemy import Connection, create_engine, text

from plan_assistant.adapters.store.migrate import upgrade
from plan_assistant.adapters.store.sql_store import SqlStore


def unsound(store: SqlStore) -> str:
    """Return what the engine finds wrong with the pages and indexes of a store, or nothing."""
    with store.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    # Above what it found stands a line that names the database, always the same one.
    return "" if said == "ok" else str(said).rpartition("\n")[2]


def schema_made() -> dict[str, str]:
    """Return the tables, indexes and triggers of a new store: the SQL of each by its name."""
    scratch = create_engine("sqlite://", module=dbapi2)
    try:
        with scratch.begin() as connection:
            upgrade(connection, "a new store")
            return _schema(connection)
    finally:
        scratch.dispose()


def differing_parts(store: SqlStore, made: dict[str, str]) -> list[str]:
    """Return which tables, indexes and triggers of a store are not as they were made, or are more.

    Those that are missing or changed come first.
    """
    with store.reading() as connection:
        found = _schema(connection)
    changed = sorted(name for name, sql in made.items() if found.get(name) != sql)
    return changed + sorted(found.keys() - made.keys())


def _schema(connection: Connection) -> dict[str, str]:
    query = "select name, sql from sqlite_schema where sql is not null"
    return {name: " ".join(sql.split()) for name, sql in connection.execute(text(query))}
