"""Money received and the interest base: paid ahead it lowers the base, overdue it may raise it.

Follows golden/SCHEMA 6.2 and 6.4. Not here: the rows themselves (`rows.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from plan_assistant.domain.schedule.allocation import PRINCIPAL
from plan_assistant.domain.schedule.lines import Line, Minor
from plan_assistant.domain.schedule.posting import post
from plan_assistant.domain.schedule.terms import Amortization, DeferredCollection, OverdueInterest

if TYPE_CHECKING:
    from plan_assistant.domain.schedule.lines import State
    from plan_assistant.domain.schedule.rows import Draft


def interest_bases(draft: Draft, line: Line, state: State) -> list[tuple[date, Minor]] | None:
    """Return the interest base from each day of the period on; None: the balance throughout."""
    bases = _not_yet_due(draft, line, state)
    end = line.period.end
    if bases is None or end is None or not _lays_overdue(draft, line):
        return bases
    return _with_overdue(draft, bases, end)


def _not_yet_due(draft: Draft, line: Line, state: State) -> list[tuple[date, Minor]] | None:
    """Return the principal to come, less what is paid ahead, from each day of the period on.

    Money ahead of all principal waits for later fees and carried arrears; no base is below zero.
    """
    start, end = line.period.start, line.period.end
    if start is None or end is None:
        return None
    lays_overdue = _lays_overdue(draft, line)
    if not draft.cash and not lays_overdue:
        return None
    received: Minor = sum(cash.amount for cash in draft.cash if cash.day <= start)
    no_money: Minor = 0
    ahead = max(no_money, received - state.asked)
    bases: list[tuple[date, Minor]] = [(start, max(no_money, state.balance - ahead))]
    covered: Minor = 0
    for cash in draft.cash:
        if not start < cash.day < end:
            continue
        new = min(cash.amount, max(no_money, received + cash.amount - state.asked))
        received += cash.amount
        so_far = _with_overdue(draft, bases, cash.day) if lays_overdue else bases
        accrued = draft.accrual.on_bases(line.period, so_far, cash.day)
        to_interest = min(new, max(no_money, accrued - covered))
        covered += to_interest
        ahead += new - to_interest
        bases.append((cash.day, max(no_money, state.balance - ahead)))
    return bases


def principal_to_come(draft: Draft, line: Line, state: State, day: date) -> Minor:
    """Return the principal of a running period that is not yet due, less what was paid ahead."""
    bases = _not_yet_due(draft, line, state)
    if bases is None:
        return state.balance
    return [base for since, base in bases if since <= day][-1]


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


def unrounded_end(draft: Draft, first: int, payment: Fraction) -> Fraction:
    """Return the balance after the last line if the level lines from `first` on pay `payment`.

    It is the unrounded recursion of SCHEMA section 5 with money ahead, which lasts for more rows
    the lower the payment is.
    """
    state = replace(draft.state_before(first))
    fee_rate = draft.terms.installment_fee_rate or 0
    on_top = draft.terms.conventions.deferred_collection is not DeferredCollection.WITHIN_PAYMENT
    waiting = Fraction(0)
    for line in draft.lines[first:]:
        if line.is_fee_only:
            continue
        interest = draft.exact_interest(line, state) + line.added_interest
        state.asked += line.fee + line.carried
        if line.is_skipped:
            waiting += 0 if on_top else interest
            state.balance -= line.extra_principal
            state.asked += line.extra_principal * (1 + fee_rate)
            continue
        asked = payment if line.is_level_row else Fraction(line.payment or 0)
        asked += line.extra_principal
        state.balance += interest + waiting - asked
        state.asked += asked * (1 + fee_rate)
        waiting = Fraction(0)
    return Fraction(state.balance + waiting)


def _lays_overdue(draft: Draft, line: Line) -> bool:
    """Say whether overdue principal may bear interest in a line's period."""
    start, until = line.period.start, _overdue_until(draft)
    return start is not None and until is not None and until > start


def _overdue_until(draft: Draft) -> date | None:
    if draft.terms.conventions.overdue_interest is OverdueInterest.NONE:
        return None
    return draft.as_of


def _with_overdue(
    draft: Draft, bases: list[tuple[date, Minor]], end: date
) -> list[tuple[date, Minor]]:
    """Add principal that is due and unpaid to the bases up to `end`, until the day of judging."""
    until = _overdue_until(draft)
    assert until is not None
    plain = dict(bases)
    # A holiday may let an earlier installment fall due inside the period.
    due = (row.due for row in draft.rows if row.due is not None)
    changes = (until, *(day for day in due if bases[0][0] < day < until))
    days = sorted({*plain, *(day for day in changes if day < end)})
    result: list[tuple[date, Minor]] = []
    base: Minor = 0
    for day in days:
        base = plain.get(day, base)
        result.append((day, base + (unpaid_principal(draft, day) if day < until else 0)))
    return result


def unpaid_principal(draft: Draft, day: date) -> Minor:
    """Return the principal of installments due by a day that money received does not cover.

    Money fills a down payment first; what is missing of that one bears no interest (SCHEMA 2).
    """
    rows = draft.with_down(draft.rows)
    posted = post(rows, draft.cash, day, draft.terms.conventions.allocation)
    if draft.down is None or draft.down.due is None:
        return posted.of(PRINCIPAL)
    return posted.of(PRINCIPAL) - posted.unpaid[0][PRINCIPAL]


def meets_money(draft: Draft, line: Line, state: State) -> bool:
    """Say whether money ahead, or overdue principal, may change the base of a period."""
    start = line.period.start
    if start is None:
        return False
    if draft.cash and (draft.cash[-1].day > start or draft.received > state.asked):
        return True
    return _lays_overdue(draft, line)
