"""Opening and preparing a store on PostgreSQL, its logins, and what it says when it fails."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from tests.office import Office
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    EVERYBODY,
    LEAD,
    NOW,
    opened,
    plan,
    spoken,
)
from tests.postgres import PASSWORD, Database, Databases
from tests.sealing import sealer_for

from plan_assistant.adapters.signing import is_signed
from plan_assistant.adapters.store import open_store, schema
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.preparing import prepare
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    InputRefused,
    StoreClosedToYou,
    StoreDamaged,
    StoreLocked,
    StoreNewer,
    StoreNotReady,
    StoreOutOfReach,
    TransitionRefused,
)
from plan_assistant.domain.events import Account, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store
from plan_assistant.services.audit import verify_record

CASE = CaseId("A-1")


def put(
    store: Store, *events: NewEvent, by: Account = COLLECTOR, version: int = 0, case: str = CASE
) -> Receipt:
    return store.append(
        CaseId(case),
        events,
        actor=by,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"{case} {version} {by.name}"),
    )


@pytest.fixture
def empty(postgres: Databases, database: Database) -> Iterator[Database]:
    """A database without our tables, on the server where our roles are."""
    with database.raw(autocommit=True) as connection:
        connection.execute("drop schema plan_assistant cascade")
    yield database


# --- where it lies
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "postgres://li.na:secret@db/plans",
            "postgresql://USER@HOST/DATABASE in place of postgres",
        ),
        ("postgresql+asyncpg://li.na:secret@db/plans", "in place of postgresql+asyncpg://"),
        ("postgresql://li.na:secret@db", "name the database"),
        ("postgresql://li.na:secret@db:99999/plans", "99999 is not a port"),
        ("postgresql://li.na:secret@db:port/plans", "not a URL"),
        ("postgresql://li.na:not@secret@db/plans", "%40 for an @"),
        ("postgresql://li.na:not@secret@[db/plans", "%40 for an @"),
    ],
)
def test_a_url_that_cannot_be_one_is_refused_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_store(url)

    (problem,) = refusal.value.problems
    assert sentence in problem.sentence
    assert "secret" not in f"{refusal.value} {problem}"
    assert refusal.value.__cause__ is None


def test_without_the_driver_the_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = importlib.util.find_spec

    def without_psycopg(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "psycopg" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_psycopg)

    with pytest.raises(InputRefused) as refusal:
        open_store("postgresql://li.na@db/plans")

    assert r"pip install 'plan-assistant[postgres]'" in refusal.value.problems[0].sentence


def test_both_spellings_open_the_same_store_and_name_it_alike(database: Database) -> None:
    plain = database.url(COLLECTOR.name)
    spelled = plain.replace("postgresql://", "postgresql+psycopg://")
    one, two = open_store(plain), open_store(spelled)

    assert one.accounts() == two.accounts()
    assert one.place == two.place
    assert one.place.startswith("postgresql://127.0.0.1:")
    assert PASSWORD not in one.place
    assert COLLECTOR.name not in one.place
    one.close()
    two.close()


# --- what is there
def test_a_database_without_our_tables_says_who_makes_them(empty: Database) -> None:
    with pytest.raises(StoreNotReady, match="store migrate") as failure:
        open_store(empty.url(COLLECTOR.name))

    assert set(failure.value.detail) == {"place"}


@pytest.mark.parametrize(
    ("revision", "kind"),
    [("0001", StoreNotReady), ("9999", StoreNewer), ("", StoreDamaged), ("head", StoreDamaged)],
)
def test_another_revision_is_refused_and_left_as_it_is(
    database: Database, revision: str, kind: type[Exception]
) -> None:
    with database.raw(autocommit=True) as connection:
        connection.execute("update plan_assistant.alembic_version set version_num = %s", [revision])

    with pytest.raises(kind):
        open_store(database.url(COLLECTOR.name))

    with database.raw() as connection:
        row = connection.execute("select version_num from plan_assistant.alembic_version")
        assert row.fetchone() == (revision,)


def test_the_tables_are_what_queries_expect(database: Database) -> None:
    with database.raw() as connection:
        rows = connection.execute(
            "select table_name, column_name, is_nullable from information_schema.columns"
            " where table_schema = 'plan_assistant'"
        ).fetchall()
    found = {(table, column): nullable == "YES" for table, column, nullable in rows}

    assert {
        (table.name, column.name): column.nullable
        for table in schema.metadata.tables.values()
        for column in table.columns
    }.items() <= found.items()


def test_preparing_twice_changes_nothing(database: Database) -> None:
    store = database.open(COLLECTOR)
    put(store, opened())

    assert prepare(database.admin_url) == schema.HEAD

    assert len(store.events(CASE)) == 1
    store.close()


def test_two_who_prepare_at_once_make_one_store(empty: Database) -> None:
    said: list[object] = []

    def one() -> None:
        try:
            said.append(prepare(empty.admin_url))
        except Exception as error:  # told to the assertion below
            said.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said == [schema.HEAD, schema.HEAD]


def test_a_store_in_a_file_is_not_prepared() -> None:
    for url in (None, "store.sqlite", "sqlite:///store.sqlite"):
        with pytest.raises(InputRefused, match="--store"):
            prepare(url)


# --- who may
def test_a_wrong_password_lets_nobody_in(database: Database) -> None:
    url = make_url(database.url(COLLECTOR.name)).set(password="wrong-one")

    with pytest.raises(StoreClosedToYou) as failure:
        open_store(url.render_as_string(hide_password=False))

    assert "wrong-one" not in str(failure.value)


def test_a_login_without_a_group_is_let_do_nothing(database: Database) -> None:
    with database.raw(autocommit=True) as connection:
        connection.execute(
            sql.SQL("create role outsider login password {}").format(sql.Literal(PASSWORD))
        )
    try:
        with pytest.raises(StoreClosedToYou):
            open_store(database.url("outsider"))
    finally:
        with database.raw(autocommit=True) as connection:
            connection.execute("drop role outsider")


def test_a_server_that_is_not_there_is_named(database: Database) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = make_url(database.url(COLLECTOR.name)).set(port=port)

    with pytest.raises(StoreOutOfReach, match=f"127.0.0.1:{port}") as failure:
        open_store(url.render_as_string(hide_password=False))

    assert PASSWORD not in str(failure.value)


def test_nobody_records_under_another_name(database: Database) -> None:
    store = database.open(COLLECTOR)

    with pytest.raises(TransitionRefused) as refusal:
        put(store, opened(), by=COLLEAGUE)

    assert refusal.value.code == "not_your_account"
    assert store.login == COLLECTOR.name
    assert store.case_ids() == ()
    store.close()


def test_a_person_of_the_database_has_exactly_the_powers_of_their_role(database: Database) -> None:
    for person in EVERYBODY:
        store = database.open(person)
        assert store.signed_in.faults == (), person
        store.close()


@pytest.mark.parametrize(
    ("powers", "fault"),
    [
        ("alter role {} superuser", "superuser"),
        ("alter role {} bypassrls", "passes_row_security"),
        ("alter role {} createrole", "creates_roles"),
        ("grant plan_assistant_owner to {}", "owner"),
        ("grant plan_assistant_team_lead to {}", "several_groups"),
        ("revoke plan_assistant_collector from {}", "group_differs"),
    ],
    ids=lambda value: value if " " not in value else "",
)
def test_powers_that_void_the_walls_are_noticed(
    database: Database, powers: str, fault: str
) -> None:
    person = Account("powerful", "权力", Role.COLLECTOR)
    with database.raw(autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "create role powerful login password {}; grant plan_assistant_auditor to powerful;"
                " revoke plan_assistant_auditor from powerful;"
                " grant plan_assistant_collector to powerful"
            ).format(sql.Literal(PASSWORD))
        )
        connection.execute(
            "insert into plan_assistant.account (name, display_name, role)"
            " values ('powerful', 'x', 'collector')"
        )
        connection.execute(powers.format("powerful").encode())
        # Whoever is in no group at all cannot even look; here one that reads is left.
        if fault == "group_differs":
            connection.execute("grant plan_assistant_auditor to powerful")
    try:
        store = database.open(person)
        assert fault in store.signed_in.faults
        store.close()
    finally:
        with database.raw(autocommit=True) as connection:
            connection.execute("drop role powerful")


def test_whoever_has_no_account_is_told_apart(database: Database) -> None:
    store = open_store(database.admin_url)

    assert isinstance(store, PostgresStore)
    assert store.signed_in.faults == ("superuser", "no_account")
    with pytest.raises(TransitionRefused) as refusal:
        put(store, opened(), by=Account("postgres", "x", Role.COLLECTOR))
    assert refusal.value.code == "account_unknown"
    store.close()


# --- adding people
@pytest.fixture
def newcomer(database: Database) -> Iterator[Account]:
    """Somebody whose login is taken away afterwards: logins belong to the whole server."""
    person = Account("new.comer", "新人", Role.COLLECTOR, "south")
    yield person
    with database.raw(autocommit=True) as connection:
        connection.execute('drop role if exists "new.comer"')


def test_an_added_person_signs_in_and_works(database: Database, newcomer: Account) -> None:
    admin = open_store(database.admin_url)
    assert isinstance(admin, PostgresStore)
    admin.add_account(newcomer, PASSWORD)
    admin.close()

    store = database.open(newcomer)
    put(store, opened(), by=newcomer)

    assert store.signed_in.groups == ("plan_assistant_collector",)
    assert store.case_ids() == (CASE,)
    store.close()
    with database.raw() as connection:
        (stored,) = connection.execute(
            "select rolpassword from pg_authid where rolname = 'new.comer'"
        ).fetchone() or ("",)
    assert stored.startswith("SCRAM-SHA-256$")


def test_an_administrator_writes_people_down_but_creates_no_login(
    database: Database, newcomer: Account
) -> None:
    store = database.open(ADMINISTRATOR)
    store.add_account(newcomer, PASSWORD)

    assert newcomer in store.accounts()
    store.close()
    with database.raw() as connection:
        logins = connection.execute("select 1 from pg_roles where rolname = 'new.comer'").fetchall()
        added_by = connection.execute(
            "select added_by from plan_assistant.account where name = 'new.comer'"
        ).fetchone()
    assert logins == []
    assert added_by == (ADMINISTRATOR.name,)


@pytest.mark.parametrize("person", [COLLECTOR, LEAD, AUDITOR], ids=lambda person: person.role)
def test_nobody_else_adds_people(database: Database, person: Account, newcomer: Account) -> None:
    store = database.open(person)

    with pytest.raises(TransitionRefused) as refusal:
        store.add_account(newcomer)

    assert refusal.value.code == "role_may_not"
    store.close()


# --- facts
_HOUR = 3_600_000_000
"""In microseconds, as facts are numbered."""


def test_facts_keep_the_order_of_their_case_when_the_clock_is_set_back(database: Database) -> None:
    store = database.open(COLLECTOR)
    put(store, opened())
    with database.raw(autocommit=True) as connection:
        connection.execute("update plan_assistant.case_head set reached = reached + %s", [_HOUR])
        ahead = connection.execute("select reached from plan_assistant.case_head").fetchone()

    put(store, spoken("1.00"), version=1)

    first, second = store.every_event()
    assert ahead == (first.sequence + _HOUR,)
    assert second.sequence == first.sequence + _HOUR + 1
    store.close()


def test_no_fact_is_numbered_before_a_checkpoint_when_the_clock_is_set_back(
    database: Database,
) -> None:
    """A checkpoint goes on behind the last one: what came before its end would never be sealed."""
    office = Office(database)
    put(office, opened())
    with database.raw(autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update plan_assistant.event set sequence = sequence + %s", [_HOUR])
    first = sealer_for(office).seal()
    assert first is not None

    put(office, opened(), case="A-2")
    put(office, opened(), case="A-3")
    second = sealer_for(office).seal()

    numbers = [event.sequence for event in office.every_event()]
    last = first.checkpoint.last
    assert numbers == [last, last + 1, last + 2]
    assert second is not None
    assert second.checkpoint.count == 2
    assert verify_record(office.archive, is_signed=is_signed).holds
    office.close()


def test_a_case_of_another_team_is_out_of_sight_and_its_number_is_taken(
    database: Database, newcomer: Account
) -> None:
    admin = open_store(database.admin_url)
    assert isinstance(admin, PostgresStore)
    admin.add_account(newcomer, PASSWORD)
    admin.close()
    mine, other = database.open(COLLECTOR), database.open(newcomer)
    put(mine, opened())

    with pytest.raises(CaseNotFound):
        other.events(CASE)
    with pytest.raises(TransitionRefused) as refusal:
        put(other, opened(), by=newcomer)

    assert refusal.value.code == "case_exists"
    assert other.every_event() == ()
    mine.close()
    other.close()


def test_an_agency_reads_and_records_only_what_is_assigned(database: Database) -> None:
    office = Office(database)
    put(office, opened())
    put(office, opened(), case="A-2")
    agent = office.of(AGENT)

    with pytest.raises(TransitionRefused) as refusal:
        put(agent, spoken(), by=AGENT, version=1)
    assert refusal.value.code == "not_assigned"
    assign = NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name})
    put(office, assign, by=LEAD, version=1)
    put(agent, spoken(), by=AGENT, version=2)

    assert agent.case_ids() == (CASE,)
    put(office, NewEvent(EventType.CASE_ASSIGNED, {"agent": None}), by=LEAD, version=3)
    assert agent.case_ids() == ()
    office.close()


# --- failures in the middle
def test_a_connection_that_was_cut_is_replaced(database: Database) -> None:
    store = database.open(COLLECTOR)
    put(store, opened())
    with database.raw(autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename = %s and datname = current_database()",
            [COLLECTOR.name],
        )

    assert store.case_ids() == (CASE,)
    put(store, spoken(), version=1)
    store.close()


def test_a_row_that_others_hold_is_waited_for_and_then_told(database: Database) -> None:
    store = database.open(COLLECTOR, lock_timeout=0.2)
    put(store, opened())
    with database.raw() as holder:
        holder.execute("select * from plan_assistant.case_head for update")

        with pytest.raises(StoreLocked, match=r"0\.2 seconds") as failure:
            put(store, spoken(), version=1)

    # Not by the limit of a whole statement, which is longer.
    assert isinstance(failure.value.__cause__, psycopg.errors.LockNotAvailable)

    assert not put(store, spoken(), version=1).is_repeat
    store.close()


def test_what_a_person_said_stands_in_no_error(database: Database) -> None:
    store = database.open(COLLECTOR)
    put(store, opened("canary-said"), plan("AG-1", note="canary-said"))

    with pytest.raises(TransitionRefused) as refusal:
        put(store, plan("AG-2", note="canary-said"), version=2)

    error: BaseException | None = refusal.value
    while error is not None:
        assert "canary-said" not in f"{error} {error!r}"
        assert not isinstance(error, psycopg.Error) or not error.diag.message_detail
        error = error.__cause__ or error.__context__
    store.close()
