"""The gates of a team lead: the key, then Enter on a line that names the consequence.

Approving asks for the password again, always: it unlocks the key that signs. Returning may name
terms that the lead would grant. Not here: what is decided upon (`approvals.py`), several at once
(`bulk.py`) and who may decide (`services/decide.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.transitions import needs_sentence
from plan_assistant.services import decide
from plan_assistant.services.decide import PendingPlan, return_reasons
from plan_assistant.services.keys import new_key
from plan_assistant.services.requests import read_request
from plan_assistant.services.staff import Signing, authenticate, signing_of
from plan_assistant.ui import actions, columns, dials, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.dials import Unreadable
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.screens.password import demo_hint
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.notice import Notice
from plan_assistant.wording import terms
from plan_assistant.wording.course import recorded_course


class Decision(StrEnum):
    """What can become of a request."""

    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"
    TAKE_BACK = "take_back"


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
        self._signs_at: datetime | None = None
        """The moment that is signed; kept, so that a retry asks for the same."""
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
            if self._decision is Decision.RETURN:
                yield Field("monthly", lambda: self.say("You would grant: monthly"), longest=24)
                yield Field("payments", lambda: self.say("or payments"), longest=6)
                yield Field("due-day", lambda: self.say("on day"), longest=4)
            yield Field("sentence", lambda: self.say("Sentence"), longest=400)
            if self._decision is Decision.APPROVE:
                yield Field(
                    "password", lambda: self.say("Your password"), longest=128, is_secret=True
                )
            yield Notice("consequence")

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
        elif self._decision is Decision.APPROVE and len(self._plan.needs_approval) <= 1:
            self.query_one("#password").focus()
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
                return self.say(
                    "Your password APPROVES {plan} for {name} and signs it. Esc: not yet.", **values
                )
            case Decision.RETURN:
                return self.say(
                    "Enter RETURNS {plan} to the collector. Shift+Tab: terms that you would grant. "
                    "Esc: not yet.",
                    **values,
                )
            case Decision.DECLINE:
                return self.say("Enter DECLINES {plan} for {name}. Esc: not yet.", **values)
        return self.say("Enter TAKES BACK {plan} for {name}. Esc: not yet.", **values)

    def _sentence(self) -> str:
        return self.query_one("#sentence", Input).value.strip()

    def _reason_code(self) -> str:
        return "" if self._reason is None else self._codes[self._reason]

    def _missing(self) -> str | None:
        if self._needs_reason and self._reason is None:
            return self.say("Choose a reason by its digit.")
        if needs_sentence(self._reason_code()) and not self._sentence():
            return self.say("Another reason: write a sentence that says which.")
        if (
            self._decision is Decision.APPROVE
            and len(self._plan.needs_approval) > 1
            and not self._sentence()
        ):
            return self.say("More than one rule is off: write a sentence why this is right.")
        return None

    def _say_missing(self) -> None:
        if not self._is_busy:
            self.tell(self._missing() or self._consequence())

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay."""
        hint = demo_hint(self.desk.door, self.say) if self._decision is Decision.APPROVE else ""
        self.query_one(Notice).show(sentence, hint)

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Take the reason of that digit and go on to the sentence."""
        event.stop()
        self._reason = event.index
        self.query_one(ChoiceList).show_again()
        self.query_one("#sentence").focus()
        self._say_missing()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is missing now; a field that was emptied leaves the sentence that told why."""
        if event.value:
            self._say_missing()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Confirm from the last field; the others lead on to the next one."""
        event.stop()
        fields = [str(field.id) for field in self.query(Input)]
        following = fields[fields.index(str(event.input.id)) + 1 :]
        if following and not (following == ["password"] and self._missing()):
            self.query_one(f"#{following[0]}").focus()
        else:
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
        if self._is_busy:
            return
        try:
            act = self._act()
        except Unreadable as problem:
            self.tell(problem.sentence)
            return
        if act is not None:
            self._is_busy = True
            self.start(lambda: self._carry_out(act), "decide")

    async def _carry_out(self, act: Callable[[], object]) -> None:
        self.tell(self.say("Recording ..."))
        try:
            await self.in_background(act)
        except PlanAssistantError as error:
            self._is_busy = False
            self._forget_password()
            self.tell(
                self.say("Nothing was recorded. {reason}", reason=self.problem_sentence(error))
            )
            return
        self.dismiss(self._done())

    def _forget_password(self) -> None:
        for field in self.query("#password").results(Input):
            field.value = ""

    def _act(self) -> Callable[[], object] | None:
        """Return what is to be done, from what stands in the fields; None while one is empty."""
        plan, desk = self._plan, self.desk
        case_id, version, key = plan.case_id, plan.version, self._key
        seen = {"fingerprint": plan.fingerprint, "sentence": self._sentence()}
        reason = self._reason_code()
        match self._decision:
            case Decision.APPROVE:
                password = self.query_one("#password", Input).value
                if not password:
                    self.tell(self.say("Type your password: it signs the approval."))
                    self.query_one("#password").focus()
                    return None
                return lambda: decide.approve(
                    desk,
                    case_id,
                    version=version,
                    key=key,
                    signing=self._signing(password),
                    **seen,
                )
            case Decision.RETURN:
                terms = self._terms()
                return lambda: decide.return_plan(
                    desk, case_id, version=version, key=key, reason=reason, terms=terms, **seen
                )
            case Decision.DECLINE:
                return lambda: decide.decline(
                    desk, case_id, version=version, key=key, reason=reason, **seen
                )
        return lambda: decide.cancel(desk, case_id, version=version, key=key, **seen)

    def _signing(self, password: str) -> Signing:
        """Return the lead's key; the slow hash runs in the thread that asks for it."""
        door = self.desk.door
        proof = authenticate(door, self.desk.account.name, password)
        self._signs_at = self._signs_at or self.desk.clock.now()
        return signing_of(door, proof, self._signs_at)

    def _terms(self) -> Wishes | None:
        """Return the dials that the lead named; None where they named none."""
        monthly, payments, day = (
            dials.narrowed(self.query_one(f"#{name}", Input).value).strip()
            for name in ("monthly", "payments", "due-day")
        )
        currency = read_request(self._plan.agreement).total.currency
        named = Wishes(
            monthly=dials.read_amount(monthly, currency, self.say) if monthly else None,
            periods=self._whole(payments, 1200) if payments else None,
            due_day=self._whole(day, 28) if day else None,
        )
        if named.monthly is not None and named.periods is not None:
            raise Unreadable(self.say("Give a monthly amount or a number of payments, not both."))
        return None if named == Wishes() else named

    def _whole(self, text: str, most: int) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= most:
            return int(text)
        raise Unreadable(self.say("Write a whole number from 1 to {most}.", most=most))

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
