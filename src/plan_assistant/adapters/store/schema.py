"""The tables of the record as queries see them, and which revision of them this program knows.

The tables themselves, their constraints and their triggers are made by `migrations/`; a test holds
the two together. State is never stored: it is a fold over `event`. The other tables only refuse
things.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

HEAD: Final = "0002"
"""The newest revision below `migrations/versions`; known without importing Alembic, which is slow.
"""

APPLICATION_ID: Final = 0x506C4173
"""Written into the header of an SQLite file: tells our stores from other databases."""

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("team", Text, nullable=False),
)
"""The people who work here. A person keeps their role, so nobody approves as one what they made as
other."""

event = Table(
    "event",
    metadata,
    # No key here: the database makes it, SQLite by counting, PostgreSQL from its clock.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sha256", Text, nullable=False),
)
"""The facts, one row each. `body` is canonical JSON; `at` keeps the offset of the place where it
happened. On PostgreSQL the database adds the team of the case, which nobody writes."""

request = Table(
    "request",
    metadata,
    Column("key", Text, primary_key=True),
    Column("payload_sha256", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_ids", Text, nullable=False),
)
"""One row for each idempotency key that was ever carried out, with the receipt it was given."""

submission = Table(
    "submission",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("previous_round", Integer),
    Column("event_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("maker", Text, nullable=False),
)
"""One row for each plan sent for approval. Round n needs the decision of round n-1: one pending
plan a case."""

decision = Table(
    "decision",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("maker", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("decider", Text, nullable=False),
    Column("decider_role", Text, nullable=False),
)
"""One row for each decided plan; the database itself refuses a decider who is the maker."""
