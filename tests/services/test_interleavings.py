"""Several collectors and leads on one store, in every order a seed can draw.

A person looks at a case and acts on it later; a reply may get lost, so that the act is sent again
with the same key; a program may stop and start anew. After every step the record is asked whether
it is still one: one plan waits at most, nobody decided their own, nothing is recorded twice. The
history of each case is then one that happens if everybody had acted in turn.
"""

from __future__ import annotations

import functools
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import builders
from tests.desks import agreement, approve, case_named, desk_at, memory_store
from tests.people import COLLEAGUE, COLLECTOR, LEAD, NOW, OTHER_LEAD
from tests.properties import is_long
from tests.recording import change_budget, disclosure_read, record_plan
from tests.stores import fresh_sqlite

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.approved_plan import PlanState
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    KeyReused,
    StaleCase,
    TransitionRefused,
)
from plan_assistant.domain.events import Account, Event, EventType, Receipt, RequestKey
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.money import CNY
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import decide, follow_up
from plan_assistant.services.desk import Desk
from plan_assistant.services.open_case import open_case

RUNS = 10_000 if is_long() else 250
_STEPS = 24
_CASES = (CaseId("S-1"), CaseId("S-2"))
_PEOPLE = (COLLECTOR, COLLEAGUE, LEAD, OTHER_LEAD)
_SENT = agreement()
_priced = functools.lru_cache(price)
"""Prices the one plan of all these worlds once."""


@dataclass(frozen=True)
class Intent:
    """An act somebody decided on after looking at a case; it is carried out later."""

    by: Account
    case: CaseId
    kind: EventType
    key: RequestKey
    act: Callable[[Store], Receipt]
    fingerprint: str = ""


@dataclass
class World:
    """A store, the people around it, and everything they were told."""

    chance: random.Random
    store: Store
    waiting: list[Intent] = field(default_factory=list)
    """Acts that were decided on and not carried out yet, or carried out with the reply lost."""
    told: dict[RequestKey, Receipt] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def step(self) -> None:
        """Let one person look, or one act be carried out; sometimes the same act twice."""
        if self.waiting and self.chance.random() < 0.55:
            intent = self.waiting.pop(self.chance.randrange(len(self.waiting)))
            self._carry_out(intent)
        else:
            self.waiting.append(self._look())

    def _carry_out(self, intent: Intent) -> None:
        try:
            receipt = intent.act(self.store)
        except (TransitionRefused, StaleCase) as error:
            assert intent.key not in self.told, "what was acknowledged is refused when repeated"
            self.refused[type(error).__name__] += 1
            return
        first = self.told.get(intent.key)
        assert first is None or (first.case_id, first.version, first.event_ids) == (
            receipt.case_id,
            receipt.version,
            receipt.event_ids,
        )
        assert receipt.is_repeat == (first is not None)
        self.told[intent.key] = receipt
        if self.chance.random() < 0.3:
            # The reply is lost or the program starts anew: the same act comes again, later.
            self.waiting.append(intent)

    def _record_of(self, case: CaseId) -> CaseRecord:
        return fold(self.store.events(case))

    def _look(self) -> Intent:
        by, case = self.chance.choice(_PEOPLE), self.chance.choice(_CASES)
        record = self._record_of(case)
        key, version = RequestKey(f"k{next(self.keys)}"), record.version
        plan = record.pending

        def desk(store: Store) -> Desk:
            return desk_at(store, by)

        if self.chance.random() < 0.2:
            return Intent(
                by,
                case,
                EventType.DISCLOSURE_READ,
                key,
                lambda store: disclosure_read(desk(store), case, "identity", key),
            )
        if plan is None and record.agreements and self.chance.random() < 0.6:
            kind, act = self._follow_up(by, case, record, key)
            return Intent(by, case, kind, key, act)
        if plan is None and self.chance.random() < 0.3:
            budget = replace(record.case.budget, cash=builders.yuan(f"{version}.00"))
            changed = replace(record.case, budget=budget)
            return Intent(
                by,
                case,
                EventType.BUDGET_CHANGED,
                key,
                lambda store: change_budget(
                    desk(store), changed, expected_version=version, key=key
                ),
            )
        if plan is None:
            sent = {**_SENT, "number": f"AG-{key}", "case_id": case, "maker": by.name}
            return Intent(
                by,
                case,
                EventType.PLAN_RECORDED,
                key,
                lambda store: record_plan(
                    desk(store), sent, expected_version=version, key=key, price=_priced
                ),
            )
        seen: dict[str, Any] = {"fingerprint": plan.fingerprint, "version": version, "key": key}
        acts: list[tuple[EventType, Callable[[Store], Receipt]]] = [
            (EventType.APPROVED, lambda store: approve(desk(store), case, **seen)),
            (
                EventType.RETURNED,
                lambda store: decide.return_plan(desk(store), case, reason="term_too_long", **seen),
            ),
            (EventType.CANCELLED, lambda store: decide.cancel(desk(store), case, **seen)),
        ]
        kind, act = self.chance.choice(acts)
        return Intent(by, case, kind, key, act, plan.fingerprint)

    def _follow_up(
        self, by: Account, case: CaseId, record: CaseRecord, key: RequestKey
    ) -> tuple[EventType, Callable[[Store], Receipt]]:
        """Sign, pay a part or all, declare broken or open again, two months after the approval."""
        item, version = record.agreements[-1], record.version
        named = NamedAgreement(item.plan.number, item.plan.fingerprint)
        part = item.left.minor if self.chance.random() < 0.4 else self.chance.randint(1, 900_000)
        paid = Paid(NOW.date() + timedelta(days=self.chance.randint(0, 60)), CNY.money(part))
        seen: dict[str, Any] = {"version": version, "key": key}

        def desk(store: Store) -> Desk:
            return replace(desk_at(store, by), clock=DemoClock(NOW + timedelta(days=60)))

        acts: list[tuple[EventType, Callable[[Store], Receipt]]] = [
            (
                EventType.SIGNED,
                lambda store: follow_up.sign(
                    desk(store),
                    case,
                    named,
                    day=NOW.date() + timedelta(days=1),
                    parties=frozenset({Party.BORROWER, Party.LENDER}),
                    file_sha256=None,
                    **seen,
                ),
            ),
            (
                EventType.PAYMENT_POSTED,
                lambda store: follow_up.post_payment(
                    desk(store), case, named, paid=paid, reference=key, **seen
                ),
            ),
            (
                EventType.BROKEN,
                lambda store: follow_up.declare_broken(
                    desk(store),
                    case,
                    named,
                    reason=BreachReason.STOPPED_PAYING,
                    notice_on=NOW.date() + timedelta(days=30),
                    **seen,
                ),
            ),
            (
                EventType.REOPENED,
                lambda store: follow_up.reopen(
                    desk(store), case, reason=ReopenReason.HEALTH, **seen
                ),
            ),
            (
                EventType.REOPENED,
                lambda store: follow_up.reopen(
                    desk(store),
                    case,
                    reason=ReopenReason.NEVER_SIGNED,
                    number=item.plan.number,
                    **seen,
                ),
            ),
        ]
        return self.chance.choice(acts)


def check(world: World) -> None:
    """Ask the record whether it is still one."""
    by_id = {fact.event_id: fact for fact in world.store.every_event()}
    assert len(by_id) == len(world.store.every_event())
    for receipt in world.told.values():
        assert all(event_id in by_id for event_id in receipt.event_ids)
    recorded = [event_id for receipt in world.told.values() for event_id in receipt.event_ids]
    assert len(recorded) == len(set(recorded)), "one fact for one key"
    for case in _CASES:
        _check_history(world.store.events(case))


def _check_history(facts: tuple[Event, ...]) -> None:
    assert [fact.version for fact in facts] == list(range(1, len(facts) + 1))
    waits: Event | None = None
    for fact in facts:
        if fact.type is EventType.PLAN_RECORDED:
            assert waits is None, "two plans wait"
            before = fold([each for each in facts if each.version < fact.version])
            assert not any(item.payments for item in before.agreements), "paid twice"
            waits = fact
        elif fact.type.is_decision:
            assert waits is not None, "decided what did not wait"
            own = fact.actor == waits.actor
            assert own == (fact.type is EventType.CANCELLED), "four eyes"
            record = fold([each for each in facts if each.version < fact.version])
            assert record.pending is not None
            assert fact.body["fingerprint"] == record.pending.fingerprint
            waits = None
    for item in fold(facts).agreements:
        assert item.misposted == (), "laid over what it does not cover"
        assert item.left.minor >= 0, "more was taken than was asked"
        assert (item.state is PlanState.KEPT) == (not item.left), "kept when all is paid, only then"
        if item.ended is not None and item.state is PlanState.BROKEN:
            assert item.ended.by != item.plan.maker, "declared by its maker"


def _world(seed: int, store: Store) -> World:
    world = World(random.Random(seed), store)
    for case in _CASES:
        receipt = open_case(desk_at(world.store), case_named(case), RequestKey(f"open {case}"))
        world.told[RequestKey(f"open {case}")] = receipt
    if seed % 2:
        # An approval is rare in so few steps, and what follows it would hardly ever be reached.
        _approved(store, _CASES[1])
    if seed % 4 == 1:
        # Only what was signed is broken.
        _signed(store, _CASES[1])
    return world


def _approved(store: Store, case: CaseId) -> None:
    sent = {**_SENT, "number": "AG-begun", "case_id": case, "maker": COLLECTOR.name}
    record_plan(desk_at(store), sent, expected_version=1, key=RequestKey("begun"), price=_priced)
    plan = fold(store.events(case)).pending
    assert plan is not None
    approve(
        desk_at(store, LEAD),
        case,
        fingerprint=plan.fingerprint,
        version=2,
        key=RequestKey("begun yes"),
    )


def _signed(store: Store, case: CaseId) -> None:
    record = fold(store.events(case))
    plan = record.agreements[-1].plan
    follow_up.sign(
        desk_at(store),
        case,
        NamedAgreement(plan.number, plan.fingerprint),
        day=NOW.date(),
        parties=frozenset({Party.BORROWER, Party.LENDER}),
        file_sha256=None,
        version=record.version,
        key=RequestKey("begun signed"),
    )


def _run(seed: int, store: Store) -> World:
    world = _world(seed, store)
    for number in range(_STEPS):
        world.step()
        try:
            check(world)
        except AssertionError as error:
            pytest.fail(f"seed {seed}, step {number}: {error}")
    return world


def test_any_interleaving_leaves_one_record() -> None:
    refused, kinds = Counter[str](), Counter[EventType]()
    for seed in range(RUNS):
        world = _run(seed, memory_store())
        refused += world.refused
        kinds.update(fact.type for fact in world.store.every_event())
    # What is drawn reaches everything that can go wrong.
    assert min(refused["StaleCase"], refused["TransitionRefused"]) > RUNS // 10
    assert min(kinds[kind] for kind in (EventType.APPROVED, EventType.CANCELLED)) > RUNS // 20
    followed = (
        EventType.SIGNED,
        EventType.PAYMENT_POSTED,
        EventType.KEPT,
        EventType.BROKEN,
        EventType.REOPENED,
    )
    assert min(kinds[kind] for kind in followed) > RUNS // 100, kinds


def test_any_interleaving_leaves_one_record_in_a_file(tmp_path: Path) -> None:
    for seed in range(RUNS // 40):
        folder = tmp_path / str(seed)
        folder.mkdir()
        store = fresh_sqlite(folder)
        _run(seed, store)
        store.close()


def test_an_altered_act_under_a_used_key_is_refused() -> None:
    world = _world(0, memory_store())
    key = RequestKey("one")
    disclosure_read(desk_at(world.store), _CASES[0], "identity", key)

    with pytest.raises(KeyReused):
        disclosure_read(desk_at(world.store), _CASES[0], "recorded", key)


def test_the_check_notices_two_decisions() -> None:
    world = _world(1, memory_store())
    store = world.store
    record_plan(
        desk_at(store),
        {**_SENT, "number": "AG-1", "case_id": _CASES[0], "maker": COLLECTOR.name},
        expected_version=1,
        key=RequestKey("plan"),
        price=_priced,
    )
    fingerprint = fold(store.events(_CASES[0])).pending
    assert fingerprint is not None
    approve(
        desk_at(store, LEAD),
        _CASES[0],
        fingerprint=fingerprint.fingerprint,
        version=2,
        key=RequestKey("yes"),
    )
    facts = store.events(_CASES[0])

    with pytest.raises(AssertionError, match="did not wait"):
        _check_history((*facts, facts[-1].__class__(**{**_fields(facts[-1]), "version": 4})))
    with pytest.raises(AssertionError, match="four eyes"):
        _check_history(
            (*facts[:2], facts[2].__class__(**{**_fields(facts[2]), "actor": COLLECTOR.name}))
        )


def _fields(fact: Event) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__slots__}
