"""The record: accounts, events, requests, and what holds four eyes and one waiting plan."""

import sqlalchemy as sa
from alembic import op

from plan_assistant.adapters.store.migrations.append_only import (
    is_postgres,
    position,
    refuse_changes,
)

revision = "0001"
down_revision = None

_APPLICATION_ID = 0x506C4173
_PENDING = (["case_id", "previous_round"], ["case_id", "round"])
_WRITERS = "role in ('collector', 'team_lead', 'administrator')"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.UniqueConstraint("name", "role", name="account_role"),
        sa.CheckConstraint("name <> ''", name="account_has_a_name"),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        _sequence(),
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
        sa.CheckConstraint(_WRITERS, name="event_role_may_write"),
        sa.CheckConstraint("length(sha256) = 64", name="event_hash_is_whole"),
        sqlite_strict=True,
    )
    op.create_table(
        "request",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("payload_sha256", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("event_ids", sa.Text, nullable=False),
        sa.CheckConstraint("length(key) between 1 and 255", name="request_key_length"),
        sqlite_strict=True,
    )
    op.create_table(
        "submission",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("previous_round", sa.Integer),
        sa.Column("event_id", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("maker", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.UniqueConstraint("number", name="submission_number"),
        sa.UniqueConstraint("case_id", "round", "maker", "fingerprint", name="submission_content"),
        *_one_pending(),
        sa.CheckConstraint(
            "(round = 1 and previous_round is null)"
            " or (round > 1 and previous_round is not null and previous_round = round - 1)",
            name="submission_round_follows",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False, unique=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("maker", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("decider", sa.Text, nullable=False),
        sa.Column("decider_role", sa.Text, nullable=False),
        # What is decided is a content: the maker and the fingerprint have to be those that were
        # sent.
        sa.ForeignKeyConstraint(
            ["case_id", "round", "maker", "fingerprint"],
            [
                "submission.case_id",
                "submission.round",
                "submission.maker",
                "submission.fingerprint",
            ],
            name="decision_content",
        ),
        sa.ForeignKeyConstraint(
            ["decider", "decider_role"], ["account.name", "account.role"], name="decision_decider"
        ),
        sa.CheckConstraint(
            "outcome in ('approved', 'returned', 'declined', 'cancelled')", name="decision_outcome"
        ),
        sa.CheckConstraint("outcome = 'cancelled' or decider <> maker", name="four_eyes"),
        sa.CheckConstraint("outcome <> 'cancelled' or decider = maker", name="maker_cancels"),
        sa.CheckConstraint(
            "outcome = 'cancelled' or decider_role = 'team_lead'", name="lead_decides"
        ),
        sqlite_strict=True,
    )
    _refuse_changes()
    if is_postgres():
        op.create_foreign_key("one_pending", "submission", "decision", *_PENDING)
        return
    _tie_events_to_guards()
    op.execute(f"PRAGMA application_id = {_APPLICATION_ID}")


def _sequence() -> sa.Column[int]:
    """Return the position of an event: SQLite counts; PostgreSQL asks its clock, in microseconds.

    A counter that all transactions share would make them wait for each other, and has no place in a
    database that is spread over machines.
    """
    return sa.Column(
        "sequence",
        position(),
        primary_key=True,
        autoincrement=False,
        server_default=sa.text("(extract(epoch from clock_timestamp()) * 1000000)::bigint")
        if is_postgres()
        else None,
    )


def _one_pending() -> list[sa.ForeignKeyConstraint]:
    """Round n needs a decided round n-1: at most one plan of a case waits, without updating a row.

    PostgreSQL adds it once the other table is there.
    """
    if is_postgres():
        return []
    columns, others = _PENDING
    targets = [f"decision.{column}" for column in others]
    return [sa.ForeignKeyConstraint(columns, targets, name="one_pending")]


def _refuse_changes() -> None:
    refuse_changes(
        "event",
        is_same="sequence = new.sequence or event_id = new.event_id"
        " or (case_id = new.case_id and version = new.version)",
    )
    refuse_changes(
        "submission",
        is_same="(case_id = new.case_id and round = new.round) or event_id = new.event_id"
        " or number = new.number",
    )
    refuse_changes(
        "decision",
        is_same="(case_id = new.case_id and round = new.round) or event_id = new.event_id",
    )
    refuse_changes("account", is_same="name = new.name", keeps_first=True)
    refuse_changes("request", is_same="key = new.key", keeps_first=True)


def _tie_events_to_guards() -> None:
    """Refuse an event about a plan unless its guard row, written just before, says the same."""
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
