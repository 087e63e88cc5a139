"""The team lead's queue: what waits, who waits on the phone, and the keys that decide.

Not here: what a request shows (`request_detail.py`), the gates (`decision.py`, `bulk.py`) and who
may decide (`services/decide.py`).
"""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Horizontal

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.services.bulk import require_bulk
from plan_assistant.services.decide import PendingPlan, pending_of
from plan_assistant.services.requests import read_request, schedule_of
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.screens.bulk import BulkScreen
from plan_assistant.ui.screens.decision import Decision, DecisionScreen
from plan_assistant.ui.screens.reading import ReadingScreen
from plan_assistant.ui.screens.request_detail import RequestDetail, request_file
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.notice import Notice
from plan_assistant.wording import formats, terms

_TICK_SECONDS = 1.0
_READ_AGAIN_SECONDS = 5.0
_SHARE_OF_TIME = 20
"""Reading what waits takes at most one part in so many of the time."""


class ApprovalsScreen(BaseScreen):
    """The requests that wait, and what is needed to decide them."""

    ZONE = Zone.APPROVALS
    BINDINGS = actions.bindings(Zone.APPROVALS)

    def __init__(self) -> None:
        super().__init__()
        self._plans: tuple[PendingPlan, ...] | None = None
        self._chosen: set[CaseId] = set()
        """The cases marked for approving several at once."""
        self._shown: CaseId | None = None
        """The case whose request is in view: it stays in view when others come before it."""
        self._rung: set[CaseId] = set()
        """Live requests for which the bell rang."""
        self._is_reading = False
        self._read_at = self._took = 0.0

    def compose(self) -> ComposeResult:
        """Compose the queue and the detail."""
        yield TopLine(id="top")
        with Horizontal(id="main"):
            yield ChoiceList(
                id="requests", title=lambda: self.say("Waiting"), nothing=self._nothing
            )
            yield RequestDetail()
        yield Notice("notice")
        yield KeyBar(Zone.APPROVALS, self.role, self.refusal)

    def on_mount(self) -> None:
        """Show the frame, then read what waits."""
        self.query_one(ChoiceList).focus()
        self.refill()
        self.start(self._load, "approvals")
        self.set_interval(_TICK_SECONDS, self._tick)

    def refill(self) -> None:
        """Show everything again."""
        self.query_one(TopLine).show(self._top)
        self._fill()
        super().refill()

    def _tick(self) -> None:
        """Let the waiting times run on, and look again for requests that came."""
        if not self.is_active:
            return
        if any(plan.is_live for plan in self._plans or ()):
            self._fill()
        rest = max(_READ_AGAIN_SECONDS, _SHARE_OF_TIME * self._took)
        if not self._is_reading and time.monotonic() - self._read_at >= rest:
            self.start(self._load, "approvals")

    async def _load(self) -> None:
        self._is_reading, begun = True, time.monotonic()
        try:
            with self.telling():
                found = await self.in_background(lambda: pending_of(self.desk))
                self._plans = found.lines
                self.tell_left_out(found.left_out)
                self._ring()
                self.refill()
        finally:
            self._is_reading, self._read_at = False, time.monotonic()
            self._took = self._read_at - begun

    def _ring(self) -> None:
        """Ring once for every borrower who is on the phone now."""
        live = {plan.case_id for plan in self._plans or () if plan.is_live and not plan.is_own}
        if live - self._rung:
            self.app.bell()
        self._rung = live

    def _fill(self) -> None:
        plans = self._plans or ()
        self._chosen &= {plan.case_id for plan in plans if self._why_not_chosen(plan) is None}
        # A request that comes first must not slip under the keys of a lead who reads another one.
        order = [plan.case_id for plan in plans]
        place = order.index(self._shown) if self._shown in order else None
        requests = self.query_one(ChoiceList)
        requests.show([self._line(plan) for plan in plans], place)
        marked = self._marked()
        self._shown = marked.case_id if marked else None
        self.query_one(RequestDetail).show(marked)
        self.query_one(KeyBar).show_again()

    def _marked(self) -> PendingPlan | None:
        index = self.query_one(ChoiceList).index
        return self._plans[index] if self._plans and 0 <= index < len(self._plans) else None

    def _top(self, _width: int) -> tuple[str, str]:
        account = self.desk.account
        who = f"{account.display_name}, {terms.role(account.role, self.language)}"
        waiting = self.say.plural("{count} waiting", "{count} waiting", len(self._plans or ()))
        live = sum(plan.is_live for plan in self._plans or ())
        if live:
            waiting = f"{waiting}   {self.say('{count} LIVE', count=live)}"
        return f"{self.say('Approvals')}   {waiting}   {who}", self.date_line()

    def _nothing(self) -> str:
        return (
            self.say("Reading ...")
            if self._plans is None
            else self.say("Nothing waits for a decision.")
        )

    def _line(self, plan: PendingPlan) -> Item:
        def draw(width: int) -> str:
            marks = "^" * len(plan.needs_approval)
            own = self.say("own") if plan.is_own else ""
            if plan.live_since is not None:
                since = self._on_the_phone(plan)
                return columns.ends(f" {since} {plan.masked_name}", f"{marks} {own}".strip(), width)
            tick = symbols.TICKED if plan.case_id in self._chosen else symbols.OPEN
            end = f"{marks} {own} {self._waited(plan)}".replace("  ", " ")
            return columns.ends(f"{tick} {plan.masked_name}", end, width)

        return draw

    def _on_the_phone(self, plan: PendingPlan) -> str:
        """Return for how long the borrower of a live request has been waiting."""
        since = plan.live_since or plan.since
        seconds = max(int((self.desk.clock.now() - since).total_seconds()), 0)
        return self.say("LIVE {time}", time=f"{seconds // 60:02}:{seconds % 60:02}")

    def _waited(self, plan: PendingPlan) -> str:
        minutes = int((self.desk.clock.now() - plan.since).total_seconds()) // 60
        if minutes >= 24 * 60:
            return formats.days(minutes // (24 * 60), self.language)
        if minutes >= 60:
            return self.say("{count} h", count=minutes // 60)
        return self.say("{count} min", count=minutes)

    def on_choice_list_marked(self, event: ChoiceList.Marked) -> None:
        """Show the request that is marked now."""
        event.stop()
        marked = self._marked()
        self._shown = marked.case_id if marked else None
        self.query_one(RequestDetail).show(self._marked())
        self.query_one(Notice).show("")
        self.query_one(KeyBar).show_again()

    def tell(self, sentence: str) -> None:
        """Show a sentence under the lists."""
        self.query_one(Notice).show(sentence)

    # --- deciding -------------------------------------------------------------------------------

    def refusal(self, action_id: str) -> str | None:
        """Say why a request cannot be decided now; a lead never decides their own."""
        refused = super().refusal(action_id)
        if refused is not None or action_id == "leave_approvals":
            return refused
        if action_id == "bulk_approve":
            return None if self._chosen else self.say("Nothing is marked. Space marks a request.")
        plan = self._marked() if self.is_mounted else None
        if plan is None:
            return self.say("Nothing is marked.")
        if action_id in {"approve", "return", "decline"} and plan.is_own:
            return self.say(
                "This is your own plan: another team lead decides it. F8 takes it back."
            )
        if action_id == "take_back" and not plan.is_own:
            return self.say("Only its maker can take a request back.")
        return self._why_not_chosen(plan) if action_id == "mark_request" else None

    def _why_not_chosen(self, plan: PendingPlan) -> str | None:
        """Return why a request is decided by itself; None when it may be one of several."""
        try:
            require_bulk([plan])
        except TransitionRefused as refused:
            return self.problem_sentence(refused)
        return None

    def _decide(self, decision: Decision) -> None:
        plan = self._marked()
        if plan is not None:
            self.office.push_screen(DecisionScreen(plan, decision), self._decided)

    def _decided(self, sentence: str | None) -> None:
        if sentence:
            self.tell(sentence)
            self.start(self._load, "approvals")

    def do_approve(self) -> None:
        """Approve the marked request."""
        self._decide(Decision.APPROVE)

    def do_return(self) -> None:
        """Return the marked request."""
        self._decide(Decision.RETURN)

    def do_decline(self) -> None:
        """Decline the marked request."""
        self._decide(Decision.DECLINE)

    def do_mark_request(self) -> None:
        """Mark the request for several at once, or take the mark back."""
        plan = self._marked()
        if plan is not None:
            self._chosen ^= {plan.case_id}
            self._fill()
            self._say_chosen()

    def _say_chosen(self) -> None:
        chosen = self._bulk()
        if not chosen:
            self.tell("")
            return
        with self.telling():
            rule = require_bulk(chosen)
            self.tell(
                self.say.plural(
                    "{count} marked, rule {rule}: F9 approves it.",
                    "{count} marked, all of rule {rule}: F9 approves them.",
                    len(chosen),
                    rule=rule,
                )
            )

    def _bulk(self) -> list[PendingPlan]:
        return [plan for plan in self._plans or () if plan.case_id in self._chosen]

    def do_bulk_approve(self) -> None:
        """Approve the marked requests, after the gate."""
        chosen = self._bulk()
        with self.telling():
            self.office.push_screen(BulkScreen(chosen, require_bulk(chosen)), self._decided)

    def do_take_back(self) -> None:
        """Take the own request back."""
        self._decide(Decision.TAKE_BACK)

    # --- looking --------------------------------------------------------------------------------

    def do_request_schedule(self) -> None:
        """Show every payment of the request."""
        from plan_assistant.ui.screens.schedule import ScheduleScreen  # noqa: PLC0415  # when asked for

        plan = self._marked()
        if plan is None:
            return
        with self.telling():
            request = read_request(plan.agreement)
            schedule = schedule_of(plan.agreement, self.desk.calendars)
            self.office.push_screen(
                ScheduleScreen(
                    schedule,
                    lambda: terms.family_short(request.family, self.language),
                    request.rate,
                )
            )

    def do_request_file(self) -> None:
        """Show what was read, what every rule said, and the trail."""
        plan = self._marked()
        if plan is not None:
            self.office.push_screen(
                ReadingScreen(
                    lambda say: say("Request {number}", number=plan.number),
                    lambda say: request_file(plan, say),
                )
            )

    def do_request_export(self) -> None:
        """Write the agreement of the marked request."""
        from plan_assistant.ui.screens.export import ExportScreen  # noqa: PLC0415  # when asked for

        plan = self._marked()
        if plan is not None:
            self.office.push_screen(ExportScreen(plan.case_id, plan.number))

    def do_leave_approvals(self) -> None:
        """Back to the queue."""
        self.dismiss(None)
