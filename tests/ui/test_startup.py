"""What stands between the command, the first frame and the queue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from tests.ui.driver import fill, sample_cases

SLOW = (
    "numpy",
    "babel",
    "typst",
    "alembic",
    "sqlalchemy",
    "pydantic",
    "numpy_financial",
    "docx",
    "cryptography",
    "keyring",
)

FIRST_FRAME = """
import asyncio, sys
import plan_assistant.cli.screen
from plan_assistant.ui.app import PlanAssistantApp

async def main():
    app = PlanAssistantApp(lambda: (_ for _ in ()).throw(SystemExit), language={language!r})
    app.open_store = lambda: asyncio.sleep(3600)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        print(" ".join(sorted(sys.modules)))

asyncio.run(main())
"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_slow_is_imported_before_the_first_frame(language: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME.format(language=language)],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {name.split(".")[0] for name in answer.stdout.split()}
    assert not loaded & set(SLOW)


FOR_A_CALL = (
    "numpy",
    "babel",
    "typst",
    "alembic",
    "numpy_financial",
    "chinese_calendar",
    "plan_assistant.domain.policy.pack",
    "plan_assistant.services.negotiate",
    "plan_assistant.ui.screens.call",
)

QUEUE = """
import asyncio, sys
import plan_assistant.cli.screen
from plan_assistant import bootstrap
from plan_assistant.ui.app import PlanAssistantApp

async def main():
    app = PlanAssistantApp(
        lambda: bootstrap.open_store(sys.argv[1]), account_name="wu.hao", password="demo"
    )
    shown = asyncio.Event()
    app.preload = shown.set
    async with app.run_test(size=(80, 24)):
        await asyncio.wait_for(shown.wait(), 30)
        print(" ".join(sorted(sys.modules)))

asyncio.run(main())
"""


def test_what_only_a_call_needs_is_imported_after_the_queue_is_shown(tmp_path: Path) -> None:
    place = str(tmp_path / "store.sqlite")
    fill(bootstrap.open_store(place), sample_cases()["S04-card-60-days"])

    answer = subprocess.run(
        [sys.executable, "-c", QUEUE, place], capture_output=True, text=True, check=True
    )

    assert not set(answer.stdout.split()) & set(FOR_A_CALL)
