"""The SQLite file: its modes, its settings, its schema, and what raw SQL may not do to it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2
from sqlalchemy import inspect
from tests.people import COLLECTOR, LEAD, NOW, decided, opened, plan
from tests.staffing import give_password
from tests.stores import fresh_file, fresh_sqlite

from plan_assistant.adapters.store import engine, migrate, open_store, schema
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreDamaged
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint

CASE = CaseId("A-20931")
SENT = plan("AG-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one approved plan and one more case, closed."""
    store = fresh_sqlite(tmp_path)
    store.append(
        CASE, [opened(), SENT], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k1")
    )
    approval = decided(EventType.APPROVED, fingerprint(SENT.body), LEAD)
    store.append(CASE, [approval], actor=LEAD, at=NOW, expected_version=2, key=RequestKey("k2"))
    store.append(
        CaseId("B-1"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k3")
    )
    give_password(store, LEAD)
    store.close()
    return tmp_path / "store.sqlite"


@pytest.fixture
def raw(path: Path) -> Iterator[dbapi2.Connection]:
    """A connection of somebody who comes with SQL instead of a service."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    yield connection
    connection.close()


# --- files
@pytest.fixture
def careless_umask() -> Iterator[None]:
    """The umask of somebody who lets everybody read and write everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("careless_umask")
def test_every_file_of_a_store_is_for_its_owner_only(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "s.sqlite"))
    store.add_account(LEAD)

    modes = {file.name: _mode(file) for file in tmp_path.iterdir()}
    store.close()

    assert modes == {"s.sqlite": 0o600, "s.sqlite-wal": 0o600, "s.sqlite-shm": 0o600}


@pytest.mark.usefixtures("careless_umask")
def test_the_default_store_lies_in_a_folder_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    store = open_store()
    store.close()

    file = tmp_path / "data" / "plan-assistant" / "store.sqlite"
    assert _mode(file) == 0o600
    assert _mode(file.parent) == 0o700


def test_a_new_store_leaves_nothing_half_made_beside_it(tmp_path: Path) -> None:
    open_store(str(tmp_path / "s.sqlite")).close()

    assert [file.name for file in tmp_path.iterdir()] == ["s.sqlite"]


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    open_store(str(tmp_path / "s.sqlite")).close()

    assert _mode(tmp_path) == 0o750


def test_a_store_lies_where_an_odd_path_says(tmp_path: Path) -> None:
    path = tmp_path / "客户 100% #1?.sqlite"

    open_store(str(path)).close()

    assert path.stat().st_size > 0


def test_a_file_system_without_hard_links_gets_a_whole_store_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(_source: Path, _target: Path) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    store = open_store(str(tmp_path / "s.sqlite"))
    store.add_account(LEAD)
    store.close()

    assert _mode(tmp_path / "s.sqlite") == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["s.sqlite"]


# --- settings
def test_every_connection_is_set_for_durability(tmp_path: Path) -> None:
    made = engine.sqlite_engine(fresh_file(tmp_path), lock_timeout=30, journal="wal")
    with made.connect() as one, made.connect() as two:
        settings = [
            {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            for connection in (one, two)
        ]
    made.dispose()

    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    assert settings == [expected, expected]


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 53, 4), "wal"),
        ((4, 0, 0), "wal"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value,
)
def test_wal_is_refused_on_libraries_that_may_corrupt_it(
    version: tuple[int, ...], mode: str
) -> None:
    assert engine.journal_mode(version) == mode


def test_the_library_shipped_with_us_may_use_wal(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    store.close()

    assert store.journal == "wal"


def test_a_store_works_in_truncate_mode_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_assistant.adapters.store.opening.journal_mode", lambda: "truncate")
    store = open_store(str(path))
    store.append(
        CaseId("C-1"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k9")
    )
    store.close()

    assert store.journal == "truncate"
    with dbapi2.connect(str(path)) as connection:
        # The file itself only says that it has no write-ahead log.
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("select count(*) from event").fetchone() == (5,)


def test_opening_a_file_that_is_up_to_date_imports_neither_alembic_nor_postgresql(
    path: Path,
) -> None:
    script = (
        "import sys\n"
        "from plan_assistant.adapters.store import open_store\n"
        "open_store(sys.argv[1]).close()\n"
        "print(sys.modules.keys() & {'alembic', 'psycopg', 'sqlalchemy.dialects.postgresql'})\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True
    )

    assert done.stdout == "set()\n"


# --- schema
def test_the_newest_migration_is_the_one_we_know() -> None:
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head() == schema.HEAD


def test_the_tables_are_what_queries_expect(tmp_path: Path) -> None:
    made = engine.sqlite_engine(fresh_file(tmp_path), lock_timeout=30, journal="wal")
    found = inspect(made)
    tables = {
        name: [(column["name"], column["nullable"]) for column in found.get_columns(name)]
        for name in found.get_table_names()
        if name != "alembic_version"
    }
    made.dispose()

    assert tables == {
        table.name: [(column.name, column.nullable) for column in table.columns]
        for table in schema.metadata.tables.values()
    }


def test_every_table_of_ours_is_strict(raw: dbapi2.Connection) -> None:
    rows = raw.execute("select name, strict from pragma_table_list where schema = 'main'")
    strict = {name: bool(flag) for name, flag in rows if not name.startswith("sqlite_")}

    assert strict.pop("alembic_version") is False
    assert strict == dict.fromkeys(schema.metadata.tables, True)


# --- raw SQL
_ZERO = "0" * 64
_EVENT = (
    "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
    " values ('E', '{case}', {version}, '2026-11-20T00:00:00.000000+08:00', '{actor}', '{role}',"
    f" '{{type}}', '{{{{}}}}', '{_ZERO}')"
)
_NOW = "2026-11-20T00:00:00.000000+08:00"
_DEEP = '{"outcome":' + "[" * 1100 + "]" * 1100 + "}"
_FACT = (
    "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
    f" values ('E', 'B-1', 2, '{{at}}', 'wu.hao', 'collector', 'exported', '{{body}}', '{_ZERO}')"
)
_PERSON = (
    "insert into account (name, display_name, role, team)"
    " values ('{name}', '{shown}', '{role}', '')"
)
_KEY_COLUMNS = "account, at, set_by, endorsed_by, endorsed_with, endorsement, public_key"
_KEY_VALUES = (
    "account, at, set_by, endorsed_by, endorsed_with, endorsement, 'aa' || substr(public_key, 3)"
)
_PASSWORD_COLUMNS = "account, at, set_by, verifier, key_number, sealed_key"
_TRY_COLUMNS = "account, at, outcome"
_DECISION = (
    "insert into decision"
    " (case_id, round, event_id, outcome, maker, fingerprint, decider, decider_role)"
    " values ('A-20931', {round}, 'E', '{outcome}', '{maker}', '{print}', '{decider}', '{role}')"
)
_SUBMISSION = (
    "insert into submission (case_id, round, previous_round, event_id, number, fingerprint, maker)"
    " values ('{case}', {round}, {previous}, 'E', '{number}', 'x', 'wu.hao')"
)
_ROWS = ("event", "submission", "decision", "approval_key", "password", "sign_in", "approval_start")
_TABLES = ("account", "request", *_ROWS)
_COLUMN = {
    "account": "role",
    "event": "body",
    "request": "payload_sha256",
    "submission": "maker",
    "decision": "decider",
    "approval_key": "public_key",
    "password": "verifier",
    "sign_in": "outcome",
    "approval_start": "unsigned_until",
}

ATTACKS: dict[str, tuple[str, str]] = {
    **{
        f"change {table}": (f"update {table} set {_COLUMN[table]} = '9'", f"append_only: {table}")
        for table in _TABLES
    },
    **{
        f"delete from {table}": (f"delete from {table}", f"append_only: {table}")
        for table in _TABLES
    },
    **{
        f"replace a row of {table}": (
            f"insert or replace into {table} select * from {table}",
            f"append_only: {table}",
        )
        for table in _ROWS
    },
    "upsert over an event": (
        "insert into event select * from event where true"
        " on conflict (event_id) do update set body = '{}'",
        "append_only: event",
    ),
    **{
        f"record {name}": (_FACT.format(at=at, body=body), rule)
        for name, at, body, rule in (
            ("what is no JSON", _NOW, "{", "event_body_readable"),
            ("a list", _NOW, "[]", "event_body_readable"),
            ("what is nested without end", _NOW, _DEEP, "event_body_readable"),
            ("a moment without microseconds", "2026-11-20T00:00:00+08:00", "{}", "event_moment"),
            ("a moment without an offset", "2026-11-20T00:00:00.000000", "{}", "event_moment"),
            ("no moment", "2026-19-20T00:00:00.000000+08:00", "{}", "event_moment"),
        )
    },
    **{
        f"add {name}": (
            _PERSON.format(**{"name": "x", "role": "auditor", "shown": "x"} | row),
            rule,
        )
        for name, row, rule in (
            ("a person of no role", {"role": "nosuchrole"}, "account_role_known"),
            ("a name with a blank", {"name": "wu hao"}, "account_name_plain"),
            ("a name that begins with a dash", {"name": "-x"}, "account_name_plain"),
            ("a name that is turned around", {"shown": "a\u202eb"}, "account_shown_whole"),
            ("a name with an escape", {"shown": "a\x1bb"}, "account_shown_whole"),
        )
    },
    **{
        f"count {table} from {number}": (
            f"insert into {table} ({column}, number) select {value}, {number} from {table}",
            f"{table}_number_follows",
        )
        for table, column, value in (
            ("approval_key", _KEY_COLUMNS, _KEY_VALUES),
            ("password", _PASSWORD_COLUMNS, _PASSWORD_COLUMNS),
            ("sign_in", _TRY_COLUMNS, _TRY_COLUMNS),
        )
        for number in (9, 2147483647)
    },
    **{
        f"write {table} at no moment": (
            f"insert into {table} ({column}, at, number)"
            f" select {value}, 'x', max(number) + 1 from {table}",
            f"{table}_moment",
        )
        for table, column, value in (
            ("approval_key", _KEY_COLUMNS.replace("at, ", ""), _KEY_VALUES.replace("at, ", "")),
            ("password", *[_PASSWORD_COLUMNS.replace("at, ", "")] * 2),
            ("sign_in", *[_TRY_COLUMNS.replace("at, ", "")] * 2),
        )
    },
    "register a key of no digits": (
        f"insert into approval_key ({_KEY_COLUMNS}, number)"
        f" select {_KEY_VALUES.replace('aa', 'zz')}, max(number) + 1 from approval_key",
        "approval_key_digits",
    ),
    "record as an auditor": (
        _EVENT.format(case="B-1", version=2, actor="qian.wen", role="auditor", type="exported"),
        "event_role_may_write",
    ),
    "speak an offer as a legal reviewer": (
        _EVENT.format(
            case="B-1", version=2, actor="fang.min", role="legal_reviewer", type="offer_spoken"
        ),
        "event_role_calls",
    ),
    "open a case as an agency": (
        _EVENT.format(
            case="C-1", version=1, actor="luo.bin", role="agency_collector", type="case_opened"
        ),
        "event_role_opens",
    ),
    "assign a case as a collector": (
        _EVENT.format(
            case="B-1", version=2, actor="wu.hao", role="collector", type="case_assigned"
        ),
        "event_role_leads",
    ),
    "return a plan as an agency": (
        _EVENT.format(
            case="B-1", version=2, actor="luo.bin", role="agency_collector", type="returned"
        ),
        "unguarded: decision",
    ),
    "export as an administrator": (
        _EVENT.format(
            case="B-1", version=2, actor="tang.yi", role="administrator", type="exported"
        ),
        "event_role_exports",
    ),
    "sign what was never approved": (
        _EVENT.format(case="B-1", version=2, actor="wu.hao", role="collector", type="signed"),
        "follows_approval",
    ),
    "post a payment under what was never approved": (
        _EVENT.format(
            case="B-1", version=2, actor="wu.hao", role="collector", type="payment_posted"
        ),
        "follows_approval",
    ),
    "reopen a case as a collector": (
        _EVENT.format(case="B-1", version=2, actor="wu.hao", role="collector", type="reopened"),
        "event_role_ends",
    ),
    "record as a stranger": (
        _EVENT.format(case="B-1", version=2, actor="mallory", role="collector", type="exported"),
        "FOREIGN KEY",
    ),
    "record in another role": (
        _EVENT.format(case="B-1", version=2, actor="wu.hao", role="team_lead", type="exported"),
        "FOREIGN KEY",
    ),
    "use a version twice": (
        _EVENT.format(case="B-1", version=1, actor="wu.hao", role="collector", type="case_opened"),
        "append_only: event",
    ),
    "begin a case without opening it": (
        _EVENT.format(case="C-1", version=1, actor="wu.hao", role="collector", type="exported"),
        "event_first_opens",
    ),
    "approve without a decision": (
        _EVENT.format(case="B-1", version=2, actor="li.na", role="team_lead", type="approved"),
        "unguarded: decision",
    ),
    "record a plan without a submission": (
        _EVENT.format(
            case="B-1", version=2, actor="wu.hao", role="collector", type="plan_recorded"
        ),
        "unguarded: plan_recorded",
    ),
    "approve one's own plan": (
        _DECISION.format(
            round=2,
            outcome="approved",
            maker="li.na",
            print="x",
            decider="li.na",
            role="team_lead",
        ),
        "four_eyes",
    ),
    "approve as a collector": (
        _DECISION.format(
            round=2,
            outcome="approved",
            maker="wu.hao",
            print="x",
            decider="sun.li",
            role="collector",
        ),
        "lead_decides",
    ),
    "approve what was never sent": (
        _DECISION.format(
            round=2,
            outcome="approved",
            maker="wu.hao",
            print="x",
            decider="li.na",
            role="team_lead",
        ),
        "FOREIGN KEY",
    ),
    "take back what others made": (
        _DECISION.format(
            round=2,
            outcome="cancelled",
            maker="wu.hao",
            print="x",
            decider="sun.li",
            role="collector",
        ),
        "maker_cancels",
    ),
    "invent an outcome": (
        _DECISION.format(
            round=2,
            outcome="waived",
            maker="wu.hao",
            print="x",
            decider="li.na",
            role="team_lead",
        ),
        "decision_outcome",
    ),
    "decide twice": (
        _DECISION.format(
            round=1,
            outcome="returned",
            maker="wu.hao",
            print="x",
            decider="he.jun",
            role="team_lead",
        ),
        "append_only: decision",
    ),
    "skip a round": (
        _SUBMISSION.format(case="A-20931", round=3, previous=1, number="AG-9"),
        "submission_round_follows",
    ),
    "start at a later round": (
        _SUBMISSION.format(case="B-1", round=2, previous="null", number="AG-9"),
        "submission_round_follows",
    ),
    "send a second plan while none is decided": (
        _SUBMISSION.format(case="B-1", round=2, previous=1, number="AG-9"),
        "FOREIGN KEY",
    ),
    "use an agreement number twice": (
        _SUBMISSION.format(case="B-1", round=1, previous="null", number="AG-1"),
        "append_only: submission",
    ),
    "write text where a number belongs": (
        "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
        f" values ('E', 'B-1', 'two', '', 'wu.hao', 'collector', 'exported', '', '{_ZERO}')",
        "cannot store TEXT",
    ),
}


@pytest.mark.parametrize(("statement", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
def test_raw_sql_may_not(raw: dbapi2.Connection, statement: str, reason: str) -> None:
    before = _everything(raw)

    with pytest.raises(dbapi2.IntegrityError, match=reason):
        raw.execute(statement)

    assert _everything(raw) == before


@pytest.mark.parametrize("table", ["account", "request"])
def test_a_replaced_row_stays_what_it_was(raw: dbapi2.Connection, table: str) -> None:
    before = _everything(raw)
    column = _COLUMN[table]
    columns = [name for (name,) in raw.execute(f"select name from pragma_table_info('{table}')")]
    values = ", ".join("'x'" if name == column else name for name in columns)

    raw.execute(f"insert or replace into {table} select {values} from {table}")

    assert _everything(raw) == before


def _everything(raw: dbapi2.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: raw.execute(f"select * from {table}").fetchall() for table in _TABLES}


def test_a_fact_changed_behind_our_back_is_noticed(path: Path, raw: dbapi2.Connection) -> None:
    raw.execute("drop trigger event_no_update")
    raw.execute('update event set body = \'{"number":"AG-1","total":"1.00"}\' where version = 2')
    store = open_store(str(path))

    with pytest.raises(StoreDamaged, match="fact 2 of case A-20931"):
        store.events(CASE)
    store.close()


@pytest.mark.parametrize(
    "change",
    ["type = 'invented'", "body = '{'", "at = 'yesterday'"],
    ids=["an unknown kind", "broken JSON", "no moment"],
)
def test_a_fact_that_cannot_be_read_is_named(
    path: Path, raw: dbapi2.Connection, change: str
) -> None:
    raw.execute("drop trigger event_no_update")
    raw.execute("pragma ignore_check_constraints = on")
    raw.execute(f"update event set {change} where case_id = 'B-1'")
    store: SqlStore = open_store(str(path))

    with pytest.raises(StoreDamaged, match="fact 1 of case B-1 cannot be read"):
        store.every_event()
    store.close()
