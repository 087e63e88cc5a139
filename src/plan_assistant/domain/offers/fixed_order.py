"""Searches in a fixed order: how rate and term are moved where a rule book says which comes first.

They are what published waterfalls do, kept to show beside the search of the whole space: a fixed
order ends at one extreme of the frontier and never shows its middle. Not here: the levers of a
published waterfall (`waterfall.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.rates.present_value import present_value_effective
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.regular import level_payment
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.schedule.validation import MAX_ANNUAL_RATE, MAX_PERIODS

MAX_RATES = 10_000
"""More rates than anybody reads: above it the step is a typing error."""


def monthly_payment(balance: Money, annual_rate: Fraction, periods: int) -> Money:
    """Return the level payment at a twelfth of the annual rate, rounded half up; 0 for nothing."""
    if not balance:
        return balance
    minor = level_payment(balance.minor, annual_rate / 12, periods, rounding=Rounding.HALF_UP)
    return balance.currency.money(minor)


def monthly_payments(balance: Money, annual_rate: Fraction, periods: int) -> list[Money]:
    """Return every payment of a level plan; the last one clears what rounding left.

    A balance so small that rounded payments repay it early ends the plan early.
    """
    terms = Terms(
        principal=balance, annual_rate=annual_rate, periods=periods, start=None, first_due=None
    )
    rows = draft_plan(terms).visible_rows()
    return [balance.currency.money(int(row.payment)) for row in rows]


@dataclass(frozen=True, slots=True)
class RateSteps:
    """A rate lowered by equal steps that never go below a floor; the last one ends on it."""

    rate: Fraction
    step: Fraction
    floor: Fraction

    def __post_init__(self) -> None:
        if self.step <= 0:
            raise InvalidTerms("rate_step", self.step, "a rate is lowered by a step above zero")

    @property
    def last(self) -> int:
        """The number of steps down to the floor; 0 where the rate is not above it."""
        return max(0, -((self.floor - self.rate) // self.step))

    def at(self, number: int) -> Fraction:
        """Return the rate after that many steps."""
        return max(self.rate - number * self.step, min(self.rate, self.floor))


def first_true(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the smallest value from low to high for which a monotone statement holds, or high."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True, slots=True)
class FixedOrder:
    """What a search in a fixed order starts from."""

    balance: Money
    annual_rate: Fraction
    current_periods: int
    affordable: Money
    """A month."""
    rate_step: Fraction
    max_periods: int
    discount_rate: Fraction
    """Effective a year: payment k counts k months."""

    def __post_init__(self) -> None:
        for field, value, is_fine, reason in (
            ("balance", self.balance.plain, self.balance.minor > 0, "nothing is owed"),
            (
                "annual_rate",
                self.annual_rate,
                0 <= self.annual_rate <= MAX_ANNUAL_RATE,
                f"a rate is from 0 to {MAX_ANNUAL_RATE}",
            ),
            *(
                (name, value, 1 <= value <= MAX_PERIODS, f"is from 1 to {MAX_PERIODS}")
                for name, value in (
                    ("current_periods", self.current_periods),
                    ("max_periods", self.max_periods),
                )
            ),
            ("discount_rate", self.discount_rate, self.discount_rate > -1, "is above -1"),
        ):
            if not is_fine:
                raise InvalidTerms(field, value, reason)
        if self.rates.last > MAX_RATES:
            raise InvalidTerms("rate_step", self.rate_step, f"gives more than {MAX_RATES} rates")

    @property
    def rates(self) -> RateSteps:
        """The rates from the contract's down to zero."""
        return RateSteps(self.annual_rate, self.rate_step, Fraction(0))

    def is_affordable(self, rate: Fraction, periods: int) -> bool:
        """Say whether the level payment can be paid."""
        return monthly_payment(self.balance, rate, periods) <= self.affordable


@dataclass(frozen=True, slots=True)
class Point:
    """One rate and term with the payments that follow from them."""

    annual_rate: Fraction
    periods: int
    payment: Money
    last_payment: Money
    total_paid: Money
    present_value: Money


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing a month at the contract rate over the longest term; below zero it fits."""

    payment: Money
    gap: Money


def shortest_term_per_rate(search: FixedOrder) -> tuple[Point, ...]:
    """Return, for each rate from the contract's down to zero, the shortest term that is affordable.

    A rate without one within `max_periods` gives no point.
    """
    points = []
    for number in range(search.rates.last + 1):
        rate = search.rates.at(number)
        if search.is_affordable(rate, search.max_periods):
            points.append(_point(search, rate, _term(search, rate, 1)))
    return tuple(points)


def term_first(search: FixedOrder) -> Point | None:
    """Raise the term to its maximum, then lower the rate; None where that is not enough."""
    periods = _term(search, search.annual_rate, search.current_periods)
    return _affordable(search, _rate(search, periods), periods)


def rate_first(search: FixedOrder) -> Point | None:
    """Lower the rate to zero, then raise the term; None where that is not enough."""
    rate = _rate(search, search.current_periods)
    return _affordable(search, rate, _term(search, rate, search.current_periods))


def gap(search: FixedOrder) -> Gap:
    """Return how far the payment at the contract rate over the longest term is above."""
    payment = monthly_payment(search.balance, search.annual_rate, search.max_periods)
    return Gap(payment, payment - search.affordable)


def _term(search: FixedOrder, rate: Fraction, start: int) -> int:
    """Return the first affordable term from `start` on, the longest where none is."""
    longest = max(start, search.max_periods)
    return first_true(start, longest, lambda periods: search.is_affordable(rate, periods))


def _rate(search: FixedOrder, periods: int) -> Fraction:
    """Return the first affordable rate from the contract's down, zero where none is."""
    rates = search.rates
    return rates.at(
        first_true(0, rates.last, lambda number: search.is_affordable(rates.at(number), periods))
    )


def _affordable(search: FixedOrder, rate: Fraction, periods: int) -> Point | None:
    return _point(search, rate, periods) if search.is_affordable(rate, periods) else None


def _point(search: FixedOrder, rate: Fraction, periods: int) -> Point:
    payments = monthly_payments(search.balance, rate, periods)
    minor = [payment.minor for payment in payments]
    currency = search.balance.currency
    return Point(
        annual_rate=rate,
        periods=periods,
        payment=monthly_payment(search.balance, rate, periods),
        last_payment=payments[-1],
        total_paid=currency.money(sum(minor)),
        present_value=currency.money(present_value_effective(minor, search.discount_rate, 12)),
    )
