"""Four eyes on the day: rules that tightened, live requests, counter-terms, several at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.desks import CASE, agreement, approve, case_named, desk_at, lead, send, waiting
from tests.people import AUDITOR, COLLEAGUE, COLLECTOR, LEAD, NOW, OTHER_LEAD
from tests.recording import close_call
from tests.sealing import sealer_for
from tests.staffing import signing_by

from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import InvalidTerms, PolicyTightened, TransitionRefused
from plan_assistant.domain.events import Account, EventType, Receipt, RequestKey
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import Status, fold
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.bulk import MOST, approve_all, require_bulk
from plan_assistant.services.decide import (
    PendingPlan,
    cancel,
    note_borrower_waits,
    pending,
    return_plan,
)
from plan_assistant.services.desk import Desk
from plan_assistant.services.export import export_agreement
from plan_assistant.services.open_case import open_case
from plan_assistant.wording.problems import failure_sentence

KEY = RequestKey("decision")
_PACK = """\
format = "plan-assistant/policy@1"
pack = "my-bank"
extends = "cn-card"
version = "{version}"
title = {{ en = "My bank", zh = "我行" }}
{start}

[[rules]]
id = "MY-1"
test = "longest_term"
effect = "{effect}"
{may_allow}
parameters = {{ months = {months} }}
citation = "credit committee"
confidence = "design"
title = {{ en = "Longest term", zh = "最长期限" }}
"""


def refusal(act: Callable[[], object]) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return refused.value


def _with_pack(
    desk: Desk, folder: Path, *, months: int, effect: str = "block", start: str = ""
) -> Desk:
    folder.mkdir(exist_ok=True)
    (folder / "my-bank.toml").write_text(
        _PACK.format(
            version="7",
            start=start,
            effect=effect,
            months=months,
            may_allow='may_allow = "team_lead"' if effect == "approval" else "",
        ),
        encoding="utf-8",
    )
    return replace(desk, policies=PackagedPolicies(folder=folder))


# --- the pack in force on the day of the approval
@pytest.mark.parametrize("effect", ["block", "approval"])
def test_a_pack_that_has_tightened_since_makes_the_approval_fail_with_the_rule(
    store: Store, tmp_path: Path, effect: str
) -> None:
    fingerprint = waiting(store)
    today = _with_pack(lead(store), tmp_path / "packs", months=3, effect=effect)

    with pytest.raises(PolicyTightened) as refused:
        approve(today, CASE, fingerprint=fingerprint, version=2, key=KEY)

    assert refused.value.detail == {"rules": "MY-1", "pack": "my-bank", "version": "7"}
    said = failure_sentence(refused.value, "en")
    assert "MY-1" in said
    assert "3 months" in said
    assert fold(store.events(CASE)).status is Status.PENDING
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)


def test_a_pack_that_is_as_strict_as_before_lets_the_plan_through(
    store: Store, tmp_path: Path
) -> None:
    fingerprint = waiting(store)
    today = _with_pack(lead(store), tmp_path / "packs", months=59)

    approve(today, CASE, fingerprint=fingerprint, version=2, key=KEY)

    policy = store.events(CASE)[-1].body["policy"]
    assert isinstance(policy, dict)
    assert (policy["pack"], policy["version"]) == ("my-bank", "7")


def test_a_pack_counts_from_the_day_on_which_it_begins(store: Store, tmp_path: Path) -> None:
    fingerprint = waiting(store)
    first_day = NOW.date() + timedelta(days=2)
    desk = _with_pack(
        lead(store), tmp_path / "packs", months=3, start=f"effective_from = {first_day}"
    )
    late = replace(signing_by(store, LEAD), at=NOW + timedelta(days=2))

    with pytest.raises(PolicyTightened):
        decide.approve(desk, CASE, fingerprint=fingerprint, version=2, key=KEY, signing=late)
    approve(desk, CASE, fingerprint=fingerprint, version=2, key=KEY)


# --- live
_TURNS = (False, True, True, False, False, True)


def _waits(desk: Desk, fingerprint: str, *, waits: bool = True, key: str = "live") -> Receipt:
    return note_borrower_waits(
        desk, CASE, fingerprint=fingerprint, waits=waits, key=RequestKey(key)
    )


def test_a_live_request_stands_before_older_ones(store: Store) -> None:
    desk = desk_at(store)
    for name in ("A-1", "M-1"):
        open_case(desk, case_named(name), RequestKey(f"open {name}"))
        send(desk, agreement(f"AG-{name}", case_id=name), version=1, key=f"send {name}")
    fingerprint = waiting(store)

    _waits(desk, fingerprint)

    first, *others = pending(lead(store))
    assert (first.case_id, first.is_live) == (CASE, True)
    assert first.live_since is not None
    assert [plan.case_id for plan in others] == ["A-1", "M-1"]
    assert not any(plan.is_live for plan in others)


def test_of_two_live_requests_the_one_that_waits_longer_comes_first(store: Store) -> None:
    desk = desk_at(store)
    prints = {}
    for name in ("A-1", "M-1"):
        open_case(desk, case_named(name), RequestKey(f"open {name}"))
        sent = agreement(f"AG-{name}", case_id=name)
        prints[name] = send(desk, sent, version=1, key=f"send {name}")
    for name in ("M-1", "A-1"):
        note_borrower_waits(
            desk, CaseId(name), fingerprint=prints[name], waits=True, key=RequestKey(f"live {name}")
        )

    assert [plan.case_id for plan in pending(lead(store))] == ["M-1", "A-1"]


def test_said_again_a_borrower_waits_since_the_first_time(store: Store) -> None:
    fingerprint = waiting(store)
    _waits(desk_at(store), fingerprint)
    since = pending(lead(store))[0].live_since

    later = replace(desk_at(store), clock=DemoClock(NOW + timedelta(minutes=5)))
    _waits(later, fingerprint, key="again")

    assert pending(lead(store))[0].live_since == since
    assert len(store.events(CASE)) == 3, "what is known is not recorded again"


def test_a_borrower_who_waits_again_is_another_fact(store: Store) -> None:
    desk, fingerprint = desk_at(store), waiting(store)

    said = [_waits(desk, fingerprint, waits=waits, key=f"{n}") for n, waits in enumerate(_TURNS)]

    assert [receipt.is_repeat for receipt in said] == [True, False, True, False, True, False]
    noted = [event for event in store.events(CASE) if event.type is EventType.BORROWER_WAITS]
    assert [event.body["waits"] for event in noted] == [True, False, True]


def test_the_same_request_to_wait_is_carried_out_once(store: Store) -> None:
    desk, fingerprint = desk_at(store), waiting(store)

    receipts = [_waits(desk, fingerprint) for _ in range(2)]

    assert [receipt.is_repeat for receipt in receipts] == [False, True]
    assert [receipt.version for receipt in receipts] == [3, 3]


def test_of_two_who_say_at_once_that_a_borrower_waits_one_is_recorded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint, append = waiting(store), store.append

    def second(*arguments: Any, **named: Any) -> Receipt:
        monkeypatch.setattr(store, "append", append)
        assert not _waits(desk_at(store), fingerprint, key="first").is_repeat
        return append(*arguments, **named)

    monkeypatch.setattr(store, "append", second)

    assert _waits(desk_at(store), fingerprint, key="second").is_repeat
    assert len(store.events(CASE)) == 3


@pytest.mark.parametrize("end", ["no longer", "call closed"])
def test_a_request_is_live_until_nobody_waits(store: Store, end: str) -> None:
    desk, fingerprint = desk_at(store), waiting(store)
    _waits(desk, fingerprint)

    if end == "no longer":
        _waits(desk, fingerprint, waits=False, key="end")
    else:
        close_call(desk, CASE, "call_back", RequestKey("end"))

    assert [plan.is_live for plan in pending(lead(store))] == [False]


def test_a_live_request_is_decided_as_it_was_looked_at(store: Store) -> None:
    """Somebody picking up the phone changes nothing of what the lead decides on."""
    fingerprint = waiting(store)
    _waits(desk_at(store), fingerprint)

    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)

    record = fold(store.events(CASE))
    assert (record.status, record.live_since) == (Status.APPROVED, None)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (COLLEAGUE, "only_maker_is_on_the_phone"),
        (LEAD, "only_maker_is_on_the_phone"),
        (AUDITOR, "role_may_not"),
    ],
)
def test_only_the_maker_says_that_somebody_is_on_the_phone(
    store: Store, person: Account, code: str
) -> None:
    fingerprint = waiting(store)

    assert refusal(lambda: _waits(desk_at(store, person), fingerprint)).code == code


def test_nobody_waits_for_a_plan_that_does_not_wait(store: Store) -> None:
    fingerprint = waiting(store)
    cancel(desk_at(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("back"))

    assert refusal(lambda: _waits(desk_at(store), fingerprint)).code == "already_decided"


# --- counter-terms
TERMS = Wishes(monthly=CNY.parse("2400.00"), due_day=20)


def _return(desk: Desk, fingerprint: str, terms: Wishes | None) -> None:
    return_plan(
        desk,
        CASE,
        fingerprint=fingerprint,
        version=2,
        reason="payment_too_low",
        key=RequestKey("return"),
        terms=terms,
    )


def test_terms_of_the_lead_reach_the_collector_and_change_nothing_by_themselves(
    store: Store,
) -> None:
    _return(lead(store), waiting(store), TERMS)

    state = negotiate.begin(desk_at(store), CASE)

    record = fold(store.events(CASE))
    assert (record.status, record.pending) == (Status.RETURNED, None)
    assert state.from_lead == TERMS
    assert state.wishes == Wishes(), "the dials stand where they always do"
    assert not state.is_from_lead


def test_terms_of_the_lead_become_a_plan_only_when_the_borrower_accepts(store: Store) -> None:
    first = waiting(store)
    _return(lead(store), first, TERMS)
    desk = desk_at(store)
    state = negotiate.take_terms_from_lead(negotiate.begin(desk, CASE))
    assert state.is_from_lead
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    made = negotiate.agreement_of(
        desk, state, lines_read=("...",), recording="REC-2", reason_code=None
    )

    negotiate.record(desk, state, made, key=RequestKey("anew"))

    (plan,) = pending(lead(store))
    assert plan.fingerprint != first
    assert (
        refusal(
            lambda: approve(lead(store), CASE, fingerprint=first, version=plan.version, key=KEY)
        ).code
        == "not_what_is_pending"
    )
    approve(lead(store), CASE, fingerprint=plan.fingerprint, version=plan.version, key=KEY)


def test_a_new_plan_ends_what_the_lead_offered(store: Store) -> None:
    _return(lead(store), waiting(store), TERMS)
    send(desk_at(store), agreement("AG-2"), version=3, key="second")

    assert negotiate.begin(desk_at(store), CASE).from_lead is None
    assert (
        refusal(lambda: negotiate.take_terms_from_lead(negotiate.begin(desk_at(store), CASE))).code
        == "no_terms_from_lead"
    )


def test_a_return_without_terms_offers_none(store: Store) -> None:
    _return(lead(store), waiting(store), None)

    assert negotiate.begin(desk_at(store), CASE).from_lead is None


def test_terms_that_no_plan_meets_are_not_promised(store: Store) -> None:
    fingerprint = waiting(store)

    refused = refusal(lambda: _return(lead(store), fingerprint, Wishes(monthly=CNY.parse("10.00"))))

    assert refused.code == "terms_meet_no_plan"
    assert fold(store.events(CASE)).status is Status.PENDING


def test_terms_that_describe_nothing_are_refused(store: Store) -> None:
    fingerprint = waiting(store)

    with pytest.raises(InvalidTerms):
        _return(lead(store), fingerprint, Wishes(down_payment=CNY.parse("99999999.00")))


# --- several at once
def _several(
    store: Store, count: int, rules: Callable[[int], tuple[str, ...]], maker: Account = COLLECTOR
) -> tuple[PendingPlan, ...]:
    """Let so many plans wait, each with these rules to allow."""
    desk = desk_at(store, maker)
    for number in range(count):
        name = f"B-{number:02}"
        open_case(desk, case_named(name), RequestKey(f"open {name}"))
        sent = agreement(f"AG-{name}", case_id=name, maker=maker.name)
        sent["findings"] = [
            *sent["findings"],
            *(
                {**sent["findings"][0], "rule": rule, "effect": "approval"}
                for rule in rules(number)
            ),
        ]
        send(desk, sent, version=1, key=f"send {name}")
    return pending(lead(store))


def _one_rule(_number: int) -> tuple[str, ...]:
    return ("R-1",)


def _keys(plans: tuple[PendingPlan, ...]) -> dict[CaseId, RequestKey]:
    return {plan.case_id: RequestKey(f"bulk {plan.case_id}") for plan in plans}


def test_twenty_plans_of_one_rule_give_twenty_signed_events(store: Store) -> None:
    plans = _several(store, MOST, _one_rule)

    outcomes = approve_all(lead(store), plans, keys=_keys(plans), signing=signing_by(store, LEAD))

    approvals = [event for event in store.every_event() if event.type is EventType.APPROVED]
    assert [one.refusal for one in outcomes] == [None] * MOST
    assert len(approvals) == MOST
    signatures = {str(event.body["signature"]) for event in approvals}
    assert len(signatures) == MOST, "each has a signature of its own"
    assert len({one.receipt.event_ids for one in outcomes if one.receipt}) == MOST
    assert verify_approvals(store.every_event(), store.credentials.key_registry()) is None


@pytest.mark.parametrize(
    ("count", "rules", "code"),
    [
        (0, _one_rule, "bulk_is_empty"),
        (MOST + 1, _one_rule, "bulk_is_too_large"),
        (2, lambda number: (f"R-{number}",), "bulk_rules_differ"),
        (2, lambda number: ("R-1", "R-2")[: 1 + number], "bulk_not_one_rule"),
        (2, lambda number: ("R-1",)[:number], "bulk_not_one_rule"),
    ],
    ids=["none", "too many", "two rules", "one with two rules", "one with no rule"],
)
def test_any_other_selection_is_refused_whole(
    store: Store, count: int, rules: Callable[[int], tuple[str, ...]], code: str
) -> None:
    plans = _several(store, count, rules)

    refused = refusal(
        lambda: approve_all(lead(store), plans, keys=_keys(plans), signing=signing_by(store, LEAD))
    )

    assert refused.code == code
    assert len(pending(lead(store))) == count


def test_a_live_request_is_never_one_of_many(store: Store) -> None:
    plans = _several(store, 2, _one_rule)
    note_borrower_waits(
        desk_at(store),
        plans[0].case_id,
        fingerprint=plans[0].fingerprint,
        waits=True,
        key=RequestKey("live"),
    )

    refused = refusal(lambda: require_bulk(pending(lead(store))))

    assert (refused.code, refused.detail) == ("bulk_holds_live", {"numbers": "AG-B-00"})


def test_a_plan_of_ones_own_is_never_one_of_many(store: Store) -> None:
    plans = _several(store, 2, _one_rule, maker=LEAD)

    assert refusal(lambda: require_bulk(plans)).code == "bulk_holds_own"
    assert require_bulk(pending(desk_at(store, OTHER_LEAD))) == "R-1"


def test_the_same_request_twice_is_refused(store: Store) -> None:
    (plan,) = _several(store, 1, _one_rule)

    assert refusal(lambda: require_bulk([plan, plan])).code == "bulk_repeats"


def test_one_that_was_taken_back_meanwhile_does_not_stop_the_others(store: Store) -> None:
    plans = _several(store, 3, _one_rule)
    gone = plans[1]
    cancel(
        desk_at(store),
        gone.case_id,
        fingerprint=gone.fingerprint,
        version=2,
        key=RequestKey("back"),
    )

    outcomes = approve_all(lead(store), plans, keys=_keys(plans), signing=signing_by(store, LEAD))

    refusals = [one.refusal for one in outcomes]
    assert [refusal is None for refusal in refusals] == [True, False, True]
    assert getattr(refusals[1], "code", None) == "already_decided"


def test_a_bulk_that_is_sent_again_approves_nothing_twice(store: Store) -> None:
    plans = _several(store, 3, _one_rule)
    signing, keys = signing_by(store, LEAD), _keys(plans)
    approve_all(lead(store), plans[:2], keys=keys, signing=signing)

    again = approve_all(lead(store), plans, keys=keys, signing=signing)

    assert [one.receipt.is_repeat for one in again if one.receipt] == [True, True, False]
    assert len([e for e in store.every_event() if e.type is EventType.APPROVED]) == 3


# --- an approval nobody signed is not printed
def test_what_was_not_signed_is_not_exported(store: Store, tmp_path: Path) -> None:
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)

    class Forged:
        """The same store, with the lead's key gone from the registry."""

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        @property
        def credentials(self) -> object:
            return self

        def key_registry(self) -> object:
            return replace(store.credentials.key_registry(), keys=())

    refused = refusal(
        lambda: export_agreement(
            replace(lead(store), store=Forged()),  # type: ignore[arg-type]  # it is the store
            CASE,
            formats=("json",),
            languages=(),
            folder=tmp_path,
            writers={},
            files=LocalFiles(),
            sealer=sealer_for(store),
            key=RequestKey("out"),
        )
    )

    assert (refused.code, refused.detail["fault"]) == ("approval_does_not_hold", "key_unknown")
    assert list(tmp_path.iterdir()) == []
    assert "not the lead's" in failure_sentence(refused, "en")
