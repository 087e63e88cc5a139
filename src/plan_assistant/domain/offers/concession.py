"""What the lender gives up by a plan, lever by lever, in today's money.

Compared with being paid today: what is waived, what a lower rate costs over the same installments,
and what waiting costs (below zero where the contract rate earns more than the discount). The parts
add up to what is owed less the plan's present value. Not here: what a role may give up (`policy`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.worth import Discount, period_years
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms


@dataclass(frozen=True, slots=True)
class Concession:
    """What a plan costs the lender, each part rounded to the minor unit."""

    waiver: Money
    rate: Money
    time: Money

    @property
    def total(self) -> Money:
        """What is owed today less the present value of the plan."""
        return self.waiver + self.rate + self.time


def concession_of(plan: Plan, contract_rate: Fraction, discount: Discount) -> Concession:
    """Return what a plan gives up: first the waiver, then the rate, then the time."""
    whole, waived, priced = (
        present_value(each, discount)
        for each in (
            _priced_at(_unwaived(plan), contract_rate),
            _priced_at(plan.terms, contract_rate),
            plan.schedule,
        )
    )
    currency, owed = plan.total.currency, plan.confirmed.total.minor
    value = round(priced)
    waiver, rate = round(whole - waived), round(waived - priced)
    return Concession(
        currency.money(waiver),
        currency.money(rate),
        currency.money(owed - value - waiver - rate),
    )


def present_value(schedule: Schedule, discount: Discount) -> float:
    """Return what the payments of a plan are worth today, in minor units (see `worth.py`)."""
    first = schedule.terms.first_due
    assert first is not None  # plans that are offered have dates
    step = period_years(schedule.terms.frequency)
    rows = schedule.columns.payment[schedule.has_down_payment :]
    start = (first - discount.today).days / 365.0
    factor = 1.0 + discount.annual_rate
    later: float = sum(
        payment * factor ** -(start + step * row) for row, payment in enumerate(rows)
    )
    return schedule.down_payment.minor + later


def _unwaived(plan: Plan) -> Terms:
    arrears = (plan.terms.arrears or plan.total.currency.zero) + plan.waived.total
    return plan.terms.with_(arrears=arrears or None)


def _priced_at(terms: Terms, rate: Fraction) -> Schedule:
    """Price terms at another rate; without steps and multiples where they no longer make one."""
    try:
        return price(terms.with_(annual_rate=rate))
    except InvalidTerms:
        return price(terms.with_(annual_rate=rate, payment_steps=(), payment_multiple_of=None))
