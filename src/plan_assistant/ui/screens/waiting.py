"""What a person did that is not in the record: it waits, was refused, or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.domain.waiting import JournalContent
from plan_assistant.ui.screens.reading import ReadingScreen, Section
from plan_assistant.wording.keeping import (
    act_line,
    damaged_line,
    deciding_sentence,
    reason_sentence,
)
from plan_assistant.wording.words import Words


class WaitingScreen(ReadingScreen):
    """The journal of this machine, to read; deciding is done on the command line."""

    def __init__(self, content: JournalContent) -> None:
        self._found = content
        super().__init__(lambda say: say("Not in the record"), self._sections)

    def _sections(self, say: Words) -> Sequence[Section]:
        language = say.language
        waits = [act_line(one.act, language) for one in self._found.acts if one.refusal is None]
        refused = [
            f"{one.act.short_key}  {act_line(one.act, language)}: {reason_sentence(one, language)}"
            for one in self._found.acts
            if one.refusal is not None
        ]
        damaged = [damaged_line(one, language) for one in self._found.damaged]
        sections: list[Section] = []
        if waits:
            sections.append((say("Waits for the store"), waits))
        if refused:
            sections.append((say("Refused"), [*refused, deciding_sentence(language)]))
        if damaged:
            sections.append((say("Unreadable"), damaged))
        nothing = say("Nothing waits on this machine: all is in the record.")
        return sections or [(say("All is saved"), [nothing])]
