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
    CANARIES,
    ID_NUMBER,
    NAME,
    PHONE,
    canary_case,
    found_in,
    leaks,
)
from tests.canary_store import CASE, erase, fill_with_canaries, put
from tests.desks import desk_at
from tests.people import COLLECTOR, spoken
from tests.staffing import KEYS
from tests.stores import filled_sqlite

from plan_assistant.adapters.keys.master import new_master_key, written
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    MasterKeyMissing,
    StoreDamaged,
)
from plan_assistant.domain.event_form import payload_hash, seal_of
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.evidence import check_evidence, evidence
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.record import fold
from plan_assistant.ports import Lookup, MasterKey
from plan_assistant.services.open_case import open_case


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store with a case full of canaries, a plan and its approval."""
    made = filled_sqlite(tmp_path, fill_with_canaries)
    yield made
    made.close()


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
    assert check_evidence(proof, KEYS.is_signed) == ()
    assert not is_draft or proof["decided"] is None

    forged = json.loads(json.dumps(proof))
    forged["agreement"]["parties"]["borrower"]["name"] = "别人"
    forged["fingerprint"] = fingerprint(forged["agreement"])
    assert "recorded.sha256" in [problem.path for problem in check_evidence(forged, KEYS.is_signed)]

    moved = json.loads(json.dumps(proof))
    sealed = moved["recorded"]["sealed"]
    sealed["plan.family"] = sealed.pop("acceptance.note")
    assert "recorded.sealed.plan.family" in [
        problem.path for problem in check_evidence(moved, KEYS.is_signed)
    ]


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
    record, calls = SqlStore._record, list[str]()

    def rotated_meanwhile(self: SqlStore, new: Any) -> Any:
        if not calls:
            calls.append("rotated")
            rotating.rotate(to)
        return record(self, new)

    monkeypatch.setattr(SqlStore, "_record", rotated_meanwhile)

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
