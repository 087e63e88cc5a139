"""CHECK constraints that a later revision changes or adds where SQLite keeps them: in the text of
the table.

SQLite has no statement for that. Building the table again would lose what hangs on it, and
checkpoints refer to its rows. No row changes its form.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic.util import CommandError


def named_checks(rules: Mapping[str, str]) -> str:
    """Return constraints as the text of a table holds them."""
    return ", \n\t".join(f"CONSTRAINT {name} CHECK ({rule})" for name, rule in rules.items())


def write_anew(
    connection: sa.Connection, old: Mapping[str, str], new: Mapping[str, str], revision: str
) -> None:
    """Put other constraints of the table `event` where the old ones stand.

    `revision` is the one that wrote the old ones. Raises CommandError for a table that does not
    have them, and for a fact that breaks a new one.
    """
    before, after = named_checks(old), named_checks(new)
    version = connection.exec_driver_sql("pragma schema_version").scalar_one()
    connection.exec_driver_sql("pragma writable_schema = on")
    try:
        replaced = connection.exec_driver_sql(
            "update sqlite_schema set sql = replace(sql, ?, ?)"
            " where type = 'table' and name = 'event' and instr(sql, ?) > 0",
            (before, after, before),
        )
        if replaced.rowcount != 1:
            raise CommandError(f"the table event is not the one that revision {revision} makes")
        # Every connection reads the text again.
        connection.exec_driver_sql(f"pragma schema_version = {version + 1}")
    finally:
        connection.exec_driver_sql("pragma writable_schema = off")
    _refuse_what_breaks_them(connection, new)


def _refuse_what_breaks_them(connection: sa.Connection, rules: Mapping[str, str]) -> None:
    """Keep a store whose facts the new constraints would not have let in as it is."""
    for name, rule in rules.items():
        broken = connection.exec_driver_sql(
            f"select sequence from event where not ({rule}) limit 1"
        ).scalar_one_or_none()
        if broken is not None:
            raise CommandError(f"event {broken} breaks {name}")
