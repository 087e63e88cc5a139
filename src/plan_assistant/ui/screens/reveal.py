"""Asks what somebody wants to see personal data for; the record has the answer before they do."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.personal import RevealReason
from plan_assistant.services.keys import new_key
from plan_assistant.services.reveal import reveal
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import terms

_REASONS = tuple(RevealReason)
_LONGEST = 400


class _Notice(Pane):
    """What is still missing, or what went wrong."""

    def __init__(self) -> None:
        super().__init__(id="reveal-notice")
        self._sentence = ""

    def show(self, sentence: str) -> None:
        """Show a sentence."""
        self._sentence = sentence
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the sentence, wrapped."""
        rows = columns.wrap(self._sentence, max(width - 2, 10))
        return [line((f" {row}", "bold")) for row in rows]


class RevealScreen(Overlay[bool | None]):
    """The reasons by digit; the last one wants a sentence. Answers whether it was recorded."""

    ZONE = Zone.REVEAL
    BINDINGS = actions.bindings(Zone.REVEAL)

    def __init__(self, case_id: CaseId) -> None:
        super().__init__()
        self._case_id = case_id
        self._key = new_key()
        self._is_busy = False

    def content(self) -> ComposeResult:
        """Compose the reasons and the sentence."""
        with Vertical(id="reveal", classes="box"):
            yield ChoiceList(
                id="reasons",
                title=lambda: self.say("Reason, by its digit"),
                has_digits=True,
            )
            yield Field("sentence", lambda: self.say("Sentence"), longest=_LONGEST)
            yield _Notice()

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#reveal": self.say("What do you need the personal data for?")}

    def on_mount(self) -> None:
        """Show the reasons."""
        super().on_mount()
        reasons = self.query_one(ChoiceList)
        reasons.show([self._line(number) for number in range(len(_REASONS))])
        reasons.styles.height = len(_REASONS) + 2
        reasons.focus()

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            reason = terms.reveal_reason(_REASONS[number], self.language)
            return columns.left(f"{number + 1} {reason}", width)

        return draw

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay."""
        self.query_one(_Notice).show(sentence)

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Take the reason of that digit."""
        event.stop()
        self.do_take_reason()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Reveal from the field."""
        event.stop()
        self.do_take_reason()

    def do_take_reason(self) -> None:
        """Record the marked reason; one that is told in words waits for them."""
        reason = _REASONS[self.query_one(ChoiceList).index]
        sentence = self.query_one("#sentence", Input).value.strip()
        if reason is RevealReason.OTHER and not sentence:
            self.query_one("#sentence", Input).focus()
            self.tell(self.say("Write in a sentence what you need it for."))
        elif not self._is_busy:
            self._is_busy = True
            self.start(lambda: self._record(reason, sentence), "reveal")

    async def _record(self, reason: RevealReason, sentence: str) -> None:
        try:
            await self.in_background(
                lambda: reveal(self.desk, self._case_id, reason, key=self._key, sentence=sentence)
            )
        except PlanAssistantError as error:
            self.tell(self.problem_sentence(error))
            return
        finally:
            self._is_busy = False
        self.dismiss(True)

    def do_not_revealed(self) -> None:
        """Back; everything stays masked."""
        self.dismiss(None)
