"""Teams, legal reviewers and agencies; on PostgreSQL the walls between people.

What each role may record stands in CHECK constraints of the event table. SQLite cannot change
those, so the table is built again there, with everything that is in it.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres, refuse_changes

revision = "0002"
down_revision = "0001"

_WALLS = Path(__file__).with_name("teams_postgres.sql")

# The names sort after event_first_opens: PostgreSQL checks constraints by name, and whoever begins
# a case with something else than its opening is told that first.
_CHECKS = {
    "event_role_may_write": "role in ('collector', 'team_lead', 'legal_reviewer', 'administrator',"
    " 'agency_collector')",
    "event_role_opens": "type <> 'case_opened' or role in ('collector', 'team_lead',"
    " 'administrator')",
    "event_role_calls": "type not in ('budget_changed', 'offers_shown', 'offer_spoken',"
    " 'offer_refused', 'disclosure_read', 'plan_recorded', 'call_closed', 'cancelled')"
    " or role in ('collector', 'team_lead', 'agency_collector')",
    "event_role_leads": "type not in ('approved', 'returned', 'declined', 'case_assigned')"
    " or role = 'team_lead'",
    "event_role_exports": "type <> 'exported' or role <> 'administrator'",
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
        _build_events_again()


def _build_events_again() -> None:
    op.create_table(
        "event_again",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False, unique=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.UniqueConstraint("case_id", "version", name="event_version"),
        sa.ForeignKeyConstraint(
            ["actor", "role"], ["account.name", "account.role"], name="event_actor"
        ),
        sa.CheckConstraint("sequence > 0", name="event_sequence_is_positive"),
        sa.CheckConstraint("version > 0", name="event_version_is_positive"),
        sa.CheckConstraint("(version = 1) = (type = 'case_opened')", name="event_first_opens"),
        *[sa.CheckConstraint(rule, name=name) for name, rule in _CHECKS.items()],
        sa.CheckConstraint("length(sha256) = 64", name="event_hash_is_whole"),
        sqlite_strict=True,
    )
    op.execute("insert into event_again select * from event")
    op.execute("drop table event")
    op.execute("alter table event_again rename to event")
    refuse_changes(
        "event",
        is_same="sequence = new.sequence or event_id = new.event_id"
        " or (case_id = new.case_id and version = new.version)",
    )
    # The triggers of a table go with it: these are those of 0001, word for word.
    op.execute(
        "create trigger event_needs_submission before insert on event"
        " when new.type = 'plan_recorded'"
        " and not exists (select 1 from submission where event_id = new.event_id"
        " and case_id = new.case_id and maker = new.actor)"
        " begin select raise(abort, 'unguarded: plan_recorded'); end"
    )
    op.execute(
        "create trigger event_needs_decision before insert on event"
        " when new.type in ('approved', 'returned', 'declined', 'cancelled')"
        " and not exists (select 1 from decision where event_id = new.event_id"
        " and case_id = new.case_id and decider = new.actor and outcome = new.type)"
        " begin select raise(abort, 'unguarded: decision'); end"
    )
