"""Backups made while others record, and their return: whole, checked, and never over a store."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.people import COLLECTOR, NOW, opened
from tests.sealing import sealer_for
from tests.stores import fresh_sqlite

from plan_assistant.adapters.signing import is_signed
from plan_assistant.adapters.store import open_store, safekeeping
from plan_assistant.adapters.store.safekeeping import Kept, back_up, restore
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.bootstrap import wrong_approval
from plan_assistant.domain.approval import WrongApproval
from plan_assistant.domain.audit import Report
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    InputRefused,
    StoreDamaged,
    StoreFailure,
    StoreLocked,
    StoreNewer,
)
from plan_assistant.domain.events import RequestKey
from plan_assistant.ports import Archive
from plan_assistant.services.audit import verify_record

# Tells each fact that was acknowledged, as soon as it was.
_WRITER = """
import os, sys
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.events import EventType, NewEvent
from tests.people import COLLECTOR, NOW, opened
path, name = sys.argv[1:]
store = open_store(path)
facts, version = [opened()], 0
while True:
    receipt = store.append(name, facts, actor=COLLECTOR, at=NOW, expected_version=version,
                           key=f"{name} {version}")
    version = receipt.version
    os.write(1, f"{receipt.event_ids[-1]}\\n".encode())
    facts = [NewEvent(EventType.OFFER_SPOKEN, {"text": "x" * 4000})]
"""
_ROOT = Path(__file__).parents[2]


def check(archive: Archive) -> Report:
    return verify_record(archive, is_signed=is_signed)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A sealed store with three cases."""
    made = fresh_sqlite(tmp_path)
    for number in range(3):
        _open(made, f"A-{number}")
    sealer_for(made).seal()
    yield made
    made.close()


def _open(store: SqlStore, case: str) -> None:
    store.append(
        CaseId(case), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey(case)
    )


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _facts(path: Path) -> set[str]:
    connection = dbapi2.connect(f"{path.as_uri()}?mode=rw", uri=True)
    found = {event_id for (event_id,) in connection.execute("select event_id from event")}
    connection.close()
    return found


def restored(source: Path, place: Path, *, replace: bool = False) -> Kept | Report | WrongApproval:
    return restore(source, str(place), check, wrong_approval, replace=replace, at=NOW)


# --- backup
def test_a_backup_is_one_whole_file_for_its_owner_only(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "b.sqlite"
    target.parent.mkdir()
    before = os.umask(0)
    kept = back_up(store, target, check, replace=False)
    os.umask(before)

    assert kept.report.holds
    assert (kept.report.facts, kept.report.checkpoints) == (3, 1)
    assert _names(target.parent) == ["b.sqlite"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert _facts(target) == _facts(Path(store.place))


@dataclass
class Writer:
    """A program that records until it is ended."""

    process: subprocess.Popen[bytes]

    def acknowledged(self, least: int) -> list[str]:
        assert self.process.stdout is not None
        return [self.process.stdout.readline().decode().strip() for _ in range(least)]


@pytest.fixture
def writers(store: SqlStore) -> Iterator[list[Writer]]:
    """Two programs that record on the store."""
    paths = os.pathsep.join([str(_ROOT), str(_ROOT / "src")])
    started = [
        Writer(
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, store.place, name],
                cwd=_ROOT,
                env={**os.environ, "PYTHONPATH": paths},
                stdout=subprocess.PIPE,
            )
        )
        for name in ("W-1", "W-2")
    ]
    yield started
    for writer in started:
        writer.process.kill()
        writer.process.communicate()


def test_what_was_acknowledged_before_a_backup_is_in_it_while_two_programs_write(
    store: SqlStore, writers: list[Writer], tmp_path: Path
) -> None:
    rounds = max(5, int(os.environ.get("FAULT_ROUNDS", "5")) // 10)
    told: set[str] = set()
    for number in range(rounds):
        for writer in writers:
            told |= set(writer.acknowledged(20))
        target = tmp_path / f"b{number}.sqlite"

        kept = back_up(store, target, check, replace=False)

        assert kept.report.holds
        assert told - _facts(target) == set()
        assert all(writer.process.poll() is None for writer in writers)
        target.unlink()
    assert len(told) == rounds * 40


def test_a_backup_does_not_overwrite_a_file_unless_told_to(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "b.sqlite"
    target.write_text("mine")

    with pytest.raises(InputRefused) as refused:
        back_up(store, target, check, replace=False)

    assert "--replace" in refused.value.problems[0].sentence
    assert target.read_text() == "mine"
    assert back_up(store, target, check, replace=True).report.holds


def test_a_record_that_does_not_hold_is_copied_all_the_same(
    store: SqlStore, tmp_path: Path
) -> None:
    _tamper(Path(store.place))

    kept = back_up(store, tmp_path / "b.sqlite", check, replace=False)

    assert [item.code for item in kept.report.discrepancies][:1] == ["fact_hash"]
    assert _facts(tmp_path / "b.sqlite") == _facts(Path(store.place))


def _tamper(path: Path) -> None:
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("drop trigger event_no_update")
    connection.execute("update event set body = '{}' where sequence = 2")
    connection.close()


def test_a_copy_that_misses_facts_is_no_backup(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    back_up(store, tmp_path / "old" / "b.sqlite", check, replace=False)
    _open(store, "A-9")
    copied = safekeeping._copy

    def an_older_one(_source: Path, new: Path) -> None:
        copied(tmp_path / "old" / "b.sqlite", new)

    monkeypatch.setattr(safekeeping, "_copy", an_older_one)

    with pytest.raises(StoreDamaged, match="3 facts instead of at least 4"):
        back_up(store, tmp_path / "b.sqlite", check, replace=False)

    assert not [name for name in _names(tmp_path) if name.startswith((".b", "b"))]


@pytest.mark.parametrize("folder", ["none", "file"], ids=["no folder", "a file for a folder"])
def test_a_backup_to_a_place_that_is_none_says_so(
    store: SqlStore, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreFailure, match="cannot be written"):
        back_up(store, tmp_path / folder / "b.sqlite", check, replace=False)


# --- restore
@pytest.fixture
def copy(store: SqlStore, tmp_path: Path) -> Path:
    """A backup of the store."""
    (tmp_path / "copies").mkdir()
    return back_up(store, tmp_path / "copies" / "b.sqlite", check, replace=False).path


def test_a_restored_store_is_what_it_was_and_goes_on(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "fresh" / "s.sqlite"
    place.parent.mkdir()

    kept = restored(copy, place)

    assert isinstance(kept, Kept)
    assert (kept.report.holds, kept.aside) == (True, None)
    assert _names(place.parent) == ["s.sqlite"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    again = open_store(str(place))
    assert again.journal == "wal"
    _open(again, "A-9")
    sealed = sealer_for(again).seal()
    again.close()
    assert sealed is not None
    assert (sealed.checkpoint.number, sealed.checkpoint.last) == (2, 4)


def test_a_store_is_not_overwritten_unless_told_to(
    store: SqlStore, copy: Path, tmp_path: Path
) -> None:
    _open(store, "A-9")
    store.close()

    with pytest.raises(InputRefused) as refused:
        restored(copy, Path(store.place))

    assert "--replace" in refused.value.problems[0].sentence
    assert len(_facts(Path(store.place))) == 4
    assert _names(tmp_path) == ["copies", "store.sqlite"]


def test_a_replaced_store_is_kept_beside_the_restored_one(
    store: SqlStore, copy: Path, tmp_path: Path
) -> None:
    _open(store, "A-9")
    before = _facts(Path(store.place))
    store.close()

    kept = restored(copy, Path(store.place), replace=True)

    assert isinstance(kept, Kept)
    assert kept.aside == tmp_path / "store.sqlite.before-restore-20261120T120641"
    assert _facts(kept.aside) == before
    assert len(_facts(Path(store.place))) == 3
    assert _names(tmp_path) == ["copies", "store.sqlite", kept.aside.name]


def test_a_store_in_use_is_not_replaced(
    store: SqlStore, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safekeeping, "LOCK_TIMEOUT", 0.1)
    _open(store, "A-9")

    with pytest.raises(StoreLocked):
        restored(copy, Path(store.place), replace=True)

    assert len(store.every_event()) == 4
    assert _names(tmp_path) == ["copies", "store.sqlite", "store.sqlite-shm", "store.sqlite-wal"]
    _open(store, "A-10")
    assert store.journal == "wal"


def test_a_damaged_store_is_moved_aside_as_it_is(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "fresh" / "s.sqlite"
    place.parent.mkdir()
    place.write_bytes(b"not a database" * 1000)
    place.with_name("s.sqlite-wal").write_bytes(b"its log")

    kept = restored(copy, place, replace=True)

    assert isinstance(kept, Kept)
    assert kept.aside is not None
    assert kept.aside.read_bytes() == b"not a database" * 1000
    assert kept.aside.with_name(f"{kept.aside.name}-wal").read_bytes() == b"its log"
    assert len(_facts(place)) == 3


def test_a_backup_that_does_not_hold_is_not_used(
    store: SqlStore, copy: Path, tmp_path: Path
) -> None:
    _tamper(copy)
    store.close()
    before = Path(store.place).read_bytes()

    report = restored(copy, Path(store.place), replace=True)

    assert isinstance(report, Report)
    assert (report.discrepancies[0].case_id, report.discrepancies[0].version) == ("A-1", 1)
    assert Path(store.place).read_bytes() == before
    assert _names(tmp_path) == ["copies", "store.sqlite"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            "create trigger other after insert on sign_in begin"
            " insert into account values ('x', 'x', 'team_lead', ''); end",
            "other",
        ),
        ("drop trigger event_no_update", "event_no_update"),
        ("create view other as select * from event", "other"),
    ],
    ids=["one more", "one less", "a view"],
)
def test_a_backup_in_which_other_rules_act_is_not_used(
    store: SqlStore, copy: Path, tmp_path: Path, change: str, named: str
) -> None:
    store.close()
    before = Path(store.place).read_bytes()
    connection = dbapi2.connect(str(copy), isolation_level=None)
    connection.execute(change)
    connection.close()

    with pytest.raises(StoreDamaged) as refused:
        restored(copy, Path(store.place), replace=True)

    assert refused.value.detail["reason"].endswith(f": {named}")
    assert Path(store.place).read_bytes() == before
    assert _names(tmp_path) == ["copies", "store.sqlite"]


def _broken(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[4096 * 3 : 4096 * 4] = bytes(4096)
    copy.write_bytes(content)


def _foreign(copy: Path) -> None:
    copy.unlink()
    connection = dbapi2.connect(str(copy))
    connection.execute("create table other (x)")
    connection.commit()
    connection.close()


def _text(copy: Path) -> None:
    copy.write_text("no database at all, and long enough to be looked at as one " * 20)


def _newer(copy: Path) -> None:
    connection = dbapi2.connect(str(copy), isolation_level=None)
    connection.execute("update alembic_version set version_num = '9999'")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "failure"),
    [
        (_broken, StoreDamaged),
        (_foreign, StoreDamaged),
        (_text, StoreDamaged),
        (_newer, StoreNewer),
    ],
    ids=["a broken page", "another program's", "no database", "a newer program's"],
)
def test_what_is_no_sound_store_of_ours_is_refused(
    copy: Path, tmp_path: Path, spoil: Any, failure: type[StoreFailure]
) -> None:
    spoil(copy)
    place = tmp_path / "fresh" / "s.sqlite"
    place.parent.mkdir()

    with pytest.raises(failure):
        restored(copy, place)

    assert _names(place.parent) == []


def test_a_backup_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"none\.sqlite"):
        restored(tmp_path / "none.sqlite", tmp_path / "s.sqlite")

    assert _names(tmp_path) == []


def test_a_store_made_meanwhile_is_not_replaced(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "fresh" / "s.sqlite"
    place.parent.mkdir()
    finish = safekeeping._set_journal

    def meanwhile(new: Path, named: str) -> None:
        finish(new, named)
        open_store(str(place)).close()

    monkeypatch.setattr(safekeeping, "_set_journal", meanwhile)

    with pytest.raises(InputRefused):
        restored(copy, place)

    assert _facts(place) == set()
    assert _names(place.parent) == ["s.sqlite"]
