"""Plans over every lever of the search and their combinations, priced by the engine.

The borrower is invented. Each lever changes the terms as the search would: what is waived leaves
the charges that are repaid, old interest that joins the principal leaves them too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import combinations as _pairs

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import (
    BIWEEKLY,
    MONTHLY,
    WEEKLY,
    Frequency,
    HolidayRoll,
    Unit,
)
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Components, Product
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    Conventions,
    DeferredCollection,
    DownPayment,
    Grace,
    InterestTreatment,
    PaymentStep,
    Terms,
)
from plan_assistant.domain.verdict import judge
from tests import builders
from tests.packs import CN

CALENDAR = PackagedCalendars().named("cn")
GRACES = ("interest first", "deferral", "deferral capitalised")
RHYTHMS = ("biweekly", "weekly")
LEVERS = (
    "waiver",
    "capitalised",
    "lower rate",
    "no interest",
    "first",
    "last",
    "step-up",
    *RHYTHMS,
    "hundreds",
    "down payment",
    "one payment",
    *GRACES,
)
_EXCLUSIVE = (
    {"first", "last"},
    {"lower rate", "no interest"},
    set(RHYTHMS),
    {"step-up", *GRACES},
    {"one payment", "step-up", "hundreds", *RHYTHMS, *GRACES, "first", "last"},
    {"no interest", *GRACES},
)


def _is_possible(levers: tuple[str, ...]) -> bool:
    return not any(len(group & set(levers)) > 1 for group in _EXCLUSIVE)


@cache
def combinations() -> tuple[tuple[str, ...], ...]:
    """Return no lever, each lever, each possible pair, and some of many levers."""
    pairs = [pair for pair in _pairs(LEVERS, 2) if _is_possible(pair)]
    many = [
        ("waiver", "capitalised", "lower rate", "first", "step-up", "biweekly", "hundreds"),
        ("waiver", "capitalised", "no interest", "last", "step-up", "weekly", "down payment"),
        ("waiver", "capitalised", "lower rate", "last", "hundreds", "deferral", "biweekly"),
        ("waiver", "lower rate", "first", "weekly", "hundreds", "interest first", "down payment"),
        ("waiver", "capitalised", "lower rate", "deferral capitalised", "last", "hundreds"),
        ("waiver", "capitalised", "no interest", "one payment", "down payment"),
    ]
    return ((), *((lever,) for lever in LEVERS), *pairs, *many)


@cache
def lever_plan(
    levers: tuple[str, ...], product: Product = Product.CREDIT_CARD
) -> tuple[Case, Plan]:
    """Return an invented borrower with a plan that uses these levers."""
    on = set(levers)
    owed = builders.components("45000.00", "2400.00", "480.00", "850.00", "120.00")
    case = builders.case(builders.debt(product=product, owed=owed))
    debt = case.lead_debt
    waived = Components.none(CNY)
    if "waiver" in on:
        half = owed.fee.times(Fraction(1, 2))
        waived = replace(waived, penalty_interest=owed.penalty_interest, fee=half)
    joined = owed.interest if "capitalised" in on else CNY.zero
    arrears = owed.non_principal - waived.total - joined
    monthly, frequency, first_due, periods = _rhythm(on)
    grace_months = 3 if on & set(GRACES) else 0
    start = grace_months * monthly
    if "one payment" in on:
        periods = 1
    down = None
    if "down payment" in on:
        charges = min(arrears, CNY.parse("150.00"))
        down = DownPayment(CNY.parse("1000.00"), charges)
    rate = {"lower rate": Fraction(9, 100), "no interest": Fraction(0)}
    terms = Terms(
        principal=owed.principal + joined,
        annual_rate=next((rate[name] for name in rate if name in on), debt.annual_rate),
        periods=periods,
        start=builders.TODAY,
        first_due=first_due,
        due_day=15 if frequency.unit is Unit.MONTHS else None,
        frequency=frequency,
        grace=Grace(
            principal=start,
            interest=start if on & {"deferral", "deferral capitalised"} else 0,
            interest_treatment=(
                InterestTreatment.CAPITALISE
                if "deferral capitalised" in on
                else InterestTreatment.DEFER
            ),
        ),
        down_payment=down,
        arrears=arrears or None,
        arrears_treatment=(
            ArrearsTreatment.FIRST_INSTALLMENT
            if "first" in on
            else ArrearsTreatment.LAST_INSTALLMENT
            if "last" in on
            else ArrearsTreatment.SPREAD
        ),
        payment_multiple_of=CNY.parse("100.00") if "hundreds" in on else None,
        conventions=Conventions(
            holiday_roll=HolidayRoll.NEXT, deferred_collection=DeferredCollection.SPREAD
        ),
        holidays=CALENDAR,
    )
    if "step-up" in on:
        terms = terms.with_(payment_steps=_steps(terms, 6 * monthly))
    return case, _plan(case, terms, waived, _family(on), grace_months)


def _rhythm(on: set[str]) -> tuple[int, Frequency, date, int]:
    """Return periods a month (about), frequency, first day (weeks: a Friday), and two years."""
    if "weekly" in on:
        return 4, WEEKLY, date(2026, 11, 27), 104
    if "biweekly" in on:
        return 2, BIWEEKLY, date(2026, 12, 4), 52
    return 1, MONTHLY, date(2026, 12, 15), 24


def _steps(terms: Terms, count: int) -> tuple[PaymentStep, ...]:
    level = price(terms).regular_payment - (terms.arrears or CNY.zero).times(
        Fraction(1, terms.periods)
    )
    low = CNY.money(level.minor * 7 // 10)
    return PaymentStep(count, low), PaymentStep(terms.periods - count, None)


def _family(on: set[str]) -> Family:
    names = {
        "step-up": Family.STEP_UP,
        "interest first": Family.INTEREST_FIRST,
        "deferral": Family.DEFERRAL,
        "deferral capitalised": Family.DEFERRAL_CAPITALISED,
        "no interest": Family.ZERO_RATE,
    }
    return next((names[name] for name in names if name in on), Family.EQUAL_INSTALLMENT)


def _plan(case: Case, terms: Terms, waived: Components, family: Family, grace: int) -> Plan:
    schedule = price(terms)
    schedule.check()
    means = assess(case, CN.affordability.rules)
    debt = case.lead_debt
    return Plan(
        family=family,
        debt_id=debt.debt_id,
        confirmed=debt.components,
        waived=waived,
        terms=terms,
        schedule=schedule,
        grace_months=grace,
        annualized_rate=annualized_rate(schedule),
        judgement=judge(
            means, schedule.nominal_flows, debt.debt_id, down_payment=schedule.down_payment
        ),
        findings=(),
        reasons=(Reason.COMPARISON,),
    )
