"""The dials of a call: type what you hear, nudge with the arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.ui import actions, columns, dials, symbols
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.dials import LABELS, Dial, Unreadable
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats

_ROOMY = 30
"""From this inner width each dial has a line of its own for value and track."""


class DialPanel(Acting, Pane, can_focus=True):
    """Five dials, one of them marked; it knows what is being typed, and nothing of plans."""

    ZONE = Zone.DIALS
    BINDINGS = actions.bindings(Zone.DIALS)

    @dataclass
    class Turned(Message):
        """The collector turned a dial; the plans have to follow."""

        wishes: Wishes
        is_new_entry: bool
        """Whether this starts a new turn; later digits of the same number do not."""

    @dataclass
    class Unclear(Message):
        """What stands in the dial is not a value yet."""

        sentence: str

    @dataclass
    class Restored(Message):
        """The collector took the turn of this dial back."""

    @dataclass
    class Corrected(Message):
        """A value was moved to the nearest one that the dial has."""

        sentence: str

    def __init__(self) -> None:
        super().__init__(id="dials")
        self._call: Negotiation | None = None
        self._dial = Dial.MONTHLY
        self._typed: str | None = None
        """What is being typed; None when the dial shows its value."""
        self._is_turning = False
        self._is_refused = False

    def show(self, call: Negotiation, *, is_refused: bool = False) -> None:
        """Show the dials of a call; with `is_refused` what was dialed last describes no plan."""
        self._call, self._is_refused = call, is_refused
        self.show_again()

    def mark(self, dial: Dial) -> None:
        """Mark a dial; a turn that was going on is finished."""
        self._dial = dial
        self.settle()

    def settle(self) -> None:
        """Finish the turn that is going on: the next key starts a new one."""
        self._typed = None
        self._is_turning = False
        self.show_again()

    # --- drawing ------------------------------------------------------------------------------

    def titles(self) -> tuple[str, str]:
        """Return the name of the zone."""
        return self.say("Dials"), ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return a line for each dial and one track, or two lines for each where there is room."""
        if self._call is None:
            return []
        if width >= _ROOMY:
            return [drawn for dial in Dial for drawn in self._two_lines(self._call, dial, width)]
        return [
            *(self._one_line(self._call, dial, width) for dial in Dial),
            line(" " + self._track(self._call, self._dial, width - 2)),
        ]

    def _one_line(self, call: Negotiation, dial: Dial, width: int) -> Content:
        value = self._value(call, dial)
        name = self._words_for(call, dial)
        if columns.width_of(name) + columns.width_of(value) + 3 > width:
            name = self.say(LABELS[dial])
        text = f"{self._cursor(dial)}{columns.entry(name, value, width - 2)} "
        return line((text, self._style(dial)))

    def _two_lines(self, call: Negotiation, dial: Dial, width: int) -> tuple[Content, Content]:
        hint = self._hint(call, dial)
        head = columns.ends(
            f"{self._cursor(dial)}{self._words_for(call, dial)}", f"{hint} " if hint else "", width
        )
        value = columns.amount(self._value(call, dial), 15)
        return (
            line((head, self._style(dial))),
            line((f"{value}  {self._track(call, dial, width - 18)} ", self._style(dial))),
        )

    def _cursor(self, dial: Dial) -> str:
        return symbols.CURSOR if dial is self._dial and self.has_focus else " "

    def _style(self, dial: Dial) -> str:
        return "bold $focus-line" if dial is self._dial and self.has_focus else ""

    def _words_for(self, call: Negotiation, dial: Dial) -> str:
        name = self.say(LABELS[dial])
        return self.say("{dial} auto", dial=name) if dials.is_solved(call, dial) else name

    def _value(self, call: Negotiation, dial: Dial) -> str:
        if dial is self._dial and self._typed is not None:
            return f"{self._typed}_"
        return dials.shown(dial, dials.value_of(call, dial), call.debt.currency, self.language)

    def _track(self, call: Negotiation, dial: Dial, width: int) -> str:
        scale = dials.scale_of(call, dial)
        return symbols.track(scale.low, scale.mine, scale.high, dials.value_of(call, dial), width)

    def _hint(self, call: Negotiation, dial: Dial) -> str:
        payday = call.case.budget.payday
        if dial is Dial.DUE_DAY and payday is not None:
            return self.say("paid on {day}", day=formats.day_of_month(payday, self.language))
        return ""

    # --- turning ------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take digits, a point and their full-width forms; they replace what the dial showed."""
        if event.character is None or not dials.is_entry(event.character):
            return
        event.stop()
        event.prevent_default()
        self._type(dials.narrowed((self._typed or "") + event.character))

    def on_focus(self) -> None:
        """Show the cursor."""
        self.show_again()

    def on_blur(self) -> None:
        """Finish the turn and hide the cursor."""
        self.accept()

    def _type(self, text: str) -> None:
        call = self._call
        if call is None:
            return
        self._typed = text
        try:
            value = dials.typed(call, self._dial, text, self.say)
        except Unreadable as problem:
            self.post_message(self.Unclear(problem.sentence))
            self.show_again()
            return
        self._turn(dials.turned(call, self._dial, value))

    def _turn(self, wishes: Wishes) -> None:
        is_new, self._is_turning = not self._is_turning, True
        self.post_message(self.Turned(wishes, is_new))
        self.show_again()

    def _nudge(self, steps: int) -> None:
        if self._call is not None:
            self._typed = None
            value = dials.nudged(self._call, self._dial, steps)
            self._turn(dials.turned(self._call, self._dial, value))

    def accept(self) -> None:
        """Finish the turn; what is not a value is moved to the nearest one, and that is said."""
        call, text = self._call, self._typed
        if call is not None and (self._is_refused or self._is_unreadable(call, text)):
            kept = dials.shown(
                self._dial, dials.value_of(call, self._dial), call.debt.currency, self.language
            )
            name = self.say(LABELS[self._dial])
            self.post_message(
                self.Corrected(
                    self.say("The dial {dial} stays at {kept}.", dial=name, kept=kept)
                    if text is None
                    else self.say(
                        "{typed} is no value of the dial {dial}; it stays at {kept}.",
                        typed=text,
                        dial=name,
                        kept=kept,
                    )
                )
            )
        self.settle()

    def _is_unreadable(self, call: Negotiation, text: str | None) -> bool:
        if text is None:
            return False
        try:
            dials.typed(call, self._dial, text, self.say)
        except Unreadable:
            return True
        return False

    def _move(self, by: int) -> None:
        self.accept()
        order = list(Dial)
        self._dial = order[(order.index(self._dial) + by) % len(order)]
        self.show_again()

    def do_dial_up(self) -> None:
        """Go to the dial above."""
        self._move(-1)

    def do_dial_down(self) -> None:
        """Go to the dial below."""
        self._move(1)

    def do_dial_accept(self) -> None:
        """Accept the value and go on."""
        self._move(1)

    def do_dial_less(self) -> None:
        """One step down."""
        self._nudge(-1)

    def do_dial_more(self) -> None:
        """One step up."""
        self._nudge(1)

    def do_dial_much_less(self) -> None:
        """Ten steps down."""
        self._nudge(-10)

    def do_dial_much_more(self) -> None:
        """Ten steps up."""
        self._nudge(10)

    def do_dial_least(self) -> None:
        """Go to the lower end."""
        self._to_end(is_low=True)

    def do_dial_most(self) -> None:
        """Go to the most that I may grant."""
        self._to_end(is_low=False)

    def _to_end(self, *, is_low: bool) -> None:
        if self._call is not None:
            self._typed = None
            scale = dials.scale_of(self._call, self._dial)
            self._turn(dials.turned(self._call, self._dial, scale.low if is_low else scale.mine))

    def do_dial_erase(self) -> None:
        """Erase the last digit."""
        if self._typed:
            self._type(self._typed[:-1])

    def do_dial_free(self) -> None:
        """Leave the dial to the program."""
        if self._call is not None:
            self._typed = None
            self._turn(dials.turned(self._call, self._dial, None))

    def do_dial_restore(self) -> None:
        """Put the dial back; without a turn the key belongs to the screen."""
        if self._is_turning or self._typed is not None:
            self.settle()
            self.post_message(self.Restored())
        else:
            self.screen.call_later(self.screen.run_action, "act('to_queue')")
