"""A store that comes and goes in every order a seed can draw, beside one that never went away.

The same person does the same acts on both. Whenever the first store is back and all was delivered,
both records must be the same, fact by fact; what one refused, the other refused as well.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import builders
from tests.away import Switched, desk_with_journal, journal_in
from tests.desks import CASE, agreement, desk_at, memory_store
from tests.people import COLLECTOR, NOW
from tests.properties import is_long
from tests.stores import fresh_sqlite

from plan_assistant.domain.errors import PlanNotSent, StaleCase, TransitionRefused
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.waiting import Act
from plan_assistant.services import record
from plan_assistant.services.deliver import deliver, unsaved
from plan_assistant.services.desk import Desk
from plan_assistant.services.keeping import carry_out
from plan_assistant.services.open_case import open_case

RUNS = 5_000 if is_long() else 100
_STEPS = 30
_SENT = agreement()


@dataclass
class World:
    """Two stores, one person, and what this person believes of the case."""

    chance: random.Random
    folder: Path
    store: Switched
    twin: Any = field(default_factory=memory_store)
    desk: Desk = field(init=False)
    count: int = 0
    seen: int = 1
    after: RequestKey | None = None
    seen_by_twin: int = 1
    refused: set[str] = field(default_factory=set)
    refused_by_twin: set[str] = field(default_factory=set)
    kept: int = 0
    repeats: int = 0

    def __post_init__(self) -> None:
        self.desk = desk_with_journal(self.store, self.folder)
        for store in (self.store, self.twin):
            open_case(desk_at(store), builders.case(), RequestKey("open"))

    def step(self) -> None:
        """Let one thing happen."""
        what = self.chance.choices(
            ["act", "away", "back", "lost", "deliver", "restart", "doubled"],
            [10, 2, 2, 2, 2, 1, 1],
        )[0]
        match what:
            case "act":
                self._act()
            case "away":
                self.store.away_for = self.chance.choice(["", "append"])
                self.store.go_away()
            case "back":
                self.store.come_back()
            case "lost":
                self.store.loses_reply = True
            case "deliver":
                self.deliver()
            case "restart":
                self.desk = replace(self.desk, journal=journal_in(self.folder))
            case "doubled":
                self._send_twice()

    def _next(self) -> Act:
        self.count += 1
        key, at = RequestKey(f"k{self.count}"), NOW + timedelta(seconds=self.count)
        match self.chance.choices(["line", "budget", "plan"], [8, 6, 1])[0]:
            case "budget":
                case = builders.case()
                budget = replace(case.budget, cash=builders.yuan(f"{self.count}.00"))
                changed = replace(case, budget=budget)
                act = record.budget_corrected(
                    self.desk, changed, expected_version=self.seen, key=key, after=self.after
                )
                return replace(act, at=at)
            case "plan":
                fact = NewEvent(EventType.PLAN_RECORDED, {**_SENT, "number": f"AG-{self.count}"})
                return Act(key, CASE, COLLECTOR, at, (fact,), seen=self.seen, after=self.after)
            case _:
                fact = NewEvent(EventType.DISCLOSURE_READ, {"disclosure": key})
                return Act(key, CASE, COLLECTOR, at, (fact,))

    def _act(self) -> None:
        act = self._next()
        is_material = act.kind.is_material
        seen = self.seen_by_twin if is_material else None
        try:
            told = record.perform(desk_at(self.twin), replace(act, seen=seen, after=None))
            if is_material:
                self.seen_by_twin = told.version
        except TransitionRefused:
            self.refused_by_twin.add(act.key)
        try:
            receipt = carry_out(self.desk, act)
        except PlanNotSent:
            receipt = None
        except (TransitionRefused, StaleCase):
            self.refused.add(act.key)
            return
        if receipt is None:
            self.kept += 1
            self.after = act.key if is_material else self.after
        elif is_material:
            self.seen, self.after = receipt.version, None

    def deliver(self) -> None:
        """Deliver, and learn from it what became of the acts."""
        delivery = deliver(self.desk)
        self.refused |= {one.act.key for one in delivery.refused}
        self.repeats += sum(one.receipt.is_repeat for one in delivery.delivered)
        for one in delivery.delivered:
            if one.act.kind.is_material:
                self.seen = one.receipt.version
            if one.act.key == self.after:
                self.after = None

    def _send_twice(self) -> None:
        """Let a second program of the person deliver the first act that waits, unnoticed."""
        waits = self.desk.journal.content().waiting_for(COLLECTOR.name) if self.desk.journal else ()
        if waits and self.store.failure is None and waits[0].after is None:
            self.store.loses_reply = False
            try:
                record.perform(self.desk, waits[0])
            except TransitionRefused:
                return


def told(store: Any) -> list[Any]:
    """Return everything of a record but what each store draws by itself."""
    return [(f.version, f.at, f.actor, f.type, f.body) for f in store.events(CASE)[1:]]


def play(seed: int, folder: Path, store: Any) -> World:
    """Run one world to its end, and compare."""
    world = World(random.Random(seed), folder, Switched(store))
    for _ in range(_STEPS):
        world.step()
    world.store.come_back()
    world.store.loses_reply = False
    world.deliver()
    assert unsaved(world.desk).waiting == 0, f"seed {seed}"
    assert told(world.store) == told(world.twin), f"seed {seed}"
    return world


def test_a_store_that_comes_and_goes_ends_with_the_record_of_one_that_stayed(
    tmp_path: Path,
) -> None:
    worlds = [play(seed, tmp_path / f"{seed}", memory_store()) for seed in range(RUNS)]

    assert sum(world.kept for world in worlds) > RUNS
    assert sum(world.repeats for world in worlds) > RUNS / 10
    assert sum(len(world.refused) for world in worlds) > RUNS / 10


@pytest.mark.parametrize("seed", range(8))
def test_so_does_a_real_one(tmp_path: Path, seed: int) -> None:
    store = fresh_sqlite(tmp_path)

    play(seed, tmp_path, store)

    store.close()
