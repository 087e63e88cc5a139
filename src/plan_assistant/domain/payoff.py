"""What repays an agreement early and in full: principal, interest up to the day, old charges.

That is what the clause on early repayment promises. Interest is priced anew by the engine where
money came early. Not here: what the agreed rows still ask for (`follow_up.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.follow_up import Paid
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.events import Event, Payment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.position import Position
from plan_assistant.domain.schedule.terms import Terms


@dataclass(frozen=True, slots=True)
class Repaid:
    """That a payment covered everything owed on its day."""

    day: date
    overpaid: Money
    """What came in beyond it, then and later."""


def payoff(terms: Terms, received: Sequence[Paid], day: date) -> Position:
    """Return what is owed on a day if nothing is to be left, after the money received by then.

    Raises InvalidTerms for a day before the plan starts, and where more was received by then than
    everything that was owed.
    """
    events: dict[str, Event] = {
        f"payment {number}": Payment(item.day, item.amount)
        for number, item in enumerate(received)
        if item.day <= day
    }
    return History(terms, events).position(day)


def repaid(terms: Terms, received: Sequence[Paid]) -> Repaid | None:
    """Return when money received had covered everything owed; None while something is owed."""
    in_order = sorted(received, key=lambda item: item.day)
    start = terms.start
    if start is None or not in_order:
        return None
    # Interest only adds to what was owed at first: less than that never repays a plan.
    least, so_far = payoff(terms, (), start).total.minor, 0
    for number, item in enumerate(in_order):
        so_far += item.amount.minor
        if so_far < least:
            continue
        owed = payoff(terms, in_order[:number], item.day).total
        if item.amount >= owed:
            later = sum(one.amount.minor for one in in_order[number + 1 :])
            return Repaid(item.day, item.amount - owed + owed.currency.money(later))
    return None
