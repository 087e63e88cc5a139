"""The body of a plan is read once when it enters a store on PostgreSQL.

No table changes its form, and nothing is recorded or refused that was not before. SQLite stores
stay as they are.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0007"
down_revision = "0006"

_ENTERS: Final = Path(__file__).with_name("0007_read_once_postgres.sql")


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_ENTERS.read_text())
