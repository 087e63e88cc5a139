"""`policy` as an administrator uses it: list, show, check, compare, run past decisions again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from plan_assistant.cli.policy_replay import replay
from plan_assistant.cli.session import Session
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import RequestKey
from plan_assistant.services import replay as replaying
from plan_assistant.services.open_case import open_case
from tests.cli.conftest import Run
from tests.desks import agreement, case_named, desk_at, send, waiting
from tests.domain.policy.lender import LENDER
from tests.packs import every_pack
from tests.people import AGENT, COLLECTOR
from tests.staffing import PASSWORD, give_password
from tests.stores import fresh_sqlite

Sample = Callable[[str], Path]


@pytest.fixture
def lenders(tmp_path: Path) -> Path:
    """A folder with a lender's own card pack."""
    folder = tmp_path / "packs"
    folder.mkdir()
    folder.joinpath("my-bank.toml").write_text(LENDER, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("lang", "word"), [("en", "confirm with counsel"), ("zh", "须由法务确认")])
def test_without_a_name_every_pack_is_listed(run: Run, lang: str, word: str) -> None:
    ran = run("policy", "show", lang=lang)

    assert ran.code == 0
    assert all(f"{pack.pack} {pack.version}" in ran.out for pack in every_pack())
    assert word in ran.out


def test_a_pack_is_shown_with_its_sources_and_what_counsel_should_confirm(run: Run) -> None:
    said = run("policy", "show", "cn-card").out

    assert "商业银行信用卡业务监督管理办法 (银监会令2011年第2号) Art.70" in said
    assert "Made of generic, cn, cn-card" in said
    rule = said[said.index("CN-CARD-16  ") :].split("\n\n")[0]
    assert "Confirm with counsel." in rule
    verified = said[said.index("CN-CARD-02  ") :].split("\n\n")[0]
    assert "Confirm with counsel." not in verified
    assert "CN-LOAN-06" not in said  # a rule for other products


def test_json_of_a_pack_holds_every_rule(run: Run) -> None:
    listed = json.loads(run("policy", "show", "--json").out)
    shown = json.loads(run("policy", "show", "uk", "--json").out)

    assert [item["pack"] for item in listed] == [pack.pack for pack in every_pack()]
    assert shown["space"]["max_periods"] == 72
    assert {"UK-02", "DES-01"} <= {rule["id"] for rule in shown["rules"]}


def test_a_sound_pack_is_fine_and_an_unknown_one_is_named(run: Run, lenders: Path) -> None:
    assert run("policy", "check", lenders / "my-bank.toml").code == 0
    assert run("policy", "check").code == 0
    ran = run("policy", "show", "cn-crad")

    assert ran.code == 3
    assert "cn-card" in ran.err


@pytest.mark.parametrize(("lang", "line"), [("en", "line 9"), ("zh", "第9行")])
def test_all_that_is_wrong_is_said_with_lines(
    run: Run, lenders: Path, lang: str, line: str
) -> None:
    path = lenders / "my-bank.toml"
    path.write_text(
        LENDER.replace("max_periods = 48", "max_periods = 72").replace(
            'version = "1"', 'version = "1"\nremove_rules = ["CN-CARD-02"]'
        ),
        encoding="utf-8",
    )

    ran = run("policy", "check", path, lang=lang)

    assert ran.code == 3
    assert ran.out == ""
    assert "rules.CN-CARD-02" in ran.err
    assert "60" in ran.err
    assert "72" in ran.err
    assert line.replace("9", "10") in ran.err
    as_json = json.loads(run("policy", "check", path, "--json").out)
    assert {(item["line"], item["path"]) for item in as_json["problems"]} == {
        (10, "space.max_periods"),
        (6, "rules.CN-CARD-02"),
    }


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["tightened: most payments 60 -> 48", "added: MY-1  Four years", "0 loosened"]),
        ("zh", ["收紧：最多期数 60 -> 48", "新增：MY-1  四年", "放宽0项"]),
    ],
)
def test_two_packs_are_compared_in_words(
    run: Run, lenders: Path, lang: str, said: list[str]
) -> None:
    ran = run("policy", "diff", "cn-card", lenders / "my-bank.toml", lang=lang)

    assert ran.code == 0
    for sentence in said:
        assert sentence in ran.out


def test_the_other_way_round_it_loosens(run: Run, lenders: Path) -> None:
    changes = json.loads(run("policy", "diff", lenders / "my-bank.toml", "cn-card", "--json").out)[
        "changes"
    ]

    by_place = {change["place"]: change for change in changes}
    assert by_place["space.max_periods"]["direction"] == "looser"
    assert by_place["rules.MY-1"]["kind"] == "removed"
    assert by_place["rules.MY-1"]["before"]["parameters"] == {"months": 48}


def test_a_pack_without_differences_says_so(run: Run) -> None:
    assert "hold the same" in run("policy", "diff", "uk", "uk").out


def test_a_lenders_folder_decides_offers(run: Run, sample: Sample, lenders: Path) -> None:
    ran = run("--policies", lenders, "offers", sample("S01-job-loss"), "--json")

    answer = json.loads(ran.out)
    assert answer["policy"]["pack"] == "my-bank"
    assert all(offer["policy"] == answer["policy"] for offer in answer["offers"])
    assert all(offer["payments"] <= 48 for offer in answer["offers"])


def test_every_offer_says_how_well_its_rules_were_checked(run: Run, sample: Sample) -> None:
    case_file = sample("S07-loan-after-maturity")

    offers = json.loads(run("offers", case_file, "--json").out)["offers"]
    text = run("offers", case_file).out

    assert all(
        finding["confidence"] in {"verified", "secondary", "memory", "design"}
        for offer in offers
        for finding in offer["findings"]
    )
    assert "it is a restructuring of an overdue debt" in text


def test_a_case_that_no_pack_fits_names_the_packs(run: Run, sample: Sample) -> None:
    path = sample("S01-job-loss")
    path.write_text(
        path.read_text(encoding="utf-8").replace('"jurisdiction": "CN"', '"jurisdiction": "JP"'),
        encoding="utf-8",
    )

    refused, named = run("offers", path), run("offers", path, "--policy", "generic")

    assert refused.code == 3
    assert "cn-card" in refused.err
    assert "--policy" in refused.err
    assert named.code in {0, 1}
    assert named.err == ""


def decided(tmp_path: Path) -> Path:
    """Return a store with one recorded plan."""
    store = fresh_sqlite(tmp_path)
    waiting(store)
    for person in (COLLECTOR, AGENT):
        give_password(store, person)
    store.close()
    return tmp_path / "store.sqlite"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Recorded decisions that would change under my-bank 1: 1 of 1."),
        ("zh", "1项已记录决定中，有1项在my-bank 1下会改变。"),
    ],
)
def test_past_decisions_are_run_under_another_pack(
    run: Run, lenders: Path, tmp_path: Path, lang: str, said: str
) -> None:
    path = decided(tmp_path)
    strict = lenders / "my-bank.toml"
    strict.write_text(
        LENDER.replace("parameters = { months = 48 }", "parameters = { months = 3 }"),
        encoding="utf-8",
    )

    ours = ("--store", path, "--as", "wu.hao", "policy", "replay", "--against")
    same = run(*ours, "cn-card", "--json")
    ran = run(*ours, strict, lang=lang)
    answer = json.loads(run(*ours, strict, "--json").out)

    assert json.loads(same.out)["would_change"] == 0
    assert ran.code == 0
    assert said in ran.out
    assert "MY-1" in ran.out
    assert (answer["decisions"], answer["would_change"], answer["is_complete"]) == (1, 1, True)
    assert [finding["rule"] for finding in answer["changes"][0]["new"]] == ["MY-1"]


def test_past_decisions_are_for_those_who_may_see_the_cases(
    run: Run, lenders: Path, tmp_path: Path
) -> None:
    path = decided(tmp_path)
    replay = ("policy", "replay", "--against", "cn-card", "--json")

    agency = run("--store", path, "--as", "luo.bin", *replay)
    nobody = run("--store", path, *replay)
    unproven = run("--store", path, "--as", "wu.hao", *replay, password="another one entirely")

    answer = json.loads(agency.out)
    assert (agency.code, answer["cases"], answer["decisions"]) == (0, 0, 0)
    assert (nobody.code, nobody.out) == (2, "")
    assert (unproven.code, unproven.out) == (1, "")


def test_an_interrupted_run_says_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fresh_sqlite(tmp_path)
    waiting(store)
    give_password(store, COLLECTOR)
    second = CaseId("T-2")
    open_case(desk_at(store), case_named(second), RequestKey("two"))
    send(desk_at(store), agreement("AG-2", case_id=second), version=1, key="s2")
    real = replaying.replay_case

    def interrupted(*given: object) -> object:
        if given[2] == second:
            raise KeyboardInterrupt
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(replaying, "replay_case", interrupted)
    session = Session(str(tmp_path / "store.sqlite"), "wu.hao", "en", password=PASSWORD)
    ran = CliRunner().invoke(
        replay, ["--against", "cn-card", "--json"], obj=session, standalone_mode=False
    )
    session.close()
    store.close()

    answer = json.loads(ran.stdout)
    assert ran.return_value == 4
    assert (answer["is_complete"], answer["cases_done"], answer["cases"]) == (False, 1, 2)
    assert answer["decisions"] == 1


def test_the_schema_of_a_pack_is_published(run: Run) -> None:
    schema = json.loads(run("schema", "policy").out)

    assert {"extends", "jurisdictions", "products", "rules"} <= schema["properties"].keys()
