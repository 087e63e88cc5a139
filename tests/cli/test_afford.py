"""`afford` and what other commands say about a household, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plan_assistant.cli.boundary import INPUT_REFUSED
from plan_assistant.samples import sample_text
from tests.cli.conftest import Run, staffed_store
from tests.people import COLLECTOR

Sample = Callable[[str], Path]
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Change], Path]:
    """Return a function that writes the first sample with a change."""

    def write(change: Change) -> Path:
        case = json.loads(sample_text("S01-job-loss"))
        change(case)
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def gig_unknown(case: dict[str, Any]) -> None:
    case["budget"]["incomes"][2]["amount"] = {
        "low": "600.00",
        "likely": "2600.00",
        "high": "4000.00",
    }
    case["budget"]["outgoings"].append(
        {
            "label": "车贷",
            "kind": "secured_loan",
            "amount": "600.00",
            "every": "month",
            "until": "2027-04-30",
        }
    )


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            (
                "Likely: kept up with the likely figures",
                "Ask first for 网约车收入 (platform or gig work)",
                "Nothing else need be asked.",
                "From 1 May 2027 4,180.00 a month is to spare",
                "left over for one weighted head",
                "a person decides",
            ),
        ),
        (
            "zh",
            (
                "较稳",
                "请先问网约车收入",
                "不必再问",
                "自2027年5月1日起",
                "按权重计每人剩余",
                "由人来决定",
            ),
        ),
    ],
)
def test_afford_names_the_question_and_what_changes(
    run: Run, changed: Callable[[Change], Path], lang: str, sentences: tuple[str, ...]
) -> None:
    ran = run("afford", changed(gig_unknown), lang=lang)

    assert ran.code == 0
    assert all(sentence in ran.out for sentence in sentences)


def test_the_question_is_answered_by_putting_its_amount_into_the_file(
    run: Run, changed: Callable[[Change], Path]
) -> None:
    asked = json.loads(run("afford", changed(gig_unknown), "--json").out)["ask_first"]
    assert asked["settles"]

    def answered(amount: str) -> Change:
        def change(case: dict[str, Any]) -> None:
            gig_unknown(case)
            case["budget"]["incomes"][asked["index"]]["amount"] = amount

        return change

    answer = json.loads(run("afford", changed(answered(asked["enough"])), "--json").out)

    assert answer["ask_first"] is None
    assert answer["certainty"] is None
    assert answer["later"] == [
        {
            "from": "2027-05-01",
            "surplus": answer["later"][0]["surplus"],
            "affordable": answer["later"][0]["affordable"],
        }
    ]


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "Nothing is known of income"), ("zh", "收入和支出都还不清楚")]
)
def test_a_budget_without_any_figure_is_answered_with_a_sentence(
    run: Run, changed: Callable[[Change], Path], lang: str, sentence: str
) -> None:
    def empty(case: dict[str, Any]) -> None:
        case["budget"]["incomes"] = []
        case["budget"]["outgoings"] = []

    ran = run("afford", changed(empty), lang=lang)

    assert ran.code == 1
    assert sentence in ran.out


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "something is to spare"), ("zh", "家庭都有结余")]
)
def test_a_budget_of_nothing_but_ranges_asks_whether_anything_is_to_spare(
    run: Run, changed: Callable[[Change], Path], lang: str, sentence: str
) -> None:
    def open_figures(case: dict[str, Any]) -> None:
        for line in [*case["budget"]["incomes"], *case["budget"]["outgoings"]]:
            line["amount"] = {"low": "0.00", "likely": "0.00", "high": "300.00"}
        case["budget"]["incomes"][0]["amount"]["high"] = "30000.00"

    ran = run("afford", changed(open_figures), lang=lang)

    assert sentence in ran.out


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "is above the likely"), ("zh", "高于最可能值")]
)
def test_ranges_upside_down_are_refused_all_at_once(
    run: Run, changed: Callable[[Change], Path], lang: str, sentence: str
) -> None:
    def wrong(case: dict[str, Any]) -> None:
        for line in case["budget"]["incomes"]:
            line["amount"] = {"low": "9.00", "likely": "5.00", "high": "6.00"}

    ran = run("afford", changed(wrong), lang=lang)

    assert ran.code == 3
    assert ran.err.count(sentence) == 3


def test_statement_puts_every_line_into_its_group(run: Run, sample: Sample) -> None:
    out = run("afford", sample("S01-job-loss"), "--statement").out

    assert out.index("Income\n") < out.index("Fixed costs") < out.index("Flexible costs")
    assert "above the guide, ask why" in out


def test_willingness_comes_part_by_part_as_json(run: Run, sample: Sample) -> None:
    answer = json.loads(run("afford", sample("S01-job-loss"), "--json").out)

    seen = answer["willingness"]
    assert [part["sign"] for part in seen["parts"]] == [
        "contact",
        "promises",
        "payments",
        "evidence",
        "proposal",
    ]
    assert seen["points"] == sum(part["points"] or 0 for part in seen["parts"])
    assert seen["decided_by"] == "a person"


@pytest.mark.parametrize(("lang", "sentence"), [("en", "a person decides"), ("zh", "由人来决定")])
def test_show_explains_willingness(
    run: Run, sample: Sample, tmp_path: Path, lang: str, sentence: str
) -> None:
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR)
    at = ("--store", path, "--as", "wu.hao")
    run(*at, "import", sample("S01-job-loss"))

    out = run(*at, "show", "S01-job-loss", lang=lang).out

    assert sentence in out
    assert "willingness" in json.loads(run(*at, "show", "S01-job-loss", "--json").out)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_policy_shows_the_tables_it_stands_on(run: Run, lang: str) -> None:
    out = run("policy", "show", "cn-card", lang=lang).out

    assert "National Bureau of Statistics" in out
    assert "2025" in out


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "when income falls by 0.2 %."), ("zh", "收入下降0.2%时，将没有剩余。")],
)
def test_a_fall_of_less_than_a_tenth_is_named_with_one_decimal(
    run: Run, sample: Sample, lang: str, sentence: str
) -> None:
    assert sentence in run("afford", sample("S02-refuses-contact"), lang=lang).out


def half_year_earner(case: dict[str, Any]) -> None:
    months = ["0.00"] * 6 + ["20000.00"] * 6
    case["budget"]["incomes"] = [
        {
            "label": "民宿",
            "amount": "10000.00",
            "every": "month",
            "reliability": "verified",
            "by_month": months,
        }
    ]


def test_a_seasonal_household_whose_cash_runs_out_has_nothing_left_before_any_fall(
    run: Run, changed: Callable[[Change], Path]
) -> None:
    def without_cash(case: dict[str, Any]) -> None:
        half_year_earner(case)
        case["budget"]["cash"] = "0.00"

    ran = run("afford", changed(without_cash))

    assert "Nothing is left even if income stays as it is." in ran.out
    assert "Essentials 10 % dearer: the first offer is not kept up." in ran.out


def test_an_amount_below_zero_is_refused_for_its_sign(run: Run, sample: Sample) -> None:
    ran = run("offers", sample("S01-job-loss"), "--monthly", "-5")

    assert ran.code == INPUT_REFUSED
    assert "-5.00 is below zero; give an amount from 0.00 on" in ran.err


@pytest.mark.parametrize(
    ("lang", "words", "question"),
    [
        ("en", ("likely", "safe"), "Ask first for 网约车收入 (platform or gig work)"),
        ("zh", ("较稳", "稳妥"), "请先问网约车收入"),
    ],
)
def test_offers_say_of_each_how_far_it_stands_on_unknown_figures_and_what_to_ask(
    run: Run,
    changed: Callable[[Change], Path],
    lang: str,
    words: tuple[str, str],
    question: str,
) -> None:
    ran = run("offers", changed(gig_unknown), lang=lang)

    head = {"en": "Certainty", "zh": "把握"}[lang]
    (row,) = [line for line in ran.out.splitlines() if line.startswith(head)]
    assert set(row.split()[1:]) == set(words)
    assert question in ran.out


def test_offers_of_a_household_whose_figures_are_known_have_no_row_of_certainty(
    run: Run, sample: Sample
) -> None:
    ran = run("offers", sample("S01-job-loss"))

    assert "Certainty" not in ran.out
    assert "Ask first" not in ran.out
    assert "guide figures" not in ran.out


@pytest.mark.parametrize("command", ["offers", "afford"])
@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "ask before you make an offer"), ("zh", "提出方案前请先询问")]
)
def test_verdicts_on_guide_figures_alone_are_no_fact(
    run: Run, changed: Callable[[Change], Path], command: str, lang: str, sentence: str
) -> None:
    def without_outgoings(case: dict[str, Any]) -> None:
        case["budget"]["outgoings"] = []

    assert sentence in run(command, changed(without_outgoings), lang=lang).out


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "By the figures counted CNY 1,414.62 a month is missing"), ("zh", "按计入的数字")],
)
def test_what_an_unknown_budget_lacks_is_told_as_counted_and_not_as_known(
    run: Run, changed: Callable[[Change], Path], lang: str, sentence: str
) -> None:
    def empty(case: dict[str, Any]) -> None:
        case["budget"]["incomes"] = []
        case["budget"]["outgoings"] = []

    assert sentence in run("offers", changed(empty), lang=lang).out


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "en",
            "At most 26.75 % of the income of a month goes to this plan, and 26.75 % to all debts "
            "together.",
        ),
        ("zh", "单月还款最多占收入的26.75%，连同其他债务共占26.75%。"),
    ],
)
def test_what_a_plan_takes_of_the_income_is_said(
    run: Run, sample: Sample, lang: str, sentence: str
) -> None:
    assert sentence in run("afford", sample("S01-job-loss"), lang=lang).out


def test_ratios_and_the_fall_that_leaves_nothing_come_as_json(run: Run, sample: Sample) -> None:
    told = json.loads(run("afford", sample("S01-job-loss"), "--json").out)

    # 3,025.32 of 11,310.00 is paid; 1,154.68 is left over, no other debt takes a part.
    assert told["payment_to_income"] == told["debt_service_ratio"] == "0.267491"
    assert told["break_even_shock"] == "0.102094"
