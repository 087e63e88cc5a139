"""What a plan owes on a day, component by component: the starting point of a restructuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.allocation import (
    ARREARS,
    FEE,
    INTEREST,
    PENALTY_INTEREST,
    PRINCIPAL,
)
from plan_assistant.domain.schedule.lines import Line, Minor
from plan_assistant.domain.schedule.money_ahead import interest_bases
from plan_assistant.domain.schedule.posting import lay_ahead, post
from plan_assistant.domain.schedule.rows import Draft


@dataclass(frozen=True, slots=True)
class Position:
    """Everything owed on a day, as far as it has accrued."""

    day: date
    principal: Money
    """Outstanding principal: not yet due, and due but unpaid, less what was paid ahead."""
    interest_due: Money
    """Interest of installments that are due and not fully paid."""
    interest_accrued: Money
    """Interest of the running period up to the day, and of one that ended on a holiday and is paid
    after it; interest held by a grace."""
    fees_due: Money
    """Fees and penalties of installments that are due and not fully paid; below zero where money
    was paid ahead for later ones."""
    arrears: Money
    """Carried arrears, due or not, that no money has covered."""

    @property
    def total(self) -> Money:
        """Everything together."""
        return sum(self.components().values(), self.principal.currency.zero)

    def components(self) -> dict[str, Money]:
        """Return the position in the buckets that allocation and restructuring use."""
        return {
            "principal": self.principal,
            "interest": self.interest_due + self.interest_accrued,
            "fee": self.fees_due,
            "arrears": self.arrears,
        }


def position_on(draft: Draft, day: date) -> Position:
    """Return what is owed on a day, money received by then taken into account.

    Money fills the installments that fell due in their order, each in the order that the terms
    agree on for the day of the posting (`posting.py`); what it exceeds them by is ahead.
    """
    first = draft.lines[0].period.start
    if first is None or day < first:
        raise InvalidTerms("date", day, f"the plan starts on {first}")
    rows = draft.run()
    posted = post(rows, draft.cash, day, draft.terms.conventions.allocation)
    due = len(posted.unpaid)
    ended = due + _ended(draft.lines[due:], day)
    waiting, ahead = lay_ahead(rows[due:ended], posted.ahead)
    interest = posted.of(INTEREST)
    fees = posted.of(FEE) + posted.of(PENALTY_INTEREST)
    overdue = posted.of(PRINCIPAL)
    arrears = posted.of(ARREARS) + sum(row.carried for row in rows[ended:])
    principal, accrued, beyond = _running(draft, ended, day, ahead)
    for owed in waiting:
        principal += owed[PRINCIPAL]
        accrued += owed[INTEREST]
        arrears += owed[ARREARS]
    to_arrears = int(min(beyond, arrears))
    arrears -= to_arrears
    fees -= beyond - to_arrears
    money = draft.terms.principal.currency.money
    return Position(
        day,
        principal=money(int(principal + overdue)),
        interest_due=money(int(interest)),
        interest_accrued=money(int(accrued)),
        fees_due=money(int(fees)),
        arrears=money(int(arrears)),
    )


def _ended(lines: Sequence[Line], day: date) -> int:
    """Return how many periods of lines that are not yet due have ended."""
    return sum(1 for line in lines if line.period.end is not None and line.period.end <= day)


def _running(draft: Draft, index: int, day: date, ahead: Minor) -> tuple[Minor, Minor, Minor]:
    """Return principal not yet due, interest accrued by a day, and what was paid ahead of both."""
    state = draft.state_before(index)
    line = draft.lines[index] if index < len(draft.lines) and not state.is_over else None
    accrued = draft.round(state.held)
    if line is None or line.period.start is None or day <= line.period.start or not line.accrues:
        principal = state.balance - min(ahead, state.balance)
    else:
        as_of, draft.as_of = draft.as_of, None
        bases = interest_bases(draft, line, state) or [(line.period.start, state.balance)]
        draft.as_of = as_of
        until_day = [base for base in bases if base[0] <= day]
        principal = draft.round(until_day[-1][1])
        accrued += draft.round(draft.accrual.on_bases(line.period, until_day, day))
    left = ahead - (state.balance - principal)
    covered = min(left, accrued)
    return principal, accrued - covered, left - covered
