"""Bytes, text and hashes of files that somebody names."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from plan_assistant.adapters.outside import read_witness
from plan_assistant.adapters.reading import bytes_if_there, bytes_of, sha256_of, text_of
from plan_assistant.domain.errors import InputRefused

_ENDLESS = Path("/dev/zero")


def _told(read: Callable[[Path], object], path: Path) -> str:
    """Return why a file is not read."""
    with pytest.raises(InputRefused) as refusal:
        read(path)
    return "; ".join(map(str, refusal.value.problems))


def test_a_file_larger_than_any_case_is_hashed_whole(tmp_path: Path) -> None:
    scan = tmp_path / "signed.pdf"
    scan.write_bytes(b"signed" * 1_000_000)

    assert sha256_of(scan) == sha256(b"signed" * 1_000_000).hexdigest()


@pytest.mark.parametrize("read", [bytes_of, text_of, sha256_of])
def test_a_device_that_never_ends_is_not_begun(read: Callable[[Path], object]) -> None:
    assert "not an ordinary file" in _told(read, _ENDLESS)


@pytest.mark.parametrize("read", [bytes_of, text_of, sha256_of])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, read: Callable[[Path], object]) -> None:
    assert "there is no such file" in _told(read, tmp_path / "nothing")


def test_text_is_utf_8_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_bytes("借款".encode("gb18030"))

    assert "save it as UTF-8" in _told(text_of, file)


def test_a_checkpoint_is_not_looked_for_on_a_device() -> None:
    told = _told(lambda path: read_witness(str(path)), _ENDLESS)

    assert "nor a file that can be read" in told


def test_a_file_that_need_not_be_there_is_nothing_and_never_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    assert bytes_if_there(file) is None
    file.write_bytes(b"a")

    assert bytes_if_there(file / "below") is None
    assert bytes_if_there(file) == b"a"
    assert "not an ordinary file" in _told(bytes_if_there, _ENDLESS)
