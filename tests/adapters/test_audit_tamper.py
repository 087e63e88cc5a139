"""The tamper matrix: whatever the owner of the file does to a row, the audit finds and names it.

Edits are raw SQL with every trigger dropped and constraints off, as the owner of a file can do.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.people import (
    ADMINISTRATOR,
    AUDITOR,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
    decided,
    opened,
    plan,
    spoken,
)
from tests.sealing import audited, seal_key, sealer_for
from tests.staffing import another_first_key, door_of, give_password, proof_of
from tests.stores import fresh_sqlite

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.signing import SealKey, is_signed
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.domain.audit import Report
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.seal import Witness, sealed_of
from plan_assistant.domain.stored import StoredEvent
from plan_assistant.ports import Store
from plan_assistant.services.audit import export_record
from plan_assistant.services.staff import reset_password
from plan_assistant.wording.audit import discrepancy_sentence

TABLES = (
    "account",
    "event",
    "request",
    "submission",
    "decision",
    "seal",
    "seal_key",
    "approval_key",
)
KEYS = {
    "account": ("name",),
    "event": ("sequence",),
    "request": ("key",),
    "submission": ("case_id", "round"),
    "decision": ("case_id", "round"),
    "seal": ("number",),
    "seal_key": ("key_id",),
    "approval_key": ("account", "number"),
}
FIRST, SECOND = plan("AG-1"), plan("AG-2")


def _append(store: Store, case: str, version: int, by: Account, *facts: NewEvent) -> None:
    store.append(
        CaseId(case),
        facts,
        actor=by,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"{case} {version}"),
    )


def _record(folder: Path, note: str, key: SealKey) -> tuple[Path, tuple[Witness, ...]]:
    """Record two cases under three checkpoints; return the file and the checkpoints."""
    store = fresh_sqlite(folder)
    for person in (ADMINISTRATOR, LEAD, OTHER_LEAD):
        give_password(store, person)
    reset_password(
        door_of(store), LEAD.name, "another five small words", by=proof_of(store, ADMINISTRATOR)
    )
    sealer = sealer_for(store, key)
    witnesses: list[Witness] = []

    def seal() -> None:
        sealed = sealer.seal()
        assert sealed is not None
        witnesses.append(sealed.witness)

    _append(store, "A-1", 0, COLLECTOR, opened(note), spoken())
    _append(store, "A-1", 2, COLLECTOR, FIRST)
    seal()
    returned = decided(EventType.RETURNED, fingerprint(FIRST.body), LEAD)
    _append(store, "A-1", 3, LEAD, returned)
    _append(store, "B-1", 0, COLLECTOR, opened(note))
    _append(store, "A-1", 4, COLLECTOR, spoken("1800.00"), SECOND)
    seal()
    approved = decided(EventType.APPROVED, fingerprint(SECOND.body), OTHER_LEAD)
    _append(store, "A-1", 6, OTHER_LEAD, approved)
    printed = NewEvent(
        EventType.EXPORTED, {"number": "AG-2", "checkpoint": witnesses[-1].facts, "files": []}
    )
    _append(store, "A-1", 7, COLLECTOR, printed)
    _append(store, "B-1", 1, COLLECTOR, spoken("900.00"))
    seal()
    store.close()
    return folder / "store.sqlite", tuple(witnesses)


@functools.cache
def _template() -> tuple[bytes, tuple[Witness, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path, witnesses = _record(Path(folder), "", seal_key())
        return path.read_bytes(), witnesses


def witnesses() -> tuple[Witness, ...]:
    return _template()[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sealed record of ten facts, closed."""
    file = tmp_path / "store.sqlite"
    file.write_bytes(_template()[0])
    file.chmod(0o600)
    return file


def owner(path: Path) -> dbapi2.Connection:
    """Return a connection that nothing refuses anything."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.row_factory = dbapi2.Row
    connection.execute("PRAGMA ignore_check_constraints=ON")
    triggers = connection.execute("select name from sqlite_schema where type = 'trigger'")
    for (name,) in triggers.fetchall():
        connection.execute(f"drop trigger {name}")
    return connection


def rows_of(path: Path, table: str) -> list[dict[str, Any]]:
    connection = owner(path)
    found = [dict(row) for row in connection.execute(f"select * from {table}")]
    connection.close()
    return found


def edit(path: Path, *statements: str, **values: Any) -> None:
    connection = owner(path)
    for statement in statements:
        assert connection.execute(statement, values).rowcount > 0, statement
    connection.close()


def _where(table: str) -> str:
    return " and ".join(f"{name} = :old_{name}" for name in KEYS[table])


def _old(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {f"old_{name}": row[name] for name in KEYS[table]}


def is_located(table: str, row: dict[str, Any], first: Discrepancy) -> bool:
    """Say whether a discrepancy names that row: by its key, or by the fact it stands beside."""
    match table:
        case "event":
            by_case = (first.case_id, first.version) == (row["case_id"], row["version"])
            return first.sequence == row["sequence"] or by_case
        case "request":
            last = (row["case_id"], row["version"])
            return first.table in {"request", "event"} and first.case_id == last[0]
        case "submission" | "decision":
            return first.table == table and first.case_id == row["case_id"]
        case "seal_key":
            return first.table in {"seal_key", "seal"}
    return first.table == table and first.row == " ".join(str(row[key]) for key in KEYS[table])


def _changed(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return (value or 0) + 1000
    if value in {"collector", "team_lead"}:
        return "administrator"
    last = value.rstrip()[-1:]
    return value.rstrip()[:-1] + ("8" if last == "9" else "9")


def _cells() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        store = fresh_sqlite(Path(folder))
        store.close()
        connection = dbapi2.connect(str(Path(folder) / "store.sqlite"))
        for table in TABLES:
            for column in connection.execute(f"pragma table_info({table})"):
                yield table, column[1]
        connection.close()


@pytest.mark.parametrize(("table", "column"), list(_cells()), ids=str)
def test_a_changed_cell_is_found_and_its_row_is_named(
    path: Path, tmp_path: Path, table: str, column: str
) -> None:
    rows = rows_of(path, table)
    assert rows
    for number, row in enumerate(rows):
        copy = tmp_path / f"{number}.sqlite"
        copy.write_bytes(path.read_bytes())
        edit(
            copy,
            f"update {table} set {column} = :new where {_where(table)}",
            new=_changed(row[column]),
            **_old(table, row),
        )

        report = audited(copy)

        assert not report.holds, row
        assert is_located(table, row, report.discrepancies[0]), (row, report.discrepancies[:3])
        copy.unlink()


def test_the_untouched_record_holds_against_everything_kept_outside(path: Path) -> None:
    report = audited(path, trusted_keys={seal_key().key_id}, outside=witnesses())

    assert report == Report((), 0, 10, 3, 0, witnesses()[-1])


@pytest.mark.parametrize("table", TABLES)
def test_a_deleted_row_is_found_and_named(path: Path, tmp_path: Path, table: str) -> None:
    for number, row in enumerate(rows_of(path, table)):
        if table == "seal" and row["number"] == 3:
            continue  # the newest checkpoint alone: the outside one tells, see below
        copy = tmp_path / f"{number}.sqlite"
        copy.write_bytes(path.read_bytes())
        edit(copy, f"delete from {table} where {_where(table)}", **_old(table, row))

        report = audited(copy)

        assert not report.holds, row
        assert is_located(table, row, report.discrepancies[0]), (row, report.discrepancies[:3])
        copy.unlink()


@pytest.mark.parametrize("person", [LEAD, OTHER_LEAD, ADMINISTRATOR], ids=lambda one: one.name)
def test_a_last_key_deleted_with_its_password_is_named_by_its_checkpoint(
    path: Path, person: Account
) -> None:
    keys = [row for row in rows_of(path, "approval_key") if row["account"] == person.name]
    number = max(row["number"] for row in keys)
    edit(
        path,
        "delete from password where account = :account and key_number = :number",
        "delete from approval_key where account = :account and number = :number",
        account=person.name,
        number=number,
    )

    first = audited(path).discrepancies[0]

    assert (first.code, first.table, first.row) == (
        "key_gone",
        "approval_key",
        f"{person.name} {number}",
    )
    assert first.detail == {"checkpoint": "1"}
    for language in ("en", "zh"):
        assert discrepancy_sentence(first, language)


def _exchange_key(path: Path, person: Account) -> None:
    """Put another key that signs itself in the place of a first one."""
    edit(
        path,
        "update approval_key set public_key = :public_key, at = :at, set_by = :set_by,"
        " endorsed_by = :endorsed_by, endorsed_with = :endorsed_with, endorsement = :endorsement"
        " where account = :account and number = :number",
        **another_first_key(person),
    )


def test_a_first_key_exchanged_for_another_is_named_by_its_checkpoint(path: Path) -> None:
    _exchange_key(path, OTHER_LEAD)

    found = audited(path).discrepancies

    # The approval was not signed in this record, so the registry alone contradicts nothing.
    assert [(one.code, one.row) for one in found] == [("key_changed", f"{OTHER_LEAD.name} 1")]
    assert found[0].detail == {"checkpoint": "1"}


def test_a_key_that_no_checkpoint_covers_yet_is_accepted(path: Path) -> None:
    store = open_store(str(path))
    give_password(store, COLLECTOR)
    store.close()

    assert audited(path).holds


def test_two_keys_that_change_places_are_named(path: Path) -> None:
    rows = {row["account"]: row for row in rows_of(path, "approval_key") if row["number"] == 1}
    edit(path, "update approval_key set account = 'x' where account = 'he.jun' and number = 1")
    edit(path, "update approval_key set account = 'he.jun' where account = 'li.na' and number = 1")
    edit(path, "update approval_key set account = 'li.na' where account = 'x'")

    found = [one.row for one in audited(path).discrepancies if one.code == "key_changed"]

    assert {"he.jun", "li.na"} <= rows.keys()
    assert found == ["he.jun 1", "li.na 1"]


def test_a_fact_deleted_with_everything_beside_it_is_named_by_its_checkpoint(path: Path) -> None:
    edit(
        path,
        "delete from event where case_id = 'B-1' and version = 2",
        "delete from request where case_id = 'B-1' and version = 2",
    )

    first = audited(path).discrepancies[0]

    assert (first.code, first.case_id, first.version) == ("sealed_missing", "B-1", 2)


@pytest.mark.parametrize("sequence", range(1, 10))
def test_two_facts_that_change_places_are_found(path: Path, sequence: int) -> None:
    move = "update event set sequence = :to where sequence = :at"
    for at, to in ((sequence, 1000), (sequence + 1, sequence), (1000, sequence + 1)):
        edit(path, move, at=at, to=to)

    found = audited(path).discrepancies

    assert found[0].sequence == sequence
    named = {item.sequence for item in found if item.code in {"sealed_moved", "sealed_changed"}}
    assert named >= {sequence, sequence + 1}


def test_two_contents_that_change_places_are_found(path: Path) -> None:
    rows = {row["version"]: row for row in rows_of(path, "event") if row["case_id"] == "A-1"}
    put = "update event set body = :body, sha256 = :sha256 where case_id = 'A-1' and version = :at"
    for at, other in ((2, 5), (5, 2)):
        edit(path, put, at=at, body=rows[other]["body"], sha256=rows[other]["sha256"])

    found = audited(path).discrepancies

    assert [(item.case_id, item.version) for item in found if item.code == "fact_hash"] == [
        ("A-1", 2),
        ("A-1", 5),
    ]


def _rewrite(path: Path, case: str, version: int, body: dict[str, Any]) -> int:
    """Change a fact and everything in the store that could betray it; return its sequence."""
    row = next(
        row for row in rows_of(path, "event") if (row["case_id"], row["version"]) == (case, version)
    )
    made = replace(StoredEvent(**row), body=canonical(body).decode())
    made = replace(made, sha256=made.expected_hash)
    payload = fingerprint(
        {
            "case_id": case,
            "actor": made.actor,
            "role": made.role,
            "events": [{"type": made.type, "body": made.content_hash}],
        }
    )
    edit(
        path,
        "update event set body = :body, sha256 = :sha256 where sequence = :sequence",
        "update request set payload_sha256 = :payload where case_id = :case and version = :version",
        body=made.body,
        sha256=made.sha256,
        sequence=made.sequence,
        payload=payload,
        case=case,
        version=version,
    )
    return int(row["sequence"])


def test_a_consistently_rehashed_fact_is_named_by_its_checkpoint(path: Path) -> None:
    sequence = _rewrite(path, "B-1", 2, {"plan": {"payment": "1.00"}})

    found = audited(path).discrepancies

    assert found[0].code == "sealed_changed"
    assert (found[0].table, found[0].sequence) == ("event", sequence)


def test_a_rehashed_fact_with_a_new_list_of_leaves_is_found(path: Path) -> None:
    sequence = _rewrite(path, "B-1", 2, {"plan": {"payment": "1.00"}})
    new = next(row["sha256"] for row in rows_of(path, "event") if row["sequence"] == sequence)
    leaves = rows_of(path, "seal")[2]["leaves"].splitlines()
    parts = json.loads(leaves[-1])
    leaves[-1] = canonical([*parts[:3], new, *parts[4:]]).decode()
    edit(
        path,
        "update seal set leaves = :leaves where number = 3",
        leaves="".join(f"{line}\n" for line in leaves),
    )

    first = audited(path).discrepancies[0]

    assert (first.code, first.row) == ("seal_rows", "3")
    assert first.detail == {"first": "8", "last": "10"}


@pytest.mark.parametrize(("table", "column"), [("submission", "maker"), ("decision", "decider")])
def test_a_guard_row_is_covered_even_where_nothing_contradicts_it(
    path: Path, table: str, column: str
) -> None:
    edit(path, f"update {table} set {column} = 'he.jun' where round = 1")

    codes = [item.code for item in audited(path).discrepancies if item.table == table]

    assert codes == ["row_differs", "sealed_changed"]


def _cut_tail(path: Path) -> None:
    """Take away the last checkpoint with all it covers, without a trace."""
    edit(
        path,
        "delete from seal where number = 3",
        "delete from request where key in ('A-1 6', 'A-1 7', 'B-1 1')",
        "delete from decision where case_id = 'A-1' and round = 2",
        "delete from event where sequence >= 8",
    )


def test_a_tail_that_was_cut_off_is_found_by_what_was_kept_outside(path: Path) -> None:
    _cut_tail(path)

    assert audited(path).holds
    found = audited(path, outside=witnesses()).discrepancies
    assert [(item.code, item.row) for item in found] == [("outside_missing", "3")]
    assert found[0].detail["newest"] == "2"


def test_a_newest_checkpoint_that_was_removed_is_found_by_what_was_kept_outside(
    path: Path,
) -> None:
    edit(path, "delete from seal where number = 3")

    assert audited(path).unsealed == 3
    found = audited(path, outside=witnesses()[-1:]).discrepancies
    assert [(item.code, item.row) for item in found] == [("outside_missing", "3")]


def test_paper_inside_the_record_finds_a_replaced_checkpoint(path: Path) -> None:
    """The fact of an export says which checkpoint was printed."""
    _cut_tail(path)
    store = open_store(str(path))
    printed = NewEvent(
        EventType.EXPORTED, {"number": "AG-2", "checkpoint": {"number": 2, "root": "ab" * 32}}
    )
    _append(store, "B-1", 1, COLLECTOR, printed)
    store.close()

    found = audited(path).discrepancies

    assert [(item.code, item.case_id, item.version) for item in found] == [
        ("export_differs", "B-1", 2)
    ]


@pytest.mark.parametrize("holds_key", [True, False], ids=["with our key", "with another key"])
def test_a_record_replaced_as_a_whole_is_found_by_what_was_kept_outside(
    tmp_path: Path, *, holds_key: bool
) -> None:
    key = seal_key() if holds_key else SealKey.make()
    forged, _ = _record(tmp_path, "another story", key)

    assert audited(forged).holds
    found = audited(forged, outside=witnesses()).discrepancies
    assert [(item.code, item.row) for item in found] == [
        ("outside_differs", "1"),
        ("outside_differs", "2"),
        ("outside_differs", "3"),
    ]
    foreign = audited(forged, trusted_keys={seal_key().key_id}).discrepancies
    assert [item.code for item in foreign] == ([] if holds_key else ["seal_foreign"] * 3)


def _forge_event(path: Path) -> None:
    row = rows_of(path, "event")[1]
    made = replace(StoredEvent(**row), sequence=11, event_id="forged", version=9)
    made = replace(made, sha256=made.expected_hash)
    edit(
        path,
        "insert into event values (:sequence, :event_id, :case_id, :version, :at, :actor, :role,"
        " :type, :body, :sha256)",
        **{name: getattr(made, name) for name in StoredEvent.__slots__},
    )


def _tell_again(path: Path, version: int, at: int) -> None:
    """Put a fact of A-1 in once more, with its rows, past the keys of the tables."""
    of_case = [row for row in rows_of(path, "event") if row["case_id"] == "A-1"]
    row = of_case[version - 1]
    made = replace(StoredEvent(**row), sequence=100 + at, version=at, event_id=f"told again {at}")
    made = replace(made, sha256=made.expected_hash)
    edit(
        path,
        "insert into event values (:sequence, :event_id, :case_id, :version, :at, :actor, :role,"
        " :type, :body, :sha256)",
        **{name: getattr(made, name) for name in StoredEvent.__slots__},
    )
    _put_request(path, made.event_id, "A-1", at, made.event_id)
    guard = "submission" if made.type == EventType.PLAN_RECORDED else "decision"
    connection = owner(path)
    connection.execute(f"create table kept as select * from {guard}")
    connection.execute(f"drop table {guard}")
    connection.execute(f"alter table kept rename to {guard}")
    columns = [name for (_, name, *_) in connection.execute(f"pragma table_info({guard})")]
    told = {"event_id": f"'{made.event_id}'", "round": "round", "previous_round": "previous_round"}
    if guard == "submission":
        last = f"(select max(round) from {guard} where case_id = 'A-1')"
        told |= {"round": f"{last} + 1", "previous_round": last}
    chosen = ", ".join(told.get(name, name) for name in columns)
    connection.execute(
        f"insert into {guard} select {chosen} from {guard} where event_id = ?", (row["event_id"],)
    )
    connection.close()


@pytest.mark.parametrize("decided_as", [4, 7], ids=["returned", "approved"])
def test_a_decision_that_is_told_again_is_named(path: Path, decided_as: int) -> None:
    _tell_again(path, decided_as, 9)

    found = audited(path).discrepancies

    assert ("decided_again", "A-1", 9) in [(one.code, one.case_id, one.version) for one in found]


def test_a_plan_that_was_put_in_while_another_waited_is_named(path: Path) -> None:
    _tell_again(path, 6, 9)
    assert audited(path).holds
    _tell_again(path, 6, 10)

    found = audited(path).discrepancies

    assert [(one.code, one.case_id, one.version) for one in found] == [("sent_again", "A-1", 10)]
    for language in ("en", "zh"):
        assert discrepancy_sentence(found[0], language)


@pytest.mark.parametrize("column", ["people", "leaves"])
@pytest.mark.parametrize(
    "said",
    ["[" * 100_000 + "]" * 100_000, '[1.5,"A-1",1,"","",""]', '[NaN,"A-1",1,"","",""]'],
    ids=["brackets without end", "a fraction", "no number"],
)
def test_a_checkpoint_that_nobody_can_read_is_named(path: Path, column: str, said: str) -> None:
    edit(path, f"update seal set {column} = :said where number = 2", said=f"{said}\n")

    first = audited(path).discrepancies[0]

    assert (first.code, first.row) == ("seal_unreadable", "2")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("request", "version"),
        ("submission", "previous_round"),
        *(("seal", name) for name in ("number", "first_sequence", "last_sequence", "count")),
    ],
)
def test_a_number_beyond_those_of_json_is_named(path: Path, table: str, column: str) -> None:
    row = rows_of(path, table)[-1]

    edit(path, f"update {table} set {column} = 1 << 62 where {_where(table)}", **_old(table, row))

    assert not audited(path).holds


def _second_request(path: Path) -> None:
    edit(
        path,
        "insert into request select 'forged', payload_sha256, case_id, version, event_ids"
        " from request where key = 'A-1 2'",
    )


def _stray_submission(path: Path) -> None:
    edit(path, "insert into submission values ('B-1', 1, null, 'none', 'AG-9', 'ab', 'wu.hao')")


def _seal_key_put_in(path: Path) -> None:
    key = SealKey.make()
    edit(
        path,
        "insert into seal_key values (:key_id, :public_key)",
        key_id=key.key_id,
        public_key=key.public_key,
    )


def _put_request(path: Path, key: str, case: str, version: int, *named: str) -> None:
    edit(
        path,
        "insert into request values (:key, :payload, :case, :version, :named)",
        key=key,
        payload="0" * 64,
        case=case,
        version=version,
        named=json.dumps(list(named), separators=(",", ":")),
    )


@pytest.mark.parametrize("key", ["0 before the true one", "Z behind the true one"])
@pytest.mark.parametrize("named", ["nothing", "the last fact", "some facts", "all facts"])
@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed", "not sealed"])
def test_a_request_that_was_put_in_is_named_once_and_the_true_one_never(
    path: Path, key: str, named: str, *, is_sealed: bool
) -> None:
    if not is_sealed:
        edit(path, "delete from seal")
        edit(path, "delete from seal_key")
    facts = [row["event_id"] for row in rows_of(path, "event") if row["case_id"] == "A-1"]
    put_in = {
        "nothing": (1, ["no such fact"]),
        "the last fact": (2, facts[1:2]),
        "some facts": (1, facts[:1]),
        "all facts": (2, facts[:2]),
    }
    version, names = put_in[named]
    _put_request(path, key, "A-1", version, *names)

    found = audited(path).discrepancies

    # Both requests of a fact that nothing covers may be the false one: they are named together.
    about = [item for item in found if item.table == "request"]
    said = [(item.code, {item.row, item.detail.get("other")}) for item in about]
    if named == "nothing":
        assert said == [("stray", {key, None})]
    else:
        assert said == [("request_second", {key, "A-1 0"})]
    if is_sealed:
        assert [item.row for item in found] == [key]
    else:
        assert {item.code for item in found} - {item.code for item in about} == {"export_differs"}
    for language in ("en", "zh"):
        assert discrepancy_sentence(found[0], language)


@pytest.mark.parametrize("key", ["0", "Z"])
def test_an_export_holds_the_request_that_was_sealed(path: Path, tmp_path: Path, key: str) -> None:
    facts = [row["event_id"] for row in rows_of(path, "event") if row["case_id"] == "A-1"]
    _put_request(path, key, "A-1", 2, *facts[:2])
    store = open_store(str(path))
    export_record(SqlSeals(store), tmp_path / "out", by=AUDITOR, files=LocalFiles(), verifiers={})
    store.close()

    lines = (tmp_path / "out" / "events.jsonl").read_text("utf-8").splitlines()

    assert [json.loads(line)["request"]["key"] for line in lines[:2]] == ["A-1 0", "A-1 0"]


@pytest.mark.parametrize(
    ("forge", "code", "table"),
    [
        (_forge_event, "fact_unrequested", "event"),
        (_second_request, "request_second", "request"),
        (_stray_submission, "stray", "submission"),
        (_seal_key_put_in, "key_unused", "seal_key"),
    ],
    ids=["fact", "request", "submission", "key"],
)
def test_a_row_that_was_put_in_is_found(
    path: Path, forge: Callable[[Path], None], code: str, table: str
) -> None:
    forge(path)

    found = audited(path).discrepancies

    assert (code, table) in [(item.code, item.table) for item in found]


def test_a_signature_of_another_checkpoint_is_found(path: Path) -> None:
    seals = rows_of(path, "seal")
    edit(path, "update seal set signature = :it where number = 2", it=seals[0]["signature"])

    first = audited(path).discrepancies[0]

    assert (first.code, first.row) == ("seal_signature", "2")


def test_every_flipped_bit_of_a_signature_is_found(path: Path) -> None:
    sealed = sealed_of(rows_of(path, "seal")[0])
    public_key, content = seal_key().public_key, sealed.checkpoint.signed_bytes

    assert is_signed(public_key, content, sealed.signature)
    for place in range(64 * 8):
        flipped = bytearray.fromhex(sealed.signature)
        flipped[place // 8] ^= 1 << place % 8
        assert not is_signed(public_key, content, flipped.hex()), place
