"""What opens over a call, and what comes back from it: answers, read-back, outcome, note, budget.

Not here: what the call screen shows (`call.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.personal import RevealReason
from plan_assistant.services.keys import new_key
from plan_assistant.services.negotiate import mark_refused
from plan_assistant.services.reveal import EVERY_FIELD, reveal
from plan_assistant.ui.action_model import REVEALERS
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.screens.kept import KeptCall
from plan_assistant.ui.screens.read_back import Draft, NotSent, ReadBackScreen, Recorded
from plan_assistant.ui.screens.they_say import Counter, TheySayScreen
from plan_assistant.ui.widgets.dials import DialPanel
from plan_assistant.ui.widgets.spare import SparePanel
from plan_assistant.wording import terms

if TYPE_CHECKING:
    from plan_assistant.services.deliver import Delivery


class CallOverlays(BaseScreen):
    """The overlays of a call; the screen that inherits it holds the state and shows it."""

    def __init__(self, call: Negotiation) -> None:
        super().__init__()
        self.call = call
        self._before_turn = call
        """The state before the dial that is being turned: one F8 takes the whole turn back."""
        self._problem: str | None = None
        self._is_refused = False
        """Whether the problem is that what was dialed describes no plan."""
        self._last_good: Negotiation | None = call if call.offers.plans else None
        """The last state with plans; they stay in view, marked stale, while the dials give none."""
        self._draft = Draft()
        self._note = ""
        self._revealed: frozenset[str] = frozenset()
        """The personal fields that are shown in this call; the record says who asked, and why."""
        self._name_key = new_key()
        self._recorded: Recorded | None = None
        self._not_sent: NotSent | None = None
        """The plan that was accepted while the store was away; it is delivered later."""
        self._opened: datetime | None = None
        self._live_since: datetime | None = None
        """Since when the borrower waits on the phone for the lead's answer."""

    def kept(self) -> KeptCall:
        """Return all that has to be kept of this call while its owner is away."""
        return KeptCall(
            call=self.call,
            before_turn=self._before_turn,
            last_good=self._last_good,
            draft=self._draft,
            note=self._note,
            recorded=self._recorded,
            not_sent=self._not_sent,
            opened=self._opened,
            live_since=self._live_since,
        )

    def resume(self, kept: KeptCall) -> None:
        """Go on, before the screen is shown, where a call was left."""
        self._before_turn, self._last_good = kept.before_turn, kept.last_good
        self._draft, self._note, self._recorded = kept.draft, kept.note, kept.recorded
        self._not_sent = kept.not_sent
        self._opened, self._live_since = kept.opened, kept.live_since

    def _show(self, call: Negotiation) -> None:
        raise NotImplementedError

    def _price(self, wishes: Wishes) -> None:
        raise NotImplementedError

    def _plan_name(self) -> str:
        raise NotImplementedError

    def _why_stale(self) -> str | None:
        raise NotImplementedError

    def refuse_stale(self) -> str:
        """Return why nothing is done with plans that belong to earlier dials."""
        return self.say(
            "These plans are STALE, they do not follow the dials: mend the dial first, or Esc puts "
            "it back."
        )

    def _record(
        self, act: Callable[[Negotiation], Negotiation], then: Callable[[], None] | None = None
    ) -> None:
        raise NotImplementedError

    # --- personal data --------------------------------------------------------------------------

    @property
    def shown_name(self) -> str:
        """The name of the borrower as the screen shows it."""
        name = self.call.case.borrower.name
        return name.revealed if self._revealed.issuperset(EVERY_FIELD) else name.masked

    @property
    def spoken_name(self) -> str:
        """The name in the sentence that asks for the borrower, once the record says that it was."""
        name = self.call.case.borrower.name
        return name.revealed if "name" in self._revealed else name.masked

    def say_name(self) -> None:
        """Reveal the name for the sentence that asks who is on the line; once a call."""
        if "name" not in self._revealed and self.role in REVEALERS:
            self.start(self._reveal_name, "reveal")

    async def _reveal_name(self) -> None:
        with self.telling():
            await self.in_background(
                lambda: reveal(
                    self.desk,
                    self.call.case.case_id,
                    RevealReason.IDENTITY,
                    key=self._name_key,
                    fields=("name",),
                )
            )
            self._has_revealed("name")

    def _has_revealed(self, *fields: str) -> None:
        self._revealed |= set(fields)
        self.refill()

    # --- overlays -------------------------------------------------------------------------------

    def refusal(self, action_id: str) -> str | None:
        """Say what is missing before an action can be done."""
        needs_plan = {"schedule", "they_say", "agree"}
        if action_id == "agree" and (why := self._why_settled()) is not None:
            return why
        if action_id in {"they_say", "agree"} and self._why_stale() is not None:
            return self.refuse_stale()
        if action_id in needs_plan and self.call.plan is None:
            return self.say("There is no plan yet: turn a dial until one appears.")
        if action_id == "agree" and self.call.disclosures_left:
            missing = ", ".join(
                terms.disclosure(item, self.language) for item in self.call.disclosures_left
            )
            return self.say(
                "Before agreeing, still to be said: {missing}. F5 reads the next one.",
                missing=missing,
            )
        return super().refusal(action_id)

    def _why_settled(self) -> str | None:
        """Say which plan this debt has already, from this call or from before it."""
        if self._not_sent is not None:
            return self.say(
                "{number} is kept on this machine and was not sent yet: it goes to the team lead "
                "by itself when the store is back.",
                number=self._not_sent.number,
            )
        if self._recorded is not None:
            return self.say(
                "This plan is recorded and waits for the team lead; F12 writes its draft."
            )
        return None if self.call.refused is None else self.problem_sentence(self.call.refused)

    def do_schedule(self) -> None:
        """Show every payment of the selected plan."""
        from plan_assistant.ui.screens.schedule import ScheduleScreen  # noqa: PLC0415  # when asked for

        if self.call.plan is not None:
            self.office.push_screen(
                ScheduleScreen(
                    self.call.plan.schedule, self._plan_name, self.call.plan.annualized_rate
                )
            )

    def do_they_say(self) -> None:
        """Show what the borrower may answer, and where each answer leads."""
        self.query_one(DialPanel).settle()
        self.office.push_screen(TheySayScreen(self.call), self._answered)

    def _answered(self, counter: Counter | None) -> None:
        if counter is None:
            return
        self._record(
            lambda state: mark_refused(self.desk, state, counter.objection),
            lambda: self._follow(counter),
        )

    def _follow(self, counter: Counter) -> None:
        """Go where the answer leads: other terms, a dial, another plan, or an end of the offer."""
        if counter.wishes is not None:
            self._before_turn = self.call
            self._price(counter.wishes)
        elif counter.dial is not None:
            self.query_one(DialPanel).mark(counter.dial)
            self.query_one(DialPanel).focus()
        elif counter.select is not None:
            self._show(self.call.selecting(counter.select))
        if counter.sentence:
            self.tell(counter.sentence)

    def do_agree(self) -> None:
        """Read the plan back line by line, then record it."""
        self.query_one(DialPanel).settle()
        plan = self.call.plan
        assert plan is not None
        if self._draft.plan_terms != plan.terms or self._draft.language != self.language:
            self._draft = Draft(
                plan_terms=plan.terms, language=self.language, recording=self._draft.recording
            )
        self.office.push_screen(
            ReadBackScreen(self.call, self._draft, self._note, name=self.shown_name), self._agreed
        )

    def _agreed(self, recorded: Recorded | NotSent | None) -> None:
        if recorded is None:
            return
        if isinstance(recorded, NotSent):
            self._not_sent = recorded
            self._show(self.call)
            self.tell(
                self.say(
                    "NOT sent: {number} is kept on this machine until the store is back. Go on "
                    "with the call, and do not promise an answer yet.",
                    number=recorded.number,
                )
            )
            return
        self._not_sent = None
        self._recorded = recorded
        self._show(replace(self.call, case_version=recorded.version))
        self.tell(
            self.say(
                "Recorded as {number}; it waits for the team lead. F7 opens the next case.",
                number=recorded.number,
            )
        )

    def saving_changed(self, delivery: Delivery | None) -> None:
        """Show it; a plan of this call that was delivered waits for the lead from now on."""
        super().saving_changed(delivery)
        kept = self._not_sent
        if kept is None or delivery is None:
            return
        for sent in delivery.delivered:
            if sent.act.key == kept.key:
                version = sent.receipt.version
                self._agreed(Recorded(kept.number, version, kept.fingerprint))
        if any(refused.act.key == kept.key for refused in delivery.refused):
            # The corner says why. F9 may be tried again, with the same request.
            self._not_sent = None
            self._show(self.call)

    def do_close_call(self) -> None:
        """Close the call with an outcome, and open the next case."""
        from plan_assistant.ui.screens.outcome import OutcomeScreen  # noqa: PLC0415  # at the end of a call

        is_planned = (self._recorded or self._not_sent) is not None
        self.office.push_screen(
            OutcomeScreen(self.call.case.case_id, is_planned=is_planned), self._call_closed
        )

    def _call_closed(self, is_closed: bool | None) -> None:
        if is_closed:
            self.office.open_next(self.call.case.case_id, self)

    def do_export(self) -> None:
        """Write the recorded agreement."""
        from plan_assistant.ui.screens.export import ExportScreen  # noqa: PLC0415  # when asked for

        self.office.push_screen(ExportScreen(self.call.case.case_id))

    def do_note(self) -> None:
        """Write a note that goes with the plan."""
        from plan_assistant.ui.screens.note import NoteScreen  # noqa: PLC0415  # when asked for

        self.office.push_screen(NoteScreen(self._note), self._noted)

    def _noted(self, note: str | None) -> None:
        if note is not None:
            self._note = note

    def do_case_file(self) -> None:
        """Show everything known, and what every rule says about the selected plan."""
        from plan_assistant.ui.screens.case_file import CaseFileScreen  # noqa: PLC0415  # when asked for

        self.office.push_screen(
            CaseFileScreen(
                lambda: self.call,
                lambda: self._note,
                is_revealed=lambda: self._revealed.issuperset(EVERY_FIELD),
                revealed=lambda: self._has_revealed(*EVERY_FIELD),
            )
        )

    def do_budget(self) -> None:
        """Correct a line of the budget."""
        from plan_assistant.ui.screens.budget import BudgetScreen  # noqa: PLC0415  # when asked for

        self.query_one(DialPanel).settle()
        self.office.push_screen(BudgetScreen(self.call), self._budget_corrected)

    def on_spare_panel_opened(self, event: SparePanel.Opened) -> None:
        """Open the budget from its panel."""
        event.stop()
        self.do_budget()

    def _budget_corrected(self, call: Negotiation | None) -> None:
        if call is not None:
            self._problem, self._is_refused, self._last_good = None, False, None
            self._show(self._corrected(call))

    def _corrected(self, call: Negotiation) -> Negotiation:
        return replace(call, trail=self.call.trail, case_version=self.call.case_version)
