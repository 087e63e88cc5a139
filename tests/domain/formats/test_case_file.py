"""Case files: exact round trip, and one plain sentence for every problem."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.case_file import read_case, write_case
from plan_assistant.domain.formats.case_model import CASE_FORMAT, CaseFile
from plan_assistant.samples import sample_text
from tests.domain.formats.cases import cases

Tree = dict[str, Any]


def tree() -> Tree:
    """Return a case file without a problem, as parsed JSON."""
    parsed: Tree = json.loads(sample_text("S01-job-loss"))
    return parsed


def refused(raw: object) -> dict[str, str]:
    """Return the problems of a file by path."""
    with pytest.raises(InputRefused) as refusal:
        read_case(raw, "case.json")
    assert refusal.value.source == "case.json"
    return {problem.path: problem.sentence for problem in refusal.value.problems}


def put(*path: str | int, value: object) -> Callable[[Tree], None]:
    """Return the change that puts a value at a place of a file."""

    def change(file: Tree) -> None:
        target: Any = file
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Tree], None]:
    """Return the change that takes a field out of a file."""

    def change(file: Tree) -> None:
        target: Any = file
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return change


@given(cases())
def test_what_was_written_reads_back_the_same(case: Case) -> None:
    written = write_case(case)

    assert read_case(json.loads(json.dumps(written)), "case.json") == case
    assert write_case(read_case(written, "case.json")) == written


def test_a_sample_reads_as_it_stands() -> None:
    case = read_case(tree(), "S01")

    assert case.owed.plain == "48250.00"
    assert case.days_past_due == 97
    assert case.lead_debt.components.interest.plain == "3815.40"
    assert str(case.lead_debt.annual_rate) == "9/50"
    assert case.budget.payday == 10


def test_what_a_file_may_leave_out_has_a_plain_meaning() -> None:
    file = tree()
    for name in ("hardships", "willingness", "contacts", "payments", "note", "promises_kept"):
        del file[name]
    del file["debts"][0]["components"]["cost"]
    del file["budget"]["cash"]
    del file["budget"]["payday"]

    case = read_case(file, "case.json")

    assert case.hardships == ()
    assert case.note.revealed == ""
    assert not case.willingness.is_expressed
    assert not case.lead_debt.components.cost
    assert not case.budget.cash
    assert case.budget.payday is None


DEBT = ("debts", 0)

ONE_PROBLEM: dict[str, tuple[Callable[[Tree], None], str, str]] = {
    "sum": (
        put(*DEBT, "components", "cost", value="0.10"),
        "debts[0].total",
        "components add up to 48,250.10 but total says 48,250.00: correct one of them",
    ),
    "unknown field": (
        put("colour", value="red"),
        "colour",
        "unknown field: remove it (known here: format, case_id",
    ),
    "misspelt field": (
        put(*DEBT, "anual_rate", value="0.1"),
        "debts[0].anual_rate",
        "unknown field: did you mean “annual_rate”? Correct the name or remove it",
    ),
    "misspelt component": (
        put(*DEBT, "components", "fees", value="1.00"),
        "debts[0].components.fees",
        "did you mean “fee”",
    ),
    "missing field": (drop("household", "adults"), "household.adults", "this field is missing"),
    "negative amount": (
        put(*DEBT, "components", "principal", value="-1.00"),
        "debts[0].components.principal",
        "“-1.00” is negative: amounts owed, earned or paid are never below zero",
    ),
    "three decimals": (
        put("budget", "cash", value="1.005"),
        "budget.cash",
        "“1.005” has 3 decimals, CNY has exactly 2: write it like 1250.00",
    ),
    "amount as a number": (
        put("budget", "cash", value=12.5),
        "budget.cash",
        "write the amount as text in quotes, such as “1250.00”, not 12.5",
    ),
    "scientific notation": (
        put("willingness", "own_proposal", value="1e3"),
        "willingness.own_proposal",
        "“1e3” is in scientific notation: write the amount out, such as 1250.00",
    ),
    "not a number": (
        put("payments", 0, "amount", value="NaN"),
        "payments[0].amount",
        "“NaN” is not an amount in decimal notation, such as 1250.00",
    ),
    "full-width digits": (
        put("budget", "incomes", 0, "amount", value="７６００.00"),
        "budget.incomes[0].amount",
        "has full-width digits or signs: write ordinary digits, such as 1250.00",
    ),
    "negative income": (
        put("budget", "incomes", 1, "amount", value="-1890.00"),
        "budget.incomes[1].amount",
        "is negative",
    ),
    "rate in percent": (
        put(*DEBT, "annual_rate", value="18"),
        "debts[0].annual_rate",
        "“18” is over 100 % a year: write 18.25 % as 0.1825",
    ),
    "rate as a number": (
        put(*DEBT, "annual_rate", value=0.18),
        "debts[0].annual_rate",
        "write the rate as text in quotes, such as “0.1825”, not 0.18",
    ),
    "opened after the cut-off": (
        put(*DEBT, "opened", value="2026-12-01"),
        "debts[0].opened",
        "lies after as_of (2026-11-20)",
    ),
    "due before it was opened": (
        put(*DEBT, "opened", value="2026-09-01"),
        "debts[0].oldest_unpaid_due",
        "2026-08-15 is before the account was opened (2026-09-01): correct one of them",
    ),
    "days past due": (
        put(*DEBT, "days_past_due", value=96),
        "debts[0].days_past_due",
        "from oldest_unpaid_due (2026-08-15) to as_of (2026-11-20) there are 97 days",
    ),
    "days past due without a date": (
        put(*DEBT, "oldest_unpaid_due", value=None),
        "debts[0].days_past_due",
        "says 97 but oldest_unpaid_due is null: give that date, or write 0",
    ),
    "maturity before opening": (
        put(*DEBT, "maturity", value="2021-06-18"),
        "debts[0].maturity",
        "2021-06-18 is not after the account was opened (2021-06-18): correct one of them",
    ),
    "consent without a guarantor": (
        put(*DEBT, "guarantor_consents", value=True),
        "debts[0].guarantor_consents",
        "has_guarantor is not: set has_guarantor to true, or take the consent back",
    ),
    "restructured before opening": (
        put(*DEBT, "restructured_on", value=["2020-01-01"]),
        "debts[0].restructured_on[0]",
        "2020-01-01 is not between opening (2021-06-18) and as_of",
    ),
    "no negotiated debt": (
        put(*DEBT, "is_negotiated", value=False),
        "debts",
        "no debt is negotiated: set is_negotiated to true on the debt this call is about",
    ),
    "no debt": (put("debts", value=[]), "debts", "holds no debt"),
    "whole account number": (
        put(*DEBT, "account_tail", value="6222021234567890123"),
        "debts[0].account_tail",
        "give only the last 4",
    ),
    "unknown product": (
        put(*DEBT, "product", value="overdraft"),
        "debts[0].product",
        "“overdraft” is not known here: write one of credit_card, consumer_loan, business_loan, "
        "other",
    ),
    "unknown currency": (
        put("budget", "currency", value="RMB"),
        "budget.currency",
        "write CNY for renminbi",
    ),
    "budget in another currency": (
        put("budget", "currency", value="HKD"),
        "budget.currency",
        "the budget is in HKD, the negotiated debts in CNY: convert the budget into CNY",
    ),
    "rent in another currency": (
        put("budget", "outgoings", 7, "currency", value="HKD"),
        "budget.outgoings[7].currency",
        "“HKD” is not the budget's currency: convert the amount into CNY",
    ),
    "payday": (put("budget", "payday", value=32), "budget.payday", "32 is too large: at most 31"),
    "nobody at home": (
        put("household", "adults", value=0),
        "household.adults",
        "0 is too small: at least 1",
    ),
    "a crowd": (
        put("household", value={"adults": 30, "children": 40}),
        "household",
        "70 people in one household: at most 50 are read; check both counts",
    ),
    "a bigger crowd": (
        put("household", "adults", value=51),
        "household.adults",
        "51 is too large: at most 50",
    ),
    "eleven months": (
        put("budget", "incomes", 0, "by_month", value=["7600.00"] * 11),
        "budget.incomes[0].by_month",
        "needs twelve entries, January first, and has 11: write 0 for months without income",
    ),
    "months that say otherwise": (
        put("budget", "incomes", 0, "by_month", value=["7000.00"] * 12),
        "budget.incomes[0].amount",
        "says 7,600.00 but by_month averages 7,000.00: correct one of them",
    ),
    "hardship in the future": (
        put("hardships", 0, "since", value="2026-11-21"),
        "hardships[0].since",
        "the hardship on 2026-11-21 lies after as_of (2026-11-20): correct one of them",
    ),
    "hardship over before it began": (
        put("hardships", 0, "expected_end", value="2026-07-31"),
        "hardships[0].expected_end",
        "2026-07-31 is not after the hardship began (2026-07-31): correct one of them",
    ),
    "payment in the future": (
        put("payments", 0, "on", value="2026-12-24"),
        "payments[0].on",
        "a payment on 2026-12-24 lies after as_of",
    ),
    "contact in the future": (
        put("contacts", 0, "on", value="2026-12-24"),
        "contacts[0].on",
        "a contact on 2026-12-24 lies after as_of",
    ),
    "bidi control in a name": (
        put("borrower", "name", value="张\u202e伟"),
        "borrower.name",
        "holds the invisible or control character U+202E RIGHT-TO-LEFT OVERRIDE: remove it",
    ),
    "escape in a name": (
        put("borrower", "name", value="\x1b]52;c;x\x07"),
        "borrower.name",
        "holds the invisible or control character U+001B control character: remove it",
    ),
    "newline in a name": (
        put("borrower", "name", value="张\n伟"),
        "borrower.name",
        "U+000A",
    ),
    "escape in a note": (put("note", value="a\x1bb"), "note", "U+001B"),
    "escape in a label": (
        put("budget", "incomes", 0, "label", value="\x9b31m"),
        "budget.incomes[0].label",
        "U+009B",
    ),
    "blank name": (put("borrower", "name", value=" \u3000"), "borrower.name", "is blank"),
    "long name": (
        put("borrower", "name", value="x" * 81),
        "borrower.name",
        "is 81 characters long; at most 80 are allowed: shorten it",
    ),
    "true for a number": (
        put("household", "children", value=True),
        "household.children",
        "write a whole number without quotes, not true",
    ),
    "text for a number": (
        put("promises_kept", value="3"),
        "promises_kept",
        "write a whole number without quotes, not “3”",
    ),
    "text for a flag": (
        put(*DEBT, "has_guarantor", value="no"),
        "debts[0].has_guarantor",
        "write true or false without quotes, not “no”",
    ),
    "list for an object": (
        put("household", value=[2, 1]),
        "household",
        "must be an object in braces, not a list",
    ),
    "object for a list": (
        put("contacts", value={}),
        "contacts",
        "must be a list in brackets, not an object",
    ),
    "date with a time": (
        put("as_of", value="2026-11-20T09:00"),
        "as_of",
        "is not a date: write year-month-day, such as 2026-11-20",
    ),
    "id with a space": (put("case_id", value="S 01"), "case_id", "“S 01” is not an id"),
    "language": (put("language", value="fr"), "language", "write one of zh, en"),
    "country": (put("jurisdiction", value="China"), "jurisdiction", "two-letter ISO 3166 code"),
}


@pytest.mark.parametrize("name", ONE_PROBLEM, ids=lambda name: name.replace(" ", "-"))
def test_one_thing_wrong_is_one_sentence_at_its_field(name: str) -> None:
    change, path, sentence = ONE_PROBLEM[name]
    file = tree()
    change(file)

    problems = refused(file)

    assert list(problems) == [path]
    assert sentence in problems[path]


def test_all_problems_are_reported_at_once() -> None:
    file = tree()
    chosen = [
        "sum",
        "misspelt field",
        "three decimals",
        "full-width digits",
        "days past due",
        "a crowd",
        "payday",
        "bidi control in a name",
        "eleven months",
    ]
    for name in chosen:
        ONE_PROBLEM[name][0](file)

    assert set(refused(file)) == {ONE_PROBLEM[name][1] for name in chosen}


def test_sums_and_dates_are_checked_where_other_fields_are_broken() -> None:
    file = tree()
    del file["case_id"], file["borrower"], file["budget"]["incomes"]
    file["as_of"] = "soon"
    file["debts"][0]["total"] = "1.00"
    file["debts"][0]["maturity"] = "2020-01-01"
    file["household"] = "two"

    problems = refused(file)

    assert set(problems) == {
        "case_id",
        "borrower",
        "as_of",
        "household",
        "debts[0].total",
        "debts[0].maturity",
    }


def test_terms_that_do_not_lead_to_the_maturity_are_refused() -> None:
    file = json.loads(sample_text("S06-loan-before-maturity"))
    file["debts"][0]["original_term_months"] = 24

    problems = refused(file)

    assert problems == {
        "debts[0].original_term_months": "24 months and 0 extended from 2025-05-15 end about "
        "2027-05-15, but maturity says 2028-05-15: correct one of them"
    }


def test_a_debt_in_another_currency_needs_a_case_of_its_own() -> None:
    file = json.loads(sample_text("S09-several-debts"))
    for part in file["debts"][1]["components"]:
        file["debts"][1]["components"][part] = "1.00"
    file["debts"][1] |= {"currency": "HKD", "total": "5.00"}

    problems = refused(file)

    assert problems == {
        "debts[1].currency": "this debt is in HKD, the negotiation in CNY: open a case of its own "
        "for it, and set is_negotiated to false here"
    }


def test_an_id_used_twice_is_refused() -> None:
    file = json.loads(sample_text("S09-several-debts"))
    file["debts"][1]["debt_id"] = file["debts"][0]["debt_id"]

    assert refused(file) == {
        "debts[1].debt_id": "“S09-C1” is already used by debts[0]: give every debt its own id"
    }


@pytest.mark.parametrize(
    ("found", "part"),
    [
        ("plan-assistant/case@2", "was written for a newer version of this program"),
        ("plan-assistant/case@17", "which reads “plan-assistant/case@1”: update the program"),
        ("plan-assistant/terms@1", "this is a terms file; a case file"),
        ("case@1", "is not a format of this program: write “plan-assistant/case@1”"),
        (1, "1 is not a format of this program"),
        ("plan-assistant/case@0", "is not a format of this program"),
    ],
)
def test_another_format_is_refused_for_that_alone(found: object, part: str) -> None:
    file = {"format": found, "something": "new"}

    problems = refused(file)

    assert list(problems) == ["format"]
    assert part in problems["format"]


def test_a_missing_format_is_one_problem_among_others() -> None:
    file = tree()
    del file["format"]
    file["budget"]["payday"] = 0

    assert set(refused(file)) == {"format", "budget.payday"}


@pytest.mark.parametrize("raw", [None, [], "case", 3, True])
def test_something_else_than_an_object_is_refused(raw: object) -> None:
    problems = refused(raw)

    assert "expected an object of form plan-assistant/case@1" in problems[""]


def test_personal_values_are_never_quoted() -> None:
    file = tree()
    file["borrower"] = {
        "name": {"first": "Secretive"},
        "id_number": 430102199003151230,
        "phone": 12900000001,
        "address": "Secret street" * 40,
        "Secret": "Secret",
    }

    with pytest.raises(InputRefused) as refusal:
        read_case(file, "case.json")

    sentences = " ".join(problem.sentence for problem in refusal.value.problems)
    assert "129" not in sentences
    assert "4301" not in sentences
    assert "ecret" not in sentences


def test_a_borrower_that_is_only_a_text_is_not_quoted() -> None:
    file = tree()
    file["borrower"] = "张维安 430102199003151230"

    assert refused(file) == {"borrower": "must be an object in braces, not this value"}


def test_a_hostile_field_name_is_shown_safely() -> None:
    file = tree()
    file["\x1b[2J" + "x" * 90] = 1

    (path,) = refused(file)

    assert path == "�[2J" + "x" * 35 + "…"


def test_a_thousand_problems_are_cut_and_counted() -> None:
    file = tree()
    file["contacts"] = [{"on": "x"}] * 1000

    with pytest.raises(InputRefused) as refusal:
        read_case(file, "case.json")

    assert len(refusal.value.problems) == 51
    assert refusal.value.problems[-1].sentence == "and 2950 more problems: correct these first"


def test_legal_but_hostile_text_is_stored_as_it_stands() -> None:
    file = tree()
    name = "[red]𬱖龑[/] =1+1 <b>{{7*7}}</b>"
    file["borrower"]["name"] = name

    case = read_case(file, "case.json")

    assert case.borrower.name.revealed == name
    assert write_case(case)["borrower"]["name"] == name  # type: ignore[call-overload, index]


def test_months_without_income_are_legal() -> None:
    file = tree()
    months = ["0.00"] * 11 + ["91200.00"]
    file["budget"]["incomes"][0]["by_month"] = months

    assert read_case(file, "case.json").budget.incomes[0].by_month[0].minor == 0


def test_the_published_schema_names_every_field_and_refuses_others() -> None:
    schema = CaseFile.model_json_schema()

    assert schema["properties"]["format"]["const"] == CASE_FORMAT
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(tree())
    debt = schema["$defs"]["DebtPart"]
    assert debt["properties"]["days_past_due"]["minimum"] == 0
    assert debt["properties"]["total"]["pattern"] == r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"
    assert "ge" not in json.dumps(schema).split('"')


SCRAPS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["0.00", "2026-11-20", "CNY", "-1", "\ud800", "1e999"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def broken_trees(draw: st.DrawFn) -> Tree:
    """Return a case file in which some values were replaced by scraps."""
    file = copy.deepcopy(tree())
    for _ in range(draw(st.integers(1, 4))):
        target: Any = file
        while isinstance(target, dict | list) and target:
            keys = list(target) if isinstance(target, dict) else range(len(target))
            key = draw(st.sampled_from(list(keys)))
            inner = target[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                target[key] = draw(SCRAPS)
                break
            target = inner
    return file


@given(broken_trees())
def test_whatever_is_broken_is_refused_in_plain_short_sentences(file: Tree) -> None:
    try:
        case = read_case(file, "case.json")
    except InputRefused as refusal:
        for problem in refusal.problems:
            assert 8 < len(problem.sentence) < 500
            assert "\x1b" not in str(problem)
            for jargon in ("pydantic", "Input should", "dict", "NoneType", "traceback", "str_"):
                assert jargon not in problem.sentence
        paths = [problem.path for problem in refusal.problems]
        assert paths
    else:
        assert read_case(write_case(case), "again") == case


@pytest.mark.parametrize("place", [("case_id",), ("debts", 0, "debt_id")], ids=["case", "debt"])
@pytest.mark.parametrize("field", ["id_number", "phone"])
def test_a_number_of_a_case_or_debt_does_not_tell_whose_it_is(
    place: tuple[str | int, ...], field: str
) -> None:
    file = tree()
    number = "138 0013 8000" if field == "phone" else "110101199001011234"
    file["borrower"][field] = number
    parent: Any = file
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = f"D-{number.replace(' ', '')}"

    with pytest.raises(InputRefused) as refused:
        read_case(file, "case.json")

    (problem,) = refused.value.problems
    assert problem.path == ("case_id" if len(place) == 1 else "debts[0].debt_id")
    assert "identity or telephone number" in problem.sentence
    assert number not in problem.sentence
