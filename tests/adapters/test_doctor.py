"""The doctor: each thing that can be wrong is found, and nothing is touched."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.people import COLLECTOR, NOW, opened
from tests.sealing import sealer_for
from tests.stores import fresh_sqlite

from plan_assistant.adapters import doctor, outside
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.soundness import unsound
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.health import Check, State
from plan_assistant.wording.health import check_sentence


class StoppedClock:
    """A clock that says what it is told."""

    is_demo = False

    def __init__(self, now: datetime = NOW + timedelta(hours=1)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the seal key of these tests would lie."""
    key = tmp_path / "settings" / "seal-key.pem"
    monkeypatch.setenv(outside.KEY_FILE, str(key))
    return key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sealed store of two facts, a minute apart, closed."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    store = fresh_sqlite(folder)
    for number in range(2):
        store.append(
            CaseId(f"A-{number}"),
            [opened()],
            actor=COLLECTOR,
            at=NOW + timedelta(minutes=number),
            expected_version=0,
            key=RequestKey(f"A-{number}"),
        )
    sealer_for(store).seal()
    store.close()
    return folder / "store.sqlite"


def looked(path: Path, now: datetime | None = None) -> tuple[Check, ...]:
    return doctor.examine(str(path), StoppedClock(now) if now else StoppedClock())


def wrong(checks: tuple[Check, ...]) -> dict[str, dict[str, str]]:
    return {check.code: dict(check.detail) for check in checks if check.state is State.WRONG}


def test_a_sound_store_has_nothing_wrong(path: Path) -> None:
    checks = looked(path)

    assert wrong(checks) == {}
    assert [check.code for check in checks] == [
        "versions",
        "sqlite",
        "fonts",
        "modes",
        "disk",
        "store",
        "guards",
        "seals",
        "clock",
    ]
    store = next(check for check in checks if check.code == "store")
    assert (store.detail["facts"], store.detail["mode"]) == ("2", "wal")


def test_looking_at_a_place_without_a_store_makes_none(tmp_path: Path) -> None:
    checks = looked(tmp_path / "none.sqlite")

    assert wrong(checks) == {}
    assert "no_store" in {check.code for check in checks}
    assert not (tmp_path / "none.sqlite").exists()


def _sql(*statements: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        connection = dbapi2.connect(str(path), isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return spoil


def _page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # A page of an index, by its first byte: the table below it still reads.
    page = next(at for at in range(4096, len(content), 4096) if content[at] == 10)
    content[page + 8 : page + 4096] = bytes(4088)
    path.write_bytes(content)


def test_what_is_wrong_with_the_pages_is_told_in_one_line(tmp_path: Path) -> None:
    fresh_sqlite(tmp_path).close()
    (path,) = tmp_path.glob("*.sqlite")
    _page(path)

    store = open_store(str(path))
    told = unsound(store)
    store.close()

    assert re.fullmatch("[ -~]*page [ -~]*", told), repr(told)


@pytest.mark.parametrize(
    ("spoil", "code", "named"),
    [
        (_sql("drop trigger event_no_update"), "guards_missing", "event_no_update"),
        (_sql("drop index request_of_case"), "guards_missing", "request_of_case"),
        (_sql("create table mine (x)"), "guards_missing", "mine"),
        (
            _sql("drop trigger account_no_delete", "delete from account where name = 'wu.hao'"),
            "foreign_keys",
            "event",
        ),
        (
            _sql("drop trigger event_no_update", "update event set at = 'noon'"),
            "moment_unreadable",
            "store.sqlite",
        ),
        (_page, "store_unsound", "store.sqlite"),
        (lambda path: path.write_bytes(b"x" * 9000), "store_unreadable", "store.sqlite"),
        (lambda path: path.chmod(0o640), "mode", "640"),
        (lambda path: path.parent.chmod(0o777), "folder_mode", "777"),
    ],
    ids=[
        "a trigger gone",
        "an index gone",
        "a table more",
        "a person gone",
        "no time",
        "a broken page",
        "no database",
        "readable by others",
        "an open folder",
    ],
)
def test_what_is_wrong_with_a_store_is_found(
    path: Path, spoil: Callable[[Path], Any], code: str, named: str
) -> None:
    spoil(path)

    found = wrong(looked(path))

    assert code in found
    assert named in " ".join(found[code].values())


def test_a_key_that_others_may_read_is_found(path: Path, settings: Path) -> None:
    settings.parent.mkdir()
    settings.write_text("key")
    settings.chmod(0o644)

    assert wrong(looked(path)) == {"seal_key_mode": {"path": str(settings), "mode": "644"}}


def test_a_clock_behind_the_record_is_found(path: Path) -> None:
    assert set(wrong(looked(path, NOW - timedelta(minutes=2)))) == {"clock_behind"}
    # The newest fact is a minute old; two minutes of difference pass.
    assert wrong(looked(path, NOW - timedelta(seconds=59))) == {}


def test_a_clock_of_long_ago_is_found_without_a_store(tmp_path: Path) -> None:
    checks = looked(tmp_path / "none.sqlite", NOW.replace(year=2001))

    assert set(wrong(checks)) == {"clock_implausible"}


def test_facts_that_go_back_in_time_are_noted(path: Path) -> None:
    _sql(
        "drop trigger event_no_update",
        "update event set at = '2026-11-20T10:06:41.250000+08:00' where sequence = 2",
    )(path)

    noted = {check.code: check.detail for check in looked(path) if check.state is State.NOTE}

    assert noted == {"clock_went_back": {"count": "1", "first": "2"}}


def test_a_clock_that_is_moved_meanwhile_is_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = time.time, iter([0.0])
    monkeypatch.setattr(time, "time", lambda: real() + next(looks, 90.0))

    assert wrong(looked(path)) == {"clock_jumped": {"seconds": "90"}}


def test_a_disk_without_room_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = os.statvfs(path).f_bavail * os.statvfs(path).f_frsize
    monkeypatch.setattr(doctor, "_LEAST_FREE", free * 2)

    assert set(wrong(looked(path))) == {"disk_low"}


def test_fonts_that_lack_a_character_are_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_SAMPLE", "协议🙂")

    assert wrong(looked(path)) == {"fonts_missing": {"characters": "🙂"}}


def test_an_old_library_is_noted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_wal_safe", lambda version: version > (9,))

    assert "sqlite_old" in {check.code for check in looked(path) if check.state is State.NOTE}


def test_facts_that_nobody_seals_are_noted(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    store.append(
        CaseId("A"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("A")
    )
    store.close()

    noted = {check.code: check.detail for check in looked(tmp_path / "store.sqlite")}

    assert noted["seals_none"] == {"facts": "1"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_answer_is_a_whole_sentence(path: Path, language: str) -> None:
    details = {
        "reason": "it is broken",
        "now": NOW.isoformat(),
        "newest": NOW.isoformat(),
        "at": NOW.isoformat(),
    }
    codes = [
        "versions", "sqlite", "sqlite_old", "no_store", "store_unreadable", "store",
        "store_unsound", "foreign_keys", "guards_missing", "guards", "modes", "mode",
        "folder_mode", "disk", "disk_low", "clock", "clock_behind", "clock_implausible",
        "clock_jumped", "clock_went_back", "moment_unreadable", "fonts", "fonts_missing",
        "seals", "seals_none", "seal_key_mode", "acts_wait",
        "acts_refused", "journal_damaged", "journal_unusable",
    ]  # fmt: skip
    names = (
        "version", "mode", "place", "revision", "facts", "table", "names", "count", "path",
        "free", "least", "seconds", "first", "characters", "number", "unsealed",
    )  # fmt: skip

    for code in codes:
        detail = {**dict.fromkeys(names, "7"), **details}
        said = check_sentence(Check(code, State.WRONG, detail), language)
        assert said
        assert "{" not in said
        assert said.isascii() or language == "zh" or "\u202f" in said or "\xa0" in said
    assert all(check_sentence(check, language) for check in looked(path))
