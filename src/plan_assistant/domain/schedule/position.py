"""What a plan owes on a day, component by component: the starting point of a restructuring."""

from __future__ import annotations

from bisect import bisect_right
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
from plan_assistant.domain.schedule.drafting import RunningTotal
from plan_assistant.domain.schedule.events import InterestUntil
from plan_assistant.domain.schedule.laid import fees_laid, interest_laid
from plan_assistant.domain.schedule.lines import Line, Minor, PayoffQuote
from plan_assistant.domain.schedule.money_ahead import accrued_until, principal_to_come
from plan_assistant.domain.schedule.posting import lay_ahead, post
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.terms import Amortization


@dataclass(frozen=True, slots=True)
class Position:
    """Everything owed on a day, as far as it has accrued."""

    day: date
    principal: Money
    """Outstanding principal: not yet due, and due but unpaid, less what was paid ahead."""
    principal_due: Money
    """The part of `principal` that belongs to installments that are due and not fully paid."""
    interest_due: Money
    """Interest of installments that are due and not fully paid."""
    interest_accrued: Money
    """Interest of the running period up to the day, and of one that ended on a holiday and is paid
    after it; interest held by a grace; interest of closed installments laid on those to come."""
    fees_due: Money
    """Fees and penalties of installments that are due and not fully paid, and those whose own day
    has come though a later installment collects them."""
    arrears: Money
    """Carried arrears, due or not, that no money has covered."""
    ahead: Money
    """Money beyond all of these, which waits for fees to come; `total` leaves it out."""

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


def position_on(draft: Draft, day: date, until: InterestUntil = InterestUntil.DATE) -> Position:
    """Return what is owed on a day, money received by then taken into account.

    With `InterestUntil.PERIOD_END` the running period bears its whole interest.

    Money fills the installments that fell due in their order, each in the order that the terms
    agree on for the day of the posting (`posting.py`); what it exceeds them by is ahead. Where
    the conventions round nothing, running totals of the figures are rounded half up, as in rows.
    """
    first = draft.lines[0].period.start
    if first is None or day < first:
        raise InvalidTerms("date", day, f"the plan starts on {first}")
    due = lines_due(draft, day)
    # On a holiday a period may have ended whose day of payment is still to come.
    ended = lines_ended(draft, day)
    rows = draft.run(ended)[:ended]
    down_and_due = draft.with_down(rows[:due])
    posted = post(down_and_due, draft.cash, day, draft.terms.conventions.allocation)
    waiting, ahead = lay_ahead(rows[due:], posted.ahead)
    interest = posted.of(INTEREST)
    fees = posted.of(FEE) + posted.of(PENALTY_INTEREST)
    overdue = posted.of(PRINCIPAL)
    arrears: Minor = posted.of(ARREARS) + sum([line.carried for line in draft.lines[ended:]])
    principal, accrued, beyond = _running(draft, ended, day, ahead, until)
    for still_owed in waiting:
        principal += still_owed[PRINCIPAL]
        accrued += still_owed[INTEREST]
        arrears += still_owed[ARREARS]
    to_arrears = min(beyond, arrears)
    arrears -= to_arrears
    laid = fees_laid(draft, due, day)
    to_fees = min(beyond - to_arrears, laid)
    fees += laid - to_fees
    money = draft.terms.principal.currency.money
    owed = RunningTotal()
    principal_due = money(owed.next(overdue))
    return Position(
        day,
        principal_due=principal_due,
        interest_due=money(owed.next(interest)),
        interest_accrued=money(owed.next(accrued)),
        fees_due=money(owed.next(fees)),
        arrears=money(owed.next(arrears)),
        principal=principal_due + money(owed.next(principal)),
        ahead=money(RunningTotal().next(beyond - to_arrears - to_fees)),
    )


def payoff_of(position: Position) -> PayoffQuote:
    """Return the quote that settles a plan in a position."""
    return PayoffQuote(
        position.day,
        principal=(position.principal - position.principal_due).minor,
        interest=position.interest_accrued.minor,
        due=(position.principal_due + position.interest_due).minor,
        charges=(position.fees_due + position.arrears).minor,
    )


def lines_due(draft: Draft, day: date) -> int:
    """Return how many installments of a plan with dates are to be paid by a day."""
    return bisect_right(draft.lines, day, key=lambda line: line.period.due or date.max)


def lines_ended(draft: Draft, day: date) -> int:
    """Return how many periods of a plan with dates have ended by a day."""
    return bisect_right(draft.lines, day, key=lambda line: line.period.end or date.max)


def _running(
    draft: Draft, index: int, day: date, ahead: Minor, until: InterestUntil
) -> tuple[Minor, Minor, Minor]:
    """Return principal not yet due, interest accrued by a day, and what was paid ahead of both."""
    state = draft.state_before(index)
    nothing: Minor = 0
    # An open remainder may end below zero: its rows asked for more, nobody has paid it yet.
    balance = max(nothing, state.balance)
    line = draft.lines[index] if index < len(draft.lines) and not state.is_over else None
    reached = day
    if line is not None and line.period.end is not None and until is InterestUntil.PERIOD_END:
        reached = line.period.end
    exact = interest_laid(draft, index, reached)
    is_fixed = line is not None and line.fixed is not None
    # What a grace held is part of the interest that was fixed.
    accrued = draft.round(state.held) if not is_fixed else nothing
    principal = balance - min(ahead, balance)
    if line is not None and not is_fixed and line.accrues and _has_begun(line, day):
        exact += accrued_until(draft, line, state, reached)
        # Flat interest asks nobody how much was paid ahead.
        if draft.terms.amortization is not Amortization.FLAT:
            principal = draft.round(principal_to_come(draft, line, state, day))
    accrued += draft.round(exact)
    left = ahead - (balance - principal)
    covered = min(left, accrued)
    # What rounding takes off the interest that the money was laid on repays principal.
    to_principal = min(left - covered, principal)
    return principal - to_principal, accrued - covered, left - covered - to_principal


def _has_begun(line: Line, day: date) -> bool:
    """Say whether days of a line's period have passed."""
    return line.period.start is not None and line.period.start < day
