"""The store port in memory: a second implementation of the contract, for tests without a disk."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count

from plan_assistant.domain.approval import ApprovalKey, KeyRegistry
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    CaseUnreadable,
    KeyReused,
    StaleCase,
    TransitionRefused,
)
from plan_assistant.domain.event_form import moment, payload_hash, recorded
from plan_assistant.domain.events import (
    Account,
    Event,
    EventId,
    EventType,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.lookup import id_key, name_key, phone_key
from plan_assistant.domain.passwords import (
    Attempt,
    Outcome,
    StoredPassword,
    require_open,
    waits_anew,
)
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Lookup

_CALL = {
    EventType.BUDGET_CHANGED,
    EventType.OFFERS_SHOWN,
    EventType.OFFER_SPOKEN,
    EventType.OFFER_REFUSED,
    EventType.DISCLOSURE_READ,
    EventType.PLAN_RECORDED,
    EventType.CALL_CLOSED,
    EventType.CANCELLED,
    EventType.EXPORTED,
    EventType.BORROWER_WAITS,
    EventType.REVEALED,
    EventType.SIGNED,
}
_TEAM = _CALL | {EventType.CASE_OPENED, EventType.PAYMENT_POSTED, EventType.KEPT}
_FOLLOWS = {EventType.SIGNED, EventType.PAYMENT_POSTED, EventType.KEPT, EventType.BROKEN}
_FOUND_BY = {Lookup.NAME: name_key, Lookup.ID_NUMBER: id_key, Lookup.PHONE: phone_key}
RECORDS: dict[Role, set[EventType]] = {
    Role.COLLECTOR: _TEAM,
    Role.TEAM_LEAD: set(EventType) - {EventType.PURGED},
    Role.LEGAL_REVIEWER: {EventType.EXPORTED},
    Role.AUDITOR: set(),
    Role.ADMINISTRATOR: {EventType.CASE_OPENED, EventType.PURGED},
    Role.AGENCY_COLLECTOR: _CALL,
}
"""What a store itself lets a role record, whoever asks."""


class MemoryCredentials:
    """Keeps passwords, keys and tries in lists."""

    def __init__(self, people: dict[str, Account]) -> None:
        self._lock = threading.Lock()
        self._people = people
        self._passwords: list[StoredPassword] = []
        self._keys: list[ApprovalKey] = []
        self._attempts: dict[str, list[Attempt]] = {}

    def password_of(self, name: str) -> StoredPassword | None:
        return next((one for one in reversed(self._passwords) if one.account == name), None)

    def with_password(self) -> frozenset[str]:
        return frozenset(one.account for one in self._passwords)

    def add_password(self, new: StoredPassword, key: ApprovalKey | None) -> None:
        with self._lock:
            before = self.password_of(new.account)
            number = 1 if before is None else before.number + 1
            if new.number != number or new.account not in self._people:
                raise TransitionRefused("password_set_meanwhile", name=new.account)
            self._passwords.append(new)
            self._keys += [] if key is None else [key]
            self._note(new.account, Outcome.NEW_PASSWORD, new.at)

    def key_registry(self) -> KeyRegistry:
        roles = {name: person.role for name, person in self._people.items()}
        ordered = sorted(self._keys, key=lambda key: (key.account, key.number))
        return KeyRegistry(tuple(ordered), roles)

    def begin_attempt(self, name: str, at: datetime) -> None:
        with self._lock:
            if waits_anew(self._attempts.get(name, [])[::-1], at):
                self._note(name, Outcome.FAILED, at)
            require_open(self._attempts.get(name, [])[::-1], at)
            self._note(name, Outcome.TRIED, at)

    def end_attempt(self, name: str, at: datetime, *, came_in: bool) -> None:
        with self._lock:
            self._note(name, Outcome.CAME_IN if came_in else Outcome.FAILED, at)

    def _note(self, name: str, outcome: Outcome, at: datetime) -> None:
        self._attempts.setdefault(name, []).append(Attempt(outcome, at))


class MemoryStore:
    """Keeps facts in lists; knows nothing of SQL and shares no code with the store that does."""

    login: str | None = None
    """Set where a test plays a store that people sign in to."""
    login_password = ""

    def knows_password(self, password: str) -> bool:
        return password == self.login_password

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = count(1)
        self._events: list[Event] = []
        self._requests: dict[RequestKey, tuple[str, Receipt]] = {}
        self._people: dict[str, Account] = {}
        self.credentials = MemoryCredentials(self._people)

    def append(
        self,
        case_id: CaseId,
        events: Sequence[NewEvent],
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        if not events:
            raise ValueError("a request records at least one fact")
        contents = [(event.type, fingerprint(event.body)) for event in events]
        payload = payload_hash(case_id, contents, actor)
        with self._lock:
            if key in self._requests:
                first, receipt = self._requests[key]
                if first != payload:
                    raise KeyReused(key)
                return Receipt(receipt.case_id, receipt.version, receipt.event_ids, is_repeat=True)
            self._refuse_stranger(actor)
            history = [event for event in self._events if event.case_id == case_id]
            _refuse_stale(case_id, history, expected_version)
            facts: list[Event] = []
            for new in events:
                fact = recorded(
                    new,
                    sequence=len(self._events) + len(facts) + 1,
                    event_id=EventId(f"E-{next(self._ids)}"),
                    case_id=case_id,
                    version=expected_version + len(facts) + 1,
                    at=at,
                    actor=actor,
                )
                self._guard([*history, *facts], fact)
                facts.append(fact)
            receipt = Receipt(
                case_id, facts[-1].version, tuple(fact.event_id for fact in facts), is_repeat=False
            )
            self._events += facts
            self._requests[key] = payload, receipt
            return receipt

    def _refuse_stranger(self, actor: Account) -> None:
        known = self._people.get(actor.name)
        if known is None:
            raise TransitionRefused("account_unknown", name=actor.name)
        if known.role is not actor.role:
            raise TransitionRefused("account_differs", name=actor.name, role=known.role.value)

    def _guard(self, history: Sequence[Event], fact: Event) -> None:
        about_plans = [
            event
            for event in history
            if event.type is EventType.PLAN_RECORDED or event.type.is_decision
        ]
        last = about_plans[-1] if about_plans else None
        is_waiting = last is not None and last.type is EventType.PLAN_RECORDED
        if fact.type is EventType.PLAN_RECORDED:
            if is_waiting and last is not None:
                raise TransitionRefused("plan_is_pending", maker=last.actor)
            taken = {e.body["number"] for e in self._events if e.type is EventType.PLAN_RECORDED}
            if fact.body["number"] in taken:
                raise TransitionRefused("number_taken")
        elif fact.type.is_decision:
            if last is None:
                raise TransitionRefused("nothing_pending")
            if not is_waiting:
                raise TransitionRefused("already_decided")
            _refuse_decision(last, fact)
        if fact.type in _FOLLOWS:
            _refuse_follower(history, fact)
        if (fact.version == 1) != (fact.type is EventType.CASE_OPENED):
            raise TransitionRefused("refused_by_store", rule="event_first_opens")
        if fact.type not in RECORDS[fact.role]:
            raise TransitionRefused("role_may_not", role=fact.role.value)

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        found = tuple(event for event in self._events if event.case_id == case_id)
        if not found:
            raise CaseNotFound(case_id)
        return found

    def find(self, by: Lookup, text: str) -> tuple[CaseId, ...]:
        def is_theirs(first: Event) -> bool:
            borrower = first.body["borrower"]
            assert isinstance(borrower, Mapping)
            said = borrower.get(by.value)
            return isinstance(said, str) and _FOUND_BY[by](said) == _FOUND_BY[by](text) != ""

        opened = [event for event in self._events if event.type is EventType.CASE_OPENED]
        return tuple(first.case_id for first in opened if is_theirs(first))

    def case_ids(self) -> tuple[CaseId, ...]:
        return tuple(event.case_id for event in self._events if event.version == 1)

    def every_event(self) -> tuple[Event, ...]:
        return tuple(self._events)

    def readable_events(self) -> tuple[tuple[Event, ...], tuple[CaseUnreadable, ...]]:
        return self.every_event(), ()

    def accounts(self) -> tuple[Account, ...]:
        return tuple(self._people[name] for name in sorted(self._people))

    def add_account(self, account: Account) -> None:
        known = self._people.setdefault(account.name, account)
        if known != account:
            raise TransitionRefused("account_differs", name=account.name, role=known.role.value)

    def close(self) -> None:
        """Nothing is held open."""


def _refuse_stale(case_id: CaseId, history: Sequence[Event], expected: int) -> None:
    if len(history) == expected:
        return
    if not history:
        raise CaseNotFound(case_id)
    last = history[-1]
    raise StaleCase(
        case_id,
        expected=expected,
        found=len(history),
        what=last.type.value,
        by=last.actor,
        at=moment(last.at),
    )


def _refuse_decision(sent: Event, fact: Event) -> None:
    is_maker = fact.actor == sent.actor
    if fact.type is EventType.CANCELLED:
        if not is_maker:
            raise TransitionRefused("only_maker_may_cancel")
    elif is_maker:
        raise TransitionRefused("maker_may_not_decide")
    elif fact.role is not Role.TEAM_LEAD:
        raise TransitionRefused("role_may_not")
    if fact.body["fingerprint"] != fingerprint(sent.body):
        raise TransitionRefused("not_what_is_pending")


def _refuse_follower(history: Sequence[Event], fact: Event) -> None:
    """Refuse what is about no approved content, and the end declared by who made it."""
    approved = {event.body["fingerprint"] for event in history if event.type is EventType.APPROVED}
    makers = {
        event.actor
        for event in history
        if event.type is EventType.PLAN_RECORDED
        and fingerprint(event.body) == fact.body.get("fingerprint")
    }
    if fact.body.get("fingerprint") not in approved:
        raise TransitionRefused("plan_not_approved")
    if fact.type is EventType.BROKEN and fact.actor in makers:
        raise TransitionRefused("maker_may_not_declare")
