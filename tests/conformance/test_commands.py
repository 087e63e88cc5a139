from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from plan_assistant.cli.schedule import schedule
from plan_assistant.cli.selftest import selftest
from plan_assistant.domain.errors import InputRefused
from plan_assistant.golden.files import shipped_folder

TERMS = {
    "format": "plan-assistant/terms@1",
    "currency": "CNY",
    "principal": "10000.00",
    "annual_rate": "0.12",
    "periods": 12,
}


def _file(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "terms.json"
    path.write_text(json.dumps(TERMS | changes), encoding="utf-8")
    return str(path)


def test_a_schedule_is_printed_row_by_row(tmp_path: Path) -> None:
    result = CliRunner().invoke(schedule, [_file(tmp_path)], catch_exceptions=False)

    lines = result.stdout.splitlines()
    assert lines[1].split() == [
        "1",
        "888.49",
        "788.49",
        "100.00",
        "0.00",
        "0.00",
        "0.00",
        "9211.51",
    ]
    assert "total paid: 10661.86" in lines
    assert lines[-1] == "annualised rate (IRR x periods): 12.0001 %"


def test_a_schedule_as_json_holds_every_row(tmp_path: Path) -> None:
    terms = _file(tmp_path, start="2026-01-31", first_due="2026-02-28", due_day=31, arrears="24.00")
    result = CliRunner().invoke(schedule, [terms, "--json"], catch_exceptions=False)

    document = json.loads(result.stdout)
    assert len(document["rows"]) == 12
    assert document["rows"][1]["due"] == "2026-03-31"
    assert document["rows"][1]["arrears"] == "2.00"
    assert document["total_arrears"] == "24.00"


def test_a_schedule_as_csv_reads_back(tmp_path: Path) -> None:
    result = CliRunner().invoke(schedule, [_file(tmp_path), "--csv"], catch_exceptions=False)

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["payment"] for row in rows[-2:]] == ["888.49", "888.47"]


def test_a_given_payment_is_taken(tmp_path: Path) -> None:
    terms = _file(tmp_path, payment="1000.00")
    result = CliRunner().invoke(schedule, [terms, "--json"], catch_exceptions=False)

    assert json.loads(result.stdout)["rows"][0]["payment"] == "1000.00"


def test_two_forms_at_once_are_wrong_use(tmp_path: Path) -> None:
    result = CliRunner().invoke(schedule, [_file(tmp_path), "--json", "--csv"])

    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"periods": 0}, "periods"),
        ({"principal": "10000"}, "principal"),
        ({"principal": 10000}, "principal"),
        ({"annual_rate": "1e999"}, "annual_rate"),
        ({"currency": "RMB"}, "currency"),
        ({"rows": []}, "rows"),
        ({"payment": "99.00"}, "payment"),
        ({"conventions": {"rounding": "sideways"}}, "conventions.rounding"),
        ({"format": "plan-assistant/terms@2"}, "format"),
        ({"fees": [{"amount": "1.0"}]}, "fees[0].amount"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_wrong_file_is_refused_and_the_field_named(
    tmp_path: Path, changes: dict[str, object], path: str
) -> None:
    with pytest.raises(InputRefused) as refusal:
        CliRunner().invoke(schedule, [_file(tmp_path, **changes)], catch_exceptions=False)

    assert [problem.path for problem in refusal.value.problems] == [path]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        CliRunner().invoke(schedule, [str(tmp_path / "none.json")], catch_exceptions=False)


def test_selftest_counts_on_its_last_line() -> None:
    result = CliRunner().invoke(selftest, [], standalone_mode=False)

    assert " passed, 0 failed, " in result.stdout.splitlines()[-1]
    assert result.return_value == 0


def test_selftest_takes_a_folder_and_fails_by_its_exit_code(tmp_path: Path) -> None:
    document = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    expected = document["cases"][0]["expected"]
    expected["totals"] = {"payment": "1.00"}
    expected["assert"] = [{"field": "totals", "tolerance": "0"}]
    (tmp_path / "own.json").write_text(json.dumps(document), encoding="utf-8")

    result = CliRunner().invoke(selftest, ["--cases", str(tmp_path)], standalone_mode=False)

    assert result.return_value == 1
    assert "totals.payment expected 1.00 got 1015.00" in result.stdout
