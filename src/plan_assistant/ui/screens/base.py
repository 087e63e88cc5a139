"""What all screens share: keys, sentences when something is refused, background work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from plan_assistant.domain.errors import CaseUnreadable, PlanAssistantError
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ui import actions
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.text import Pane, Speaking

if TYPE_CHECKING:
    from plan_assistant.services.deliver import Delivery
    from plan_assistant.services.desk import Desk
    from plan_assistant.ui.app import PlanAssistantApp
    from plan_assistant.ui.screens.kept import KeptCall

Answer = TypeVar("Answer")


class Deskbound(Acting, Speaking):
    """A screen of the product: it knows the desk, and turns errors into sentences.

    The person at work when a screen is made stays its person: what it reads, draws or records
    while it is being left never belongs to nobody, nor to who signs in next.
    """

    def __init__(self) -> None:
        super().__init__()
        self._desk = self.office.desk
        self._told_left_out: set[str] = set()

    @property
    def office(self) -> PlanAssistantApp:
        """The product's application."""
        return cast("PlanAssistantApp", self.app)

    @property
    def desk(self) -> Desk:
        """The person this screen was made for, and their ports."""
        assert self._desk is not None, "nobody has signed in"
        return self._desk

    @property
    def role(self) -> Role | None:
        """The role of that person; None before somebody signed in."""
        return self._desk.account.role if self._desk else None

    @property
    def is_demo(self) -> bool:
        """Say whether the clock is a demo's."""
        return bool(getattr(self.desk.clock, "is_demo", False))

    def date_line(self) -> str:
        """Return the day, and DEMO where the clock is a demo's; first of all what is not saved."""
        from plan_assistant.wording import formats  # noqa: PLC0415  # after the first frame

        unsaved = self.office.saving_words()
        if unsaved:
            return unsaved
        on = formats.day(self.desk.clock.now().date(), self.language)
        return self.say("DEMO {day}", day=on) if self.is_demo else on

    def refusal(self, action_id: str) -> str | None:
        """Refuse what the role may not do."""
        roles = actions.action(action_id).roles
        if self.role is not None and self.role not in roles:
            return self.say("Your role cannot do this; ask somebody who may.")
        return None

    def problem_sentence(self, error: PlanAssistantError) -> str:
        """Return what went wrong and what to do, in the language of the screen and in one line."""
        from plan_assistant.wording.problems import failure_sentence  # noqa: PLC0415  # only when something fails

        return " ".join(failure_sentence(error, self.language).splitlines())

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Show a failure of the product as a sentence; a defect of the program still comes out."""
        try:
            yield
        except PlanAssistantError as error:
            self.tell(self.problem_sentence(error))

    def tell_left_out(self, cases: Sequence[CaseUnreadable]) -> None:
        """Name the cases that a list cannot show; each once, however often the list is read."""
        for unreadable in cases:
            if unreadable.case_id not in self._told_left_out:
                self._told_left_out.add(unreadable.case_id)
                self.office.tell(self.problem_sentence(unreadable))

    async def in_background(self, work: Callable[[], Answer]) -> Answer:
        """Run work that touches the disk in a thread, so that the screen keeps answering."""
        return await self.unless_left(asyncio.to_thread(work))

    async def unless_left(self, work: Awaitable[Answer]) -> Answer:
        """Wait for something; where the screen was left meanwhile, the worker ends here.

        Only for workers (`start`): the framework cancels them after it has taken the widgets away.
        """
        try:
            answer = await work
        except PlanAssistantError:
            self._end_when_left()
            raise
        self._end_when_left()
        return answer

    def _end_when_left(self) -> None:
        screen = cast("Screen[object]", self)
        # When the program ends its screens lose their widgets before they leave the stack.
        if screen not in self.app.screen_stack or not self.app.is_running:
            raise asyncio.CancelledError

    def start(self, work: Callable[[], Coroutine[object, object, None]], group: str) -> None:
        """Start a worker that ends with the screen; others of its group go on."""
        cast("Screen[object]", self).run_worker(work(), group=group, exclusive=False)

    def refill(self) -> None:
        """Show everything again, for example in another language."""
        raise NotImplementedError


class BaseScreen(Deskbound, Screen[None]):
    """A full screen."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave this screen, once: a key too many must not close the screen below."""
        return super().dismiss(result) if self.is_active else _nothing_to_await()

    def refill(self) -> None:
        """Draw every pane again."""
        for pane in self.query(Pane):
            pane.show_again()

    def saving_changed(self, delivery: Delivery | None) -> None:
        """Show anew whether all is saved; `delivery` is what was just delivered or refused."""
        del delivery
        for top in self.query(TopLine):
            top.show_again()

    def kept(self) -> KeptCall | None:
        """Return what has to be kept for the person when they are signed out over this screen."""
        return None

    def run_chosen(self, action_id: str | None) -> None:
        """Do what was chosen in the palette."""
        if action_id is not None:
            where: Acting = (
                self.office if actions.action(action_id).zone is Zone.EVERYWHERE else self
            )
            self.call_later(where.action_act, action_id)


class Overlay(Deskbound, ModalScreen[Answer]):
    """Something shown over a screen; Escape always leads back to it, exactly as it was."""

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave this overlay, once: a key too many must not close the screen below."""
        return super().dismiss(result) if self.is_active else _nothing_to_await()

    def compose(self) -> ComposeResult:
        """Compose the content and the keys of the overlay."""
        yield from self.content()
        yield KeyBar(self.ZONE, self.role, self.refusal)

    def content(self) -> ComposeResult:
        """Compose what the overlay shows; a subclass answers."""
        raise NotImplementedError

    def boxes(self) -> dict[str, str]:
        """Return the titles of boxes that hold other widgets, by their selectors."""
        return {}

    def on_mount(self) -> None:
        """Write the titles of the boxes."""
        self.refill()

    def refill(self) -> None:
        """Draw every pane and title again."""
        for selector, title in self.boxes().items():
            Pane.name_box(self.query_one(selector), title)
        for pane in self.query(Pane):
            pane.show_again()


def _nothing_to_await() -> AwaitComplete:
    return cast("AwaitComplete", AwaitComplete.nothing())  # type: ignore[no-untyped-call]  # the framework's
