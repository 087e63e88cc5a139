"""Finds the installment that a day or a number names.

Not here: what happens to it (`servicing.py`).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from plan_assistant.domain.errors import InvalidTerms

if TYPE_CHECKING:
    from plan_assistant.domain.schedule.rows import Draft


def line_due_on(draft: Draft, day: date, field: str) -> int:
    """Return the index of the installment due on a day; raises InvalidTerms if there is none."""
    index = _line_named(draft, day)
    if index is None:
        raise InvalidTerms(field, day, "no installment is due on that day")
    return index


def _line_named(draft: Draft, day: date) -> int | None:
    """Return the index of the installment of that nominal day, or else the first one paid then."""
    periods = [None if line.is_fee_only else line.period for line in draft.lines]
    nominal_dues = [period and period.nominal_due for period in periods]
    dues = [period and period.due for period in periods]
    return next((days.index(day) for days in (nominal_dues, dues) if day in days), None)


def first_line_due_from(draft: Draft, day: date, field: str) -> int:
    """Return the index of the first installment due on or after a day; InvalidTerms if none."""
    index = _line_named(draft, day)
    if index is not None:
        return index
    for index, line in enumerate(draft.lines):
        if line.period.due is not None and line.period.due >= day and not line.is_fee_only:
            return index
    raise InvalidTerms(field, day, "it lies after the last installment, or the plan has no dates")


def first_line_from(draft: Draft, day: date, field: str) -> int:
    """Return the index of the first installment whose period ends on or after a day.

    Raises InvalidTerms if there is none.
    """
    for index, line in enumerate(draft.lines):
        if line.period.end is not None and line.period.end >= day and not line.is_fee_only:
            return index
    raise InvalidTerms(field, day, "it lies after the last installment, or the plan has no dates")


def numbered(draft: Draft, number: int) -> int:
    """Return the index of an installment by its number; raises InvalidTerms if there is none."""
    count = sum(1 for line in draft.lines if not line.is_fee_only)
    if not 1 <= number <= count:
        raise InvalidTerms("instalment", number, f"the plan has installments 1 to {count}")
    return number - 1
