"""How a call ended, by a digit; the next case follows."""

from __future__ import annotations

from textual.app import ComposeResult

from plan_assistant.domain.call_outcome import outcomes
from plan_assistant.domain.case import CaseId
from plan_assistant.services.keeping import end_call
from plan_assistant.services.keys import new_key
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.wording import terms


class OutcomeScreen(Overlay[bool | None]):
    """The outcomes of a call; choosing one records it."""

    ZONE = Zone.OUTCOME
    BINDINGS = actions.bindings(Zone.OUTCOME)

    def __init__(self, case_id: CaseId, *, is_planned: bool) -> None:
        super().__init__()
        self._case_id = case_id
        self._codes = outcomes(is_planned=is_planned)
        self._key = new_key()

    def content(self) -> ComposeResult:
        """Compose the list of outcomes."""
        yield ChoiceList(
            id="outcomes",
            title=lambda: self.say("How did the call end?"),
            note=lambda: self.say("a digit chooses and opens the next case"),
            has_digits=True,
        )

    def on_mount(self) -> None:
        """Show the outcomes."""
        offered = self.query_one(ChoiceList)
        offered.add_class("box")
        offered.show([self._line(number) for number in range(len(self._codes))])
        offered.focus()

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            return columns.left(f"{number + 1}  {self._words_for(number)}", width)

        return draw

    def _words_for(self, number: int) -> str:
        return terms.call_outcome(self._codes[number], self.language)

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner."""
        self.office.tell(sentence)

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Close the call with the outcome of that digit."""
        self._close(self._codes[event.index])

    def do_choose_outcome(self) -> None:
        """Close the call with the marked outcome."""
        self._close(self._codes[self.query_one(ChoiceList).index])

    def _close(self, outcome: str) -> None:
        async def work() -> None:
            with self.telling():
                await self.in_background(
                    lambda: end_call(self.desk, self._case_id, outcome, self._key)
                )
                await self.unless_left(self.office.note_act(self.desk))
                self.dismiss(True)

        self.start(work, "record")

    def do_no_outcome(self) -> None:
        """Back to the call."""
        self.dismiss(None)
