"""The tables of the record as queries see them, and which revision of them this program knows.

The tables themselves, their constraints and their triggers are made by `migrations/`; a test holds
the two together. State is never stored: it is a fold over `event`. The other tables only refuse
things.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

HEAD: Final = "0014"
"""The newest revision below `migrations/versions`; known without importing Alembic, which is slow.
"""

APPLICATION_ID: Final = 0x506C4173
"""Written into the header of an SQLite file: tells our stores from other databases."""

metadata = MetaData()

# PostgreSQL numbers facts by its clock, in microseconds.
_POSITION: Final = BigInteger().with_variant(Integer(), "sqlite")

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
    # The database makes it: SQLite by counting, PostgreSQL from its clock.
    Column("sequence", _POSITION, primary_key=True),
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

seal_key = Table(
    "seal_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
)
"""The public keys of the checkpoints; a row comes with the first checkpoint that needs it."""

seal = Table(
    "seal",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("previous_number", Integer),
    Column("previous_last", _POSITION, nullable=False),
    Column("previous", Text, nullable=False),
    Column("first_sequence", _POSITION, nullable=False),
    Column("last_sequence", _POSITION, nullable=False),
    Column("count", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("leaves", Text, nullable=False),
)
"""One signed checkpoint a row. `leaves` lists what its root was made of, a line a fact."""
approval_key = Table(
    "approval_key",
    metadata,
    Column("account", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("endorsed_by", Text, nullable=False),
    Column("endorsed_with", Text, nullable=False),
    Column("endorsement", Text, nullable=False),
)
"""The public keys that approvals are checked with, each signed by whoever let it in."""

password = Table(
    "password",
    metadata,
    Column("account", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("key_number", Integer, nullable=False),
    Column("sealed_key", Text, nullable=False),
)
"""The passwords of each account, hashed; the newest counts. `sealed_key` is the private part of an
approval key, encrypted under the password."""

sign_in = Table(
    "sign_in",
    metadata,
    Column("account", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)
"""Every try of a password, and what came of it: failures in a row make the next one wait."""

approval_start = Table(
    "approval_start",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("unsigned_until", _POSITION, nullable=False),
)
"""One row: the last event before approvals were signed; 0 where they always were."""
store_key = Table(
    "store_key",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("master_key_id", Text, nullable=False),
    Column("wrapped", Text, nullable=False),
)
"""The keys of the whole store, each under the master key: for look-up, and for hashes of requests.
"""

case_key = Table(
    "case_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("master_key_id", Text),
    Column("wrapped", Text),
)
"""The key of each case under the master key. A row without one is that of an erased case: it stays,
so that the case never gets another key."""

person_index = Table(
    "person_index",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("mac", Text, primary_key=True),
)
"""By what a case is found: keyed hashes of name and numbers, which tell nothing without the key."""
