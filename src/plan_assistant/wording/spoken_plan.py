"""A plan that was offered, from the line of the record that holds its figures.

Not here: the other lines of a trail (`trail.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.events import Json
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.wording import terms
from plan_assistant.wording.course import changes, course, first_to_last

Facts = Mapping[str, Json]


def spoken_plan(plan: Json, language: str) -> str:
    """Return kind, payments and changes of a plan as they were spoken.

    Lines from before waivers, steps and rhythms were recorded hold one amount and a number.
    """
    if not isinstance(plan, dict):
        return "-"
    family = terms.family_short(Family(str(plan["family"])), language)
    if not isinstance(plan.get("terms"), dict):
        return f"{family} {plan['payment']} x {plan['payments']}"
    return f"{family} {'; '.join([_payments(plan, language), *_changes(plan, language)])}"


def _payments(plan: Facts, language: str) -> str:
    currency = Currency.of(str(plan["currency"]))
    every = _part(_part(plan, "terms"), "frequency")
    frequency = Frequency(int(str(every["every"])), Unit(str(every["unit"])))
    runs = [
        (int(str(run["count"])), currency.parse(str(run["payment"])))
        for run in cast("list[Facts]", plan["runs"])
    ]
    if runs:
        return course(runs, frequency, language)
    first, last = (currency.parse(str(plan[f"{end}_payment"])) for end in ("first", "last"))
    return first_to_last(first, last, int(str(plan["payments"])), frequency, language)


def _changes(plan: Facts, language: str) -> list[str]:
    currency, its_terms = Currency.of(str(plan["currency"])), _part(plan, "terms")
    has_arrears = its_terms["arrears"] is not None
    return changes(
        waived=currency.parse(str(_part(plan, "waived")["total"])),
        capitalised=currency.parse(str(plan["capitalised"])),
        rate=Fraction(str(its_terms["annual_rate"])),
        contract_rate=Fraction(str(plan["contract_rate"])),
        carried=ArrearsTreatment(str(its_terms["arrears_treatment"])) if has_arrears else None,
        language=language,
    )


def _part(plan: Facts, name: str) -> Facts:
    return cast("Facts", plan[name])
