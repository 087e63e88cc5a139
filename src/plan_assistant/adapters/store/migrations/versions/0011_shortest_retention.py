"""No case is purged before a year, which is the least that any policy pack keeps one for.

On PostgreSQL only, where whoever may erase has SQL of their own. What an approval names was asked
before; a case that was never approved has none.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0011"
down_revision = "0010"

_WALLS: Final = Path(__file__).with_name("0011_shortest_retention_postgres.sql")


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
