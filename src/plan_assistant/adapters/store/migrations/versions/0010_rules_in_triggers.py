"""The rules of a row alone are asked by the triggers that look at it anyway, which costs least.

On PostgreSQL only, which reads a CHECK anew in every statement. No table changes its form, and no
row. No rule changes but one: no case is purged before the years that its approvals name.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0010"
down_revision = "0009"

_WALLS: Final = Path(__file__).with_name("0010_rules_in_triggers_postgres.sql")


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
