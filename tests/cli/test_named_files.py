"""Files that somebody names may be anything: a device that never ends, a folder, a huge file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plan_assistant.adapters.reading import LARGEST_FILE
from tests.cli.conftest import Run

_ENDLESS = Path("/dev/zero")

_READERS = (
    ("offers", "{file}"),
    ("schedule", "{file}"),
    ("verify", "{file}"),
    ("import", "{file}"),
    ("policy", "check", "{file}"),
    ("policy", "diff", "cn-card", "{file}"),
    ("compare", "{case}", "--waterfall", "{file}"),
    ("offers", "{case}", "--policy", "{file}"),
)
"""Commands, each with one file that the user names."""


def _asked(reader: tuple[str, ...], file: Path, case: Path) -> list[str]:
    return [part.format(file=file, case=case) for part in reader]


@pytest.fixture
def case(sample: Callable[[str], Path]) -> Path:
    return sample("S01-job-loss")


@pytest.mark.parametrize("reader", _READERS, ids=" ".join)
def test_what_never_ends_is_refused_before_it_is_read(
    run: Run, case: Path, tmp_path: Path, reader: tuple[str, ...]
) -> None:
    endless = tmp_path / "endless.toml"
    endless.symlink_to(_ENDLESS)

    told = run(*_asked(reader, endless, case))

    assert told.code == 3
    assert "this is not an ordinary file: save its content as a file" in told.err


@pytest.mark.parametrize("reader", _READERS, ids=" ".join)
def test_a_huge_file_is_refused_by_its_size(
    run: Run, case: Path, tmp_path: Path, reader: tuple[str, ...]
) -> None:
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as stream:
        stream.truncate(50_000_000)

    told = run(*_asked(reader, huge, case))

    assert told.code == 3
    assert f"this file has 50,000,000 bytes; at most {LARGEST_FILE:,} are read" in told.err


@pytest.mark.parametrize("reader", _READERS, ids=" ".join)
def test_a_folder_in_place_of_a_file_is_named(
    run: Run, case: Path, tmp_path: Path, reader: tuple[str, ...]
) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()

    told = run(*_asked(reader, folder, case))

    assert told.code in {2, 3}
    assert "folder" in told.err or "directory" in told.err


def test_golden_cases_are_not_looked_for_on_a_device(run: Run, tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "endless.json").symlink_to(_ENDLESS)

    told = run("selftest", "--cases", cases)

    assert told.code == 1
    assert "not an ordinary file: copy it into one" in told.out
