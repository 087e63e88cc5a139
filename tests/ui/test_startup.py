"""What stands between the command and the first frame."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("numpy", "babel", "typst", "alembic", "sqlalchemy", "pydantic", "numpy_financial", "docx")

FIRST_FRAME = """
import asyncio, sys
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
