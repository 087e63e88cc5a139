"""A program that records plans until it is killed; run by `test_kill.py`.

It loads everything once and then forks a fresh writer for every round, so that a round costs
milliseconds. Commands come in on stdin, one JSON object a line; a writer says on stdout what it is
about to record and what was acknowledged, each in one write.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from plan_assistant.adapters.store import open_store
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.schedule.engine import price
from plan_assistant.services.open_case import open_case
from tests.desks import case_named, desk_at
from tests.recording import record_plan

MOST = 2_000
"""A writer that nobody kills ends after as many plans."""


def tell(*words: object) -> None:
    """Write one line in one piece: lines of several writers must not mix."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def plan_for(case: str, agreement: dict[str, Any]) -> dict[str, Any]:
    """Return the agreement that is recorded for a case."""
    return {**agreement, "number": f"AG-{case}", "case_id": case}


def write(path: str, name: str, agreement: dict[str, Any]) -> None:
    """Open cases and record a plan in each until the end."""
    store = open_store(path)
    desk = desk_at(store)
    for number in range(MOST):
        case = f"{name}-{number}"
        open_case(desk, case_named(case), RequestKey(f"open {case}"))
        tell("trying", case)
        receipt = record_plan(
            desk,
            plan_for(case, agreement),
            expected_version=1,
            key=RequestKey(f"plan {case}"),
            price=price,
        )
        tell("recorded", case, *receipt.event_ids)


def main(agreement_file: str) -> None:
    """Fork the writers that are asked for, and say when each is gone."""
    agreement = json.loads(Path(agreement_file).read_bytes())
    tell("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        children = []
        for name in asked["writers"]:
            child = os.fork()
            if child == 0:
                try:
                    write(asked["path"], name, agreement)
                except BaseException as error:  # the parent fails on this line
                    tell("failed", name, repr(error))
                finally:
                    os._exit(0)
            children.append(child)
        tell("started", *children)
        for child in children:
            os.waitpid(child, 0)
        tell("gone")


if __name__ == "__main__":
    main(sys.argv[1])
