"""Turns one question around: which amount, rate, first date or down payment fits a payment.

Every solver answers with the exact schedule that proves it, or says why there is none. "Fits" means
that no installment exceeds the payment. Nothing here approximates: candidates are priced. What no
value of the asked-for field makes a plan of is refused as `price` refuses it. Not here: how many
payments it takes (`length_solvers.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.solution import (
    NoSolution,
    Solved,
    amortised,
    balloon_not_covered,
    first_true,
    fits,
    lacks_balloon,
    largest_payment,
    refuse_other_currency,
    regular_fits,
    regular_payment,
    solved,
)
from plan_assistant.domain.schedule.terms import (
    DownPayment,
    Remainder,
    Terms,
)
from plan_assistant.domain.schedule.validation import validate

_RUNS = 200
"""Regular payments that are tried from the asked one down: with tiny amounts the last installment
may be the larger one in many of them."""
_MOST = 10**18
"""Minor units: files hold no amount of more digits."""
PPM = 10**6
"""Rates are solved to one part per million a year."""


def solve_amount(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan over a principal that fits and of which one minor unit more does not fit."""
    refuse_other_currency(terms, payment)
    currency = terms.principal.currency

    def borrowing(minor: int) -> Terms:
        return terms.with_(principal=currency.money(minor))

    # A down payment is repaid beside the installments.
    down = terms.principal.minor - amortised(terms)
    low = down + _least_rest(terms)
    high = max(low, down + payment.minor * terms.periods)
    if terms.conventions.remainder is Remainder.OPEN:
        high = _too_much_left_open(high, borrowing, payment)
    found = _last_fitting((low, high), borrowing, payment)
    if found is not None:
        return solved(found)
    smallest = _smallest_asked((low, high), borrowing)
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "principal")
    return NoSolution("principal", "nothing_fits", smallest, payment)


def _least_rest(terms: Terms) -> int:
    """Return the least that installments can repay: a unit beside the balloon.

    Where each repays a part that is not enough; terms that rounding ends early are refused.
    """
    balloon = terms.balloon.minor if terms.balloon is not None else 0
    return balloon + 1


def _too_much_left_open(high: int, terms_for: Callable[[int], Terms], payment: Money) -> int:
    """Return an amount that does not fit, where installments need not repay all of it.

    Raises InvalidTerms where their payments stay the same however much is left open.
    """
    while high <= _MOST and fits(terms_for(high), payment):
        high *= 2
    if high > _MOST:
        reason = "an amount of any size fits where what is left of it stays open"
        raise InvalidTerms("remainder", Remainder.OPEN.value, reason)
    return high


def solve_rate(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan at the highest annual rate that fits, to 1 ppm, at most the terms' own."""
    refuse_other_currency(terms, payment)
    validate(terms)
    if fits(terms, payment):
        return solved(terms)
    found = _last_fitting(
        (0, int(terms.annual_rate * PPM)),
        lambda ppm: terms.with_(annual_rate=Fraction(ppm, PPM)),
        payment,
    )
    if found is not None:
        return solved(found)
    limit = price(terms.with_(annual_rate=Fraction(0))).largest_payment
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "annual_rate")
    return NoSolution("annual_rate", "nothing_fits", limit, payment)


def solve_down_payment(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan with a down payment of principal that fits; one minor unit less does not."""
    refuse_other_currency(terms, payment)
    validate(terms.with_(down_payment=None))
    currency = terms.principal.currency
    arrears = terms.down_payment.arrears if terms.down_payment else currency.zero

    def repaying(rest: int) -> Terms:
        down = terms.principal - currency.money(rest)
        has_none = not down and not arrears
        return terms.with_(down_payment=None if has_none else DownPayment(down, arrears))

    if fits(repaying(terms.principal.minor), payment):
        return solved(repaying(terms.principal.minor))
    least = min(_least_rest(terms), terms.principal.minor)
    found = _last_fitting((least, terms.principal.minor), repaying, payment)
    if found is not None:
        return solved(found)
    limit = _smallest_asked((least, terms.principal.minor), repaying)
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "down_payment")
    return NoSolution("down_payment", "nothing_fits", limit, payment)


def solve_first_due(terms: Terms, payment: Money, latest: date) -> Solved | NoSolution:
    """Return the plan with the latest first due date, up to `latest`, that still fits.

    Later dates mean more interest in the first period. Days are tried from the latest back, since
    odd periods of some day counts do not rise evenly.
    """
    refuse_other_currency(terms, payment)
    if terms.start is None:
        raise InvalidTerms("start", None, "a first due date needs a start")
    if latest <= terms.start:
        raise InvalidTerms(
            "latest", latest, f"the first due date lies after the start, {terms.start}"
        )
    day = latest
    smallest: Money | None = None
    while day > terms.start:
        tried = terms.with_(first_due=day, due_day=None)
        largest = largest_payment(tried)
        if largest is not None and largest <= payment:
            return solved(tried)
        if largest is not None and (smallest is None or largest < smallest):
            smallest = largest
        day -= timedelta(days=1)
    if smallest is None:
        smallest = price(terms.with_(first_due=latest, due_day=None)).largest_payment
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "first_due")
    return NoSolution("first_due", "nothing_fits", smallest, payment)


def _smallest_asked(span: tuple[int, int], terms_for: Callable[[int], Terms]) -> Money:
    """Return what the least amount of a span that makes a plan asks for at most.

    Rounding ends the plans of the smallest amounts early. Raises InvalidTerms where no amount makes
    a plan.
    """
    low, most = span
    asked = largest_payment(terms_for(low))
    if asked is None:
        least = first_true(low, most, lambda minor: largest_payment(terms_for(minor)) is not None)
        asked = price(terms_for(most if least is None else least)).largest_payment
    return asked


def _last_fitting(
    span: tuple[int, int], terms_for: Callable[[int], Terms], payment: Money
) -> Terms | None:
    """Return the terms of a value that fits and whose next one does not.

    The regular payment rises with the value. Within a run of values that share it the last
    installment rises too, so the boundary is looked for run by run from above.
    """
    low, high = span
    boundary = first_true(low, high, lambda v: not regular_fits(terms_for(v), payment))
    top = high if boundary is None else boundary - 1
    for _ in range(_RUNS):
        if top < low:
            return None
        bottom = _bottom_of_run(low, top, terms_for)
        if fits(terms_for(bottom), payment):
            return _top_of_run(bottom, top, terms_for, payment)
        top = bottom - 1
    return _top_of_run(low, top, terms_for, payment) if fits(terms_for(low), payment) else None


def _bottom_of_run(low: int, top: int, terms_for: Callable[[int], Terms]) -> int:
    """Return the lowest value with the regular payment that `top` has."""
    level = regular_payment(terms_for(top))

    def reaches(value: int) -> bool:
        regular = regular_payment(terms_for(value))
        return regular is not None and level is not None and regular >= level

    bottom = first_true(low, top, reaches)
    return top if bottom is None else bottom


def _top_of_run(bottom: int, top: int, terms_for: Callable[[int], Terms], payment: Money) -> Terms:
    over = first_true(bottom, top, lambda v: not fits(terms_for(v), payment))
    best = top if over is None else over - 1
    # Interest roundings make the last installment waver by a unit or two.
    while best < top and fits(terms_for(best + 1), payment):
        best += 1
    return terms_for(best)
