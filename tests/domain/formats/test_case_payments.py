"""Payments of debts outside the negotiation must be in the budget."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.samples import sample_text


def several_debts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sample_text("S09-several-debts"))
    return found


def test_mortgage_in_the_budget_is_fine() -> None:
    assert read_case(several_debts(), "case").budget.outgoings


def test_payment_that_is_missing_in_the_budget_is_named_with_the_way_out() -> None:
    raw = several_debts()
    raw["budget"]["outgoings"] = [
        line for line in raw["budget"]["outgoings"] if line["kind"] != "mortgage"
    ]

    with pytest.raises(InputRefused) as caught:
        read_case(raw, "case")

    assert [problem.path for problem in caught.value.problems] == ["budget.outgoings"]
    assert "2,486.00" in caught.value.problems[0].sentence
