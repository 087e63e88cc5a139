"""The read-back gate: sentences ticked, recording named, amount typed; then it is recorded.

Not here: what is read (`wording/script.py`) and what is recorded (`services`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError, PlanNotSent
from plan_assistant.domain.events import Json, RequestKey
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.services.keys import new_key
from plan_assistant.services.negotiate import agreement_of, record
from plan_assistant.ui import actions, columns, dials, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.agreed_amount import agreed_amount
from plan_assistant.ui.dials import Unreadable
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats, script, terms


@dataclass
class Draft:
    """What was ticked and typed so far; it outlives the overlay, so that nothing is lost by Esc."""

    plan_terms: Terms | None = None
    language: str = ""
    ticked: int = 0
    recording: str = ""
    amount: str = ""
    reason: int | None = None
    drawn: dict[tuple[str, str | None, str], tuple[dict[str, Json], RequestKey]] = field(
        default_factory=dict
    )
    """Agreements drawn up, by what was typed: a retry sends the same content with the same key."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The receipt of a recorded plan."""

    number: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """A plan that was accepted while the store was away: kept here, no lead has it."""

    number: str
    fingerprint: str
    key: RequestKey


class _Lines(Pane, can_focus=True):
    """The sentences of the read-back with their ticks; the next one to read stays in view."""

    def __init__(self, sentences: Sequence[str], draft: Draft) -> None:
        super().__init__(id="sentences")
        self._sentences, self._draft = sentences, draft

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the part of the text around the sentence that is read now."""
        drawn: list[Content] = []
        last_shown = 0
        for number, sentence in enumerate(self._sentences):
            is_now = number == self._draft.ticked
            mark = symbols.TICKED if number < self._draft.ticked else symbols.OPEN
            text = f"{symbols.NEXT if is_now else mark} {sentence}"
            style = "bold $focus-line" if is_now else ""
            drawn += [
                line((f" {row}", style)) for row in columns.wrap(text, max(width - 2, 10), "    ")
            ]
            if number <= self._draft.ticked:
                last_shown = len(drawn)
        top = max(0, last_shown - height)
        return drawn[top : top + height]


class _Notice(Pane):
    """What went wrong, or what is still missing; also the receipt."""

    def __init__(self) -> None:
        super().__init__(id="gate-notice")
        self._sentence = ""

    def show(self, sentence: str) -> None:
        """Show a sentence."""
        self._sentence = sentence
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the sentence, wrapped."""
        rows = columns.wrap(self._sentence, max(width - 2, 10))
        return [line((f" {row}", "bold $verdict-tight")) for row in rows][:height]


class ReadBackScreen(Overlay[Recorded | NotSent | None]):
    """Read the plan aloud, tick each sentence, type the amount; nothing is recorded by accident."""

    ZONE = Zone.READ_BACK
    BINDINGS = actions.bindings(Zone.READ_BACK)

    def __init__(self, call: Negotiation, draft: Draft, note: str, *, name: str) -> None:
        super().__init__()
        assert call.plan is not None
        self._call, self._plan, self._draft, self._note = call, call.plan, draft, note
        self._borrower = name
        self._amount, self._amount_names = agreed_amount(call.plan)
        self._sentences: tuple[str, ...] = ()
        self._receipt: Recorded | NotSent | None = None
        self._is_busy = False

    @property
    def _needs_reason(self) -> bool:
        return self._plan.needs is not None

    def content(self) -> ComposeResult:
        """Compose sentences, fields and the notice."""
        self._sentences = script.read_back(self._plan, self._call.case, self.language)
        box = Vertical(id="read-back", classes="box")
        with box:
            yield _Lines(self._sentences, self._draft)
            if self._needs_reason:
                yield ChoiceList(
                    id="reasons",
                    title=lambda: self.say("Reason for asking the lead"),
                    has_digits=True,
                )
            yield Field(
                "recording", lambda: self.say("Recording reference"), value=self._draft.recording
            )
            yield Field("amount", self._amount_name, value=self._draft.amount, longest=24)
            yield _Notice()

    def _amount_name(self) -> str:
        names = self._amount_names
        return self.say(names.to_lead if self._needs_reason else names.to_record)

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        name = columns.shorten(self._borrower, 30)
        return {"#read-back": self.say("Read back to {name}", name=name)}

    def on_mount(self) -> None:
        """Start at the first sentence that was not read yet."""
        if self._needs_reason:
            reasons = self.query_one("#reasons", ChoiceList)
            codes = self._call.policy.submit_reasons
            reasons.show(
                [self._reason_line(number) for number in range(len(codes))], self._draft.reason or 0
            )
            reasons.styles.height = len(codes) + 2
        self._go_on()
        self._say_missing()

    def _reason_line(self, number: int) -> Item:
        def draw(width: int) -> str:
            code = self._call.policy.submit_reasons[number]
            tick = symbols.TICKED if number == self._draft.reason else symbols.OPEN
            return columns.left(
                f"{tick} {number + 1} {terms.submit_reason(code, self.language)}", width
            )

        return draw

    # --- where the keys go ----------------------------------------------------------------------

    def _stops(self) -> list[str]:
        return ["sentences", *(["reasons"] if self._needs_reason else []), "recording", "amount"]

    def _go_on(self) -> None:
        """Focus the first place where something is still missing."""
        place = "amount"
        if self._draft.ticked < len(self._sentences):
            place = "sentences"
        elif self._needs_reason and self._draft.reason is None:
            place = "reasons"
        elif not self._draft.recording:
            place = "recording"
        self.query_one(f"#{place}").focus()

    def _place(self) -> str:
        focused = self.focused
        return (
            str(focused.id) if focused is not None and focused.id in self._stops() else "sentences"
        )

    def _move(self, by: int) -> None:
        stops = self._stops()
        place = (stops.index(self._place()) + by) % len(stops)
        self.query_one(f"#{stops[place]}").focus()

    def do_field_up(self) -> None:
        """Go to the field above."""
        self._move(-1)

    def do_field_down(self) -> None:
        """Go to the field below."""
        self._move(1)

    # --- ticking and typing ---------------------------------------------------------------------

    def do_tick_line(self) -> None:
        """Tick the sentence that was read, take the reason, or close after the receipt."""
        if self._receipt is not None:
            self.dismiss(self._receipt)
            return
        place = self._place()
        if place == "reasons":
            self._choose_reason(self.query_one("#reasons", ChoiceList).index)
            return
        if self._draft.ticked < len(self._sentences):
            self._draft.ticked += 1
        self.query_one(_Lines).show_again()
        if self._draft.ticked >= len(self._sentences):
            self._go_on()
        self._say_missing()

    def do_untick_line(self) -> None:
        """Take the last tick back."""
        self._draft.ticked = max(0, self._draft.ticked - 1)
        self.query_one("#sentences").focus()
        self.query_one(_Lines).show_again()
        self._say_missing()

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Take the reason of that digit."""
        event.stop()
        self._choose_reason(event.index)

    def _choose_reason(self, index: int) -> None:
        self._draft.reason = index
        self.query_one("#reasons", ChoiceList).show_again()
        self._go_on()
        self._say_missing()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what is typed; full-width digits become ordinary ones."""
        if event.input.id == "amount":
            # Several keys may have come before this message: what stands in the field now counts.
            ordinary = dials.narrowed(event.input.value)
            if ordinary != event.input.value:
                event.input.value = ordinary
            self._draft.amount = ordinary
        else:
            self._draft.recording = event.value.strip()
        self._say_missing()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on, or record where everything is there."""
        event.stop()
        if self._receipt is not None:
            self.dismiss(self._receipt)
        elif event.input.id == "recording":
            self._go_on()
        else:
            self._try_to_record()

    # --- the gate -------------------------------------------------------------------------------

    def _missing(self) -> str | None:
        """Return what is still missing before it can be recorded, one thing at a time."""
        left = len(self._sentences) - self._draft.ticked
        if left > 0:
            return self.say.plural(
                "{count} sentence is still to be read: Enter ticks it.",
                "{count} sentences are still to be read: Enter ticks each.",
                left,
            )
        if self._needs_reason and self._draft.reason is None:
            return self.say("Choose by its digit why you ask for more than you may grant.")
        needs_recording = any(finding.test == "recording_kept" for finding in self._plan.findings)
        if needs_recording and not self._draft.recording:
            return self.say(
                "Type the reference of the call recording: "
                "without it an oral agreement does not count."
            )
        if not self._draft.amount:
            return self.say(self._amount_names.ask)
        return None

    def _say_missing(self) -> None:
        if self._receipt is None and not self._is_busy:
            self.query_one(_Notice).show(self._missing() or self.say("Enter records it."))

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay; what was typed stays."""
        self.query_one(_Notice).show(sentence)

    def _try_to_record(self) -> None:
        missing = self._missing()
        if missing is not None:
            self.tell(missing)
            self._go_on()
            return
        try:
            amount = dials.read_amount(self._draft.amount, self._amount.currency, self.say)
        except Unreadable as problem:
            self.tell(problem.sentence)
            return
        if amount != self._amount:
            typed = formats.money(amount, self.language)
            self.tell(self.say(self._amount_names.differs, typed=typed))
            return
        if not self._is_busy:
            self._is_busy = True
            self.start(self._record, "record")

    async def _record(self) -> None:
        self.tell(self.say("Recording ..."))
        try:
            agreement, key = await self.in_background(self._drawn_up)
            self._receipt, said = await self._sent(agreement, key)
            await self.unless_left(self.office.note_act(self.desk))
        except PlanAssistantError as error:
            self.tell(self.say("Not recorded. {reason}", reason=self.problem_sentence(error)))
            return
        finally:
            self._is_busy = False
        self.tell(said)

    async def _sent(
        self, agreement: dict[str, Json], key: RequestKey
    ) -> tuple[Recorded | NotSent, str]:
        """Send the plan to the lead; return what became of it, and what to say."""
        number, content = str(agreement["number"]), agreement_fingerprint(agreement)
        try:
            receipt = await self.in_background(
                lambda: record(self.desk, self._call, agreement, key=key)
            )
        except PlanNotSent as refused:
            from plan_assistant.wording.keeping import not_sent_short  # noqa: PLC0415  # only then

            return NotSent(number, content, key), not_sent_short(refused, self.language)
        said = self.say(
            "Recorded as {number}, version {version} of the case. "
            "It waits for the team lead. Enter closes.",
            number=number,
            version=receipt.version,
        )
        return Recorded(number, receipt.version, content), said

    def _drawn_up(self) -> tuple[dict[str, Json], RequestKey]:
        """Return the agreement for what was typed, and its request; drawn up once."""
        reason = (
            None
            if self._draft.reason is None
            else self._call.policy.submit_reasons[self._draft.reason]
        )
        typed = (self._draft.recording, reason, self._note)
        if typed not in self._draft.drawn:
            agreement = agreement_of(
                self.desk,
                self._call,
                lines_read=self._sentences,
                recording=self._draft.recording or None,
                reason_code=reason,
                note=self._note,
            )
            self._draft.drawn[typed] = (agreement, new_key())
        return self._draft.drawn[typed]

    def do_not_yet(self) -> None:
        """Back to the call; what was ticked and typed is kept."""
        if not self._is_busy:
            self.dismiss(self._receipt)
