"""How the payments of a plan sit with the household: the worst month, shocks, a weak season.

The labels and stress tests are those of the reference method, section 3.2 (steps 8 and 9). Not
here: what the household can afford (`budget.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.case import DebtId
from plan_assistant.domain.money import Money, Rounding, round_fraction


class Verdict(StrEnum):
    """How a payment sits with the household, best first."""

    COMFORTABLE = "comfortable"
    TIGHT = "tight"
    UNAFFORDABLE = "unaffordable"
    DEFICIT = "deficit"

    @property
    def rank(self) -> int:
        """Position in the order best to worst."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one plan's worst month sits with the household."""

    verdict: Verdict
    is_strong: bool
    """Comfortable, and still kept up with the second shock."""
    worst_payment: Money
    left_over: Money
    """S minus the worst payment."""
    payment_share: Fraction | None
    """Worst payment over surplus; None when there is no surplus."""
    payment_to_income: Fraction | None
    debt_service_ratio: Fraction | None
    shocks_passed: tuple[bool, ...]
    """For each income shock of the rules: is S after the shock still at least the payment?"""
    passes_essentials_shock: bool
    residual_per_head: Money
    """What is left over for one weighted person of the household, rounded half up."""
    break_even_shock: Fraction | None
    """The fall in income at which nothing is left: (S - payment) / I."""
    lowest_cash: Money | None
    """Lowest running cash balance, for seasonal income; None otherwise."""
    lowest_cash_on: date | None
    passes_rate_shock: bool | None = None
    """Whether the household keeps the plan up at a higher rate; None while the rate is fixed."""


def judge(
    affordability: Affordability,
    payments: Sequence[tuple[date, Money]],
    debt_id: DebtId,
    *,
    down_payment: Money | None = None,
) -> Judgement:
    """Say how a plan sits with the household: by its worst month, after shocks, and month by month.

    `payments` are the nominal days and amounts of the plan (a holiday that moves a payment by a day
    into the next month makes no month worse); a down payment today is not among them, it lowers the
    cash in hand. With several negotiated debts, the other debts' shares are kept free for them.

    Labels (first match): DEFICIT surplus <= 0; UNAFFORDABLE the payment exceeds the surplus, or
    the running cash of a seasonal household goes below zero, or the debt service ratio is over the
    alarm and less than the minimum standard is left over; TIGHT it exceeds what is affordable, or
    the ratio is over the comfortable line, or it fails the first income shock; else COMFORTABLE.
    """
    rules, currency = affordability.rules, affordability.currency
    kept_free = sum(
        share.minor for other, share in affordability.shares.items() if other != debt_id
    )
    worst = max((amount.minor for amount in _by_month(payments).values()), default=0)
    income = affordability.income.minor
    surplus = affordability.surplus.minor - kept_free
    ratio = (
        Fraction(worst + affordability.debt_payments.minor + kept_free, income) if income else None
    )
    shocks = tuple(surplus - shock * income >= worst for shock in rules.shocks)
    cash = affordability.cash.minor - (down_payment.minor if down_payment else 0)
    lowest, lowest_on = _lowest_cash(affordability, payments, cash, kept_free)
    verdict = Verdict.COMFORTABLE
    if affordability.is_deficit:
        verdict = Verdict.DEFICIT
    elif (
        worst > surplus
        or (lowest is not None and lowest < 0)
        or (
            ratio is not None
            and ratio > rules.dsr_alarm
            and surplus - worst < affordability.floor.minor
        )
    ):
        verdict = Verdict.UNAFFORDABLE
    elif (
        worst > affordability.share_for(debt_id).minor
        or (ratio is not None and ratio > rules.dsr_comfortable)
        or not shocks[0]
    ):
        verdict = Verdict.TIGHT
    return Judgement(
        verdict=verdict,
        is_strong=verdict is Verdict.COMFORTABLE and len(shocks) > 1 and shocks[1],
        worst_payment=Money(worst, currency),
        left_over=Money(surplus - worst, currency),
        payment_share=Fraction(worst, surplus) if surplus > 0 else None,
        payment_to_income=Fraction(worst, income) if income else None,
        debt_service_ratio=ratio,
        shocks_passed=shocks,
        passes_essentials_shock=surplus - rules.essentials_shock * affordability.essentials.minor
        >= worst,
        residual_per_head=Money(
            round_fraction((surplus - worst) / affordability.household.weight, Rounding.HALF_UP),
            currency,
        ),
        break_even_shock=Fraction(surplus - worst, income) if income else None,
        lowest_cash=None
        if lowest is None
        else Money(round_fraction(lowest, Rounding.HALF_UP), currency),
        lowest_cash_on=lowest_on,
    )


def _by_month(payments: Sequence[tuple[date, Money]]) -> dict[tuple[int, int], Money]:
    """Add up what falls due in each calendar month."""
    months: dict[tuple[int, int], Money] = {}
    for due, amount in payments:
        month = (due.year, due.month)
        months[month] = months[month] + amount if month in months else amount
    return months


def _lowest_cash(
    affordability: Affordability, payments: Sequence[tuple[date, Money]], cash: int, kept_free: int
) -> tuple[Fraction | None, date | None]:
    """Run the household month by month; return its lowest cash in minor units, and when.

    Only for seasonal income. It starts with the cash in hand less what falls due in the month of
    the cut-off date, whose income and outgoings are taken as settled.
    """
    if not affordability.is_seasonal:
        return None, None
    outgoings = (
        affordability.essentials.minor
        + affordability.priority.minor
        + affordability.other_debts.minor
        + kept_free
    )
    due = _by_month(payments)
    year, month = affordability.as_of.year, affordability.as_of.month
    soon = due.get((year, month))
    balance = Fraction(cash - (soon.minor if soon else 0))
    lowest, lowest_on = balance, date(year, month, 1)
    for _ in range(affordability.rules.horizon_months):
        year, month = year + month // 12, month % 12 + 1
        payment = due.get((year, month))
        balance += affordability.incomes_by_month[month - 1].minor - outgoings
        balance -= payment.minor if payment else 0
        if balance < lowest:
            lowest, lowest_on = balance, date(year, month, 1)
    return lowest, lowest_on
