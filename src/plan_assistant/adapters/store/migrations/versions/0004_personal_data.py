"""Keys for personal fields, one for each case, and what cases are found by.

Facts that are there keep their bodies in plain text: they were hashed so, and nothing rewrites a
fact. What is recorded from here on is sealed.
"""

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "store_key",
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("master_key_id", sa.Text, nullable=False),
        sa.Column("wrapped", sa.Text, nullable=False),
        sa.CheckConstraint("purpose in ('index', 'request')", name="store_key_purpose"),
        sqlite_strict=True,
    )
    op.create_table(
        "case_key",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("master_key_id", sa.Text),
        sa.Column("wrapped", sa.Text),
        sa.CheckConstraint("(wrapped is null) = (master_key_id is null)", name="case_key_is_whole"),
        sqlite_strict=True,
    )
    op.create_table(
        "person_index",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("mac", sa.Text, primary_key=True),
        sa.CheckConstraint("field in ('name', 'id_number', 'phone')", name="person_index_field"),
        sqlite_strict=True,
    )
    op.create_index("person_index_mac", "person_index", ["field", "mac"])
    _keep_keys()


def _keep_keys() -> None:
    """Let a key be put under another master key, and that of a case be destroyed; nothing else."""
    if is_postgres():
        _keep_keys_on_postgres()
        return
    _refuse(
        "case_key",
        "update",
        "old.wrapped is null or new.key_id <> old.key_id or new.case_id <> old.case_id",
    )
    _refuse("store_key", "update", "new.purpose <> old.purpose")
    for table, is_same in (
        ("case_key", "key_id = new.key_id or case_id = new.case_id"),
        ("store_key", "purpose = new.purpose"),
    ):
        _refuse(table, "delete", "true")
        # INSERT OR REPLACE deletes without a DELETE trigger.
        op.execute(
            f"create trigger {table}_no_replace before insert on {table}"
            f" when exists (select 1 from {table} where {is_same})"
            f" begin select raise(abort, 'kept: {table}'); end"
        )


def _refuse(table: str, act: str, when: str) -> None:
    op.execute(
        f"create trigger {table}_no_{act} before {act} on {table} when {when}"
        f" begin select raise(abort, 'kept: {table}'); end"
    )


def _keep_keys_on_postgres() -> None:
    op.execute(
        "create function plan_assistant.keep_key() returns trigger"
        " language plpgsql set search_path = pg_catalog, pg_temp as $$ begin"
        " raise exception using errcode = '23514', constraint = 'kept',"
        " message = 'kept: ' || tg_table_name; end $$"
    )
    op.execute("revoke execute on function plan_assistant.keep_key() from public")
    for table, when in (
        (
            "case_key",
            "old.wrapped is null or new.key_id <> old.key_id or new.case_id <> old.case_id",
        ),
        ("store_key", "new.purpose <> old.purpose"),
    ):
        op.execute(
            f"create trigger {table}_no_update before update on plan_assistant.{table}"
            f" for each row when ({when}) execute function plan_assistant.keep_key()"
        )
        op.execute(
            f"create trigger {table}_no_delete before delete on plan_assistant.{table}"
            " for each row execute function plan_assistant.keep_key()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on plan_assistant.{table}"
            " for each statement execute function plan_assistant.keep_key()"
        )
    for table in ("case_key", "store_key", "person_index"):
        op.execute(f"revoke all on plan_assistant.{table} from public")
