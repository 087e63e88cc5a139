"""How many payments it takes: of one amount until nothing is left, or the fewest none above it.

Answers as `solvers.py` does: with the schedule that proves it, or the reason why there is none.
"""

from __future__ import annotations

from dataclasses import replace

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, round_ratio
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.solution import (
    NoSolution,
    Solved,
    amortised,
    balloon_not_covered,
    first_true,
    fits,
    interest_not_covered,
    lacks_balloon,
    largest_payment,
    refuse_other_currency,
    regular_fits,
    regular_payment,
    solved,
)
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    LevelPayment,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)
from plan_assistant.domain.schedule.validation import MAX_PERIODS, validate


def solve_periods(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan that pays `payment` each period until nothing is left.

    The last installment takes the rest; `terms.periods` is not used. Carried arrears and fees come
    on top: the payment is what goes to interest and principal.

    Raises:
        InvalidTerms: the terms cannot describe a plan, or its installments are not equal ones.
    """
    refuse_other_currency(terms, payment)
    if terms.amortization is not Amortization.EQUAL_INSTALLMENT:
        raise InvalidTerms(
            "amortization", terms.amortization.value, "only equal installments take a given payment"
        )
    given = _paying(terms, LevelPayment.GIVEN, payment)
    if payment.minor < 1:
        validate(_paying(terms, LevelPayment.PLAIN))
        return interest_not_covered(_first_interest(terms), payment)
    validate(given)
    if not amortised(terms):
        return NoSolution("periods", "no_principal", terms.principal.currency.zero, payment)
    rows = draft_plan(given).run()
    uncovered = next((row.interest for row in rows if row.principal < 0), None)
    if uncovered is None and rows[-2].principal == 0 and rows[-2].balance:
        uncovered = rows[-2].interest
    if uncovered is not None:
        interest = terms.principal.currency.money(int(uncovered))
        return interest_not_covered(interest, payment)
    longest = price(given)
    count = len(longest.rows) - longest.has_down_payment
    if count >= MAX_PERIODS:
        enough = regular_payment(_paying(terms, LevelPayment.PLAIN))
        if enough is not None and payment < enough:
            return NoSolution("periods", "too_many_periods", enough, payment)
    return solved(given.with_(periods=count))


def _paying(terms: Terms, level: LevelPayment, payment: Money | None = None) -> Terms:
    """Return the same loan over the most installments, its level payment found another way."""
    return terms.with_(
        payment=payment,
        payment_steps=(),
        periods=MAX_PERIODS,
        conventions=replace(terms.conventions, level_payment=level),
    )


def _first_interest(terms: Terms) -> Money:
    """Return the interest of a regular period on the full principal."""
    rate = terms.annual_rate * nominal_fraction(terms.frequency)
    principal = amortised(terms)
    minor = round_ratio(principal * rate.numerator, rate.denominator, terms.conventions.rounding)
    return terms.principal.currency.money(minor)


def solve_shortest(terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the plan with the fewest installments none of which exceeds `payment`."""
    refuse_other_currency(terms, payment)
    at_once = _arrears_at_once(terms)
    if payment < at_once:
        # No number of installments makes it less: pricing all of them would take minutes.
        validate(terms.with_(periods=MAX_PERIODS))
        return NoSolution("periods", "arrears_not_covered", at_once, payment)
    if terms.conventions.level_payment is LevelPayment.EQUALISED:
        answer = _shortest_equalised(terms, payment)
        if answer is not None:
            return answer
    lowest = _least_periods(terms)
    # The payment falls as the plan grows, but may rise where interest begins.
    spans = ((lowest, lowest), (lowest + 1, lowest + 1), (lowest + 2, MAX_PERIODS))
    found = (
        first_true(low, high, lambda n: regular_fits(terms.with_(periods=n), payment))
        for low, high in spans
    )
    periods = next((count for count in found if count is not None), None)
    shortest = max(lowest, (periods or MAX_PERIODS) - 1)
    smallest: Money | None = None
    # Rounding may leave a last installment above the others; a little longer, and it is below them.
    for longer in range(shortest, MAX_PERIODS + 1):
        largest = largest_payment(terms.with_(periods=longer))
        if largest is not None and largest <= payment:
            return solved(terms.with_(periods=longer))
        smallest = _smaller(smallest, largest)
    if smallest is None:
        smallest = price(terms.with_(periods=MAX_PERIODS)).largest_payment
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "periods")
    interest = _first_interest(terms)
    if payment <= interest and terms.annual_rate and not terms.grace.interest_free:
        return interest_not_covered(interest, payment)
    least = _least_of_shorter(terms, range(lowest, shortest), smallest)
    return NoSolution("periods", "too_many_periods", least, payment)


def _least_of_shorter(terms: Terms, lengths: range, smallest: Money) -> Money:
    """Return the least that a plan of one of these lengths asks for at most, or `smallest`.

    The regular payment rises as plans grow shorter: none is less from where it reaches the least.
    """
    for periods in reversed(lengths):
        tried = terms.with_(periods=periods)
        regular = regular_payment(tried)
        if regular is not None and regular >= smallest:
            break
        largest = largest_payment(tried)
        smallest = smallest if largest is None else min(smallest, largest)
    return smallest


def _smaller(smallest: Money | None, largest: Money | None) -> Money | None:
    """Return the smaller one of two payments, of which either may be missing."""
    return min((one for one in (smallest, largest) if one is not None), default=None)


def _shortest_equalised(terms: Terms, payment: Money) -> Solved | NoSolution | None:
    """Return the answer without a search by halves; None where nothing can be shown.

    A corrected payment does not fall evenly, and long plans of it take seconds to price.
    """
    if terms.payment_steps and _fits_within_steps(terms, payment):
        return solved(terms.with_(periods=_least_periods(terms)))
    fewest = _fewest(terms, payment)
    return None if fewest is None else _shortest_from(fewest, terms, payment)


def _fits_within_steps(terms: Terms, payment: Money) -> bool:
    """Say whether the plan without a row after its steps fits: its last one pays what is left."""
    return fits(terms.with_(periods=_least_periods(terms)), payment)


def _fewest(terms: Terms, payment: Money) -> int | None:
    """Return a number of installments below which no plan fits; None where nothing can be shown.

    A plan without a row after its steps is not looked at: there the last step is no payment.

    Interest never falls where more is owed, so whoever pays the whole payment each time that no
    step gives another one owes least after any number of installments: until then nobody who pays
    no more has repaid the debt, and where a step takes more than the payment, it always does.
    Beyond `MAX_PERIODS` it is a number above that.

    Raises InvalidTerms where a step does not cover the interest, whatever the other payments are.
    """
    conventions = terms.conventions
    is_cleared = conventions.remainder is Remainder.LAST_PAYMENT
    if (
        terms.amortization is not Amortization.EQUAL_INSTALLMENT
        or not is_cleared
        or conventions.total_interest is not TotalInterest.SUM_OF_ROWS
        or conventions.rounding_stage is RoundingStage.DISPLAY_ONLY
        or payment.minor < 1
        or not amortised(terms)
    ):
        return None
    steps = terms.payment_steps
    given = _paying(terms, LevelPayment.GIVEN, payment).with_(payment_steps=steps)
    try:
        validate(given)
    except InvalidTerms:
        return None
    draft = draft_plan(given)
    draft.run()
    by_step = [step.payment for step in steps for _ in range(step.periods)]
    for row, stepped in zip(draft.rows, by_step, strict=False):
        if stepped is not None and row.principal < 0:
            price(terms.with_(periods=MAX_PERIODS))  # Refuses it with the figures of that row.
        if stepped is not None and row.principal + row.interest > payment.minor:
            return MAX_PERIODS + 1
    last = draft.last_row()
    row = draft.rows[last]
    is_repaid = draft.states[last + 1].is_over or row.principal + row.interest <= payment.minor
    return max(_least_periods(terms), last + 1) if is_repaid else MAX_PERIODS + 1


def _shortest_from(fewest: int, terms: Terms, payment: Money) -> Solved | NoSolution:
    """Return the first plan that fits among those of at least so many installments."""
    smallest: Money | None = None
    for periods in range(fewest, MAX_PERIODS + 1):
        largest = largest_payment(terms.with_(periods=periods))
        if largest is not None and largest <= payment:
            return solved(terms.with_(periods=periods))
        smallest = _smaller(smallest, largest)
    if lacks_balloon(terms, payment):
        return balloon_not_covered(terms, payment, "periods")
    interest = _first_interest(terms)
    if payment <= interest and terms.annual_rate and not terms.grace.interest_free:
        return interest_not_covered(interest, payment)
    if smallest is None:
        most = terms.principal.minor + _first_interest(terms).minor + 1
        least = first_true(1, most, lambda minor: _is_repaid(terms, minor))
        smallest = terms.principal.currency.money(most if least is None else least)
    else:
        smallest = _least_of_shorter(terms, range(_least_periods(terms), fewest), smallest)
    return NoSolution("periods", "too_many_periods", smallest, payment)


def _least_periods(terms: Terms) -> int:
    """Return how many installments hold all steps and leave one after a grace."""
    grace, stepped = terms.grace, sum(step.periods for step in terms.payment_steps)
    return max(grace.principal + 1, grace.interest + 1, grace.interest_free, stepped)


def _is_repaid(terms: Terms, minor: int) -> bool:
    payment = terms.principal.currency.money(minor)
    if terms.payment_steps and _fits_within_steps(terms, payment):
        return True
    fewest = _fewest(terms, payment)
    return fewest is not None and fewest <= MAX_PERIODS


def _arrears_at_once(terms: Terms) -> Money:
    """Return the carried arrears that one installment asks for, however long the plan is."""
    if terms.arrears is None or terms.arrears_treatment is ArrearsTreatment.SPREAD:
        return terms.principal.currency.zero
    return terms.arrears - terms.down_payment.arrears if terms.down_payment else terms.arrears
