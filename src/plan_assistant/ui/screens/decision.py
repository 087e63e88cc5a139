"""The gates of a team lead: the key, then Enter on a line that names the consequence.

Not here: what is decided upon (`approvals.py`) and who may (`services/decide.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.services import decide
from plan_assistant.services.decide import PendingPlan, return_reasons
from plan_assistant.services.keys import new_key
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.requests import read_request
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import terms
from plan_assistant.wording.course import recorded_course


class Decision(StrEnum):
    """What can become of a request."""

    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"
    TAKE_BACK = "take_back"


class _Consequence(Pane):
    """What Enter will do, and what is still missing."""

    def __init__(self) -> None:
        super().__init__(id="consequence")
        self._sentences: Sequence[str] = ()

    def show(self, *sentences: str) -> None:
        """Show sentences."""
        self._sentences = sentences
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return them, wrapped."""
        rows = [row for text in self._sentences for row in columns.wrap(text, max(width - 2, 10))]
        return [line((f" {row}", "bold")) for row in rows]


class DecisionScreen(Overlay[str | None]):
    """One decision on one request; it answers with the sentence of what was done."""

    ZONE = Zone.DECISION
    BINDINGS = actions.bindings(Zone.DECISION)

    def __init__(self, plan: PendingPlan, decision: Decision) -> None:
        super().__init__()
        self._plan, self._decision = plan, decision
        self._codes: tuple[str, ...] = ()
        self._reason: int | None = None
        self._key = new_key()
        self._is_busy = False

    @property
    def _needs_reason(self) -> bool:
        return self._decision in {Decision.RETURN, Decision.DECLINE}

    def content(self) -> ComposeResult:
        """Compose reasons, a sentence and the consequence."""
        with Vertical(id="decision", classes="box"):
            if self._needs_reason:
                yield ChoiceList(
                    id="reasons", title=lambda: self.say("Reason, by its digit"), has_digits=True
                )
            yield Field("sentence", lambda: self.say("Sentence"), longest=400)
            yield _Consequence()

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#decision": self._title()}

    def on_mount(self) -> None:
        """Ask for what the decision needs."""
        if self._needs_reason:
            self._codes = self._return_reasons()
            reasons = self.query_one(ChoiceList)
            reasons.show([self._line(number) for number in range(len(self._codes))])
            reasons.styles.height = len(self._codes) + 2
            reasons.focus()
        else:
            self.query_one("#sentence").focus()
        self._say_missing()

    def _return_reasons(self) -> tuple[str, ...]:
        from plan_assistant.domain.record import fold  # noqa: PLC0415  # only to find the case's policy

        return return_reasons(self.desk, fold(self.desk.store.events(self._plan.case_id)))

    def _title(self) -> str:
        name = self._plan.masked_name
        match self._decision:
            case Decision.APPROVE:
                return self.say("Approve {name}", name=name)
            case Decision.RETURN:
                return self.say("Return {name}", name=name)
            case Decision.DECLINE:
                return self.say("Decline {name}", name=name)
        return self.say("Take back {name}", name=name)

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            tick = symbols.TICKED if number == self._reason else symbols.OPEN
            return columns.left(
                f"{tick} {number + 1} {terms.return_reason(self._codes[number], self.language)}",
                width,
            )

        return draw

    def _consequence(self) -> str:
        request = read_request(self._plan.agreement)
        payments = recorded_course(request.figures, self.language)
        values: dict[str, str | int] = {
            "plan": f"{request.total.currency.code} {payments}",
            "name": self._plan.masked_name,
        }
        match self._decision:
            case Decision.APPROVE:
                return self.say("Enter APPROVES {plan} for {name}. Esc: not yet.", **values)
            case Decision.RETURN:
                return self.say("Enter RETURNS {plan} to the collector. Esc: not yet.", **values)
            case Decision.DECLINE:
                return self.say("Enter DECLINES {plan} for {name}. Esc: not yet.", **values)
        return self.say("Enter TAKES BACK {plan} for {name}. Esc: not yet.", **values)

    def _sentence(self) -> str:
        return self.query_one("#sentence", Input).value.strip()

    def _missing(self) -> str | None:
        if self._needs_reason and self._reason is None:
            return self.say("Choose a reason by its digit.")
        if (
            self._decision is Decision.APPROVE
            and len(self._plan.needs_approval) > 1
            and not self._sentence()
        ):
            return self.say("More than one rule is off: write a sentence why this is right.")
        return None

    def _say_missing(self) -> None:
        if not self._is_busy:
            self.query_one(_Consequence).show(self._missing() or self._consequence())

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay."""
        self.query_one(_Consequence).show(sentence)

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Take the reason of that digit and go on to the sentence."""
        event.stop()
        self._reason = event.index
        self.query_one(ChoiceList).show_again()
        self.query_one("#sentence").focus()
        self._say_missing()

    def on_input_changed(self) -> None:
        """Say what is missing now."""
        self._say_missing()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Confirm from the field."""
        event.stop()
        self.do_decide()

    def do_decide(self) -> None:
        """Take the marked reason, or carry the decision out."""
        if self._needs_reason and self._reason is None:
            self.on_choice_list_digit(ChoiceList.Digit(self.query_one(ChoiceList).index))
            return
        missing = self._missing()
        if missing is not None:
            self.tell(missing)
            self.query_one("#sentence").focus()
            return
        if not self._is_busy:
            self._is_busy = True
            self.start(self._carry_out, "decide")

    async def _carry_out(self) -> None:
        self.tell(self.say("Recording ..."))
        sentence = self._sentence()
        try:
            await self.in_background(lambda: self._write(sentence))
        except PlanAssistantError as error:
            self.tell(
                self.say("Nothing was recorded. {reason}", reason=self.problem_sentence(error))
            )
            return
        finally:
            self._is_busy = False
        self.dismiss(self._done())

    def _write(self, sentence: str) -> None:
        plan, desk = self._plan, self.desk
        reason = "" if self._reason is None else self._codes[self._reason]
        seen = {"fingerprint": plan.fingerprint, "sentence": sentence}
        match self._decision:
            case Decision.APPROVE:
                decide.approve(desk, plan.case_id, version=plan.version, key=self._key, **seen)
            case Decision.RETURN:
                decide.return_plan(
                    desk, plan.case_id, version=plan.version, key=self._key, reason=reason, **seen
                )
            case Decision.DECLINE:
                decide.decline(
                    desk, plan.case_id, version=plan.version, key=self._key, reason=reason, **seen
                )
            case Decision.TAKE_BACK:
                decide.cancel(desk, plan.case_id, version=plan.version, key=self._key, **seen)

    def _done(self) -> str:
        number = self._plan.number
        match self._decision:
            case Decision.APPROVE:
                return self.say(
                    "Approved {number}. F12 in the queue writes the agreement.", number=number
                )
            case Decision.RETURN:
                return self.say("Returned {number} to the collector.", number=number)
            case Decision.DECLINE:
                return self.say("Declined {number}.", number=number)
        return self.say("Took {number} back.", number=number)

    def do_not_decided(self) -> None:
        """Back; nothing is decided."""
        if not self._is_busy:
            self.dismiss(None)
