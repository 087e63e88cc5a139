"""Delivers what was kept while the store was away, again and again, and knows whether all is saved.

Not here: what is kept and how it is delivered (`services/keeping.py`, `services/deliver.py`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.ui.idle import Idle
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.wording.words import words

if TYPE_CHECKING:
    from datetime import datetime

    from plan_assistant.ports import Clock, Journal
    from plan_assistant.services.deliver import Delivery, Unsaved
    from plan_assistant.services.desk import Desk

Answer = TypeVar("Answer")

_TICK: Final = 1.0
_LOOK_EVERY: Final = 5
"""Ticks: another program of the same person may have kept something."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2, 60
"""Ticks between two tries: each pause is twice the one before."""


class Retrying(Idle):
    """An application whose acts wait in a journal while the store is away."""

    language: str

    def __init__(
        self,
        clock: Clock | None,
        lock_minutes: int,
        open_journal: Callable[[], Journal] | None,
    ) -> None:
        super().__init__(clock, lock_minutes)
        self.open_journal = open_journal
        """Where acts are kept; it needs no open store."""
        self.unsaved: Unsaved | None = None
        """What of the person at work is not in the record, as far as is known."""
        self.saved_at: datetime | None = None
        """When the last act of this run came into the record."""
        self._ticks = 0
        self._pause = _FIRST_PAUSE
        self._until_try = 0
        self._is_delivering = False

    def watch_journal(self) -> None:
        """Begin to look, and to deliver, once a second at most."""
        self.set_interval(_TICK, self.tick)

    @property
    def waits(self) -> bool:
        """Say whether something the person did is not in the record yet."""
        return self.unsaved is not None and self.unsaved.waiting > 0

    def forget_unsaved(self) -> None:
        """Know nothing any more: another person is at work, whose acts are tried at once."""
        self.unsaved = self.saved_at = None
        self._ticks = self._until_try = 0
        self._pause = _FIRST_PAUSE

    def tick(self) -> None:
        """Look at the journal now and then, and deliver when the pause is over."""
        desk = self.desk
        if desk is None or desk.journal is None or self._is_delivering:
            return
        if self.waits:
            self._until_try -= 1
            if self._until_try <= 0:
                self.run_worker(self.deliver_now(desk), group="deliver")
        elif self._ticks % _LOOK_EVERY == 0:
            self.run_worker(self.look_at_journal(desk), group="journal", exclusive=True)
        self._ticks += 1

    async def note_act(self, desk: Desk) -> None:
        """Take note that a person did something: it is in the record, or in the journal."""
        if desk.journal is not None:
            await self.look_at_journal(desk)
        if not self.waits:
            self.saved_at = self._now()
            self._tell_screens(None)

    async def look_at_journal(self, desk: Desk) -> None:
        """Find out what of a person's work is not in the record."""
        try:
            found = await asyncio.to_thread(_unsaved, desk)
        except PlanAssistantError as error:
            self._tell_failure(error)
            return
        if desk.account == (self.desk and self.desk.account):
            self._take(found, None)

    async def count_kept(self) -> int:
        """Return how many acts are kept for the store, of whomever; the store need not be open."""
        if self.open_journal is None:
            return 0
        try:
            journal = self.open_journal()
            return len((await asyncio.to_thread(journal.content)).acts)
        except PlanAssistantError as error:
            self._tell_failure(error)
            return 0

    async def deliver_now(self, desk: Desk) -> None:
        """Deliver what waits for a person; the next try comes later than this one did."""
        self._is_delivering = True
        try:
            delivery = await _apart(lambda: _deliver(desk))
        except PlanAssistantError as error:
            self._wait_longer()
            self._tell_failure(error)
            return
        finally:
            self._is_delivering = False
        if delivery.left.waiting:
            self._wait_longer()
        else:
            self._pause = _FIRST_PAUSE
            self._until_try = 0
        if desk.account == (self.desk and self.desk.account):
            if delivery.delivered and not delivery.left.waiting:
                self.saved_at = self._now()
            self._take(delivery.left, delivery)

    def _wait_longer(self) -> None:
        self._until_try = self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _take(self, found: Unsaved, delivery: Delivery | None) -> None:
        has_changed = found != self.unsaved
        self.unsaved = found
        if delivery is not None:
            self._tell(delivery)
        if has_changed or delivery is not None:
            self._tell_screens(delivery)

    def _tell_screens(self, delivery: Delivery | None) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen) and screen.is_mounted:
                screen.saving_changed(delivery)

    def _tell(self, delivery: Delivery) -> None:
        from plan_assistant.wording.keeping import delivered_sentence, refused_sentence  # noqa: PLC0415  # only then

        if delivery.delivered and not delivery.left.waiting:
            self.tell(delivered_sentence(len(delivery.delivered), self.language))
        for one in delivery.refused:
            self.tell(refused_sentence(one, self.language))

    def _tell_failure(self, error: PlanAssistantError) -> None:
        from plan_assistant.wording.problems import failure_sentence  # noqa: PLC0415  # only then

        self.tell(failure_sentence(error, self.language))

    def saving_words(self) -> str:
        """Return what the header says of acts that are not in the record; nothing when all are."""
        if self.unsaved is None:
            return ""
        if self.unsaved.waiting:
            return self.not_saved_words()
        lost = len(self.unsaved.refused) + self.unsaved.damaged
        return words(self.language)("NOT RECORDED: {count}", count=lost) if lost else ""

    def not_saved_words(self) -> str:
        """Return what the header says while an act is not in the record."""
        return words(self.language)("NOT SAVED - retrying")


async def _apart(work: Callable[[], Answer]) -> Answer:
    """Run work in a thread that nobody waits for when the program ends.

    A try may wait for the lock of the store for half a minute. Whoever leaves meanwhile need not:
    what is on its way then is in the journal still, and comes again with the same key.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Answer] = loop.create_future()

    def answer(tell: Callable[[], None]) -> None:
        if not answered.done():
            tell()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # told to the one who awaits it
            tell = partial(answered.set_exception, error)
        else:
            tell = partial(answered.set_result, result)
        with suppress(RuntimeError):  # the loop has ended: nobody awaits it any more
            loop.call_soon_threadsafe(answer, tell)

    threading.Thread(target=run, daemon=True).start()
    return await answered


def _unsaved(desk: Desk) -> Unsaved:
    """Look; the import is made in the thread, after the first frame."""
    from plan_assistant.services.deliver import unsaved  # noqa: PLC0415  # it reads agreements

    return unsaved(desk)


def _deliver(desk: Desk) -> Delivery:
    from plan_assistant.services.deliver import deliver  # noqa: PLC0415  # it reads agreements

    return deliver(desk)
