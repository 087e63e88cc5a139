"""Level payments of candidates, and the lower ones that a stepped plan asks for at first.

Not here: which candidates exist (`space.py`), and the same for whole sheets (`tails.py`).
"""

from __future__ import annotations

from plan_assistant.domain.calendar import step_back
from plan_assistant.domain.money import Rounding, round_fraction
from plan_assistant.domain.policy.space import StepPattern
from plan_assistant.domain.schedule.periods import nominal_fraction, odd_fraction
from plan_assistant.domain.schedule.regular import level_payment, level_payment_after_odd_period
from plan_assistant.domain.schedule.terms import Terms


def lower_payment(terms: Terms, step: StepPattern, payments: int) -> int:
    """Return what a stepped plan asks at first: a share of the level payment, in whole units."""
    down = terms.down_payment
    balance = terms.principal.minor - (down.principal.minor if down else 0)
    level = level_of(terms, balance, payments)
    unit = terms.principal.currency.units
    return round_fraction(step.share * level, Rounding.DOWN) // unit * unit


def level_of(terms: Terms, balance: int, payments: int) -> int:
    """Return the level payment of a balance over so many periods of these terms, rounded once."""
    rate = terms.annual_rate * nominal_fraction(terms.frequency)
    rounding, start, first_due = terms.conventions.payment_rounding, terms.start, terms.first_due
    assert start is not None  # candidates are dated
    assert first_due is not None
    month_end = terms.conventions.month_end
    if step_back(first_due, terms.frequency, terms.due_day, month_end) == start:
        return level_payment(balance, rate, payments, rounding=rounding)
    first = terms.annual_rate * odd_fraction(terms, start, first_due)
    return level_payment_after_odd_period(
        balance, first, rate, payments, balloon=0, rounding=rounding
    )
