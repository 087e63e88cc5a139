from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click import Command, UsageError
from click.testing import CliRunner, Result

from plan_assistant.cli.schedule import schedule
from plan_assistant.cli.selftest import selftest
from plan_assistant.cli.session import Session
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.terms_file import write_terms
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import FixedFee
from plan_assistant.golden.files import shipped_folder
from tests.domain.schedule.builders import dated, yuan

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


def run(command: Command, arguments: list[str], language: str = "en") -> Result:
    return CliRunner().invoke(
        command,
        arguments,
        obj=Session(None, None, language),
        standalone_mode=False,
        catch_exceptions=False,
    )


def test_a_schedule_is_printed_row_by_row(tmp_path: Path) -> None:
    result = run(schedule, [_file(tmp_path)])

    lines = result.stdout.splitlines()
    assert lines[1].split() == [
        "1",
        "888.49",
        "788.49",
        "100.00",
        "0.00",
        "0.00",
        "0.00",
        "9,211.51",
    ]
    assert "Total paid: 10,661.86" in lines
    assert lines[-1] == "Annualized rate (IRR x periods a year): 12.0001 %"


def test_the_columns_are_named_in_the_language_of_the_reader(tmp_path: Path) -> None:
    terms = _file(tmp_path, start="2026-01-31", first_due="2026-02-28", due_day=31)

    english = run(schedule, [terms]).stdout.splitlines()
    chinese = run(schedule, [terms], "zh").stdout.splitlines()

    assert english[0].split() == [
        "No.",
        "Due",
        "Payment",
        "Principal",
        "Interest",
        "Arrears",
        "Fees",
        "Penalties",
        "Balance",
    ]
    assert "本金" in chinese[0]
    assert "28 Feb 26" in english[1]
    assert "2026-02-28" in chinese[1]


def test_written_terms_give_the_schedule_of_the_engine(tmp_path: Path) -> None:
    terms = dated("5000.00", "0.18", 7, arrears=yuan("70.00"), fees=(FixedFee(yuan("3.00")),))
    path = tmp_path / "written.json"
    path.write_text(json.dumps(write_terms(terms)), encoding="utf-8")

    document = json.loads(run(schedule, [str(path), "--json"]).stdout)

    expected = [row.payment.plain for row in price(terms).rows]
    assert [row["payment"] for row in document["rows"]] == expected
    assert document["total_fees"] == "3.00"


def test_a_schedule_as_json_holds_every_row(tmp_path: Path) -> None:
    terms = _file(tmp_path, start="2026-01-31", first_due="2026-02-28", due_day=31, arrears="24.00")
    result = run(schedule, [terms, "--json"])

    document = json.loads(result.stdout)
    assert len(document["rows"]) == 12
    assert document["rows"][1]["due"] == "2026-03-31"
    assert document["rows"][1]["arrears"] == "2.00"
    assert document["total_arrears"] == "24.00"


def test_a_schedule_as_csv_reads_back(tmp_path: Path) -> None:
    result = run(schedule, [_file(tmp_path), "--csv"])

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["payment"] for row in rows[-2:]] == ["888.49", "888.47"]


def test_a_given_payment_is_taken(tmp_path: Path) -> None:
    terms = _file(tmp_path, payment="1000.00")
    result = run(schedule, [terms, "--json"])

    assert json.loads(result.stdout)["rows"][0]["payment"] == "1000.00"


def test_two_forms_at_once_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give one of them"):
        run(schedule, [_file(tmp_path), "--json", "--csv"])


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
        run(schedule, [_file(tmp_path, **changes)])

    assert [problem.path for problem in refusal.value.problems] == [path]


def test_everything_wrong_with_the_terms_is_told_at_once(tmp_path: Path) -> None:
    wrong = {"balloon": "20000.00", "grace": {"principal": 12}, "payment_multiple_of": "0.00"}

    with pytest.raises(InputRefused) as refusal:
        run(schedule, [_file(tmp_path, **wrong)])

    assert [str(problem) for problem in refusal.value.problems] == [
        "grace: 12: the last installment is never in grace",
        "payment_multiple_of: 0.00: an amount is above zero",
        "balloon: 20000.00: it is more than the principal",
    ]


def test_a_field_that_is_missing_shows_no_value(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        run(schedule, [_file(tmp_path, conventions={"level_payment": "given"})])

    assert [str(problem) for problem in refusal.value.problems] == [
        "payment: a given level payment needs an amount"
    ]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        run(schedule, [str(tmp_path / "none.json")])


def test_selftest_counts_on_its_last_line() -> None:
    result = run(selftest, [])

    assert " passed, 0 failed, " in result.stdout.splitlines()[-1]
    assert result.return_value == 0


def test_selftest_takes_a_folder_and_fails_by_its_exit_code(tmp_path: Path) -> None:
    document = json.loads((shipped_folder() / "fee.json").read_text(encoding="utf-8"))
    expected = document["cases"][0]["expected"]
    expected["totals"] = {"payment": "1.00"}
    expected["assert"] = [{"field": "totals", "tolerance": "0"}]
    (tmp_path / "own.json").write_text(json.dumps(document), encoding="utf-8")

    result = run(selftest, ["--cases", str(tmp_path)])

    assert result.return_value == 1
    assert "totals.payment expected 1.00 got 1015.00" in result.stdout


def test_selftest_names_every_bad_file_and_goes_on(tmp_path: Path) -> None:
    good = (shipped_folder() / "fee.json").read_text(encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good.json").write_text(good, encoding="utf-8")
    (tmp_path / "a-broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "b-bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "c-old.json").write_text('{"schema": "golden-case/1"}', encoding="utf-8")
    (tmp_path / "d-none.json").write_text('{"schema": "golden-case/2"}', encoding="utf-8")
    (tmp_path / "e-half.json").write_text(
        '{"schema": "golden-case/2", "cases": [{"id": "x"}]}', encoding="utf-8"
    )
    (tmp_path / "f-folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("not a case", encoding="utf-8")

    result = run(selftest, ["--cases", str(tmp_path)])
    document = json.loads(run(selftest, ["--cases", str(tmp_path), "--json"]).stdout)

    lines = result.stdout.splitlines()
    assert result.return_value == 1
    assert len(lines) == 7
    for line, name in zip(lines, "abcdef", strict=False):
        assert line.startswith(f"FAILED {tmp_path}/{name}-")
    assert lines[-1].endswith(" passed, 6 failed, 0 skipped")
    assert document["failed"] == 6
    assert document["passed"] > 0
    assert document["remarks"][0]["outcome"] == "failed"
