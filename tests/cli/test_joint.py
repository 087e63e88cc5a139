"""`joint`: one payment a month for all negotiated debts."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Sample = Callable[[str], Path]
METHODS = ("order", "rate", "balance", "equal")


@pytest.mark.parametrize("method", METHODS)
def test_the_parts_of_every_month_add_up_to_the_one_payment(
    run: Run, sample: Sample, method: str
) -> None:
    ran = run("joint", sample("S09-several-debts"), "--by", method, "--json")

    answer = json.loads(ran.out)
    assert ran.code == 0
    assert {plan["debt_id"] for plan in answer["plans"]} == {"S09-C1", "S09-L1"}
    for month in answer["months"]:
        payment = Decimal(month["payment"])
        assert payment == sum(map(Decimal, month["parts"].values()))
        assert payment <= Decimal(answer["affordable"])
    for plan in answer["plans"]:
        rows = sum(Decimal(row["payment"]) for row in plan["rows"])
        assert rows == Decimal(plan["total"])
    assert answer["verdict"] == "comfortable"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "When a debt is repaid, its money goes on to the others."),
        ("zh", "一笔债务还清后，原用于它的金额转给其余债务。"),
    ],
)
def test_what_becomes_of_the_money_is_said(run: Run, sample: Sample, lang: str, said: str) -> None:
    assert said in run("joint", sample("S09-several-debts"), lang=lang).out


def test_without_flowing_on_the_payment_falls(run: Run, sample: Sample) -> None:
    ran = run("joint", sample("S09-several-debts"), "--by", "rate", "--no-flow", "--json")

    months = [Decimal(month["payment"]) for month in json.loads(ran.out)["months"]]
    assert months[-1] < months[0]


def test_an_amount_that_is_too_small_hears_what_is_missing(run: Run, sample: Sample) -> None:
    case_file = sample("S09-several-debts")

    said, answer = (
        run("joint", case_file, "--monthly", "400.00", *form) for form in ((), ("--json",))
    )

    assert said.code == answer.code == 1
    assert "CNY 400.00 was dialed. 732.83 a month is missing" in said.out
    assert json.loads(answer.out)["gap"] == "732.83"


def test_an_amount_above_what_is_affordable_is_called_so(run: Run, sample: Sample) -> None:
    ran = run("joint", sample("S09-several-debts"), "--monthly", "4000.00")

    assert "The largest month asks for 335.00 more than the household can afford." in ran.out


def test_a_debt_without_any_installment_plan_has_no_joint_plan(run: Run, sample: Sample) -> None:
    ran = run("joint", sample("S10-deficit"))

    assert ran.code == 1
    assert "No plan of level payments at the contract's rate is open for debt S10-C1" in ran.err


@pytest.mark.parametrize("amount", ["0.00", "12.345", "many"])
def test_a_wrong_amount_is_refused(run: Run, sample: Sample, amount: str) -> None:
    ran = run("joint", sample("S09-several-debts"), "--monthly", amount)

    assert ran.code == 3
    assert ran.err
