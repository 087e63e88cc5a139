"""Terms for tests: one call, everything else as the China packs have it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from plan_assistant.domain.money import CNY, Currency, Money
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DayCount,
    LevelPaymentBasis,
    PeriodInterest,
    Terms,
)

START = date(2026, 1, 31)
FIRST_DUE = date(2026, 2, 28)
DAILY = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
)
"""Interest by the real days."""


def yuan(amount: str) -> Money:
    return CNY.parse(amount)


def undated(
    principal: str = "10000.00", rate: str = "0.12", periods: int = 12, **fields: object
) -> Terms:
    currency = fields.pop("currency", CNY)
    assert isinstance(currency, Currency)
    terms = Terms(
        principal=currency.parse(principal),
        annual_rate=Fraction(rate),
        periods=periods,
        start=None,
        first_due=None,
    )
    return terms.with_(**fields)


def dated(
    principal: str = "10000.00", rate: str = "0.12", periods: int = 12, **fields: object
) -> Terms:
    return undated(principal, rate, periods).with_(
        **{"start": START, "first_due": FIRST_DUE, "due_day": 31, **fields}
    )


def payments(schedule: Schedule) -> list[str]:
    return [row.payment.plain for row in schedule.rows]
