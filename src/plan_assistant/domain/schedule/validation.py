"""Refuses terms that cannot describe a plan, naming the field and the value.

Not here: what a policy allows (`domain/policy`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import NoReturn

from plan_assistant.domain.calendar import HolidayRoll, Unit, month_day
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.terms import Amortization, LevelPayment, Terms

MAX_PERIODS = 1200
"""A hundred years of months."""
MAX_ANNUAL_RATE = 100
"""10,000 % a year: above it a rate is a typing error."""
MAX_RATE_DENOMINATOR = 10**18


def validate(terms: Terms) -> None:
    """Raise InvalidTerms for the first field that makes no sense."""
    _check_size(terms)
    _check_rate("annual_rate", terms.annual_rate, MAX_ANNUAL_RATE)
    if terms.start is not None or terms.first_due is not None or terms.due_day is not None:
        _check_dates(terms)
    _check_grace(terms)
    _check_payment(terms)
    if terms.down_payment is not None or terms.arrears is not None or terms.balloon is not None:
        _check_parts(terms)
    if terms.fees or terms.skip_months or terms.installment_fee_rate is not None:
        _check_extras(terms)


def _refuse(field: str, value: object, reason: str) -> NoReturn:
    raise InvalidTerms(field, value, reason)


def _check_size(terms: Terms) -> None:
    periods = terms.periods
    if type(periods) is not int or periods < 1:
        _refuse("periods", periods, "a plan has at least one installment")
    if periods > MAX_PERIODS:
        _refuse("periods", periods, f"a plan has at most {MAX_PERIODS} installments")
    if terms.principal.minor < 0:
        _refuse("principal", terms.principal.plain, "an amount owed is not negative")
    if terms.principal.minor == 0 and not terms.arrears:
        _refuse("principal", terms.principal.plain, "nothing is owed")
    if terms.frequency.every < 1:
        _refuse("frequency", terms.frequency.every, "payments come at least one unit apart")


def _check_rate(field: str, rate: object, limit: int) -> None:
    if not isinstance(rate, (Fraction, int)) or isinstance(rate, bool):
        _refuse(field, rate, "a rate is an exact fraction of one, for example Fraction(7, 100)")
    if rate < 0:
        _refuse(field, rate, "a rate is not negative")
    if rate > limit:
        shown = rate if rate.numerator < 10**12 else f"about 10^{len(str(int(rate))) - 1}"
        _refuse(field, shown, f"a rate is at most {limit}, that is {limit * 100} %")
    if rate.denominator > MAX_RATE_DENOMINATOR:
        _refuse(field, rate, "a rate has at most 18 decimals")


def _check_dates(terms: Terms) -> None:
    start, first, day = terms.start, terms.first_due, terms.due_day
    if first is None:
        if start is not None:
            _refuse("first_due", first, "a plan with a start date has a first due date")
        _refuse("due_day", day, "an undated plan has no due day")
    if start is not None and first <= start:
        _refuse("first_due", first, f"the first due date lies after the start, {start}")
    if day is not None:
        if terms.frequency.unit is not Unit.MONTHS:
            _refuse("due_day", day, "only monthly frequencies have a due day")
        if not 1 <= day <= 31:
            _refuse("due_day", day, "a due day is 1 to 31")
        end_rule = terms.conventions.month_end
        this_month = month_day(first.year, first.month, day, end_rule)
        if first not in {this_month, month_day(first.year, first.month - 1, day, end_rule)}:
            _refuse("due_day", day, f"the first due date, {first}, is not on that day")
    if terms.conventions.holiday_roll is not HolidayRoll.NONE and terms.holidays is None:
        _refuse("holidays", None, "moving due dates needs a holiday calendar")
    try:
        _last_year(terms)
    except (ValueError, OverflowError):
        _refuse("periods", terms.periods, "the last due date lies beyond the calendar")


def _last_year(terms: Terms) -> None:
    """Raise ValueError where the last due date passes the year 9998."""
    assert terms.first_due is not None
    days = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31}[terms.frequency.unit]
    if terms.first_due.year + terms.periods * terms.frequency.every * days // 365 > 9990:
        raise ValueError


def _check_grace(terms: Terms) -> None:
    grace = terms.grace
    if grace.principal < 0 or grace.interest < 0 or grace.interest_free < 0:
        _refuse("grace", grace, "grace periods are not negative")
    if grace.principal >= terms.periods or grace.interest >= terms.periods:
        _refuse(
            "grace", max(grace.principal, grace.interest), "the last installment is never in grace"
        )
    if grace.interest_free > terms.periods:
        _refuse("grace", grace.interest_free, f"the plan has {terms.periods} periods")


def _check_payment(terms: Terms) -> None:
    payment, steps = terms.payment, terms.payment_steps
    if payment is not None:
        _check_amount("payment", payment, terms.principal.currency, positive=True)
    if steps:
        if any(step.periods < 1 for step in steps):
            _refuse(
                "payment_steps",
                min(step.periods for step in steps),
                "a step has at least one period",
            )
        covered = sum(step.periods for step in steps)
        if covered > terms.periods:
            _refuse("payment_steps", covered, f"the plan has {terms.periods} installments")
        for step in steps:
            if step.payment is not None:
                _check_amount("payment_steps", step.payment, terms.principal.currency)
    if terms.principal_payment is not None:
        _check_amount(
            "principal_payment", terms.principal_payment, terms.principal.currency, positive=True
        )
    if terms.payment_multiple_of is not None:
        _check_amount(
            "payment_multiple_of",
            terms.payment_multiple_of,
            terms.principal.currency,
            positive=True,
        )
    if terms.amortization is Amortization.EQUAL_INSTALLMENT:
        level = terms.conventions.level_payment
        steps_give_all = (
            bool(steps) and covered == terms.periods and all(step.payment for step in steps)
        )
        if level is LevelPayment.GIVEN and payment is None and not steps_give_all:
            _refuse("payment", None, "a given level payment needs an amount")
        if level is LevelPayment.NONE and not steps_give_all:
            _refuse("level_payment", level.value, "equal installments need a level payment")


def _check_amount(field: str, amount: Money, currency: Currency, *, positive: bool = False) -> None:
    if amount.currency != currency:
        _refuse(field, str(amount), f"the plan is in {currency.code}")
    if amount.minor < 0 or (positive and amount.minor == 0):
        _refuse(
            field,
            amount.plain,
            "an amount is above zero" if positive else "an amount is not negative",
        )


def _check_parts(terms: Terms) -> None:
    currency, principal = terms.principal.currency, terms.principal.minor
    arrears = 0
    if terms.arrears is not None:
        _check_amount("arrears", terms.arrears, currency)
        arrears = terms.arrears.minor
    down = terms.down_payment
    if down is not None:
        _check_amount("down_payment", down.principal, currency)
        _check_amount("down_payment", down.arrears, currency)
        if down.principal.minor > principal or down.arrears.minor > arrears:
            _refuse(
                "down_payment",
                (down.principal + down.arrears).plain,
                "it is more than what is owed",
            )
        principal -= down.principal.minor
        if principal == 0 and arrears == down.arrears.minor:
            _refuse(
                "down_payment",
                (down.principal + down.arrears).plain,
                "it leaves nothing to pay later",
            )
    if terms.balloon is not None:
        _check_amount("balloon", terms.balloon, currency)
        if terms.balloon.minor > principal:
            _refuse("balloon", terms.balloon.plain, "it is more than the principal")


def _check_extras(terms: Terms) -> None:
    currency = terms.principal.currency
    for fee in terms.fees:
        _check_amount("fees", fee.amount, currency)
        if fee.due is not None and terms.first_due is None:
            _refuse("fees", fee.due, "an undated plan names fees by installment number")
        if fee.number is not None and not 1 <= fee.number <= terms.periods:
            _refuse("fees", fee.number, f"the plan has installments 1 to {terms.periods}")
    if terms.installment_fee_rate is not None:
        _check_rate("installment_fee_rate", terms.installment_fee_rate, 1)
    if terms.skip_months:
        if not all(1 <= month <= 12 for month in terms.skip_months) or len(terms.skip_months) == 12:
            _refuse(
                "skip_months",
                sorted(terms.skip_months),
                "months are 1 to 12, and one at least is paid",
            )
        if terms.first_due is None:
            _refuse(
                "skip_months", sorted(terms.skip_months), "an undated plan has no calendar months"
            )
