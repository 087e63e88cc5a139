from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from plan_assistant.golden.compare import compare
from plan_assistant.golden.files import GoldenCase, read_file, shipped_folder
from plan_assistant.golden.run import KINDS, mismatches_of, run_folder

CASES = [case for path in sorted(shipped_folder().glob("*.json")) for case in read_file(path)]
KNOWN = [case for case in CASES if case.kind in KINDS]


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case.case_id)
def test_golden_case_is_met(case: GoldenCase) -> None:
    assert [str(mismatch) for mismatch in mismatches_of(case)] == []


def test_every_shipped_case_is_run() -> None:
    assert len(KNOWN) == len(CASES) >= 141


def _folder_with(tmp_path: Path, **changes: object) -> Path:
    source = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    source["cases"][0].update(changes)
    (tmp_path / "case.json").write_text(json.dumps(source), encoding="utf-8")
    return tmp_path


def test_a_wrong_number_fails_and_is_named(tmp_path: Path) -> None:
    source = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    expected = source["cases"][0]["expected"]
    expected["rows"][0]["payment"] = "1015.01"

    report = run_folder(_folder_with(tmp_path, expected=expected))

    assert report.summary == "0 passed, 1 failed, 0 skipped"
    assert report.lines == ["FAILED fin-due-date-fee: rows[0].payment expected 1015.01 got 1015.00"]


def test_only_unknown_kinds_are_skipped_and_they_are_named(tmp_path: Path) -> None:
    report = run_folder(_folder_with(tmp_path, kind="tarot"))

    assert report.summary == "0 passed, 0 failed, 1 skipped"
    assert report.lines == ["SKIPPED fin-due-date-fee: unknown kind tarot"]


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": {}},
        {"conventions": {}},
        {"events": [{"id": "e1", "type": "miracle"}]},
        {"terms": None},
        {"conventions": {"leap_seconds": "counted"}},
        {"expected": {"figures": {"payment": "1.00"}, "assert": []}},
    ],
    ids=[
        "terms missing",
        "conventions missing",
        "unknown event",
        "terms null",
        "unknown option",
        "nothing asserted",
    ],
)
def test_a_malformed_case_fails_by_name(tmp_path: Path, changes: dict[str, object]) -> None:
    report = run_folder(_folder_with(tmp_path, **changes))

    assert report.summary == "0 passed, 1 failed, 0 skipped"
    assert "fin-due-date-fee" in report.lines[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"events": 5},
        {"events": [5]},
        {"terms": []},
        {"kind": "payment_allocation", "terms": {"currency_decimals": 2, "buckets": []}},
        {"expected": {"rows": None, "assert": [{"field": "rows", "tolerance": "0"}]}},
        {"expected": {"figures": {}, "assert": [{"field": "figures", "tolerance": "0"}]}},
        {
            "expected": {
                "before": {"events": ["e9"], "rows": []},
                "assert": [{"field": "before", "tolerance": "0"}],
            }
        },
    ],
    ids=[
        "no list of events",
        "an event that is a number",
        "a list of terms",
        "a list of buckets",
        "no value to compare",
        "no figure to compare",
        "before an event that is not there",
    ],
)
def test_one_malformed_case_leaves_the_others_to_be_run(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    source = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    good = source["cases"][0]
    source["cases"] = [{**good, **changes}, good]
    (tmp_path / "case.json").write_text(json.dumps(source), encoding="utf-8")

    assert run_folder(tmp_path).summary == "1 passed, 1 failed, 0 skipped"


def test_a_file_nested_beyond_all_measure_fails_by_name(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    (tmp_path / "case.json").write_text(
        (shipped_folder() / "fee.json").read_text(encoding="utf-8"), encoding="utf-8"
    )

    report = run_folder(tmp_path)

    assert report.passed
    assert "deep.json" in report.lines[0]


def test_an_amount_with_more_decimals_than_its_currency_fails(tmp_path: Path) -> None:
    source = json.loads((shipped_folder() / "payment_allocation.json").read_text(encoding="utf-8"))
    case = source["cases"][0]
    case["terms"] = {**case["terms"], "payment": "5.755"}
    source["cases"] = [case]
    (tmp_path / "case.json").write_text(json.dumps(source), encoding="utf-8")

    assert "terms.payment: “5.755” has more than the 2 decimals" in run_folder(tmp_path).lines[0]


def test_only_the_description_of_a_format_is_passed_over(tmp_path: Path) -> None:
    description = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    (tmp_path / "a.json").write_text(json.dumps(description), encoding="utf-8")
    assert run_folder(tmp_path).summary == "0 passed, 0 failed, 0 skipped"

    (tmp_path / "b.json").write_text('{"$schema": "golden-case-2.schema.json"}', encoding="utf-8")
    assert run_folder(tmp_path).summary == "0 passed, 1 failed, 0 skipped"


def test_an_unknown_key_of_an_event_is_not_read_over(tmp_path: Path) -> None:
    event = {"id": "e1", "type": "fee", "instalment": 1, "amount": "1.00", "mood": "good"}

    report = run_folder(_folder_with(tmp_path, events=[event]))

    assert report.lines == [
        "FAILED fin-due-date-fee: case expected numbers got refused: "
        "events[0].mood: unknown field: remove it "
        "(known here: id, type, due_date, instalment, amount)"
    ]


def test_interest_is_not_rounded_up(tmp_path: Path) -> None:
    source = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    conventions = {**source["cases"][0]["conventions"], "rounding": "up"}

    report = run_folder(_folder_with(tmp_path, conventions=conventions))

    assert report.lines == [
        "FAILED fin-due-date-fee: case expected numbers got refused: "
        "conventions.rounding: “up” is not known here: "
        "write one of half_up, half_even, down"
    ]


@pytest.mark.parametrize("number", ["1e999999999", "1e-99999999999999999999", "-1E5", "NaN", "1.5"])
def test_no_number_of_a_file_is_written_out_without_end(tmp_path: Path, number: str) -> None:
    text = (shipped_folder() / "fee.json").read_text(encoding="utf-8")
    source = json.loads(text)
    source["cases"] = source["cases"][:1]
    source["cases"][0]["terms"]["periods"] = "HERE"
    (tmp_path / "case.json").write_text(
        json.dumps(source).replace('"HERE"', number), encoding="utf-8"
    )

    report = run_folder(tmp_path)

    assert report.summary == "0 passed, 1 failed, 0 skipped"
    assert "terms.periods: write a whole number without quotes, not " in report.lines[0]


def test_numbers_with_a_point_are_read_to_the_last_digit(tmp_path: Path) -> None:
    source = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    source["cases"] = source["cases"][:1]
    principal = source["cases"][0]["terms"]["principal"]
    text = json.dumps(source).replace(f'"principal": "{principal}"', f'"principal": {principal}', 1)
    (tmp_path / "case.json").write_text(text, encoding="utf-8")

    assert run_folder(tmp_path).summary == "1 passed, 0 failed, 0 skipped"


def test_a_file_that_is_not_golden_fails(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "foreign.json").write_text("[1]", encoding="utf-8")

    assert run_folder(tmp_path).summary == "0 passed, 2 failed, 0 skipped"


def test_values_are_rounded_half_up_to_the_decimals_shown() -> None:
    assert not list(compare("x", "0.13", Fraction(125, 1000), Fraction(0)))
    assert list(compare("x", "0.12", Fraction(125, 1000), Fraction(0)))
    assert not list(compare("x", "0.12", Fraction(125, 1000), Fraction("0.01")))
    assert not list(compare("x", None, None, Fraction(0)))
    assert list(compare("x", True, 1, Fraction(0)))
    assert list(compare("x", "2024-01-01", None, Fraction(0)))
