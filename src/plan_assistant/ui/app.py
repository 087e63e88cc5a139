"""The terminal program: language, theme, who is at the desk, and which screen comes when.

The first frame is drawn before the store is opened: nothing slow is imported here. Not here: what
a screen shows (`screens/`) and what its keys do (`actions.py`).
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.reactive import reactive

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ui import actions
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import BaseScreen, Overlay
from plan_assistant.ui.screens.sign_in import SignInScreen
from plan_assistant.ui.themes import THEMES, VARIABLES
from plan_assistant.ui.widgets.text import toast
from plan_assistant.wording.words import LANGUAGES, words

if TYPE_CHECKING:
    from plan_assistant.domain.case import CaseId
    from plan_assistant.domain.events import Account
    from plan_assistant.ports import Clock, Store
    from plan_assistant.services.desk import Desk

_STYLES = Path(__file__).parent / "styles"


class PlanAssistantApp(Acting, App[None]):
    """The program on a store that is opened once the first frame stands.

    `account_name` spares the sign-in; `folder` is where exported documents go.
    """

    ZONE = Zone.EVERYWHERE
    TITLE = "plan-assistant"
    ENABLE_COMMAND_PALETTE = (
        False  # the product's own palette speaks both languages and has no emoji
    )
    CSS_PATH = [_STYLES / "screens.tcss", _STYLES / "widgets.tcss"]  # noqa: RUF012  # the framework's own name
    BINDINGS = actions.bindings(Zone.EVERYWHERE)
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny"),
        (60, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (18, "-low"),
        (24, "-high"),
        (36, "-tall"),
    ]

    language: reactive[str] = reactive("en", init=False)

    def __init__(
        self,
        store: Store | Callable[[], Store],
        *,
        language: str = "en",
        account_name: str | None = None,
        clock: Clock | None = None,
        policies_folder: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.set_reactive(PlanAssistantApp.language, language)
        self.account_name = account_name
        self.folder = folder or Path.cwd() / "agreements"
        self._open_store, self._clock, self._policies_folder = (
            (store if callable(store) else lambda: store),
            clock,
            policies_folder,
        )
        self._desk: Desk | None = None
        self._store: Store | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what the product's styles need from any theme."""
        return VARIABLES

    # --- the desk -----------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """The person at work and their ports; only asked for after somebody signed in."""
        assert self._desk is not None, "nobody has signed in"
        return self._desk

    @property
    def role(self) -> Role | None:
        """The role of the person at work; None before somebody signed in."""
        return self._desk.account.role if self._desk else None

    @property
    def is_demo(self) -> bool:
        """Say whether the clock is a demo's."""
        return bool(self._desk and getattr(self._desk.clock, "is_demo", False))

    async def open_store(self) -> Store:
        """Open the store in a thread; the screen stands already."""
        if self._store is None:
            self._store = await asyncio.to_thread(self._open_store)
        return self._store

    async def sign_in(self, account: Account) -> None:
        """Let a person work, and show the queue."""
        store = await self.open_store()
        self._desk = await asyncio.to_thread(self._make_desk, store, account)
        from plan_assistant.ui.screens.queue import QueueScreen  # noqa: PLC0415  # after the first frame

        self.switch_screen(QueueScreen())

    def _make_desk(self, store: Store, account: Account) -> Desk:
        from plan_assistant import bootstrap  # noqa: PLC0415  # loads policies and calendars

        return bootstrap.desk(
            store, account, clock=self._clock, policies_folder=self._policies_folder
        )

    def date_line(self) -> str:
        """Return the day, and DEMO where the clock is a demo's."""
        from plan_assistant.wording import formats  # noqa: PLC0415  # after the first frame

        on = formats.day(self.desk.clock.now().date(), self.language)
        return words(self.language)("DEMO {day}", day=on) if self.is_demo else on

    async def open_call(self, case_id: CaseId) -> None:
        """Open a case; its plans are priced before the screen appears."""
        from plan_assistant.services.negotiate import begin  # noqa: PLC0415  # after the first frame
        from plan_assistant.ui.screens.call import CallScreen  # noqa: PLC0415  # after the first frame

        desk = self.desk
        call = await asyncio.to_thread(lambda: begin(desk, case_id))
        await self.push_screen(CallScreen(call))

    def open_next(self, case_id: CaseId) -> None:
        """Leave the call and open the next case of the queue; after the last one show the queue.

        The worker belongs to the program: the screen that asks for it is gone before it ends.
        """
        self.run_worker(self._open_next(case_id), group="next", exclusive=True)

    async def _open_next(self, case_id: CaseId) -> None:
        from plan_assistant.services.queue import queue_rows  # noqa: PLC0415  # after the first frame

        desk = self.desk
        await self.pop_screen()
        try:
            order = [row.case_id for row in await asyncio.to_thread(lambda: queue_rows(desk))]
            following = order[order.index(case_id) + 1 :]
            if following:
                await self.open_call(following[0])
        except PlanAssistantError as error:
            from plan_assistant.wording.problems import failure_sentence  # noqa: PLC0415  # only then

            self.tell(failure_sentence(error, self.language))

    async def sign_out(self) -> None:
        """Let another person sign in."""
        self._desk = None
        self.account_name = None
        self.switch_screen(SignInScreen())

    def on_mount(self) -> None:
        """Show the first frame, then load what is slow."""
        self.push_screen(SignInScreen())

    def preload(self) -> None:
        """Import what the first priced plan needs, in a thread, while a person reads the queue."""
        threading.Thread(target=_import_slow_parts, daemon=True).start()

    # --- everywhere ---------------------------------------------------------------------------

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner."""
        toast(self, sentence)

    def watch_language(self) -> None:
        """Show every screen in the other language."""
        for screen in self.screen_stack:
            if isinstance(screen, (BaseScreen, Overlay)):
                screen.refill()

    def do_language(self) -> None:
        """Switch to the other language."""
        order = list(LANGUAGES)
        self.language = order[(order.index(self.language) + 1) % len(order)]

    def do_theme(self) -> None:
        """Switch to the next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = (
            names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]
        )

    def do_leave(self) -> None:
        """Leave the program; everything recorded is on disk."""
        self.exit()

    def do_help(self) -> None:
        """Show the keys of the screen."""
        from plan_assistant.ui.screens.help import HelpScreen  # noqa: PLC0415  # rarely needed

        screen = self.screen
        if isinstance(screen, BaseScreen):
            self.push_screen(HelpScreen(screen.ZONE))

    def do_palette(self) -> None:
        """Show all actions of the screen."""
        from plan_assistant.ui.screens.palette import PaletteScreen  # noqa: PLC0415  # rarely needed

        screen = self.screen
        if isinstance(screen, BaseScreen):
            self.push_screen(PaletteScreen(screen), screen.run_chosen)


@cache
def _import_slow_parts() -> None:
    """Import once in a process what a call needs."""
    import plan_assistant.services.negotiate  # noqa: PLC0415  # the search and its vector arithmetic
    import plan_assistant.ui.screens.call  # noqa: F401, PLC0415  # the screen that is opened next

    # What was imported lives as long as the program: no key has to wait while it is walked again.
    gc.collect()
    gc.freeze()
