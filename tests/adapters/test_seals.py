"""The table of checkpoints: who may write what into it, and that nothing slips between two."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import create_engine
from tests.office import Office
from tests.people import (
    ADMINISTRATOR,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
    opened,
    spoken,
    whole,
)
from tests.postgres import Database
from tests.sealing import audited, seal_key, sealer_for
from tests.staffing import give_password
from tests.stores import filled_file, fresh_file, fresh_sqlite

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.sealer import KeySealer, SealReader
from plan_assistant.adapters.signing import SealKey, is_signed
from plan_assistant.adapters.store import migrate, open_store, seals
from plan_assistant.adapters.store.seals import SqlRows, SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import ClockBehind, StoreDamaged, TransitionRefused
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.services.audit import verify_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two checkpoints over three facts."""
    return filled_file(tmp_path, _fill)


def _fill(store: SqlStore) -> None:
    _open(store, "A-1")
    _open(store, "B-1")
    sealer_for(store).seal()
    _open(store, "C-1")
    sealer_for(store).seal()


def _open(store: Any, case: str) -> None:
    store.append(
        CaseId(case),
        [opened()],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=RequestKey(case),
    )


def _raw(path: Path) -> dbapi2.Connection:
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


# A third checkpoint that would follow, by its columns.
_NEXT = """
    insert into seal select {number}, {before}, {last}, {previous}, {first}, {ends}, {count},
        root, people, at, {key}, signature, '{hash}', leaves from seal where number = 2
"""
_GOOD: dict[str, Any] = {
    "number": 3,
    "before": 2,
    "last": 3,
    "previous": "sha256",
    "first": 4,
    "ends": 4,
    "count": 1,
    "key": "key_id",
    "hash": "c" * 64,
}


def _insert(path: Path, **changes: Any) -> None:
    store = open_store(str(path))
    _open(store, "D-1")
    store.close()
    connection = _raw(path)
    try:
        connection.execute(_NEXT.format(**{**_GOOD, **changes}))
    finally:
        connection.close()


def test_the_row_that_follows_is_taken(path: Path) -> None:
    _insert(path)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": 4, "before": 3}, "FOREIGN KEY"),
        ({"number": 4}, "seal_number_follows"),
        ({"number": 2}, "append_only"),
        ({"number": 1, "before": "null", "last": 0, "previous": f"'{'0' * 64}'"}, "append_only"),
        ({"before": "null"}, "seal_number_follows"),
        ({"last": 2, "first": 3}, "FOREIGN KEY"),
        ({"first": 3}, "seal_range_follows"),
        ({"previous": f"'{'0' * 64}'"}, "FOREIGN KEY"),
        ({"ends": 5}, "FOREIGN KEY"),
        ({"ends": 3, "count": 0}, "seal_count"),
        ({"count": 2}, "seal_count"),
        ({"key": f"'{'a' * 64}'"}, "FOREIGN KEY"),
        ({"hash": "c"}, "seal_is_whole"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else None,
)
def test_a_row_that_does_not_follow_is_refused(
    path: Path, changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(dbapi2.IntegrityError, match=constraint):
        _insert(path, **changes)


@pytest.mark.parametrize(
    "statement",
    [
        "update seal set root = root where number = 1",
        "delete from seal where number = 2",
        "insert or replace into seal select * from seal where number = 2",
        "update seal_key set public_key = public_key",
        "delete from seal_key",
        "insert or replace into seal_key select * from seal_key",
    ],
)
def test_no_checkpoint_and_no_key_is_changed_or_removed(path: Path, statement: str) -> None:
    connection = _raw(path)

    with pytest.raises(dbapi2.IntegrityError, match="append_only"):
        connection.execute(statement)

    connection.close()


def test_sealing_twice_makes_no_empty_checkpoint(path: Path) -> None:
    store = open_store(str(path))
    before = SqlSeals(store).newest()

    again = sealer_for(store).seal()

    assert again == before
    assert again is not None
    assert again.checkpoint.number == 2
    store.close()


def test_an_empty_store_has_nothing_to_seal(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)

    assert sealer_for(store).seal() is None
    assert SealReader(SqlSeals(store)).seal() is None
    store.close()


def test_many_facts_are_sealed_in_stretches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST_FACTS", 4)
    store = fresh_sqlite(tmp_path)
    for number in range(10):
        _open(store, f"A-{number}")

    sealed = sealer_for(store).seal()

    store.close()
    assert sealed is not None
    assert (sealed.checkpoint.number, sealed.checkpoint.first, sealed.checkpoint.last) == (3, 9, 10)
    report = audited(tmp_path / "store.sqlite")
    assert (report.holds, report.checkpoints, report.unsealed) == (True, 3, 0)


def test_people_are_covered_once_by_the_first_checkpoint_that_can(path: Path) -> None:
    connection = _raw(path)
    first, second = connection.execute("select people from seal order by number").fetchall()
    connection.close()

    assert LEAD.name in first[0]
    assert second[0] == "{}"


def _covered_by(path: Path, number: int) -> set[str]:
    connection = _raw(path)
    (people,) = connection.execute("select people from seal where number = ?", [number]).fetchone()
    connection.close()
    return set(json.loads(people))


def test_a_key_is_covered_once_by_the_first_checkpoint_after_it(path: Path) -> None:
    store = open_store(str(path))
    give_password(store, LEAD)
    assert audited(path).holds
    _open(store, "D-1")
    sealer_for(store).seal()
    give_password(store, OTHER_LEAD)
    _open(store, "E-1")
    sealer_for(store).seal()
    store.close()

    assert [_covered_by(path, number) for number in (3, 4)] == [{"li.na 1"}, {"he.jun 1"}]
    assert audited(path).holds


def test_a_key_alone_makes_no_checkpoint(path: Path) -> None:
    """As with people: a checkpoint covers at least one fact."""
    store = open_store(str(path))
    give_password(store, LEAD)

    sealed = sealer_for(store).seal()

    store.close()
    assert sealed is not None
    assert sealed.checkpoint.number == 2


def test_keys_that_older_checkpoints_left_out_are_covered_by_the_next_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(path))
    give_password(store, LEAD)
    _open(store, "D-1")
    with monkeypatch.context() as older:
        older.setattr(SqlRows, "approval_keys", lambda _rows: ())
        sealer_for(store).seal()
    assert _covered_by(path, 3) == set()
    assert audited(path).holds
    _open(store, "E-1")

    sealer_for(store).seal()

    store.close()
    assert _covered_by(path, 4) == {"li.na 1"}
    assert audited(path).holds


def test_a_key_that_comes_while_a_checkpoint_is_made_is_covered_by_the_next_one(
    emptied: Database,
) -> None:
    office = Office(emptied)
    give_password(office, LEAD)
    _open(office, "A-1")

    class SlowKey(SealKey):
        """Signs once another lead has got a key for approvals."""

        def sign(self, content: bytes) -> str:
            if office.credentials.password_of(OTHER_LEAD.name) is None:
                give_password(office, OTHER_LEAD)
            return super().sign(content)

    sealer = KeySealer(office.seals, SlowKey.make(), DemoClock(NOW))
    first = sealer.seal()
    assert first is not None
    assert {name for name in first.checkpoint.people if " " in name} == {"li.na 1"}
    assert verify_record(office.archive, is_signed=is_signed).holds
    _open(office, "B-1")

    second = sealer.seal()

    assert second is not None
    assert set(second.checkpoint.people) == {"he.jun 1"}
    assert verify_record(office.archive, is_signed=is_signed).holds
    office.close()


def test_asking_who_is_covered_does_not_read_every_checkpoint(path: Path) -> None:
    connection = _raw(path)
    plan = connection.execute(
        "explain query plan select people from seal where people <> '{}'"
    ).fetchall()
    connection.close()

    assert "seal_people" in plan[0][3]


def test_a_fact_that_is_not_what_was_recorded_is_not_sealed(path: Path) -> None:
    store = open_store(str(path))
    _open(store, "D-1")
    connection = _raw(path)
    connection.execute("drop trigger event_no_update")
    connection.execute("update event set body = '{}' where case_id = 'D-1'")
    connection.close()

    with pytest.raises(StoreDamaged, match="fact 1 of case D-1"):
        sealer_for(store).seal()

    newest = SealReader(SqlSeals(store)).seal()
    assert newest is not None
    assert newest.checkpoint.number == 2
    store.close()


def test_another_key_seals_only_when_it_takes_over(path: Path) -> None:
    store = open_store(str(path))
    _open(store, "D-1")
    other = SealKey.make()

    with pytest.raises(TransitionRefused) as refused:
        sealer_for(store, other).seal()

    assert refused.value.code == "another_seal_key"
    assert refused.value.detail == {"given": other.key_id, "known": seal_key().key_id}
    taking_over = KeySealer(SqlSeals(store), other, DemoClock(NOW), takes_over=True)
    sealed = taking_over.seal()
    store.close()
    assert sealed is not None
    assert sealed.checkpoint.key_id == other.key_id
    assert audited(path, trusted_keys={seal_key().key_id, other.key_id}).holds
    found = audited(path, trusted_keys={seal_key().key_id}).discrepancies
    assert [(item.code, item.row) for item in found] == [("seal_foreign", "3")]


def test_nothing_slips_between_checkpoints_while_others_record_and_seal(tmp_path: Path) -> None:
    file = fresh_file(tmp_path)
    failures: list[BaseException] = []

    def writing(name: str) -> None:
        store = open_store(str(file))
        _open(store, name)
        for number in range(40):
            store.append(
                CaseId(name),
                [spoken(), spoken()],
                actor=COLLECTOR,
                at=NOW,
                expected_version=1 + 2 * number,
                key=RequestKey(f"{name} {number}"),
            )
        store.close()

    def sealing() -> None:
        store = open_store(str(file))
        while any(writer.is_alive() for writer in writers):
            sealer_for(store).seal()
        store.close()

    def kept(work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=kept, args=(writing, name)) for name in ("A", "B")]
    sealers = [threading.Thread(target=kept, args=(sealing,)) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in (*writers, *sealers):
        thread.join(60)

    store = open_store(str(file))
    sealer_for(store).seal()
    store.close()
    report = audited(file)
    assert failures == []
    assert (report.facts, report.unsealed, report.discrepancies) == (162, 0, ())
    assert report.checkpoints >= 2


def test_a_store_from_before_checkpoints_is_upgraded_and_sealed_whole(tmp_path: Path) -> None:
    from alembic import command  # noqa: PLC0415  # as slow as the store says
    from alembic.config import Config  # noqa: PLC0415

    path = tmp_path / "store.sqlite"
    engine = create_engine(f"sqlite:///{path}", module=dbapi2)
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    (tmp_path / "new").mkdir()
    template = fresh_sqlite(tmp_path / "new")
    _open(template, "A-1")
    template.close()
    old, new = _raw(path), str(tmp_path / "new" / "store.sqlite")
    old.execute("attach ? as new", (new,))
    old.execute("insert into account select name, display_name, role from new.account")
    for table in ("event", "request"):
        old.execute(f"insert into {table} select * from new.{table}")
    old.close()

    store = open_store(str(path))
    sealed = sealer_for(store).seal()
    store.close()

    assert sealed is not None
    assert (sealed.checkpoint.first, sealed.checkpoint.last) == (1, 1)
    assert audited(path).holds


def _erased(path: Path) -> None:
    """Erase the case A-1 of that store, by a clock that says NOW."""
    store = open_store(str(path))
    purged = NewEvent(EventType.PURGED, whole("purged"))
    store.erase(
        CaseId("A-1"),
        purged,
        actor=ADMINISTRATOR,
        at=NOW,
        expected_version=1,
        key=RequestKey("purged"),
    )
    store.close()


def _codes(path: Path) -> set[str]:
    return {wrong.code for wrong in audited(path).discrepancies}


@pytest.mark.parametrize("days", [3, 400])
def test_a_clock_that_is_days_behind_an_erasing_seals_nothing(path: Path, days: int) -> None:
    _erased(path)
    store = open_store(str(path))

    with pytest.raises(ClockBehind) as refused:
        sealer_for(store, at=NOW - timedelta(days=days)).seal()

    assert refused.value.detail["case_id"] == "A-1"
    newest = SealReader(SqlSeals(store)).seal()
    assert newest is not None
    assert newest.checkpoint.number == 2
    set_right = sealer_for(store).seal()
    assert set_right is not None
    assert set_right.checkpoint.number == 3
    store.close()
    assert "purged_ahead" not in _codes(path)


def test_time_zones_keep_no_clock_from_sealing(path: Path) -> None:
    _erased(path)
    store = open_store(str(path))

    sealer_for(store, at=NOW - timedelta(days=2)).seal()

    store.close()
    assert "purged_ahead" not in _codes(path)


def test_a_clock_that_is_said_to_be_right_seals_and_the_erasing_is_named(path: Path) -> None:
    _erased(path)
    store = open_store(str(path))

    sealed = sealer_for(store, at=NOW - timedelta(days=3), clock_is_right=True).seal()

    store.close()
    assert sealed is not None
    assert sealed.checkpoint.number == 3
    assert "purged_ahead" in _codes(path)


def _erased_on_a_server(office: Office, at: datetime) -> None:
    office.append(
        CaseId("A-1"),
        [opened()],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=RequestKey("opened"),
    )
    office.erase(
        CaseId("A-1"),
        NewEvent(EventType.PURGED, whole("purged")),
        actor=ADMINISTRATOR,
        at=at,
        expected_version=1,
        key=RequestKey("purged"),
    )


def test_the_clock_of_a_server_tells_that_the_one_that_seals_is_behind(emptied: Database) -> None:
    office, now = Office(emptied), datetime.now(UTC)
    _erased_on_a_server(office, now)

    with pytest.raises(ClockBehind):
        sealer_for(office, at=now - timedelta(days=3)).seal()

    office.close()


def test_an_erasing_ahead_of_the_clock_of_its_server_stops_no_sealing(emptied: Database) -> None:
    office, now = Office(emptied), datetime.now(UTC)
    _erased_on_a_server(office, now + timedelta(days=5000))

    assert sealer_for(office, at=now).seal() is not None

    report = verify_record(office.archive, is_signed=is_signed)
    assert "purged_ahead" in {wrong.code for wrong in report.discrepancies}
    office.close()
