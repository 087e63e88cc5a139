"""Stores of an older version: brought up in one transaction, with everything that is in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pysqlite3 import dbapi2
from tests.people import AUDITOR, COLLECTOR, LEAD, NOW, decided, opened, plan, spoken
from tests.sealing import audited, sealer_for
from tests.stores import copy_of, fresh_file, fresh_sqlite

from plan_assistant.adapters.store import engine, migrate, open_store, opening, schema
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreDamaged, StoreFailure, StoreNewer
from plan_assistant.domain.event_form import moment, recorded
from plan_assistant.domain.events import Account, EventId, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.policy.findings import Role

_FUTURE = f"{int(schema.HEAD) + 1:04d}"
_NEXT = '''
"""A revision of the future."""
from alembic import op
revision = "{revision}"
down_revision = "{head}"

def upgrade():
    op.execute("create table note (text text) strict")
    op.execute("{statement}")
'''


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store of this version with one case in it."""
    store = fresh_sqlite(tmp_path)
    store.append(
        CaseId("A-1"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k")
    )
    store.close()
    return tmp_path / "store.sqlite"


def _next_version(monkeypatch: pytest.MonkeyPatch, folder: Path, statement: str) -> None:
    """Make this program one that knows a revision more."""
    shutil.copytree(migrate.MIGRATIONS, folder / "migrations")
    script = folder / "migrations" / "versions" / "future.py"
    script.write_text(_NEXT.format(revision=_FUTURE, head=schema.HEAD, statement=statement))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder / "migrations")
    for module in (migrate, opening):
        monkeypatch.setattr(module, "HEAD", _FUTURE)


def _schema(path: Path) -> list[tuple[str, ...]]:
    connection = dbapi2.connect(str(path))
    tables = connection.execute("select name from sqlite_schema order by name").fetchall()
    version = connection.execute("select version_num from alembic_version").fetchall()
    connection.close()
    return [*tables, *version]


def test_an_older_store_is_upgraded_and_keeps_what_is_in_it(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _next_version(monkeypatch, tmp_path, "select 1")

    store = open_store(str(older))

    assert store.case_ids() == ("A-1",)
    assert len(store.events(CaseId("A-1"))) == 1
    store.close()
    assert ("note",) in _schema(older)
    assert (_FUTURE,) in _schema(older)


def _at_revision(path: Path, revision: str) -> None:
    """Make the tables of a store as an older program made them."""
    path.touch(mode=0o600)
    made = engine.sqlite_engine(path, lock_timeout=30, journal="wal")
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with made.execution_options(**{engine.WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    made.dispose()


def _rows_of_0001(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Write one approved plan and one open case as a program at revision 0001 did; return them."""
    sent = plan("AG-1")
    approval = decided(EventType.APPROVED, fingerprint(sent.body), LEAD)
    facts = [
        recorded(
            new,
            sequence=number,
            event_id=EventId(f"E-{number}"),
            case_id=CaseId(case),
            version=version,
            at=NOW,
            actor=by,
        )
        for number, (case, version, by, new) in enumerate(
            [
                ("A-1", 1, COLLECTOR, opened()),
                ("A-1", 2, COLLECTOR, sent),
                ("B-1", 1, COLLECTOR, opened()),
                ("A-1", 3, LEAD, approval),
            ],
            start=1,
        )
    ]
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("begin")
    for person in (COLLECTOR, LEAD, AUDITOR):
        row = (person.name, person.display_name, person.role.value)
        connection.execute("insert into account (name, display_name, role) values (?, ?, ?)", row)
    content = fingerprint(sent.body)
    for fact in facts:
        if fact.event_id == "E-2":
            connection.execute(
                "insert into submission values ('A-1', 1, null, 'E-2', 'AG-1', ?, 'wu.hao')",
                (content,),
            )
        if fact.event_id == "E-4":
            connection.execute(
                "insert into decision values"
                " ('A-1', 1, 'E-4', 'approved', 'wu.hao', ?, 'li.na', 'team_lead')",
                (content,),
            )
        connection.execute(
            "insert into event values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fact.sequence,
                fact.event_id,
                fact.case_id,
                fact.version,
                moment(fact.at),
                fact.actor,
                fact.role.value,
                fact.type.value,
                canonical(fact.body).decode(),
                fact.sha256,
            ),
        )
    connection.execute("insert into request values ('k', 'x', 'B-1', 1, '[\"E-3\"]')")
    connection.execute("commit")
    tables = ("event", "request", "submission", "decision")
    rows = {table: connection.execute(f"select * from {table}").fetchall() for table in tables}
    connection.close()
    return rows


def test_a_store_of_the_first_revision_keeps_every_row_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    _at_revision(path, "0001")
    before = _rows_of_0001(path)

    store = open_store(str(path))

    connection = dbapi2.connect(str(path))
    after = {table: connection.execute(f"select * from {table}").fetchall() for table in before}
    connection.close()
    assert after == before
    assert [event.type for event in store.events(CaseId("A-1"))][-1] is EventType.APPROVED
    assert {person.team for person in store.accounts()} == {""}
    reviewer = Account("fang.min", "方敏", Role.LEGAL_REVIEWER, "north")
    store.add_account(reviewer)
    store.append(
        CaseId("B-1"),
        [NewEvent(EventType.EXPORTED, {"number": "AG-1"})],
        actor=reviewer,
        at=NOW,
        expected_version=1,
        key=RequestKey("export"),
    )
    assert [event.sequence for event in store.every_event()] == [1, 2, 3, 4, 5]
    store.close()


def test_an_upgraded_store_has_all_its_guards_again(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    _at_revision(path, "0001")
    before = dbapi2.connect(str(path))
    triggers = "select name, tbl_name from sqlite_schema where type = 'trigger' order by name"
    were = before.execute(triggers).fetchall()
    before.close()

    open_store(str(path)).close()

    connection = dbapi2.connect(str(path))
    assert len(were) > 10
    assert set(were) <= set(connection.execute(triggers).fetchall())
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


def _sealed(path: Path, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Put the checkpoint over its facts into a store that is older than this program."""
    newer = copy_of(path, folder)
    store = open_store(str(newer))
    assert sealer_for(store).seal() is not None
    store.close()
    source, connection = dbapi2.connect(str(newer)), dbapi2.connect(str(path))
    rows = {
        table: source.execute(f"select * from {table}").fetchall() for table in ("seal_key", "seal")
    }
    for table, found in rows.items():
        for row in found:
            marks = ", ".join("?" * len(row))
            connection.execute(f"insert into {table} values ({marks})", row)
    connection.commit()
    source.close()
    connection.close()
    newer.unlink()
    return rows


@pytest.mark.parametrize("revision", ["0002", "0003", "0004", "0005", "0006", "0007", "0008"])
def test_a_sealed_store_of_every_revision_keeps_every_row_and_its_guards(
    tmp_path: Path, revision: str
) -> None:
    """Checkpoints refer to the rows of facts, so the table of facts must not be built again."""
    path = tmp_path / "old.sqlite"
    _at_revision(path, revision)
    before = _rows_of_0001(path) | _sealed(path, tmp_path)

    store = open_store(str(path))
    assert [event.type for event in store.events(CaseId("A-1"))][-1] is EventType.APPROVED
    store.append(
        CaseId("B-1"), [spoken()], actor=COLLECTOR, at=NOW, expected_version=1, key=RequestKey("on")
    )
    assert sealer_for(store).seal() is not None
    store.close()

    connection = dbapi2.connect(str(path))
    for table, rows in before.items():
        found = connection.execute(f"select * from {table}").fetchall()
        assert found[: len(rows)] == rows, table
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    (tmp_path / "new").mkdir()
    fresh = fresh_file(tmp_path / "new")
    connection.close()
    assert _made(path) == _made(fresh)
    report = audited(path)
    # The facts of this test came without requests; nothing else differs.
    assert {item.code for item in report.discrepancies} <= {"fact_unrequested", "request_stray"}
    assert report.unsealed == 0


def _made(path: Path) -> dict[str, str]:
    """Return what every table, index and trigger was made by."""
    connection = dbapi2.connect(str(path))
    found = dict(
        connection.execute("select name, sql from sqlite_schema where sql is not null").fetchall()
    )
    connection.close()
    return found


def test_a_store_with_a_fact_that_the_new_rules_refuse_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    _at_revision(path, "0004")
    _rows_of_0001(path)
    connection = dbapi2.connect(str(path))
    connection.execute("insert into account values ('tang.yi', '', 'administrator')")
    connection.execute(
        "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
        " select 'E-odd', case_id, 2, at, 'tang.yi', 'administrator', 'exported', '{}', sha256"
        " from event where case_id = 'B-1'"
    )
    connection.commit()
    connection.close()
    before = _made(path)

    with pytest.raises(StoreDamaged, match="event 5 breaks event_role_exports"):
        open_store(str(path))

    assert _made(path) == before
    assert ("0004",) in _schema(path)


def test_an_upgrade_that_fails_changes_nothing(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _schema(older)
    with monkeypatch.context() as newer:
        _next_version(newer, tmp_path, "select nonsense")
        with pytest.raises(StoreFailure, match="nonsense"):
            open_store(str(older))

    assert _schema(older) == before
    store = open_store(str(older))
    assert store.case_ids() == ("A-1",)
    store.close()


def test_the_older_program_refuses_the_upgraded_store(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        _next_version(newer, tmp_path, "select 1")
        open_store(str(older)).close()

    with pytest.raises(StoreNewer):
        open_store(str(older))


def test_a_revision_that_never_was_is_a_damage(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    connection = dbapi2.connect(str(path))
    connection.execute("drop trigger alembic_version_no_return")
    connection.execute("update alembic_version set version_num = '0000'")
    connection.commit()
    connection.close()

    with pytest.raises(StoreDamaged, match="0000"):
        open_store(str(path))


def test_a_store_of_before_the_follow_up_takes_signatures_and_payments_at_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.sqlite"
    _at_revision(path, "0005")
    _rows_of_0001(path)
    store = open_store(str(path))
    content = fingerprint(plan("AG-1").body)

    for number, kind in enumerate((EventType.SIGNED, EventType.PAYMENT_POSTED)):
        store.append(
            CaseId("A-1"),
            [NewEvent(kind, {"number": "AG-1", "fingerprint": content})],
            actor=COLLECTOR,
            at=NOW,
            expected_version=3 + number,
            key=RequestKey(kind.value),
        )

    assert [event.type for event in store.events(CaseId("A-1"))][-2:] == [
        EventType.SIGNED,
        EventType.PAYMENT_POSTED,
    ]
    store.close()
