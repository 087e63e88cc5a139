"""How fast a plan is recorded: many collectors on one SQLite file, and on a PostgreSQL server.

    python bench/store_speed.py [--seconds N] [--plans N] [--turns N]

Each collector has a store of their own (on PostgreSQL a login and a connection, too) and records
real agreements on cases that are already open, through `store.append`. A latency is one such call,
from the agreement in memory to the durable answer. The server runs with its default settings but
for 512 MB of buffers, waits for the disk, and shares the processors with its clients. How fast the
machine is at that stands beside it: plans without all that this program adds (`bare_plans.py`).
Where collectors never pause the two take turns, because a shared machine is not as fast now as it
was a minute ago.
"""

from __future__ import annotations

import argparse
import base64
import gc
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the server and the agreement of the tests
# Stores that are thrown away leave no key behind: every process takes this one.
os.environ["PLAN_ASSISTANT_MASTER_KEY"] = base64.b64encode(bytes(32)).decode()

from tests.desks import agreement
from tests.people import NOW, opened
from tests.postgres import Database, Databases, Server, add_people

from bare_plans import OF_TRIAL, TABLES, BarePlans
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.asking import Asked, prepared
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.policy.findings import Role

_PROGRAMS = 5
"""In which the collectors work who pause between plans."""
_SETTLING = 0.5
"""Seconds after the last case was opened, before anybody is timed."""
_SWITCH = 0.05
"""Seconds after which Python takes the processor from a collector whom others wait for: far more
than a plan takes. By default two dozen who share a program ask for it every 5 ms, which nobody does
who sits at a desk of their own."""


@dataclass
class Said:
    """What one collector measured."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    tries_repeated: int = 0
    began: float = 0
    ended: float = 0


class Shape(Enum):
    """What of a plan is timed."""

    WHOLE = auto()
    PREPARED = auto()
    """Requests are hashed and sealed before the clock starts, as on machines of their own: what is
    timed is then the network and the server."""
    BARE = auto()
    """Without what this program adds."""


@dataclass(frozen=True)
class Work:
    """What one collector does."""

    name: str
    url: str
    plans: int
    pause: float
    """Seconds from one plan to the next; 0 is flat out."""
    shape: Shape = Shape.WHOLE
    turn: int = 0
    """Each turn has cases of its own."""


def _record(work: Work, sent: dict[str, Any], start: Barrier) -> Said:
    said = Said()
    with _acts(work, sent) as (acts, tries_repeated):
        repeated = tries_repeated()
        # As the screens do with what is loaded: walked again in the middle of a write, it would
        # keep everybody waiting for a tenth of a second.
        gc.freeze()
        start.wait()
        time.sleep(_SETTLING + random.uniform(0, work.pause))
        said.began = time.monotonic()
        for number, act in enumerate(acts):
            early = said.began + number * work.pause - time.monotonic()
            if early > 0:
                time.sleep(early)
            began = time.perf_counter()
            try:
                act()
            except PlanAssistantError as error:
                said.errors.append(str(error))
            said.seconds.append(time.perf_counter() - began)
        said.ended = time.monotonic()
        said.tries_repeated = tries_repeated() - repeated
    return said


@contextmanager
def _acts(
    work: Work, sent: dict[str, Any]
) -> Iterator[tuple[list[Callable[[], object]], Callable[[], int]]]:
    """Yield the recording of each plan, on open cases, and how many tries were repeated so far."""
    if work.shape is Shape.BARE:
        plans = BarePlans(work.url, f"{work.name}-{work.turn}", work.plans)
        yield [*plans.acts], lambda: plans.tries_repeated
        plans.close()
        return
    person = Account(work.name, work.name, Role.COLLECTOR)
    store = open_store(work.url)
    turn = f"{work.name}-{work.shape.name}-{work.turn}"
    cases = [CaseId(f"{turn}-{number}") for number in range(work.plans)]
    for case in cases:
        store.append(
            case,
            [opened()],
            actor=person,
            at=NOW,
            expected_version=0,
            key=RequestKey(f"open {case}"),
        )
    yield (
        [_act(store, work, case, sent, person) for case in cases],
        lambda: getattr(store, "tries_repeated", 0),
    )
    store.close()


def _act(
    store: Any, work: Work, case: CaseId, sent: dict[str, Any], person: Account
) -> Callable[[], object]:
    """Return the recording of one plan."""
    body = {**sent, "number": f"AG-{case}", "case_id": case, "maker": work.name}
    facts, key = [NewEvent(EventType.PLAN_RECORDED, body)], RequestKey(f"plan {case}")
    if work.shape is Shape.PREPARED:
        asked = Asked(case, facts, person, NOW, 1, key)
        ready = prepared(asked, store._fields, store._key_for(case))  # half an append
        return lambda: store._record(ready)  # the other half
    return lambda: store.append(case, facts, actor=person, at=NOW, expected_version=1, key=key)


def _several(
    works: Sequence[Work],
    sent: dict[str, Any],
    start: Barrier,
    answers: multiprocessing.Queue[list[Said]],
) -> None:
    found: list[Said] = []

    def one(work: Work) -> None:
        found.append(_record(work, sent, start))

    sys.setswitchinterval(_SWITCH)
    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(found)


def play(works: Sequence[Work], programs: int = _PROGRAMS) -> list[Said]:
    """Let all collectors work at the same time, in a few processes; return what each measured."""
    sent = agreement()
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(len(works)), context.Queue()
    running = [
        context.Process(target=_several, args=(works[number::programs], sent, start, answers))
        for number in range(programs)
    ]
    for program in running:
        program.start()
    said = [each for _ in running for each in answers.get()]
    for program in running:
        program.join()
    return said


@dataclass(frozen=True)
class Limit:
    """A figure that was measured, beside what it must be."""

    name: str
    measured: float
    limit: float
    is_least: bool = False

    @property
    def holds(self) -> bool:
        """Say whether the figure is good enough."""
        return self.measured >= self.limit if self.is_least else self.measured <= self.limit


def _shown(title: str, said: Sequence[Said], limits: Iterable[Limit]) -> bool:
    seconds = sorted(each for one in said for each in one.seconds)
    print(
        f"{title}: {len(seconds)} plans, p50 {_at(seconds, 0.5):.1f} ms,"
        f" p95 {_at(seconds, 0.95):.1f} ms, max {seconds[-1] * 1000:.1f} ms"
    )
    found = list(limits)
    for limit in found:
        sign = ">=" if limit.is_least else "<="
        verdict = "" if limit.holds else "   MISSED"
        print(f"  {limit.name:24} {limit.measured:10.3f}   {sign} {limit.limit:g}{verdict}")
    for error in sorted({error for one in said for error in one.errors})[:3]:
        print(f"  error: {error}")
    return all(limit.holds for limit in found)


def _at(seconds: Sequence[float], share: float) -> float:
    return seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000


def _p99(said: Sequence[Said]) -> float:
    return _at(sorted(each for one in said for each in one.seconds), 0.99)


def _errors(said: Sequence[Said]) -> int:
    return sum(len(one.errors) for one in said)


def on_sqlite(seconds: int, folder: Path) -> bool:
    """30 collectors, one plan a second each, one file."""
    path = folder / "store.sqlite"
    store = open_store(str(path))
    names = [f"collector-{number:02}" for number in range(30)]
    for name in names:
        store.add_account(Account(name, name, Role.COLLECTOR))
    store.close()
    said = play([Work(name, str(path), seconds, 1.0) for name in names])
    return _shown(
        "30 collectors on one SQLite file, a plan a second each",
        said,
        [Limit("p99, ms", _p99(said), 50), Limit("errors", _errors(said), 0)],
    )


def _logins(database: Database) -> list[tuple[str, str]]:
    names = [f"collector-{number:02}" for number in range(50)]
    add_people(database, [Account(name, name, Role.COLLECTOR) for name in names])
    return [(name, database.url(name)) for name in names]


def at_a_pace(seconds: int, database: Database) -> bool:
    """50 collectors on PostgreSQL, one plan per half second each."""
    logins = _logins(database)
    said = play([Work(name, url, 2 * seconds, 0.5) for name, url in logins])
    return _shown(
        "50 collectors on PostgreSQL, a plan per half second each",
        said,
        [Limit("p99, ms", _p99(said), 20), Limit("errors", _errors(said), 0)],
    )


def flat_out(plans: int, turns: int, database: Database) -> bool:
    """50 connections that never pause, every transaction SERIALIZABLE: whole, and in parts."""
    logins = _logins(database)
    with database.raw(autocommit=True) as connection:
        connection.execute(TABLES)
    said: dict[Shape, list[list[Said]]] = {shape: [] for shape in _FLAT_OUT}
    for turn in range(turns):
        for shape, of_shape in said.items():
            works = [Work(name, url, plans, 0.0, shape, turn) for name, url in logins]
            # More programs than processors only take them from the server.
            of_shape.append(play(works, programs=os.cpu_count() or 1))
    holds = True
    speeds = {shape: _a_second(of_shape) for shape, of_shape in said.items()}
    for shape, title in _FLAT_OUT.items():
        everybody = [one for turn in said[shape] for one in turn]
        repeated = sum(one.tries_repeated for one in everybody)
        share = speeds[shape] / speeds[Shape.BARE]
        limits = [
            Limit("plans a second", speeds[shape], 1_500, is_least=True),
            Limit("share of the bare ones", share, 1_500 / OF_TRIAL, is_least=True),
            Limit("retries a plan", repeated / sum(len(one.seconds) for one in everybody), 0.05),
            Limit("errors", _errors(everybody), 0),
        ]
        # The yardstick has to reach nothing.
        holds &= _shown(title, everybody, limits if shape is not Shape.BARE else [])
        each = ", ".join(f"{_a_second([turn]):.0f}" for turn in said[shape])
        print(f"  plans a second, turn by turn: {each}; all together {speeds[shape]:.0f}")
    return holds


_FLAT_OUT = {
    Shape.BARE: "50 connections flat out on PostgreSQL, SERIALIZABLE, without what is added here",
    Shape.WHOLE: "the same, as it is",
    Shape.PREPARED: "the same, requests prepared beforehand: the server and the network alone",
}


def _a_second(turns: Sequence[Sequence[Said]]) -> float:
    seconds = sum(max(one.ended for one in said) - min(one.began for one in said) for said in turns)
    return sum(len(one.seconds) for said in turns for one in said) / seconds


def _disk(folder: Path) -> float:
    """Return the milliseconds that the disk takes to keep 4 KiB, as the median of 50."""
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _with_server(act: Callable[[Database], bool]) -> bool:
    server = Server(is_durable=True, settings={"shared_buffers": "512MB"})
    try:
        server.start()
        with Databases(server.url, is_ours=True).fresh() as database:
            return act(database)
    finally:
        server.stop()


def main() -> int:
    """Measure, print each figure beside its limit; return 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="how long they work at a pace")
    parser.add_argument("--plans", type=int, default=100, help="of each flat out, in each turn")
    parser.add_argument("--turns", type=int, default=4, help="of those who work flat out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load = os.getloadavg()[0]
        print(
            f"{os.cpu_count()} processors, load {load:.1f} before the start; the disk keeps 4 KiB"
            f" in {_disk(folder):.2f} ms"
        )
        holds = [
            on_sqlite(asked.seconds, folder),
            _with_server(partial(at_a_pace, asked.seconds)),
            _with_server(partial(flat_out, asked.plans, asked.turns)),
        ]
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
