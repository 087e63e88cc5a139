"""Checkpoints cover the approval keys, too, from here on.

On PostgreSQL the login that seals may read them. Elsewhere only the number changes: a program of
before would take the name of a covered key for that of a person who is gone, so it is told that the
store is newer than it is.
"""

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    if is_postgres():
        # The policy everybody_reads shows every row of it, as to everybody else.
        op.execute("grant select on approval_key to plan_assistant_sealer")
