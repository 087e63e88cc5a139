"""Personal fields in the store: sealed in every byte, found by a hash, erased with their key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.canaries import (
    ADDRESS,
    CANARIES,
    ID_NUMBER,
    NAME,
    NOTE,
    PHONE,
    SENTENCE,
    canary_case,
    found_in,
    leaks,
)
from tests.desks import agreement, desk_at, lead, send
from tests.older_store import store_of_0001
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD, NOW, decided, opened, plan, spoken
from tests.stores import fresh_sqlite

from plan_assistant.adapters.keys.master import new_master_key, written
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    MasterKeyMissing,
    StaleCase,
    StoreDamaged,
    TransitionRefused,
)
from plan_assistant.domain.event_form import payload_hash, seal_of
from plan_assistant.domain.events import EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.evidence import check_evidence, evidence
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.record import fold
from plan_assistant.ports import Lookup, MasterKey
from plan_assistant.services.decide import approve
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case

CASE = CaseId("K-1")
PURGED = NewEvent(EventType.PURGED, {"ended": "2021-11-20", "retention_years": 5})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store with a case full of canaries, a plan and its approval."""
    made = fresh_sqlite(tmp_path)
    desk = desk_at(made)
    open_case(desk, canary_case(), RequestKey("open"))
    sent = agreement(case_id=CASE)
    sent["parties"]["borrower"]["name"] = NAME
    sent["acceptance"]["note"] = NOTE
    sent["acceptance"]["lines_read"] = [SENTENCE]
    print_of_content = send(desk, sent, version=1)
    approve(
        lead(made), CASE, fingerprint=print_of_content, version=2, key=new_key(), sentence=SENTENCE
    )
    yield made
    made.close()


def put(to: SqlStore, *facts: NewEvent, version: int, key: str = "k", case: str = CASE) -> Receipt:
    return to.append(
        CaseId(case), facts, actor=COLLECTOR, at=NOW, expected_version=version, key=RequestKey(key)
    )


def erase(to: SqlStore, case: str = CASE, key: str = "erase") -> Receipt:
    return to.erase(
        CaseId(case),
        PURGED,
        actor=ADMINISTRATOR,
        at=NOW,
        expected_version=len(to.events(CaseId(case))),
        key=RequestKey(key),
    )


def raw(path: Path) -> dbapi2.Connection:
    """Return a connection of somebody who owns the file."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    for (name,) in connection.execute(
        "select name from sqlite_schema where type = 'trigger'"
    ).fetchall():
        connection.execute(f"drop trigger {name}")
    return connection


def rehashed(connection: dbapi2.Connection, version: int, change: Callable[[Any], None]) -> None:
    """Change the stored body of a fact of the case and make its hash fit again."""
    row = connection.execute(
        "select event_id, case_id, version, at, actor, role, type, body from event"
        " where case_id = ? and version = ?",
        (CASE, version),
    ).fetchone()
    names = ("event_id", "case_id", "version", "at", "actor", "role", "type", "body")
    fact = dict(zip(names, row, strict=True))
    fact["body"] = json.loads(fact["body"])
    change(fact["body"])
    connection.execute(
        "update event set body = ?, sha256 = ? where event_id = ?",
        (canonical(fact["body"]).decode(), fingerprint(fact), fact["event_id"]),
    )


# --- sealed
def test_no_byte_of_the_store_holds_anything_personal(store: SqlStore, tmp_path: Path) -> None:
    while_open = leaks(tmp_path)
    store.close()

    assert next(event.body for event in store.events(CASE)) == write_case(canary_case())
    store.close()
    assert while_open == leaks(tmp_path) == {}


def test_the_search_for_canaries_finds_them(tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    for name, text in CANARIES.items():
        (tmp_path / "plain").write_text(f"x{text}x", encoding="utf-8")
        (tmp_path / "json").write_text(json.dumps({"a": text}))
        assert leaks(tmp_path)["plain"] == [name], name
        assert leaks(tmp_path)["json"] == [name], name
    assert found_in(b"nothing of it") == []


def test_a_fact_reads_back_as_it_was_recorded_and_its_hash_is_over_what_is_stored(
    store: SqlStore,
) -> None:
    for event in store.events(CASE):
        assert seal_of(event) == event.sha256
        assert event.sealed_body != event.body
        assert not found_in(canonical(dict(event.stored_body)))
    assert store.events(CASE) == store.every_event()


def test_what_is_decided_and_printed_is_the_content_in_plain_text(store: SqlStore) -> None:
    events = store.events(CASE)
    record = fold(events)
    assert record.recorded is not None
    assert record.decision is not None

    assert record.recorded.fingerprint == record.decision.fingerprint == fingerprint(events[1].body)
    assert events[1].stored_body["fingerprint"] == record.recorded.fingerprint


@pytest.mark.parametrize("is_draft", [True, False], ids=["draft", "approved"])
def test_evidence_of_a_sealed_fact_is_checked_without_any_key(
    store: SqlStore, *, is_draft: bool
) -> None:
    events = store.events(CASE)
    decided_by = None if is_draft else events[2]
    proof = evidence(events[1], decided_by, None if is_draft else fold(events).approval)
    assert check_evidence(proof) == ()
    assert not is_draft or proof["decided"] is None

    forged = json.loads(json.dumps(proof))
    forged["agreement"]["parties"]["borrower"]["name"] = "别人"
    forged["fingerprint"] = fingerprint(forged["agreement"])
    assert "recorded.sha256" in [problem.path for problem in check_evidence(forged)]

    moved = json.loads(json.dumps(proof))
    sealed = moved["recorded"]["sealed"]
    sealed["plan.family"] = sealed.pop("acceptance.note")
    assert "recorded.sealed.plan.family" in [problem.path for problem in check_evidence(moved)]


def test_the_hash_of_a_request_cannot_be_computed_from_a_guess(
    store: SqlStore, tmp_path: Path
) -> None:
    body = write_case(canary_case())
    guessed = payload_hash(CASE, [(EventType.CASE_OPENED, fingerprint(body))], COLLECTOR)
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"))
    (kept,) = connection.execute("select payload_sha256 from request where key = 'open'").fetchone()
    connection.close()

    assert kept != guessed
    assert open_case(desk_at(store), canary_case(), RequestKey("open")).is_repeat


# --- moved and altered
def _swap_fields(body: Any) -> None:
    one, other = body["borrower"], body["borrower"]
    one["name"], other["phone"] = other["phone"], one["name"]


def _cut(body: Any) -> None:
    body["note"]["sealed"] = body["note"]["sealed"][:-4]


def _other_key(body: Any) -> None:
    body["note"]["key"] = "0" * 16


@pytest.mark.parametrize(
    ("change", "field"),
    [(_swap_fields, "borrower.name"), (_cut, "note"), (_other_key, "note")],
    ids=["moved to another field", "cut", "of another key"],
)
def test_a_field_that_was_moved_or_altered_is_named(
    store: SqlStore, tmp_path: Path, change: Callable[[Any], None], field: str
) -> None:
    connection = raw(tmp_path / "store.sqlite")
    rehashed(connection, 1, change)
    connection.close()

    with pytest.raises(StoreDamaged, match=f"fact 1 of case K-1.*{field}"):
        store.events(CASE)
    with pytest.raises(StoreDamaged, match=f"fact 1 of case K-1.*{field}"):
        store.every_event()


def test_a_field_of_another_fact_is_named(store: SqlStore, tmp_path: Path) -> None:
    connection = raw(tmp_path / "store.sqlite")
    (other,) = connection.execute("select body from event where version = 2").fetchone()
    note = json.loads(other)["acceptance"]["note"]
    rehashed(connection, 1, lambda body: body.update(note=note))
    connection.close()

    with pytest.raises(StoreDamaged, match=r"note of event .* altered, or moved there"):
        store.events(CASE)


def test_the_key_of_another_case_opens_nothing(store: SqlStore, tmp_path: Path) -> None:
    open_case(desk_at(store), canary_case("K-2"), RequestKey("second"))
    store.close()
    connection = raw(tmp_path / "store.sqlite")
    (other,) = connection.execute("select wrapped from case_key where case_id = 'K-2'").fetchone()
    connection.execute("update case_key set wrapped = ? where case_id = 'K-1'", (other,))
    connection.close()
    again = open_store(str(tmp_path / "store.sqlite"))

    with pytest.raises(StoreDamaged, match=r"case_key\.wrapped:\w+:K-1 was altered or moved"):
        again.events(CASE)
    again.close()


def test_a_store_key_that_was_altered_opens_no_store(store: SqlStore, tmp_path: Path) -> None:
    store.close()
    connection = raw(tmp_path / "store.sqlite")
    connection.execute(
        "update store_key set wrapped = (select wrapped from store_key where purpose = 'index')"
    )
    connection.close()

    with pytest.raises(StoreDamaged, match=r"store_key\.wrapped:request"):
        open_store(str(tmp_path / "store.sqlite"))


# --- master keys
@pytest.mark.parametrize("other", [True, False], ids=["another key", "no key"])
def test_without_its_master_key_a_store_is_not_opened(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, other: bool
) -> None:
    needed = store.key_status().master_key_id
    store.close()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if other:
        monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", written(new_master_key()))
    else:
        monkeypatch.delenv("PLAN_ASSISTANT_MASTER_KEY")

    with pytest.raises(MasterKeyMissing, match=needed):
        open_store(str(tmp_path / "store.sqlite"))

    assert not (tmp_path / "data").exists()


def _also(monkeypatch: pytest.MonkeyPatch, key: MasterKey) -> str:
    """Put a further master key in front; return what the variable held before."""
    before = os.environ["PLAN_ASSISTANT_MASTER_KEY"]
    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", f"{written(key)} {before}")
    return before


def test_after_a_rotation_only_the_new_master_key_is_needed(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, to = store.events(CASE), new_master_key()
    erased_case = canary_case("K-9")
    open_case(desk_at(store), erased_case, RequestKey("ninth"))
    erase(store, "K-9")
    old = _also(monkeypatch, to)
    store.rotate(to)
    store.close()

    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", written(to))
    again = open_store(str(tmp_path / "store.sqlite"))

    assert again.events(CASE) == before
    assert again.find(Lookup.NAME, NAME) == (CASE,)
    assert again.key_status().master_key_id == to.key_id
    assert again.key_status().cases_erased == 1
    again.close()
    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", old)
    with pytest.raises(MasterKeyMissing, match=to.key_id):
        open_store(str(tmp_path / "store.sqlite"))


def test_a_program_that_was_open_during_a_rotation_goes_on_under_the_new_key(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, to = open_store(str(tmp_path / "store.sqlite")), new_master_key()
    _also(monkeypatch, to)
    store.rotate(to)

    open_case(desk_at(other), canary_case("K-2"), RequestKey("second"))
    put(other, spoken(), version=3)
    other.close()
    store.close()

    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", written(to))
    again = open_store(str(tmp_path / "store.sqlite"))
    assert again.events(CaseId("K-2"))[0].body == write_case(canary_case("K-2"))
    assert len(again.events(CASE)) == 4
    again.close()


def test_a_key_made_before_a_rotation_and_stored_after_it_is_made_again(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the case would depend on a master key that may be forgotten tomorrow."""
    rotating, to = open_store(str(tmp_path / "store.sqlite")), new_master_key()
    _also(monkeypatch, to)
    prepared, calls = SqlStore._prepared, list[str]()

    def rotated_meanwhile(self: SqlStore, *asked: Any) -> Any:
        facts = prepared(self, *asked)
        if not calls:
            calls.append("rotated")
            rotating.rotate(to)
        return facts

    monkeypatch.setattr(SqlStore, "_prepared", rotated_meanwhile)

    open_case(desk_at(store), canary_case("K-2"), RequestKey("second"))

    connection = dbapi2.connect(str(tmp_path / "store.sqlite"))
    masters = connection.execute("select distinct master_key_id from case_key").fetchall()
    connection.close()
    rotating.close()
    assert masters == [(to.key_id,)]


# --- look-up
@pytest.mark.parametrize(
    ("by", "text"),
    [
        (Lookup.NAME, NAME),
        (Lookup.NAME, " 鬯彧 龢 "),
        (Lookup.PHONE, PHONE),
        (Lookup.PHONE, "+86 170-9462-8351"),
        (Lookup.PHONE, "１７０９４６２８３５１"),
        (Lookup.ID_NUMBER, ID_NUMBER),
        (Lookup.ID_NUMBER, "629183 19950327 461X"),
        (Lookup.ID_NUMBER, "629183950327461"),
    ],
)
def test_a_case_is_found_however_it_is_written(store: SqlStore, by: Lookup, text: str) -> None:
    open_case(desk_at(store), canary_case("A-2"), RequestKey("again"))

    assert store.find(by, text) == (CASE, "A-2")


@pytest.mark.parametrize(
    ("by", "text"),
    [(Lookup.NAME, PHONE), (Lookup.PHONE, NAME), (Lookup.NAME, ""), (Lookup.PHONE, "--")],
)
def test_what_is_not_there_is_not_found(store: SqlStore, by: Lookup, text: str) -> None:
    open_case(desk_at(store), canary_case("A-2"), RequestKey("again"))

    assert store.find(by, text) == ()


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
    prepared, calls = SqlStore._prepared, list[str]()

    def overtaken(self: SqlStore, *asked: Any) -> Any:
        facts = prepared(self, *asked)
        if self is second and not calls:
            calls.append("overtaken")
            put(first, opened_note("first"), version=3, key="first")
        return facts

    monkeypatch.setattr(SqlStore, "_prepared", overtaken)

    put(second, opened_note("second"), version=4, key="second")

    assert [event.body["note"] for event in second.events(CASE)[3:]] == ["first", "second"]
    assert second.key_status().cases_with_key == 1
    first.close()
    second.close()


def opened_note(note: str) -> NewEvent:
    return NewEvent(EventType.BUDGET_CHANGED, {"note": note})
