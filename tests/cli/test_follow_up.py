"""Sign, post, broken and reopen as a person or a script uses them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, Json, NewEvent
from plan_assistant.domain.record import fold
from plan_assistant.services.keys import new_key
from plan_assistant.wording.words import LANGUAGES
from tests.cli.conftest import Run, staffed_store
from tests.desks import CASE, approve, lead, waiting
from tests.people import COLLECTOR, LEAD, NOW

_DAY = NOW.date().isoformat()


@pytest.fixture
def approved(tmp_path: Path) -> tuple[str, str]:
    """A store with the usual agreement in force; return its path and the agreement's code."""
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR, LEAD)
    store = bootstrap.open_store(str(path))
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=new_key())
    store.close()
    return str(path), f"{fingerprint[:4]}-{fingerprint[4:8]}".upper()


def test_an_agreement_is_signed_paid_and_told_in_both_languages(
    run: Run, approved: tuple[str, str], tmp_path: Path
) -> None:
    store, code = approved
    collector = ("--store", store, "--as", COLLECTOR.name)
    paper = tmp_path / "signed.pdf"
    paper.write_bytes(b"signed")

    signed = run(
        *collector, "sign", CASE, "--code", code, "--on", _DAY, "--by", "borrower", "--by",
        "lender", "--file", paper, "--json",
    )  # fmt: skip
    posted = run(*collector, "post", CASE, "1000", "--on", _DAY, "--reference", "BANK-77", "--json")

    agreement = json.loads(signed.out)["agreement"]
    assert (signed.code, agreement["state"]) == (0, "signed")
    assert agreement["signed"]["file_sha256"] == sha256(b"signed").hexdigest()
    agreement = json.loads(posted.out)["agreement"]
    assert (agreement["paid"], agreement["total"]) == ("1000.00", "56285.34")
    assert agreement["owed"] == "55285.34"
    assert agreement["payments"][0]["split"] == {"installments": [], "ahead": "1000.00"}
    assert "BANK-77" not in posted.out + posted.err
    for lang, words in (
        ("en", ("signed", "paid 1,000.00", "payment of")),
        ("zh", ("已签署", "已付1,000.00", "收到款项")),
    ):
        told = run(*collector, "show", CASE, lang=lang).out
        assert all(word in told for word in words), told
        assert "BANK-77" not in told
    (row,) = json.loads(run(*collector, "queue", "--json").out)
    assert row["agreements"][0]["paid"] == "1000.00"
    assert row["agreements"][0]["next"] == {"number": 1, "due": "2026-12-15", "amount": "1558.43"}
    assert "signed" in run(*collector, "queue").out


def test_a_plan_is_repaid_early_for_what_the_program_says(
    run: Run, approved: tuple[str, str]
) -> None:
    """On the first day nothing has accrued: 45,000.00 of principal and 3,250.00 of old charges."""
    store, _code = approved
    collector = ("--store", store, "--as", COLLECTOR.name)

    asked = json.loads(run(*collector, "payoff", CASE, "--on", _DAY, "--json").out)
    told = {lang: run(*collector, "payoff", CASE, "--on", _DAY, lang=lang) for lang in ("en", "zh")}
    posted = run(
        *collector, "post", CASE, asked["payoff"], "--on", _DAY, "--reference", "B-1", "--json"
    )

    assert asked["payoff"] == "48250.00"
    assert asked["components"] == {
        "principal": "45000.00", "interest": "0.00", "fee": "0.00", "arrears": "3250.00",
    }  # fmt: skip
    assert (asked["left"], asked["saved"]) == ("56285.34", "8035.34")
    for lang, words in (
        ("en", ("takes CNY 48,250.00", "old interest and charges 3,250.00", "saves 8,035.34")),
        ("zh", ("应付CNY 48,250.00", "可少付8,035.34")),
    ):
        assert told[lang].code == 0
        assert all(word in told[lang].out for word in words), told[lang].out
    agreement = json.loads(posted.out)["agreement"]
    assert (agreement["state"], agreement["owed"]) == ("kept", "0.00")
    early = {"day": _DAY, "saved": "8035.34", "overpaid": "0.00", "follows": True}
    assert agreement["ended"] == {"outcome": "kept", "by": COLLECTOR.name, "early": early}
    shown = run(*collector, "show", CASE).out
    assert "saved 8,035.34 of interest and fees" in shown
    assert "repaid early, by" in shown
    again = run(*collector, "payoff", CASE, "--number", agreement["number"])
    assert (again.code, "is over" in again.err) == (1, True)


def test_an_early_end_that_was_written_without_the_money_is_told(
    run: Run, approved: tuple[str, str]
) -> None:
    store, _code = approved
    opened = bootstrap.open_store(store)
    (item,) = fold(opened.events(CaseId(CASE))).agreements
    early: Json = {"saved": "8035.34", "overpaid": "0.00"}
    named = {"number": item.plan.number, "fingerprint": item.plan.fingerprint}
    opened.append(
        CaseId(CASE),
        [NewEvent(EventType.KEPT, {**named, "day": _DAY, "early": early})],
        actor=COLLECTOR,
        at=NOW,
        expected_version=3,
        key=new_key(),
    )
    opened.close()
    collector = ("--store", store, "--as", COLLECTOR.name)

    english, chinese = (run(*collector, "show", CASE, lang=lang).out for lang in ("en", "zh"))
    (agreement,) = json.loads(run(*collector, "show", CASE, "--json").out)["agreements"]

    assert "its payments do not come to that. Tell your auditor." in english
    assert "请告知审计员" in chinese
    assert agreement["ended"]["early"]["follows"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("post", "T-1", "100", "--on", "2026-11-01", "--reference", "R"), 1, "starts on"),
        (("post", "T-1", "0", "--on", "2026-11-20", "--reference", "R"), 1, "more than zero"),
        (("post", "T-1", "1.234", "--on", "2026-11-20", "--reference", "R"), 3, "amount"),
        (("post", "T-1", "1", "--on", "2026-11-20"), 2, "--reference"),
        (("kept", "T-1"), 1, "still asks for"),
        (("payoff", "T-1", "--on", "2026-11-01"), 1, "starts on"),
        (("payoff", "T-1", "--on", "soon"), 2, "soon"),
        (("kept", "T-1", "--number", "AG-9"), 1, "no agreement AG-9"),
        (("reopen", "T-1", "--reason", "health"), 1, "role"),
        (
            ("sign", "T-1", "--code", "0000-0000", "--on", "2026-11-20", "--by", "lender"),
            1,
            "0000-0000",
        ),
    ],
    ids=[
        "before the start",
        "nothing",
        "not an amount",
        "no reference",
        "not kept yet",
        "repaid before the start",
        "no day",
        "another number",
        "a collector reopens",
        "another paper",
    ],
)
def test_what_may_not_be_recorded_ends_in_a_sentence_and_its_exit_code(
    run: Run, approved: tuple[str, str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run("--store", approved[0], "--as", COLLECTOR.name, *arguments)

    assert (ran.code, words in ran.err) == (code, True), ran.err
    assert len(_events(approved[0])) == 3


def test_a_payment_of_everything_keeps_the_plan_and_a_lead_opens_the_case_again(
    run: Run, approved: tuple[str, str]
) -> None:
    store, _code = approved
    collector, boss = (
        ("--store", store, "--as", COLLECTOR.name),
        ("--store", store, "--as", "li.na"),
    )

    paid = run(*collector, "post", CASE, "56285.34", "--on", _DAY, "--reference", "R1")
    silent = {
        lang: run(*boss, "reopen", CASE, "--reason", "other", lang=lang) for lang in LANGUAGES
    }
    again = run(*boss, "reopen", CASE, "--reason", "new_proposal", "--json")

    assert paid.code == 0
    assert "AG-1: kept; paid 56,285.34" in paid.out
    for told in silent.values():
        assert (told.code, told.out, "--sentence" in told.err) == (1, "", True), told.err
    assert (again.code, json.loads(again.out)["status"]) == (0, "open")
    for lang, words in (
        ("en", ("AG-1", "56285.34", "20 Nov 26", "with the balances of today")),
        ("zh", ("AG-1", "56285.34", "2026-11-20", "新的案件编号")),
    ):
        told = run(*collector, "choose", CASE, "--plan", "1", "--said-all", lang=lang)
        assert told.code == 1
        assert all(word in told.err for word in words), told.err


def test_a_lead_ends_an_agreement_that_was_never_signed(
    run: Run, approved: tuple[str, str]
) -> None:
    store, code = approved
    collector, boss = (
        ("--store", store, "--as", COLLECTOR.name),
        ("--store", store, "--as", "li.na"),
    )
    ask = ("broken", CASE, "--code", code, "--reason", "refuses", "--notice", _DAY)

    broken = {lang: run(*boss, *ask, lang=lang) for lang in LANGUAGES}
    wrong = run(*boss, "reopen", CASE, "--reason", "health", "--number", "AG-1")
    other = run(*boss, "reopen", CASE, "--reason", "never_signed", "--number", "AG-9")
    ended = run(*boss, "reopen", CASE, "--reason", "never_signed", "--json")

    for told in broken.values():
        assert (told.code, "--reason never_signed" in told.err) == (1, True), told.err
    assert (wrong.code, "--reason never_signed" in wrong.err) == (2, True)
    assert (other.code, "no agreement AG-9" in other.err) == (1, True)
    assert (ended.code, json.loads(ended.out)["status"]) == (0, "open")
    for lang, state, over, why in (
        (
            "en",
            "AG-1: ended, never signed",
            "is over: ended, never signed",
            "agreement AG-1 ended, case reopened: the agreement was not signed",
        ),
        (
            "zh",
            "AG-1：未签署，已终止",
            "未签署，已终止",
            "协议AG-1已终止，案件重新开启：协议未签署",
        ),
    ):
        shown = run(*collector, "show", CASE, lang=lang).out
        assert state in shown
        assert why in shown
        posted = run(
            *collector, "post", CASE, "1", "--number", "AG-1", "--on", _DAY, "--reference", "R",
            lang=lang,
        )  # fmt: skip
        assert (posted.code, over in posted.err) == (1, True), posted.err
    (agreement,) = json.loads(run(*collector, "show", CASE, "--json").out)["agreements"]
    assert agreement["state"] == agreement["ended"]["outcome"] == "never_signed"
    again = run(*collector, "choose", CASE, "--plan", "1", "--said-all", "--recording", "REC-1")
    assert again.code == 0, again.err


def test_an_agreement_that_was_kept_is_exported_by_the_number_that_show_lists(
    run: Run, approved: tuple[str, str], tmp_path: Path
) -> None:
    collector = ("--store", approved[0], "--as", COLLECTOR.name)
    run(*collector, "post", CASE, "56285.34", "--on", _DAY, "--reference", "R1")
    (shown,) = json.loads(run(*collector, "show", CASE, "--json").out)["agreements"]
    how = ("export", CASE, "--format", "json", "-o", tmp_path)

    done = run(*collector, *how, "--number", shown["number"])
    english, chinese = (
        run(*collector, *how, "--number", "AG-9", lang=lang) for lang in ("en", "zh")
    )

    assert done.code == 0
    assert Path(done.out.strip()).name == "AG-1.json"
    assert (english.code, chinese.code) == (1, 1)
    assert "under the number AG-9. These do: AG-1." in english.err
    assert "AG-9" in chinese.err
    assert "AG-1" in chinese.err


def test_an_export_that_cannot_be_written_is_not_recorded(
    run: Run, approved: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    how = ("export", CASE, "--format", "json", "-o", tmp_path / "file" / "out")

    ran = run("--store", approved[0], "--as", COLLECTOR.name, *how)

    assert (ran.code, "could not be written" in ran.err) == (4, True), ran.err
    assert len(_events(approved[0])) == 3


def _events(store: str) -> tuple[object, ...]:
    opened = bootstrap.open_store(store)
    found = opened.events(CaseId("T-1"))
    opened.close()
    return found
