"""A case from outside is answered in sentences, whatever stands in it."""

from __future__ import annotations

import builtins
import re
import time
from dataclasses import replace
from random import Random

import pytest

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.wire import path_of
from plan_assistant.golden.files import GoldenCase, read_file, read_shape, shipped_folder
from plan_assistant.golden.run import KINDS, mismatches_of
from tests.conformance.mutations import (
    REMOVED,
    UNKNOWN_KEY,
    Path,
    parts_of,
    spoil,
    spoilt_case,
)

CASES = [case for path in sorted(shipped_folder().glob("*.json")) for case in read_file(path)]
BLOCKS = 8
BLOCK = 250
SECONDS = 5
"""Of the processor, whatever else it does; an answer takes a tenth of it."""
_PYTHON = re.compile(
    "|".join(name for name in vars(builtins) if name.endswith(("Error", "Exception")))
    + r"|Traceback|NoneType|'str'|'int'|object at 0x|pydantic|__"
)


def _answer(case: GoldenCase) -> str:
    return "\n".join(map(str, mismatches_of(case)))


def _spoilt(kind: str, faults: dict[str, object]) -> GoldenCase:
    """Return the first case of a kind with some of its fields changed, by their dotted paths."""
    case = next(case for case in CASES if case.kind == kind)
    parts = parts_of(case)
    for path, value in faults.items():
        steps = (int(step) if step.isdigit() else step for step in path.split("."))
        spoil(parts, tuple(steps), value)
    return replace(case, **parts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_every_shipped_case_is_one_of_its_shape(case: GoldenCase) -> None:
    shape = read_shape(case, KINDS[case.kind].shape)

    assert shape.expected.given["checks"]
    assert len(shape.events) == len(case.events)


@pytest.mark.parametrize(
    ("kind", "faults", "said"),
    [
        (
            "equal_installment",
            {
                "terms.principal": "1e999",
                "terms.currency_decimals": 10**12,
                "terms.frequency.unit": "moons",
                "terms.frequency.every": True,
                "terms.start_date": "2026-02-30",
                "terms.grace": REMOVED,
                "terms.skip_months": [1.5],
                "terms.quoted_rate": {"rate": "0.1", "basis": "guess"},
                "terms.mood": "good",
                "terms.(amount)": "1.00",
                "conventions.rounding": "up",
                "conventions.period_rate_decimals": 10**9,
                "events": [{"id": "e1", "type": "miracle"}, {"id": "e2"}, 5],
                "expected.figures": {"payment": 1.5},
                "expected.assert": [{"field": "moons", "tolerance": "0"}],
            },
            [
                "terms.principal: write the number as text",
                "terms.currency_decimals: a number too long is too large: at most 9",
                "terms.frequency.unit: “moons” is not known here",
                "terms.frequency.every: write a whole number without quotes, not true",
                "terms.start_date: 2026-02-30 is not a day of the calendar",
                "terms.grace: this field is missing",
                "terms.skip_months[0]: write a whole number without quotes, not 1.5",
                "terms.quoted_rate.basis: “guess” is not known here",
                "terms.mood: unknown field: remove it",
                "terms.(amount): unknown field",
                "conventions.rounding: “up” is not known here",
                "conventions.period_rate_decimals: a number too long is too large: at most 30",
                "events[0].type: “miracle” is not known here",
                "events[1].type: this field is missing",
                "events[2]: must be an object in braces, not 5",
                "expected.figures.payment: write the expected number as text",
                "expected.assert[0].field: “moons” is not known here",
            ],
        ),
        (
            "prepayment",
            {
                "events": [
                    {
                        "id": 5,
                        "type": "prepayment",
                        "date": "9999-12-31",
                        "instalment": 10**6,
                        "amount": "1.234",
                        "strateggy": "lower",
                    }
                ],
            },
            [
                "events[0].date: 9999-12-31 lies outside the years",
                "events[0].instalment: 1000000 is too large: at most 1200",
                "events[0].amount: “1.234” has more than the 2 decimals",
                "events[0].strateggy: unknown field: did you mean “strategy”?",
                "events[0].id: ",
            ],
        ),
        (
            "apr_eu",
            {
                "terms.unit_periods_per_year": 10**9,
                "terms.advances.0.count": 10**9,
                "terms.advances.0.first_unit": "1e9",
                "terms.payments.0.every_units": 10**9,
                "terms.payments.0.odd_years": "1/0",
                "terms.payments.0.colour": "red",
                "conventions.apr_method": None,
                "events": [{"id": "e1", "type": "fee"}],
            },
            [
                "terms.unit_periods_per_year: a number too long is too large: at most 366",
                "terms.advances[0].count: a number too long is too large: at most 4000",
                "terms.advances[0].first_unit: write a whole number",
                "terms.payments[0].every_units: a number too long is too large: at most 12000",
                "terms.payments[0].odd_years: “1/0” divides by zero",
                "terms.payments[0].colour: unknown field",
                "conventions.apr_method: null is not known here",
                "events: only loan cases have events",
            ],
        ),
        (
            "annuity_function",
            {"terms.calls.0.nper": "many", "terms.calls.0.when": "now", "conventions.sign": 1},
            [
                "terms.calls[0].nper: write the number as text",
                "terms.calls[0].when: “now” is not known here",
                "conventions.sign: 1 is not known here",
            ],
        ),
        (
            "early_settlement_rebate",
            {
                "terms.periods": 1201,
                "terms.part_period": True,
                "terms.apr": REMOVED,
                "conventions.period_rate_decimals": 10**6,
            },
            [
                "terms.periods: 1201 is too large: at most 1200",
                "terms.part_period: write the number as text",
                "terms.apr: this field is missing",
                "conventions.period_rate_decimals: 1000000 is too large: at most 30",
            ],
        ),
        (
            "waterfall",
            {
                "terms.target.type": "hope",
                "terms.steps.1.step": "0",
                "terms.steps.2.max_periods": 10**9,
                "terms.steps.3.type": REMOVED,
                "terms.property_value": "-1.00",
            },
            [
                "terms.target.type: “hope” is not known here",
                "terms.steps[1].step: “0” is too small: more than 0",
                "terms.steps[2].max_periods: a number too long is too large: at most 1200",
                "terms.steps[3].type: this field is missing",
                "terms.property_value: “-1.00” is too small: at least 0",
            ],
        ),
        (
            "share_of_surplus_plans",
            {"terms.shares": ["x", "-1"], "terms.debt": None, "conventions.remainder": "open"},
            [
                "terms.shares[0]: write the number as text",
                "terms.shares[1]: “-1” is too small: more than 0",
                "terms.debt: write the number as text",
                "conventions.remainder: “open” is not known here",
            ],
        ),
        (
            "affordability",
            {"terms.buffer.cap": "1.001", "terms.buffer.lid": "1", "terms.income": []},
            [
                "terms.buffer.cap: “1.001” has more than the 2 decimals",
                "terms.buffer.lid: unknown field",
                "terms.income: write the number as text",
            ],
        ),
        (
            "payment_allocation",
            {
                "terms.buckets": {"interest": "1.00", "fees": "x", "karma": "2.00"},
                "terms.days_past_due": -1,
                "terms.orders.0.order": ["interest", "karma"],
                "terms.orders.0.max_days_past_due": False,
            },
            [
                "terms.buckets.principal: this field is missing",
                "terms.buckets.fees: write the number as text",
                "terms.buckets.karma: unknown field",
                "terms.days_past_due: -1 is too small: at least 0",
                "terms.orders[0].order[1]: “karma” is not known here",
                "terms.orders[0].max_days_past_due: write a whole number",
            ],
        ),
        (
            "frontier",
            {"terms.search": "luck", "terms.rate_step": "0", "terms.max_periods": "60"},
            [
                "terms.search: “luck” is not known here",
                "terms.rate_step: “0” is too small",
                "terms.max_periods: write a whole number without quotes",
            ],
        ),
        (
            "present_value",
            {
                "terms.payments.0.count": 10**9,
                "terms.periods_per_year": 0,
                "terms.carrying_amount": "NaN",
                "conventions": [],
                "expected.assert": [],
            },
            [
                "terms.payments[0].count: a number too long is too large: at most 4000",
                "terms.periods_per_year: 0 is too small: at least 1",
                "terms.carrying_amount: write the number as text",
                "conventions: must be an object in braces, not a list",
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_all_faults_of_a_case_are_named_at_once(
    kind: str, faults: dict[str, object], said: list[str]
) -> None:
    answer = _answer(_spoilt(kind, faults))

    assert [sentence for sentence in said if sentence not in answer] == []
    assert len(answer.split("; ")) >= len(said)
    assert not _PYTHON.search(answer)


def test_all_that_keeps_terms_from_being_a_plan_is_named_at_once() -> None:
    faults: dict[str, object] = {
        "terms.principal": "-5",
        "terms.annual_rate": "101",
        "terms.payment_multiple_of": "0",
        "conventions.level_payment": "none",
    }

    answer = _answer(_spoilt("equal_installment", faults))

    assert "terms.principal: -5.00: an amount owed is not negative" in answer
    assert "terms.annual_rate: 101: a rate is at most 100" in answer
    assert "terms.payment_multiple_of: 0.00: an amount is above zero" in answer
    assert "conventions.level_payment: none: equal installments need a level payment" in answer


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("equal_installment", {"terms.periods": "12", "terms.annual_rate": 0}),
        ("equal_principal", {"terms.principal": 12000}),
        ("fee", {"terms.fees.0": {"type": "instalment_percent", "rate": "0.01"}}),
        ("apr_eu", {"terms.advances.0.first_unit": "0", "terms.advances.0.odd_years": 0}),
        ("present_value", {"terms.payments.0.count": "36", "terms.discount_rate": "12/100"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_one_meaning_is_read(kind: str, changes: dict[str, object]) -> None:
    assert _problems(_spoilt(kind, changes)) == []


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_spoilt_field_is_answered_at_its_place(block: int) -> None:
    """All blocks together spoil 2,000 fields."""
    pick = Random(f"spoilt {block}")
    for _ in range(BLOCK):
        case = pick.choice(CASES)
        spoilt, path, value = spoilt_case(case, pick)

        start = time.process_time()
        answer = _answer(spoilt)
        took = time.process_time() - start

        told = f"{case.case_id}: {path_of(path)} = {value!r}: {answer}"
        assert took < SECONDS, told
        assert not _PYTHON.search(answer), told
        problems = _problems(spoilt)
        # With other decimals of the currency, any amount may have too many.
        if path[-1] != "currency_decimals":
            assert all(_lies_at(problem, path) for problem in problems), told
        if _is_refused_everywhere(path, value):
            assert problems, told


def _problems(case: GoldenCase) -> list[Problem]:
    try:
        read_shape(case, KINDS[case.kind].shape)
    except InputRefused as refusal:
        return [*refusal.problems]
    return []


def _lies_at(problem: Problem, path: Path) -> bool:
    """Say whether a problem lies at a place, around it or, where its `type` went, beside it."""
    place = path_of(path[:-1] if path[-1] == "type" else path)
    return _holds(place, problem.path) or _holds(problem.path, place)


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _is_refused_everywhere(path: Path, value: object) -> bool:
    if isinstance(value, bool):
        return path != ("expected", "complete") and path[:-1] != ("expected", "figures")
    if value is REMOVED:
        return path[0] in {"terms", "conventions"} and not isinstance(path[-1], int)
    return isinstance(value, float) or path[-1] == UNKNOWN_KEY
