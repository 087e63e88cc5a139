"""What a plan costs the server besides what is asked of it: scans, locks, and rules read anew.

On PostgreSQL only. No table changes its form, no row, and no rule what it refuses.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0012"
down_revision = "0011"

_WALLS: Final = Path(__file__).with_name("0012_cheaper_plans_postgres.sql")


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
