"""While the store is away the call goes on: its acts are kept, and delivered once, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests import builders
from tests.away import Switched, desk_with_journal, journal_in
from tests.desks import CASE, agreement, approve, desk_at, lead, memory_store, waiting
from tests.people import COLLEAGUE, COLLECTOR, LEAD, NOW
from tests.recording import change_budget, disclosure_read

from plan_assistant.domain.errors import (
    KeyReused,
    NotKept,
    PlanNotSent,
    StaleCase,
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLocked,
    StoreNewer,
    StoreOutOfReach,
    StoreReadOnly,
    TransitionRefused,
)
from plan_assistant.domain.events import Event, RequestKey
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.record import Status, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.waiting import error_of
from plan_assistant.services import decide, negotiate, record
from plan_assistant.services.deliver import deliver, discard, send_again, unsaved
from plan_assistant.services.desk import Desk
from plan_assistant.services.keeping import carry_out, end_call
from plan_assistant.services.open_case import open_case

KEY = RequestKey("plan")


class _At:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> Any:
        return self.moment


@pytest.fixture
def store() -> Switched:
    store = memory_store()
    open_case(desk_at(store), builders.case(), RequestKey("open"))
    return Switched(store)


@pytest.fixture
def desk(store: Switched, tmp_path: Path) -> Desk:
    return replace(desk_with_journal(store, tmp_path), clock=_At())


def richer(cash: str = "5000.00") -> Any:
    case = builders.case()
    return replace(case, budget=replace(case.budget, cash=builders.yuan(cash)))


def whole_call(desk: Desk, state: Negotiation) -> None:
    """Offer, hear no, read all there is to read, agree on a plan, end the call."""
    state = negotiate.mark_offered(desk, state)
    state = negotiate.mark_refused(desk, state, "too_much")
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_offered(desk, replace(state, case=richer()))
    made = negotiate.agreement_of(
        desk, state, lines_read=("每月还款……",), recording="REC-1", reason_code=None
    )
    try:
        negotiate.record(desk, state, made, key=KEY)
    except PlanNotSent:
        assert desk.journal is not None
    end_call(desk, CASE, "promised", RequestKey("end"))


def told(facts: tuple[Event, ...]) -> list[Any]:
    """Return everything of facts but the ids that the store draws."""
    return [(f.version, f.at, f.actor, f.role, f.type, f.body) for f in facts]


def test_a_call_without_the_store_leaves_the_record_of_one_with_it(
    store: Switched, desk: Desk
) -> None:
    state = replace(negotiate.begin(desk, CASE), call="C-1")
    never_away = memory_store()
    open_case(desk_at(never_away), builders.case(), RequestKey("open"))
    whole_call(replace(desk, store=never_away, journal=None), state)

    store.go_away()
    whole_call(desk, state)
    kept = unsaved(desk)
    store.come_back()
    delivery = deliver(desk)

    assert kept.waiting == len(delivery.delivered) > 6
    assert (delivery.refused, delivery.failure, delivery.left.waiting) == ((), None, 0)
    # The clock of the usual desk runs: the case was opened at another moment.
    assert told(store.events(CASE)[1:]) == told(never_away.events(CASE)[1:])
    assert fold(store.events(CASE)).status is Status.PENDING


def test_what_was_delivered_late_keeps_the_moment_at_which_it_was_done(
    store: Switched, desk: Desk
) -> None:
    store.go_away()
    end_call(desk, CASE, "call_back", KEY)
    store.come_back()
    desk.clock.moment = NOW.replace(hour=18)  # type: ignore[attr-defined]  # of the tests

    deliver(desk)

    assert store.events(CASE)[-1].at == NOW


@pytest.mark.parametrize(
    "failure",
    [
        StoreLocked("s", place="p", seconds="30"),
        StoreReadOnly("s", place="p"),
        StoreFull("s", place="p"),
        StoreOutOfReach("s", place="p"),
        StoreFailure("s", place="p", reason="disk I/O error"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_an_act_is_kept_while_the_store_cannot_take_it(
    store: Switched, desk: Desk, failure: StoreFailure
) -> None:
    store.go_away(failure)

    end_call(desk, CASE, "call_back", KEY)

    assert unsaved(desk).waiting == 1


@pytest.mark.parametrize(
    "refusal",
    [
        StaleCase(CASE, expected=1, found=2, what="budget_changed", by="sun.li", at="x"),
        KeyReused("plan"),
        TransitionRefused("role_may_not", role="auditor", act="call_closed"),
        StoreDamaged("s", place="p", reason="r"),
        StoreNewer("s", place="p", found="1", known="0"),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
def test_a_refusal_is_told_and_never_kept(store: Switched, desk: Desk, refusal: Any) -> None:
    store.go_away(refusal)

    with pytest.raises(type(refusal)):
        end_call(desk, CASE, "call_back", KEY)

    assert unsaved(desk).waiting == 0


def test_a_plan_that_is_kept_is_refused_as_sent(store: Switched, desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    store.go_away(StoreLocked("s", place="p", seconds="30"))

    with pytest.raises(PlanNotSent) as refused:
        negotiate.record(desk, state, agreement(), key=KEY)

    assert refused.value.detail == {"number": "AG-1", "why": "locked"}
    assert unsaved(desk).waiting == 1
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, state, agreement(), key=KEY)
    assert unsaved(desk).waiting == 1, "the same request is kept once"


def test_decisions_are_never_kept(tmp_path: Path) -> None:
    store = Switched(memory_store())
    content = waiting(store, COLLECTOR)
    seen: dict[str, Any] = {"fingerprint": content, "version": 2, "key": KEY}
    at_lead = replace(lead(store), journal=journal_in(tmp_path))
    at_maker = desk_with_journal(store, tmp_path)
    acts: list[Callable[[], Any]] = [
        lambda: decide.return_plan(at_lead, CASE, reason="term_too_long", **seen),
        lambda: decide.decline(at_lead, CASE, reason="term_too_long", **seen),
        lambda: decide.cancel(at_maker, CASE, **seen),
        lambda: decide.note_borrower_waits(
            at_maker, CASE, fingerprint=content, waits=True, key=KEY
        ),
        lambda: change_budget(at_maker, richer(), expected_version=2, key=KEY),
    ]

    for act in acts:
        store.go_away()
        with pytest.raises(StoreOutOfReach):
            act()
        store.come_back()

    assert approve_while_away(store, at_lead, seen)
    assert (unsaved(at_lead).waiting, unsaved(at_maker).waiting) == (0, 0)
    assert fold(store.events(CASE)).status is Status.PENDING


def approve_while_away(store: Switched, at_lead: Desk, seen: dict[str, Any]) -> bool:
    """Try to approve with the store going away after the password was checked."""

    away = Switched(store)
    away.away_for = "append"
    away.go_away()
    try:
        approve(replace(at_lead, store=away), CASE, **seen)
    except StoreOutOfReach:
        return True
    return False


def test_an_act_never_overtakes_those_that_wait(store: Switched, desk: Desk) -> None:
    store.go_away()
    carry_out(desk, record.disclosure_said(desk, CASE, "identity", RequestKey("1")))
    store.come_back()

    carry_out(desk, record.disclosure_said(desk, CASE, "recorded", RequestKey("2")))

    assert len(store.events(CASE)) == 1
    deliver(desk)
    read = [fact.body["disclosure"] for fact in store.events(CASE)[1:]]
    assert read == ["identity", "recorded"]


def test_delivery_stops_at_the_first_act_that_the_store_cannot_take(
    store: Switched, desk: Desk
) -> None:
    store.go_away()
    for number in range(3):
        carry_out(desk, record.disclosure_said(desk, CASE, f"d{number}", RequestKey(f"{number}")))

    delivery = deliver(desk)

    assert isinstance(delivery.failure, StoreOutOfReach)
    assert (delivery.delivered, delivery.left.waiting) == ((), 3)


def test_a_reply_that_was_lost_makes_one_fact(store: Switched, desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    store.loses_reply = True
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, replace(state, case=richer()), agreement(), key=KEY)
    assert len(store.events(CASE)) == 3

    delivery = deliver(desk)

    assert [one.receipt.is_repeat for one in delivery.delivered] == [True]
    assert len(store.events(CASE)) == 3


def test_acts_prepared_on_top_of_each_other_pass_the_version_check(
    store: Switched, desk: Desk
) -> None:
    store.go_away()
    for number, after in enumerate([None, "b0", "b1"]):
        act = record.budget_corrected(
            desk,
            richer(f"{number + 1}00.00"),
            expected_version=1,
            key=RequestKey(f"b{number}"),
            after=None if after is None else RequestKey(after),
        )
        carry_out(desk, act)
    plan = record.plan_accepted(
        desk, agreement(), expected_version=1, key=KEY, price=price, after=RequestKey("b2")
    )
    with pytest.raises(PlanNotSent):
        carry_out(desk, plan)
    store.come_back()

    delivery = deliver(desk)

    assert [one.receipt.version for one in delivery.delivered] == [2, 3, 4, 5]
    assert fold(store.events(CASE)).case.budget.cash == builders.yuan("300.00")


def test_acts_chain_also_when_delivery_stops_between_them(store: Switched, desk: Desk) -> None:
    store.go_away()
    budget = record.budget_corrected(desk, richer(), expected_version=1, key=RequestKey("b"))
    carry_out(desk, budget)
    store.come_back()
    store.loses_reply = True
    deliver(desk)  # recorded, the reply lost: the act still waits
    store.go_away()
    plan = record.plan_accepted(
        desk, agreement(), expected_version=1, key=KEY, price=price, after=RequestKey("b")
    )
    with pytest.raises(PlanNotSent):
        carry_out(desk, plan)
    store.come_back()

    assert deliver(desk).left.waiting == 0
    assert fold(store.events(CASE)).status is Status.PENDING


def test_a_plan_on_a_case_that_somebody_else_changed_is_refused_and_stays(
    store: Switched, desk: Desk
) -> None:
    state = negotiate.begin(desk, CASE)
    store.go_away()
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, state, agreement(), key=KEY)
    end_call(desk, CASE, "promised", RequestKey("end"))
    store.come_back()
    change_budget(
        desk_at(store, COLLEAGUE),
        richer(),
        expected_version=1,
        key=RequestKey("theirs"),
    )

    delivery = deliver(desk)

    (refused,) = delivery.refused
    assert refused.refusal is not None
    error = error_of(refused.refusal)
    assert isinstance(error, StaleCase)
    assert (error.detail["by"], error.detail["found"]) == (COLLEAGUE.name, "2")
    assert [one.act.key for one in delivery.delivered] == ["end"], "lines of the call still count"
    assert (delivery.left.waiting, len(delivery.left.refused)) == (0, 1)
    assert deliver(desk).left == delivery.left, "it is neither forced nor forgotten"


def test_what_follows_a_refused_act_is_refused_too(store: Switched, desk: Desk) -> None:
    store.go_away()
    carry_out(
        desk, record.budget_corrected(desk, richer(), expected_version=1, key=RequestKey("b"))
    )
    plan = record.plan_accepted(
        desk, agreement(), expected_version=1, key=KEY, price=price, after=RequestKey("b")
    )
    with pytest.raises(PlanNotSent):
        carry_out(desk, plan)
    store.come_back()
    change_budget(
        desk_at(store, COLLEAGUE),
        richer("1.00"),
        expected_version=1,
        key=RequestKey("theirs"),
    )

    kinds = [one.refusal.kind for one in deliver(desk).refused if one.refusal]

    assert kinds == ["StaleCase", "follows_refused"]
    assert len(store.events(CASE)) == 2


def test_a_refused_act_is_given_up_by_its_person_only(
    store: Switched, desk: Desk, tmp_path: Path
) -> None:
    state = negotiate.begin(desk, CASE)
    store.go_away()
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, state, agreement(), key=KEY)
    store.come_back()
    theirs = desk_at(store, COLLEAGUE)
    change_budget(theirs, richer(), expected_version=1, key=RequestKey("theirs"))
    deliver(desk)

    with pytest.raises(TransitionRefused, match="no_such_refused_act"):
        discard(replace(theirs, journal=desk.journal), KEY)
    assert send_again(desk, KEY).left.refused[0].act.key == KEY
    discard(desk, KEY)

    assert unsaved(desk).refused == ()
    assert list((tmp_path / "journals").glob("*.journal")) == []


def test_acts_are_delivered_as_the_person_who_did_them_and_by_nobody_else(
    store: Switched, desk: Desk
) -> None:
    store.go_away()
    end_call(desk, CASE, "call_back", KEY)
    store.come_back()
    at_lead = desk.taken_by(LEAD)

    assert deliver(at_lead).left.of_others == 1
    assert len(store.events(CASE)) == 1
    deliver(desk)
    assert store.events(CASE)[-1].actor == COLLECTOR.name


def test_a_journal_that_cannot_keep_says_so_and_nothing_is_noted(
    store: Switched, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "journals").write_text("in the way")
    store.go_away()

    with pytest.raises(NotKept):
        end_call(desk, CASE, "call_back", KEY)

    store.come_back()
    end_call(desk, CASE, "call_back", KEY)
    assert len(store.events(CASE)) == 2, "a journal out of order keeps nothing from a store"


def test_lines_by_others_meanwhile_do_not_stand_in_the_way(store: Switched, desk: Desk) -> None:
    state = negotiate.begin(desk, CASE)
    store.go_away()
    with pytest.raises(PlanNotSent):
        negotiate.record(desk, state, agreement(), key=KEY)
    store.come_back()
    disclosure_read(
        desk_at(store, COLLEAGUE),
        CASE,
        "identity",
        RequestKey("theirs"),
    )

    assert deliver(desk).left.waiting == 0
    assert len(store.events(CASE)) == 3
