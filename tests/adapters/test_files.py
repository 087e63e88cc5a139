"""Exported files: whole or not at all, for their owner only."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.domain.errors import FileNotWritten


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    """The umask of somebody who lets everybody read and write everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse every file that is longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_written_for_its_owner_only(tmp_path: Path) -> None:
    path = LocalFiles().write(tmp_path, "AG-1.zh.pdf", b"%PDF")

    assert path == tmp_path / "AG-1.zh.pdf"
    assert path.read_bytes() == b"%PDF"
    assert _mode(path) == 0o600


def test_a_missing_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = LocalFiles().write(tmp_path / "out", "a.json", b"{}")

    assert _mode(path.parent) == 0o700


def test_an_older_file_of_that_name_is_replaced(tmp_path: Path) -> None:
    older = tmp_path / "a.json"
    older.write_bytes(b"draft, and longer")
    older.chmod(0o644)

    LocalFiles().write(tmp_path, "a.json", b"final")

    assert older.read_bytes() == b"final"
    assert _mode(older) == 0o600
    assert list(tmp_path.iterdir()) == [older]


def test_a_write_that_stops_in_the_middle_leaves_the_older_file(tmp_path: Path) -> None:
    older = LocalFiles().write(tmp_path, "a.pdf", b"older")
    with (
        files_of_at_most(10_000),
        pytest.raises(FileNotWritten, match=r"a\.pdf could not be written"),
    ):
        LocalFiles().write(tmp_path, "a.pdf", b"x" * 20_000)

    assert older.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [older]


@pytest.mark.parametrize("name", ["", "../a", "a/b", "a\\b", ".hidden", "..", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotWritten):
        LocalFiles().write(tmp_path / "out", name, b"x")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")

    with pytest.raises(FileNotWritten, match="choose another folder"):
        LocalFiles().write(tmp_path / "out", "a.json", b"{}")


def test_room_holds_nothing_of_a_document_until_it_is_filled(tmp_path: Path) -> None:
    documents = {"a.pdf": b"p" * 100, "a.json": b"j" * 50}

    with LocalFiles().room_for(tmp_path / "out", documents) as room:
        held = sorted(path.read_bytes() for path in (tmp_path / "out").iterdir())
        modes = {_mode(path) for path in (tmp_path / "out").iterdir()}
        paths = room.fill()

    assert sorted(map(len, held)) == [50, 100]
    assert not set(held) & set(documents.values())
    assert modes == {0o600}
    assert {path.name: path.read_bytes() for path in paths} == documents
    assert sorted((tmp_path / "out").iterdir()) == sorted(paths)
    assert {_mode(path) for path in paths} == {0o600}


def test_a_room_that_nobody_fills_is_given_up(tmp_path: Path) -> None:
    with LocalFiles().room_for(tmp_path, {"a.pdf": b"x"}):
        assert len(list(tmp_path.iterdir())) == 1

    assert list(tmp_path.iterdir()) == []


def test_a_document_without_room_leaves_no_room_of_the_others(tmp_path: Path) -> None:
    documents = {"a.json": b"{}", "a.pdf": b"x" * 20_000}

    with (
        files_of_at_most(10_000),
        pytest.raises(FileNotWritten, match=r"a\.pdf could not be written"),
        LocalFiles().room_for(tmp_path, documents),
    ):
        raise AssertionError("there was room")

    assert list(tmp_path.iterdir()) == []


def test_a_room_is_filled_where_an_older_document_stood(tmp_path: Path) -> None:
    older = LocalFiles().write(tmp_path, "a.pdf", b"older")

    with LocalFiles().room_for(tmp_path, {"a.pdf": b"new"}) as room:
        assert older.read_bytes() == b"older"
        room.fill()

    assert older.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [older]


def test_a_program_that_is_killed_leaves_room_without_the_document(tmp_path: Path) -> None:
    killed = f"""
import os, signal
from pathlib import Path
from plan_assistant.adapters.files import LocalFiles
with LocalFiles().room_for(Path({str(tmp_path)!r}), {{"a.pdf": b"personal" * 9}}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", killed], check=False)

    assert ran.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert (_mode(left), b"personal" in left.read_bytes()) == (0o600, False)
    _age(left)
    with LocalFiles().room_for(tmp_path, {"b.pdf": b"x"}) as room:
        paths = room.fill()
    assert tuple(tmp_path.iterdir()) == paths


def test_room_that_another_export_has_just_taken_is_left_to_it(tmp_path: Path) -> None:
    with LocalFiles().room_for(tmp_path, {"a.pdf": b"a"}) as first:
        with LocalFiles().room_for(tmp_path, {"a.pdf": b"b"}) as second:
            second.fill()
        (path,) = first.fill()

    assert path.read_bytes() == b"a"
    assert list(tmp_path.iterdir()) == [path]


def test_no_other_hidden_file_is_taken_for_room(tmp_path: Path) -> None:
    others = [tmp_path / name for name in (".dining.room", "a.0123456789abcdef.room")]
    others.append(tmp_path / ".folder.0123456789abcdef.room")
    for other in others[:-1]:
        other.write_text("x")
    others[-1].mkdir()
    for other in others:
        _age(other)

    with LocalFiles().room_for(tmp_path, {"b.pdf": b"x"}) as room:
        paths = room.fill()

    assert set(tmp_path.iterdir()) == {*others, *paths}


def _age(path: Path) -> None:
    """Make a file two hours older."""
    then = path.stat().st_mtime - 7200
    os.utime(path, (then, then))
