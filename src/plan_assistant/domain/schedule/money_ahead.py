"""Money received and the interest base: paid ahead it lowers the base, overdue it may raise it.

Follows golden/SCHEMA 6.2 and 6.4. Not here: the rows themselves (`rows.py`).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from plan_assistant.domain.schedule.lines import Line, Minor
from plan_assistant.domain.schedule.terms import Amortization, OverdueInterest

if TYPE_CHECKING:
    from plan_assistant.domain.schedule.lines import State
    from plan_assistant.domain.schedule.rows import Draft


def interest_bases(draft: Draft, line: Line, state: State) -> list[tuple[date, Minor]] | None:
    """Return the interest base from each day of the period on; None: the balance throughout."""
    start, end = line.period.start, line.period.end
    if start is None or end is None:
        return None
    overdue_until = _overdue_until(draft)
    if not draft.cash and (overdue_until is None or overdue_until <= start):
        return None
    received: Minor = sum(cash.amount for cash in draft.cash if cash.day <= start)
    ahead = max(0, received - state.asked)
    bases: list[tuple[date, Minor]] = [(start, state.balance - ahead)]
    covered: Minor = 0
    for cash in draft.cash:
        if not start < cash.day < end:
            continue
        new = min(cash.amount, max(0, received + cash.amount - state.asked))
        received += cash.amount
        accrued = draft.round(draft.accrual.on_bases(line.period, bases, cash.day))
        to_interest = min(new, max(0, accrued - covered))
        covered += to_interest
        ahead += new - to_interest
        bases.append((cash.day, state.balance - ahead))
    if overdue_until is not None and overdue_until > start:
        bases = _with_overdue(draft, bases, min(overdue_until, end), end)
    return bases


def accrued_until(draft: Draft, line: Line, state: State, day: date) -> Fraction:
    """Return the exact interest of a running period from its start to a day in it."""
    if not line.accrues:
        return Fraction(0)
    if draft.terms.amortization is Amortization.FLAT:
        return draft.accrual.until(line.period, day) * draft.principal
    assert line.period.start is not None
    bases = interest_bases(draft, line, state) or [(line.period.start, state.balance)]
    earlier = [base for base in bases if base[0] < day] or bases[:1]
    return draft.accrual.on_bases(line.period, earlier, day)


def reliefs(draft: Draft, first: int) -> dict[int, Fraction]:
    """Return, per line from `first` on, the interest that money paid ahead saves.

    Where that money reaches past the first line it depends on payments that are about to be
    computed; the payments known so far stand in for them.
    """
    if not draft.cash:
        return {}
    known: Minor = 0
    for line in draft.lines:
        known = line.payment = line.payment or known
    as_of, draft.as_of = draft.as_of, None
    saved = {}
    for index in range(first, draft.last_line() + 1):
        line, state = draft.lines[index], draft.state_before(index)
        if not meets_money(draft, line, state):
            break
        relief = Fraction(*draft.weight(line)) * state.balance - draft.exact_interest(line, state)
        if relief and line.accrues:
            saved[index] = relief
    draft.as_of = as_of
    draft.forget(first)
    return saved


def _overdue_until(draft: Draft) -> date | None:
    if draft.terms.conventions.overdue_interest is OverdueInterest.NONE:
        return None
    return draft.as_of


def _with_overdue(
    draft: Draft, bases: list[tuple[date, Minor]], until: date, end: date
) -> list[tuple[date, Minor]]:
    """Add principal that is due and unpaid to the base, up to and including `until`."""
    plain = dict(bases)
    days = sorted({*plain, *([until] if until < end else [])})
    result: list[tuple[date, Minor]] = []
    base: Minor = 0
    for day in days:
        base = plain.get(day, base)
        result.append((day, base + (unpaid_principal(draft, day) if day < until else 0)))
    return result


def unpaid_principal(draft: Draft, day: date) -> Minor:
    """Return the principal of rows due by a day that money received by then does not cover."""
    left: Minor = sum(cash.amount for cash in draft.cash if cash.day <= day)
    unpaid: Minor = 0
    for row in draft.rows:
        if row.due is None or row.due > day:
            break
        paid = min(left, row.payment)
        left -= paid
        unpaid += min(row.principal, row.payment - paid)
    return unpaid


def meets_money(draft: Draft, line: Line, state: State) -> bool:
    """Say whether money ahead, or overdue principal, may change the base of a period."""
    start = line.period.start
    if start is None:
        return False
    if draft.cash and (draft.cash[-1].day > start or draft.received > state.asked):
        return True
    overdue_until = _overdue_until(draft)
    return overdue_until is not None and overdue_until > start
