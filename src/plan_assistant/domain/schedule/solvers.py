"""Turns one question around: which term, amount, rate, first date or down payment fits a payment.

Every solver answers with the exact schedule that proves it, or says why there is none. "Fits" means
that no installment exceeds the payment. Nothing here approximates: candidates are priced. What no
value of the asked-for field makes a plan of is refused as `price` refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, round_ratio
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    DownPayment,
    LevelPayment,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)
from plan_assistant.domain.schedule.validation import MAX_PERIODS, validate

_RUNS = 200
"""Regular payments that are tried from the asked one down: with tiny amounts the last installment
may be the larger one in many of them."""
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

    `reason` is one of `interest_not_covered`, `balloon_not_covered`, `arrears_not_covered`,
    `no_principal`, `too_many_periods`, `nothing_fits`; `limit` is what the payment would have to be
    at least (above it, where it is the interest), `actual` what was asked.
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


def solve_periods(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan that pays `payment` each period until nothing is left.

    The last installment takes the rest; `terms.periods` is not used. Carried arrears and fees come
    on top: the payment is what goes to interest and principal.

    Raises:
        InvalidTerms: the terms cannot describe a plan, or its installments are not equal ones.
    """
    _refuse_other_currency(terms, payment)
    if terms.amortization is not Amortization.EQUAL_INSTALLMENT:
        raise InvalidTerms(
            "amortization", terms.amortization.value, "only equal installments take a given payment"
        )
    given = _paying(terms, LevelPayment.GIVEN, payment)
    if payment.minor < 1:
        validate(_paying(terms, LevelPayment.PLAIN))
        return NoSolution("periods", "interest_not_covered", _first_interest(terms), payment)
    validate(given)
    if not _amortised(terms):
        return NoSolution("periods", "no_principal", terms.principal.currency.zero, payment)
    rows = draft_plan(given).run()
    uncovered = next((row.interest for row in rows if row.principal < 0), None)
    if uncovered is None and rows[-2].principal == 0 and rows[-2].balance:
        uncovered = rows[-2].interest
    if uncovered is not None:
        interest = terms.principal.currency.money(int(uncovered))
        return NoSolution("periods", "interest_not_covered", interest, payment)
    longest = price(given)
    count = len(longest.rows) - longest.has_down_payment
    if count >= MAX_PERIODS:
        enough = _regular_payment(_paying(terms, LevelPayment.PLAIN))
        if enough is not None and payment < enough:
            return NoSolution("periods", "too_many_periods", enough, payment)
    solved = given.with_(periods=count)
    return Solved(solved, price(solved))


def _paying(terms: Terms, level: LevelPayment, payment: Money | None = None) -> Terms:
    """Return the same loan over the most installments, its level payment found another way."""
    return terms.with_(
        payment=payment,
        payment_steps=(),
        periods=MAX_PERIODS,
        conventions=replace(terms.conventions, level_payment=level),
    )


def _refuse_other_currency(terms: Terms, payment: Money) -> None:
    currency = terms.principal.currency
    if payment.currency != currency:
        raise InvalidTerms("payment", str(payment), f"the plan is in {currency.code}")


def _amortised(terms: Terms) -> int:
    """Return the principal that installments repay, in minor units."""
    down = terms.down_payment.principal.minor if terms.down_payment is not None else 0
    return terms.principal.minor - down


def _first_interest(terms: Terms) -> Money:
    """Return the interest of a regular period on the full principal."""
    rate = terms.annual_rate * nominal_fraction(terms.frequency)
    principal = _amortised(terms)
    minor = round_ratio(principal * rate.numerator, rate.denominator, terms.conventions.rounding)
    return terms.principal.currency.money(minor)


def solve_shortest(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan with the fewest installments none of which exceeds `payment`."""
    _refuse_other_currency(terms, payment)
    at_once = _arrears_at_once(terms)
    if payment < at_once:
        # No number of installments makes it less: pricing all of them would take minutes.
        validate(terms.with_(periods=MAX_PERIODS))
        return NoSolution("periods", "arrears_not_covered", at_once, payment)
    if terms.conventions.level_payment is LevelPayment.EQUALISED:
        # A corrected payment does not fall evenly, and long plans of it take seconds to price.
        fewest = _fewest(terms, payment)
        if fewest is not None:
            return _shortest_from(fewest, terms, payment)
    grace = terms.grace
    lowest = max(grace.principal + 1, grace.interest + 1, grace.interest_free)
    # The payment falls as the plan grows, but may rise where interest begins.
    spans = ((lowest, lowest), (lowest + 1, lowest + 1), (lowest + 2, MAX_PERIODS))
    found = (
        _first_true(low, high, lambda n: _regular_fits(terms.with_(periods=n), payment))
        for low, high in spans
    )
    periods = next((count for count in found if count is not None), None)
    smallest: Money | None = None
    # Rounding may leave a last installment above the others; a little longer, and it is below them.
    for longer in range(max(lowest, (periods or MAX_PERIODS) - 1), MAX_PERIODS + 1):
        largest = _largest_payment(terms.with_(periods=longer))
        if largest is not None and largest <= payment:
            return _solved(terms.with_(periods=longer))
        if largest is not None and (smallest is None or largest < smallest):
            smallest = largest
    if smallest is None:
        smallest = price(terms.with_(periods=MAX_PERIODS)).largest_payment
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "periods")
    interest = _first_interest(terms)
    if payment <= interest and terms.annual_rate and not grace.interest_free:
        return NoSolution("periods", "interest_not_covered", interest, payment)
    if periods is None:
        smallest = _regular_payment(terms.with_(periods=MAX_PERIODS)) or smallest
    return NoSolution("periods", "too_many_periods", smallest, payment)


def _fewest(terms: Terms, payment: Money) -> int | None:
    """Return a number of installments below which no plan fits; None where nothing can be shown.

    Interest never falls where more is owed, so whoever pays the whole payment each time owes least
    after any number of installments: until then nobody who pays no more has repaid the debt. Beyond
    `MAX_PERIODS` it is a number above that.
    """
    conventions = terms.conventions
    is_cleared = conventions.remainder is Remainder.LAST_PAYMENT
    if (
        terms.amortization is not Amortization.EQUAL_INSTALLMENT
        or terms.payment_steps
        or not is_cleared
        or conventions.total_interest is not TotalInterest.SUM_OF_ROWS
        or conventions.rounding_stage is RoundingStage.DISPLAY_ONLY
        or payment.minor < 1
        or not _amortised(terms)
    ):
        return None
    given = _paying(terms, LevelPayment.GIVEN, payment)
    try:
        validate(given)
    except InvalidTerms:
        return None
    draft = draft_plan(given)
    last = draft.last_row()
    row = draft.rows[last]
    is_repaid = draft.states[last + 1].is_over or row.principal + row.interest <= payment.minor
    grace = terms.grace
    lowest = max(grace.principal + 1, grace.interest + 1, grace.interest_free)
    return max(lowest, last + 1) if is_repaid else MAX_PERIODS + 1


def _shortest_from(fewest: int, terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the first plan that fits among those of at least so many installments."""
    smallest: Money | None = None
    for periods in range(fewest, MAX_PERIODS + 1):
        largest = _largest_payment(terms.with_(periods=periods))
        if largest is not None and largest <= payment:
            return _solved(terms.with_(periods=periods))
        if largest is not None and (smallest is None or largest < smallest):
            smallest = largest
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "periods")
    interest = _first_interest(terms)
    if payment <= interest and terms.annual_rate and not terms.grace.interest_free:
        return NoSolution("periods", "interest_not_covered", interest, payment)
    if smallest is None:
        most = terms.principal.minor + _first_interest(terms).minor + 1
        least = _first_true(1, most, lambda minor: _is_repaid(terms, minor))
        smallest = terms.principal.currency.money(most if least is None else least)
    return NoSolution("periods", "too_many_periods", smallest, payment)


def _is_repaid(terms: Terms, minor: int) -> bool:
    fewest = _fewest(terms, terms.principal.currency.money(minor))
    return fewest is not None and fewest <= MAX_PERIODS


def _arrears_at_once(terms: Terms) -> Money:
    """Return the carried arrears that one installment asks for, however long the plan is."""
    if terms.arrears is None or terms.arrears_treatment is ArrearsTreatment.SPREAD:
        return terms.principal.currency.zero
    return terms.arrears - terms.down_payment.arrears if terms.down_payment else terms.arrears


def _lacks_balloon(terms: Terms, payment: Money) -> bool:
    """Say whether the balloon, which the last installment of all but flat plans holds, is more."""
    is_flat = terms.amortization is Amortization.FLAT
    return terms.balloon is not None and not is_flat and payment < terms.balloon


def _balloon_not_covered(terms: Terms, payment: Money, field: str) -> NoSolution:
    assert terms.balloon is not None
    return NoSolution(field, "balloon_not_covered", terms.balloon, payment)


def solve_amount(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan over a principal that fits and of which one minor unit more does not fit."""
    _refuse_other_currency(terms, payment)
    currency = terms.principal.currency

    def borrowing(minor: int) -> Terms:
        return terms.with_(principal=currency.money(minor))

    # A down payment is repaid beside the installments.
    down = terms.principal.minor - _amortised(terms)
    low, high = down + _least_rest(terms), down + payment.minor * terms.periods
    found = _last_fitting((low, max(low, high)), borrowing, payment)
    if found is not None:
        return _solved(found)
    smallest = _smallest_asked((low, max(low, high)), borrowing)
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "principal")
    return NoSolution("principal", "nothing_fits", smallest, payment)


def _least_rest(terms: Terms) -> int:
    """Return the least that installments can repay: a unit each, and the balloon.

    With less, rounding would end the plan early.
    """
    balloon = terms.balloon.minor if terms.balloon is not None else 0
    return balloon + terms.periods


def solve_rate(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan at the highest annual rate that fits, to 1 ppm, at most the terms' own."""
    _refuse_other_currency(terms, payment)
    validate(terms)
    if _fits(terms, payment):
        return _solved(terms)
    found = _last_fitting(
        (0, int(terms.annual_rate * PPM)),
        lambda ppm: terms.with_(annual_rate=Fraction(ppm, PPM)),
        payment,
    )
    if found is not None:
        return _solved(found)
    limit = price(terms.with_(annual_rate=Fraction(0))).largest_payment
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "annual_rate")
    return NoSolution("annual_rate", "nothing_fits", limit, payment)


def solve_down_payment(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return a plan with a down payment of principal that fits; one minor unit less does not."""
    _refuse_other_currency(terms, payment)
    validate(terms.with_(down_payment=None))
    currency = terms.principal.currency
    arrears = terms.down_payment.arrears if terms.down_payment else currency.zero

    def repaying(rest: int) -> Terms:
        down = terms.principal - currency.money(rest)
        has_none = not down and not arrears
        return terms.with_(down_payment=None if has_none else DownPayment(down, arrears))

    if _fits(repaying(terms.principal.minor), payment):
        return _solved(repaying(terms.principal.minor))
    least = min(_least_rest(terms), terms.principal.minor)
    found = _last_fitting((least, terms.principal.minor), repaying, payment)
    if found is not None:
        return _solved(found)
    limit = _smallest_asked((least, terms.principal.minor), repaying)
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "down_payment")
    return NoSolution("down_payment", "nothing_fits", limit, payment)


def solve_first_due(terms: Terms, payment: Money, latest: date) -> Solved | NoSolution:
    """Return the plan with the latest first due date, up to `latest`, that still fits.

    Later dates mean more interest in the first period. Days are tried from the latest back, since
    odd periods of some day counts do not rise evenly.
    """
    _refuse_other_currency(terms, payment)
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
        largest = _largest_payment(tried)
        if largest is not None and largest <= payment:
            return _solved(tried)
        if largest is not None and (smallest is None or largest < smallest):
            smallest = largest
        day -= timedelta(days=1)
    if smallest is None:
        smallest = price(terms.with_(first_due=latest, due_day=None)).largest_payment
    if _lacks_balloon(terms, payment):
        return _balloon_not_covered(terms, payment, "first_due")
    return NoSolution("first_due", "nothing_fits", smallest, payment)


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


def _smallest_asked(span: tuple[int, int], terms_for: Callable[[int], Terms]) -> Money:
    """Return what the least amount of a span that makes a plan asks for at most.

    Rounding ends the plans of the smallest amounts early. Raises InvalidTerms where no amount makes
    a plan.
    """
    low, most = span
    asked = _largest_payment(terms_for(low))
    if asked is None:
        least = _first_true(low, most, lambda minor: _largest_payment(terms_for(minor)) is not None)
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
    boundary = _first_true(low, high, lambda v: not _regular_fits(terms_for(v), payment))
    top = high if boundary is None else boundary - 1
    for _ in range(_RUNS):
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
