"""Turns one question around: which term, amount, rate, first date or down payment fits a payment.

Every solver answers with the exact schedule that proves it, or says why there is none. "Fits" means
that no installment exceeds the payment. Nothing here approximates: candidates are priced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, round_ratio
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Conventions, DownPayment, LevelPayment, Terms
from plan_assistant.domain.schedule.validation import MAX_PERIODS

PPM = 10**6
"""Rates are solved to one part per million a year."""


@dataclass(frozen=True, slots=True)
class Solved:
    """An answer and the schedule that proves it."""

    terms: Terms
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class NoSolution:
    """Why no value of the asked-for field fits.

    `reason` is one of `interest_not_covered`, `too_many_periods`, `nothing_fits`; `limit` is what
    the payment would have to be at least, `actual` what was asked.
    """

    field: str
    reason: str
    limit: Money
    actual: Money

    def __str__(self) -> str:
        actual, limit = self.actual.plain, self.limit.plain
        match self.reason, self.field:
            case "interest_not_covered", _:
                return f"{actual} does not cover the interest of {limit}"
            case "too_many_periods", _:
                return (
                    f"{actual} does not repay the debt in {MAX_PERIODS} installments;"
                    f" that takes at least {limit}"
                )
            case _, "principal":
                return f"{actual} repays no amount; the smallest one takes {limit}"
            case _, "annual_rate":
                return f"{actual} does not repay the debt even without interest; that takes {limit}"
            case _, "down_payment":
                return f"{actual} repays no rest after a down payment; the smallest takes {limit}"
            case _:
                return f"{actual} fits no first due date; the one that asks least takes {limit}"


def solve_periods(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan that pays `payment` each period until nothing is left.

    The last installment takes the rest; `terms.periods` is not used. Carried arrears and fees come
    on top: the payment is what goes to interest and principal.
    """
    given = terms.with_(
        payment=payment,
        payment_steps=(),
        periods=MAX_PERIODS,
        conventions=_given(terms),
    )
    interest = _first_interest(terms)
    if payment <= interest:
        return NoSolution("periods", "interest_not_covered", interest, payment)
    longest = price(given)
    count = len(longest.rows) - longest.has_down_payment
    if count >= MAX_PERIODS:
        enough = price(terms.with_(periods=MAX_PERIODS)).largest_payment
        if payment < enough:
            return NoSolution("periods", "too_many_periods", enough, payment)
    solved = given.with_(periods=count)
    return Solved(solved, price(solved))


def _given(terms: Terms) -> Conventions:
    return replace(terms.conventions, level_payment=LevelPayment.GIVEN)


def _first_interest(terms: Terms) -> Money:
    """Return the interest of the first regular period on the full principal."""
    rate = terms.annual_rate * nominal_fraction(terms.frequency)
    principal = terms.principal.minor
    if terms.down_payment is not None:
        principal -= terms.down_payment.principal.minor
    minor = round_ratio(principal * rate.numerator, rate.denominator, terms.conventions.rounding)
    return terms.principal.currency.money(minor)


def solve_shortest(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan with the fewest installments none of which exceeds `payment`."""
    interest = _first_interest(terms)
    if payment <= interest and terms.annual_rate:
        return NoSolution("periods", "interest_not_covered", interest, payment)
    lowest = max(terms.grace.principal, terms.grace.interest) + 1
    periods = _first_true(
        lowest, MAX_PERIODS, lambda n: _regular_fits(terms.with_(periods=n), payment)
    )
    # Rounding may leave a last installment above the others; a little longer, and it is below them.
    for longer in range(periods or MAX_PERIODS, MAX_PERIODS + 1):
        if _fits(terms.with_(periods=longer), payment):
            return _solved(terms.with_(periods=longer))
    limit = _regular_payment(terms.with_(periods=MAX_PERIODS)) or interest
    return NoSolution("periods", "too_many_periods", limit, payment)


def solve_amount(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan over a principal that fits and of which one minor unit more does not fit."""
    currency = terms.principal.currency
    found = _last_fitting(
        # Below one unit an installment rounding ends the plan early, which is no answer either.
        (terms.periods, max(terms.periods, payment.minor * terms.periods)),
        lambda minor: terms.with_(principal=currency.money(minor)),
        payment,
    )
    if found is None:
        smallest = _regular_payment(terms.with_(principal=currency.money(terms.periods)))
        return NoSolution("principal", "nothing_fits", smallest or currency.money(1), payment)
    return _solved(found)


def solve_rate(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan at the highest annual rate that fits, to 1 ppm, at most the terms' own."""
    if _fits(terms, payment):
        return _solved(terms)
    found = _last_fitting(
        (0, int(terms.annual_rate * PPM)),
        lambda ppm: terms.with_(annual_rate=Fraction(ppm, PPM)),
        payment,
    )
    if found is None:
        limit = _largest_payment(terms.with_(annual_rate=Fraction(0)))
        return NoSolution("annual_rate", "nothing_fits", limit or payment, payment)
    return _solved(found)


def solve_down_payment(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan with a down payment of principal that fits; one minor unit less does not."""
    currency = terms.principal.currency
    arrears = terms.down_payment.arrears if terms.down_payment else currency.zero

    def repaying(rest: int) -> Terms:
        down = terms.principal - currency.money(rest)
        has_none = not down and not arrears
        return terms.with_(down_payment=None if has_none else DownPayment(down, arrears))

    if _fits(repaying(terms.principal.minor), payment):
        return _solved(repaying(terms.principal.minor))
    found = _last_fitting((1, terms.principal.minor), repaying, payment)
    if found is None:
        limit = _regular_payment(repaying(terms.periods)) or currency.money(1)
        return NoSolution("down_payment", "nothing_fits", limit, payment)
    return _solved(found)


def solve_first_due(terms: Terms, payment: Money, latest: date) -> Solved | NoSolution:
    """Return the plan with the latest first due date, up to `latest`, that still fits.

    Later dates mean more interest in the first period. Days are tried from the latest back, since
    odd periods of some day counts do not rise evenly.
    """
    if terms.start is None:
        raise InvalidTerms("start", None, "a first due date needs a start")
    day = latest
    smallest: Money | None = None
    while day > terms.start:
        tried = terms.with_(first_due=day, due_day=None)
        largest = _largest_payment(tried)
        if largest is not None and largest <= payment:
            return _solved(tried)
        if largest is not None and (smallest is None or largest < smallest):
            smallest = largest
        day -= timedelta(days=1)
    return NoSolution("first_due", "nothing_fits", smallest or payment, payment)


def _largest_payment(terms: Terms) -> Money | None:
    try:
        return price(terms).largest_payment
    except InvalidTerms:
        return None


def _fits(terms: Terms, payment: Money) -> bool:
    largest = _largest_payment(terms)
    return largest is not None and largest <= payment


def _regular_payment(terms: Terms) -> Money | None:
    """Return the largest installment but the last, which rounding moves up and down."""
    try:
        schedule = price(terms)
    except InvalidTerms:
        return None
    payments = schedule.columns.payment[schedule.has_down_payment :]
    return terms.principal.currency.money(max(payments[:-1] or payments))


def _regular_fits(terms: Terms, payment: Money) -> bool:
    """Say whether the regular payment fits.

    Terms refused because rounding would end the plan early have tiny payments and count as fitting;
    whoever asks looks on for a neighbour that can be priced.
    """
    regular = _regular_payment(terms)
    return regular is None or regular <= payment


def _last_fitting(
    span: tuple[int, int], terms_for: Callable[[int], Terms], payment: Money
) -> Terms | None:
    """Return the terms of a value that fits and whose next one does not.

    The regular payment rises with the value. Within a run of values that share it the last
    installment rises too, so the boundary is looked for run by run from above.
    """
    low, high = span
    boundary = _first_true(low, high, lambda v: not _regular_fits(terms_for(v), payment))
    top = high if boundary is None else boundary - 1
    for _ in range(4):
        if top < low:
            return None
        bottom = _bottom_of_run(low, top, terms_for)
        if _fits(terms_for(bottom), payment):
            return _top_of_run(bottom, top, terms_for, payment)
        top = bottom - 1
    return _top_of_run(low, top, terms_for, payment) if _fits(terms_for(low), payment) else None


def _bottom_of_run(low: int, top: int, terms_for: Callable[[int], Terms]) -> int:
    """Return the lowest value with the regular payment that `top` has."""
    level = _regular_payment(terms_for(top))

    def reaches(value: int) -> bool:
        regular = _regular_payment(terms_for(value))
        return regular is not None and level is not None and regular >= level

    bottom = _first_true(low, top, reaches)
    return top if bottom is None else bottom


def _top_of_run(bottom: int, top: int, terms_for: Callable[[int], Terms], payment: Money) -> Terms:
    over = _first_true(bottom, top, lambda v: not _fits(terms_for(v), payment))
    best = top if over is None else over - 1
    # Interest roundings make the last installment waver by a unit or two.
    while best < top and _fits(terms_for(best + 1), payment):
        best += 1
    return terms_for(best)


def _solved(terms: Terms) -> Solved:
    return Solved(terms, price(terms))


def _first_true(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
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
