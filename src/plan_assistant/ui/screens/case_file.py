"""The case file: everything known of a case, who it is about masked until somebody asks for it.

Not here: who may ask, and that the record keeps it (`services/reveal.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from plan_assistant.domain.case import Case
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.willingness import outlook
from plan_assistant.services import negotiate
from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.reading import ReadingScreen, Section
from plan_assistant.ui.screens.reveal import RevealScreen
from plan_assistant.ui.widgets import situation
from plan_assistant.ui.widgets.bars import KeyBar
from plan_assistant.wording import formats, terms
from plan_assistant.wording.follow_up import plan_lines
from plan_assistant.wording.gap_texts import gap_lines
from plan_assistant.wording.refusal_texts import not_offered
from plan_assistant.wording.search_texts import certificate_lines
from plan_assistant.wording.willingness import outlook_sentences
from plan_assistant.wording.words import Words


class CaseFileScreen(ReadingScreen):
    """Everything known of a case, and what every rule says about the selected plan."""

    ZONE = Zone.CASE_FILE
    BINDINGS = [*actions.bindings(Zone.READING), *actions.bindings(Zone.CASE_FILE)]  # noqa: RUF012  # the framework's

    def __init__(
        self,
        call: Callable[[], Negotiation],
        note: Callable[[], str],
        *,
        is_revealed: Callable[[], bool],
        revealed: Callable[[], None],
    ) -> None:
        super().__init__(
            lambda say: say("Case file {case}", case=call().case.case_id), self._sections
        )
        self._call, self._note = call, note
        self._is_revealed, self._revealed = is_revealed, revealed

    def compose(self) -> ComposeResult:
        """Compose the text, and the keys of reading with those of this file."""
        yield from self.content()
        yield KeyBar(Zone.READING, self.role, self.refusal, also=Zone.CASE_FILE)

    def refusal(self, action_id: str) -> str | None:
        """Say why nothing can be revealed now."""
        if action_id == "reveal" and self._is_revealed():
            return self.say("Everything is shown already.")
        return super().refusal(action_id)

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner."""
        self.office.tell(sentence)

    def do_reveal(self) -> None:
        """Ask for the reason, then show what is masked."""
        self.office.push_screen(RevealScreen(self._call().case.case_id), self._after)

    def _after(self, is_revealed: bool | None) -> None:
        if is_revealed:
            self._revealed()
            self.refill()

    def _sections(self, say: Words) -> list[Section]:
        state = self._call()
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
        written = [text for text in (self._shown(case.note), self._note()) if text]
        return [
            (say("Borrower"), self._borrower(case, say)),
            (say("Debts"), debts),
            *_agreement_sections(state, say),
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

    def _borrower(self, case: Case, say: Words) -> list[str]:
        person = case.borrower
        known = [
            say("Name: {text}", text=self._shown(person.name)),
            say("ID number: {text}", text=self._shown(person.id_number)),
            say("Phone: {text}", text=self._shown(person.phone)),
            say("Address: {text}", text=self._shown(person.address)),
        ]
        fields = (person.name, person.id_number, person.phone, person.address)
        return [text for text, field in zip(known, fields, strict=True) if field]

    def _shown(self, text: Personal | None) -> str:
        if text is None:
            return ""
        return text.revealed if self._is_revealed() else text.masked


def _agreement_sections(state: Negotiation, say: Words) -> list[Section]:
    """Return where every approved plan stands today; nothing where there is none."""
    lines = [
        line for item in state.agreements for line in plan_lines(item, state.today, say.language)
    ]
    return [(say("Agreements"), lines)] if lines else []


def _search_sections(state: Negotiation, say: Words) -> list[Section]:
    """Return what is missing where nothing fits, and what was searched and excluded."""
    offers, language = state.offers, say.language
    sections: list[Section] = []
    gap = negotiate.missing(state)
    if gap is not None:
        sections.append((say("What is missing"), gap_lines(gap, language)))
    if offers.certificate is not None:
        searched = certificate_lines(offers.certificate, state.debt.owed, language)
        refused = not_offered(offers.refusals, language)
        sections.append((say("What was searched"), [*searched, *refused]))
    return sections
