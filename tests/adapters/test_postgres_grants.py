"""The whole matrix of group x act x table x column, asked of a real server by each login."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from tests.adapters.postgres_scene import SCHEMA, TABLES, scene
from tests.people import ADMINISTRATOR, AGENT, AUDITOR, COLLECTOR, LEAD, REVIEWER
from tests.postgres import SEALING, Database, Databases

from plan_assistant.domain.policy.findings import Role

_PEOPLE = {
    person.role: person for person in (COLLECTOR, LEAD, REVIEWER, AUDITOR, ADMINISTRATOR, AGENT)
}
_FACT = {"event_id", "case_id", "version", "at", "actor", "role", "type", "body", "sha256"}
_REQUEST = {"key", "payload_sha256", "case_id", "version", "event_ids"}
_PERSON = {"name", "display_name", "role", "team"}
_ALL_READ = {
    "account", "event", "request", "alembic_version", "seal_key", "store_key", "case_key",
    "person_index", "approval_key", "approval_start", "password", "sign_in",
}  # fmt: skip
_GUARDS = {"submission", "decision", "case_head"}

READS: dict[Role, set[str]] = {
    Role.COLLECTOR: _ALL_READ,
    Role.TEAM_LEAD: _ALL_READ,
    Role.LEGAL_REVIEWER: _ALL_READ | _GUARDS,
    Role.AUDITOR: _ALL_READ | _GUARDS | {"seal"},
    Role.ADMINISTRATOR: _ALL_READ,
    Role.AGENCY_COLLECTOR: _ALL_READ,
}
_WRITES = {"event": _FACT, "request": _REQUEST}
_OPENS = {
    **_WRITES,
    "case_key": {"key_id", "case_id", "master_key_id", "wrapped"},
    "person_index": {"case_id", "field", "mac"},
}
_SIGNS = {
    "approval_key": {
        "account", "number", "public_key", "at", "set_by", "endorsed_by", "endorsed_with",
        "endorsement",
    },
    "password": {"account", "number", "at", "set_by", "verifier", "key_number", "sealed_key"},
    "sign_in": {"account", "number", "at", "outcome"},
}  # fmt: skip
_SEALED = {
    "number", "previous_number", "previous_last", "previous", "first_sequence", "last_sequence",
    "count", "root", "people", "at", "key_id", "signature", "sha256", "leaves",
}  # fmt: skip
INSERTS: dict[Role, dict[str, set[str]]] = {
    Role.COLLECTOR: _OPENS,
    Role.TEAM_LEAD: {**_OPENS, **_SIGNS},
    Role.LEGAL_REVIEWER: _WRITES,
    Role.AUDITOR: {},
    Role.ADMINISTRATOR: {**_OPENS, **_SIGNS, "account": _PERSON},
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
            " where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f')",
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
    assert set(_columns(store)) == {*TABLES} - {"sealed_up_to"}
    assert set(READS) == set(INSERTS) == set(_PEOPLE) == set(Role)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_group_may_do_exactly_this_to_every_table_and_column(store: Database, role: Role) -> None:
    assert _powers(store, _PEOPLE[role].name) == (READS[role], INSERTS[role], [])


def test_the_login_that_seals_may_do_exactly_this(store: Database) -> None:
    reads = {"account", "approval_key", "event", "request", "submission", "decision"}
    writes = {"seal": _SEALED, "seal_key": {"key_id", "public_key"}}

    assert _powers(store, SEALING) == (reads | {*writes, "alembic_version"}, writes, [])


def _powers(store: Database, login: str) -> tuple[set[str], dict[str, set[str]], list[str]]:
    columns = _columns(store)
    reads, inserts, changes = set(), dict[str, set[str]](), []
    with store.raw(login) as connection:
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

    return reads, inserts, changes


def test_every_table_with_rows_of_people_has_forced_row_security(store: Database) -> None:
    with store.raw() as connection:
        rows = connection.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = %s and c.relkind = 'r'"
            " and not (c.relrowsecurity and c.relforcerowsecurity)",
            [SCHEMA],
        ).fetchall()

    assert rows == [("alembic_version",)]


def test_nobody_may_touch_the_only_sequence(store: Database) -> None:
    with store.raw() as connection:
        sequences = connection.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = %s and c.relkind = 'S'",
            [SCHEMA],
        ).fetchall()
    assert sequences == [("sealed_up_to",)]
    for login in (*(person.name for person in _PEOPLE.values()), SEALING):
        with store.raw(login) as connection:
            for asked in (
                f"select * from {SCHEMA}.sealed_up_to",
                f"select nextval('{SCHEMA}.sealed_up_to')",
                f"select setval('{SCHEMA}.sealed_up_to', 1)",
            ):
                assert not _is_permitted(connection, asked), (login, asked)


def test_every_function_that_somebody_may_start_has_a_fixed_path_and_only_two_are_open(
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
    for name, is_definer, settings, is_open in functions:
        if settings is None:
            # Only functions with a path of their own call it: changing theirs takes too long.
            assert name in {"is_moment", "rule_broken_by"}
            assert (is_definer, is_open) == (False, False), name
            continue
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
