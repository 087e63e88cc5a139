"""Power that fails at a random moment: what was acknowledged is there, because FULL syncs it.

The same check finds losses at NORMAL, which shows that it can fail. FAULT_ROUNDS (twice as many
cuts, at least 60) and FAULT_SEED change the number of cuts and the moments.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.schedule.engine import price
from plan_assistant.services.open_case import open_case
from tests.desks import agreement, case_named, desk_at
from tests.faults.power_cut import Acknowledged, Disk, logged_disk
from tests.faults.recorder import plan_for
from tests.faults.test_kill import half_written, whole
from tests.recording import record_plan
from tests.stores import fresh_file

CUTS = max(60, 2 * int(os.environ.get("FAULT_ROUNDS", "30")))
SEED = int(os.environ.get("FAULT_SEED", "20261120"))
_PLANS = 12
_CUTS_A_LOG = 50
_NORMAL = {"PRAGMA synchronous=FULL": "PRAGMA synchronous=NORMAL"}


def logged(folder: Path, *, name: str, is_full: bool) -> Disk:
    """Record plans on a logged disk; return what happened to it, acknowledgements among it."""
    path = fresh_file(folder)
    with logged_disk(replaced={} if is_full else _NORMAL) as disk:
        disk.holds(path)
        store = open_store(str(path))
        assert _modes(store) == ["wal", 2 if is_full else 1]
        desk, sent = desk_at(store), agreement()
        for number in range(_PLANS):
            case = f"{name}-{number}"
            opened = open_case(desk, case_named(case), RequestKey(f"open {case}"))
            disk.steps.append(Acknowledged(case, opened.event_ids[0]))
            planned = record_plan(
                desk,
                plan_for(case, sent),
                expected_version=1,
                key=RequestKey(f"plan {case}"),
                price=price,
            )
            disk.steps.append(Acknowledged(case, planned.event_ids[0]))
        steps = list(disk.steps)
        store.close()
    return Disk(steps)


def _modes(store: SqlStore) -> list[object]:
    with store._reading.connect() as connection:
        return [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous")
        ]


@dataclass
class Found:
    """What was found after some cuts."""

    acknowledged: int = 0
    lost: list[Acknowledged] = field(default_factory=list)
    damaged: int = 0


def cut(disk: Disk, folder: Path, chance: random.Random, found: Found) -> None:
    """Cut the power once, start again, and look for what had been acknowledged."""
    at = chance.randrange(3, len(disk.steps) + 1)
    folder.mkdir()
    for name, content in disk.after_cut(at, chance).items():
        (folder / name).write_bytes(content)
    path = folder / "store.sqlite"
    promised = disk.acknowledged(at)
    found.acknowledged += len(promised)
    store = open_store(str(path))
    there = {fact.event_id for fact in store.every_event()}
    found.lost += [each for each in promised if each.event_id not in there]
    for case in store.case_ids():
        store.events(case)  # each checked against its hash
    store.close()
    found.damaged += half_written(path) != whole()


def cuts(folder: Path, *, is_full: bool, count: int) -> Found:
    """Cut the power so many times at random moments of some logs."""
    chance, found = random.Random(SEED), Found()
    for number in range(0, count, _CUTS_A_LOG):
        start = folder / f"log-{number}"
        start.mkdir()
        disk = logged(start, name=f"L{number}", is_full=is_full)
        for each in range(number, min(number + _CUTS_A_LOG, count)):
            cut(disk, folder / f"cut-{each}", chance, found)
    return found


def test_no_acknowledged_fact_is_lost_when_power_fails(tmp_path: Path) -> None:
    found = cuts(tmp_path, is_full=True, count=CUTS)

    print(f"{CUTS} cuts: {found.acknowledged} acknowledged, {len(found.lost)} lost")
    assert found.lost == [], f"seed {SEED}"
    assert found.damaged == 0, f"seed {SEED}"
    assert found.acknowledged > CUTS


def test_the_check_finds_losses_where_nothing_is_synced_at_a_commit(tmp_path: Path) -> None:
    found = cuts(tmp_path, is_full=False, count=60)

    assert found.lost
    assert found.damaged == 0
