"""What follows an approval, on every store: signed, paid, kept, broken, reopened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests import builders
from tests.away import Switched, desk_with_journal
from tests.builders import yuan
from tests.desks import CASE, agreement, approve, desk_at, lead, memory_store, send, waiting
from tests.people import COLLEAGUE, COLLECTOR, LEAD, NOW

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.approved_plan import ApprovedPlan, PlanState
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import KeyReused, StaleCase, StoreOutOfReach, TransitionRefused
from plan_assistant.domain.events import Account, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.record import CaseRecord, Status, fold
from plan_assistant.domain.waiting import Act
from plan_assistant.ports import Store
from plan_assistant.services import follow_up, negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows

FIRST = date(2026, 12, 15)
BOTH = frozenset({Party.BORROWER, Party.LENDER})


def state_of(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def on(store: Store, day: date, person: Account = COLLECTOR) -> Desk:
    """Return the desk of a person at noon of a day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo)
    return replace(desk_at(store, person), clock=DemoClock(noon))


def in_force(store: Store) -> NamedAgreement:
    """Approve the usual agreement: version 3."""
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=new_key())
    return NamedAgreement("AG-1", fingerprint)


def item_of(store: Store) -> ApprovedPlan:
    return state_of(store).agreements[-1]


def post(
    store: Store,
    named: NamedAgreement,
    day: date,
    amount: str,
    *,
    reference: str,
    version: int | None = None,
    key: str | None = None,
) -> Receipt:
    return follow_up.post_payment(
        on(store, date(2029, 1, 1)),
        CASE,
        named,
        paid=Paid(day, yuan(amount)),
        reference=reference,
        version=state_of(store).version if version is None else version,
        key=RequestKey(key or f"pay {reference}"),
    )


def sign(store: Store, named: NamedAgreement) -> Receipt:
    return follow_up.sign(
        on(store, date(2026, 11, 22)),
        CASE,
        named,
        day=date(2026, 11, 21),
        parties=BOTH,
        file_sha256="ab" * 32,
        version=state_of(store).version,
        key=new_key(),
    )


def break_off(store: Store, named: NamedAgreement, person: Account = LEAD) -> Receipt:
    return follow_up.declare_broken(
        on(store, date(2027, 1, 5), person),
        CASE,
        named,
        reason=BreachReason.STOPPED_PAYING,
        notice_on=date(2026, 12, 20),
        version=state_of(store).version,
        key=new_key(),
        sentence="没有回音。",
    )


def test_a_plan_is_signed_paid_and_kept(store: Store) -> None:
    named = in_force(store)
    sign(store, named)
    assert item_of(store).state is PlanState.SIGNED
    # 21 installments of 2,558.43 and a last one of 2,558.31.
    post(store, named, FIRST, "2558.43", reference="R1")
    assert item_of(store).standing(FIRST).paid == yuan("2558.43")
    post(store, named, date(2028, 9, 15), "53726.91", reference="R2")

    record = state_of(store)
    assert [event.type for event in store.events(CASE)][-2:] == [
        EventType.PAYMENT_POSTED,
        EventType.KEPT,
    ]
    assert record.status is Status.KEPT
    assert item_of(store).state is PlanState.KEPT
    assert item_of(store).misposted == ()
    assert [payment.reference for payment in item_of(store).payments] == ["R1", "R2"]


def test_the_queue_tells_where_a_plan_stands(store: Store) -> None:
    named = in_force(store)
    post(store, named, FIRST, "1000.00", reference="R1")

    (row,) = queue_rows(desk_at(store))

    (item,) = row.plans
    standing = item.standing(date(2026, 12, 20))
    assert (standing.days_past_due, standing.overdue) == (5, yuan("1558.43"))


def test_a_payment_sent_again_under_its_key_is_posted_once(store: Store) -> None:
    named = in_force(store)
    first = post(store, named, FIRST, "1000.00", reference="R1", version=3)

    again = post(store, named, FIRST, "1000.00", reference="R1", version=3)

    assert (again.event_ids, again.is_repeat) == (first.event_ids, True)
    assert item_of(store).standing(FIRST).paid == yuan("1000.00")
    with pytest.raises(KeyReused):
        post(store, named, FIRST, "1000.01", reference="R1", version=3)


def test_a_payment_prepared_on_an_older_state_is_refused(store: Store) -> None:
    """Its split would not be the one that follows from what was posted meanwhile."""
    named = in_force(store)
    post(store, named, FIRST, "1000.00", reference="R1")

    with pytest.raises(StaleCase) as stale:
        post(store, named, FIRST, "500.00", reference="R2", version=3)

    assert stale.value.detail["what"] == "payment_posted"


def test_a_stale_payment_of_a_known_reference_is_told_so(store: Store) -> None:
    named = in_force(store)
    post(store, named, FIRST, "1000.00", reference="R1")

    with pytest.raises(TransitionRefused, match="payment_known"):
        post(store, named, FIRST, "1000.00", reference="R1", version=3, key="another")


def test_a_broken_plan_is_negotiated_anew_only_after_a_lead_reopened_the_case(
    store: Store,
) -> None:
    named = in_force(store)
    with pytest.raises(TransitionRefused, match="not_signed"):
        break_off(store, named)
    sign(store, named)
    break_off(store, named)
    assert state_of(store).status is Status.BROKEN
    with pytest.raises(TransitionRefused, match="plan_has_ended"):
        send(desk_at(store), agreement("AG-2"), version=5, key="second")

    follow_up.reopen(
        lead(store), CASE, reason=ReopenReason.INCOME_CHANGED, version=5, key=new_key()
    )
    fingerprint = send(desk_at(store), agreement("AG-2"), version=6, key="second")
    approve(lead(store), CASE, fingerprint=fingerprint, version=7, key=new_key())

    record = state_of(store)
    assert [(item.plan.number, item.state) for item in record.agreements] == [
        ("AG-1", PlanState.BROKEN),
        ("AG-2", PlanState.APPROVED),
    ]
    assert [item.plan.number for item in record.in_force] == ["AG-2"]
    post(store, NamedAgreement("AG-2", fingerprint), FIRST, "100.00", reference="R1")
    with pytest.raises(TransitionRefused, match="agreement_over"):
        post(store, named, FIRST, "100.00", reference="R2")


def test_another_plan_follows_one_that_was_never_signed(store: Store) -> None:
    named = in_force(store)
    follow_up.reopen(lead(store), CASE, reason=ReopenReason.NEVER_SIGNED, version=3, key=new_key())

    assert (item_of(store).plan.number, item_of(store).state) == ("AG-1", PlanState.NEVER_SIGNED)
    with pytest.raises(TransitionRefused, match="agreement_over"):
        sign(store, named)
    fingerprint = send(desk_at(store), agreement("AG-2"), version=4, key="second")
    approve(lead(store), CASE, fingerprint=fingerprint, version=5, key=new_key())
    assert [item.plan.number for item in state_of(store).in_force] == ["AG-2"]


def test_what_was_paid_is_not_agreed_on_a_second_time(store: Store) -> None:
    named = in_force(store)
    sign(store, named)
    post(store, named, FIRST, "1000.00", reference="R1")
    break_off(store, named)
    follow_up.reopen(
        lead(store), CASE, reason=ReopenReason.INCOME_CHANGED, version=6, key=new_key()
    )

    with pytest.raises(TransitionRefused, match="debt_was_paid") as refused:
        send(desk_at(store), agreement("AG-2"), version=7, key="second")

    assert refused.value.detail["paid"] == "1000.00"
    told = negotiate.begin(desk_at(store), CASE).refused
    assert (told and told.code) == "debt_was_paid"
    assert len(state_of(store).agreements) == 1


@pytest.mark.parametrize(
    ("figures_of", "refused"),
    [(date(2026, 12, 14), "debt_was_paid"), (date(2027, 1, 6), None)],
    ids=["before the payment", "after it"],
)
def test_a_new_file_about_a_debt_that_was_paid_is_of_a_later_day(
    store: Store, figures_of: date, refused: str | None
) -> None:
    named = in_force(store)
    sign(store, named)
    post(store, named, FIRST, "1000.00", reference="R1")
    break_off(store, named)
    usual = builders.case(as_of=figures_of)
    days = (figures_of - builders.TODAY).days
    debts = tuple(replace(one, days_past_due=one.days_past_due + days) for one in usual.debts)
    new = replace(usual, case_id=CaseId("T-1-NEW"), debts=debts)
    desk = on(store, date(2027, 1, 7))
    open_case(desk, new, RequestKey("open new"))

    told = negotiate.begin(desk, new.case_id).refused

    assert (told and told.code) == refused


@pytest.mark.parametrize("person", [COLLECTOR, COLLEAGUE], ids=["the maker", "a colleague"])
def test_a_collector_declares_no_plan_broken(store: Store, person: Account) -> None:
    named = in_force(store)

    with pytest.raises(TransitionRefused, match="role_may_not"):
        break_off(store, named, person)


def test_a_plan_is_kept_by_itself_where_the_payment_did_not_say_so(store: Store) -> None:
    named = in_force(store)
    facts = post_without_end(store, named)
    assert item_of(store).state is PlanState.APPROVED

    follow_up.note_kept(desk_at(store), CASE, named, version=facts.version, key=new_key())

    assert item_of(store).state is PlanState.KEPT


def post_without_end(store: Store, named: NamedAgreement) -> Receipt:
    """Record the last payment alone, as a program might that does not know of the end."""
    body = {
        "number": named.number,
        "fingerprint": named.fingerprint,
        "day": FIRST.isoformat(),
        "amount": "56285.34",
        "currency": "CNY",
        "reference": "R1",
        "split": {"installments": [], "ahead": "56285.34"},
    }
    return store.append(
        CASE,
        [NewEvent(EventType.PAYMENT_POSTED, body)],  # type: ignore[arg-type]  # a literal of JSON
        actor=COLLECTOR,
        at=NOW + timedelta(days=30),
        expected_version=3,
        key=new_key(),
    )


@pytest.mark.parametrize(
    "kind",
    [
        EventType.SIGNED,
        EventType.PAYMENT_POSTED,
        EventType.KEPT,
        EventType.BROKEN,
        EventType.REOPENED,
        EventType.APPROVED,
        EventType.REVEALED,
        EventType.EXPORTED,
    ],
    ids=lambda kind: kind.value,
)
def test_what_others_act_on_is_never_kept_on_this_machine(kind: EventType) -> None:
    """The journal holds acts of a call, and there is no such act."""
    with pytest.raises(ValueError, match=f"{kind.value} is not an act of a call"):
        Act(RequestKey("k"), CASE, COLLECTOR, NOW, (NewEvent(kind, {}),))


@pytest.mark.parametrize("loses_reply", [False, True], ids=["away", "reply lost"])
def test_a_payment_is_recorded_when_the_store_takes_it_and_nowhere_else(
    tmp_path: Path, *, loses_reply: bool
) -> None:
    inner = memory_store()
    named, store = in_force(inner), Switched(inner)
    desk = replace(desk_with_journal(store, tmp_path), clock=on(inner, FIRST).clock)

    def pay() -> Receipt:
        return follow_up.post_payment(
            desk,
            CASE,
            named,
            paid=Paid(FIRST, yuan("1000.00")),
            reference="R1",
            version=3,
            key=RequestKey("pay"),
        )

    if loses_reply:
        store.loses_reply = True
    else:
        store.go_away()
    with pytest.raises(StoreOutOfReach):
        pay()
    assert desk.journal is not None
    assert desk.journal.content().acts == ()
    store.come_back()

    assert pay().is_repeat == loses_reply
    assert item_of(inner).standing(FIRST).paid == yuan("1000.00")
