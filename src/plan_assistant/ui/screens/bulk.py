"""The gate of several approvals at once: the list with amounts, their number, and the password.

Not here: which requests may be approved together (`services/bulk.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.services.bulk import Outcome, approve_all
from plan_assistant.services.decide import PendingPlan
from plan_assistant.services.keys import new_key
from plan_assistant.services.requests import read_request
from plan_assistant.services.staff import authenticate, signing_of
from plan_assistant.ui import actions, columns, dials
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.screens.password import demo_hint
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.fields import Field
from plan_assistant.ui.widgets.notice import Notice
from plan_assistant.wording import formats
from plan_assistant.wording.course import recorded_course

_MOST_ROWS = 10


class BulkScreen(Overlay[str | None]):
    """Approves the marked requests; it answers with the sentence of what was done."""

    ZONE = Zone.DECISION
    BINDINGS = actions.bindings(Zone.DECISION)

    def __init__(self, plans: Sequence[PendingPlan], rule: str) -> None:
        super().__init__()
        self._plans, self._rule = tuple(plans), rule
        self._keys = {plan.case_id: new_key() for plan in plans}
        self._signs_at: datetime | None = None
        self._is_busy = False

    def content(self) -> ComposeResult:
        """Compose the list, the number and the password."""
        with Vertical(id="decision", classes="box"):
            yield ChoiceList(
                id="reasons", title=lambda: self.say("All break {rule}", rule=self._rule)
            )
            yield Field("count", lambda: self.say("How many are these"), longest=4)
            yield Field("password", lambda: self.say("Your password"), longest=128, is_secret=True)
            yield Notice("consequence")

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#decision": self.say("Approve several")}

    def on_mount(self) -> None:
        """Show the requests."""
        rows = self.query_one(ChoiceList)
        rows.show([self._line(plan) for plan in self._plans])
        rows.styles.height = min(len(self._plans), _MOST_ROWS) + 2
        self.query_one("#count").focus()
        self.tell(self._consequence())

    def _line(self, plan: PendingPlan) -> Item:
        def draw(width: int) -> str:
            request = read_request(plan.agreement)
            course = recorded_course(request.figures, self.language)
            total = formats.money_with_code(request.total, self.language)
            return columns.ends(f"{plan.masked_name}  {course}", total, width)

        return draw

    def _consequence(self) -> str:
        return self.say(
            "Type their number, then your password: it APPROVES and signs each. Esc: not yet."
        )

    def tell(self, sentence: str) -> None:
        """Show a sentence inside the overlay."""
        self.query_one(Notice).show(sentence, demo_hint(self.desk.door, self.say))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the password, or approve."""
        event.stop()
        if event.input.id == "count":
            self.query_one("#password").focus()
        else:
            self.do_decide()

    def do_decide(self) -> None:
        """Approve them all where number and password are there."""
        counted = dials.narrowed(self.query_one("#count", Input).value).strip()
        if counted != str(len(self._plans)):
            self.tell(self.say("Count the lines above and type their number."))
            self.query_one("#count").focus()
            return
        password = self.query_one("#password", Input).value
        if not password:
            self.tell(self.say("Type your password: it signs the approval."))
            self.query_one("#password").focus()
            return
        if not self._is_busy:
            self._is_busy = True
            self.start(lambda: self._carry_out(password), "decide")

    async def _carry_out(self, password: str) -> None:
        self.tell(self.say("Recording ..."))
        try:
            outcomes = await self.in_background(lambda: self._approve(password))
        except PlanAssistantError as error:
            self._is_busy = False
            self.query_one("#password", Input).value = ""
            self.tell(
                self.say("Nothing was recorded. {reason}", reason=self.problem_sentence(error))
            )
            return
        self.dismiss(self._done(outcomes))

    def _approve(self, password: str) -> tuple[Outcome, ...]:
        desk = self.desk
        proof = authenticate(desk.door, desk.account.name, password)
        self._signs_at = self._signs_at or desk.clock.now()
        signing = signing_of(desk.door, proof, self._signs_at)
        return approve_all(desk, self._plans, keys=self._keys, signing=signing)

    def _done(self, outcomes: Sequence[Outcome]) -> str:
        done = self.say(
            "Approved {count} of {every}.",
            count=sum(one.refusal is None for one in outcomes),
            every=len(outcomes),
        )
        refused = [
            self.say(
                "{number} was not: {reason}",
                number=one.plan.number,
                reason=self.problem_sentence(one.refusal),
            )
            for one in outcomes
            if one.refusal is not None
        ]
        return " ".join([done, *refused[:1]])

    def do_not_decided(self) -> None:
        """Back; nothing is decided."""
        if not self._is_busy:
            self.dismiss(None)
