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
from plan_assistant.domain.schedule.events import (
    Event,
    ExtendTerm,
    FeeCharged,
    InterestGrace,
    InterestPause,
    InterestUntil,
    MoveDueDate,
    Payment,
    Payoff,
    Prepayment,
    RateChange,
    ReAge,
    ReAmortize,
    Restructuring,
    Settlement,
)
from plan_assistant.domain.schedule.lines import PayoffQuote
from plan_assistant.domain.schedule.position import Position
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.servicing import paid_by_row, quote_payoff
from plan_assistant.domain.schedule.succession import PlanInForce, position_in, replay
from plan_assistant.domain.schedule.terms import Terms

# On one day: what changes the contract comes before money, so that money meets the plan of the day;
# a plan is replaced after both, and its end is what a quote of that day sees.
_ORDER_ON_A_DAY: tuple[type, ...] = (
    RateChange,
    InterestPause,
    MoveDueDate,
    ExtendTerm,
    InterestGrace,
    FeeCharged,
    Payment,
    Prepayment,
    ReAmortize,
    ReAge,
    Restructuring,
    Settlement,
    Payoff,
)


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
    def in_order(self) -> tuple[Event, ...]:
        """The events by the day they take effect; the order of entry plays no part."""
        return tuple(sorted(self.events.values(), key=self._key))

    def _key(self, event: Event) -> tuple[date, int, int, str]:
        # Of the payments of a day the largest comes first: it covers interest where any does.
        smaller = -event.amount.minor if isinstance(event, Payment) else 0
        place = _ORDER_ON_A_DAY.index(type(event))
        return (effective_day(event, self.terms), place, smaller, repr(event))

    @cached_property
    def plans(self) -> tuple[PlanInForce, ...]:
        """The first plan and those that restructurings or a settlement put in its place.

        Raises InvalidTerms for an event that makes no sense for the plan that it meets.
        """
        return replay(self.terms, self.in_order)

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
        """Return what is owed on a day, component by component."""
        return position_in(self._plan_on(day), day)

    def _plan_on(self, day: date) -> PlanInForce:
        """Return the plan in force at the end of a day."""
        return next(
            plan for plan in reversed(self.plans) if plan.since is None or plan.since <= day
        )

    def extended(self, event_id: str, from_due: date, extra_periods: int) -> Extension:
        """Return both ways to add installments at the end: payment kept, payment recomputed."""
        kept = ExtendTerm(from_due, extra_periods, keeps_payment=True)
        recomputed = ExtendTerm(from_due, extra_periods)
        return Extension(self.with_event(event_id, kept), self.with_event(event_id, recomputed))

    def payoff(self, day: date, until: InterestUntil = InterestUntil.DATE) -> PayoffQuote:
        """Return principal and interest that settle a plan with nothing overdue and nothing ahead.

        What is overdue, or held by a grace, is not in it: `position` says all that is owed. A
        payment of all that is owed on its day, or a `Settlement` for less, ends the plan.
        """
        return quote_payoff(self._plan_on(day).draft, day, until)


class Extension(NamedTuple):
    """A longer term, both ways, so that they can be shown next to each other."""

    keeps_payment: History
    recomputed: History


def effective_day(event: Event, terms: Terms) -> date:
    """Return the day on which an event takes effect; the start for one without a day."""
    match event:
        case InterestPause():
            return event.first
        case MoveDueDate() | InterestGrace():
            return event.from_due
        case ExtendTerm():
            return event.day or event.from_due
        case FeeCharged():
            return event.due or terms.start or date.min
        case Prepayment():
            return event.day or terms.start or date.min
        case _:
            return event.day
