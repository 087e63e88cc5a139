"""Deciding: four eyes, on a content and a version, once; and what the lead sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.agreed_rows import rows_of, set_cell
from tests.desks import CASE, agreement, approve, case_named, desk_at, lead, send, waiting
from tests.people import (
    ADMINISTRATOR,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
)
from tests.recording import disclosure_read
from tests.staffing import signing_by

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseNotFound, KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint as fingerprint_of
from plan_assistant.domain.record import CaseRecord, Status, fold
from plan_assistant.domain.recorded_plan import CLOCK_SKEW
from plan_assistant.ports import Store
from plan_assistant.services import decide
from plan_assistant.services.decide import cancel, decline, pending, return_plan
from plan_assistant.services.desk import Desk
from plan_assistant.services.open_case import open_case
from plan_assistant.wording.problems import failure_sentence

KEY = RequestKey("decision")
Act = Callable[[Desk, str, int], Receipt]


def _approve(desk: Desk, fingerprint: str, version: int) -> Receipt:
    return approve(desk, CASE, fingerprint=fingerprint, version=version, key=KEY)


def _return(desk: Desk, fingerprint: str, version: int) -> Receipt:
    return return_plan(
        desk,
        CASE,
        fingerprint=fingerprint,
        version=version,
        reason=_reason(desk),
        key=KEY,
        sentence=" 首期请提前。 ",
    )


def _decline(desk: Desk, fingerprint: str, version: int) -> Receipt:
    return decline(
        desk, CASE, fingerprint=fingerprint, version=version, reason=_reason(desk), key=KEY
    )


def _cancel(desk: Desk, fingerprint: str, version: int) -> Receipt:
    return cancel(desk, CASE, fingerprint=fingerprint, version=version, key=KEY)


def _reason(desk: Desk) -> str:
    return desk.policies.for_case(case_named("X"), NOW.date()).return_reasons[0]


DECISIONS = [_approve, _return, _decline]
NAMES = ["approve", "return", "decline"]


def state_of(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def refusal(act: Callable[[], object]) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return refused.value


# --- what a decision leaves behind
@pytest.mark.parametrize(
    ("act", "by", "status"),
    [
        (_approve, LEAD, Status.APPROVED),
        (_return, LEAD, Status.RETURNED),
        (_decline, LEAD, Status.DECLINED),
        (_cancel, COLLECTOR, Status.CANCELLED),
    ],
    ids=[*NAMES, "cancel"],
)
def test_a_decision_is_recorded_with_time_and_person(
    store: Store, act: Act, by: Account, status: Status
) -> None:
    fingerprint = waiting(store)

    act(desk_at(store, by), fingerprint, 2)

    record = state_of(store)
    assert (record.status, record.version, record.pending) == (status, 3, None)
    assert record.decision is not None
    assert (record.decision.by, record.decision.display_name) == (by.name, by.display_name)
    assert timedelta(0) <= record.decision.at - NOW < timedelta(minutes=1)
    assert record.decision.fingerprint == fingerprint


def test_an_approval_says_who_when_and_what_as_documents_print_it(store: Store) -> None:
    fingerprint = waiting(store)
    _approve(lead(store), fingerprint, 2)

    record = state_of(store)

    assert record.decision is not None
    assert record.approval == {
        "by": "李娜",
        "at": moment(record.decision.at),
        "fingerprint": fingerprint,
    }
    assert record.approved is not None
    assert record.approved.fingerprint == fingerprint


def test_a_return_carries_reason_and_sentence(store: Store) -> None:
    desk = lead(store)
    _return(desk, waiting(store), 2)

    record = state_of(store)

    assert record.return_reason == _reason(desk)
    assert record.decision is not None
    assert record.decision.sentence == "首期请提前。"
    assert record.approval is None


@pytest.mark.parametrize("act", [return_plan, decline], ids=["return", "decline"])
@pytest.mark.parametrize("sentence", ["", "  "])
def test_another_reason_is_told_in_a_sentence(
    store: Store, act: Callable[..., Receipt], sentence: str
) -> None:
    seen = {"fingerprint": waiting(store), "version": 2, "reason": "other", "key": KEY}

    refused = refusal(lambda: act(lead(store), CASE, sentence=sentence, **seen))

    assert refused.code == "decision_sentence_missing"
    assert state_of(store).status is Status.PENDING
    act(lead(store), CASE, sentence="The employer rang.", **seen)


@pytest.mark.parametrize("act", DECISIONS, ids=NAMES)
def test_nobody_decides_a_plan_before_it_was_recorded(store: Store, act: Act) -> None:
    """A clock that was set back would date the decision before what it decides."""
    later = replace(desk_at(store), clock=DemoClock(NOW + timedelta(hours=1)))
    open_case(later, case_named(CASE), RequestKey("open"))
    fingerprint = send(later, agreement(), version=1)

    refused = refusal(lambda: act(lead(store), fingerprint, 2))

    assert refused.code == "decided_too_early"
    assert state_of(store).status is Status.PENDING
    for language in ("en", "zh"):
        said = failure_sentence(refused, language)
        assert (NOW + timedelta(hours=1)).strftime("%H:%M") in said
        assert NOW.strftime("%H:%M") in said


@pytest.mark.parametrize("act", DECISIONS, ids=NAMES)
def test_the_clocks_of_two_machines_may_differ_a_little(store: Store, act: Act) -> None:
    ahead = replace(desk_at(store), clock=DemoClock(NOW + CLOCK_SKEW - timedelta(seconds=30)))
    open_case(ahead, case_named(CASE), RequestKey("open"))
    fingerprint = send(ahead, agreement(), version=1)

    act(lead(store), fingerprint, 2)

    assert state_of(store).decision is not None


def test_its_maker_takes_back_what_a_wrong_clock_recorded(store: Store) -> None:
    later = replace(desk_at(store), clock=DemoClock(NOW + timedelta(days=400)))
    open_case(later, case_named(CASE), RequestKey("open"))
    fingerprint = send(later, agreement(), version=1)

    _cancel(desk_at(store), fingerprint, 2)

    assert state_of(store).status is Status.CANCELLED


# --- who may decide what
@pytest.mark.parametrize("act", DECISIONS, ids=NAMES)
@pytest.mark.parametrize(
    "person", [COLLECTOR, COLLEAGUE, AUDITOR, ADMINISTRATOR], ids=lambda person: person.name
)
def test_nobody_but_a_lead_decides(store: Store, act: Act, person: Account) -> None:
    fingerprint = waiting(store)

    refused = refusal(lambda: act(desk_at(store, person), fingerprint, 2))

    assert refused.code == "role_may_not"
    assert state_of(store).status is Status.PENDING


@pytest.mark.parametrize("act", DECISIONS, ids=NAMES)
def test_a_lead_never_decides_on_their_own_plan(store: Store, act: Act) -> None:
    fingerprint = waiting(store, LEAD)

    refused = refusal(lambda: act(lead(store), fingerprint, 2))

    assert (refused.code, refused.detail) == ("maker_may_not_decide", {"maker": "li.na"})
    act(desk_at(store, OTHER_LEAD), fingerprint, 2)


@pytest.mark.parametrize("person", [COLLEAGUE, LEAD], ids=lambda person: person.name)
def test_only_the_maker_takes_a_plan_back(store: Store, person: Account) -> None:
    fingerprint = waiting(store)

    refused = refusal(lambda: _cancel(desk_at(store, person), fingerprint, 2))

    assert refused.code == "only_maker_may_cancel"
    assert state_of(store).status is Status.PENDING


@pytest.mark.parametrize("act", [_return, _decline], ids=["return", "decline"])
def test_a_refusal_needs_a_reason_of_the_pack(store: Store, act: Act) -> None:
    fingerprint = waiting(store)
    service = return_plan if act is _return else decline

    refused = refusal(
        lambda: service(
            lead(store), CASE, fingerprint=fingerprint, version=2, reason="no mood", key=KEY
        )
    )

    assert refused.code == "reason_unknown"
    assert _reason(lead(store)) in refused.detail["known"]
    assert state_of(store).status is Status.PENDING


def test_allowing_two_broken_rules_needs_a_sentence(store: Store) -> None:
    desk = desk_at(store)
    open_case(desk, case_named(CASE), RequestKey("open"))
    asked = agreement()
    asked["findings"] += [
        {**asked["findings"][0], "rule": rule, "effect": "approval"} for rule in ("R-1", "R-2")
    ]
    fingerprint = send(desk, asked, version=1)

    refused = refusal(lambda: _approve(lead(store), fingerprint, 2))

    assert (refused.code, refused.detail) == ("sentence_missing", {"rules": "R-1, R-2"})
    assert pending(lead(store))[0].needs_approval == ("R-1", "R-2")
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY, sentence="有书面证明。")


# --- a content, on a version, once
@pytest.mark.parametrize("act", [*DECISIONS, _cancel], ids=[*NAMES, "cancel"])
def test_something_else_than_what_waits_cannot_be_decided(store: Store, act: Act) -> None:
    fingerprint = waiting(store)
    desk = desk_at(store, COLLECTOR if act is _cancel else LEAD)

    refused = refusal(lambda: act(desk, fingerprint[::-1], 2))

    assert refused.code == "not_what_is_pending"
    assert refused.detail["pending"] == fingerprint


def test_what_was_returned_and_sent_again_is_another_content(store: Store) -> None:
    first = waiting(store)
    _return(lead(store), first, 2)
    send(desk_at(store), agreement("AG-2"), version=3, key="second")

    refused = refusal(
        lambda: approve(lead(store), CASE, fingerprint=first, version=4, key=RequestKey("another"))
    )

    assert refused.code == "not_what_is_pending"


def test_a_plan_that_came_after_what_was_looked_at_is_not_decided(store: Store) -> None:
    fingerprint = waiting(store)

    refused = refusal(lambda: _approve(lead(store), fingerprint, 1))

    assert (refused.code, refused.detail) == ("nothing_pending", {"status": "open"})


def test_a_version_that_never_was_is_stale(store: Store) -> None:
    fingerprint = waiting(store)

    with pytest.raises(StaleCase):
        _approve(lead(store), fingerprint, 7)


def test_a_plan_taken_back_in_between_makes_the_decision_fail_in_words(store: Store) -> None:
    fingerprint = waiting(store)
    cancel(desk_at(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("back"))

    refused = refusal(lambda: _approve(lead(store), fingerprint, 2))

    assert refused.code == "already_decided"
    assert (refused.detail["outcome"], refused.detail["by"]) == ("cancelled", "吴昊")


def test_of_two_leads_one_decides_and_the_other_hears_it(store: Store) -> None:
    fingerprint = waiting(store)
    _return(desk_at(store, OTHER_LEAD), fingerprint, 2)

    refused = refusal(
        lambda: approve(
            lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("mine")
        )
    )

    assert refused.code == "already_decided"
    assert (refused.detail["outcome"], refused.detail["by"]) == ("returned", "何军")
    assert state_of(store).status is Status.RETURNED


def test_what_the_collector_notes_meanwhile_does_not_stop_the_lead(store: Store) -> None:
    fingerprint = waiting(store)
    disclosure_read(desk_at(store), CASE, "identity", RequestKey("note"))

    receipt = _approve(lead(store), fingerprint, 2)

    assert receipt.version == 4
    assert state_of(store).status is Status.APPROVED


@pytest.mark.parametrize("act", [*DECISIONS, _cancel], ids=[*NAMES, "cancel"])
def test_a_retry_gets_the_first_receipt(store: Store, act: Act) -> None:
    fingerprint = waiting(store)
    desk = desk_at(store, COLLECTOR if act is _cancel else LEAD)
    first = act(desk, fingerprint, 2)

    second = act(desk, fingerprint, 2)

    assert second == replace(first, is_repeat=True)
    assert state_of(store).version == 3


def test_a_key_is_not_used_for_two_decisions(store: Store) -> None:
    fingerprint = waiting(store)
    _approve(lead(store), fingerprint, 2)

    with pytest.raises(KeyReused):
        _decline(lead(store), fingerprint, 2)

    assert state_of(store).status is Status.APPROVED


# --- the approvals list
def test_what_waits_stands_oldest_first(store: Store) -> None:
    desk = desk_at(store)
    for name in ("Z-1", "A-1", "M-1"):
        open_case(desk, case_named(name), RequestKey(f"open {name}"))
    for number, name in enumerate(("M-1", "Z-1", "A-1")):
        send(desk, agreement(f"AG-{number}", case_id=name), version=1, key=f"send {name}")

    assert [plan.case_id for plan in pending(lead(store))] == ["M-1", "Z-1", "A-1"]


def test_the_list_holds_what_the_lead_decides_on(store: Store) -> None:
    fingerprint = waiting(store)
    disclosure_read(desk_at(store), CASE, "identity", RequestKey("note"))

    (plan,) = pending(lead(store))

    assert (plan.case_id, plan.number, plan.fingerprint) == (CASE, "AG-1", fingerprint)
    assert (plan.maker, plan.is_own, plan.version) == ("wu.hao", False, 3)
    assert plan.agreement == agreement()
    assert plan.masked_name == "张*"
    assert [line.type.value for line in plan.trail] == [
        "case_opened",
        "plan_recorded",
        "disclosure_read",
    ]


def test_the_list_knows_whose_plan_it_is(store: Store) -> None:
    waiting(store, LEAD)

    assert pending(lead(store))[0].is_own


@pytest.mark.parametrize("act", [*DECISIONS, _cancel], ids=[*NAMES, "cancel"])
def test_what_was_decided_no_longer_waits(store: Store, act: Act) -> None:
    act(desk_at(store, COLLECTOR if act is _cancel else LEAD), waiting(store), 2)

    assert pending(lead(store)) == ()


def test_an_unknown_case_is_named(store: Store) -> None:
    with pytest.raises(CaseNotFound, match="Q-9"):
        approve(lead(store), CaseId("Q-9"), fingerprint="x", version=1, key=KEY)


def test_plan_whose_first_payment_day_has_come_is_not_approved(store: Store) -> None:
    fingerprint = waiting(store)
    late = replace(signing_by(store, LEAD), at=NOW + timedelta(days=60))

    refused = refusal(
        lambda: decide.approve(
            lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY, signing=late
        )
    )

    assert refused.code == "first_due_passed"


def test_a_plan_whose_figures_do_not_follow_from_its_terms_is_only_returned(store: Store) -> None:
    """Whoever has SQL of their own can send rows that no other check looks at."""
    open_case(desk_at(store), case_named(CASE), RequestKey("open"))
    sent = agreement()
    for row, shifted in ((3, 1), (4, -1)):  # every total stays
        written = rows_of(sent)[row]
        for column, sign in (("interest", 1), ("principal", -1)):
            changed = Decimal(written[column]) + Decimal(shifted * sign) / 100
            set_cell(sent, row, column, str(changed))
    store.append(
        CASE,
        [NewEvent(EventType.PLAN_RECORDED, sent)],
        actor=COLLECTOR,
        at=NOW,
        expected_version=1,
        key=RequestKey("by SQL"),
    )

    refused = refusal(lambda: _approve(lead(store), fingerprint_of(sent), 2))

    assert refused.code == "figures_do_not_follow"
    assert refused.detail["place"] == "plan.rows[3].principal"
    assert _return(lead(store), fingerprint_of(sent), 2).version == 3
