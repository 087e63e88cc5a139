"""Refuses terms that cannot describe a plan, naming the field and the value.

Not here: what a policy allows (`domain/policy`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn, cast

from plan_assistant.domain.calendar import Frequency, HolidayRoll, Unit, month_day
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Money, Rounding
from plan_assistant.domain.schedule.allocation import COMPONENTS
from plan_assistant.domain.schedule.terms import Amortization, LevelPayment, Terms

MAX_PERIODS = 1200
"""A hundred years of months."""
MAX_ANNUAL_RATE = 100
"""10,000 % a year: above it a rate is a typing error."""
MAX_RATE_DENOMINATOR = 10**18
_LAST_YEAR = 9990


def validate(terms: Terms) -> None:
    """Raise InvalidTerms for the first field that makes no sense."""
    for check in _checks(terms):
        check(terms)


def problems_of(terms: Terms, unread: Collection[str] = ()) -> list[InvalidTerms]:
    """Return what is wrong with each field, so that all of it can be mended at once.

    Fields in `unread` hold no value of their own, because nobody could read it. A check that asks
    for one of them has no answer.
    """
    judged = cast("Terms", _PartlyRead(terms, unread)) if unread else terms
    problems = []
    for check in _checks(terms):
        try:
            check(judged)
        except InvalidTerms as problem:
            problems.append(problem)
        except _UnreadError:
            continue
    return problems


class _UnreadError(Exception):
    """A check asked for a field that could not be read."""


class _PartlyRead:
    """Terms some of whose fields could not be read."""

    def __init__(self, terms: Terms, unread: Collection[str]) -> None:
        self._terms = terms
        self._unread = unread

    def __getattr__(self, name: str) -> object:
        if name in self._unread:
            raise _UnreadError(name)
        return getattr(self._terms, name)


def _checks(terms: Terms) -> tuple[_Check, ...]:
    """Return the checks that these terms need; none relies on what another one refuses."""
    checks = _ALWAYS
    if terms.start is not None or terms.first_due is not None or terms.due_day is not None:
        checks += _OF_DATES
    if (
        terms.payment_steps
        or terms.principal_payment is not None
        or terms.payment_multiple_of is not None
    ):
        checks += _OF_PAYMENTS
    if terms.down_payment is not None or terms.arrears is not None or terms.balloon is not None:
        checks += _OF_PARTS
    if terms.fees or terms.skip_months or terms.installment_fee_rate is not None:
        checks += _OF_EXTRAS
    if terms.conventions.allocation is not None:
        checks += (_check_allocation,)
    return checks


def _refuse(field: str, value: object, reason: str) -> NoReturn:
    raise InvalidTerms(field, value, reason)


def _has_periods(terms: Terms) -> bool:
    return type(terms.periods) is int and 1 <= terms.periods <= MAX_PERIODS


def _check_periods(terms: Terms) -> None:
    periods = terms.periods
    if type(periods) is not int or periods < 1:
        _refuse("periods", periods, "a plan has at least one installment")
    if periods > MAX_PERIODS:
        _refuse("periods", periods, f"a plan has at most {MAX_PERIODS} installments")


def _check_principal(terms: Terms) -> None:
    if terms.principal.minor < 0:
        _refuse("principal", terms.principal.plain, "an amount owed is not negative")
    if terms.principal.minor == 0 and not terms.arrears:
        _refuse("principal", terms.principal.plain, "nothing is owed")


def _check_frequency(terms: Terms) -> None:
    if terms.frequency.every < 1:
        _refuse("frequency", terms.frequency.every, "payments come at least one unit apart")


def _check_annual_rate(terms: Terms) -> None:
    check_rate("annual_rate", terms.annual_rate, MAX_ANNUAL_RATE)


def check_rate(field: str, rate: object, limit: int = MAX_ANNUAL_RATE) -> None:
    """Raise InvalidTerms for a rate that is not exact, negative or beyond all measure."""
    if not isinstance(rate, (Fraction, int)) or isinstance(rate, bool):
        _refuse(field, rate, "a rate is an exact fraction of one, for example Fraction(7, 100)")
    # Comparing Fractions takes longer than all other checks together.
    if rate.numerator < 0:
        _refuse(field, _shown(rate), "a rate is not negative")
    if rate.numerator > limit * rate.denominator:
        _refuse(field, _shown(rate), f"a rate is at most {limit}, that is {limit * 100} %")
    if rate.denominator > MAX_RATE_DENOMINATOR:
        _refuse(field, _shown(rate), "a rate has at most 18 decimals")


def _check_rounding(terms: Terms) -> None:
    check_rounding(terms.conventions.rounding)


def check_rounding(rounding: Rounding) -> None:
    """Raise InvalidTerms for interest that is rounded up (golden/SCHEMA 4.2)."""
    if rounding is Rounding.UP:
        _refuse(
            "rounding",
            rounding.value,
            "interest is rounded half_up, half_even or down; only payment_rounding may be up",
        )


def _shown(rate: Fraction | int) -> str:
    """Return a rate, or its power of ten where it is too long to be read or turned into digits."""
    if abs(rate.numerator) < 10**12 and rate.denominator < 10**30:
        return str(rate)
    top, bottom = Decimal(abs(rate.numerator)), Decimal(rate.denominator)
    power = top.adjusted() - bottom.adjusted() - (_leading(top) < _leading(bottom))
    sign = "-" if rate.numerator < 0 else ""
    return f"about {sign}10^{power}"


def _leading(number: Decimal) -> Decimal:
    """Return the digits of a number as one from 1 up to 10."""
    return number.scaleb(-number.adjusted())


def _check_first_due(terms: Terms) -> None:
    start, first = terms.start, terms.first_due
    if first is None:
        if start is not None:
            _refuse("first_due", first, "a plan with a start date has a first due date")
    elif start is not None and first <= start:
        _refuse("first_due", first, f"the first due date lies after the start, {start}")


def _check_due_day(terms: Terms) -> None:
    first, day = terms.first_due, terms.due_day
    if day is None:
        return
    if first is None:
        _refuse("due_day", day, "an undated plan has no due day")
    if terms.frequency.unit is not Unit.MONTHS:
        _refuse("due_day", day, "only monthly frequencies have a due day")
    if not 1 <= day <= 31:
        _refuse("due_day", day, "a due day is 1 to 31")
    end_rule = terms.conventions.month_end
    months = (first.month, first.month - 1)
    if all(month_day(first.year, month, day, end_rule) != first for month in months):
        _refuse("due_day", day, f"the first due date, {first}, is not on that day")


def _check_holidays(terms: Terms) -> None:
    if (
        terms.first_due is not None
        and terms.conventions.holiday_roll is not HolidayRoll.NONE
        and terms.holidays is None
    ):
        _refuse("holidays", None, "moving due dates needs a holiday calendar")


def _check_last_year(terms: Terms) -> None:
    if terms.first_due is not None and _has_periods(terms):
        check_last_year("periods", terms.periods, terms.first_due, terms.periods, terms.frequency)


def check_last_year(
    field: str, value: object, first_due: date, count: int, frequency: Frequency
) -> None:
    """Raise InvalidTerms for installments the last of which passes the year 9990."""
    days = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31}[frequency.unit]
    if first_due.year + count * frequency.every * days // 365 > _LAST_YEAR:
        _refuse(field, value, "the last due date lies beyond the calendar")


def _check_grace(terms: Terms) -> None:
    grace = terms.grace
    if grace.principal < 0 or grace.interest < 0 or grace.interest_free < 0:
        _refuse("grace", grace, "grace periods are not negative")
    if not _has_periods(terms):
        return
    if grace.principal >= terms.periods or grace.interest >= terms.periods:
        _refuse(
            "grace", max(grace.principal, grace.interest), "the last installment is never in grace"
        )
    if grace.interest_free > terms.periods:
        _refuse("grace", grace.interest_free, f"the plan has {terms.periods} periods")


def _check_payment(terms: Terms) -> None:
    if terms.payment is not None:
        _check_amount("payment", terms.payment, terms.principal.currency, positive=True)
    if terms.amortization is not Amortization.EQUAL_INSTALLMENT:
        return
    level = terms.conventions.level_payment
    if level in {LevelPayment.GIVEN, LevelPayment.NONE} and not _steps_give_all(terms):
        if level is LevelPayment.NONE:
            _refuse("level_payment", level.value, "equal installments need a level payment")
        if terms.payment is None:
            _refuse("payment", None, "a given level payment needs an amount")


def _steps_give_all(terms: Terms) -> bool:
    steps = terms.payment_steps
    covered = sum(step.periods for step in steps)
    return covered == terms.periods and all(step.payment is not None for step in steps)


def _check_steps(terms: Terms) -> None:
    steps = terms.payment_steps
    shortest = min((step.periods for step in steps), default=1)
    if shortest < 1:
        _refuse("payment_steps", shortest, "a step has at least one period")
    covered = sum(step.periods for step in steps)
    if covered > terms.periods and _has_periods(terms):
        _refuse("payment_steps", covered, f"the plan has {terms.periods} installments")
    for step in steps:
        if step.payment is not None:
            _check_amount("payment_steps", step.payment, terms.principal.currency)


def _check_principal_payment(terms: Terms) -> None:
    if terms.principal_payment is not None:
        currency = terms.principal.currency
        _check_amount("principal_payment", terms.principal_payment, currency, positive=True)


def _check_multiple(terms: Terms) -> None:
    if terms.payment_multiple_of is not None:
        currency = terms.principal.currency
        _check_amount("payment_multiple_of", terms.payment_multiple_of, currency, positive=True)


def _check_amount(field: str, amount: Money, currency: Currency, *, positive: bool = False) -> None:
    if amount.currency != currency:
        _refuse(field, str(amount), f"the plan is in {currency.code}")
    if amount.minor < 0 or (positive and amount.minor == 0):
        _refuse(
            field,
            amount.plain,
            "an amount is above zero" if positive else "an amount is not negative",
        )


def _check_arrears(terms: Terms) -> None:
    if terms.arrears is not None:
        _check_amount("arrears", terms.arrears, terms.principal.currency)


def _check_down_payment(terms: Terms) -> None:
    down = terms.down_payment
    if down is None:
        return
    _check_amount("down_payment", down.principal, terms.principal.currency)
    _check_amount("down_payment", down.arrears, terms.principal.currency)
    owed = terms.principal.minor
    arrears = terms.arrears.minor if terms.arrears is not None else 0
    whole = (down.principal + down.arrears).plain
    if down.principal.minor > owed or down.arrears.minor > arrears:
        _refuse("down_payment", whole, "it is more than what is owed")
    if down.principal.minor == owed and down.arrears.minor == arrears:
        _refuse("down_payment", whole, "it leaves nothing to pay later")


def _check_balloon(terms: Terms) -> None:
    if terms.balloon is None:
        return
    _check_amount("balloon", terms.balloon, terms.principal.currency)
    down = terms.down_payment.principal.minor if terms.down_payment is not None else 0
    # A down payment above the principal is refused by its own name.
    if terms.balloon.minor > terms.principal.minor - min(down, terms.principal.minor):
        _refuse("balloon", terms.balloon.plain, "it is more than the principal")


def _check_fees(terms: Terms) -> None:
    for fee in terms.fees:
        _check_amount("fees", fee.amount, terms.principal.currency)
        if fee.due is not None and terms.first_due is None:
            _refuse("fees", fee.due, "an undated plan names fees by installment number")
        if fee.number is not None and not 1 <= fee.number <= terms.periods:
            _refuse("fees", fee.number, f"the plan has installments 1 to {terms.periods}")


def _check_fee_rate(terms: Terms) -> None:
    if terms.installment_fee_rate is not None:
        check_rate("installment_fee_rate", terms.installment_fee_rate, 1)


def _check_skip_months(terms: Terms) -> None:
    months = sorted(terms.skip_months)
    if not months:
        return
    if months[0] < 1 or months[-1] > 12 or len(months) == 12:
        _refuse("skip_months", months, "months are 1 to 12, and one at least is paid")
    if terms.first_due is None:
        _refuse("skip_months", months, "an undated plan has no calendar months")


def _check_allocation(terms: Terms) -> None:
    """Refuse orders that leave out a component, or a day past due that no order covers."""
    allocation = terms.conventions.allocation
    orders = allocation.orders if allocation is not None else ()
    for item in orders:
        if sorted(item.order) != sorted(COMPONENTS):
            every = ", ".join(COMPONENTS)
            _refuse("allocation", ", ".join(item.order), f"an order names each of {every} once")
    ends = [item.max_days_past_due for item in orders]
    limits = [end for end in ends if end is not None]
    if ends[-1:] != [None] or len(limits) != len(ends) - 1 or limits != sorted(set(limits)):
        shown = ", ".join("none" if end is None else str(end) for end in ends)
        _refuse(
            "allocation", shown, "the ends in days past due rise, and the last order has no end"
        )


_Check = Callable[[Terms], None]
_ALWAYS: tuple[_Check, ...] = (
    _check_periods,
    _check_principal,
    _check_frequency,
    _check_annual_rate,
    _check_rounding,
    _check_grace,
    _check_payment,
)
_OF_DATES: tuple[_Check, ...] = (
    _check_first_due,
    _check_due_day,
    _check_holidays,
    _check_last_year,
)
_OF_PAYMENTS: tuple[_Check, ...] = (_check_steps, _check_principal_payment, _check_multiple)
_OF_PARTS: tuple[_Check, ...] = (_check_arrears, _check_down_payment, _check_balloon)
_OF_EXTRAS: tuple[_Check, ...] = (_check_fees, _check_fee_rate, _check_skip_months)
