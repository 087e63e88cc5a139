"""What one person could record to stop everybody: facts of no kind, false hashes, stray keys.

On PostgreSQL only, where people come with SQL of their own. No table changes its form, and no row.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0007"
down_revision = "0006"

_WALLS: Final = Path(__file__).with_name("0007_entrance_postgres.sql")


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
