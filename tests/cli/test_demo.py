"""The demo without a terminal: one whole call, and two runs that are alike."""

from __future__ import annotations

import re
from pathlib import Path

from plan_assistant import bootstrap
from plan_assistant.cli.demo import _fresh_store
from tests.adapters.pdf_reading import pages_of
from tests.cli.conftest import Run

_CHECKPOINT = re.compile("1:[0-9a-f]{64}")


def test_demo_plays_a_whole_call_and_leaves_the_agreement(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--no-ui")

    assert ran.code == 0, ran.err
    left = sorted(path.name.split(".", 1)[1] for path in (tmp_path / "demo-output").iterdir())
    assert left == ["both.pdf", "en.pdf", "json", "sqlite", "zh.pdf"]
    assert "0 differences" in ran.out


def test_two_demos_leave_the_same_documents(run: Run, tmp_path: Path) -> None:
    """All but the root of the checkpoint, which is over identifiers that are drawn at random."""
    told = []
    for name in ("one", "two"):
        assert run("demo", "--no-ui", "-o", tmp_path / name).code == 0
        pages = {
            path.name: [_CHECKPOINT.sub("CHECKPOINT", page) for page in pages_of(path.read_bytes())]
            for path in (tmp_path / name).glob("*.pdf")
        }
        told.append(pages)

    assert len(told[0]) == 3
    assert all("CHECKPOINT" in page for pages in told[0].values() for page in pages)
    assert told[0] == told[1]


def test_demo_speaks_chinese(run: Run) -> None:
    ran = run("demo", "--no-ui", lang="zh")

    assert ran.code == 0, ran.err
    assert "等额本息" in ran.out
    assert "Verified" not in ran.out


def test_an_earlier_demo_leaves_nothing_that_waits(tmp_path: Path) -> None:
    store = _fresh_store(tmp_path)
    store.write_bytes(b"of an earlier demo")
    Path(bootstrap.journal(str(store), beside=True).place).write_bytes(b"so is this")
    (tmp_path / "poetry.lock").write_bytes(b"not ours")

    _fresh_store(tmp_path)

    assert [left.name for left in tmp_path.iterdir()] == ["poetry.lock"]
