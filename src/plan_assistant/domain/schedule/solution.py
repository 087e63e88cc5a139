"""What a solver answers, and the questions to a priced plan that all of them ask.

Not here: how a field is found (`solvers.py`, `length_solvers.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Terms,
)
from plan_assistant.domain.schedule.validation import MAX_PERIODS


@dataclass(frozen=True, slots=True)
class Solved:
    """An answer and the schedule that proves it."""

    terms: Terms
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class NoSolution:
    """Why no value of the asked-for field fits.

    `reason` is one of `interest_not_covered`, `only_interest_covered`, `balloon_not_covered`,
    `arrears_not_covered`, `no_principal`, `too_many_periods`, `nothing_fits`; `limit` is what the
    payment would have to be at least (above it, where it is the interest), `actual` what was asked.
    """

    field: str
    reason: str
    limit: Money
    actual: Money

    def __str__(self) -> str:
        sentence = _SENTENCES[self.field if self.reason == "nothing_fits" else self.reason]
        return sentence.format(
            actual=self.actual.plain, limit=self.limit.plain, max_periods=MAX_PERIODS
        )


_SENTENCES = {
    "interest_not_covered": "{actual} does not cover the interest of {limit}",
    "only_interest_covered": "{actual} covers the interest of {limit} and no principal",
    "balloon_not_covered": "{actual} does not cover the balloon of {limit}",
    "arrears_not_covered": "{actual} does not cover the arrears of {limit} in one installment",
    "no_principal": "{actual} repays nothing: no principal is owed",
    "too_many_periods": (
        "{actual} does not repay the debt in {max_periods} installments;"
        " that takes at least {limit}"
    ),
    "principal": "{actual} repays no amount; the smallest one takes {limit}",
    "annual_rate": "{actual} does not repay the debt even without interest; that takes {limit}",
    "down_payment": "{actual} repays no rest after a down payment; the smallest takes {limit}",
    "first_due": "{actual} fits no first due date; the one that asks least takes {limit}",
}
"""By reason; where nothing fits, by field."""


def refuse_other_currency(terms: Terms, payment: Money) -> None:
    """Raise InvalidTerms for a payment in another currency than the plan."""
    currency = terms.principal.currency
    if payment.currency != currency:
        raise InvalidTerms("payment", str(payment), f"the plan is in {currency.code}")


def amortised(terms: Terms) -> int:
    """Return the principal that installments repay, in minor units."""
    down = terms.down_payment.principal.minor if terms.down_payment is not None else 0
    return terms.principal.minor - down


def lacks_balloon(terms: Terms, payment: Money) -> bool:
    """Say whether the balloon, which the last installment of all but flat plans holds, is more."""
    is_flat = terms.amortization is Amortization.FLAT
    return terms.balloon is not None and not is_flat and payment < terms.balloon


def balloon_not_covered(terms: Terms, payment: Money, field: str) -> NoSolution:
    """Return the answer to a payment below the balloon."""
    assert terms.balloon is not None
    return NoSolution(field, "balloon_not_covered", terms.balloon, payment)


def interest_not_covered(interest: Money, payment: Money) -> NoSolution:
    """Return the answer to a payment that no number of times repays any principal."""
    reason = "only_interest_covered" if payment == interest else "interest_not_covered"
    return NoSolution("periods", reason, interest, payment)


def largest_payment(terms: Terms) -> Money | None:
    """Return the largest installment; None where the terms make no plan."""
    try:
        return price(terms).largest_payment
    except InvalidTerms:
        return None


def fits(terms: Terms, payment: Money) -> bool:
    """Say whether the terms make a plan of which no installment exceeds the payment."""
    largest = largest_payment(terms)
    return largest is not None and largest <= payment


def regular_payment(terms: Terms) -> Money | None:
    """Return the largest installment but the last, which rounding moves up and down."""
    try:
        schedule = price(terms)
    except InvalidTerms:
        return None
    payments = schedule.columns.payment[schedule.has_down_payment :]
    return terms.principal.currency.money(max(payments[:-1] or payments))


def regular_fits(terms: Terms, payment: Money) -> bool:
    """Say whether the regular payment fits.

    Terms refused because rounding would end the plan early have tiny payments and count as fitting;
    whoever asks looks on for a neighbour that can be priced.
    """
    regular = regular_payment(terms)
    return regular is None or regular <= payment


def solved(terms: Terms) -> Solved:
    """Return terms as an answer."""
    return Solved(terms, price(terms))


def first_true(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Return the smallest value from low to high for which a monotone statement holds."""
    if high < low or not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
