"""Exported files: whole or not at all, for their owner only."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
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
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(FileNotWritten, match=r"a\.pdf could not be written"):
            LocalFiles().write(tmp_path, "a.pdf", b"x" * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

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
