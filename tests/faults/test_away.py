"""A store that is really away, and callers killed with -9: nothing kept is lost or doubled.

Ways to be away: a transaction of another program that locks it, its folder renamed, its file
read-only, a full device. FAULT_ROUNDS (at least 50 of killing, over all ways) and FAULT_SEED change
rounds and moments.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from plan_assistant.adapters.store import open_store
from plan_assistant.domain.errors import PlanNotSent
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.waiting import Act
from plan_assistant.services.deliver import deliver, unsaved
from plan_assistant.services.keeping import carry_out
from plan_assistant.services.open_case import open_case
from plan_assistant.services.record import disclosure_said
from tests import builders
from tests.away import desk_with_journal
from tests.desks import CASE, agreement, desk_at
from tests.ordinary_user import as_ordinary_user
from tests.people import COLLECTOR, NOW
from tests.small_device import on_small_device
from tests.stores import fresh_file

ROUNDS = max(50, int(os.environ.get("FAULT_ROUNDS", "50")))
SEED = int(os.environ.get("FAULT_SEED", "20261120"))
_BRIEF = 0.02
"""Seconds that a caller waits for the lock: a real one waits longer, which changes nothing else."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the store in an exclusive transaction, as another program would."""
    connection = dbapi2.connect(str(path), isolation_level=None, timeout=10)
    connection.execute("begin exclusive")
    try:
        yield
    finally:
        connection.execute("rollback")
        connection.close()


@contextmanager
def folder_renamed(path: Path) -> Iterator[None]:
    """Take the folder of the store away."""
    hidden = path.parent.with_name("gone")
    path.parent.rename(hidden)
    try:
        yield
    finally:
        hidden.rename(path.parent)


def prepared(tmp_path: Path) -> Path:
    """Return the path of a store with one case, in a folder of its own."""
    folder = tmp_path / "share"
    folder.mkdir()
    path = fresh_file(folder)
    store = open_store(str(path))
    open_case(desk_at(store), builders.case(), RequestKey("open"))
    store.close()
    return path


def call(path: Path, state: Path, *, first: int, tell: Callable[[], object]) -> None:
    """Read line after line in a call, delivering in between, until killed.

    It connects anew for every line: a connection that is open goes on with a file that was moved.
    """
    store = open_store(str(path), lock_timeout=_BRIEF)
    desk = desk_with_journal(store, state)
    for number in range(first, first + 100_000):
        carry_out(desk, disclosure_said(desk, CASE, f"L{number}", RequestKey(f"L{number}")))
        tell()
        store.close()
        if number % 3 == 0:
            deliver(desk)


def killed(path: Path, state: Path, first: int, play: Callable[[Callable[[], int]], None]) -> int:
    """Start a caller, let `play` watch how far it has come, kill it; return its last line."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            call(path, state, first=first, tell=lambda: os.write(writing, b"."))
        except BaseException as error:
            os.write(2, repr(error).encode())
        finally:
            os._exit(1)
    os.close(writing)
    said = 0

    def so_far() -> int:
        nonlocal said
        got = len(os.read(reading, 1))
        assert got, "the caller failed"
        said += got
        return said

    try:
        play(so_far)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    while more := os.read(reading, 4096):
        said += len(more)
    os.close(reading)
    return first + said - 1


def recorded(path: Path) -> list[str]:
    """Return the lines that the store has, in order."""
    store = open_store(str(path))
    found = [str(fact.body["disclosure"]) for fact in store.events(CASE)[1:]]
    store.close()
    return found


@pytest.mark.parametrize("away", [locked, folder_renamed], ids=["locked", "folder renamed"])
def test_no_line_that_was_taken_is_lost_or_doubled_when_callers_are_killed(
    tmp_path: Path, away: Callable[[Path], AbstractContextManager[None]]
) -> None:
    path, state, chance = prepared(tmp_path), tmp_path / "state", random.Random(SEED)
    first, ever_kept = 1, 0

    for number in range(ROUNDS // 2):

        def play(so_far: Callable[[], int], until: int = chance.randint(1, 6)) -> None:
            while so_far() < until:
                pass
            with away(path):
                here = so_far()
                while so_far() < here + until:
                    pass
                if chance.random() < 0.5:
                    time.sleep(chance.uniform(0, 0.01))
                    return
            time.sleep(chance.uniform(0, 0.03))

        with_killed = killed(path, state, first, play)
        store = open_store(str(path))
        desk = desk_with_journal(store, state)
        ever_kept += unsaved(desk).waiting
        # One line may have been taken whose word was not heard any more.
        delivery = deliver(desk)
        store.close()
        lines = recorded(path)
        first = with_killed + 1
        assert delivery.left.waiting == 0
        assert len(lines) == len(set(lines)), f"round {number}, seed {SEED}"
        assert set(lines) >= {f"L{each}" for each in range(1, first)}, f"round {number}"
        assert lines == sorted(lines, key=lambda line: int(line[1:])), "in the order of the call"
        first = max(first, int(lines[-1][1:]) + 1)

    assert ever_kept > 0
    print(f"{ROUNDS // 2} callers killed: {first - 1} lines, {ever_kept} found waiting, 0 lost")


def test_two_programs_that_deliver_the_same_acts_at_once_record_each_once(tmp_path: Path) -> None:
    path, state = prepared(tmp_path), tmp_path / "state"
    store = open_store(str(path))
    desk = desk_with_journal(store, state)
    assert desk.journal is not None
    for number in range(30):
        desk.journal.keep(disclosure_said(desk, CASE, f"L{number}", RequestKey(f"L{number}")))
    store.close()
    start = threading.Barrier(2)
    left: list[int] = []

    def work() -> None:
        mine = open_store(str(path))
        at_work = desk_with_journal(mine, state)
        start.wait(10)
        left.append(deliver(at_work).left.waiting)
        mine.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert left == [0, 0]
    assert recorded(path) == [f"L{number}" for number in range(30)]


def test_a_locked_store_takes_everything_once_it_is_free(tmp_path: Path) -> None:
    path = prepared(tmp_path)
    store = open_store(str(path), lock_timeout=_BRIEF)
    desk = desk_with_journal(store, tmp_path / "state")
    plan = Act(
        RequestKey("plan"), CASE, COLLECTOR, NOW,
        (NewEvent(EventType.PLAN_RECORDED, agreement()),), seen=1,
    )  # fmt: skip

    with locked(path):
        carry_out(desk, disclosure_said(desk, CASE, "L1", RequestKey("L1")))
        with pytest.raises(PlanNotSent):
            carry_out(desk, plan)
        assert deliver(desk).left.waiting == 2

    assert deliver(desk).left.waiting == 0
    assert [fact.type.value for fact in store.events(CASE)][1:] == [
        "disclosure_read",
        "plan_recorded",
    ]
    store.close()


def test_a_folder_that_comes_back_under_its_name_has_its_acts(tmp_path: Path) -> None:
    path = prepared(tmp_path)
    store = open_store(str(path), lock_timeout=_BRIEF)
    desk = desk_with_journal(store, tmp_path / "state")

    with folder_renamed(path):
        store.close()  # only the connections
        for number in range(3):
            line = disclosure_said(desk, CASE, f"L{number}", RequestKey(f"L{number}"))
            carry_out(desk, line)
        kept = unsaved(desk).waiting
    deliver(desk)
    store.close()

    assert kept == 3
    assert recorded(path) == ["L0", "L1", "L2"]


def test_a_read_only_store_keeps_the_call_going(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o011)

    def act() -> str:
        path = prepared(tmp_path)
        store = open_store(str(path), lock_timeout=_BRIEF)
        store.close()  # only the connections: an open one goes on with a file it may write
        path.chmod(0o400)
        path.parent.chmod(0o500)
        desk = desk_with_journal(store, tmp_path / "state")
        carry_out(desk, disclosure_said(desk, CASE, "L1", RequestKey("L1")))
        before = unsaved(desk).waiting
        path.parent.chmod(0o700)
        path.chmod(0o600)
        deliver(desk)
        left = unsaved(desk).waiting
        store.close()
        return f"{before} {left} {recorded(path)}"

    assert as_ordinary_user(act) == "1 0 ['L1']"


def test_a_full_device_keeps_the_call_going(tmp_path: Path) -> None:
    folder = tmp_path / "device"
    folder.mkdir()
    state = tmp_path / "state"

    def act(device: Path) -> str:
        path = prepared(device)
        store = open_store(str(path), lock_timeout=_BRIEF)
        desk = desk_with_journal(store, state)
        filler = device / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        for number in range(40):
            line = disclosure_said(desk, CASE, f"L{number}", RequestKey(f"L{number}"))
            carry_out(desk, line)
        kept = unsaved(desk).waiting
        filler.unlink()
        delivery = deliver(desk)
        store.close()
        found = recorded(path)
        return f"{kept > 0} {delivery.left.waiting} {found == [f'L{n}' for n in range(40)]}"

    assert on_small_device(act, folder, 4 * 1024 * 1024) == "True 0 True"
