"""Refuses events whose days or counts lie outside the plan that they meet.

Not here: whether an event makes sense by itself (`servicing.py`, `restructuring.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.events import (
    Event,
    ExtendTerm,
    FeeCharged,
    InterestGrace,
    InterestPause,
    MoveDueDate,
    Prepayment,
    RateChange,
    ReAge,
    ReAmortize,
)
from plan_assistant.domain.schedule.named_lines import first_line_due_from, numbered
from plan_assistant.domain.schedule.rows import Draft


def refuse_two_rates_on_a_day(events: Sequence[Event]) -> None:
    """Raise InvalidTerms where two events set different rates for one day: neither comes first."""
    changes = [event for event in events if isinstance(event, RateChange)]
    for one, other in combinations(changes, 2):
        if one.day == other.day and one.annual_rate != other.annual_rate:
            raise InvalidTerms("date", one.day, "two different rates are set for that day")


def refuse_out_of_order(event: Event, draft: Draft) -> None:
    """Raise InvalidTerms for an event before the start of the plan or after its end."""
    start, end = draft.lines[0].period.start, draft.lines[draft.last_line()].period.end
    if start is None or end is None:
        return
    match event:
        case RateChange() | ReAge() | ReAmortize():
            _refuse_before(start, "date", event.day)
        case InterestPause():
            _refuse_before(start, "date", event.first)
        case InterestGrace():
            _refuse_before(start, "from_due_date", event.from_due)
            _refuse_grace_to_the_end(event, draft)
    _refuse_agreed_outside(event, start, end)
    if isinstance(event, Prepayment):
        _refuse_after_its_installment(event, draft)


def _refuse_agreed_outside(event: Event, start: date, end: date) -> None:
    """Refuse what was agreed on a day on which the plan did not run."""
    match event:
        case FeeCharged(day=day) if day is not None:
            _refuse_before(start, "date", day)
        case (
            ExtendTerm(day=day)
            | Prepayment(day=day)
            | MoveDueDate(day=day)
            | InterestGrace(day=day)
            | InterestPause(day=day)
        ) if day is not None:
            _refuse_before(start, "date", day)
            if day > end:
                raise InvalidTerms("date", day, f"it lies after the last installment, {end}")


def _refuse_before(start: date, field: str, day: date) -> None:
    if day < start:
        raise InvalidTerms(field, day, f"it lies before the start, {start}")


def _refuse_after_its_installment(event: Prepayment, draft: Draft) -> None:
    """Refuse extra principal that would change a row whose day has passed."""
    if event.day is None:
        return
    due = draft.lines[numbered(draft, event.number)].period.due
    if due is not None and due < event.day:
        reason = f"installment {event.number} was due on {due}"
        raise InvalidTerms("date", event.day, reason)


def _refuse_grace_to_the_end(event: InterestGrace, draft: Draft) -> None:
    index = first_line_due_from(draft, event.from_due, "from_due_date")
    left = sum(1 for line in draft.lines[index:] if not line.is_fee_only)
    if left <= event.periods:
        reason = "the last installment is never in grace"
        raise InvalidTerms("interest_periods", event.periods, reason)
