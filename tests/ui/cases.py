"""Borrowers for screens that no sample shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from plan_assistant.domain.case import Case
from plan_assistant.domain.household import Bounds, OutgoingKind
from plan_assistant.domain.money import CNY
from tests.ui.driver import sample_cases

NAME = "S01-job-loss"


def uncertain() -> Case:
    """The gig income lies between 600 and 4,000, food between 2,000 and 2,600; a loan ends."""
    case = sample_cases()[NAME]
    *known, gig = case.budget.incomes
    food, *others = case.budget.outgoings
    car = replace(
        others[-1],
        label="车贷",
        kind=OutgoingKind.SECURED_LOAN,
        amount=CNY.parse("600.00"),
        until=date(2027, 4, 30),
    )
    budget = replace(
        case.budget,
        incomes=(*known, replace(gig, bounds=Bounds(CNY.parse("600.00"), CNY.parse("4000.00")))),
        outgoings=(
            replace(food, bounds=Bounds(CNY.parse("2000.00"), CNY.parse("2600.00"))),
            *others,
            car,
        ),
    )
    return replace(case, budget=budget)
