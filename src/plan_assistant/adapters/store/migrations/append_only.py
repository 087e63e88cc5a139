"""Triggers that make a table insert-only, for migrations of every revision."""

from __future__ import annotations

from alembic import op


def refuse_changes(table: str, *, is_same: str, keeps_first: bool = False) -> None:
    """Refuse every UPDATE and DELETE of a table, and the row that would replace another.

    `is_same` says in SQL which row `new` would replace: INSERT OR REPLACE deletes without a DELETE
    trigger, so it is met too. Where rows are written with ON CONFLICT DO NOTHING, `keeps_first`
    leaves the old row, which is the same answer.
    """
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
