"""The lock: after a while without a key nothing personal stays in view.

The screens below stay as they are. Their owner unlocks with the password and is where they were;
somebody else may sign in instead, and an open call is kept for its owner (`idle.py`).
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.screens.password import LONGEST, demo_hint
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.notice import Notice
from plan_assistant.ui.widgets.text import Pane


class LockScreen(BaseScreen):
    """Whose screen it is, and the field that opens it; nothing of what lies below."""

    ZONE = Zone.LOCKED
    BINDINGS = actions.bindings(Zone.LOCKED)

    def __init__(self) -> None:
        super().__init__()
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Compose the field and what happens next."""
        yield TopLine(id="top")
        with Vertical(id="lock-box", classes="box"):
            yield Field("unlock", lambda: self.say("Password"), longest=LONGEST, is_secret=True)
            yield Notice("lock-notice")
        # No role: the keys of the lock are everybody's.
        yield KeyBar(Zone.LOCKED, None, self.refusal)

    def on_mount(self) -> None:
        """Ask for the password."""
        self.query_one("#unlock", Input).focus()
        self.refill()

    def refill(self) -> None:
        """Show everything again."""
        self.query_one(TopLine).show(lambda _: (self.say("Locked"), ""))
        account = self.desk.account
        Pane.name_box(self.query_one("#lock-box"), f"{account.display_name} ({account.name})")
        self._say_what_is_asked()
        super().refill()

    def _say_what_is_asked(self) -> None:
        asked = self.say(
            "Type the password, then Enter: everything is where it was. F9: another person signs "
            "in; an open call is kept."
        )
        self.tell(asked)

    def tell(self, sentence: str) -> None:
        """Show a sentence under the field."""
        self.query_one(Notice).show(sentence, demo_hint(self.desk.door, self.say))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Unlock from the field."""
        event.stop()
        self.do_unlock()

    def do_unlock(self) -> None:
        """Check the password of the person whose screen it is."""
        field = self.query_one("#unlock", Input)
        typed = field.value
        if not typed or self._is_busy:
            return
        field.value = ""
        self._is_busy = True
        self.tell(self.say("One moment ..."))
        self.start(lambda: self._unlock(typed), "unlock")

    async def _unlock(self, typed: str) -> None:
        from plan_assistant.services.staff import require_back  # noqa: PLC0415  # only to unlock

        desk = self.desk
        try:
            await self.in_background(lambda: require_back(desk.door, desk.account, typed))
        except PlanAssistantError as error:
            self.tell(self.problem_sentence(error))
            return
        finally:
            self._is_busy = False
        self.office.unlock(self)

    def do_other_at_lock(self) -> None:
        """Let another person sign in."""
        if not self._is_busy:
            self.office.sign_out()
