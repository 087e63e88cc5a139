"""`choose --joint`: the parts of one payment, recorded debt by debt."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.agreed_rows import rows_of
from tests.cli.conftest import Ran, Run, staffed_store
from tests.people import COLLECTOR, LEAD

CASE = "S09-several-debts"
CARD, LOAN = "S09-C1", "S09-L1"
Sample = Callable[[str], Path]
Choose = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path, run: Run, sample: Sample) -> Path:
    """Return a store with a collector, a lead, and the case."""
    path = tmp_path / "store.db"
    staffed_store(path, COLLECTOR, LEAD)
    assert run("--store", path, "--as", "wu.hao", "import", sample(CASE)).code == 0
    return path


@pytest.fixture
def choose(run: Run, store: Path) -> Choose:
    """Return a function that chooses a plan of the case as its collector."""

    def choose(*options: object, lang: str = "en") -> Ran:
        return run("--store", store, "--as", "wu.hao", "choose", CASE, *options, lang=lang)

    return choose


SAID = ("--recording", "REC-1", "--said-all")


def approve(run: Run, store: Path) -> None:
    (waiting,) = json.loads(run("--store", store, "--as", "li.na", "pending", "--json").out)
    done = run("--store", store, "--as", "li.na", "approve", CASE, "--code", waiting["code"])
    assert done.code == 0, done.err


def test_both_parts_go_through_the_command_line(
    run: Run, store: Path, sample: Sample, choose: Choose, tmp_path: Path
) -> None:
    joint = json.loads(run("joint", sample(CASE), "--by", "rate", "--json").out)

    first = choose("--joint", "rate", "--debt", CARD, *SAID)
    assert first.code == 0, first.err
    assert "Still to be chosen for the same payment" in first.out
    assert LOAN in first.out.splitlines()[-1]
    approve(run, store)
    second = choose("--joint", "rate", "--debt", LOAN, *SAID, "--json")
    assert second.code == 0, second.err
    approve(run, store)

    told = json.loads(second.out)
    assert told["parts_left"] == []
    shown = run("--store", store, "--as", "li.na", "show", CASE).out
    for other in (CARD, LOAN):
        assert (
            f"One part of a payment of at most CNY 2,289.00 a month, shared with {other}." in shown
        )
    assert told["named_in"] in first.out
    rows = {
        LOAN: rows_of(told["agreement"]),
        CARD: rows_of(exported(run, store, CARD, tmp_path)),
    }
    for plan in joint["plans"]:
        assert rows[plan["debt_id"]] == plan["rows"]
    for month in joint["months"]:
        paid = [each[month["number"] - 1 :][:1] for each in rows.values()]
        assert sum(Decimal(row["payment"]) for rest in paid for row in rest) == Decimal(
            month["payment"]
        )


def exported(run: Run, store: Path, debt_id: str, folder: Path) -> dict[str, Any]:
    """Return the agreement about a debt from its file for checking, which verifies."""
    lead = ("--store", store, "--as", "li.na")
    done = run(*lead, "export", CASE, "--debt", debt_id, "--format", "json", "-o", folder / debt_id)
    assert done.code == 0, done.err
    path = Path(done.out.strip())
    assert run("verify", path).code == 0
    agreement: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["agreement"]
    return agreement


def test_an_export_names_the_plan_that_waits_beside_what_it_wrote(
    run: Run, store: Path, choose: Choose, tmp_path: Path
) -> None:
    first = json.loads(choose("--joint", "rate", "--debt", CARD, *SAID, "--json").out)
    approve(run, store)
    second = json.loads(choose("--joint", "rate", "--debt", LOAN, *SAID, "--json").out)
    in_force, waits = (each["agreement"]["number"] for each in (first, second))
    how = ("--store", store, "--as", "li.na", "export", CASE, "--format", "json", "-o", tmp_path)

    told = {lang: run(*how, lang=lang) for lang in ("en", "zh")}
    draft = run(*how, "--number", waits)

    assert Path(told["en"].out.strip()).name == f"{in_force}.json"
    assert f"{waits} waits for approval and was not written" in told["en"].err
    assert f"{waits}正在等待审批" in told["zh"].err
    assert Path(draft.out.strip()).name == f"{waits}.json"
    assert "every page says DRAFT" in draft.err
    assert "was not written" not in draft.err


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", f"One part of a payment of at most CNY 2,289.00 a month, shared with {LOAN}."),
        ("zh", f"本方案是一笔合并月供的一部分，该月供每月最多 CNY 2,289.00，与 {LOAN} 共同分配。"),
    ],
)
def test_without_said_all_the_payment_and_the_lines_are_shown(
    choose: Choose, lang: str, said: str
) -> None:
    ran = choose("--joint", "order", "--debt", CARD, lang=lang)

    assert ran.code == 1
    assert ran.out.startswith(said)
    # What is read to the borrower is in the language of the case.
    assert "[ ] 它是您每月还款的一部分：您的所有方案合计，一个月最多还2,289.00元。" in ran.out


def test_the_dials_of_one_debt_are_refused_beside_a_shared_payment(choose: Choose) -> None:
    dials = {
        "--payments": "24",
        "--down": "100.00",
        "--due-day": "20",
        "--first": "2026-12-20",
        "--plan": "1",
    }

    ran = choose(
        "--joint", "equal", "--debt", CARD, *(each for dial in dials.items() for each in dial)
    )

    assert ran.code == 3
    for option in dials:
        assert f"{option}: leave it out: with --joint the terms follow" in ran.err


def test_how_money_flows_is_no_question_to_a_plan_of_its_own(choose: Choose) -> None:
    ran = choose("--no-flow")

    assert ran.code == 3
    assert "say with --joint how one payment is shared" in ran.err


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "CNY 400.00 was dialed. 732.83 a month is missing"), ("zh", "每月还差732.83")],
)
def test_what_is_missing_is_said(choose: Choose, lang: str, said: str) -> None:
    ran = choose("--joint", "order", "--debt", CARD, "--monthly", "400", lang=lang)

    assert ran.code == 1
    assert said in ran.err


def test_a_sum_that_is_not_carried_is_for_the_lead_to_allow(choose: Choose) -> None:
    asked = ("--joint", "order", "--debt", CARD, "--monthly", "9000", *SAID)

    assert "This plan needs approval." in choose(*asked).err
    recorded = choose(*asked, "--reason", "reduced_income", "--json")
    assert recorded.code == 0, recorded.err
    agreement = json.loads(recorded.out)["agreement"]
    assert agreement["affordability"]["verdict"] == "unaffordable"
    asks = {each["test"] for each in agreement["findings"] if each["effect"] == "approval"}
    assert asks == {"verdict_allowed"}


def test_a_tampered_part_is_named_by_verify(
    run: Run, store: Path, choose: Choose, tmp_path: Path
) -> None:
    choose("--joint", "order", "--debt", CARD, *SAID)
    lead = ("--store", store, "--as", "li.na")
    done = run(*lead, "export", CASE, "--format", "json", "-o", tmp_path / "out")
    path = Path(done.out.strip())
    evidence = json.loads(path.read_text(encoding="utf-8"))
    evidence["agreement"]["joint"]["others"][0]["summary"]["total"] = "1.00"
    path.write_text(json.dumps(evidence), encoding="utf-8")

    ran = run("verify", path)

    assert ran.code == 1
    assert "joint.others[0].summary.total" in ran.out + ran.err
