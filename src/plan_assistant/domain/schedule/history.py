"""The life of a plan: its events in the order in which they took effect, whenever entered.

A history is immutable. Adding an event, even a backdated one, or cancelling one gives a new
history, whose rows are computed from the start; so nothing is ever half applied, the order of entry
does not matter, and a cancelled restructuring leaves exactly the former schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.drafting import to_schedule
from plan_assistant.domain.schedule.events import Event, ExtendTerm, InterestUntil
from plan_assistant.domain.schedule.lines import PayoffQuote
from plan_assistant.domain.schedule.position import Position, payoff_of
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.servicing import paid_by_row
from plan_assistant.domain.schedule.succession import PlanInForce, Replayed, position_in, replay
from plan_assistant.domain.schedule.terms import Terms


@dataclass(frozen=True)
class History:
    """Terms and everything that happened to the plan since, by event id."""

    terms: Terms
    events: Mapping[str, Event] = field(default_factory=dict)

    def with_event(self, event_id: str, event: Event) -> History:
        """Return the history with one more event; the id must be new."""
        if event_id in self.events:
            raise InvalidTerms("event_id", event_id, "an event of that id is already recorded")
        return replace(self, events={**self.events, event_id: event})

    def without(self, event_id: str) -> History:
        """Return the history with an event cancelled, as if it had never been."""
        if event_id not in self.events:
            raise InvalidTerms("event_id", event_id, "no such event is recorded")
        kept = {key: event for key, event in self.events.items() if key != event_id}
        return replace(self, events=kept)

    @cached_property
    def _replayed(self) -> Replayed:
        return replay(self.terms, tuple(self.events.values()))

    @property
    def plans(self) -> tuple[PlanInForce, ...]:
        """The first plan and those that restructurings or a settlement put in its place.

        Raises InvalidTerms for an event that makes no sense for the plan that it meets.
        """
        return self._replayed.plans

    @property
    def draft(self) -> Draft:
        """The plan in force after all events; raises InvalidTerms for an impossible one."""
        return self.plans[-1].draft

    @cached_property
    def schedule(self) -> Schedule:
        """The rows of the plan in force after all events.

        Raises ScheduleDefect rather than hand out rows that break an invariant of a plan.
        """
        schedule = to_schedule(self.draft)
        schedule.check()
        return schedule

    @cached_property
    def paid(self) -> tuple[Money, ...]:
        """How much of each row of `schedule` money received by that plan covers, in their order."""
        parts = paid_by_row(self.schedule.columns.payment, self.draft.received)
        return tuple(self.terms.principal.currency.money(int(part)) for part in parts)

    def position(self, day: date) -> Position:
        """Return what is owed on a day, component by component.

        It knows nothing of what acts after the day, but an impossible event is refused.
        """
        return position_in(self._plan_on(day), day)

    def _plan_on(self, day: date) -> PlanInForce:
        """Return the plan in force at the end of a day, as the events by then left it."""
        if self._replayed.last_day <= day:
            return self.plans[-1]
        return replay(self.terms, tuple(self.events.values()), until=day).plans[-1]

    def extended(self, event_id: str, from_due: date, extra_periods: int) -> Extension:
        """Return both ways to add installments at the end: payment kept, payment recomputed."""
        kept = ExtendTerm(from_due, extra_periods, keeps_payment=True)
        recomputed = ExtendTerm(from_due, extra_periods)
        return Extension(self.with_event(event_id, kept), self.with_event(event_id, recomputed))

    def payoff(self, day: date, until: InterestUntil = InterestUntil.DATE) -> PayoffQuote:
        """Return what settles a plan on a day: all that its position of that day counts.

        With `InterestUntil.PERIOD_END` the running period bears its whole interest. A payment of
        all that is owed on its day, or a `Settlement` for less, ends the plan. (The `Payoff` event
        quotes as golden/SCHEMA 6.12: the running period alone, everything before it paid.)
        """
        return payoff_of(position_in(self._plan_on(day), day, until))


class Extension(NamedTuple):
    """A longer term, both ways, so that they can be shown next to each other."""

    keeps_payment: History
    recomputed: History
