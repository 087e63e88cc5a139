"""Triggers that make a table insert-only, for migrations of every revision and both engines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def is_postgres() -> bool:
    """Say whether the migration runs on PostgreSQL, or on a database that speaks like it."""
    return op.get_context().dialect.name == "postgresql"


def position() -> sa.types.TypeEngine[int]:
    """Return the type of a place in the record: SQLite counts, PostgreSQL asks its clock."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def refuse_changes(table: str, *, is_same: str, keeps_first: bool = False) -> None:
    """Refuse every UPDATE and DELETE of a table, and the row that would replace another.

    `is_same` says in SQL which row `new` would replace: INSERT OR REPLACE deletes without a DELETE
    trigger, so it is met too. Where rows are written with ON CONFLICT DO NOTHING, `keeps_first`
    leaves the old row, which is the same answer. PostgreSQL knows no INSERT OR REPLACE, and calls
    the replacing of ON CONFLICT an update; it knows TRUNCATE.
    """
    if is_postgres():
        _refuse_on_postgres(table)
        return
    for act in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{act} before {act} on {table}"
            f" begin select raise(abort, 'append_only: {table}'); end"
        )
    answer = "ignore" if keeps_first else f"abort, 'append_only: {table}'"
    op.execute(
        f"create trigger {table}_no_replace before insert on {table}"
        f" when exists (select 1 from {table} where {is_same})"
        f" begin select raise({answer}); end"
    )


def _refuse_on_postgres(table: str) -> None:
    # Nobody is granted these acts; the triggers stop the owner too.
    op.execute(
        "create or replace function plan_assistant.refuse_change() returns trigger"
        " language plpgsql set search_path = pg_catalog, pg_temp as $$ begin"
        " raise exception using errcode = '23514', constraint = 'append_only',"
        " message = 'append_only: ' || tg_table_name; end $$"
    )
    op.execute("revoke execute on function plan_assistant.refuse_change() from public")
    op.execute(
        f"create trigger {table}_no_change before update or delete on plan_assistant.{table}"
        " for each row execute function plan_assistant.refuse_change()"
    )
    op.execute(
        f"create trigger {table}_no_truncate before truncate on plan_assistant.{table}"
        " for each statement execute function plan_assistant.refuse_change()"
    )
    op.execute(f"revoke all on plan_assistant.{table} from public")
