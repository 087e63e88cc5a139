"""The life of a plan: its events in the order in which they took effect, whenever entered.

A history is immutable. Adding an event, even a backdated one, or cancelling one gives a new
history, whose rows are computed from the start; so nothing is ever half applied, the order of entry
does not matter, and a cancelled restructuring leaves exactly the former schedule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.components import Restructured, Step, restructure
from plan_assistant.domain.schedule.drafting import draft_plan, to_schedule
from plan_assistant.domain.schedule.engine import price, refuse_uncovered_interest
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
)
from plan_assistant.domain.schedule.position import Position, position_on
from plan_assistant.domain.schedule.rows import Draft, PayoffQuote
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.servicing import apply, paid_by_row, quote_payoff
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.schedule.validation import validate

# On one day: what changes the contract comes before money, so that money meets the plan of the day.
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

    def _key(self, event: Event) -> tuple[date, int, str]:
        return (effective_day(event, self.terms), _ORDER_ON_A_DAY.index(type(event)), repr(event))

    @cached_property
    def draft(self) -> Draft:
        """The plan as it stands after all events; raises InvalidTerms for an impossible one."""
        validate(self.terms)
        draft = draft_plan(self.terms)
        apply(draft, self.in_order)
        owed = sum(row.payment for row in draft.visible_rows())
        received = draft.received
        if received > owed:
            money = self.terms.principal.currency.money
            reason = f"all payments of the plan come to {money(int(owed)).plain}"
            raise InvalidTerms("amount", money(received).plain, reason)
        refuse_uncovered_interest(draft)
        return draft

    @cached_property
    def schedule(self) -> Schedule:
        """The rows after all events."""
        return to_schedule(self.draft)

    @cached_property
    def paid(self) -> tuple[Money, ...]:
        """How much of each row money received covers, in the order of the rows."""
        received = self.draft.received
        rows = self.draft.visible_rows()
        return tuple(
            self.terms.principal.currency.money(int(part)) for part in paid_by_row(rows, received)
        )

    def position(self, day: date) -> Position:
        """Return what is owed on a day, component by component."""
        return position_on(self.draft, day)

    def restructured(
        self, day: date, steps: Sequence[Step], terms: Terms
    ) -> tuple[Restructured, Schedule]:
        """Return what some steps make of the position on a day, and the new plan's schedule.

        `terms` says everything about the new plan but its principal and carried arrears. The
        history itself does not change: who cancels the restructuring goes on with it.
        """
        owed = self.position(day).components()
        result = restructure(owed, steps, self.terms.principal.currency)
        return result, price(result.terms(terms))

    def payoff(self, day: date, until: InterestUntil = InterestUntil.DATE) -> PayoffQuote:
        """Return principal and interest that settle a plan whose due installments are paid.

        What is overdue, or was paid ahead, is not in it: `position` says all that is owed.
        """
        return quote_payoff(self.draft, day, until)


def effective_day(event: Event, terms: Terms) -> date:
    """Return the day on which an event takes effect; the start for one without a day."""
    match event:
        case Payment() | RateChange() | ReAge() | ReAmortize() | Payoff():
            return event.day
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
