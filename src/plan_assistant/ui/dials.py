"""The five dials of a call as numbers: their values, how far they go, what was typed.

A dial is an integer on a scale: minor units, a count of payments, a day of the month, or the
ordinal of a date. Not here: the plans that follow (`services/negotiate.py`) and how a dial looks
(`widgets/dials.py`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from plan_assistant.domain.calendar import MONTHLY, Unit, month_day
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.wording import formats
from plan_assistant.wording.words import Words, message

_LONGEST_ENTRY = 16
"""Digits and a point; more cannot be an amount of money."""


class Dial(StrEnum):
    """A negotiable term."""

    DOWN_PAYMENT = "down_payment"
    MONTHLY = "monthly"
    PAYMENTS = "payments"
    DUE_DAY = "due_day"
    FIRST_DUE = "first_due"


LABELS = {
    Dial.DOWN_PAYMENT: message("Paid today"),
    Dial.MONTHLY: message("Monthly"),
    Dial.PAYMENTS: message("Payments"),
    Dial.DUE_DAY: message("Due day"),
    Dial.FIRST_DUE: message("First due"),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How far a dial goes: from `low`, for me up to `mine`, with the team lead up to `high`."""

    low: int
    mine: int
    high: int
    step: int


class Unreadable(Exception):
    """What was typed is not a value of this dial (yet); `sentence` says what it takes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def is_amount(dial: Dial) -> bool:
    """Say whether the dial is an amount of money."""
    return dial in {Dial.DOWN_PAYMENT, Dial.MONTHLY}


def is_solved(call: Negotiation, dial: Dial) -> bool:
    """Say whether the program solves the dial: one of amount and number follows from the other."""
    if dial is Dial.MONTHLY:
        return call.wishes.monthly is None
    return dial is Dial.PAYMENTS and call.wishes.periods is None


def value_of(call: Negotiation, dial: Dial) -> int | None:
    """Return what the dial stands at: the dialed value, or that of the selected plan."""
    wishes, plan = call.wishes, call.plan
    terms = plan.terms if plan else None
    match dial:
        case Dial.DOWN_PAYMENT:
            return wishes.down_payment.minor if wishes.down_payment else 0
        case Dial.MONTHLY:
            amount = monthly_of(plan) if wishes.monthly is None and plan else wishes.monthly
            return None if amount is None else amount.minor
        case Dial.PAYMENTS:
            return wishes.periods or (plan.schedule.number_of_payments if plan else None)
        case Dial.DUE_DAY:
            return wishes.due_day or (_due_day(terms) if terms else None)
        case Dial.FIRST_DUE:
            first = wishes.first_due or (terms.first_due if terms else None)
            return first.toordinal() if first else None


def _due_day(terms: Terms) -> int | None:
    """Return the day of the month; a plan by weeks has none."""
    if terms.frequency.unit is not Unit.MONTHS:
        return None
    return terms.due_day or (terms.first_due.day if terms.first_due else None)


def monthly_of(plan: Plan) -> Money:
    """Return what a plan asks a month: its regular payment, or its largest month where that varies.

    Steps and weeks make months unlike each other; a month of five Fridays is the one that counts.
    """
    terms = plan.terms
    is_even = terms.frequency == MONTHLY and not terms.payment_steps
    return plan.payment if is_even else plan.judgement.largest_payment


def scale_of(call: Negotiation, dial: Dial) -> Scale:
    """Return how far the dial goes for this debt, this household and my authority."""
    space = call.policy.space
    lead = call.policy.authority[Role.TEAM_LEAD]
    mine = call.policy.authority.get(call.role, lead)
    owed, unit = call.debt.owed.minor, call.debt.currency.units
    match dial:
        case Dial.DOWN_PAYMENT:
            return Scale(0, owed - 1, owed - 1, _round_step(owed, unit))
        case Dial.MONTHLY:
            least = -(-owed // space.max_periods)
            spare = min(max(call.affordability.surplus.minor, least), owed)
            now = value_of(call, dial) or spare
            return Scale(least, spare, max(min(owed, 2 * spare), now), _round_step(now, unit))
        case Dial.PAYMENTS:
            longest = min(lead.longest_term_months, space.max_periods)
            return Scale(space.min_periods, min(mine.longest_term_months, longest), longest, 1)
        case Dial.DUE_DAY:
            return Scale(1, 31, 31, 1)
        case Dial.FIRST_DUE:
            first = (call.today + timedelta(days=1)).toordinal()
            last = (call.today + timedelta(days=space.first_payment_max_days)).toordinal()
            own = (call.today + timedelta(days=mine.latest_first_payment_days)).toordinal()
            return Scale(first, min(own, last), last, 1)


def _round_step(amount: int, unit: int) -> int:
    """Return a round step of three figures less than the amount: 10 for 2,309; 100 for 48,250."""
    digits = len(str(max(amount // unit, 1)))
    return unit * int(10 ** max(digits - 3, 0))


def nudged(call: Negotiation, dial: Dial, steps: int) -> int:
    """Return the value some steps further: amounts land on round figures, ends hold."""
    scale = scale_of(call, dial)
    value = value_of(call, dial)
    if value is None:
        return scale.low if steps > 0 else scale.mine
    if is_amount(dial):
        grid = value // scale.step if steps > 0 else -(-value // scale.step)
        value = (grid + steps) * scale.step
    else:
        value += steps
    return min(max(value, scale.low), scale.high)


def turned(call: Negotiation, dial: Dial, value: int | None) -> Wishes:
    """Return the wishes with the dial at a value; None leaves the dial to the program."""
    wishes = call.wishes
    currency = call.debt.currency
    match dial:
        case Dial.DOWN_PAYMENT:
            return replace(wishes, down_payment=None if value is None else currency.money(value))
        case Dial.MONTHLY:
            return wishes.with_monthly(None if value is None else currency.money(value))
        case Dial.PAYMENTS:
            return wishes.with_periods(value)
        case Dial.DUE_DAY:
            return replace(wishes, due_day=value)
        case Dial.FIRST_DUE:
            return replace(wishes, first_due=None if value is None else date.fromordinal(value))


def is_entry(character: str) -> bool:
    """Say whether a typed character belongs into a dial; full-width digits do."""
    narrow = unicodedata.normalize("NFKC", character)
    return len(narrow) == 1 and (narrow in "0123456789.-/" or character == "。")


def narrowed(text: str) -> str:
    """Return typed digits as ordinary ones: `１８００。５` becomes `1800.5`."""
    return unicodedata.normalize("NFKC", text.replace("。", "."))[:_LONGEST_ENTRY]


def typed(call: Negotiation, dial: Dial, text: str, say: Words) -> int | None:
    """Return the value that was typed, None for nothing; raises Unreadable while it is none."""
    text = narrowed(text).strip()
    if not text:
        return None
    if is_amount(dial):
        return read_amount(text, call.debt.currency, say).minor
    if dial is Dial.FIRST_DUE:
        return _read_date(text, call.today, say).toordinal()
    scale = scale_of(call, dial)
    if not text.isdecimal() or not scale.low <= int(text) <= scale.high:
        raise Unreadable(say("Type a number from {low} to {high}.", low=scale.low, high=scale.high))
    return int(text)


def read_amount(text: str, currency: Currency, say: Words) -> Money:
    """Read a typed amount: `1800`, `1,800.5`; raises Unreadable with what an amount looks like."""
    try:
        return currency.typed(narrowed(text))
    except ValueError as error:
        raise Unreadable(
            say(
                "Type an amount in {currency}, such as {example}.",
                currency=currency.code,
                example=currency.example,
            )
        ) from error


def _read_date(text: str, today: date, say: Words) -> date:
    """Read a date as it is said: `15` the next 15th, `0115` the next 15 January, `20270115`."""
    digits = text.replace("-", "").replace("/", "").replace(".", "")
    try:
        if not digits.isdecimal():
            raise ValueError(text)
        if len(digits) <= 2:
            return _next_day(today, int(digits))
        if len(digits) <= 4:
            month, day = int(digits[:-2]), int(digits[-2:])
            on = date(today.year, month, day)
            return on if on > today else date(today.year + 1, month, day)
        if len(digits) == 8:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        pass
    raise Unreadable(say("Type a day (15), month and day (0115) or a whole date (20270115)."))


def _next_day(today: date, day: int) -> date:
    if not 1 <= day <= 31:
        raise ValueError(day)
    this_month = month_day(today.year, today.month, day)
    return this_month if this_month > today else month_day(today.year, today.month + 1, day)


def shown(dial: Dial, value: int | None, currency: Currency, language: str) -> str:
    """Return the value of a dial as its screen shows it."""
    if value is None:
        return "-"
    if is_amount(dial):
        return formats.short_money(currency.money(value), language)
    return formats.day(date.fromordinal(value), language) if dial is Dial.FIRST_DUE else str(value)
