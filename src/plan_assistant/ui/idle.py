"""Locks the program after a while without a key, and keeps open calls for their owners.

Not here: the lock itself (`screens/locked.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.screens.locked import LockScreen
from plan_assistant.ui.widgets.text import toast

if TYPE_CHECKING:
    from plan_assistant.ports import Clock
    from plan_assistant.services.desk import Desk
    from plan_assistant.ui.screens.kept import KeptCall

_LOOK_SECONDS = 1.0
DEFAULT_LOCK_MINUTES = 10


class Idle(App[None]):
    """An application that locks itself; the product's own inherits it."""

    desk: Desk | None

    def __init__(self, clock: Clock | None, lock_minutes: int) -> None:
        super().__init__()
        self._clock = clock
        self._lock_after = timedelta(minutes=lock_minutes)
        self._last_key: datetime | None = None
        self._held_back: list[str] = []
        self.kept_calls: dict[str, KeptCall] = {}
        """Open calls of people who were signed out over them, by login name."""

    def watch_idleness(self) -> None:
        """Begin to look, once a second, how long no key came."""
        self.set_interval(_LOOK_SECONDS, self.look_at_clock)

    def _now(self) -> datetime | None:
        if self._clock is None:
            from plan_assistant import bootstrap  # noqa: PLC0415  # after the first frame

            self._clock = bootstrap.system_clock()
        return self._clock.now()

    @property
    def is_locked(self) -> bool:
        """Say whether the lock stands over the screens."""
        return any(isinstance(screen, LockScreen) for screen in self.screen_stack)

    @property
    def _is_idle(self) -> bool:
        now = self._now()
        if self.desk is None or self._last_key is None or now is None:
            return False
        # A clock that was put back must not keep the screen open for the difference.
        return abs(now - self._last_key) >= self._lock_after

    def note_key(self) -> None:
        """Note that somebody is at the keys, now."""
        self._last_key = self._now()

    def look_at_clock(self) -> None:
        """Lock when nobody has pressed a key for too long."""
        if self._is_idle:
            self.lock()

    async def on_event(self, event: events.Event) -> None:
        """Notice keys and the mouse; one that comes too late only locks, whatever it would do."""
        is_input = isinstance(
            event,
            (
                events.Key,
                events.MouseDown,
                events.MouseScrollDown,
                events.MouseScrollUp,
                events.Paste,
            ),
        )
        if is_input and not event.is_forwarded and self.desk is not None and not self.is_locked:
            if self._is_idle:
                self.lock()
                return
            self.note_key()
        await super().on_event(event)

    def lock(self) -> None:
        """Put the lock over everything; what lies below stays as it is."""
        if self.desk is None or self.is_locked:
            return
        self.clear_notifications()
        self.push_screen(LockScreen())
        # A sentence that was on its way to the corner has arrived by then.
        self.call_later(self.clear_notifications)

    def unlock(self, lock: LockScreen) -> None:
        """Take the lock away: its person has given the password."""
        self.note_key()
        lock.dismiss(None)
        self.call_later(self._tell_what_was_held_back)

    def _tell_what_was_held_back(self) -> None:
        held, self._held_back = self._held_back, []
        for sentence in held:
            toast(self, sentence)

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner; over a lock it waits, it may name a case."""
        if self.is_locked:
            self._held_back.append(sentence)
        else:
            toast(self, sentence)

    def keep_call(self) -> None:
        """Keep the call that is open for the person whose it is."""
        kept = self.call_at_hand
        if kept is not None and self.desk is not None:
            self.kept_calls[self.desk.account.name] = kept
        # Sentences for the person who goes are for nobody else.
        self._held_back = []

    @property
    def call_at_hand(self) -> KeptCall | None:
        """The call that is open, also when something stands over it."""
        kept = (one.kept() for one in self.screen_stack if isinstance(one, BaseScreen))
        return next((call for call in kept if call is not None), None)
