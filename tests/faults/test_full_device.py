"""A device without room: nothing acknowledged is lost, and it goes on once there is room."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plan_assistant import bootstrap
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.errors import FileNotWritten, StoreFailure
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services.open_case import open_case
from plan_assistant.wording.problems import failure_sentence
from tests.desks import agreement, case_named, desk_at
from tests.faults.recorder import plan_for
from tests.faults.test_kill import Round, half_written, lost, whole
from tests.people import COLLECTOR, NOW
from tests.recording import record_plan
from tests.small_device import on_small_device
from tests.stores import fresh_file

SIZE = 4 * 1024 * 1024
_MOST = 200
"""More plans than fit into the room that is left in any of these tests."""


def _fill(folder: Path, *, left: int) -> Path:
    """Fill the device up to so many bytes, and return what can be deleted to make room."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            while _is_written(file.fileno(), size):
                pass
        file.truncate(max(0, file.tell() - left))
    return filler


def _is_written(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, bytes(size)) > 0
    except OSError as error:
        assert error.errno == errno.ENOSPC
        return False


def _record(store: Store, case: str) -> str:
    """Open a case and record a plan in it; return the id of the recorded fact."""
    desk = desk_at(store)
    open_case(desk, case_named(case), RequestKey(f"open {case}"))
    receipt = record_plan(
        desk,
        plan_for(case, agreement()),
        expected_version=1,
        key=RequestKey(f"plan {case}"),
        price=price,
    )
    return receipt.event_ids[0]


def _failure(store: Store, case: str) -> StoreFailure | None:
    try:
        _record(store, case)
    except StoreFailure as failure:
        return failure
    return None


def _played(play: Callable[[Path], str], folder: Path) -> dict[str, Any]:
    answer = on_small_device(play, folder, SIZE)
    assert answer.startswith("{"), answer
    told: dict[str, Any] = json.loads(answer)
    return told


def _told(failure: StoreFailure) -> dict[str, str]:
    return {
        "kind": type(failure).__name__,
        "sentence": failure_sentence(failure, "en"),
    }


@pytest.mark.parametrize("left", [0, 4_096, 16_384, 65_536, 262_144])
def test_recording_on_a_full_device_loses_nothing_and_goes_on_once_there_is_room(
    tmp_path: Path, left: int
) -> None:
    def play(folder: Path) -> str:
        path = fresh_file(folder)
        store = open_store(str(path))
        said = Round({f"B-{number}": _record(store, f"B-{number}") for number in range(3)})
        filler = _fill(folder, left=left)
        refused = failure = None
        for number in range(_MOST):
            try:
                said.recorded[f"F-{number}"] = _record(store, f"F-{number}")
            except StoreFailure as error:
                refused, failure = f"F-{number}", error
                break
        assert refused and failure, "the device never was full"
        again = _failure(store, refused)
        while_full = {"again": type(again).__name__, "lost": lost(said, store)}
        filler.unlink()
        said.recorded[refused] = _record(store, refused)
        said.recorded["after"] = _record(store, "after")
        store.close()
        opened = open_store(str(path))
        answer = {
            **_told(failure),
            **while_full,
            "lost after": lost(said, opened),
            "twice": [case for case in opened.case_ids() if len(opened.events(case)) != 2],
            "half": half_written(path),
        }
        opened.close()
        return json.dumps(answer)

    told = _played(play, tmp_path)

    assert "no room left" in told.pop("sentence")
    assert told == {
        "kind": "StoreFull",
        "again": "StoreFull",
        "lost": [],
        "lost after": [],
        "twice": [],
        "half": whole(),
    }


@pytest.mark.parametrize("left", [0, 4_096, 16_384])
def test_a_store_that_has_no_room_to_open_says_what_to_do(tmp_path: Path, left: int) -> None:
    def play(folder: Path) -> str:
        path = fresh_file(folder)
        store = open_store(str(path))
        said = Round({"B-1": _record(store, "B-1")})
        store.close()
        filler = _fill(folder, left=left)
        try:
            open_store(str(path)).close()
            told = {"kind": "opened", "sentence": ""}
        except StoreFailure as failure:
            told = _told(failure)
        filler.unlink()
        opened = open_store(str(path))
        answer = {**told, "lost": lost(said, opened), "half": half_written(path)}
        opened.close()
        return json.dumps(answer)

    told = _played(play, tmp_path)

    assert "no room left" in told.pop("sentence")
    assert told == {"kind": "StoreFull", "lost": [], "half": whole()}


def test_a_new_store_on_a_full_device_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    def play(folder: Path) -> str:
        path = folder / "store.sqlite"
        filler = _fill(folder, left=16_384)
        try:
            open_store(str(path))
            told = {"kind": "made", "sentence": ""}
        except StoreFailure as failure:
            told = _told(failure)
        remains = sorted(item.name for item in folder.iterdir())
        filler.unlink()
        store = open_store(str(path))
        store.add_account(COLLECTOR)
        said = Round({"N-1": _record(store, "N-1")})
        answer = {**told, "remains": remains, "lost": lost(said, store)}
        store.close()
        return json.dumps(answer)

    told = _played(play, tmp_path)

    assert "no room left" in told.pop("sentence")
    assert told == {"kind": "StoreFull", "remains": ["filler"], "lost": []}


@pytest.mark.parametrize("left", [0, 4_096, 65_536])
def test_a_backup_without_room_names_its_own_place_and_leaves_nothing(
    tmp_path: Path, left: int
) -> None:
    store, small = open_store(str(fresh_file(tmp_path))), tmp_path / "small"
    _record(store, "B-1")
    small.mkdir()

    def play(folder: Path) -> str:
        _fill(folder, left=left)
        try:
            bootstrap.back_up(store, folder / "b.sqlite", replace=False)
        except StoreFailure as failure:
            remains = sorted(item.name for item in folder.iterdir())
            return json.dumps({**_told(failure), **failure.detail, "remains": remains})
        return json.dumps({"kind": "made"})

    told = _played(play, small)
    store.close()

    assert "no room left" in told.pop("sentence")
    place = str(small / "b.sqlite")
    assert told == {"kind": "StoreFull", "place": place, "remains": ["filler"]}


@pytest.mark.parametrize("left", [0, 4_096, 65_536])
def test_a_restore_without_room_names_the_place_of_the_store(tmp_path: Path, left: int) -> None:
    store, small = open_store(str(fresh_file(tmp_path))), tmp_path / "small"
    _record(store, "B-1")
    bootstrap.back_up(store, tmp_path / "b.sqlite", replace=False)
    store.close()
    small.mkdir()

    def play(folder: Path) -> str:
        _fill(folder, left=left)
        place = str(folder / "s.sqlite")
        try:
            bootstrap.restore(tmp_path / "b.sqlite", place, replace=False, at=NOW)
        except StoreFailure as failure:
            remains = sorted(item.name for item in folder.iterdir())
            return json.dumps({**_told(failure), **failure.detail, "remains": remains})
        return json.dumps({"kind": "made"})

    told = _played(play, small)

    assert "no room left" in told.pop("sentence")
    place = str(small / "s.sqlite")
    assert told == {"kind": "StoreFull", "place": place, "remains": ["filler"]}


def test_an_export_keeps_the_room_it_took_when_others_fill_the_device(tmp_path: Path) -> None:
    def play(folder: Path) -> str:
        with LocalFiles().room_for(folder / "out", {"a.pdf": b"p" * 100_000}) as room:
            _fill(folder, left=0)
            (path,) = room.fill()
        return json.dumps(
            {"length": path.stat().st_size, "files": len(list(path.parent.iterdir()))}
        )

    assert _played(play, tmp_path) == {"length": 100_000, "files": 1}


def test_an_export_without_room_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    def play(folder: Path) -> str:
        _fill(folder, left=50_000)
        try:
            with LocalFiles().room_for(folder / "out", {"a.json": b"j", "a.pdf": b"p" * 100_000}):
                return "there was room"
        except FileNotWritten as failure:
            left = [path.name for path in (folder / "out").iterdir()]
            return json.dumps({"reason": failure.detail["reason"], "left": left})

    told = _played(play, tmp_path)

    assert told == {"reason": os.strerror(errno.ENOSPC), "left": []}
