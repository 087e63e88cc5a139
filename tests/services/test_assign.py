"""Cases given to agency collectors: they see and work on these, and on no others."""

from __future__ import annotations

import pytest
from tests.desks import CASE, agreement, case_named, desk_at, lead, send, waiting
from tests.people import AGENT, AUDITOR, COLLECTOR, LEAD, REVIEWER
from tests.recording import close_call, disclosure_read

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StaleCase, TransitionRefused
from plan_assistant.domain.events import Account, RequestKey
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.assign import assign
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows

OTHER_AGENT = Account("pan.xi", "潘夕", Role.AGENCY_COLLECTOR)


@pytest.fixture
def assigned(store: Store) -> Store:
    """A store with two cases, one of them given to the agency: version 2."""
    store.add_account(OTHER_AGENT)
    open_case(desk_at(store), case_named(CASE), RequestKey("open"))
    open_case(desk_at(store), case_named("T-2"), RequestKey("open other"))
    assign(lead(store), CASE, AGENT.name, version=1, key=RequestKey("give"))
    return store


def _refused(act: object) -> str:
    assert callable(act)
    with pytest.raises(TransitionRefused) as refusal:
        act()
    return refusal.value.code


def test_an_agency_sees_what_is_assigned_to_it(assigned: Store) -> None:
    assert [row.case_id for row in queue_rows(desk_at(assigned, AGENT))] == [CASE]
    assert queue_rows(desk_at(assigned, OTHER_AGENT)) == ()
    for person in (COLLECTOR, LEAD, AUDITOR, REVIEWER):
        assert len(queue_rows(desk_at(assigned, person))) == 2


def test_an_agency_negotiates_and_records_what_is_assigned(assigned: Store) -> None:
    desk = desk_at(assigned, AGENT)

    assert negotiate.begin(desk, CASE).offers.plans
    send(desk, agreement(maker=AGENT.name), version=2)

    assert [plan.maker for plan in decide.pending(lead(assigned))] == [AGENT.name]


@pytest.mark.parametrize("person", [AGENT, OTHER_AGENT], ids=lambda person: person.name)
def test_an_agency_does_nothing_about_other_cases(assigned: Store, person: Account) -> None:
    desk, other = desk_at(assigned, person), CaseId("T-2")
    sent = agreement(maker=person.name, case_id=other)

    codes = {
        _refused(lambda: negotiate.begin(desk, other)),
        _refused(lambda: disclosure_read(desk, other, "identity", RequestKey("a"))),
        _refused(lambda: close_call(desk, other, "no_answer", RequestKey("b"))),
        _refused(lambda: send(desk, sent, version=1)),
    }

    assert codes == {"not_assigned"}
    assert len(assigned.events(other)) == 1


def test_what_is_taken_back_is_out_of_reach(assigned: Store) -> None:
    assign(lead(assigned), CASE, None, version=2, key=RequestKey("back"))
    desk = desk_at(assigned, AGENT)

    assert queue_rows(desk) == ()
    assert _refused(lambda: close_call(desk, CASE, "no_answer", RequestKey("c"))) == "not_assigned"


def test_a_plan_that_was_prepared_before_the_case_was_taken_back_is_refused(
    assigned: Store,
) -> None:
    assign(lead(assigned), CASE, None, version=2, key=RequestKey("back"))

    with pytest.raises((TransitionRefused, StaleCase)) as refusal:
        send(desk_at(assigned, AGENT), agreement(maker=AGENT.name), version=2)

    assert getattr(refusal.value, "code", None) == "not_assigned"


@pytest.mark.parametrize("person", [COLLECTOR, AUDITOR, REVIEWER, AGENT], ids=lambda p: p.role)
def test_only_a_lead_assigns(assigned: Store, person: Account) -> None:
    desk = desk_at(assigned, person)

    code = _refused(lambda: assign(desk, CASE, None, version=2, key=RequestKey("x")))

    assert code == "role_may_not"


@pytest.mark.parametrize("person", [COLLECTOR, LEAD, REVIEWER], ids=lambda person: person.role)
def test_cases_are_given_to_agencies_only(assigned: Store, person: Account) -> None:
    desk = lead(assigned)

    code = _refused(lambda: assign(desk, CASE, person.name, version=2, key=RequestKey("x")))

    assert code == "not_an_agency_collector"


def test_a_stranger_is_given_nothing(assigned: Store) -> None:
    desk = lead(assigned)

    code = _refused(lambda: assign(desk, CASE, "nobody", version=2, key=RequestKey("x")))

    assert code == "no_such_account"


def test_a_case_with_a_waiting_plan_stays_where_it_is(store: Store) -> None:
    waiting(store)
    desk = lead(store)

    code = _refused(lambda: assign(desk, CASE, AGENT.name, version=2, key=RequestKey("x")))

    assert code == "plan_is_pending"


def test_a_plan_that_was_prepared_before_the_case_was_given_away_is_stale(assigned: Store) -> None:
    """Giving a case away changes what others act on."""
    with pytest.raises(StaleCase):
        send(desk_at(assigned), agreement(), version=1)
