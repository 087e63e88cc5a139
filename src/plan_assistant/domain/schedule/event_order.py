"""In which order events act, and on which of the plans that follow each other.

An event acts from the day that it names or, where it names only an installment, from the day of
that one in the first plan that reaches it. So its day depends on the plan that it meets. Not here:
what it does (`servicing.py`, `restructuring.py`) and how plans follow each other (`succession.py`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.events import (
    Event,
    ExtendTerm,
    FeeCharged,
    InterestGrace,
    InterestPause,
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
from plan_assistant.domain.schedule.lines import Line
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.terms import PeriodInterest, RateChangeDay

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
_DAY = timedelta(days=1)


class _Entry(NamedTuple):
    """An event and its place among those of its day."""

    place: int
    smaller: int
    """Of the payments of a day the largest comes first: it covers interest where any does."""
    text: str
    event: Event


class EventQueue:
    """Events that have not acted yet; the order in which they were entered plays no part."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Raise InvalidTerms for what is no event."""
        entries = [_entry(event) for event in events]
        fixed = [(day, e) for e in entries if (day := _own_day(e.event)) is not None]
        self._by_day = sorted(fixed, reverse=True)
        self._by_plan = [e for e in entries if _own_day(e.event) is None]

    def take(self, draft: Draft, until: date) -> tuple[date, Event] | None:
        """Remove and return what acts next on a plan, with its day; None if nothing does by then.

        What names an installment that the plan does not have waits for a later plan.
        """
        chosen = self._by_day[-1] if self._by_day else None
        replaced_on = self._replaced_on() if self._by_plan else date.max
        for entry in self._by_plan:
            dated = (_day_in(entry.event, draft, replaced_on), entry)
            chosen = dated if chosen is None else min(chosen, dated)
        if chosen is None or chosen[0] > until:
            return None
        day, entry = chosen
        if _own_day(entry.event) is None:
            self._by_plan.remove(entry)
        else:
            self._by_day.pop()
        return day, entry.event

    def take_of_ended(self, old: Draft, new: Draft) -> Event | None:
        """Remove and return an event for a due date that only the plan had that ended; else None.

        Nobody said when it was agreed: it is one for the plan that has the installment.
        """
        waiting = [*(entry for _, entry in self._by_day), *self._by_plan]
        for entry in sorted(waiting):
            due = _due_named(entry.event)
            if due is not None and _has_installment(old, due) and not _has_installment(new, due):
                self._by_day = [item for item in self._by_day if item[1] is not entry]
                self._by_plan = [item for item in self._by_plan if item is not entry]
                return entry.event
        return None

    def _replaced_on(self) -> date:
        """Return the day on which the next restructuring replaces the plan, if any does."""
        days = (day for day, entry in reversed(self._by_day) if type(entry.event) is Restructuring)
        return next(days, date.max)


def _entry(event: Event) -> _Entry:
    if type(event) not in _ORDER_ON_A_DAY:
        raise InvalidTerms("events", event, "no such event")
    smaller = -event.amount.minor if isinstance(event, Payment) else 0
    return _Entry(_ORDER_ON_A_DAY.index(type(event)), smaller, repr(event), event)


def _own_day(event: Event) -> date | None:
    """Return the day from which an event acts whatever the plan; None where the plan decides."""
    match event:
        case RateChange() | InterestPause(day=None) | MoveDueDate(day=None) | Prepayment(day=None):
            return None
        case ExtendTerm() | InterestGrace():
            return event.day or event.from_due
        case FeeCharged():
            return event.day or event.due
        case _:
            return event.day


def _due_named(event: Event) -> date | None:
    """Return the due date that an event names where it names no day on which it was agreed."""
    match event:
        case ExtendTerm(day=None) | InterestGrace(day=None) | MoveDueDate(day=None):
            return event.from_due
        case _:
            return None


def _day_in(event: Event, draft: Draft, replaced_on: date) -> date:
    """Return the day from which an event without one of its own acts on a plan.

    `replaced_on` is the day on which another plan takes its place.
    """
    match event:
        case RateChange(day=day) | InterestPause(first=day):
            is_cut = draft.terms.conventions.period_interest is PeriodInterest.DAILY
            return day if is_cut or day > replaced_on else _day_of_whole_period(event, draft)
        case MoveDueDate():
            is_there = _has_installment(draft, event.from_due)
            return min(event.from_due, event.to) if is_there else date.max
        case FeeCharged(number=number) | Prepayment(number=number):
            due = _due_of_number(draft, number)
            if isinstance(event, Prepayment):
                return due
            # It is to come from the start of the plan on, so that money ahead may wait for it.
            return date.max if due > replaced_on else draft.lines[0].period.start or date.min
    raise AssertionError(event)


def _day_of_whole_period(event: RateChange | InterestPause, draft: Draft) -> date:
    """Return the day from which a rate or a pause acts where periods count by their frequency.

    They are those of the due date (SCHEMA 6.1), so the whole period owes by them: from its first
    day on, which is the one that ends a day after its start.
    """
    lines = draft.lines
    if isinstance(event, RateChange):
        day, last = event.day, date.max
        starts_next = draft.terms.conventions.rate_change_day is RateChangeDay.DAY_STARTING_ON
        index = (bisect_right if starts_next else bisect_left)(lines, day, key=_end)
    else:
        day, last = event.first, event.last
        index = bisect_left(lines, day, key=_end)
    start = lines[index].period.start if index < len(lines) and _end(lines[index]) <= last else None
    return day if start is None else min(day, start + _DAY)


def _end(line: Line) -> date:
    return line.period.end or date.max


def _due_of_number(draft: Draft, number: int | None) -> date:
    """Return the day of a numbered installment; the last of days where the plan has none such.

    An installment that no plan can have, or one without a date, comes first and is judged at once.
    """
    if number is None or number < 1:
        return date.min
    if number > draft.last_line() + 1:
        return date.max
    return draft.lines[number - 1].period.due or date.min


def _has_installment(draft: Draft, day: date) -> bool:
    """Say whether an installment is due, or paid after a holiday, on a day."""
    for day_of in (_nominal_due, _due):
        index = bisect_left(draft.lines, day, key=day_of)
        line = draft.lines[index] if index < len(draft.lines) else None
        if line is not None and not line.is_fee_only and day_of(line) == day:
            return True
    return False


def _nominal_due(line: Line) -> date:
    return line.period.nominal_due or date.max


def _due(line: Line) -> date:
    return line.period.due or date.max
