"""What rows to come collect of an earlier time: interest that closed rows left behind, and fees.

A re-age or a re-amortization lays the interest and fees of closed rows on the new rows; a fee
charged between two due dates waits for the second. All of it is owed before its row is due, so it
belongs to a position. Not here: how it is laid (`restructuring.py`) and collected (`rows.py`).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from plan_assistant.domain.schedule.lines import Fixed, Line, Minor
from plan_assistant.domain.schedule.rows import Draft


def interest_laid(draft: Draft, index: int, day: date) -> Minor:
    """Return the exact interest of an earlier time that the lines from `index` on collect.

    Of interest that was fixed for the time to come it is the part of the days that have passed.
    """
    state = draft.state_before(index)
    laid: Minor = 0
    if state.is_over:
        return laid
    shares = [line.overdue_share for line in draft.lines[index:] if line.overdue_share is not None]
    if shares:
        laid += sum(shares) + state.split_exact - state.split_rounded
    for line in draft.lines[index:]:
        if line.fixed is not None:
            laid += line.fixed.interest * _accrued_share(line, line.fixed, day)
        elif line.added_interest:
            laid += line.added_interest
    return laid


def _accrued_share(line: Line, fixed: Fixed, day: date) -> Fraction:
    """Return the share of a row's fixed interest that belongs to the time up to a day."""
    start, end = line.period.start, line.period.end
    assert start is not None and end is not None
    since = max(start, fixed.since)
    if day <= since or end <= since:
        return fixed.accrued
    passed = Fraction((min(day, end) - since).days, (end - since).days)
    return fixed.accrued + (1 - fixed.accrued) * passed


def fees_laid(draft: Draft, index: int, day: date) -> Minor:
    """Return the fees owed on a day that the lines from `index` on collect."""
    fees: Minor = 0
    return sum([line.fee_owed_on(day) for line in draft.lines[index:] if line.owed_fees], fees)
