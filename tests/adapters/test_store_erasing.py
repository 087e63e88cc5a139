"""Personal data erased with its key, keys that nobody may touch, and stores of before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.canaries import (
    ADDRESS,
    NAME,
    PHONE,
    canary_case,
    found_in,
)
from tests.canary_store import CASE, PURGED, erase, erase_in_time, fill_with_canaries, put
from tests.desks import desk_at
from tests.older_store import store_of_0001
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD, NOW, decided, opened, plan, spoken
from tests.sealing import audited
from tests.stores import fresh_sqlite

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    StaleCase,
    TransitionRefused,
)
from plan_assistant.domain.event_form import seal_of
from plan_assistant.domain.events import EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.record import fold
from plan_assistant.ports import Lookup
from plan_assistant.services.open_case import open_case


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store with a case full of canaries, a plan and its approval, all written into this file."""
    made = fresh_sqlite(tmp_path)
    fill_with_canaries(made)
    yield made
    made.close()


# --- erased
def test_an_erased_case_keeps_its_figures_and_its_hashes(store: SqlStore) -> None:
    before = store.events(CASE)

    erase(store)

    after = store.events(CASE)
    assert [event.type for event in after][-1] is EventType.PURGED
    for old, new in zip(before, after, strict=False):
        assert (old.sha256, old.stored_body) == (new.sha256, new.stored_body)
        assert seal_of(new) == new.sha256
    record = fold(after)
    assert record.erased_at == NOW
    assert record.case.borrower.name.is_erased
    assert record.case.owed == canary_case().owed
    assert record.recorded is not None
    assert record.decision is not None
    assert record.recorded.fingerprint == record.decision.fingerprint == fingerprint(before[1].body)
    assert record.recorded.agreement["acceptance"]["note"] == ERASED  # type: ignore[index, call-overload]
    assert not found_in(repr([event.body for event in after]).encode())
    assert store.find(Lookup.NAME, NAME) == ()
    assert store.key_status().cases_erased == 1


def test_nothing_more_is_recorded_of_an_erased_case(store: SqlStore) -> None:
    erase(store)

    with pytest.raises(TransitionRefused, match="case_erased"):
        put(store, spoken(), version=4)
    with pytest.raises(TransitionRefused, match="case_erased"):
        erase(store, key="again")
    assert len(store.events(CASE)) == 4


def test_erasing_again_with_the_same_request_is_a_repeat(store: SqlStore) -> None:
    first = erase(store)

    again = store.erase(
        CASE, PURGED, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=RequestKey("erase")
    )

    assert (again.event_ids, again.is_repeat) == (first.event_ids, True)


def test_a_case_is_erased_with_its_fact_or_not_at_all(store: SqlStore) -> None:
    with pytest.raises(StaleCase):
        store.erase(
            CASE,
            PURGED,
            actor=ADMINISTRATOR,
            at=NOW,
            expected_version=1,
            key=RequestKey("stale"),
        )

    assert store.events(CASE)[0].body == write_case(canary_case())
    assert store.key_status().cases_erased == 0


def test_a_case_that_is_not_there_cannot_be_erased(store: SqlStore) -> None:
    with pytest.raises(CaseNotFound):
        store.erase(
            CaseId("X-1"),
            PURGED,
            actor=ADMINISTRATOR,
            at=NOW,
            expected_version=3,
            key=RequestKey("x"),
        )


def _wrapped(path: Path) -> dict[str, bytes]:
    connection = dbapi2.connect(str(path))
    keys = connection.execute("select case_id, wrapped from case_key").fetchall()
    connection.close()
    return {case_id: wrapped.encode() for case_id, wrapped in keys}


def _held(folder: Path, keys: dict[str, bytes]) -> set[str]:
    """Return the cases whose wrapped key still stands in some file of the store, whole or in part.

    A page that was split may hold the end of a key and no more of it.
    """
    content = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    return {
        case
        for case, key in keys.items()
        if any(key[start : start + 20] in content for start in range(0, len(key) - 20, 20))
    }


def _copy_carelessly(path: Path) -> None:
    """Leave a copy of every key on free pages, as a program that does not delete securely does."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("pragma secure_delete = off")
    connection.execute("create table copied as select * from case_key")
    connection.execute("drop table copied")
    connection.close()


@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_no_byte_of_a_destroyed_key_is_left_in_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    """Many cases, so that pages were split and joined: a stale copy may lie anywhere."""
    monkeypatch.setattr("plan_assistant.adapters.store.opening.journal_mode", lambda: journal)
    store = fresh_sqlite(tmp_path)
    cases = [f"C-{number * 7919 % 400:03}" for number in range(400)]
    for case in cases:
        put(store, opened(case), version=0, key=case, case=case)
    keys = _wrapped(tmp_path / "store.sqlite")
    gone = set(cases[::3])
    _copy_carelessly(tmp_path / "store.sqlite")

    for case in gone:
        erase(store, case, key=f"erase {case}")
    is_clean = store.scrub()

    assert is_clean
    assert _held(tmp_path, keys) == set(cases) - gone
    store.close()
    assert _held(tmp_path, keys) == set(cases) - gone


def test_a_log_that_is_in_use_is_not_called_clean(store: SqlStore, tmp_path: Path) -> None:
    reader = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from event").fetchone()
    erase(store)
    store._reading.dispose()
    quick = open_store(str(tmp_path / "store.sqlite"), lock_timeout=0.1)

    assert not quick.scrub()

    reader.execute("rollback")
    assert quick.scrub()
    quick.close()
    reader.close()


KEY_ATTACKS = {
    "give an erased case a key again": (
        "update case_key set wrapped = 'x', master_key_id = 'y' where case_id = 'K-9'"
    ),
    "forget that a case was erased": "delete from case_key where case_id = 'K-9'",
    "give the key of one case to another": "update case_key set case_id = 'K-8'",
    "put another key in its place": (
        "insert or replace into case_key select key_id, case_id, 'y', 'x' from case_key"
    ),
    "a second key for a case": "insert into case_key values ('new', 'K-9', 'y', 'x')",
    "delete the keys of the store": "delete from store_key",
    "erase a case that was not purged": (
        "update case_key set wrapped = null, master_key_id = null where case_id = 'K-1'"
    ),
    "put a key of nobody in its place": "update case_key set wrapped = 'x' where case_id = 'K-1'",
    "put it under a master key that is not the store's": (
        "update case_key set wrapped = 'x', master_key_id = 'y' where case_id = 'K-1'"
    ),
    "forget by what a case is found": "delete from person_index where case_id = 'K-1'",
    "find a case by another name": "update person_index set mac = 'x' where case_id = 'K-1'",
    "spoil the keys of the store": "update store_key set wrapped = 'AAAA'",
    "spoil them under another name": "update store_key set wrapped = 'x', master_key_id = 'y'",
    "forget the revision": "delete from alembic_version",
    "go back to an older revision": "update alembic_version set version_num = '0001'",
    "put an older revision in its place": (
        "insert or replace into alembic_version values ('0001')"
    ),
    "put another store key in its place": (
        "insert or replace into store_key select purpose, 'y', 'x' from store_key"
    ),
}


@pytest.mark.parametrize("statement", KEY_ATTACKS.values(), ids=KEY_ATTACKS.keys())
def test_raw_sql_may_not_touch_keys(store: SqlStore, tmp_path: Path, statement: str) -> None:
    open_case(desk_at(store), canary_case("K-9"), RequestKey("ninth"))
    erase(store, "K-9")
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)

    with pytest.raises(dbapi2.IntegrityError, match="kept: "):
        connection.execute(statement)
    connection.close()


def test_no_fact_comes_in_of_a_type_that_there_is_not(store: SqlStore, tmp_path: Path) -> None:
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)

    with pytest.raises(dbapi2.IntegrityError, match="event_type_known"):
        connection.execute(
            "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
            " values ('E', 'K-1', 99, '2026-07-01T10:00:00.000000+08:00', 'li.na',"
            " 'legal_reviewer', 'zzz', '{}', ?)",
            ("0" * 64,),
        )
    connection.close()


def test_the_database_knows_every_type_of_a_fact(store: SqlStore, tmp_path: Path) -> None:
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"))
    (made_by,) = connection.execute(
        "select sql from sqlite_schema where name = 'event_type_known'"
    ).fetchone()
    connection.close()

    assert set(re.findall(r"'(\w+)'", made_by)) - {"event_type_known"} == set(EventType)


def _erase_ninth(store: SqlStore) -> None:
    open_case(desk_at(store), canary_case("K-9"), RequestKey("ninth"))
    erase_in_time(store, "K-9")


LOST = {
    "erased in silence": (
        "update case_key set wrapped = null, master_key_id = null where case_id = 'K-1'",
        "key_destroyed",
    ),
    "under another master key": (
        "update case_key set master_key_id = 'other' where case_id = 'K-1'",
        "key_elsewhere",
    ),
    "gone": ("delete from case_key where case_id = 'K-1'", "key_missing"),
}


@pytest.mark.parametrize("name", LOST)
def test_the_audit_names_the_case_whose_key_was_taken(
    store: SqlStore, tmp_path: Path, name: str
) -> None:
    statement, code = LOST[name]
    _erase_ninth(store)
    store.close()
    assert audited(tmp_path / "store.sqlite").holds
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)
    for (trigger,) in connection.execute(
        "select name from sqlite_schema where type = 'trigger' and tbl_name = 'case_key'"
    ).fetchall():
        connection.execute(f"drop trigger {trigger}")
    connection.execute(statement)
    connection.close()

    found = audited(tmp_path / "store.sqlite").discrepancies

    assert [(item.code, item.case_id) for item in found] == [(code, "K-1")]


def test_a_key_that_came_back_is_named(store: SqlStore, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    kept = _wrapped(path)
    connection = dbapi2.connect(str(path), isolation_level=None)
    (key,) = connection.execute("select wrapped, master_key_id from case_key").fetchall()
    _erase_ninth(store)
    connection.execute("drop trigger case_key_no_update")
    connection.execute("drop trigger case_key_no_other_key")
    back = "update case_key set wrapped = ?, master_key_id = ? where case_id = 'K-9'"
    connection.execute(back, key)
    connection.close()
    store.close()

    assert kept
    assert [item.code for item in audited(path).discrepancies] == ["key_restored"]


# --- stores of an older version
def _older(path: Path) -> list[NewEvent]:
    case = NewEvent(EventType.CASE_OPENED, write_case(canary_case()))
    sent = plan("AG-1", debt_tail="x")
    approval = decided(EventType.APPROVED, fingerprint(sent.body), LEAD)
    facts = [(case, COLLECTOR), (sent, COLLECTOR), (approval, LEAD)]
    store_of_0001(path, CASE, facts, NOW)
    return [fact for fact, _ in facts]


def test_an_older_store_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    facts = _older(tmp_path / "s.sqlite")

    store = open_store(str(tmp_path / "s.sqlite"))

    events = store.events(CASE)
    assert [(event.type, event.body) for event in events] == [
        (fact.type, fact.body) for fact in facts
    ]
    assert all(seal_of(event) == event.sha256 for event in events)
    status = store.key_status()
    assert (status.facts_in_clear, status.cases_in_clear) == (1, (CASE,))
    assert status.cases_with_key == 0
    assert store.find(Lookup.PHONE, PHONE) == (CASE,)
    store.close()


def test_what_is_added_to_an_older_store_is_sealed(tmp_path: Path) -> None:
    _older(tmp_path / "s.sqlite")
    store = open_store(str(tmp_path / "s.sqlite"))
    changed = {**write_case(canary_case()), "note": "鼹鼠只在新的记录里"}

    put(store, NewEvent(EventType.BUDGET_CHANGED, changed), version=3)

    assert store.events(CASE)[3].body == changed
    store.close()
    content = (tmp_path / "s.sqlite").read_bytes()
    assert "鼹鼠".encode() not in content
    assert ADDRESS.encode() in content  # the older facts stay as they were recorded


def test_a_request_of_an_older_version_is_still_known(tmp_path: Path) -> None:
    facts = _older(tmp_path / "s.sqlite")
    store = open_store(str(tmp_path / "s.sqlite"))

    again = put(store, facts[0], version=0, key="key 1")

    assert again == Receipt(CASE, 1, (store.events(CASE)[0].event_id,), is_repeat=True)
    store.close()


def test_a_case_in_plain_text_is_never_called_erased(tmp_path: Path) -> None:
    _older(tmp_path / "s.sqlite")
    store = open_store(str(tmp_path / "s.sqlite"))

    with pytest.raises(TransitionRefused, match="kept_in_clear"):
        erase(store)

    assert len(store.events(CASE)) == 3
    assert store.key_status().cases_erased == 0
    store.close()


def test_two_programs_give_a_case_of_an_older_store_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one has sealed with a key of its own by then, and seals again."""
    _older(tmp_path / "s.sqlite")
    first, second = (open_store(str(tmp_path / "s.sqlite")) for _ in range(2))
    record, calls = SqlStore._record, list[str]()

    def overtaken(self: SqlStore, new: Any) -> Any:
        if self is second and not calls:
            calls.append("overtaken")
            put(first, opened_note("first"), version=3, key="first")
        return record(self, new)

    monkeypatch.setattr(SqlStore, "_record", overtaken)

    put(second, opened_note("second"), version=4, key="second")

    assert [event.body["note"] for event in second.events(CASE)[3:]] == ["first", "second"]
    assert second.key_status().cases_with_key == 1
    first.close()
    second.close()


def opened_note(note: str) -> NewEvent:
    return NewEvent(EventType.BUDGET_CHANGED, {"note": note})
