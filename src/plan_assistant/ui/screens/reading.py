"""Overlays that are only read, first of all the case file with what the rules say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.willingness import outlook
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets import situation
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats, terms
from plan_assistant.wording.search_texts import certificate_lines, gap_lines, not_offered
from plan_assistant.wording.willingness import outlook_sentences
from plan_assistant.wording.words import Words

Section = tuple[str, Sequence[str]]
"""A heading and the sentences under it."""


class _Text(Pane):
    """Headed sentences, scrolled."""

    def __init__(
        self, sections: Callable[[Words], Sequence[Section]], title: Callable[[Words], str]
    ) -> None:
        super().__init__(id="reading", classes="box")
        self._sections, self._title = sections, title
        self._top = 0

    def titles(self) -> tuple[str, str]:
        """Return the title."""
        return self._title(self.say), ""

    def _all(self, width: int) -> list[Content]:
        drawn = []
        for heading, sentences in self._sections(self.say):
            drawn.append(line((f" {heading}", "bold")))
            rows = [
                row for text in sentences for row in columns.wrap(text, max(width - 4, 10), "  ")
            ]
            drawn += [line(f"   {row}") for row in rows]
        return drawn

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return what is in view."""
        drawn = self._all(width)
        self._top = max(0, min(self._top, len(drawn) - height))
        return drawn[self._top : self._top + height]

    def move(self, by: int) -> None:
        """Scroll by lines."""
        self._top = max(0, self._top + by)
        self.show_again()

    def page(self, by: int) -> None:
        """Scroll by pages."""
        self.move(by * max(self.content_size.height - 1, 1))


class ReadingScreen(Overlay[None]):
    """Something to read over the screen that asked for it."""

    ZONE = Zone.READING
    BINDINGS = actions.bindings(Zone.READING)

    def __init__(
        self, title: Callable[[Words], str], sections: Callable[[Words], Sequence[Section]]
    ) -> None:
        super().__init__()
        self._text = _Text(sections, title)

    def content(self) -> ComposeResult:
        """Compose the text."""
        yield self._text

    def do_read_up(self) -> None:
        """One line up."""
        self._text.move(-1)

    def do_read_down(self) -> None:
        """One line down."""
        self._text.move(1)

    def do_read_page_up(self) -> None:
        """One page up."""
        self._text.page(-1)

    def do_read_page_down(self) -> None:
        """One page down."""
        self._text.page(1)

    def do_read_close(self) -> None:
        """Back."""
        self.dismiss(None)


def case_file_screen(call: Callable[[], Negotiation], note: Callable[[], str]) -> ReadingScreen:
    """Return everything known of a case, and what every rule says about the selected plan."""

    def sections(say: Words) -> list[Section]:
        state = call()
        case = state.case
        debts = [situation.joined(situation.debt_sentences(debt, say), say) for debt in case.debts]
        contacts = [
            say(
                "{day}: {outcome}",
                day=formats.day(contact.on, say.language),
                outcome=terms.contact_outcome(contact.outcome, say.language),
            )
            for contact in sorted(case.contacts, key=lambda item: item.on, reverse=True)
        ]
        written = [text for text in (case.note, note()) if text]
        return [
            (say("Debts"), debts),
            (say("Hardship"), situation.hardship_sentences(case, say)),
            (say("History"), [*situation.history_sentences(case, say), *contacts]),
            (
                say("Willingness"),
                outlook_sentences(outlook(case, state.affordability), say.language),
            ),
            (say("The selected plan"), situation.plan_sentences(state, say) or [say("no plan")]),
            *_search_sections(state, say),
            (
                say("This call"),
                situation.trail_sentences(state, say) or [say("nothing offered yet")],
            ),
            *([(say("Notes"), written)] if written else []),
        ]

    return ReadingScreen(lambda say: say("Case file {case}", case=call().case.case_id), sections)


def _search_sections(state: Negotiation, say: Words) -> list[Section]:
    """Return what is missing where nothing fits, and what was searched and excluded."""
    offers, language = state.offers, say.language
    sections: list[Section] = []
    if offers.gap is not None:
        sections.append((say("What is missing"), gap_lines(offers.gap, language)))
    if offers.certificate is not None:
        searched = certificate_lines(offers.certificate, state.debt.owed, language)
        sections.append((say("What was searched"), [*searched, *not_offered(offers, language)]))
    return sections
