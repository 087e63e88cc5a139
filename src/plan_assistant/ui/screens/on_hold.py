"""What a call does with the team lead: their terms, and a borrower who waits for their answer.

Not here: the other overlays of a call (`call_overlays.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from plan_assistant.domain.events import EventType
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.services.decide import note_borrower_waits
from plan_assistant.services.keys import new_key
from plan_assistant.services.negotiate import take_terms_from_lead
from plan_assistant.ui.screens.call_overlays import CallOverlays
from plan_assistant.wording.approvals import dials_words, lead_terms_sentence

_LOOK_SECONDS: Final = 3.0
_LONG_HOLD: Final = timedelta(minutes=3)


class OnHold(CallOverlays):
    """The keys between a call and its lead."""

    _has_promised = False
    """Whether the collector was told that this takes too long."""

    def watch_lead(self) -> None:
        """Look for the lead's answer while the borrower waits."""
        self.set_interval(_LOOK_SECONDS, self._look)

    # --- terms of the lead ----------------------------------------------------------------------

    def tell_terms_from_lead(self) -> None:
        """Say at the start of a call what the lead would grant."""
        terms = self.call.from_lead
        if terms is not None:
            told = lead_terms_sentence(terms, self.language)
            self.tell(f"{told} {self.say('Shift+F2 turns the dials to it.')}")

    def do_lead_terms(self) -> None:
        """Turn the dials to what the lead would grant; the borrower is asked anew."""
        if self.call.from_lead is None:
            self.tell(self.say("The team lead has named no terms for this case."))
            return
        self._before_turn = self.call
        self._show(take_terms_from_lead(self.call))
        self.tell(
            self.say(
                "On the dials now: {terms}. It counts when the borrower accepts it and you record "
                "it.",
                terms=dials_words(self.call.from_lead, self.language),
            )
        )

    # --- a borrower who waits -------------------------------------------------------------------

    @property
    def live_clock(self) -> str:
        """How long the borrower has been waiting; empty while nobody waits."""
        if self._live_since is None:
            return ""
        seconds = max(int((self.desk.clock.now() - self._live_since).total_seconds()), 0)
        return self.say("LIVE {time}", time=f"{seconds // 60:02}:{seconds % 60:02}")

    def do_waits(self) -> None:
        """Tell the lead that the borrower waits on the phone, or no longer does."""
        if self._not_sent is not None:
            self.tell(
                self.say(
                    "{number} was not sent yet, so no lead can be waited for. Offer to call back.",
                    number=self._not_sent.number,
                )
            )
            return
        if self._recorded is None:
            self.tell(self.say("First record the plan (F9); then the lead can be waited for."))
            return
        self.start(lambda: self._note_waiting(waits=self._live_since is None), "waits")

    async def _note_waiting(self, *, waits: bool) -> None:
        desk, recorded = self.desk, self._recorded
        assert recorded is not None
        with self.telling():
            await self.in_background(
                lambda: note_borrower_waits(
                    desk,
                    self.call.case.case_id,
                    fingerprint=recorded.fingerprint,
                    waits=waits,
                    key=new_key(),
                )
            )
            self._live_since = desk.clock.now() if waits else None
            self._has_promised = False
            self.refill()
            self.tell(
                self.say("LIVE: the lead sees first that the borrower waits on the phone.")
                if waits
                else self.say("The request waits as any other.")
            )

    def _look(self) -> None:
        if self._live_since is None or not self.is_active:
            return
        is_long = self.desk.clock.now() - self._live_since >= _LONG_HOLD
        if is_long and not self._has_promised:
            self._has_promised = True
            self.tell(
                self.say(
                    "This takes a while: offer to call back today, then Shift+F9 ends the waiting."
                )
            )
        self.start(self._look_for_answer, "answer")

    async def _look_for_answer(self) -> None:
        desk, case_id = self.desk, self.call.case.case_id
        with self.telling():
            record = await self.in_background(lambda: fold(desk.store.events(case_id)))
            self._answered_by_lead(record)

    def _answered_by_lead(self, record: CaseRecord) -> None:
        decision = record.decision
        if self._live_since is None or decision is None:
            return
        self._live_since = None
        self.refill()
        who = decision.display_name
        said = {
            EventType.APPROVED: self.say("{name} has approved. Tell the borrower.", name=who),
            EventType.RETURNED: self.say(
                "{name} has returned the plan. Esc twice, then open the case again: the terms are "
                "there.",
                name=who,
            ),
            EventType.DECLINED: self.say("{name} has declined the plan.", name=who),
        }
        if decision.outcome in said:
            self.app.bell()
            self.tell(said[decision.outcome])
