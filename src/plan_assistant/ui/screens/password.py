"""Asks a person for their password, or for a first one where an account has none yet.

Not here: who may sign in (`services/staff.py`) and the list of people (`sign_in.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError, TransitionRefused
from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.notice import Notice

if TYPE_CHECKING:
    from plan_assistant.domain.events import Account
    from plan_assistant.services.staff import Door, Proof
    from plan_assistant.wording.words import Words

LONGEST = 128


def demo_hint(door: Door, say: Words) -> str:
    """Return the password of a demo's invented people; nothing anywhere else."""
    from plan_assistant.bootstrap import DEMO_PASSWORD  # noqa: PLC0415  # after the first frame

    if not getattr(door.clock, "is_demo", False):
        return ""
    return say('Demo: the password of the invented people is "{password}".', password=DEMO_PASSWORD)


class PasswordScreen(Overlay["Proof | None"]):
    """One person's password; it answers with the proof, or with nothing."""

    ZONE = Zone.PASSWORD
    BINDINGS = actions.bindings(Zone.PASSWORD)

    def __init__(self, door: Door, person: Account, *, is_new: bool, said: str = "") -> None:
        super().__init__()
        self._door, self._person, self._is_new = door, person, is_new
        self._said = said
        """Why the person is asked, where they had given a password before."""
        self._is_busy = False

    def content(self) -> ComposeResult:
        """Compose the field, twice for a first password, and what happens next."""
        with Vertical(id="password-box", classes="box"):
            yield Field("password", self._field_name, longest=LONGEST, is_secret=True)
            if self._is_new:
                yield Field("again", lambda: self.say("Once more"), longest=LONGEST, is_secret=True)
            yield Notice("password-notice")

    def _field_name(self) -> str:
        return self.say("New password") if self._is_new else self.say("Password")

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#password-box": f"{self._person.display_name} ({self._person.name})"}

    def on_mount(self) -> None:
        """Say what is asked for."""
        self.query_one("#password", Input).focus()
        self._say_what_is_asked()

    def refill(self) -> None:
        """Say it again, for example in another language."""
        super().refill()
        if self.is_mounted:
            self._say_what_is_asked()

    def _say_what_is_asked(self) -> None:
        asked = self.say("Type the password, then Enter. Esc: another person.")
        if self._is_new:
            asked = self.say(
                "This account has no password yet. Choose one, at least 10 characters, and type it "
                "twice. From then on it is asked for."
            )
        self.tell(self._said or asked)

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay."""
        self.query_one(Notice).show(sentence, demo_hint(self._door, self.say))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on from a field."""
        event.stop()
        if self._is_new and event.input.id == "password":
            self.query_one("#again", Input).focus()
        else:
            self.do_password_given()

    def do_password_given(self) -> None:
        """Check what was typed."""
        typed = self.query_one("#password", Input).value
        if not typed or self._is_busy:
            return
        work = self._check(typed)
        self._is_busy = True
        self.tell(self.say("One moment ..."))
        self.start(lambda: self._prove(work), "password")

    def _check(self, typed: str) -> Callable[[], Proof]:
        """Return the work that lets the person in; the hash takes a moment and runs in a thread."""
        from plan_assistant.services.staff import authenticate, set_first_password  # noqa: PLC0415  # after the first frame

        door, name = self._door, self._person.name
        if not self._is_new:
            return lambda: authenticate(door, name, typed)
        again = self.query_one("#again", Input).value

        def first() -> Proof:
            if typed != again:
                raise TransitionRefused("passwords_differ")
            return set_first_password(door, name, typed)

        return first

    async def _prove(self, work: Callable[[], Proof]) -> None:
        try:
            proof = await self.in_background(work)
        except PlanAssistantError as error:
            self._forget()
            self.tell(self.problem_sentence(error))
            return
        finally:
            self._is_busy = False
        self.dismiss(proof)

    def _forget(self) -> None:
        for field in self.query(Input):
            field.value = ""
        self.query_one("#password", Input).focus()

    def do_password_back(self) -> None:
        """Back to the people."""
        if not self._is_busy:
            self.dismiss(None)
