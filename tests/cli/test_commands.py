"""Commands as a person or a script uses them, in a process of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from plan_assistant.domain.formats.canonical import fingerprint
from tests.agreed_rows import set_cell
from tests.cli.conftest import Run, staffed_store
from tests.people import AUDITOR, COLLECTOR, LEAD
from tests.staffing import PASSWORD

Sample = Callable[[str], Path]


@pytest.fixture
def staffed(tmp_path: Path) -> Path:
    """A store with a collector, a team lead and an auditor."""
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR, LEAD, AUDITOR)
    return path


def test_offers_of_a_file_come_as_one_json_document(run: Run, sample: Sample) -> None:
    ran = run("offers", sample("S01-job-loss"), "--json")

    answer = json.loads(ran.out)
    assert ran.code == 0
    assert 3 <= len(answer["offers"]) <= 5
    assert answer["policy"]["pack"] == "cn-card"
    assert all(offer["verdict"] == "comfortable" for offer in answer["offers"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_and_json_say_the_same_figures(run: Run, sample: Sample, lang: str) -> None:
    case_file = sample("S01-job-loss")
    figures = json.loads(run("offers", case_file, "--json").out)["offers"][0]

    text = run("offers", case_file, lang=lang).out

    for name in ("payment", "total", "added_cost"):
        units, decimals = figures[name].split(".")
        assert f"{int(units):,}.{decimals}" in text


def test_household_in_deficit_is_answered_no_with_advice(run: Run, sample: Sample) -> None:
    ran = run("offers", sample("S10-deficit"))

    assert ran.code == 1
    assert "DES-01-deficit" in ran.out


def test_dials_are_kept(run: Run, sample: Sample) -> None:
    ran = run("offers", sample("S01-job-loss"), "--monthly", "1800.00", "--due-day", "20", "--json")

    offers = json.loads(ran.out)["offers"]
    assert offers
    assert all(Decimal(offer["largest_payment"]) <= 1800 for offer in offers)


def test_each_negotiated_debt_gets_its_own_offers(run: Run, sample: Sample) -> None:
    case_file = sample("S09-several-debts")
    debts = [debt["debt_id"] for debt in json.loads(case_file.read_text(encoding="utf-8"))["debts"]]

    answers = [
        json.loads(run("offers", case_file, "--debt", one, "--json").out) for one in debts[:2]
    ]

    assert [answer["debt_id"] for answer in answers] == debts[:2]
    assert answers[0]["offers"][0]["total"] != answers[1]["offers"][0]["total"]


def test_refused_choice_leaves_nothing_in_the_record(
    run: Run, sample: Sample, staffed: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    run(*collector, "import", sample("S01-job-loss"))

    for wrong in ((), ("--recording", "R", "--reason", "xyz")):
        assert run(*collector, "choose", "S01-job-loss", "--said-all", *wrong).code == 1

    shown = json.loads(run(*collector, "show", "S01-job-loss", "--json").out)
    assert shown["version"] == 1


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "the down payment, now CNY 48,250.00"), ("zh", "首付")]
)
def test_refusals_speak_the_language_asked_for(
    run: Run, sample: Sample, lang: str, word: str
) -> None:
    ran = run("offers", sample("S01-job-loss"), "--down", "48250.00", lang=lang)

    assert ran.code == 3
    assert word in ran.err
    assert ("less than" in ran.err) is (lang == "en")


def test_case_of_a_day_to_come_is_refused(run: Run, sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "future.json"
    text = sample("S04-card-60-days").read_text(encoding="utf-8")
    raw = json.loads(text)
    raw["as_of"] = "2099-11-20"
    raw["debts"][0]["days_past_due"] += (date(2099, 11, 20) - date(2026, 11, 20)).days
    path.write_text(json.dumps(raw), encoding="utf-8")

    ran = run("offers", path)

    assert ran.code == 3
    assert "as_of" in ran.err


def test_wrong_dials_are_named_all_at_once(run: Run, sample: Sample) -> None:
    ran = run(
        "offers", sample("S01-job-loss"), "--monthly", "18e2", "--down", "5.555", "--payments", "3"
    )

    assert ran.code == 3
    assert {"--monthly", "--down", "--payments"} <= set(ran.err.replace(":", " ").split())


def test_whole_call_goes_through_the_command_line(
    run: Run, sample: Sample, staffed: Path, tmp_path: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    lead = ("--store", staffed, "--as", "li.na")
    case = "S01-job-loss"
    dials = ("--monthly", "1800.00", "--due-day", "20")

    assert run(*collector, "import", sample(case)).code == 0
    said = run(*collector, "choose", case, *dials)
    assert (said.code, "[ ]" in said.out) == (1, True)
    recorded = run(*collector, "choose", case, *dials, "--recording", "REC-1", "--said-all")
    assert recorded.code == 0, recorded.err
    waiting = json.loads(run(*lead, "pending", "--json").out)
    assert [plan["maker"] for plan in waiting] == ["wu.hao"]
    code = waiting[0]["code"]
    assert run(*collector, "approve", case, "--code", code).code == 1
    assert run(*lead, "approve", case, "--code", "0000-0000").code == 1
    assert run(*lead, "approve", case, "--code", code).code == 0
    exported = run(*lead, "export", case, "--lang", "zh", "-o", tmp_path / "out")
    assert exported.code == 0, exported.err
    files = [Path(line) for line in exported.out.split()]
    assert sorted(file.suffix for file in files) == [".json", ".pdf"]
    proof = next(file for file in files if file.suffix == ".json")
    verified = run("verify", proof)
    assert verified.code == 0
    key = json.loads(proof.read_text("utf-8"))["decided"]["body"]["signature"]["public_key"]
    assert f"made with the key {key}; whose key that is, the registry" in verified.out


def test_what_a_lead_returned_a_plan_for_is_shown_with_its_case(
    run: Run, sample: Sample, staffed: Path
) -> None:
    collector, lead, auditor = (
        ("--store", staffed, "--as", person.name) for person in (COLLECTOR, LEAD, AUDITOR)
    )
    case = "S01-job-loss"
    run(*collector, "import", sample(case))
    run(*collector, "choose", case, "--recording", "REC-1", "--said-all")
    (waiting,) = json.loads(run(*lead, "pending", "--json").out)

    returned = run(
        *lead, "return", case, "--code", waiting["code"], "--reason", "payment_too_low",
        "--sentence", "首期请提前。\x1b[2J",
    )  # fmt: skip
    shown = {lang: run(*collector, "show", case, lang=lang).out for lang in ("en", "zh")}
    masked = run(*auditor, "show", case)

    assert returned.code == 0, returned.err
    assert 'li.na  returned: The payment is too low. "首期请提前。\ufffd[2J"' in shown["en"]
    assert "li.na  已退回：还款额太低。“首期请提前。" in shown["zh"], shown["zh"]
    assert 'li.na  returned: The payment is too low. "***"' in masked.out
    assert f"wu.hao  plan recorded, {waiting['number']}" in shown["en"]


def test_verify_calls_a_draft_a_draft_and_believes_no_approval_written_into_it(
    run: Run, sample: Sample, staffed: Path, tmp_path: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    run(*collector, "import", sample("S01-job-loss"))
    run(*collector, "choose", "S01-job-loss", "--recording", "R", "--said-all")
    exported = run(*collector, "export", "S01-job-loss", "--format", "json", "-o", tmp_path)
    proof = Path(exported.out.strip())

    draft = run("verify", proof)

    assert draft.code == 0
    assert draft.out.startswith(f"{proof.name} is a draft: nobody has approved this plan.")

    evidence = json.loads(proof.read_text(encoding="utf-8"))
    sent, content = evidence["recorded"], evidence["fingerprint"]
    decided = {
        **{name: sent[name] for name in ("case_id", "at")},
        "event_id": "E",
        "version": sent["version"] + 1,
        "actor": "li.na",
        "role": "team_lead",
        "type": "approved",
        "body": {"fingerprint": content, "display_name": "x", "reason": None, "sentence": ""},
    }
    evidence["decided"] = {**decided, "sealed": {}, "sha256": fingerprint(decided)}
    evidence["approval"] = {"by": "x", "at": sent["at"], "fingerprint": content}
    proof.write_text(json.dumps(evidence), encoding="utf-8")

    forged = run("verify", proof)

    assert forged.code == 1
    assert forged.out == "decided.body.signature: nobody signed this approval\n"


def test_verify_names_the_first_cell_that_was_changed(
    run: Run, sample: Sample, staffed: Path, tmp_path: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    run(*collector, "import", sample("S01-job-loss"))
    run(*collector, "choose", "S01-job-loss", "--recording", "R", "--said-all")
    proof = next(
        Path(line)
        for line in run(*collector, "export", "S01-job-loss", "--format", "json").out.split()
    )
    proof = tmp_path / proof.name
    evidence = json.loads(proof.read_text(encoding="utf-8"))
    set_cell(evidence["agreement"], 3, "interest", "1.00")
    proof.write_text(json.dumps(evidence), encoding="utf-8")

    ran = run("verify", proof)
    in_chinese = run("verify", proof, lang="zh")

    assert ran.code == 1
    assert "plan.rows[3].interest" in ran.out
    # The hash is named first, then the cell; each in the reader's language.
    assert re.findall("[a-z]+ [a-z]+", ran.out)
    assert not re.findall("[a-z]+ [a-z]+", in_chinese.out), in_chinese.out
    assert [line.split(":")[0] for line in ran.out.splitlines()] == [
        re.split("[:：]", line)[0] for line in in_chinese.out.splitlines()
    ]


def test_import_is_all_or_nothing_and_repeatable(
    run: Run, sample: Sample, staffed: Path, tmp_path: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "plan-assistant/case@1"', encoding="utf-8")
    good = sample("S01-job-loss")

    refused = run(*collector, "import", good, broken)
    assert refused.code == 3
    assert "broken.json" in refused.err
    assert json.loads(run(*collector, "queue", "--json").out) == []
    assert run(*collector, "import", good).code == 0
    assert run(*collector, "import", good).code == 0
    assert len(json.loads(run(*collector, "queue", "--json").out)) == 1


def test_a_file_that_was_imported_before_is_told_apart_from_a_new_case(
    run: Run, sample: Sample, staffed: Path
) -> None:
    collector = ("--store", staffed, "--as", "wu.hao")
    known, new = sample("S01-job-loss"), sample("S04-card-60-days")
    first = run(*collector, "import", known)

    again = {lang: run(*collector, "import", known, lang=lang) for lang in ("en", "zh")}
    both = run(*collector, "import", known, new)

    assert first.out == "Imported: 1.\n"
    for ran in again.values():
        assert (ran.code, ran.err) == (0, "")
    assert again["en"].out == "1 case was here already; nothing of it was recorded again.\n"
    assert again["zh"].out == "1个案件已在库中，未重复记录。\n"
    assert both.code == 0
    assert both.out == f"Imported: 1.\n{again['en'].out}"


def test_dry_run_opens_no_store(run: Run, sample: Sample, tmp_path: Path) -> None:
    ran = run(
        "--store", tmp_path / "none.sqlite", "import", "--dry-run", sample("S04-card-60-days")
    )

    assert ran.code == 0
    assert not (tmp_path / "none.sqlite").exists()


def test_every_problem_of_a_file_has_its_own_line_with_its_path(
    run: Run, sample: Sample, tmp_path: Path
) -> None:
    case = json.loads(sample("S01-job-loss").read_text(encoding="utf-8"))
    case["debts"][0]["components"]["principal"] = "-1.00"
    case["debts"][0]["components"]["fee"] = "1.234"
    case["shoe_size"] = 44
    case["household"]["adults"] = 0
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(case), encoding="utf-8")

    ran = run("offers", path)

    lines = ran.err.strip().splitlines()
    assert ran.code == 3
    assert ran.out == ""
    for field in (
        "debts[0].components.principal",
        "debts[0].components.fee",
        "shoe_size",
        "household.adults",
    ):
        assert any(field in line for line in lines), ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"{", b"[" * 1_000_000, "卡".encode("utf-16"), b'{"a": NaN}', b"null"],
    ids=["empty", "binary", "truncated", "deep", "utf-16", "nan", "null"],
)
def test_broken_files_end_in_a_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "case.json"
    path.write_bytes(content)

    ran = run("offers", path)

    assert ran.code == 3
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def test_store_that_is_a_folder_is_a_sentence_and_exit_code_4(run: Run, tmp_path: Path) -> None:
    ran = run("--store", tmp_path, "--as", "wu.hao", "queue")

    assert ran.code == 4
    assert "Traceback" not in ran.err


def test_screens_without_a_terminal_say_what_to_do(run: Run, staffed: Path) -> None:
    ran = run("--store", staffed)

    assert ran.code == 2
    assert "terminal" in ran.err


def test_shipped_policy_is_shown_with_citations_and_counsel(run: Run) -> None:
    shown = run("policy", "show", "cn-card")

    assert shown.code == 0
    assert "CN-CARD-02" in shown.out
    assert "Confirm with counsel." in shown.out
    assert run("policy", "check").code == 0


@pytest.mark.parametrize("name", ["case", "terms", "policy", "golden-case"])
def test_schemas_are_json(run: Run, name: str) -> None:
    assert json.loads(run("schema", name).out)["type"] == "object"


def test_wrong_use_is_exit_code_2(run: Run) -> None:
    assert run("offers").code == 2
    assert run("no-such-command").code == 2


def test_new_store_says_how_to_add_the_first_person(run: Run, tmp_path: Path) -> None:
    store = ("--store", tmp_path / "new.sqlite")

    before = run(*store, "queue")
    added = run(
        *store, "staff", "add", "wu.hao", "collector", "--password-stdin", typed=f"{PASSWORD}\n"
    )

    assert before.code == 2
    assert "staff add" in before.err
    assert added.code == 0, added.err
    assert run(*store, "queue").code == 0
    assert json.loads(run(*store, "staff", "list", "--json").out) == [
        {
            "name": "wu.hao",
            "display_name": "wu.hao",
            "role": "collector",
            "team": "",
            "has_password": True,
        }
    ]


def test_role_of_a_person_cannot_be_changed(run: Run, staffed: Path) -> None:
    ran = run("--store", staffed, "staff", "add", "wu.hao", "team_lead")

    assert ran.code == 1
    assert "Traceback" not in ran.err
