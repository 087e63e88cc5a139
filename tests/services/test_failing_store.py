"""Every act of every service, with the store failing at each of its calls: nothing half, all once.

The k-th call of the store fails, for k from 1 until none does: before anything was written, or
after, when only the reply is lost. The act then says so, and the same act repeated leaves what one
act leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import builders
from tests.desks import CASE, agreement, approve, desk_at, lead, memory_store, send, waiting
from tests.people import COLLECTOR, NOW
from tests.recording import change_budget, close_call
from tests.sealing import sealer_for
from tests.services.test_record import corrected

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.domain.errors import StoreFailure, StoreOutOfReach
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import fold
from plan_assistant.ports import Sealer, Store
from plan_assistant.services import decide, follow_up, negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.export import export_agreement
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows

KEY = RequestKey("act")
State = Any


class Failing:
    """A store whose k-th call fails, before it is carried out or after."""

    def __init__(self, store: object, *, at: int, is_reply_lost: bool) -> None:
        self._store, self._at, self._is_reply_lost = store, at, is_reply_lost
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return self._watched(getattr(self._store, name))

    def _watched(self, act: Any) -> Any:
        if not callable(act):
            return _Part(self, act)

        def asked(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls != self._at:
                return act(*arguments, **named)
            if self._is_reply_lost:
                act(*arguments, **named)
            raise StoreOutOfReach("the store is away", place="here")

        return asked


class _Part:
    """A part of a failing store, whose calls are counted with the others."""

    def __init__(self, store: Failing, part: object) -> None:
        self._store, self._part = store, part

    def __getattr__(self, name: str) -> Any:
        return self._store._watched(getattr(self._part, name))


def _opened(store: Store) -> None:
    open_case(desk_at(store), builders.case(), RequestKey("open"))


def _call(store: Store) -> Negotiation:
    _opened(store)
    return negotiate.begin(desk_at(store), CASE)


def _pending(store: Store) -> str:
    return waiting(store)


def _open(desk: Desk, _state: State) -> object:
    return open_case(desk, builders.case(), KEY)


def _record(desk: Desk, _state: State) -> object:
    return send(desk, agreement(), version=1)


def _change_budget(desk: Desk, _state: State) -> object:
    return change_budget(desk, corrected(), expected_version=1, key=KEY)


def _close(desk: Desk, _state: State) -> object:
    return close_call(desk, CASE, "call_back", KEY)


def _mark_offered(desk: Desk, state: Negotiation) -> object:
    return negotiate.mark_offered(desk, state)


def _mark_refused(desk: Desk, state: Negotiation) -> object:
    return negotiate.mark_refused(desk, state, "too_much")


def _tick(desk: Desk, state: Negotiation) -> object:
    return negotiate.tick_disclosure(desk, state, state.disclosures_left[0])


def _approve(desk: Desk, fingerprint: str) -> object:
    return approve(lead(desk.store), CASE, fingerprint=fingerprint, version=2, key=KEY)


def _return(desk: Desk, fingerprint: str) -> object:
    return decide.return_plan(
        lead(desk.store),
        CASE,
        fingerprint=fingerprint,
        version=2,
        reason="term_too_long",
        key=KEY,
    )


def _decline(desk: Desk, fingerprint: str) -> object:
    return decide.decline(
        lead(desk.store), CASE, fingerprint=fingerprint, version=2, reason="verdict", key=KEY
    )


def _cancel(desk: Desk, fingerprint: str) -> object:
    return decide.cancel(desk, CASE, fingerprint=fingerprint, version=2, key=KEY)


def _begin(desk: Desk, _state: State) -> object:
    return negotiate.begin(desk, CASE)


def _queue(desk: Desk, _state: State) -> object:
    return queue_rows(desk)


def _pending_list(desk: Desk, _state: State) -> object:
    return decide.pending(desk)


def _in_force(store: Store) -> str:
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))
    return fingerprint


def _signed(store: Store) -> str:
    fingerprint = _in_force(store)
    _sign(desk_at(store), fingerprint, RequestKey("signature"))
    return fingerprint


def _sign(desk: Desk, fingerprint: str, key: RequestKey = KEY) -> object:
    return follow_up.sign(
        desk,
        CASE,
        NamedAgreement("AG-1", fingerprint),
        day=NOW.date(),
        parties=frozenset({Party.BORROWER, Party.LENDER}),
        file_sha256=None,
        version=3,
        key=key,
    )


def _pay_everything(desk: Desk, fingerprint: str) -> object:
    """Two facts in one request: the payment and the end that it brings."""
    return follow_up.post_payment(
        desk,
        CASE,
        NamedAgreement("AG-1", fingerprint),
        paid=Paid(NOW.date(), builders.yuan("56285.34")),
        reference="R1",
        version=3,
        key=KEY,
    )


def _kept(store: Store) -> str:
    fingerprint = _in_force(store)
    _pay_everything(desk_at(store), fingerprint)
    return fingerprint


def _reopen(desk: Desk, _fingerprint: str) -> object:
    return follow_up.reopen(
        lead(desk.store),
        CASE,
        reason=ReopenReason.OTHER,
        version=5,
        key=RequestKey("again"),
        sentence="……",
    )


def _break_off(desk: Desk, fingerprint: str) -> object:
    later = replace(lead(desk.store), clock=DemoClock(NOW + timedelta(days=60)))
    return follow_up.declare_broken(
        later,
        CASE,
        NamedAgreement("AG-1", fingerprint),
        reason=BreachReason.STOPPED_PAYING,
        notice_on=date(2026, 12, 20),
        version=4,
        key=KEY,
    )


ACTS: list[tuple[str, Callable[[Store], State], Callable[[Desk, State], object]]] = [
    ("open_case", lambda _store: None, _open),
    ("record_plan", _opened, _record),
    ("change_budget", _opened, _change_budget),
    ("close_call", _opened, _close),
    ("begin", _opened, _begin),
    ("mark_offered", _call, _mark_offered),
    ("mark_refused", _call, _mark_refused),
    ("tick_disclosure", _call, _tick),
    ("approve", _pending, _approve),
    ("return_plan", _pending, _return),
    ("decline", _pending, _decline),
    ("cancel", _pending, _cancel),
    ("sign", _in_force, _sign),
    ("post_payment", _in_force, _pay_everything),
    ("declare_broken", _signed, _break_off),
    ("reopen", _kept, _reopen),
    ("queue_rows", _pending, _queue),
    ("pending", _pending, _pending_list),
]


def _content(store: Store) -> list[tuple[object, ...]]:
    """Return what was recorded, but for signatures: every store has keys of its own."""
    return [
        (
            fact.case_id,
            fact.version,
            fact.type,
            {name: value for name, value in fact.body.items() if name != "signature"},
        )
        for fact in store.every_event()
    ]


@pytest.mark.parametrize("is_reply_lost", [False, True], ids=["refused", "reply lost"])
@pytest.mark.parametrize(("name", "before", "act"), ACTS, ids=[name for name, *_ in ACTS])
def test_an_act_repeated_after_a_failure_leaves_what_one_act_leaves(
    name: str,
    before: Callable[[Store], State],
    act: Callable[[Desk, State], object],
    is_reply_lost: bool,
) -> None:
    at = 1
    while True:
        store = memory_store()
        state = before(store)
        started = len(store.every_event())
        failing: Any = Failing(store, at=at, is_reply_lost=is_reply_lost)
        try:
            act(desk_at(failing), state)
        except StoreFailure:
            half = len(store.every_event()) - started
            act(desk_at(store), state)
        else:
            break
        undisturbed = memory_store()
        again = _same_state(state, before(undisturbed))
        act(desk_at(undisturbed), again)
        assert _content(store) == _content(undisturbed), f"{name}, call {at}"
        assert half in {0, len(store.every_event()) - started}, f"{name}, call {at}: half written"
        at += 1
    assert at > 1, f"{name} asks the store for nothing"


def _same_state(first: State, second: State) -> State:
    """Return the state of the second store as that of the same call."""
    return replace(second, call=first.call) if isinstance(first, Negotiation) else second


@pytest.mark.parametrize("is_reply_lost", [False, True], ids=["refused", "reply lost"])
def test_an_export_repeated_after_a_failure_is_one_export(
    tmp_path: Path, is_reply_lost: bool
) -> None:
    at = 1
    while True:
        store = memory_store()
        _pending(store)
        folder = tmp_path / str(at)
        folder.mkdir()
        failing: Any = Failing(store, at=at, is_reply_lost=is_reply_lost)

        sealer = sealer_for(store)

        def export(onto: Store, to: Path = folder, sealer: Sealer = sealer) -> None:
            export_agreement(
                desk_at(onto),
                CASE,
                formats=("json",),
                languages=(),
                folder=to,
                writers={},
                files=LocalFiles(),
                sealer=sealer,
                key=KEY,
            )

        try:
            export(failing)
        except StoreFailure:
            assert list(folder.iterdir()) == []  # nothing leaves without a trace
            export(store)
        else:
            break
        assert [fact.type.value for fact in store.every_event()][2:] == ["exported"]
        assert len(list(folder.iterdir())) == 1
        at += 1
    assert at > 1


def test_what_a_search_answered_is_recorded_with_the_first_offer_out_of_it() -> None:
    store = memory_store()
    state = _call(store)
    desk = desk_at(store)

    state = negotiate.mark_offered(desk, state)
    state = negotiate.mark_offered(desk, state.selecting(1))
    turned = negotiate.what_if(state, Wishes(due_day=20))
    negotiate.mark_offered(desk, turned)

    kinds = [fact.type.value for fact in store.events(CASE)][1:]
    shown = [fact.body for fact in store.events(CASE) if fact.type.value == "offers_shown"]
    assert kinds == ["offers_shown", "offer_spoken", "offer_spoken", "offers_shown", "offer_spoken"]
    assert shown[0]["case_version"] == 1
    assert shown[0]["policy"] == {
        "pack": state.policy.pack,
        "version": state.policy.version,
        "sha256": state.policy.sha256,
    }
    certificate = shown[0]["certificate"]
    assert isinstance(certificate, dict)
    assert state.offers.certificate is not None
    assert certificate["candidates"] == state.offers.certificate.candidates
    wishes = shown[1]["wishes"]
    assert isinstance(wishes, dict)
    assert wishes["due_day"] == 20
    assert fold(store.events(CASE)).case == builders.case()


def test_the_same_offer_spoken_twice_is_recorded_twice() -> None:
    store = memory_store()
    desk = desk_at(store)

    negotiate.mark_offered(desk, negotiate.mark_offered(desk, _call(store)))

    spoken = [fact for fact in store.events(CASE) if fact.type.value == "offer_spoken"]
    assert len(spoken) == 2
    assert {fact.actor for fact in spoken} == {COLLECTOR.name}
