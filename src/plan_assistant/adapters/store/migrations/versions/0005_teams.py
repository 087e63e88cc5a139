"""Teams, legal reviewers and agencies; on PostgreSQL the walls between people.

What each role may record stands in CHECK constraints of the event table.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres
from plan_assistant.adapters.store.migrations.checks import write_anew

revision = "0005"
down_revision = "0004"

_WALLS: Final = Path(__file__).with_name("0005_teams_postgres.sql")

_OLD_WRITERS: Final = "role in ('collector', 'team_lead', 'administrator')"
# The names sort after event_first_opens: PostgreSQL checks constraints by name, and whoever begins
# a case with something else than its opening is told that first.
_CHECKS: Final = {
    "event_role_may_write": "role in ('collector', 'team_lead', 'legal_reviewer', 'administrator',"
    " 'agency_collector')",
    "event_role_opens": "type <> 'case_opened' or role in ('collector', 'team_lead',"
    " 'administrator')",
    "event_role_calls": "type not in ('budget_changed', 'offers_shown', 'offer_spoken',"
    " 'offer_refused', 'disclosure_read', 'plan_recorded', 'call_closed', 'borrower_waits',"
    " 'cancelled', 'revealed') or role in ('collector', 'team_lead', 'agency_collector')",
    "event_role_leads": "type not in ('approved', 'returned', 'declined', 'case_assigned')"
    " or role = 'team_lead'",
    "event_role_exports": "type <> 'exported' or role <> 'administrator'",
    "event_role_purges": "type <> 'purged' or role = 'administrator'",
}


def upgrade() -> None:
    op.add_column("account", sa.Column("team", sa.Text, nullable=False, server_default=""))
    if is_postgres():
        op.drop_constraint("event_role_may_write", "event", type_="check")
        for name, rule in _CHECKS.items():
            op.create_check_constraint(name, "event", rule)
        # Past SQLAlchemy, which always sends parameters: with none the driver takes many statements
        # at once and replaces nothing in them.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
    else:
        write_anew(op.get_bind(), {"event_role_may_write": _OLD_WRITERS}, _CHECKS, "0001")
