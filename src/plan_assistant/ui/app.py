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

from textual.reactive import reactive

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.ui import actions
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.idle import DEFAULT_LOCK_MINUTES
from plan_assistant.ui.retrying import Retrying
from plan_assistant.ui.screens.base import BaseScreen, Overlay
from plan_assistant.ui.screens.sign_in import SignInScreen
from plan_assistant.ui.themes import THEMES, VARIABLES
from plan_assistant.wording.words import LANGUAGES, words

if TYPE_CHECKING:
    from plan_assistant.domain.case import CaseId
    from plan_assistant.domain.events import Account
    from plan_assistant.domain.negotiation import Negotiation
    from plan_assistant.ports import Clock, Journal, Store
    from plan_assistant.services.desk import Desk
    from plan_assistant.services.staff import Door

_STYLES = Path(__file__).parent / "styles"
_BLANK_AND_ONE = 2
"""The framework's blank screen, and the one that is shown when nothing stands over it."""


class PlanAssistantApp(Retrying, Acting):
    """The program on a store that is opened once the first frame stands.

    `account_name` with `password` spares the sign-in; the name alone chooses the person, whose
    password is then asked for. `folder` is where exported documents go, `journal` where acts are
    kept while the store is away.
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
        password: str | None = None,
        clock: Clock | None = None,
        policies_folder: Path | None = None,
        folder: Path | None = None,
        lock_minutes: int = DEFAULT_LOCK_MINUTES,
        journal: Callable[[], Journal] | None = None,
    ) -> None:
        super().__init__(clock, lock_minutes, journal)
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.set_reactive(PlanAssistantApp.language, language)
        self.account_name, self.password = account_name, password
        self.folder = folder or Path.cwd() / "agreements"
        self._open_store = store if callable(store) else lambda: store
        self._policies_folder = policies_folder
        self.desk: Desk | None = None
        """The person at work and their ports; a screen keeps what it was at its making."""
        self._store: Store | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what the product's styles need from any theme."""
        return VARIABLES

    # --- the desk -----------------------------------------------------------------------------

    async def open_store(self) -> Store:
        """Open the store in a thread; the screen stands already."""
        if self._store is None:
            self._store = await asyncio.to_thread(self._open_store)
            _keep_imports("store")
        return self._store

    def make_desk(self, store: Store, account: Account) -> Desk:
        """Return the desk of a person, ready for the queue; called in a thread."""
        import plan_assistant.ui.screens.queue  # noqa: F401, PLC0415  # reads case files: slow to import
        from plan_assistant import bootstrap  # noqa: PLC0415  # after the first frame

        _keep_imports("queue")
        return bootstrap.desk(
            store,
            account,
            clock=self._clock,
            policies_folder=self._policies_folder,
            journal=self.open_journal and self.open_journal(),
        )

    def sign_in(self, desk: Desk, asked_at: SignInScreen) -> None:
        """Let a person work, and show the queue; a second choice at the same screen is too late."""
        self.call_later(self._sign_in, desk, asked_at)

    async def _sign_in(self, desk: Desk, asked_at: SignInScreen) -> None:
        from plan_assistant.ui.screens.queue import QueueScreen  # noqa: PLC0415  # after the first frame

        if asked_at in self.screen_stack:
            self.desk = desk
            self.forget_unsaved()
            self.note_key()
            await self._start_over(QueueScreen)
            await self._go_on_with_call(desk)

    async def _go_on_with_call(self, desk: Desk) -> None:
        """Show the call that was kept for the person who signs in again."""
        kept = self.kept_calls.pop(desk.account.name, None)
        if kept is None:
            return
        from plan_assistant.ui.screens.call import CallScreen  # noqa: PLC0415  # after the first frame

        screen = CallScreen(kept.call)
        screen.resume(kept)
        await self.push_screen(screen)

    def sign_out(self) -> None:
        """Let another person sign in."""
        self.call_later(self._sign_out)

    async def _sign_out(self) -> None:
        self.keep_call()
        self.forget_unsaved()
        self.desk = None
        self.account_name = self.password = None
        await self._start_over(SignInScreen)

    async def _start_over(self, screen: Callable[[], BaseScreen]) -> None:
        """Show a screen in place of all others.

        Called by the program's own message loop only: it deals with no key until the new screen
        is drawn and the old ones have gone.
        """
        while len(self.screen_stack) > _BLANK_AND_ONE:
            await self.pop_screen()
        await self.switch_screen(screen())

    async def open_call(self, case_id: CaseId, asked_at: BaseScreen) -> None:
        """Open a case once its plans are priced; not when the person went elsewhere meanwhile."""
        from plan_assistant.services.negotiate import begin  # noqa: PLC0415  # after the first frame

        call = await asyncio.to_thread(lambda: begin(asked_at.desk, case_id))
        self.call_later(self._show_call, call, asked_at)

    async def _show_call(self, call: Negotiation, asked_at: BaseScreen) -> None:
        from plan_assistant.ui.screens.call import CallScreen  # noqa: PLC0415  # after the first frame

        if asked_at.is_active:
            await self.push_screen(CallScreen(call))

    def open_next(self, case_id: CaseId, leaving: BaseScreen) -> None:
        """Leave a call and open the next case of the queue; after the last one show the queue.

        The worker belongs to the program: the screen that asks for it is gone before it ends.
        """
        self.run_worker(self._open_next(case_id, leaving), group="next", exclusive=True)

    async def _open_next(self, case_id: CaseId, leaving: BaseScreen) -> None:
        from plan_assistant.services.queue import queue_rows  # noqa: PLC0415  # after the first frame

        if not leaving.is_active:
            return
        await leaving.dismiss(None)
        queue = self.screen
        assert isinstance(queue, BaseScreen)
        try:
            rows = await asyncio.to_thread(lambda: queue_rows(queue.desk))
            order = [row.case_id for row in rows]
            following = order[order.index(case_id) + 1 :]
            if following:
                await self.open_call(following[0], queue)
        except PlanAssistantError as error:
            from plan_assistant.wording.problems import failure_sentence  # noqa: PLC0415  # only then

            self.tell(failure_sentence(error, self.language))

    def on_mount(self) -> None:
        """Show the first frame, then load what is slow."""
        _keep_imports("first frame")
        self.push_screen(SignInScreen())
        self.watch_idleness()
        self.watch_journal()

    def door(self, store: Store) -> Door:
        """Return what checking a password needs."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # after the first frame

        return bootstrap.door(store, self._clock)

    def preload(self) -> None:
        """Import what the first priced plan needs, in a thread, while a person reads the queue."""
        threading.Thread(target=_import_slow_parts, daemon=True).start()

    def _fatal_error(self) -> None:
        """Leave with where the program failed, and with nothing of what was in memory.

        The framework's own report prints the variables of every function on the way.
        """
        from rich.text import Text  # noqa: PLC0415  # only then

        from plan_assistant.wording.defects import defect_report  # noqa: PLC0415  # only then

        error = self._exception or RuntimeError()
        self.bell()
        self.panic(Text(defect_report(error, self.language)))

    # --- everywhere ---------------------------------------------------------------------------

    def watch_language(self) -> None:
        """Show every screen in the other language."""
        for screen in self.screen_stack:
            if isinstance(screen, (BaseScreen, Overlay)) and screen.is_mounted:
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

    def do_lock_now(self) -> None:
        """Lock the screen without waiting."""
        self.lock()

    def refusal(self, action_id: str) -> str | None:
        """Refuse to end an open call from its lock: whoever passes by could."""
        if action_id == "leave" and self.is_locked and self.call_at_hand is not None:
            return words(self.language)(
                "A call is open behind the lock. Unlock it first, or sign in with F9."
            )
        return super().refusal(action_id)

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
def _keep_imports(_step: str) -> None:
    """Once in a process for each step of its start, let the collector pass over what is there now.

    What was imported lives as long as the program: neither the start nor a key has to wait while
    all of it is walked again.
    """
    gc.freeze()


@cache
def _import_slow_parts() -> None:
    """Import once in a process what a call needs."""
    import plan_assistant.services.negotiate  # noqa: PLC0415  # the search and its vector arithmetic
    import plan_assistant.ui.screens.call  # noqa: F401, PLC0415  # the screen that is opened next

    gc.collect()
    _keep_imports("call")
