"""Opening and preparing a store on PostgreSQL, its logins, and what it says when it fails."""

from __future__ import annotations

import importlib.util
import secrets
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy import make_url, text
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
    REVIEWER,
    decided,
    opened,
    plan,
    spoken,
    whole,
)
from tests.postgres import PASSWORD, SEALING, Database, Databases, add_people
from tests.sealing import seal_key, sealer_for
from tests.staffing import door_of, give_password, proof_of

from plan_assistant import bootstrap
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.doctor import examine
from plan_assistant.adapters.keys.master import new_master_key
from plan_assistant.adapters.sealer import SealReader
from plan_assistant.adapters.signing import is_signed
from plan_assistant.adapters.store import open_store, schema
from plan_assistant.adapters.store.postgres_engine import postgres_engine
from plan_assistant.adapters.store.postgres_failures import failure_of
from plan_assistant.adapters.store.postgres_place import postgres_url
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.preparing import prepare
from plan_assistant.adapters.store.seals import SqlSeals
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
from plan_assistant.domain.event_form import moment, recorded
from plan_assistant.domain.events import Account, EventId, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.health import State
from plan_assistant.domain.personal_fields import CONTENT
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.seal import Sealed
from plan_assistant.domain.stored import RecordRow, StoredEvent
from plan_assistant.ports import Store
from plan_assistant.services.audit import verify_record
from plan_assistant.services.staff import require_back, reset_password, signing_of

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


@pytest.mark.parametrize("encoding", ["EUC_CN", "SQL_ASCII"])
def test_a_database_that_does_not_hold_every_name_is_refused(
    database: Database, encoding: str
) -> None:
    name = f"kept_as_{encoding.lower()}_{secrets.token_hex(4)}"
    with database.raw(autocommit=True) as connection:
        connection.execute(
            f"create database {name} encoding '{encoding}' locale 'C' locale_provider 'libc'"
            " template template0".encode()
        )
    url = make_url(database.admin_url).set(database=name).render_as_string(hide_password=False)
    try:
        with pytest.raises(StoreNotReady, match=f"{encoding}.*UTF8") as failure:
            prepare(url)

        assert set(failure.value.detail) == {"place", "encoding"}
    finally:
        with database.raw(autocommit=True) as connection:
            connection.execute(f"drop database {name}".encode())


def test_preparing_twice_changes_nothing(database: Database) -> None:
    store = database.open(COLLECTOR)
    put(store, opened())

    assert prepare(database.admin_url) == schema.HEAD

    assert len(store.events(CASE)) == 1
    store.close()


@pytest.mark.parametrize(
    "revision", ["0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013"]
)
def test_an_older_store_keeps_every_fact_and_gets_the_walls_of_today(
    empty: Database, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    fully = command.upgrade
    with monkeypatch.context() as older:
        older.setattr(command, "upgrade", lambda config, _revision: fully(config, revision))
        prepare(empty.admin_url)
    sent = plan("AG-1")
    approval = decided(EventType.APPROVED, fingerprint(sent.body), LEAD)
    with empty.raw() as connection:
        for person in (COLLECTOR, LEAD):
            connection.execute(
                "insert into plan_assistant.account (name, display_name, role) values (%s, %s, %s)",
                [person.name, person.display_name, person.role.value],
            )
        connection.commit()
    facts = ((COLLECTOR, opened()), (COLLECTOR, sent), (LEAD, approval))
    for version, (person, fact) in enumerate(facts, start=1):
        _insert(empty, person, version, fact)
    with empty.raw() as connection:
        before = connection.execute("select * from plan_assistant.event").fetchall()

    assert prepare(empty.admin_url) == schema.HEAD

    assert _codes(empty.url(COLLECTOR.name))["walls"] is State.FINE
    with empty.raw() as connection:
        after = connection.execute("select * from plan_assistant.event").fetchall()
    assert (len(after), after) == (3, before)
    about = {"number": "AG-1", "fingerprint": fingerprint(sent.body)}
    _insert(empty, COLLECTOR, 4, NewEvent(EventType.SIGNED, whole("signed", **about)))
    with pytest.raises(psycopg.errors.CheckViolation, match="event_role_ends"):
        _insert(empty, COLLECTOR, 5, NewEvent(EventType.REOPENED, whole("reopened")))
    with pytest.raises(psycopg.errors.CheckViolation, match="follows_approval"):
        _insert(empty, COLLECTOR, 5, NewEvent(EventType.KEPT, whole("kept", fingerprint="x")))
    again = plan("AG-2")
    _insert(empty, COLLECTOR, 5, again)
    with empty.raw() as connection:
        rows = connection.execute(
            "select number, fingerprint from plan_assistant.submission order by round"
        ).fetchall()
    assert rows == [("AG-1", fingerprint(sent.body)), ("AG-2", fingerprint(again.body))]


def _insert(database: Database, person: Account, version: int, fact: NewEvent) -> None:
    """Record a fact by SQL alone, as its person."""
    with database.raw(person.name) as connection:
        connection.execute(_INSERT, _row(person, version, fact))
        connection.commit()


_INSERT = (
    "insert into plan_assistant.event"
    " (event_id, case_id, version, at, actor, role, type, body, sha256)"
    " values (%(event_id)s, %(case_id)s, %(version)s, %(at)s, %(actor)s, %(role)s, %(type)s,"
    " %(body)s, %(sha256)s)"
)


def _row(person: Account, version: int, fact: NewEvent, **chosen: str) -> dict[str, object]:
    """Return the row of a fact of case A-1 with its own hash, but for what is chosen."""
    row = StoredEvent(
        sequence=0,
        event_id=f"E-{version}",
        case_id="A-1",
        version=version,
        at=moment(NOW),
        actor=person.name,
        role=person.role.value,
        type=fact.type.value,
        body=canonical(fact.body).decode(),
        sha256="",
    )
    row = replace(row, **chosen)  # type: ignore[arg-type]  # all that is chosen is text
    return {**asdict(row), "sha256": row.expected_hash, **chosen}


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


@pytest.mark.parametrize(
    ("shut", "opened_again"),
    [
        ("alter role {login} nologin", "alter role {login} login"),
        (
            "alter role {login} valid until '2020-01-01'",
            "alter role {login} valid until 'infinity'",
        ),
        ("revoke connect on database {name} from public", "select 1"),
    ],
)
def test_who_may_not_sign_in_any_more_is_not_told_that_the_store_is_away(
    database: Database, shut: str, opened_again: str
) -> None:
    names = {
        "login": sql.Identifier(COLLECTOR.name),
        "name": sql.Identifier(str(make_url(database.admin_url).database)),
    }
    with database.raw(autocommit=True) as connection:
        connection.execute(sql.SQL(shut).format(**names))
        try:
            with pytest.raises(StoreClosedToYou):
                open_store(database.url(COLLECTOR.name))
        finally:
            connection.execute(sql.SQL(opened_again).format(**names))


@pytest.mark.parametrize(
    "words",
    [
        '致命错误:  用户 "wu.hao" 的密码认证失败',
        '致命错误:  用户 "wu.hao" Password 认证失败',
        '致命错误:  不允许角色 "wu.hao" 进行登录',
        '致命错误:  访问数据库 "plans" 的权限不足',
        '嚴重錯誤:  密碼驗證使用者 "wu.hao" 失敗',
        '嚴重錯誤:  不允許角色 "wu.hao" 登入',
        '嚴重錯誤:  資料庫 "plans" 權限不足',
    ],
)
def test_a_server_that_speaks_chinese_is_understood_when_it_refuses_a_login(words: str) -> None:
    report = psycopg.OperationalError(f'connection failed: connection to server at "db": {words}')

    assert isinstance(failure_of(report, "db", 30), StoreClosedToYou)


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


_LATE = NewEvent(EventType.EXPORTED, whole("exported"))


def test_a_fact_that_is_committed_late_is_sealed_with_those_that_came_after(
    database: Database,
) -> None:
    office = Office(database)
    put(office, opened())
    late = office.of(COLLECTOR)._writing.connect()
    late.exec_driver_sql(_INSERT, _row(COLLECTOR, 2, _LATE))
    put(office, opened(), case="A-2")
    sealed: list[object] = []

    sealing = threading.Thread(target=lambda: sealed.append(_rows_covered(office)))
    sealing.start()
    sealing.join(0.5)
    assert sealed == []
    late.commit()
    late.close()
    sealing.join(30)

    assert sealed == [["A-1", "A-1", "A-2"]]
    office.close()


def _rows_covered(office: Office) -> list[str]:
    """Return the cases of the facts that a checkpoint made now would cover, in order."""
    covered: list[str] = []

    def make(_before: object, rows: Sequence[RecordRow], _people: object) -> Sealed:
        covered.extend(row.event.case_id for row in rows)
        raise _Enough

    seals = office.seals
    with suppress(_Enough):
        seals.extend(seal_key().public_key, make, takes_over=False)
    return covered


def test_who_stops_while_recording_keeps_the_sealing_from_holding_others_up(
    database: Database,
) -> None:
    office = Office(database)
    put(office, opened())
    stopped = office.of(COLLECTOR)._writing.connect()
    stopped.exec_driver_sql(_INSERT, _row(COLLECTOR, 2, _LATE))

    with pytest.raises(StoreLocked, match=r"more than 2 seconds") as failure:
        sealer_for(office).seal()

    pid = stopped.exec_driver_sql("select pg_backend_pid()").scalar_one()
    assert failure.value.detail["holders"] == f"{COLLECTOR.name} (process {pid})"
    put(office, opened(), case="A-2")
    stopped.rollback()
    stopped.close()
    assert sealer_for(office).seal() is not None
    office.close()


class _Enough(Exception):  # no error
    """Nothing more is asked."""


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


def test_an_agency_without_a_team_works_on_the_cases_that_two_teams_gave_it(
    database: Database,
) -> None:
    teams = [
        (
            Account(f"{side}.one", "", Role.COLLECTOR, side),
            Account(f"{side}.lead", "", Role.TEAM_LEAD, side),
        )
        for side in ("north", "south")
    ]
    add_people(database, [person for team in teams for person in team])
    office = Office(database, [*EVERYBODY, *(person for team in teams for person in team)])
    agent = office.of(AGENT)
    for number, (collector, lead) in enumerate(teams):
        case = f"T-{number}"
        put(office.of(collector), opened(), by=collector, case=case)
        put(
            office.of(lead),
            NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name}),
            by=lead,
            version=1,
            case=case,
        )

        put(agent, spoken(), by=AGENT, version=2, case=case)

    assert agent.case_ids() == ("T-0", "T-1")
    office.close()


_EVERY_KIND_OF_SIGN = "".join(
    [*map(chr, range(1, 0x250)), *"\u2028\u2029\ud7ff\ue000\ufeff\uffff\U0001f600\U0010ffff"]
)


@pytest.mark.parametrize("place", ["event_id", "case_id"])
def test_the_server_computes_the_hash_of_a_fact_whatever_signs_stand_in_it(
    database: Database, place: str
) -> None:
    """Every control character, quotes, a backslash, and signs beyond ASCII and beyond 16 bits."""
    with database.raw(COLLECTOR.name) as connection:
        row = _row(COLLECTOR, 1, opened(_EVERY_KIND_OF_SIGN), **{place: _EVERY_KIND_OF_SIGN})
        assert connection.execute(_INSERT, row).rowcount == 1
        connection.rollback()

        with pytest.raises(psycopg.errors.CheckViolation, match="event_sha256_holds"):
            connection.execute(_INSERT, {**row, place: _EVERY_KIND_OF_SIGN + "!"})


def test_a_checkpoint_that_is_refused_lets_everybody_record_on(database: Database) -> None:
    office = Office(database)
    put(office, opened())
    sealer_for(office).seal()
    end = 2**63 - 1
    with database.raw(SEALING) as connection:
        connection.execute("select plan_assistant.hold_writers()")
        with pytest.raises(psycopg.errors.CheckViolation, match="seal_ends_at_a_fact"):
            connection.execute(
                "insert into plan_assistant.seal select number + 1, number, last_sequence, sha256,"
                f" last_sequence + 1, {end}, 1, root, '{{}}', at, key_id, signature, sha256, ''"
                " from plan_assistant.seal"
            )

    put(office, opened(), case="A-2")

    assert sealer_for(office).seal() is not None
    office.close()


def test_a_store_that_could_number_no_fact_any_more_records_again_once_brought_up_to_date(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fully = command.upgrade
    with monkeypatch.context() as older:
        older.setattr(command, "upgrade", lambda config, _revision: fully(config, "0006"))
        prepare(empty.admin_url)
    with empty.raw(autocommit=True) as connection:
        connection.execute(
            "insert into plan_assistant.account (name, display_name, role) values (%s, %s, %s)",
            [COLLECTOR.name, COLLECTOR.display_name, COLLECTOR.role.value],
        )
    _insert(empty, COLLECTOR, 1, opened())
    with empty.raw(autocommit=True) as connection:
        connection.execute("select setval('plan_assistant.sealed_up_to', 9223372036854775807)")

    prepare(empty.admin_url)

    _insert(empty, COLLECTOR, 2, spoken())


# --- failures in the middle
def test_no_server_compiles_what_it_runs_once(database: Database) -> None:
    # One with a compiler, as distributions bring, took 140 ms for a fact.
    engine = postgres_engine(postgres_url(database.url(COLLECTOR.name)), lock_timeout=5)

    with engine.connect() as connection:
        assert connection.execute(text("show jit")).scalar_one() == "off"

    engine.dispose()


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


# --- passwords here sign approvals, and let nobody in
def test_a_forgotten_password_of_approvals_is_replaced_by_an_administrator(
    database: Database,
) -> None:
    office = Office(database)
    for person in (LEAD, ADMINISTRATOR):
        give_password(office, person)
    before = proof_of(office, LEAD)

    reset_password(
        door_of(office), LEAD.name, "quite another one", by=proof_of(office, ADMINISTRATOR)
    )

    again = proof_of(office, LEAD, "quite another one")
    assert (again.stored.number, again.stored.set_by) == (2, ADMINISTRATOR.name)
    registry = office.credentials.key_registry()
    keys = [key for key in registry.keys if key.account == LEAD.name]
    assert [key.endorsed_by for key in keys] == [LEAD.name, ADMINISTRATOR.name]
    signer = signing_of(door_of(office), again).signer
    assert signer.public_key != signing_of(door_of(office), before).signer.public_key
    office.close()


@pytest.mark.parametrize("person", [COLLECTOR, AUDITOR, AGENT], ids=lambda person: person.role)
def test_who_approves_nothing_gets_no_password(database: Database, person: Account) -> None:
    office = Office(database)

    with pytest.raises(TransitionRefused) as refusal:
        give_password(office, person)

    assert refusal.value.code == "password_for_approvals"
    assert office.credentials.with_password() == frozenset()
    office.close()


def test_the_server_is_asked_whether_somebody_is_back(database: Database) -> None:
    store = database.open(COLLECTOR)

    assert store.knows_password(PASSWORD)
    assert not store.knows_password("another one")
    require_back(door_of(store), COLLECTOR, PASSWORD)
    with pytest.raises(TransitionRefused, match="wrong_name_or_password"):
        require_back(door_of(store), COLLECTOR, "another one")
    store.close()


def test_a_plan_that_carries_the_fingerprint_of_another_is_not_shown(database: Database) -> None:
    """The server cannot open what is sealed, so by SQL anything may be claimed of it."""
    office = Office(database)
    put(office, opened())
    body = canonical({**plan("AG-1").body, CONTENT: "a" * 64})
    fact = recorded(
        plan("AG-1"),
        sequence=0,
        event_id=EventId("E-forged"),
        case_id=CASE,
        version=2,
        at=NOW,
        actor=COLLECTOR,
        written=body,
    )
    with database.raw(COLLECTOR.name) as connection:
        connection.execute(
            "insert into plan_assistant.event"
            " (event_id, case_id, version, at, actor, role, type, body, sha256)"
            " values ('E-forged', 'A-1', 2, %s, 'wu.hao', 'collector', 'plan_recorded', %s, %s)",
            [moment(NOW), body.decode(), fact.sha256],
        )

    with pytest.raises(StoreDamaged, match="fact 2 of case A-1"):
        office.events(CASE)
    office.close()


# --- what only the server can do
def test_a_copy_of_the_file_that_is_none_is_refused(database: Database, tmp_path: Path) -> None:
    store = database.open(AUDITOR)

    with pytest.raises(InputRefused) as backup:
        bootstrap.back_up(store, tmp_path / "copy", replace=False)
    with pytest.raises(InputRefused) as restore:
        bootstrap.restore(tmp_path / "copy", database.admin_url, replace=True, at=NOW)

    for refusal in (backup, restore):
        assert "pg_dump" in refusal.value.problems[0].sentence
    store.close()


def test_the_keys_are_put_under_another_by_the_owner_only(database: Database) -> None:
    store = database.open(ADMINISTRATOR)

    with pytest.raises(TransitionRefused) as refusal:
        store.rotate(new_master_key())

    assert refusal.value.code == "only_owner_rotates"
    store.close()


@pytest.mark.parametrize("person", [COLLECTOR, LEAD, REVIEWER], ids=lambda person: person.role)
def test_who_does_not_see_all_rows_audits_and_seals_nothing(
    database: Database, person: Account
) -> None:
    store = database.open(person)

    for act in (
        lambda: verify_record(SqlSeals(store), is_signed=is_signed),
        lambda: sealer_for(store).seal(),
    ):
        with pytest.raises(TransitionRefused) as refusal:
            act()
        assert refusal.value.code == "sees_not_all_rows"
    store.close()


def test_an_auditor_verifies_and_cannot_seal(database: Database) -> None:
    office = Office(database)
    put(office, opened())
    store = office.of(AUDITOR)

    assert verify_record(SqlSeals(store), is_signed=is_signed).holds
    with pytest.raises((TransitionRefused, StoreClosedToYou)):
        sealer_for(store).seal()
    assert office.archive.newest() is None
    office.close()


def test_who_seals_sees_every_row_and_no_name(database: Database) -> None:
    office = Office(database)
    put(office, opened())
    seals = database.open_to_seal()

    assert sealer_for(seals).seal() is not None
    with pytest.raises(StoreClosedToYou):
        seals.events(CASE)
    assert seals.signed_in.faults == ()
    seals.close()
    office.close()


def test_a_collector_prints_the_newest_checkpoint(database: Database) -> None:
    office = Office(database)
    put(office, opened())
    sealed = sealer_for(office).seal()

    outline = SealReader(SqlSeals(office.of(COLLECTOR))).seal()

    assert sealed is not None
    assert outline is not None
    assert (outline.witness, outline.leaves) == (sealed.witness, ())
    office.close()


# --- the doctor
def _codes(url: str) -> dict[str, State]:
    return {check.code: check.state for check in examine(url, DemoClock(NOW))}


def test_the_doctor_finds_nothing_wrong_with_a_person(database: Database) -> None:
    found = _codes(database.url(COLLECTOR.name))

    assert State.WRONG not in found.values(), found
    assert {"database", "walls", "login", "above_walls"} <= found.keys()


def test_the_doctor_names_a_superuser(database: Database) -> None:
    found = _codes(database.admin_url)

    assert {"login_superuser", "login_no_account"} <= found.keys()


_SECTION_2 = """
    revoke connect, temporary on database {0} from public;
    grant connect on database {0} to plan_assistant_collector;
    alter database {0} set statement_timeout = '60s';
    alter database {0} set idle_in_transaction_session_timeout = '30s';
"""


def test_the_doctor_tells_a_database_that_lets_everybody_in(database: Database) -> None:
    """As a restored one does: who may connect, and the limits, are not in a dump."""
    found = {check.code: check for check in examine(database.admin_url, DemoClock(NOW))}

    assert found["database_open"].detail["powers"] == "connect, temporary"
    assert (
        found["database_limits"].detail["names"]
        == "idle_in_transaction_session_timeout, statement_timeout"
    )
    with database.raw(autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(_SECTION_2.format(name).encode())
    assert not {"database_open", "database_limits"} & _codes(database.url(COLLECTOR.name)).keys()


def test_the_doctor_says_that_a_server_is_away(database: Database) -> None:
    away = make_url(database.url(COLLECTOR.name)).set(port=1)

    found = examine(away.render_as_string(hide_password=False), DemoClock(NOW))

    assert [check.code for check in found if check.state is State.WRONG] == ["store_unreadable"]
    assert PASSWORD not in repr(found)
