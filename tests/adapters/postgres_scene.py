"""A store on PostgreSQL with two teams at work, for those who attack it with SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from tests.office import Office
from tests.people import (
    AGENT,
    COLLECTOR,
    EVERYBODY,
    LEAD,
    NOW,
    OTHER_LEAD,
    decided,
    opened,
    plan,
    spoken,
)
from tests.postgres import Database, Databases, add_people
from tests.sealing import sealer_for
from tests.staffing import give_password

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.policy.findings import Role

SOUTH = Account("gao.yu", "高宇", Role.COLLECTOR, "south")
SOUTH_LEAD = Account("lin.tao", "林涛", Role.TEAM_LEAD, "south")
OTHER_AGENT = Account("pan.xi", "潘夕", Role.AGENCY_COLLECTOR)
WAITING = plan("AG-WAITING")
"""Of case W-1, made by the collector; version 2 waits for the lead."""
OWN = plan("AG-OWN", LEAD)
"""Of case L-1, made by the lead."""
DONE = plan("AG-DONE")
"""Of case D-1, made by the collector and approved; version 3."""
MADE = plan("AG-MADE", LEAD)
"""Of case M-1, made by the lead and approved by another; version 3."""
SCHEMA = "plan_assistant"


def _put(office: Office, case: str, person: Account, version: int, *facts: NewEvent) -> None:
    office.append(
        CaseId(case),
        facts,
        actor=person,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"{case} {version}"),
    )


@contextmanager
def scene(postgres: Databases) -> Iterator[Database]:
    """Yield a store with a case of every kind, a lead who signs, and one checkpoint.

    W-1 waits · L-1 waits, made by the lead · D-1 is approved · M-1 too, made by the lead ·
    B-1 and R-1 are open · G-1 is given to the agency · S-1 belongs to the other team.
    """
    with postgres.fresh() as database:
        add_people(database, (SOUTH, SOUTH_LEAD, OTHER_AGENT))
        office = Office(database, [*EVERYBODY, SOUTH, SOUTH_LEAD, OTHER_AGENT])
        _put(office, "W-1", COLLECTOR, 0, opened(), WAITING)
        _put(office, "L-1", LEAD, 0, opened(), OWN)
        _put(office, "D-1", COLLECTOR, 0, opened(), DONE)
        _put(office, "D-1", LEAD, 2, decided(EventType.APPROVED, fingerprint(DONE.body), LEAD))
        _put(office, "M-1", LEAD, 0, opened(), MADE)
        approval = decided(EventType.APPROVED, fingerprint(MADE.body), OTHER_LEAD)
        _put(office, "M-1", OTHER_LEAD, 2, approval)
        _put(office, "B-1", COLLECTOR, 0, opened())
        _put(office, "R-1", COLLECTOR, 0, opened())
        _put(office, "G-1", COLLECTOR, 0, opened())
        _put(office, "G-1", LEAD, 1, NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name}))
        _put(office, "G-1", AGENT, 2, spoken())
        _put(office, "S-1", SOUTH, 0, opened())
        give_password(office, LEAD)
        sealer_for(office).seal()
        office.close()
        with database.raw() as connection:
            # The cases here name no borrower; these hashes stand for them.
            connection.execute("set session_replication_role = replica")
            connection.execute(
                "insert into plan_assistant.person_index"
                " select case_id, 'name', 'mac', team from plan_assistant.case_key"
            )
            # And nothing was done about this one for longer than any case is kept.
            connection.execute(
                "update plan_assistant.case_head set acted = acted - interval '200 years'"
                " where case_id = 'B-1'"
            )
        yield database


TABLES = (
    "account", "event", "request", "submission", "decision", "case_head", "alembic_version", "seal",
    "seal_key", "store_key", "case_key", "person_index", "approval_key", "approval_start",
    "password", "sign_in", "sealed_up_to",
)  # fmt: skip


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows, as the superuser sees them."""
    with database.raw() as connection:
        return {
            table: connection.execute(
                f"select * from {SCHEMA}.{table} order by 1, 2"
                if table != "alembic_version"
                else f"select * from {SCHEMA}.{table}"
            ).fetchall()
            for table in TABLES
        }


def report_of(database: Database, person: str, *statements: str) -> tuple[str, str]:
    """Return the SQLSTATE and the constraint (or else the message) of the first refusal.

    What is not refused is committed; nothing refused gives two empty texts.
    """
    connection = database.raw(person)
    try:
        for statement in statements:
            connection.execute(statement.encode())
        connection.commit()
    except psycopg.Error as error:
        return error.sqlstate or "", error.diag.constraint_name or error.diag.message_primary or ""
    finally:
        connection.close()
    return "", ""
