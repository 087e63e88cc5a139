from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.servicing import apply
from plan_assistant.domain.schedule.validation import validate
from plan_assistant.golden.files import GoldenCase, read_shape
from plan_assistant.golden.loan_model import LoanShape
from plan_assistant.golden.loan_results import all_rows
from plan_assistant.golden.loan_terms import loan_case
from tests.conformance.random_cases import random_case
from tests.conformance.reference_events import ReferenceWithEvents, RefusedError

BLOCKS = 20
BLOCK = 1_000
NOTHING_EXPECTED: dict[str, Any] = {"assert": []}
_COLUMNS = (
    "due",
    "payment",
    "principal",
    "interest",
    "fees",
    "capitalised",
    "held",
    "balance",
    "paid",
)


def engine_rows(case: dict[str, Any]) -> list[tuple[Any, ...]]:
    golden = GoldenCase(
        "", "", "", case["terms"], case["conventions"], case["events"], NOTHING_EXPECTED
    )
    loan = loan_case(read_shape(golden, LoanShape))
    validate(loan.terms)
    draft = draft_plan(loan.terms)
    apply(draft, [event for _, event in loan.events])
    units = loan.terms.principal.currency.units
    rows: list[tuple[Any, ...]] = [
        (row.due, *(Fraction(getattr(row, name), units) for name in _COLUMNS[1:]))
        for row in all_rows(draft)
    ]
    if draft.quote is not None:
        quoted = draft.quote.principal, draft.quote.interest
        rows.append(tuple(Fraction(amount, units) for amount in quoted))
    return rows


def reference_rows(case: dict[str, Any]) -> list[tuple[Any, ...]]:
    reference = ReferenceWithEvents(case["terms"], case["conventions"], case["events"])
    rows = [tuple(row[name] for name in _COLUMNS) for row in reference.rows()]
    return rows if reference.quote is None else [*rows, reference.quote]


def outcome(rows: Callable[[dict[str, Any]], object], case: dict[str, Any]) -> object:
    """Return the rows, or the field for which the case is refused."""
    try:
        return rows(case)
    except InvalidTerms as refusal:
        return refusal.field
    except RefusedError as refusal:
        return str(refusal)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_two_implementations_agree_on_random_terms(block: int) -> None:
    """All blocks together compare 20,000 random terms, each cell and each refusal."""
    cases = map(random_case, range(block * BLOCK, (block + 1) * BLOCK))

    differing = [
        case for case in cases if outcome(engine_rows, case) != outcome(reference_rows, case)
    ]

    assert differing == []


def test_both_refuse_extra_principal_beyond_what_is_left() -> None:
    case = next(
        case
        for case in map(random_case, range(BLOCK))
        if any(event.get("strategy") == "shorten" for event in case["events"])
    )
    events = [
        {**event, "amount": "1" + case["terms"]["principal"]}
        if event["type"] == "prepayment"
        else event
        for event in case["events"]
    ]
    case = {**case, "events": events}

    assert outcome(engine_rows, case) == outcome(reference_rows, case) == "amount"
