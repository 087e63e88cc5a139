"""The whole matrix of group x act x table x column, asked of a real server by each login."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from tests.adapters.postgres_scene import SCHEMA, TABLES, scene
from tests.people import ADMINISTRATOR, AGENT, AUDITOR, COLLECTOR, LEAD, REVIEWER
from tests.postgres import Database, Databases

from plan_assistant.domain.policy.findings import Role

_PEOPLE = {
    person.role: person for person in (COLLECTOR, LEAD, REVIEWER, AUDITOR, ADMINISTRATOR, AGENT)
}
_FACT = {"event_id", "case_id", "version", "at", "actor", "role", "type", "body", "sha256"}
_REQUEST = {"key", "payload_sha256", "case_id", "version", "event_ids"}
_PERSON = {"name", "display_name", "role", "team"}
_ALL_READ = {"account", "event", "request", "alembic_version"}
_GUARDS = {"submission", "decision", "case_head"}

READS: dict[Role, set[str]] = {
    Role.COLLECTOR: _ALL_READ,
    Role.TEAM_LEAD: _ALL_READ,
    Role.LEGAL_REVIEWER: _ALL_READ | _GUARDS,
    Role.AUDITOR: _ALL_READ | _GUARDS,
    Role.ADMINISTRATOR: _ALL_READ,
    Role.AGENCY_COLLECTOR: _ALL_READ,
}
_WRITES = {"event": _FACT, "request": _REQUEST}
INSERTS: dict[Role, dict[str, set[str]]] = {
    Role.COLLECTOR: _WRITES,
    Role.TEAM_LEAD: _WRITES,
    Role.LEGAL_REVIEWER: _WRITES,
    Role.AUDITOR: {},
    Role.ADMINISTRATOR: {**_WRITES, "account": _PERSON},
    Role.AGENCY_COLLECTOR: _WRITES,
}


@pytest.fixture(scope="module")
def store(postgres: Databases) -> Iterator[Database]:
    """A store that nobody changes."""
    with scene(postgres) as database:
        yield database


def _columns(database: Database) -> dict[str, list[str]]:
    with database.raw() as connection:
        rows = connection.execute(
            "select c.relname, a.attname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
            " where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')",
            [SCHEMA],
        ).fetchall()
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _is_permitted(connection: psycopg.Connection[object], statement: str) -> bool:
    """Say whether the server does what is asked, or refuses it for another reason than powers."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        # A row that a policy refuses was let in by the grants.
        return "row-level security" in str(error)
    except psycopg.Error:
        return True
    return True


def test_the_matrix_knows_every_table(store: Database) -> None:
    assert set(_columns(store)) == set(TABLES)
    assert set(READS) == set(INSERTS) == set(_PEOPLE) == set(Role)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_group_may_do_exactly_this_to_every_table_and_column(store: Database, role: Role) -> None:
    columns = _columns(store)
    reads, inserts, changes = set(), dict[str, set[str]](), []
    with store.raw(_PEOPLE[role].name) as connection:
        for table, names in columns.items():
            place = f"{SCHEMA}.{table}"
            if _is_permitted(connection, f"select * from {place}"):
                reads.add(table)
            for name in names:
                if _is_permitted(connection, f"insert into {place} ({name}) values (default)"):
                    inserts.setdefault(table, set()).add(name)
                if _is_permitted(connection, f"update {place} set {name} = {name}"):
                    changes.append(f"update {table}.{name}")
            changes += [
                act
                for act in (
                    f"delete from {place}",
                    f"truncate {place}",
                    f"alter table {place} add column x int",
                    f"drop table {place}",
                    f"create trigger x before insert on {place} for each row"
                    f" execute function {SCHEMA}.event_enters()",
                )
                if _is_permitted(connection, act)
            ]
            # Referring to a row keeps it from being looked after, and tells that it is there.
            (may_refer,) = connection.execute(
                "select has_any_column_privilege(%s, 'references')", [place]
            ).fetchone() or (True,)
            changes += [f"references {table}"] * may_refer

    assert (reads, inserts, changes) == (READS[role], INSERTS[role], [])


def test_every_table_with_rows_of_people_has_forced_row_security(store: Database) -> None:
    with store.raw() as connection:
        rows = connection.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = %s and c.relkind = 'r'"
            " and not (c.relrowsecurity and c.relforcerowsecurity)",
            [SCHEMA],
        ).fetchall()

    assert rows == [("alembic_version",)]


def test_every_function_has_a_fixed_path_and_only_the_policies_ones_are_open(
    store: Database,
) -> None:
    with store.raw() as connection:
        functions = connection.execute(
            "select p.proname, p.prosecdef, p.proconfig,"
            " has_function_privilege('plan_assistant_collector', p.oid, 'execute')"
            " from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = %s",
            [SCHEMA],
        ).fetchall()

    assert {name for name, _, _, is_open in functions if is_open} == {"my_team", "assigned_cases"}
    for name, _, settings, _ in functions:
        (path,) = [each for each in settings if each.startswith("search_path=")]
        assert path.endswith("pg_temp"), name


def test_the_tables_belong_to_a_role_that_cannot_sign_in(store: Database) -> None:
    with store.raw() as connection:
        owners = connection.execute(
            "select distinct r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " join pg_roles r on r.oid = c.relowner where n.nspname = %s",
            [SCHEMA],
        ).fetchall()

    assert owners == [("plan_assistant_owner", False, False, False)]
