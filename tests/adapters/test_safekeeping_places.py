"""Where a backup may lie and what a restore may replace: no store is lost by naming it."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.canary_store import erase_in_time
from tests.people import COLLECTOR, LEAD, NOW, decided, opened, plan
from tests.stores import fresh_file, fresh_sqlite

from plan_assistant.adapters.keys.ring import LayeredRing
from plan_assistant.adapters.signing import is_signed
from plan_assistant.adapters.store import open_store, safekeeping
from plan_assistant.adapters.store.aside import asides
from plan_assistant.adapters.store.failures import out_of_reach
from plan_assistant.adapters.store.safekeeping import Kept, back_up, restore
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.bootstrap import wrong_approval
from plan_assistant.domain.approval import WrongApproval
from plan_assistant.domain.audit import Report
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    InputRefused,
    MasterKeyMissing,
    StoreDamaged,
    StoreFailure,
    StoreOutOfReach,
    StoreReadOnly,
)
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.ports import Archive
from plan_assistant.services.audit import verify_record


def check(archive: Archive) -> Report:
    return verify_record(archive, is_signed=is_signed)


def restored(source: Path, place: Path) -> Kept | Report | WrongApproval:
    return restore(source, str(place), check, wrong_approval, replace=True, at=NOW)


def _refused(act: Callable[[], object]) -> str:
    """Return why an act was refused."""
    with pytest.raises(InputRefused) as refused:
        act()
    return refused.value.problems[0].sentence


def _open(store: SqlStore, case: str) -> None:
    store.append(
        CaseId(case), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey(case)
    )


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _cases(path: Path) -> list[str]:
    store = open_store(str(path))
    found = sorted(store.case_ids())
    store.close()
    return [str(case) for case in found]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store with one case, open."""
    made = fresh_sqlite(tmp_path)
    _open(made, "A-1")
    yield made
    made.close()


@pytest.fixture
def copy(store: SqlStore, tmp_path: Path) -> Path:
    """A backup with that one case; the store has a second one, and is closed."""
    (tmp_path / "copies").mkdir()
    made = back_up(store, tmp_path / "copies" / "b.sqlite", check, replace=False).path
    _open(store, "A-2")
    store.close()
    return made


# --- where a backup may lie
@pytest.mark.parametrize("kind", ["itself", "symbolic", "hard"])
def test_a_backup_never_replaces_its_store(store: SqlStore, tmp_path: Path, kind: str) -> None:
    place = Path(store.place)
    target = place if kind == "itself" else tmp_path / "named.sqlite"
    if kind == "symbolic":
        target.symlink_to(place)
    elif kind == "hard":
        os.link(place, target)
    inode = place.stat().st_ino

    assert "is a store itself" in _refused(lambda: back_up(store, target, check, replace=True))

    assert place.stat().st_ino == inode
    _open(store, "A-2")
    store.close()
    assert _cases(place) == ["A-1", "A-2"]


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
def test_a_backup_never_replaces_another_store(
    store: SqlStore, tmp_path: Path, *, is_open: bool
) -> None:
    (tmp_path / "other").mkdir()
    other = fresh_sqlite(tmp_path / "other")
    _open(other, "B-1")
    if not is_open:
        other.close()

    assert "is a store itself" in _refused(
        lambda: back_up(store, Path(other.place), check, replace=True)
    )
    if is_open:
        _open(other, "B-2")
        other.close()
    assert _cases(Path(other.place)) == (["B-1", "B-2"] if is_open else ["B-1"])


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_backup_replaces_nothing_but_files(store: SqlStore, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "there"
    if kind == "pipe":
        os.mkfifo(target)
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(target))
    before = target.stat()

    assert "is no file" in _refused(lambda: back_up(store, target, check, replace=True))

    after = target.stat()
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)


def test_a_backup_does_not_replace_a_file_that_another_program_holds(
    store: SqlStore, tmp_path: Path
) -> None:
    target = tmp_path / "b.sqlite"
    back_up(store, target, check, replace=False)
    holding = dbapi2.connect(str(target), isolation_level=None)
    holding.execute("begin immediate")

    assert "in use" in _refused(lambda: back_up(store, target, check, replace=True))
    holding.close()

    assert back_up(store, target, check, replace=True).report.holds


def test_a_backup_is_not_put_beside_the_log_of_another_database(
    store: SqlStore, tmp_path: Path
) -> None:
    (tmp_path / "b.sqlite-wal").write_bytes(b"what was recorded last")

    with pytest.raises(InputRefused):
        back_up(store, tmp_path / "b.sqlite", check, replace=False)

    assert not (tmp_path / "b.sqlite").exists()


def test_a_folder_that_takes_no_backup_is_named(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, target = os.open, tmp_path / "closed" / "b.sqlite"
    target.parent.mkdir()

    def refusing(path: Path, *others: int) -> int:
        if Path(path).parent == target.parent:
            raise PermissionError(errno.EACCES, "Permission denied")
        return make(path, *others)

    with monkeypatch.context() as closed:
        closed.setattr(os, "open", refusing)
        failure = _raised(lambda: back_up(store, target, check, replace=False), StoreReadOnly)

    assert failure.detail == {"place": str(target), "folder": str(target.parent)}


def test_a_store_that_cannot_be_read_is_not_told_as_its_backup(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(path: Path) -> tuple[int, ...]:
        raise out_of_reach(str(path))

    monkeypatch.setattr(safekeeping, "_size", refusing)

    failure = _raised(
        lambda: back_up(store, tmp_path / "b.sqlite", check, replace=False), StoreOutOfReach
    )

    assert failure.detail == {"place": store.place}


def test_a_link_to_a_backup_stays_a_link(store: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    link = tmp_path / "newest.sqlite"
    link.symlink_to(tmp_path / "copies" / "b.sqlite")
    for _ in range(2):
        back_up(store, link, check, replace=True)

    assert link.is_symlink()
    assert _names(tmp_path / "copies") == ["b.sqlite"]


# --- what a restore replaces
def test_every_store_that_was_replaced_is_kept_however_quickly(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "store.sqlite"

    kept = [restored(copy, place) for _ in range(3)]

    names = [one.aside for one in kept if isinstance(one, Kept) and one.aside]
    assert [aside.name.rpartition("T")[2] for aside in names] == ["120641", "120641-2", "120641-3"]
    assert _cases(names[0]) == ["A-1", "A-2"]
    assert _cases(names[1]) == _cases(names[2]) == ["A-1"]


def test_a_store_behind_a_link_is_replaced_where_it_lies(copy: Path, tmp_path: Path) -> None:
    link = tmp_path / "named" / "store.sqlite"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "store.sqlite")

    kept = restored(copy, link)

    assert isinstance(kept, Kept)
    assert kept.aside is not None
    assert kept.aside.parent == tmp_path
    assert link.is_symlink()
    assert _cases(link) == _cases(tmp_path / "store.sqlite") == ["A-1"]
    assert _cases(kept.aside) == ["A-1", "A-2"]


def test_a_store_is_kept_where_there_are_no_hard_links(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_names: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)

    kept = restored(copy, tmp_path / "store.sqlite")

    assert isinstance(kept, Kept)
    assert kept.aside is not None
    assert _cases(kept.aside) == ["A-1", "A-2"]
    assert _cases(tmp_path / "store.sqlite") == ["A-1"]


def test_a_store_that_another_restore_put_there_meanwhile_is_not_replaced(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "store.sqlite"
    connect = dbapi2.connect

    def slow(*arguments: object, **options: object) -> object:
        made = connect(*arguments, **options)
        if str(arguments[0]).endswith("store.sqlite?mode=rw"):
            monkeypatch.undo()
            place.rename(tmp_path / "first")
            place.write_bytes((tmp_path / "first").read_bytes())
        return made

    monkeypatch.setattr(dbapi2, "connect", slow)

    assert "anew by another program" in _refused(lambda: restored(copy, place))

    assert asides(place) == []


def test_a_store_is_not_put_beside_the_log_of_one_that_is_gone(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "gone.sqlite"
    place.with_name("gone.sqlite-wal").write_bytes(b"what was recorded last")

    assert "is the log of a store that is gone" in _refused(lambda: restored(copy, place))

    assert not place.exists()


# --- what is looked at before anything is touched
def _sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def _alter_a_case_key(copy: Path) -> None:
    guards = (
        sqlite3.connect(copy)
        .execute("select name from sqlite_schema where type = 'trigger' and tbl_name = 'case_key'")
        .fetchall()
    )
    _sql(
        copy,
        *(f"drop trigger {name}" for (name,) in guards),
        "update case_key set wrapped = 'A' || substr(wrapped, 2) where wrapped not like 'A%'",
        "update case_key set wrapped = 'B' || substr(wrapped, 2) where wrapped like 'A%'",
    )


def _is_as_it_was(tmp_path: Path) -> bool:
    return _names(tmp_path) == ["copies", "store.sqlite"] and _cases(tmp_path / "store.sqlite") == [
        "A-1",
        "A-2",
    ]


def _raised(act: Callable[[], object], kind: type[StoreFailure]) -> StoreFailure:
    with pytest.raises(kind) as raised:
        act()
    return raised.value


def test_a_backup_with_an_altered_key_replaces_nothing(copy: Path, tmp_path: Path) -> None:
    _alter_a_case_key(copy)

    failure = _raised(lambda: restored(copy, tmp_path / "store.sqlite"), StoreDamaged)

    assert failure.detail["place"] == failure.detail["backup"] == str(copy)
    assert _is_as_it_was(tmp_path)


@pytest.mark.parametrize("name", ["store.sqlite", "none.sqlite"], ids=["a store", "no store"])
def test_a_backup_under_a_master_key_that_is_not_here_replaces_nothing(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as other:
        other.setattr(LayeredRing, "find", lambda _ring, _key_id: None)
        failure = _raised(lambda: restored(copy, tmp_path / name), MasterKeyMissing)

    assert failure.detail["place"] == str(copy)
    assert _is_as_it_was(tmp_path)


def test_a_backup_with_an_approval_that_nobody_signed_replaces_nothing(
    copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "forged").mkdir()
    forged = open_store(str(fresh_file(tmp_path / "forged")))
    _open(forged, "A-1")
    approval = decided(EventType.APPROVED, fingerprint(plan("AG-1").body), LEAD)
    for version, (fact, by) in enumerate([(plan("AG-1"), COLLECTOR), (approval, LEAD)], start=1):
        forged.append(
            CaseId("A-1"),
            [fact],
            actor=by,
            at=NOW,
            expected_version=version,
            key=RequestKey(f"k{version}"),
        )
    back_up(forged, copy, check, replace=True)
    forged.close()
    for file in (tmp_path / "forged").iterdir():
        file.unlink()
    (tmp_path / "forged").rmdir()

    found = restored(copy, tmp_path / "store.sqlite")

    assert isinstance(found, WrongApproval)
    assert (found.case_id, found.decider) == ("A-1", LEAD.name)
    assert _is_as_it_was(tmp_path)


# --- a store that is gone
@pytest.mark.parametrize(
    "left", ["store.sqlite.before-restore-20261120T120641", "store.sqlite-wal"]
)
def test_no_empty_store_is_made_where_one_is_gone(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_bytes(b"what is left of it")

    with pytest.raises(StoreDamaged, match=left):
        open_store(str(tmp_path / "store.sqlite"))

    assert _names(tmp_path) == [left]


# --- what a restore takes away, and what it may not bring back
def test_a_store_in_the_way_is_told_with_its_facts(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "store.sqlite"

    said = _refused(lambda: restore(copy, str(place), check, wrong_approval, replace=False, at=NOW))

    assert "(facts: 2, of which the backup holds 1): add --replace" in said


def test_a_restore_tells_how_many_facts_went_aside(copy: Path, tmp_path: Path) -> None:
    done = restored(copy, tmp_path / "store.sqlite")

    assert isinstance(done, Kept)
    assert done.left_aside == 1


def test_a_case_that_was_purged_does_not_come_back(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "store.sqlite"
    store = open_store(str(place))
    _purge(store)
    store.close()

    said = _refused(lambda: restored(copy, place))

    assert "would make them readable again (A-1)" in said
    assert asides(place) == []
    store = open_store(str(place))
    assert [event.type for event in store.events(CaseId("A-1"))][-1] is EventType.PURGED
    assert store.key_status().cases_erased == 1
    store.close()


def test_a_backup_in_which_the_case_was_purged_too_is_put_there(copy: Path, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "store.sqlite", tmp_path / "copies" / "other.sqlite"
    store = open_store(str(place))
    _purge(store)
    store.close()
    assert isinstance(restored(copy, elsewhere), Kept)
    other = open_store(str(elsewhere))
    _purge(other)
    again = back_up(other, tmp_path / "copies" / "again.sqlite", check, replace=False).path
    other.close()

    assert isinstance(restored(again, place), Kept)


def _purge(store: SqlStore) -> None:
    erase_in_time(store, "A-1")
