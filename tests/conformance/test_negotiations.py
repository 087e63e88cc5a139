from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plan_assistant.golden.files import GoldenCase, shipped_folder
from plan_assistant.golden.run import results_of, run_folder
from tests.conformance import reference_negotiation as reference
from tests.conformance.random_negotiations import KINDS, random_negotiation

REFERENCE: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "waterfall": reference.waterfall,
    "share_of_surplus_plans": reference.share_plans,
    "affordability": reference.affordability,
    "frontier": reference.frontier,
}
BLOCKS = 4
BLOCK = 300


def plain(result: object) -> dict[str, Any]:
    """Exact numbers as text, so that 2 and 2/1 are alike."""
    read: dict[str, Any] = json.loads(json.dumps(result, default=str))
    return read


def product(kind: str, case: dict[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {"assert": []}
    golden = GoldenCase("", "x", kind, case["terms"], case["conventions"], [], nothing)
    return plain(results_of(golden))


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("kind", KINDS)
def test_two_implementations_agree_on_random_negotiations(kind: str, block: int) -> None:
    """All blocks together compare 4,800 random cases, every figure, step, plan and point."""
    cases = [random_negotiation(kind, seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)]

    differing = []
    for case in cases:
        expected = REFERENCE[kind](case["terms"], case["conventions"]["rounding"])
        if product(kind, case) != plain(expected):
            differing.append(case)

    assert differing == []


def test_the_random_waterfalls_reach_every_end() -> None:
    met, limits, moved = set(), set(), set()
    for seed in range(BLOCK):
        case = random_negotiation("waterfall", seed)
        result = product("waterfall", case)
        figures = result["figures"]
        met.add(figures["target_met"])
        limits.add(figures["forbearance"] == figures["forbearance_limit"])
        moved |= {step["step"] for step in result["steps"]}

    assert met == limits == {True, False}
    assert len(moved) == 4


def _folder(tmp_path: Path, file: str, part: str, changes: dict[str, Any]) -> Path:
    document = json.loads((shipped_folder() / f"{file}.json").read_text(encoding="utf-8"))
    case = document["cases"][0]
    for path, value in changes.items():
        *outer, last = path.split(".")
        place = case[part]
        for name in outer:
            place = place[int(name)] if isinstance(place, list) else place[name]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    document["cases"] = [case]
    (tmp_path / "case.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        ("waterfall", {"steps.1.step": "0"}, "terms.steps[1].step: “0” is too small: more than 0"),
        ("waterfall", {"steps.1.type": "pray"}, "terms.steps[1].type: “pray” is not known here"),
        (
            "waterfall",
            {"remaining_periods": 0},
            "terms.remaining_periods: 0 is too small: at least 1",
        ),
        (
            "waterfall",
            {"unpaid_principal": "1.001"},
            "unpaid_principal: “1.001” has more than the 2 decimals",
        ),
        ("waterfall", {"gross_monthly_income": None}, "gross_monthly_income = None: the waterfall"),
        ("waterfall", {"annual_rate": 0.065}, "terms.annual_rate: write the number as text"),
        ("waterfall", {"annual_rate": "1e99999999"}, "terms.annual_rate: "),
        ("waterfall", {"moon": "full"}, "terms.moon: unknown field: remove it"),
        ("frontier", {"search": "astrology"}, "terms.search: “astrology” is not known here"),
        ("frontier", {"rate_step": "0.000001"}, "gives more than 10000 rates"),
        (
            "frontier",
            {"max_periods": 10**9},
            "terms.max_periods: a number too long is too large: at most 1200",
        ),
        ("frontier", {"balance": "-5.00"}, "terms.balance: “-5.00” is too small: more than 0"),
        (
            "share_of_surplus_plans",
            {"shares": ["0"]},
            "terms.shares[0]: “0” is too small: more than 0",
        ),
        ("share_of_surplus_plans", {"debt": ...}, "terms.debt: this field is missing"),
        ("affordability", {"buffer": None}, "terms.buffer: must be an object in braces"),
        ("affordability", {"income": "12.5x"}, "terms.income: "),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_bad_negotiation_case_gets_a_sentence(
    tmp_path: Path, file: str, changes: dict[str, Any], said: str
) -> None:
    report = run_folder(_folder(tmp_path, file, "terms", changes))

    assert report.summary == "0 passed, 1 failed, 0 skipped"
    assert said in report.lines[0]


def test_every_problem_of_a_case_is_named_at_once(tmp_path: Path) -> None:
    changes = {"annual_rate": "x", "balance": "0.00", "currency_decimals": "2"}

    line = run_folder(_folder(tmp_path, "frontier", "terms", changes)).lines[0]

    assert all(f"terms.{name}: " in line for name in changes)


def test_conventions_that_the_kinds_do_not_know_are_refused(tmp_path: Path) -> None:
    changes = {"rounding": "up", "discounting": "none"}

    line = run_folder(_folder(tmp_path, "frontier", "conventions", changes)).lines[0]

    assert "conventions.rounding: " in line
    assert "conventions.discounting: " in line


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({"search": "term_first"}, ("0.12", 60, "1428.09", "85685.70", "70897.59")),
        ({"search": "rate_first"}, ("0", 45, "1426.67", "64200.00", "55587.66")),
    ],
    ids=["term first", "rate first"],
)
def test_the_worked_comparison_of_fixed_orders(
    tmp_path: Path, changes: dict[str, Any], point: tuple[Any, ...]
) -> None:
    folder = _folder(tmp_path, "frontier", "terms", changes)
    document = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    names = ("annual_rate", "periods", "payment", "total_paid", "present_value")
    document["cases"][0]["expected"] = {
        "points": [dict(zip(names, point, strict=True))],
        "assert": [{"field": "points", "tolerance": "0"}],
    }
    (folder / "case.json").write_text(json.dumps(document), encoding="utf-8")

    assert run_folder(folder).summary == "1 passed, 0 failed, 0 skipped"


def test_the_gap_is_what_is_missing_a_month(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "frontier", "terms", {"search": "gap"})
    document = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    document["cases"][0]["expected"] = {
        "figures": {"payment": "1630.26", "gap": "180.26"},
        "assert": [{"field": "figures", "tolerance": "0"}],
    }
    (folder / "case.json").write_text(json.dumps(document), encoding="utf-8")

    assert run_folder(folder).summary == "1 passed, 0 failed, 0 skipped"
