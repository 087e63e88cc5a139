"""Passwords, keys and tries in every implementation of the store: added, never changed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pysqlite3 import dbapi2
from tests import builders
from tests.desks import CASE, agreement, case_named, desk_at, memory_store, send
from tests.office import Office
from tests.people import COLLECTOR, LEAD, NOW, OTHER_LEAD, decided
from tests.staffing import CHEAP, KEYS, PASSWORD, door_of, give_password, proof_of
from tests.stores import fresh_sqlite

from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.adapters.store import engine, migrate, open_store, schema
from plan_assistant.domain.approval import ApprovalKey
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment, recorded
from plan_assistant.domain.events import Account, EventId, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.passwords import StoredPassword
from plan_assistant.domain.record import fold
from plan_assistant.ports import Store
from plan_assistant.services.open_case import open_case
from plan_assistant.services.staff import authenticate, set_first_password, without_password

ENGINES: dict[str, Callable[[Path], Store]] = {
    "sqlite": fresh_sqlite,
    "memory": lambda _folder: memory_store(),
}


POSTGRES = "postgres"
"""One store for each person, on a real server or on the one in PLAN_ASSISTANT_TEST_STORE."""


@pytest.fixture(params=[*sorted(ENGINES), POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store in which everybody works and nobody has a password."""
    opened: Store
    if request.param == POSTGRES:
        opened = Office(request.getfixturevalue("emptied"))
    else:
        opened = ENGINES[request.param](tmp_path)
    yield opened
    opened.close()


def _row(number: int, person: Account = LEAD) -> tuple[StoredPassword, ApprovalKey]:
    verifier, key = CHEAP.make(PASSWORD)
    signer, sealed = KEYS.make(person.name, key)
    stored = StoredPassword(person.name, number, NOW, person.name, verifier, number, sealed)
    bare = ApprovalKey(
        person.name, number, signer.public_key, NOW, person.name, person.name, signer.public_key, ""
    )
    return stored, replace(bare, endorsement=signer.sign(bare.content))


def test_nobody_has_a_password_at_first(store: Store) -> None:
    assert store.credentials.password_of("li.na") is None
    assert store.credentials.with_password() == frozenset()
    registry = store.credentials.key_registry()
    assert (registry.keys, registry.unsigned_until) == ((), 0)
    assert registry.roles["li.na"] is LEAD.role


def test_what_was_added_comes_back_as_it_was(store: Store) -> None:
    stored, key = _row(1)

    store.credentials.add_password(stored, key)

    assert store.credentials.password_of("li.na") == stored
    assert store.credentials.with_password() == {"li.na"}
    assert store.credentials.key_registry().keys == (key,)


def test_the_newest_password_counts(store: Store) -> None:
    store.credentials.add_password(*_row(1))
    second, key = _row(2)

    store.credentials.add_password(second, key)

    assert store.credentials.password_of("li.na") == second
    assert [one.number for one in store.credentials.key_registry().keys] == [1, 2]


@pytest.mark.parametrize("number", [1, 3])
def test_a_password_that_is_not_the_next_one_is_refused(store: Store, number: int) -> None:
    first, key = _row(1)
    store.credentials.add_password(first, key)

    with pytest.raises(TransitionRefused) as refused:
        store.credentials.add_password(*_row(number))

    assert refused.value.code == "password_set_meanwhile"
    assert store.credentials.password_of("li.na") == first
    assert store.credentials.key_registry().keys == (key,)


def test_a_stranger_gets_no_password(store: Store) -> None:
    with pytest.raises(TransitionRefused):
        store.credentials.add_password(*_row(1, Account("mallory", "M", LEAD.role)))

    assert store.credentials.with_password() == frozenset()


def test_of_many_who_set_the_first_password_at_once_one_does(store: Store) -> None:
    rows = [_row(1) for _ in range(8)]
    start, answers = threading.Barrier(len(rows)), []

    def add(row: tuple[StoredPassword, ApprovalKey]) -> None:
        start.wait()
        try:
            store.credentials.add_password(*row)
            answers.append("set")
        except TransitionRefused as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=add, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["password_set_meanwhile"] * 7 + ["set"]
    assert len(store.credentials.key_registry().keys) == 1


def test_tries_are_kept_apart_for_each_person(store: Store) -> None:
    for _ in range(5):
        store.credentials.end_attempt("li.na", NOW, came_in=False)

    store.credentials.begin_attempt("he.jun", NOW)
    with pytest.raises(TransitionRefused) as refused:
        store.credentials.begin_attempt("li.na", NOW)

    assert refused.value.code == "wait_before_retry"


def test_who_came_in_is_forgiven(store: Store) -> None:
    for came_in in (False, False, False, True):
        store.credentials.end_attempt("li.na", NOW, came_in=came_in)

    store.credentials.begin_attempt("li.na", NOW)


def test_a_clock_that_was_put_back_by_years_shuts_for_one_wait(store: Store) -> None:
    store.add_account(LEAD)
    a_year_ahead = NOW + timedelta(days=365)
    for _ in range(3):
        store.credentials.end_attempt("li.na", a_year_ahead, came_in=False)

    for seconds in (0, 1, 3):
        with pytest.raises(TransitionRefused) as shut:
            store.credentials.begin_attempt("li.na", NOW + timedelta(seconds=seconds))
        assert shut.value.code == "wait_before_retry"
    store.credentials.begin_attempt("li.na", NOW + timedelta(seconds=5))


def test_a_very_long_row_of_failures_still_shuts(store: Store) -> None:
    for number in range(60):
        store.credentials.end_attempt("li.na", NOW + timedelta(seconds=number), came_in=False)

    with pytest.raises(TransitionRefused) as refused:
        store.credentials.begin_attempt("li.na", NOW + timedelta(seconds=60))

    assert int(refused.value.detail["seconds"]) == 899


# --- the file
def test_failures_survive_a_restart(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    give_password(store, LEAD)
    for _ in range(3):
        with pytest.raises(TransitionRefused):
            authenticate(door_of(store), "li.na", "wrong")
    store.close()

    again = open_store(str(tmp_path / "store.sqlite"))
    with pytest.raises(TransitionRefused) as refused:
        authenticate(door_of(again), "li.na", PASSWORD)
    again.close()

    assert refused.value.code == "wait_before_retry"


def test_neither_password_nor_private_key_stands_in_the_file(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    give_password(store, LEAD)
    private = KEYS.unlock(
        "li.na",
        store.credentials.key_registry().keys[0].public_key,
        proof_of(store, LEAD).stored.sealed_key,
        proof_of(store, LEAD).key,
    )
    assert private is not None
    store.close()

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    secret = private._private.private_bytes_raw()
    assert PASSWORD.encode() not in content
    assert secret not in content
    assert secret.hex().encode() not in content


def _store_of_revision_0001(path: Path) -> None:
    """Make a store as the version before passwords left it: people, and an approved plan."""
    path.touch(mode=0o600)
    made = engine.sqlite_engine(path, lock_timeout=5, journal="wal")
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with made.execution_options(**{engine.WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    made.dispose()
    raw = dbapi2.connect(str(path), isolation_level=None)
    for person in (COLLECTOR, LEAD):
        raw.execute(
            "insert into account values (?, ?, ?)",
            (person.name, person.display_name, person.role.value),
        )
    sent = agreement()
    print_of = fingerprint(sent)
    with_case = _rows_of_that_time(sent, print_of)
    raw.execute(
        "insert into submission values (?, 1, null, 'E-2', 'AG-1', ?, 'wu.hao')", (CASE, print_of)
    )
    raw.execute(
        "insert into decision values (?, 1, 'E-3', 'approved', 'wu.hao', ?, 'li.na', 'team_lead')",
        (CASE, print_of),
    )
    for event in with_case:
        raw.execute(
            "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            event,
        )
    raw.close()


def _rows_of_that_time(sent: dict[str, object], print_of: str) -> list[tuple[object, ...]]:
    """Return the rows of an opened case whose plan was approved, as they were written then."""
    news = [
        (COLLECTOR, NewEvent(EventType.CASE_OPENED, write_case(builders.case()))),
        (COLLECTOR, NewEvent(EventType.PLAN_RECORDED, sent)),  # type: ignore[arg-type]
        (LEAD, decided(EventType.APPROVED, print_of, LEAD)),
    ]
    rows: list[tuple[object, ...]] = []
    for version, (actor, new) in enumerate(news, start=1):
        fact = recorded(
            new,
            sequence=0,
            event_id=EventId(f"E-{version}"),
            case_id=CASE,
            version=version,
            at=NOW,
            actor=actor,
        )
        rows.append(
            (
                fact.event_id,
                fact.case_id,
                fact.version,
                moment(fact.at),
                fact.actor,
                fact.role.value,
                fact.type.value,
                canonical(fact.body).decode(),
                fact.sha256,
            )
        )
    return rows


def test_a_store_from_before_passwords_opens_with_everything_in_it(tmp_path: Path) -> None:
    path = tmp_path / "older.sqlite"
    _store_of_revision_0001(path)

    store = open_store(str(path))

    record = fold(store.events(CASE))
    assert record.approved is not None
    assert store.accounts() == (LEAD, COLLECTOR)
    assert without_password(door_of(store)) == {"li.na", "wu.hao"}
    registry = store.credentials.key_registry()
    assert registry.unsigned_until == 3
    assert verify_approvals(store.every_event(), registry) is None
    set_first_password(door_of(store), "li.na", PASSWORD)
    assert authenticate(door_of(store), "li.na", PASSWORD).account == LEAD
    store.close()


def test_after_the_upgrade_an_approval_without_a_signature_is_found(tmp_path: Path) -> None:
    path = tmp_path / "older.sqlite"
    _store_of_revision_0001(path)
    store = open_store(str(path))
    store.add_account(OTHER_LEAD)
    _open_and_send(store)

    # Past the services, which sign: as an older program or raw SQL would write it.
    sent = store.every_event()[-1]
    store.append(
        sent.case_id,
        [decided(EventType.APPROVED, fingerprint(sent.body), LEAD)],
        actor=LEAD,
        at=NOW,
        expected_version=2,
        key=RequestKey("forged"),
    )
    wrong = verify_approvals(store.every_event(), store.credentials.key_registry())
    store.close()

    assert wrong is not None
    assert (wrong.sequence, wrong.case_id, wrong.fault.value) == (6, "B-1", "unsigned")


def _open_and_send(store: Store) -> None:
    desk = desk_at(store)
    open_case(desk, case_named("B-1"), RequestKey("open"))
    send(desk, agreement("AG-2", case_id="B-1"), version=1, key="send")


def test_the_upgrade_is_written_in_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "older.sqlite"
    _store_of_revision_0001(path)
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder)
    script = next(
        one
        for one in (folder / "versions").glob("*.py")
        if f'revision = "{schema.HEAD}"' in one.read_text(encoding="utf-8")
    )
    script.write_text(
        script.read_text(encoding="utf-8")
        + "\n\nfrom alembic import op\n\n_upgrade = upgrade\n\n\ndef upgrade() -> None:\n"
        '    _upgrade()\n    op.execute("select nonsense")\n',
        encoding="utf-8",
    )
    before = _dump(path)

    with monkeypatch.context() as broken:
        broken.setattr(migrate, "MIGRATIONS", folder)
        with pytest.raises(Exception, match="nonsense"):
            open_store(str(path))

    assert _dump(path) == before
    open_store(str(path)).close()


def _dump(path: Path) -> list[tuple[object, ...]]:
    raw = dbapi2.connect(str(path))
    dumped = [
        *raw.execute("select name, sql from sqlite_schema order by name"),
        *raw.execute("select * from event"),
        *raw.execute("select version_num from alembic_version"),
    ]
    raw.close()
    return dumped
