"""The acts of a call: what they record, what they refuse, and what a change by others does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import builders
from tests.builders import yuan
from tests.desks import CASE, desk_at, memory_store
from tests.recording import change_budget

from plan_assistant.domain.errors import InvalidTerms, StaleCase, TransitionRefused
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.services import negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case


@pytest.fixture
def desk() -> Desk:
    """A collector's desk on a store with one case."""
    at_work = desk_at(memory_store())
    open_case(at_work, builders.case(), new_key())
    return at_work


def said(desk: Desk, state: Negotiation) -> Negotiation:
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    return state


def agreed(desk: Desk, state: Negotiation) -> dict[str, Json]:
    return negotiate.agreement_of(
        desk, state, lines_read=("…",), recording="REC-1", reason_code=None
    )


def kinds(desk: Desk) -> list[EventType]:
    return [event.type for event in desk.store.events(CASE)]


def test_case_opens_with_offers_already_priced(desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)

    assert state.plan is not None
    assert 3 <= len(state.offers.plans) <= 5


def test_what_is_offered_refused_and_read_is_on_the_record(desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    state = negotiate.mark_refused(desk, negotiate.mark_offered(desk, state), "too_much")
    said(desk, state)

    assert kinds(desk)[1:4] == [
        EventType.OFFERS_SHOWN,
        EventType.OFFER_SPOKEN,
        EventType.OFFER_REFUSED,
    ]
    assert kinds(desk).count(EventType.DISCLOSURE_READ) == len(state.policy.disclosures)


def test_disclosure_read_twice_is_recorded_once(desk: Desk) -> None:
    state = negotiate.tick_disclosure(desk, negotiate.begin(desk, CASE), "identity")

    negotiate.tick_disclosure(desk, state, "identity")

    assert kinds(desk).count(EventType.DISCLOSURE_READ) == 1


def test_undo_returns_to_the_dials_before_and_keeps_the_trail(desk: Desk) -> None:
    before = negotiate.mark_offered(desk, negotiate.begin(desk, CASE))

    turned = negotiate.what_if(before, Wishes(monthly=yuan("1500.00")))
    back = negotiate.undo(turned)

    assert turned.offers != before.offers
    assert (back.wishes, back.offers, back.trail) == (before.wishes, before.offers, before.trail)
    assert negotiate.undo(back) == back


def test_impossible_dials_leave_the_state_as_it_was(desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)

    with pytest.raises(InvalidTerms):
        negotiate.what_if(state, Wishes(down_payment=yuan("99999.00")))

    assert state.wishes == Wishes()


def test_selected_family_stays_selected_when_the_dials_turn(desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    frozen = next(i for i, plan in enumerate(state.offers.plans) if plan.family is Family.ZERO_RATE)

    turned = negotiate.what_if(state.selecting(frozen), Wishes(monthly=yuan("2000.00")))

    assert turned.plan is not None
    assert turned.plan.family is Family.ZERO_RATE


def test_agreement_needs_every_disclosure(desk: Desk) -> None:
    with pytest.raises(TransitionRefused) as caught:
        agreed(desk, negotiate.begin(desk, CASE))

    assert caught.value.code == "disclosures_missing"


def test_oral_card_agreement_needs_a_recording(desk: Desk) -> None:
    state = said(desk, negotiate.begin(desk, CASE))

    with pytest.raises(TransitionRefused) as caught:
        negotiate.agreement_of(desk, state, lines_read=("…",), recording="", reason_code=None)

    assert caught.value.code == "recording_missing"


def test_plan_outside_authority_needs_a_reason(desk: Desk) -> None:
    state = said(desk, negotiate.begin(desk, CASE))
    frozen = next(i for i, plan in enumerate(state.offers.plans) if plan.family is Family.ZERO_RATE)

    with pytest.raises(TransitionRefused) as caught:
        agreed(desk, state.selecting(frozen))

    assert caught.value.code == "reason_missing"


def test_budget_corrected_in_the_call_is_recorded_with_the_plan(desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    state = negotiate.correct_budget(state, is_income=True, index=0, amount=yuan("7000.00"))
    state = said(desk, state)

    negotiate.record(desk, state, agreed(desk, state), key=new_key())

    assert kinds(desk)[-2:] == [EventType.BUDGET_CHANGED, EventType.PLAN_RECORDED]


def test_change_by_a_colleague_during_the_call_refuses_the_recording(desk: Desk) -> None:
    state = said(desk, negotiate.begin(desk, CASE))
    poorer = builders.case(of_budget=builders.budget((builders.income("5000.00"),)))
    change_budget(desk, poorer, expected_version=state.case_version, key=new_key())
    state = negotiate.mark_offered(desk, state)

    with pytest.raises(StaleCase):
        negotiate.record(desk, state, agreed(desk, state), key=new_key())


def test_same_key_records_a_plan_once(desk: Desk) -> None:
    state = said(desk, negotiate.begin(desk, CASE))
    agreement, key = agreed(desk, state), new_key()

    first = negotiate.record(desk, state, agreement, key=key)
    again = negotiate.record(desk, replace(state), agreement, key=key)

    assert again == replace(first, is_repeat=True)
    assert kinds(desk).count(EventType.PLAN_RECORDED) == 1
