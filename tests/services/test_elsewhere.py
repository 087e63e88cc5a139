"""A debt that has a plan in another case gets no second one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import builders
from tests.desks import CASE, agreement, approve, desk_at, lead, memory_store, send
from tests.people import AGENT, COLLECTOR, NOW

from plan_assistant.domain.case import Case, CaseId, Person
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.assign import assign
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.record import perform, plan_accepted

_OTHER = CaseId("T-1-AGAIN")
_WANG = Person.of("王小青", "110101198502030010", "13800001111")


def _case(
    case_id: CaseId = _OTHER,
    borrower: Person = _WANG,
    *,
    lender: str = builders.debt().lender,
    account_tail: str = builders.debt().account_tail,
) -> Case:
    usual = builders.case()
    changed = tuple(replace(one, lender=lender, account_tail=account_tail) for one in usual.debts)
    return replace(usual, case_id=case_id, borrower=borrower, debts=changed)


def _opened(store: Store, *cases: Case) -> None:
    for case in cases:
        open_case(desk_at(store), case, RequestKey(f"open {case.case_id}"))


def _send_other(store: Store) -> str:
    sent = agreement("AG-AGAIN", case_id=_OTHER)
    return send(desk_at(store), sent, version=1, key="send other")


def _refusal(act: object) -> TransitionRefused:
    assert callable(act)
    with pytest.raises(TransitionRefused) as refused:
        act()
    assert refused.value.code == "debt_has_plan_elsewhere"
    return refused.value


def test_a_debt_with_a_plan_that_waits_elsewhere_gets_no_second_one(store: Store) -> None:
    _opened(store, _case(CASE), _case())
    waiting_there = agreement()
    send(desk_at(store), waiting_there, version=1)

    refused = _refusal(lambda: _send_other(store))

    assert refused.detail == {
        "debt_id": "D1",
        "number": waiting_there["number"],
        "other": CASE,
    }


def test_nor_one_with_an_agreement_in_force_elsewhere(store: Store) -> None:
    _opened(store, _case(CASE), _case())
    sent = send(desk_at(store), agreement(), version=1)
    approve(lead(store), CASE, fingerprint=sent, version=2, key=new_key())

    _refusal(lambda: _send_other(store))


def test_it_is_said_before_anything_is_read_to_the_borrower(store: Store) -> None:
    _opened(store, _case(CASE), _case())
    send(desk_at(store), agreement(), version=1)
    desk = desk_at(store)
    call = negotiate.begin(desk, _OTHER)

    _refusal(lambda: negotiate.require_agreeable(desk, call, recording="REC-1", reason_code=None))


def test_a_lead_approves_none_of_two_that_wait_at_once(store: Store) -> None:
    _opened(store, _case(CASE), _case())
    sent = send(desk_at(store), agreement(), version=1)
    # As two collectors do who record in the same moment.
    at_once = NewEvent(EventType.PLAN_RECORDED, agreement("AG-AGAIN", case_id=_OTHER))
    key = RequestKey("at once")
    store.append(_OTHER, [at_once], actor=COLLECTOR, at=NOW, expected_version=1, key=key)

    _refusal(lambda: approve(lead(store), CASE, fingerprint=sent, version=2, key=new_key()))

    decide.decline(
        lead(store),
        _OTHER,
        fingerprint=agreement_fingerprint(at_once.body),
        version=2,
        reason="term_too_long",
        key=new_key(),
    )
    approve(lead(store), CASE, fingerprint=sent, version=2, key=new_key())


def test_an_agency_is_not_told_which_case_of_others_it_is() -> None:
    store = memory_store()
    _opened(store, _case(CASE), _case())
    send(desk_at(store), agreement(), version=1)
    assign(lead(store), _OTHER, AGENT.name, version=1, key=RequestKey("give"))

    sent = agreement("AG-AGAIN", case_id=_OTHER, maker=AGENT.name)
    refused = _refusal(lambda: send(desk_at(store, AGENT), sent, version=2))

    assert "other" not in refused.detail


@pytest.mark.parametrize(
    "borrower",
    [
        Person.of("王 小青"),
        Person.of("Wang Xiaoqing", "11010119850203001X"),
        Person.of("W. X.", None, "+86 138 0000 1111"),
    ],
    ids=["name", "ID number", "phone"],
)
def test_the_borrower_is_known_again_however_written(store: Store, borrower: Person) -> None:
    _opened(store, _case(CASE), _case(borrower=borrower))
    send(desk_at(store), agreement(), version=1)

    _refusal(lambda: _send_other(store))


@pytest.mark.parametrize(
    "other",
    [
        _case(borrower=Person.of("李明")),
        _case(borrower=Person.of("王小青", "110101199002030011")),
        _case(account_tail="0002"),
        _case(lender="江北银行"),
    ],
    ids=["another name", "another ID number", "another account", "another lender"],
)
def test_what_is_another_debt_gets_its_plan(store: Store, other: Case) -> None:
    _opened(store, _case(CASE), other)
    send(desk_at(store), agreement(), version=1)

    assert _send_other(store)


@pytest.mark.parametrize("how", ["taken back", "declined"])
def test_a_plan_elsewhere_that_came_to_nothing_is_in_nobodys_way(store: Store, how: str) -> None:
    _opened(store, _case(CASE), _case())
    sent = send(desk_at(store), agreement(), version=1)
    if how == "taken back":
        decide.cancel(desk_at(store), CASE, fingerprint=sent, version=2, key=new_key())
    else:
        decide.decline(
            lead(store),
            CASE,
            fingerprint=sent,
            version=2,
            reason="term_too_long",
            key=new_key(),
            sentence="Too long.",
        )

    assert _send_other(store)


def test_a_plan_whose_reply_was_lost_gets_its_receipt_whatever_followed(store: Store) -> None:
    _opened(store, _case(CASE), _case())
    act = plan_accepted(
        desk_at(store), agreement(), expected_version=1, key=RequestKey("lost"), price=price
    )
    first = perform(desk_at(store), act)
    sent = agreement_fingerprint(agreement())
    decide.cancel(desk_at(store), CASE, fingerprint=sent, version=2, key=new_key())
    _send_other(store)

    again = perform(desk_at(store), act)

    assert again.is_repeat
    assert again.event_ids == first.event_ids
