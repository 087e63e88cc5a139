"""A restore that is ended anywhere leaves a whole store, and what else it left is named."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.doctor import examine
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.errors import StoreDamaged
from plan_assistant.domain.events import RequestKey
from plan_assistant.services.open_case import open_case
from tests.desks import case_named, desk_at
from tests.people import NOW
from tests.stores import fresh_file

_STEPS = frozenset({"os.link", "os.rename", "os.remove"})
"""What the interpreter tells of before it changes a name."""
_MOST = 30
"""More than the names that a restore changes."""
_ASIDE = "store.sqlite.before-restore-20261120T120641"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two cases, and beside it, in `copies`, a backup with the first of them."""
    place = fresh_file(tmp_path)
    store = open_store(str(place))
    open_case(desk_at(store), case_named("A-1"), RequestKey("A-1"))
    (tmp_path / "copies").mkdir()
    bootstrap.back_up(store, tmp_path / "copies" / "b.sqlite", replace=False)
    open_case(desk_at(store), case_named("A-2"), RequestKey("A-2"))
    store.close()
    return place


def _restore(path: Path) -> None:
    copy = path.parent / "copies" / "b.sqlite"
    bootstrap.restore(copy, str(path), replace=True, at=NOW)


def _is_ended_before(number: int, act: Callable[[], None]) -> bool:
    """Run `act` in a process that is killed before that step; say whether it came so far."""
    child = os.fork()
    if child == 0:
        seen = 0

        def count(step: str, _arguments: tuple[object, ...]) -> None:
            nonlocal seen
            seen += step in _STEPS
            if step in _STEPS and seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def _cases(path: Path) -> list[str]:
    store = open_store(str(path))
    found = sorted(map(str, store.case_ids()))
    store.close()
    return found


def _named(path: Path) -> set[tuple[str, str]]:
    """Return what the doctor says of files beside the store, by code and name."""
    checks = examine(str(path), DemoClock(NOW))
    return {
        (check.code, Path(check.detail["path"]).name)
        for check in checks
        if check.code in {"store_gone", "second_name", "half_made"}
    }


def test_a_restore_that_is_killed_at_any_step_leaves_a_whole_store(path: Path) -> None:
    content = path.read_bytes()
    ended = 0
    for number in range(1, _MOST):
        was_ended = _is_ended_before(number, lambda: _restore(path))
        found = _cases(path)
        left = [each for each in path.parent.iterdir() if each.name.endswith(".new")]
        asides = list(path.parent.glob("*before-restore*"))
        if not was_ended:
            break
        ended += 1
        assert found in (["A-1"], ["A-1", "A-2"])
        assert found == ["A-1", "A-2"] or _cases(asides[0]) == ["A-1", "A-2"]
        assert {("half_made", each.name) for each in left} <= _named(path)
        if asides and found == ["A-1", "A-2"]:
            assert ("second_name", asides[0].name) in _named(path)
        for each in (*left, *asides):
            each.unlink()
        path.write_bytes(content)

    assert ended >= 2
    assert (found, left, _named(path)) == (["A-1"], [], set())


def test_where_an_older_program_left_no_store_none_is_made_and_the_way_back_is_named(
    path: Path,
) -> None:
    aside = path.rename(path.with_name(_ASIDE))
    half = path.with_name(".store.sqlite.0123456789abcdef.new")
    half.write_bytes((path.parent / "copies" / "b.sqlite").read_bytes())

    with pytest.raises(StoreDamaged, match=_ASIDE):
        open_store(str(path))

    assert _named(path) == {("store_gone", _ASIDE), ("half_made", half.name)}
    bootstrap.restore(aside, str(path), replace=False, at=NOW)
    assert _cases(path) == ["A-1", "A-2"]
