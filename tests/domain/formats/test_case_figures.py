"""Amounts that are not known yet, and outgoings that begin and end, in a case file."""

from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.formats.case_file import read_case, write_case
from plan_assistant.domain.formats.case_model import CaseFile
from plan_assistant.domain.household import Bounds
from tests.builders import yuan
from tests.domain.formats.test_case_file import Tree, refused, tree

RANGE = {"low": "4000.00", "likely": "5000.00", "high": "6500.00"}


def with_income(amount: object) -> Tree:
    file = tree()
    file["budget"]["incomes"][0]["amount"] = amount
    return file


def with_outgoing(**fields: object) -> Tree:
    file = tree()
    file["budget"]["outgoings"][0].update(fields)
    return file


def test_a_range_reads_as_its_likely_amount_with_bounds() -> None:
    income = read_case(with_income(RANGE), "case.json").budget.incomes[0]

    assert income.amount == yuan("5000.00")
    assert income.bounds == Bounds(yuan("4000.00"), yuan("6500.00"))
    assert income.is_unknown


def test_a_plain_amount_is_known() -> None:
    budget = read_case(tree(), "case.json").budget

    assert not any(item.is_unknown for item in budget.incomes)
    assert not any(item.is_unknown for item in budget.outgoings)


def test_a_range_of_one_amount_is_known() -> None:
    alike = {"low": "5000.00", "likely": "5000.00", "high": "5000.00"}

    assert not read_case(with_income(alike), "case.json").budget.incomes[0].is_unknown


def test_every_problem_of_a_range_is_named_at_once() -> None:
    file = with_income({"low": "6000.00", "likely": "5000.00", "high": "4000.00"})
    file["budget"]["outgoings"][0]["amount"] = {"low": "1,000.00", "high": "900", "most": "1.00"}

    found = refused(file)

    assert found["budget.incomes[0].amount.low"] == (
        "6,000.00 is above the likely 5,000.00: correct one of them"
    )
    assert found["budget.incomes[0].amount.high"] == (
        "4,000.00 is below the likely 5,000.00: correct one of them"
    )
    assert "grouping commas" in found["budget.outgoings[0].amount.low"]
    assert "decimals" in found["budget.outgoings[0].amount.high"]
    assert found["budget.outgoings[0].amount.likely"] == "this field is missing"
    assert found["budget.outgoings[0].amount.most"] == (
        "unknown field: remove it (known here: low, likely, high)"
    )


@pytest.mark.parametrize("amount", [5000, 5000.5, None, ["5000.00"], True])
def test_an_amount_that_is_neither_text_nor_a_range_is_refused(amount: object) -> None:
    assert "write the amount as text" in refused(with_income(amount))["budget.incomes[0].amount"]


def test_an_outgoing_begins_and_ends() -> None:
    file = with_outgoing(**{"from": "2026-01-01", "until": "2027-02-28"})

    case = read_case(file, "case.json")

    assert case.budget.outgoings[0].begins == date(2026, 1, 1)
    assert case.budget.outgoings[0].until == date(2027, 2, 28)
    written = write_case(case)
    assert read_case(written, "case.json") == case


def test_an_outgoing_that_ends_before_it_begins_is_refused() -> None:
    found = refused(with_outgoing(**{"from": "2027-03-01", "until": "2027-02-28"}))

    assert found == {
        "budget.outgoings[0].until": (
            "2027-02-28 is before it begins (2027-03-01): correct one of them"
        )
    }


def test_an_outgoing_that_ended_before_the_cut_off_date_is_refused() -> None:
    found = refused(with_outgoing(until="2026-10-31"))

    assert "leave this outgoing out" in found["budget.outgoings[0].until"]


def test_a_misspelled_date_of_an_outgoing_is_answered_with_its_name() -> None:
    found = refused(with_outgoing(form="2026-01-01"))

    assert "did you mean “from”?" in found["budget.outgoings[0].form"]


def test_the_published_schema_shows_both_forms() -> None:
    schema = CaseFile.model_json_schema()

    forms = schema["$defs"]["IncomePart"]["properties"]["amount"]["oneOf"]
    assert [form.get("type", form.get("$ref")) for form in forms] == [
        "string",
        "#/$defs/RangePart",
    ]
    assert {"from", "until"} <= schema["$defs"]["OutgoingPart"]["properties"].keys()
    assert schema["$defs"]["RangePart"]["required"] == ["low", "likely", "high"]
