"""The object `joint` of an agreement: which payment its plan is part of, and every other part.

The other debts stand in it with their whole terms, so that what all debts ask for together follows
from this one agreement to the cent. Not here: the agreement around it (`agreement_file.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import Field, ValidationError

from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.differences import Difference, compare
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.formats.raw_tree import Findings, Node
from plan_assistant.domain.formats.terms_file import read_terms, write_terms
from plan_assistant.domain.formats.wire import (
    Amount,
    Flag,
    Label,
    Wire,
    problems_of,
    refuse,
    text_of,
)
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.joint import Method
from plan_assistant.domain.offers.joint_part import JointPart, OtherPart
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms

JOINT: Final = "joint"
"""The field of an agreement; a plan that is no part of a joint one has none."""

_REPAID: Final = ("currency", "principal", "arrears", "annual_rate", "down_payment")
"""The fields of terms that say what of a debt is repaid, and at which rate."""

Price = Callable[[Terms], Schedule]
Calendars = Callable[[str], Holidays]


class OtherFile(Wire):
    """Another debt under the same payment."""

    debt_id: Label
    terms: dict[str, object]
    summary: dict[str, object]


class JointFile(Wire):
    """The payment that a plan is part of."""

    method: Method
    flows_on: Flag
    amount: Amount
    largest: Amount
    others: Annotated[list[OtherFile], Field(min_length=1, max_length=50)]


def written_joint(joint: JointPart, own: Schedule) -> dict[str, Json]:
    """Return the payment that a plan is part of; `own` is the schedule of that plan."""
    return {
        "method": joint.method.value,
        "flows_on": joint.flows_on,
        "amount": joint.amount.plain,
        "largest": joint.largest(own).plain,
        "others": [
            {
                "debt_id": part.debt_id,
                "terms": write_terms(part.schedule.terms),
                "summary": _summary(part.schedule),
            }
            for part in joint.others
        ],
    }


def _summary(schedule: Schedule) -> dict[str, Json]:
    return {
        "payments": schedule.number_of_payments,
        "first_due": text_of(schedule.first_due),
        "last_due": text_of(schedule.last_due),
        "first_payment": schedule.first_payment.plain,
        "last_payment": schedule.last_payment.plain,
        "largest_payment": schedule.largest_payment.plain,
        "total": schedule.total_paid.plain,
    }


def other_debts(agreement: Mapping[str, Json]) -> tuple[DebtId, ...]:
    """Return the other debts that an agreement names; nothing is priced."""
    others = Node(agreement, "").get(JOINT).each("others")
    return tuple(DebtId(str(other.get("debt_id").value)) for other in others)


def other_parts(agreement: Mapping[str, Json]) -> dict[DebtId, tuple[object, ...]]:
    """Return what the other parts repay, as `repaid_in_full` says it; nothing is priced."""
    others = Node(agreement, "").get(JOINT).each("others")
    return {
        DebtId(str(other.get("debt_id").value)): tuple(
            other.get("terms").get(name).value for name in _REPAID
        )
        for other in others
    }


def repaid_in_full(debt: Debt) -> tuple[object, ...]:
    """Return the fields of terms that repay a debt in full at its contract rate."""
    owed = debt.components
    carried = owed.non_principal.plain if owed.non_principal else None
    rate = exact(debt.annual_rate, RATE_DECIMALS)
    return (debt.currency.code, owed.principal.plain, carried, rate, None)


def read_joint(
    agreement: Mapping[str, Json], source: str, holidays: Calendars, price: Price
) -> JointPart | None:
    """Return the payment that the plan of an agreement is part of; None where it is no part.

    Raises InputRefused where it cannot be read or a schedule does not follow from its terms.
    """
    if JOINT not in agreement:
        return None
    root = Node(agreement, "")
    node, problems = root.get(JOINT), Findings()
    currency = problems.currency(root.get("currency"))
    wire = _wire(node, source)
    amount = problems.amount(node.get("amount"), currency)
    problems.amount(node.get("largest"), currency)
    seen = {root.get("debt").get("debt_id").value}
    for other in node.each("others"):
        debt_id = other.get("debt_id")
        if debt_id.value in seen:
            problems.add(debt_id, "this debt is named twice: each debt has one part")
        seen.add(debt_id.value)
        if other.get("terms").get("currency").value != root.get("currency").value:
            problems.add(
                other.get("terms").get("currency"), "all parts of one payment are in one currency"
            )
    refuse(source, problems.problems)
    assert amount is not None  # it was read without a problem
    others = tuple(
        OtherPart(
            DebtId(str(other.get("debt_id").value)),
            _priced(other.get("terms"), source, holidays, price),
        )
        for other in node.each("others")
    )
    return JointPart(wire.method, wire.flows_on, amount, others)


def _wire(node: Node, source: str) -> JointFile:
    try:
        return JointFile.model_validate(node.value)
    except ValidationError as error:
        problems = problems_of(error, JointFile)
        raise InputRefused(source, [_below(node, problem) for problem in problems]) from error


def _priced(node: Node, source: str, holidays: Calendars, price: Price) -> Schedule:
    try:
        return price(read_terms(node.value, source, holidays))
    except InputRefused as refusal:
        inside = [_below(node, problem) for problem in refusal.problems]
        raise InputRefused(source, inside) from refusal
    except InvalidTerms as error:
        problem = Problem(f"{node.path}.{error.field}", f"{error.reason}: no schedule follows")
        raise InputRefused(source, [problem]) from error


def _below(node: Node, problem: Problem) -> Problem:
    return Problem(f"{node.path}.{problem.path}".rstrip("."), problem.sentence)


def compare_joint(
    agreement: Mapping[str, Json], own: Schedule, source: str, holidays: Calendars, price: Price
) -> list[Difference]:
    """Return where the parts of one payment contradict their terms or the amount that was shared.

    `own` is the schedule of the agreement's own plan. Every part falls due with it, and no month
    asks for more than the amount, all debts together.
    """
    joint = read_joint(agreement, source, holidays, price)
    if joint is None:
        return []
    node = Node(agreement, "").get(JOINT)
    differences = []
    for part, other in zip(joint.others, node.each("others"), strict=True):
        terms, first = other.get("terms"), text_of(own.terms.first_due)
        differences += compare(terms.get("first_due"), first)
        differences += compare(other.get("summary"), _summary(part.schedule))
    largest: Money = joint.largest(own)
    differences += compare(node.get("largest"), largest.plain)
    if largest > joint.amount:
        differences.append(Difference(node.get("amount").path, joint.amount.plain, largest.plain))
    return differences
