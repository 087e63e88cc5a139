"""A plan in one line, as the answers of a search name it.

Not here: its payments run by run (`course.py`), and why it is shown (`terms.py`).
"""

from __future__ import annotations

from plan_assistant.domain.calendar import Frequency
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.frontier import Point
from plan_assistant.domain.offers.line import FREQUENCIES, Line
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.wording import formats, terms
from plan_assistant.wording.course import rhythm_word
from plan_assistant.wording.words import words


def plan_line(plan: Plan, language: str) -> str:
    """Return a plan in one line: kind, payments, total, verdict and authority.

    A month that asks for more than the regular payment is named: it decides whether the plan holds.
    """
    say, largest = words(language), plan.judgement.largest_payment
    count = plan.schedule.number_of_payments
    figures = {
        "family": _in_rhythm(terms.family_of(plan, language), plan.terms.frequency, language),
        "payment": formats.money(plan.payment, language),
        "total": formats.money_with_code(plan.total, language),
        "rate": formats.percent(plan.terms.annual_rate, language),
        "verdict": str(terms.verdict(plan.judgement.verdict, language)),
        "authority": str(terms.authority(plan, language)),
    }
    if largest > plan.payment:
        return say.plural(
            "{family}, {count} payment of {payment}, up to {worst} in a month, {total} in all, "
            "rate {rate}, {verdict}, {authority}.",
            "{family}, {count} payments of {payment}, up to {worst} in a month, {total} in all, "
            "rate {rate}, {verdict}, {authority}.",
            count,
            worst=formats.money(largest, language),
            **figures,
        )
    return say.plural(
        "{family}, {count} payment of {payment}, {total} in all, rate {rate}, {verdict}, "
        "{authority}.",
        "{family}, {count} payments of {payment}, {total} in all, rate {rate}, {verdict}, "
        "{authority}.",
        count,
        **figures,
    )


def point_line(point: Point, currency: Currency, language: str) -> str:
    """Return a plan of the frontier in one line."""
    return words(language)(
        "{family}, {payments}, up to {worst} in a month, {total} in all, {early} of it in "
        "the first months, {months}, rate {rate}, worth {worth} today.",
        family=line_name(point.line, language),
        payments=formats.payments(point.payments, language),
        worst=formats.money(currency.money(point.worst), language),
        total=formats.money(currency.money(point.total), language),
        months=formats.months(point.months, language),
        rate=formats.percent(point.line.annual_rate, language),
        worth=formats.money(currency.money(point.worth), language),
        early=formats.money(currency.money(point.early), language),
    )


def line_name(line: Line, language: str) -> str:
    """Return the kind of the plans of a line, and how often they ask for a payment."""
    return _in_rhythm(terms.family(line.family, language), FREQUENCIES[line.rhythm], language)


def _in_rhythm(family: str, frequency: Frequency, language: str) -> str:
    """Return the kind of a plan, and how often it asks for a payment if not monthly."""
    rhythm = rhythm_word(frequency, language)
    if not rhythm:
        return family
    return words(language)("{family}, {rhythm}", family=family, rhythm=rhythm)
