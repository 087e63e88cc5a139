"""The pack an approval stands on: which one it has to be, and what is asked under it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.desks import CASE, case_named, desk_at, drawn_up, lead, memory_store, send
from tests.people import LEAD, NOW
from tests.staffing import signing_by

from plan_assistant.adapters.policies import PackagedPolicies, shipped_pack
from plan_assistant.domain.errors import PolicyTightened, TransitionRefused
from plan_assistant.domain.events import Receipt, RequestKey
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import CaseRecord, Status, fold
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.bulk import approve_all
from plan_assistant.services.desk import Desk
from plan_assistant.services.open_case import open_case
from plan_assistant.wording.problems import failure_sentence

KEY = RequestKey("decision")
_UNTOUCHED = Wishes()
_HEAD = """\
format = "plan-assistant/policy@1"
pack = "{pack}"
extends = "{extends}"
version = "{version}"
title = {{ en = "My card", zh = "我行信用卡" }}
"""


def _packs(
    folder: Path, *, pack: str = "my-card", extends: str = "cn-card", version: str, more: str = ""
) -> Path:
    """Put a pack of the lender into a folder, beside those that are there already."""
    folder.mkdir(exist_ok=True)
    head = _HEAD.format(pack=pack, extends=extends, version=version)
    (folder / f"{pack}.toml").write_text(head + more, encoding="utf-8")
    return folder


def _with(desk: Desk, folder: Path | None) -> Desk:
    return replace(desk, policies=PackagedPolicies(folder=folder))


def _recorded(store: Store, folder: Path | None, wishes: Wishes = _UNTOUCHED) -> None:
    """Let a plan wait that was made in a call under the packs of a folder."""
    desk = _with(desk_at(store), folder)
    open_case(desk, case_named(CASE), RequestKey("open"))
    state = negotiate.what_if(negotiate.begin(desk, CASE), wishes)
    made = drawn_up(desk, state)
    send(desk, made, version=len(store.events(CASE)))


def _state(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def _approve(store: Store, folder: Path | None, days_later: int = 0) -> Receipt:
    (waiting,) = decide.pending(lead(store))
    signing = signing_by(store, LEAD)
    return decide.approve(
        _with(desk_at(store, LEAD), folder),
        CASE,
        fingerprint=waiting.fingerprint,
        version=waiting.version,
        key=KEY,
        signing=replace(signing, at=signing.at + timedelta(days=days_later)),
    )


def _refused(store: Store, folder: Path | None, days_later: int = 0) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        _approve(store, folder, days_later)
    assert _state(store).status is Status.PENDING
    return refused.value


@pytest.fixture
def store() -> Store:
    return memory_store()


# --- which pack it has to be
def test_a_lead_without_the_lenders_packs_does_not_approve_under_the_shipped_one(
    store: Store, tmp_path: Path
) -> None:
    _recorded(store, _packs(tmp_path / "packs", version="1"))

    refused = _refused(store, None)

    assert refused.code == "pack_is_another"
    english, chinese = (failure_sentence(refused, language) for language in ("en", "zh"))
    for said in (english, chinese):
        assert "my-card 1" in said
        assert "cn-card 2026.11.1" in said
        assert "--policies" in said
    assert "政策包" in chinese


def test_the_pack_of_the_call_lets_the_plan_through(store: Store, tmp_path: Path) -> None:
    folder = _packs(tmp_path / "packs", version="1")
    _recorded(store, folder)

    _approve(store, folder)

    assert _state(store).status is Status.APPROVED


def test_a_newer_version_and_a_pack_that_extends_it_let_the_plan_through(
    store: Store, tmp_path: Path
) -> None:
    _recorded(store, _packs(tmp_path / "then", version="1"))
    now = _packs(tmp_path / "now", version="2")
    _packs(now, pack="my-branch", extends="my-card", version="1")

    _approve(store, now)

    policy = store.events(CASE)[-1].body["policy"]
    assert isinstance(policy, dict)
    assert (policy["pack"], policy["version"]) == ("my-branch", "1")


def test_an_older_version_of_the_pack_approves_nothing(store: Store, tmp_path: Path) -> None:
    _recorded(store, _packs(tmp_path / "then", version="10"))

    refused = _refused(store, _packs(tmp_path / "now", version="9"))

    assert refused.code == "pack_is_older"
    for language in ("en", "zh"):
        said = failure_sentence(refused, language)
        assert "my-card 9" in said
        assert "10" in said


def test_several_at_once_are_refused_one_by_one_in_the_same_words(
    store: Store, tmp_path: Path
) -> None:
    _recorded(store, _packs(tmp_path / "packs", version="1"))
    plans = tuple(replace(plan, needs_approval=("R-1",)) for plan in decide.pending(lead(store)))

    (outcome,) = approve_all(
        _with(desk_at(store, LEAD), None), plans, keys={CASE: KEY}, signing=signing_by(store, LEAD)
    )

    assert isinstance(outcome.refusal, TransitionRefused)
    assert outcome.refusal.code == "pack_is_another"


# --- what is asked under it again
def _payments(store: Store) -> int:
    (waiting,) = decide.pending(lead(store))
    plan: Any = waiting.agreement["plan"]
    return int(plan["summary"]["payments"])


def _tightened(store: Store, folder: Path, days_later: int = 0) -> PolicyTightened:
    refused = _refused(store, folder, days_later)
    assert isinstance(refused, PolicyTightened)
    return refused


def _said(refused: PolicyTightened) -> tuple[str, str]:
    english, chinese = (failure_sentence(refused, language) for language in ("en", "zh"))
    return english, chinese


def test_a_lever_that_was_closed_since_makes_the_approval_fail_with_its_limit(
    store: Store, tmp_path: Path
) -> None:
    _recorded(store, _packs(tmp_path / "then", version="1"))
    payments = _payments(store)
    now = _packs(tmp_path / "now", version="2", more=f"[space]\nmax_periods = {payments - 1}\n")

    refused = _tightened(store, now)

    assert [(one.name, one.limit, one.actual) for one in refused.closed] == [
        ("max_periods", payments - 1, payments)
    ]
    assert (refused.findings, refused.unread) == ((), ())
    english, chinese = _said(refused)
    assert english.startswith(
        "Under the rules of today (my-card 2) this plan cannot be approved as it is. Return it"
    )
    assert f"most payments ({payments - 1}); the plan has {payments}." in english
    assert f"最多期数（{payments - 1}），方案为{payments}。" in chinese


def test_levers_are_measured_from_the_day_on_which_the_plan_was_recorded(
    store: Store, tmp_path: Path
) -> None:
    late = Wishes(first_due=NOW.date() + timedelta(days=45))
    _recorded(store, _packs(tmp_path / "then", version="1"), late)
    more = "[space]\nfirst_payment_max_days = 44\n"

    refused = _tightened(store, _packs(tmp_path / "now", version="2", more=more), days_later=2)

    assert [(one.name, one.actual) for one in refused.closed] == [("first_payment_max_days", 45)]


def test_a_disclosure_that_nobody_read_makes_the_approval_fail_with_its_name(
    store: Store, tmp_path: Path
) -> None:
    then = _packs(tmp_path / "then", version="1")
    _recorded(store, then)
    ids = (*shipped_pack("cn-card").disclosures, "credit_report")
    now = _packs(tmp_path / "now", version="2", more=f"disclosures = {list(ids)}\n")

    refused = _tightened(store, now)

    assert refused.unread == ("credit_report",)
    assert (refused.findings, refused.closed) == ((), ())
    for said in _said(refused):
        assert "my-card 2" in said
        assert "credit report" in said
        assert "identity" not in said


def test_everything_that_stands_in_the_way_is_said_at_once(store: Store, tmp_path: Path) -> None:
    _recorded(store, _packs(tmp_path / "then", version="1"))
    ids = (*shipped_pack("cn-card").disclosures, "credit_report")
    rule = (
        '[[rules]]\nid = "MY-1"\ntest = "longest_term"\neffect = "block"\n'
        'parameters = { months = 3 }\ncitation = "credit committee"\nconfidence = "design"\n'
        'title = { en = "Longest term", zh = "最长期限" }\n'
    )
    more = f"disclosures = {list(ids)}\n[space]\nmax_periods = {_payments(store) - 1}\n{rule}"

    refused = _tightened(store, _packs(tmp_path / "now", version="2", more=more))

    english, _chinese = _said(refused)
    for part in ("because of: MY-1", "most payments", "credit report", "3 months"):
        assert part in english
