"""What is owed on a day is one figure, whoever asks: position, payoff, payment, restructuring.

12,000.00 at 12 % over twelve months from 10 January 2026, interest by real days / 365.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
)
from tests.domain.schedule.builders import dated, yuan

DAILY = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
)
TERMS = dated(
    "12000.00",
    start=date(2026, 1, 10),
    first_due=date(2026, 2, 10),
    due_day=None,
    conventions=DAILY,
)


def all_paid(history: History, rows: int) -> History:
    """Return a history in which the first rows were paid on their days."""
    paid = {
        f"row {row.number}": ev.Payment(row.due, row.payment)
        for row in history.schedule.rows[:rows]
        if row.due is not None
    }
    return History(history.terms, {**history.events, **paid})


def test_a_flat_plan_bears_interest_on_the_original_principal_inside_a_period_too() -> None:
    history = all_paid(History(TERMS.with_(amortization=Amortization.FLAT)), 9)
    day = date(2026, 11, 9)

    position = history.position(day)

    # 12,000.00 x 0.12 x 30 / 365.
    assert position.interest_accrued == yuan("118.36")
    assert position.principal == yuan("3000.00")
    assert history.payoff(day).amount == position.total.minor


def test_the_running_period_bears_interest_on_overdue_principal_where_the_contract_says_so() -> (
    None
):
    """On 5 April: 26 days on the balance after two rows, and on what these left unpaid."""
    day = date(2026, 4, 5)
    conventions = replace(DAILY, overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF)
    history = History(TERMS.with_(conventions=conventions, as_of=day))
    new = dated("1.00", start=day, first_due=date(2026, 5, 5), due_day=5)
    capitalised = ev.Restructuring(day, (Step(Treatment.CAPITALISE, "interest"),), new)

    position = history.position(day)

    assert position.interest_accrued.minor == round(1_200_000 * Fraction(12 * 26, 36_500))
    assert position.principal == yuan("12000.00")
    restructured = history.with_event("r", capitalised)
    assert restructured.schedule.total_principal == position.total
