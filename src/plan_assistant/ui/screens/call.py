"""The call screen: one borrower, the dials, the plans, and what to say, all in view.

It composes panes, hands every turn of a dial to the services and shows what they answer. It
computes nothing about money. Not here: what opens over it (`call_overlays.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.services.negotiate import consider, mark_offered, tick_disclosure, undo, what_if
from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.nothing_fits import nothing_fits
from plan_assistant.ui.screens.call_top import CallTop
from plan_assistant.ui.widgets.bars import KeyBar, ToldStrip, TopLine
from plan_assistant.ui.widgets.dials import DialPanel
from plan_assistant.ui.widgets.plain import PlainCall
from plan_assistant.ui.widgets.plans import PlanColumns
from plan_assistant.ui.widgets.schedule import SchedulePreview
from plan_assistant.ui.widgets.script import ScriptPane
from plan_assistant.ui.widgets.situation import SituationPanel, TrailPanel
from plan_assistant.ui.widgets.spare import SparePanel
from plan_assistant.wording import script, terms

_TICK_SECONDS = 1.0


class CallScreen(CallTop):
    """A live call; `call` is its whole state and every act replaces it."""

    ZONE = Zone.CALL
    BINDINGS = actions.bindings(Zone.CALL)

    def __init__(self, call: Negotiation) -> None:
        super().__init__(call)
        self._disclosing: str | None = None
        self._recording = asyncio.Lock()
        self._leaving = False

    def compose(self) -> ComposeResult:
        """Compose the zones; wide screens show all of them, narrow ones what fits."""
        yield TopLine(id="top")
        yield ToldStrip(id="told")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield DialPanel()
                yield SparePanel()
                yield TrailPanel()
            with Vertical(id="right"):
                yield PlanColumns()
                yield SchedulePreview()
                yield SituationPanel()
        yield PlainCall()
        yield ScriptPane()
        yield KeyBar(Zone.CALL, self.role, self.refusal)

    def on_mount(self) -> None:
        """Start on the dial that the borrower most often talks about."""
        self._opened = self._opened or self.desk.clock.now()
        self.query_one(DialPanel).focus()
        self.refill()
        self.set_interval(_TICK_SECONDS, lambda: self.query_one(TopLine).show_again())
        self.watch_lead()
        self.tell_terms_from_lead()

    # --- showing ------------------------------------------------------------------------------

    def refill(self) -> None:
        """Show the whole state again; a notice stays."""
        self._draw()
        super().refill()

    def _show(self, call: Negotiation) -> None:
        self.call = call
        if call.offers.plans:
            self._last_good = call
        self._leaving = False
        self.query_one(ScriptPane).notice(self._why_stale())
        self._draw()

    def _why_stale(self) -> str | None:
        """Return why the plans in view belong to earlier dials; None when they do not."""
        if self._problem is not None:
            return self._problem
        if self.call.offers.plans or self._last_good is None:
            return None
        return nothing_fits(self.call, self.say).as_one

    def _draw(self) -> None:
        call = self.call
        stale = self._why_stale()
        in_view = call if call.offers.plans else self._last_good or call
        self.query_one(TopLine).show(self.top_line)
        self.query_one(ToldStrip).show(call.policy.disclosures, call.disclosures_left)
        self.query_one(DialPanel).show(call, is_refused=self._is_refused)
        self.query_one(SparePanel).show(call)
        self.query_one(PlanColumns).show(in_view, is_stale=stale is not None)
        self.query_one(PlainCall).show(in_view, stale)
        if self.has_class("-wide"):
            self.query_one(TrailPanel).show(call)
            plan = in_view.plan
            name = self._name_in(in_view)
            if stale is not None:
                name = self.say("STALE, {plan}", plan=name)
            self.query_one(SchedulePreview).show(plan.schedule if plan else None, name)
            self.query_one(SituationPanel).show(call.case)
        self.query_one(KeyBar).show_again()
        self._show_script()

    def on_resize(self) -> None:
        """Fill the panes that only a wide screen has."""
        self.call_after_refresh(self.refill)

    def _plan_name(self) -> str:
        return self._name_in(self.call)

    def _name_in(self, call: Negotiation) -> str:
        if call.plan is None:
            return ""
        family = terms.family_short(call.plan.family, self.language)
        return self.say("Plan {number} {family}", number=call.selected + 1, family=family)

    def _show_script(self) -> None:
        pane = self.query_one(ScriptPane)
        case = self.call.case
        if self._disclosing is not None:
            name = terms.disclosure(self._disclosing, self.language)
            caller = self.desk.account.display_name
            pane.show(
                self.say("Say now: {disclosure} (Enter: said, Esc: later)", disclosure=name),
                terms.disclosure_sentence(
                    self._disclosing, case, self.language, caller=caller, name=self.spoken_name
                ),
            )
        elif self.call.plan is not None:
            pane.show(self._script_title(), script.say(self.call.plan, case, self.language))
        else:
            pane.show(self._script_title(), script.opening(case, self.language))

    def _script_title(self) -> str:
        spoken = {"zh": self.say("Chinese"), "en": self.say("English")}
        if self.call.case.language == self.language:
            return self.say("Say")
        their = spoken.get(self.call.case.language, self.call.case.language)
        return self.say("Say (they speak {language}: ^U)", language=their)

    def tell(self, sentence: str) -> None:
        """Show a sentence in place of the script until the next act."""
        self.query_one(ScriptPane).notice(sentence)

    # --- turning the dials ----------------------------------------------------------------------

    def on_dial_panel_turned(self, event: DialPanel.Turned) -> None:
        """Price every plan again, at once."""
        event.stop()
        if event.is_new_entry:
            self._before_turn = self.call
        self._price(event.wishes)

    def _price(self, wishes: Wishes) -> None:
        self._disclosing = None
        try:
            turned = what_if(self._with_trail(self._before_turn), wishes)
        except InvalidTerms as error:
            self._problem, self._is_refused = self.problem_sentence(error), True
            self._show(self.call)
            return
        self._mend()
        self._show(turned)

    def _mend(self) -> None:
        """Note that what the dials say describes plans again."""
        self._problem, self._is_refused = None, False

    def _with_trail(self, state: Negotiation) -> Negotiation:
        """Return an earlier state with what was recorded since: the trail is never undone."""
        return replace(state, trail=self.call.trail, case_version=self.call.case_version)

    def on_dial_panel_unclear(self, event: DialPanel.Unclear) -> None:
        """Say what the dial takes; no figure holds until it has a value."""
        event.stop()
        self._problem = event.sentence
        self._show(self.call)

    def on_dial_panel_corrected(self, event: DialPanel.Corrected) -> None:
        """Go back to the last value that was one, and say so."""
        event.stop()
        self._mend()
        self._show(self.call)
        self.tell(event.sentence)

    def on_dial_panel_restored(self, event: DialPanel.Restored) -> None:
        """Put the dial back to where it was."""
        event.stop()
        self._mend()
        self._show(self._with_trail(self._before_turn))

    def do_undo(self) -> None:
        """Take the last turn back."""
        self.query_one(DialPanel).settle()
        if not self.call.earlier:
            self.tell(self.say("There is nothing to undo."))
            return
        self._mend()
        self._show(undo(self.call))

    # --- zones ----------------------------------------------------------------------------------

    def do_dials(self) -> None:
        """Go to the dials."""
        self._focus(DialPanel)

    def do_plans(self) -> None:
        """Go to the plans."""
        self._focus(PlanColumns)

    def _focus(self, zone: type[Widget]) -> None:
        self._leave_disclosure()
        self.query_one(zone).focus()

    def do_more_plans(self) -> None:
        """Show the next plans."""
        self.query_one(PlanColumns).page(1)

    def do_earlier_plans(self) -> None:
        """Show the plans before."""
        self.query_one(PlanColumns).page(-1)

    def do_next_debt(self) -> None:
        """Negotiate the next debt; the trail of the call goes on."""
        debts = self.call.case.negotiated
        if len(debts) < 2:
            self.tell(self.say("The borrower has one debt to negotiate."))
            return
        place = [debt.debt_id for debt in debts].index(self.call.debt_id)
        following = debts[(place + 1) % len(debts)].debt_id
        self.query_one(DialPanel).settle()
        self._mend()
        self._last_good = None
        now = self.call
        other = consider(
            now.case,
            policy=now.policy,
            holidays=now.holidays,
            today=now.today,
            role=now.role,
            debt_id=following,
        )
        self._show(self._with_trail(other))

    def do_read_on(self) -> None:
        """Show the rest of what is said."""
        self.query_one(ScriptPane).read_on()

    def do_to_queue(self) -> None:
        """Leave the call at the second press; nothing of the record is lost."""
        if self._disclosing is not None:
            self._leave_disclosure()
        elif self._leaving:
            self.dismiss(None)
        else:
            self.tell(
                self.say(
                    "Press Esc once more to go back to the queue; "
                    "F7 closes the call with an outcome."
                )
            )
            self._leaving = True

    # --- plans ----------------------------------------------------------------------------------

    def on_plan_columns_selected(self, event: PlanColumns.Selected) -> None:
        """Select a plan: it drives what is said, the rows and the read-back."""
        event.stop()
        if not self.call.offers.plans and self._last_good is not None:
            self._last_good = self._last_good.selecting(event.index)
        self._show(self.call.selecting(event.index))

    def on_plan_columns_offered(self, event: PlanColumns.Offered) -> None:
        """Stamp the plan as offered now."""
        event.stop()
        stale = self._why_stale()
        if stale is not None:
            self.tell(self.refuse_stale())
        elif self.call.plan is not None:
            self._record(lambda state: mark_offered(self.desk, state))

    def _record(
        self, act: Callable[[Negotiation], Negotiation], then: Callable[[], None] | None = None
    ) -> None:
        """Record something that happened in the call; the dials stay live meanwhile."""

        async def work() -> None:
            async with self._recording:
                with self.telling(), self.asking():
                    state = self.call
                    noted = await self.in_background(lambda: act(state))
                    await self.unless_left(self.office.note_act(self.desk))
                    self._show(
                        replace(self.call, trail=noted.trail, case_version=noted.case_version)
                    )
                    if then is not None:
                        then()

        self.start(work, "record")

    # --- disclosures ----------------------------------------------------------------------------

    def do_disclose(self) -> None:
        """Show the next thing that must be said."""
        if not self.call.disclosures_left:
            self.tell(self.say("Everything that must be said has been said."))
            return
        self._mend()
        self._disclosing = self.call.disclosures_left[0]
        if terms.names_borrower(self._disclosing):
            self.say_name()
        self.query_one(DialPanel).settle()
        self._show(self.call)
        pane = self.query_one(ScriptPane)
        pane.can_focus = True
        pane.focus()

    def on_script_pane_said(self, event: ScriptPane.Said) -> None:
        """Record it as said, and show the next one."""
        event.stop()
        said = self._disclosing
        if said is not None:
            self._record(
                lambda state: tick_disclosure(self.desk, state, said), self._next_disclosure
            )

    def _next_disclosure(self) -> None:
        if self.call.disclosures_left:
            self._disclosing = self.call.disclosures_left[0]
            self._show(self.call)
        else:
            self._leave_disclosure()
            self.query_one(DialPanel).focus()

    def on_script_pane_left(self, event: ScriptPane.Left) -> None:
        """Go on with the call; the sentence stays owed."""
        event.stop()
        self._leave_disclosure()
        self.query_one(DialPanel).focus()

    def _leave_disclosure(self) -> None:
        if self._disclosing is not None:
            self._disclosing = None
            self.query_one(ScriptPane).can_focus = False
            self._show(self.call)
