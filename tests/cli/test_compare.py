"""`compare`: published waterfalls beside the offers."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Sample = Callable[[str], Path]


def test_waterfalls_stand_beside_the_offers(run: Run, sample: Sample) -> None:
    ran = run("compare", sample("S04-card-60-days"), "--json")

    answer = json.loads(ran.out)
    assert ran.code == 0
    assert answer["offers"]
    assert {item["waterfall"] for item in answer["waterfalls"]} == {
        "cn-card-60",
        "dcrs",
        "hmrc-time-to-pay",
    }
    assert {item["waterfall"] for item in answer["unanswered"]} == {
        "flex-2017",
        "flex-2024",
        "hamp",
        "irs-installment",
    }
    for item in (*answer["offers"], *answer["waterfalls"]):
        assert float(item["present_value"]) < float(item["total"])


def test_the_offers_are_those_of_the_search(run: Run, sample: Sample) -> None:
    case_file = sample("S04-card-60-days")

    offers = json.loads(run("offers", case_file, "--json").out)["offers"]
    compared = json.loads(run("compare", case_file, "--json").out)["offers"]

    assert [item["rows"] for item in compared] == [item["rows"] for item in offers]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Not relief: the payment rises by 193.46 (15.50 %) from 1,248.00."),
        ("zh", "并未减轻负担：月供由 1,248.00 增加 193.46（15.50%）。"),
    ],
)
def test_a_payment_that_rises_is_called_not_relief(
    run: Run, sample: Sample, lang: str, said: str
) -> None:
    assert said in run("compare", sample("S04-card-60-days"), lang=lang).out


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "the case does not say: gross monthly income"), ("zh", "案件中缺少：税前月收入")],
)
def test_a_missing_figure_is_named(run: Run, sample: Sample, lang: str, said: str) -> None:
    ran = run("compare", sample("S03-year-end-drop"), "--waterfall", "hamp", lang=lang)

    assert said in ran.out


def test_figures_of_the_home_are_given_as_options(run: Run, sample: Sample) -> None:
    ran = run(
        "compare", sample("S03-year-end-drop"), "--waterfall", "hamp", "--json",
        "--gross-income", "9000.00", "--housing-cost", "300.00", "--home-value", "70000.00",
    )  # fmt: skip

    (found,) = json.loads(ran.out)["waterfalls"]
    assert found["target_payment"] == "2490.00"
    assert found["is_target_met"] is True
    assert found["steps"][0]["step"] == "capitalise_arrears"
    assert found["left_out"] == "118.60"


def test_a_waterfall_of_ones_own_is_a_file(run: Run, sample: Sample, tmp_path: Path) -> None:
    shipped = resources.files("plan_assistant.policies") / "waterfalls" / "dcrs.toml"
    own = shipped.read_text(encoding="utf-8").replace("max_periods = 60", "max_periods = 6")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")

    ran = run("compare", sample("S04-card-60-days"), "--waterfall", "own.toml", "--json")

    (found,) = json.loads(ran.out)["waterfalls"]
    assert found["payments"] == 6
    assert found["is_target_met"] is False


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--waterfall", "tarot"), "there is no waterfall tarot"),
        (("--home-value", "12", "--modification-rate", "x"), "There are 2 problems"),
        (("--home-value", "-1.00"), "never below zero"),
        (("--discount-rate", "8%"), "--discount-rate"),
    ],
    ids=["unknown name", "two problems", "below zero", "percent sign"],
)
def test_wrong_options_are_refused_by_name(
    run: Run, sample: Sample, options: tuple[str, ...], said: str
) -> None:
    ran = run("compare", sample("S04-card-60-days"), *options)

    assert ran.code == 3
    assert ran.out == ""
    assert said in ran.err


def test_the_language_may_be_given_after_the_command(run: Run, sample: Sample) -> None:
    ran = run("compare", sample("S04-card-60-days"), "--lang", "zh")

    assert "这笔债务每月可负担" in ran.out


def _household(path: Path, **budget: object) -> Path:
    case = json.loads(path.read_text(encoding="utf-8"))
    case["budget"] |= budget
    path.write_text(json.dumps(case), encoding="utf-8")
    return path


def test_a_waterfall_that_runs_out_of_cash_is_judged_like_every_plan(
    run: Run, sample: Sample
) -> None:
    case = _household(sample("S08-seasonal-business"), cash="0.00")

    named = run("why-not", case, "--family", "extension", "--payments", "16").out
    (found,) = json.loads(run("compare", case, "--waterfall", "dcrs", "--json").out)["waterfalls"]

    assert "The household cannot carry it." in named
    assert found["payments"] == 16
    assert found["verdict"] == "unaffordable"


def test_a_waterfall_over_the_debt_service_ratio_is_judged_like_every_plan(
    run: Run, sample: Sample
) -> None:
    wage = {"label": "w", "amount": "3000.00", "every": "month", "reliability": "verified"}
    food = {"label": "f", "kind": "food", "amount": "1000.00", "every": "month", "is_proven": True}
    case = _household(sample("S04-card-60-days"), incomes=[wage], outgoings=[food], cash="0.00")
    alone = json.loads(case.read_text(encoding="utf-8"))
    alone["household"] = {"adults": 1, "children": 0, "is_rural": False}
    case.write_text(json.dumps(alone), encoding="utf-8")

    (found,) = json.loads(run("compare", case, "--waterfall", "dcrs", "--json").out)["waterfalls"]

    assert found["payment"] == "1775.44"
    assert found["verdict"] == "unaffordable"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "the total is 45,390.81, 2,546.73 more than the 42,844.08"),
        ("zh", "总额45,390.81，比现行合同的42,844.08多2,546.73"),
    ],
)
def test_a_total_that_rises_is_said_where_the_payment_falls(
    run: Run, sample: Sample, lang: str, said: str
) -> None:
    case = sample("S06-loan-before-maturity")

    assert said in run("compare", case, "--waterfall", "dcrs", lang=lang).out
