"""The demo without a terminal: one whole call, and two runs that are alike."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_demo_plays_a_whole_call_and_leaves_the_agreement(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--no-ui")

    assert ran.code == 0, ran.err
    left = sorted(path.name.split(".", 1)[1] for path in (tmp_path / "demo-output").iterdir())
    assert left == ["both.pdf", "en.pdf", "json", "sqlite", "zh.pdf"]
    assert "0 differences" in ran.out


def test_two_demos_leave_the_same_documents(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("demo", "--no-ui", "-o", tmp_path / name).code == 0

    pdfs = {path.name: path.read_bytes() for path in (tmp_path / "one").glob("*.pdf")}
    assert pdfs
    assert pdfs == {path.name: path.read_bytes() for path in (tmp_path / "two").glob("*.pdf")}


def test_demo_speaks_chinese(run: Run) -> None:
    ran = run("demo", "--no-ui", lang="zh")

    assert ran.code == 0, ran.err
    assert "等额本息" in ran.out
    assert "Verified" not in ran.out
