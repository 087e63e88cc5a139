"""The figures of a plan in a recorded agreement, of any version: payments run by run, and changes.

Nothing is priced: what is shown of a record is what was recorded. Not here: checking that it is
right (`agreement_file.recompute`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import cast

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.joint_file import JOINT, other_debts
from plan_assistant.domain.formats.schedule_table import with_named_cells
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.terms import ArrearsTreatment

Node = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RecordedShares:
    """One payment for several debts, as a part of it was recorded."""

    largest: Money
    """What all debts together ask for in the month that asks for the most."""
    others: tuple[DebtId, ...]


@dataclass(frozen=True, slots=True)
class RecordedFigures:
    """What a recorded plan asks for, and what it changes beside that."""

    runs: tuple[tuple[int, Money], ...]
    """How many payments of the same amount follow each other, the down payment not counted."""
    frequency: Frequency
    waived: Money
    capitalised: Money
    """Old interest that joins the principal."""
    plan_rate: Fraction
    contract_rate: Fraction
    carried: ArrearsTreatment | None
    """When old charges are paid; None where the plan has none."""
    shares: RecordedShares | None = None
    """The payment that it is part of; None where it is no part."""


def recorded_figures(agreement: Node) -> RecordedFigures:
    """Read the figures of a recorded agreement; in one of the first version nothing is waived."""
    currency = Currency.of(str(agreement["currency"]))
    plan = _part(with_named_cells(agreement), "plan")
    terms = _part(plan, "terms")
    every = _part(terms, "frequency")
    has_arrears = bool(currency.parse(str(_part(plan, "summary")["total_arrears"])))
    waived = str(_part(plan, "waived")["total"]) if "waived" in plan else None
    joined = str(plan["capitalised"]) if "capitalised" in plan else None
    return RecordedFigures(
        runs=_runs(plan, currency),
        frequency=Frequency(int(str(every["every"])), Unit(str(every["unit"]))),
        waived=currency.parse(waived) if waived else currency.zero,
        capitalised=currency.parse(joined) if joined else currency.zero,
        plan_rate=Fraction(str(terms["annual_rate"])),
        contract_rate=Fraction(str(_part(agreement, "debt")["annual_rate"])),
        carried=ArrearsTreatment(str(terms["arrears_treatment"])) if has_arrears else None,
        shares=recorded_shares(agreement),
    )


def recorded_shares(agreement: Node) -> RecordedShares | None:
    """Return the payment that a recorded plan is part of; None where it is no part."""
    if JOINT not in agreement:
        return None
    currency = Currency.of(str(agreement["currency"]))
    largest = currency.parse(str(_part(agreement, JOINT)["largest"]))
    return RecordedShares(largest, other_debts(agreement))


def _runs(plan: Node, currency: Currency) -> tuple[tuple[int, Money], ...]:
    rows = cast("list[Node]", plan["rows"])
    has_down_payment = _part(plan, "terms")["down_payment"] is not None
    payments = [currency.parse(str(row["payment"])) for row in rows[has_down_payment:]]
    equal = groupby(payment for payment in payments if payment)
    return tuple((len(list(same)), amount) for amount, same in equal)


def _part(parent: Node, name: str) -> Node:
    return cast("Node", parent[name])
