"""Drives the real app without a terminal: keys in, the text of the screen out."""

from __future__ import annotations

import asyncio
import functools
import io
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from plan_assistant import bootstrap
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.events import Account
from plan_assistant.ports import Clock, Journal, Store
from plan_assistant.samples import sample_names, sample_text
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.ui.screens.call import CallScreen
from plan_assistant.ui.screens.queue import QueueScreen
from plan_assistant.wording.formats import cell_width
from tests.memory_store import MemoryStore
from tests.staffing import give_password

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 10.0
"""Far longer than anything takes; a screen that never comes fails instead of hanging."""


_HOPS = 3
"""A key goes from the app to a widget, its message to the screen, the answer to the widgets."""


class FrozenClock:
    """Always the morning of the samples' cut-off date."""

    is_demo = True

    def now(self) -> datetime:
        """Return the same moment every time."""
        return bootstrap.DEMO_START


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a coroutine to its end."""
    return asyncio.run(work)


@functools.cache
def sample_cases() -> dict[str, Case]:
    """Return the sample borrowers by their names, read once."""
    return {name: bootstrap.read_case_text(sample_text(name), name) for name in sample_names()}


def fill(store: Store, *cases: Case) -> Store:
    """Let the demo's people work on a store and open cases in it."""
    people = (bootstrap.DEMO_COLLECTOR, bootstrap.DEMO_LEAD)
    for person in people:
        store.add_account(person)
        give_password(store, person, bootstrap.DEMO_PASSWORD)
    desk = bootstrap.desk(store, bootstrap.DEMO_COLLECTOR, clock=FrozenClock())
    for case in cases or tuple(sample_cases().values()):
        open_case(desk, case, new_key())
    return store


def memory_store(*cases: Case) -> Store:
    """Return a store in memory with these cases, or all samples."""
    return fill(MemoryStore(), *cases)


def _key(name: str) -> events.Key:
    """Return a key press from a character or the name of a key."""
    if len(name) == 1:
        return events.Key(_character_to_key(name), name)
    return events.Key(name, {"space": " ", "right_square_bracket": "]"}.get(name))


@dataclass
class Driver:
    """A running app: press keys, wait for words, read the screen."""

    app: PlanAssistantApp
    pilot: Pilot[None]
    pressed: int = 0

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each after the one before has been dealt with.

        The framework's own way waits 40 ms a key for the process to fall idle; waiting for the
        messages themselves is exact and takes a tenth of that.
        """
        for key in keys:
            self.pressed += 1
            self.app.post_message(_key(key))
            for _ in range(_HOPS):
                await self._pass_on()

    async def _pass_on(self) -> None:
        """Wait until the app, then every widget, has dealt with the messages it has now."""
        dealt_with = asyncio.Event()
        self.app.call_later(dealt_with.set)
        waited = [
            asyncio.create_task(event.wait()) for event in (dealt_with, self.app._exception_event)
        ]
        await asyncio.wait(waited, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waited:
            task.cancel()
        assert dealt_with.is_set(), f"the program failed: {self.app._exception!r}"
        await self.pilot._wait_for_screen()

    async def write(self, text: str) -> None:
        """Type a text character by character."""
        await self.press(*text)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not ready():
            assert time.monotonic() < end, f"it never came; the screen shows\n{self.frame}"
            await asyncio.sleep(0.005)
        await self.pilot._wait_for_screen()

    async def sees(self, *texts: str) -> None:
        """Wait until the screen shows all these texts."""
        await self.until(lambda: all(text in self.frame for text in texts))

    async def on(self, name: str) -> None:
        """Wait until a screen of that class is on top."""
        await self.until(lambda: type(self.app.screen).__name__ == name)

    async def choose_person(self, name: str) -> None:
        """Choose a person at the sign-in by the digit of their line."""
        await self.sees(f"({name})")
        number = re.search(r"\d", self.row(f"({name})"))
        assert number is not None
        await self.press(number.group())
        await self.on("PasswordScreen")

    @property
    def toasts(self) -> list[str]:
        """What stands in the corner; the framework draws none of it in tests."""
        return [notification.message for notification in self.app._notifications]

    @property
    def frame(self) -> str:
        """The screen as text, one line a row."""
        width, height = self.app.size
        console = Console(
            width=width,
            height=height,
            file=io.StringIO(),
            record=True,
            force_terminal=True,
            legacy_windows=False,
        )
        stack = self.app._background_screens
        compositor = self.app.screen._compositor
        console.print(compositor.render_update(full=True, screen_stack=stack))
        return console.export_text(styles=False).rstrip("\n")

    @property
    def rows(self) -> list[str]:
        """The lines of the screen."""
        return self.frame.split("\n")

    @property
    def call(self) -> CallScreen:
        """The call screen, also when something stands over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, CallScreen))

    def row(self, label: str) -> str:
        """Return the first line that contains a text."""
        return next(row for row in self.rows if label in row)


async def drive(
    play: Callable[[Driver], Awaitable[None]],
    *,
    size: tuple[int, int] = (80, 24),
    language: str = "en",
    store: Store | Callable[[], Store] | None = None,
    account: Account | None = bootstrap.DEMO_COLLECTOR,
    folder: Path | None = None,
    clock: Clock | None = None,
    lock_minutes: int = 10,
    journal: Journal | None = None,
) -> None:
    """Run the app at a size and let `play` use it."""
    app = PlanAssistantApp(
        store or memory_store(),
        language=language,
        account_name=account.name if account else None,
        password=bootstrap.DEMO_PASSWORD if account else None,
        clock=clock or FrozenClock(),
        folder=folder,
        lock_minutes=lock_minutes,
        journal=None if journal is None else lambda: journal,
    )
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.on("SignInScreen" if account is None else "QueueScreen")
        await play(driver)


async def open_case_of(driver: Driver, name: str) -> None:
    """Open a sample borrower from the queue."""
    queue = driver.app.screen
    assert isinstance(queue, QueueScreen)
    await driver.app.open_call(CaseId(name), queue)
    await driver.on("CallScreen")
    await driver.pilot.pause()


def shown_amounts(frame: str) -> set[str]:
    """Return every figure with decimals that a frame shows."""
    return set(re.findall(r"-?\d[\d,]*\.\d\d(?!\d)", frame))


def every_line_is(frame: str, width: int) -> bool:
    """Say whether every line of a frame has exactly that many cells."""
    return all(cell_width(row) == width for row in frame.split("\n"))
