"""What a store says when it cannot be used, and that nothing is lost by it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pysqlite3 import dbapi2
from tests.ordinary_user import as_ordinary_user
from tests.people import COLLECTOR, NOW, opened
from tests.stores import fresh_file, fresh_sqlite

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.failures import failure_of, os_failure
from plan_assistant.adapters.store.postgres_failures import failure_of as server_failure_of
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    InputRefused,
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLocked,
    StoreNewer,
    StoreOutOfReach,
    StoreReadOnly,
)
from plan_assistant.domain.events import RequestKey
from plan_assistant.wording.problems import failure_sentence


def put(store: SqlStore, case: str, note: str = "") -> None:
    store.append(
        CaseId(case),
        [opened(note)],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=RequestKey(f"open {case}"),
    )


# --- where a store may lie
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://li.na:secret@db/plans", "mysql://"),
        ("sqlite+pysqlite:///x.sqlite", "sqlite+pysqlite://"),
        ("sqlite:///x.sqlite?mode=ro", "no options"),
        ("sqlite:///", "a file that lasts"),
        (":memory:", "a file that lasts"),
        ("", "a file that lasts"),
        ("file:x.sqlite", "a file that lasts"),
        ("a\0b", "NUL"),
    ],
)
def test_a_place_of_another_kind_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_store(url)

    (problem,) = refusal.value.problems
    assert sentence in problem.sentence
    assert "secret" not in f"{refusal.value} {problem}"


def test_a_url_and_a_path_name_the_same_store(tmp_path: Path) -> None:
    by_path = open_store(str(tmp_path / "s.sqlite"))
    by_path.add_account(COLLECTOR)
    put(by_path, "A-1")
    by_path.close()

    by_url = open_store(f"sqlite:///{tmp_path / 's.sqlite'}")

    assert by_url.case_ids() == ("A-1",)
    by_url.close()


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreOutOfReach, match="nowhere does not exist"):
        open_store(str(tmp_path / "nowhere" / "s.sqlite"))

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreOutOfReach, match="is a folder"):
        open_store(str(tmp_path))


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(StoreOutOfReach):
        open_store(str(tmp_path / "file" / "s.sqlite"))


# --- files that are no store
def _another_program(path: Path) -> None:
    with dbapi2.connect(str(path)) as connection:
        connection.execute("create table bookmarks (url text)")
    connection.close()


def _text(path: Path) -> None:
    path.write_text("not a database\n" * 100)


def _empty(path: Path) -> None:
    path.touch()


def _only_a_header(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0")


def _cut_off(path: Path) -> None:
    shutil.move(fresh_file(path.parent), path)
    os.truncate(path, 5_000)


def _torn_page(path: Path) -> None:
    shutil.move(fresh_file(path.parent), path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 80_000)


def _without_revision(path: Path) -> None:
    shutil.move(fresh_file(path.parent), path)
    connection = dbapi2.connect(str(path))
    connection.execute("drop trigger alembic_version_no_delete")
    connection.execute("delete from alembic_version")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "make",
    [
        _another_program,
        _text,
        _empty,
        _only_a_header,
        _cut_off,
        _torn_page,
        _without_revision,
    ],
    ids=lambda make: make.__name__.strip("_").replace("_", " "),
)
def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(tmp_path: Path, make: object) -> None:
    path = tmp_path / "s.sqlite"
    assert callable(make)
    make(path)
    before = path.read_bytes()

    with pytest.raises(StoreDamaged) as failure:
        open_store(str(path))

    assert str(path) in str(failure.value)
    assert "--store" in str(failure.value)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    connection = dbapi2.connect(str(path))
    connection.execute("update alembic_version set version_num = '0412'")
    connection.commit()
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StoreNewer, match="newer version") as failure:
        open_store(str(path))

    assert failure.value.detail == {"place": str(path), "found": "0412", "known": HEAD}
    assert path.read_bytes() == before


# --- no permission
@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that everybody can enter; those of pytest are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def _try_to_record(path: Path) -> str:
    try:
        store = open_store(str(path))
        put(store, "A-1")
    except StoreFailure as failure:
        return f"{type(failure).__name__}: {failure}"
    return "recorded"


def _read_only_file(folder: Path) -> Path:
    path = fresh_file(folder)
    path.chmod(0o444)
    return path


def _read_only_folder(folder: Path) -> Path:
    path = fresh_file(folder)
    path.chmod(0o666)
    folder.chmod(0o555)
    return path


def _new_in_read_only_folder(folder: Path) -> Path:
    folder.chmod(0o555)
    return folder / "new.sqlite"


def _closed_folder(folder: Path) -> Path:
    path = fresh_file(folder)
    folder.chmod(0o000)
    return path


@pytest.mark.parametrize(
    "make",
    [_read_only_file, _read_only_folder, _new_in_read_only_folder, _closed_folder],
    ids=lambda make: make.__name__.strip("_").replace("_", " "),
)
def test_a_store_that_may_not_be_written_is_refused(shared_folder: Path, make: object) -> None:
    assert callable(make)
    path = make(shared_folder)

    answer = as_ordinary_user(lambda: _try_to_record(path))

    assert answer.startswith(StoreReadOnly.__name__), answer
    assert "write permission" in answer


# --- held by others
_HOLD = """
import sys
from pysqlite3 import dbapi2
connection = dbapi2.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


@contextmanager
def _held_by_another_process(path: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


def test_a_store_held_by_another_process_says_so_and_can_be_used_afterwards(
    tmp_path: Path,
) -> None:
    store = fresh_sqlite(tmp_path, lock_timeout=0.1)
    put(store, "A-1")

    with _held_by_another_process(tmp_path / "store.sqlite"):
        with pytest.raises(StoreLocked, match=r"0\.1 seconds"):
            put(store, "A-2")
        # Readers do not wait for a writer.
        assert store.case_ids() == ("A-1",)
    put(store, "A-2")

    assert store.case_ids() == ("A-1", "A-2")
    store.close()


def test_a_store_can_be_opened_while_another_process_writes(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    open_store(str(path)).close()

    with _held_by_another_process(path):
        store = open_store(str(path), lock_timeout=0.1)
        assert store.case_ids() == ()
        store.close()


# --- no room


def test_a_write_that_stops_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """The limit on the size of files stops writes in the middle, as a quota does."""
    store = fresh_sqlite(tmp_path)
    recorded: list[str] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, before[1]))
    try:
        with pytest.raises(StoreFailure, match="have room on it, then try again"):
            for number in range(1_000):
                put(store, f"A-{number}", "x" * 5_000)
                recorded.append(f"A-{number}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert len(recorded) > 5
    assert list(store.case_ids()) == recorded
    put(store, "B-1", "x" * 5_000)
    store.close()
    again = open_store(str(tmp_path / "store.sqlite"))
    assert list(again.case_ids()) == [*recorded, "B-1"]
    assert all(again.events(CaseId(case)) for case in again.case_ids())
    again.close()


def test_a_file_at_its_largest_size_loses_nothing(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    # A page limit that is already reached: SQLite itself says that the disk is full.
    connection = dbapi2.connect(str(path))
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    store = open_store(str(path))
    with store._writing.connect() as only:  # the pool hands the same connection out again
        only.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")

    with pytest.raises(StoreFull):
        put(store, "A-1", "x" * 50_000)

    assert store.case_ids() == ()
    store.close()


# --- what else may be reported
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, StoreLocked),
        (517, StoreLocked),
        (6, StoreLocked),
        (8, StoreReadOnly),
        (1032, StoreReadOnly),
        (13, StoreFull),
        (778, StoreFailure),
        (14, StoreOutOfReach),
        (3, StoreOutOfReach),
        (11, StoreDamaged),
        (26, StoreDamaged),
        (266, StoreFailure),
        (7, StoreFailure),
    ],
    ids=[
        "busy",
        "busy snapshot",
        "locked",
        "read-only",
        "read-only, moved",
        "full",
        "write error",
        "cannot open",
        "no permission",
        "corrupt",
        "not a database",
        "read error",
        "no memory",
    ],
)
def test_every_code_of_the_engine_has_a_sentence(code: int, kind: type[StoreFailure]) -> None:
    error = dbapi2.OperationalError("as the engine says it")
    error.sqlite_errorcode = code

    failure = failure_of(error, "/data/s.sqlite", 30)

    assert type(failure) is kind
    assert "/data/s.sqlite" in str(failure)
    assert failure.detail["place"] == "/data/s.sqlite"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (28, StoreFull),
        (122, StoreFull),
        (13, StoreReadOnly),
        (30, StoreReadOnly),
        (2, StoreOutOfReach),
    ],
    ids=["no space", "quota", "no permission", "read-only file system", "missing"],
)
def test_every_refusal_of_the_system_has_a_sentence(number: int, kind: type[StoreFailure]) -> None:
    failure = os_failure(OSError(number, os.strerror(number)), "/data/s.sqlite")

    assert type(failure) is kind
    assert "/data/s.sqlite" in str(failure)


def test_an_error_does_not_repeat_what_was_to_be_recorded(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path, lock_timeout=0.1)
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)
    connection.execute("create trigger broken before insert on event begin select nonsense(); end")
    connection.close()

    with pytest.raises(StoreFailure) as failure:
        put(store, "A-1", "canary-张伟")

    chain = [failure.value, failure.value.__cause__, failure.value.__context__]
    assert "canary" not in " ".join(f"{error!r} {error}" for error in chain)
    store.close()


def test_a_server_that_is_away_is_told_with_its_address_and_not_with_a_path() -> None:
    report = psycopg.OperationalError("connection refused")

    failure = server_failure_of(report, "postgresql://db/plans", 1.0)

    assert failure_sentence(failure, "en") == str(failure)
    assert "Check the address, your name and your password" in str(failure)
