"""Passwords, the keys that sign approvals, and who tried to come in: rows are only added."""

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import position, refuse_changes

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "approval_key",
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.Column("endorsed_by", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.Column("endorsed_with", sa.Text, nullable=False),
        sa.Column("endorsement", sa.Text, nullable=False),
        sa.UniqueConstraint("public_key", name="approval_key_is_one_persons"),
        sa.CheckConstraint("number > 0", name="approval_key_number_is_positive"),
        sa.CheckConstraint("length(public_key) = 64", name="approval_key_is_whole"),
        sa.CheckConstraint("length(endorsement) = 128", name="approval_key_endorsement_is_whole"),
        sqlite_strict=True,
    )
    op.create_table(
        "password",
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("key_number", sa.Integer, nullable=False),
        sa.Column("sealed_key", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["account", "key_number"],
            ["approval_key.account", "approval_key.number"],
            name="password_opens_own_key",
        ),
        sa.CheckConstraint("number > 0", name="password_number_is_positive"),
        sqlite_strict=True,
    )
    op.create_table(
        "sign_in",
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.CheckConstraint("number > 0", name="sign_in_number_is_positive"),
        sa.CheckConstraint(
            "outcome in ('tried', 'failed', 'came_in', 'new_password')", name="sign_in_outcome"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "approval_start",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unsigned_until", position(), nullable=False),
        sa.CheckConstraint("one = 1", name="approval_start_is_one_row"),
        sqlite_strict=True,
    )
    # Approvals that are there already were never signed; every later one has to be.
    op.execute(
        "insert into approval_start (one, unsigned_until)"
        " select 1, coalesce(max(sequence), 0) from event"
    )
    row = "account = new.account and number = new.number"
    refuse_changes("approval_key", is_same=f"({row}) or public_key = new.public_key")
    refuse_changes("password", is_same=row)
    refuse_changes("sign_in", is_same=row)
    refuse_changes("approval_start", is_same="one = new.one")
