"""What the lender gives up by a plan, lever by lever, in today's money.

Compared with being paid today: what is waived, what a lower rate costs over the same installments,
and what waiting costs (below zero where the contract rate earns more than the discount). The parts
add up to what is owed less the plan's present value. A freeze over many installments may have no
twin at the contract rate, whose interest would exceed the payments: then rate and time are one
figure. Not here: what a role may give up (`policy`).
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
    rate: Money | None
    """None where the same installments make no plan at the contract rate."""
    rate_and_time: Money

    @property
    def time(self) -> Money | None:
        """What waiting costs; None where it cannot be told from the rate."""
        return None if self.rate is None else self.rate_and_time - self.rate

    @property
    def total(self) -> Money:
        """What is owed today less the present value of the plan."""
        return self.waiver + self.rate_and_time


def concession_of(plan: Plan, contract_rate: Fraction, discount: Discount) -> Concession:
    """Return what a plan gives up: first the waiver, then the rate, then the time.

    The waiver is measured at the contract rate; at the plan's own where that makes no plan.
    """
    currency, priced = plan.total.currency, present_value(plan.schedule, discount)
    given_up = plan.confirmed.total - currency.money(round(priced))
    unwaived = _unwaived(plan)
    try:
        whole, waived = (
            present_value(_priced_at(terms, contract_rate), discount)
            for terms in (unwaived, plan.terms)
        )
    except InvalidTerms:
        own = plan.terms.annual_rate
        waiver = currency.money(round(present_value(_priced_at(unwaived, own), discount) - priced))
        return Concession(waiver, None, given_up - waiver)
    waiver = currency.money(round(whole - waived))
    return Concession(waiver, currency.money(round(waived - priced)), given_up - waiver)


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
