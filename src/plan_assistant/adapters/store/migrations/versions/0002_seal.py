"""Signed checkpoints over the record, and the public keys they are checked with."""

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import position, refuse_changes

revision = "0002"
down_revision = "0001"

_BEGINNING = "0" * 64


def upgrade() -> None:
    # The request of a fact is the first one of its case that reaches its version.
    op.create_index("request_of_case", "request", ["case_id", "version"])
    op.create_table(
        "seal_key",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("public_key", sa.Text, nullable=False, unique=True),
        sa.CheckConstraint("length(key_id) = 64", name="seal_key_id_is_whole"),
        sa.CheckConstraint("length(public_key) = 64", name="seal_key_is_whole"),
        sqlite_strict=True,
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("previous_number", sa.Integer),
        sa.Column("previous_last", position(), nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("first_sequence", position(), nullable=False),
        sa.Column("last_sequence", position(), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, sa.ForeignKey("seal_key.key_id"), nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("leaves", sa.Text, nullable=False),
        sa.UniqueConstraint("number", "last_sequence", "sha256", name="seal_content"),
        # Number, range and hash follow those of the row before, without a gap.
        sa.ForeignKeyConstraint(
            ["previous_number", "previous_last", "previous"],
            ["seal.number", "seal.last_sequence", "seal.sha256"],
            name="seal_follows",
        ),
        sa.ForeignKeyConstraint(["last_sequence"], ["event.sequence"], name="seal_ends_at_a_fact"),
        sa.CheckConstraint(
            "(number = 1 and previous_number is null and previous_last = 0"
            f" and previous = '{_BEGINNING}')"
            " or (number > 1 and previous_number is not null and previous_number = number - 1)",
            name="seal_number_follows",
        ),
        sa.CheckConstraint("first_sequence = previous_last + 1", name="seal_range_follows"),
        sa.CheckConstraint(
            "count between 1 and last_sequence - first_sequence + 1", name="seal_count"
        ),
        sa.CheckConstraint("length(root) = 64 and length(sha256) = 64", name="seal_is_whole"),
        sa.CheckConstraint("length(signature) = 128", name="seal_is_signed"),
        sqlite_strict=True,
    )
    # Few checkpoints cover new people; asking which does not read all of them.
    has_people = sa.text("people <> '{}'")
    op.create_index(
        "seal_people",
        "seal",
        ["number"],
        sqlite_where=has_people,
        postgresql_where=has_people,
    )
    refuse_changes("seal_key", is_same="key_id = new.key_id or public_key = new.public_key")
    refuse_changes("seal", is_same="number = new.number")
