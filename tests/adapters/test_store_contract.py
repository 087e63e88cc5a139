"""What every store promises, whatever lies behind it; an engine joins by one line in `ENGINES`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests.memory_store import MemoryStore
from tests.office import Office
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    EVERYBODY,
    LEAD,
    NOW,
    OTHER_LEAD,
    REVIEWER,
    decided,
    opened,
    plan,
    spoken,
    whole,
)
from tests.stores import fresh_sqlite

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseNotFound, KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.event_form import seal_of
from plan_assistant.domain.events import (
    Account,
    EventType,
    Json,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store


def _memory(_folder: Path) -> Store:
    store = MemoryStore()
    for person in EVERYBODY:
        store.add_account(person)
    return store


ENGINES: dict[str, Callable[[Path], Store]] = {"sqlite": fresh_sqlite, "memory": _memory}
POSTGRES = "postgres"
"""One store for each person, on a real server or on the one in PLAN_ASSISTANT_TEST_STORE."""
CASE = CaseId("A-20931")


@pytest.fixture(params=[*sorted(ENGINES), POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store in which everybody works and nothing has happened."""
    opened_store: Store
    if request.param == POSTGRES:
        opened_store = Office(request.getfixturevalue("emptied"))
    else:
        opened_store = ENGINES[request.param](tmp_path)
    yield opened_store
    opened_store.close()


def put(
    store: Store,
    *events: NewEvent,
    at_version: int,
    key: str,
    by: Account = COLLECTOR,
    case: str = CASE,
) -> Receipt:
    return store.append(
        CaseId(case), events, actor=by, at=NOW, expected_version=at_version, key=RequestKey(key)
    )


def refused(store: Store, *events: NewEvent, at_version: int, by: Account, key: str = "no") -> str:
    """Return the code of the refusal, after checking that nothing was recorded."""
    before = store.every_event()
    with pytest.raises(TransitionRefused) as refusal:
        put(store, *events, at_version=at_version, key=key, by=by)
    assert store.every_event() == before
    return refusal.value.code


# --- facts
def test_a_fact_is_read_back_as_it_was_recorded(store: Store) -> None:
    body: dict[str, Json] = {
        **opened().body,
        "note": "他说：\n“下月再谈” \U0002b740 \ue000",
        "n": [1, None, True, {"z": "", "a": "é"}],
    }

    receipt = put(store, NewEvent(EventType.CASE_OPENED, body), at_version=0, key="k1")

    (event,) = store.events(CASE)
    assert receipt == Receipt(CASE, 1, (event.event_id,), is_repeat=False)
    assert event.body == body
    assert (event.case_id, event.version, event.type) == (CASE, 1, EventType.CASE_OPENED)
    assert (event.actor, event.role) == ("wu.hao", Role.COLLECTOR)
    assert event.sha256 == seal_of(event)


def test_the_moment_keeps_the_offset_of_the_office(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")

    assert store.events(CASE)[0].at.isoformat() == "2026-11-20T12:06:41.250000+08:00"


def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.append(
            CASE,
            [opened()],
            actor=COLLECTOR,
            at=NOW.replace(tzinfo=None),
            expected_version=0,
            key=RequestKey("k1"),
        )

    assert store.case_ids() == ()


def test_a_float_never_enters_the_record(store: Store) -> None:
    bad = NewEvent(EventType.CASE_OPENED, {"amount": 2308.99})  # type: ignore[dict-item]

    with pytest.raises(TypeError, match="float"):
        put(store, bad, at_version=0, key="k1")

    assert store.case_ids() == ()


def test_facts_of_one_request_follow_each_other(store: Store) -> None:
    put(store, opened(), spoken(), spoken("2100.00"), at_version=0, key="k1")

    assert [event.version for event in store.events(CASE)] == [1, 2, 3]


def test_a_request_is_recorded_whole_or_not_at_all(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    sent = plan("AG-1")

    code = refused(
        store,
        spoken(),
        sent,
        decided(EventType.APPROVED, fingerprint(sent.body), COLLECTOR),
        at_version=1,
        by=COLLECTOR,
    )

    assert code == "maker_may_not_decide"
    put(store, sent, at_version=1, key="no")


def test_a_request_without_facts_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="at least one"):
        put(store, at_version=0, key="k1")


def test_cases_stand_in_the_order_they_were_opened(store: Store) -> None:
    for number, case in enumerate(("Z-1", "A-1", "M-1")):
        put(store, opened(), at_version=0, key=f"k{number}", case=case)
    put(store, spoken(), at_version=1, key="k9", case="Z-1")

    assert store.case_ids() == ("Z-1", "A-1", "M-1")


def test_every_event_stands_in_the_order_of_recording(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1", case="Z-1")
    put(store, opened(), at_version=0, key="k2", case="A-1")
    put(store, spoken(), at_version=1, key="k3", case="Z-1")

    events = store.every_event()
    assert [(event.case_id, event.version) for event in events] == [
        ("Z-1", 1),
        ("A-1", 1),
        ("Z-1", 2),
    ]
    assert [event.sequence for event in events] == sorted({event.sequence for event in events})


def test_an_unknown_case_is_named(store: Store) -> None:
    with pytest.raises(CaseNotFound, match="A-20931"):
        store.events(CASE)


def test_a_case_begins_with_its_opening(store: Store) -> None:
    assert refused(store, spoken(), at_version=0, by=COLLECTOR) == "refused_by_store"


def test_a_case_is_opened_once(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")

    assert refused(store, opened(), at_version=1, by=COLLECTOR) == "refused_by_store"


# --- versions
def test_a_stale_write_says_what_changed_and_by_whom(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    put(store, spoken(), at_version=1, key="k2", by=COLLEAGUE)

    with pytest.raises(StaleCase) as stale:
        put(store, spoken("1.00"), at_version=1, key="k3")

    assert stale.value.detail == {
        "case_id": "A-20931",
        "expected": "1",
        "found": "2",
        "what": "offer_spoken",
        "by": "sun.li",
        "at": "2026-11-20T12:06:41.250000+08:00",
    }
    assert len(store.events(CASE)) == 2


def test_a_refused_request_does_not_use_up_its_key(store: Store) -> None:
    put(store, opened(), spoken(), at_version=0, key="k1")
    with pytest.raises(StaleCase):
        put(store, spoken("1.00"), at_version=1, key="k2")

    receipt = put(store, spoken("2.00"), at_version=2, key="k2")

    assert not receipt.is_repeat


@pytest.mark.parametrize("version", [1, 7])
def test_a_fact_about_a_case_that_is_not_there_is_refused(store: Store, version: int) -> None:
    with pytest.raises(CaseNotFound):
        put(store, spoken(), at_version=version, key="k1")


def test_a_version_from_the_future_is_stale(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")

    with pytest.raises(StaleCase):
        put(store, spoken(), at_version=5, key="k2")


# --- idempotency
def test_a_repeated_request_gets_the_first_receipt(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    first = put(store, spoken(), spoken("1.00"), at_version=1, key="k2")

    second = put(store, spoken(), spoken("1.00"), at_version=1, key="k2")

    assert second == Receipt(CASE, 3, first.event_ids, is_repeat=True)
    assert len(store.events(CASE)) == 3


def test_a_repeat_is_known_after_the_case_has_moved_on(store: Store) -> None:
    first = put(store, opened(), at_version=0, key="k1")
    put(store, spoken(), at_version=1, key="k2")

    assert put(store, opened(), at_version=0, key="k1").event_ids == first.event_ids


def test_a_repeat_may_come_later_and_with_a_newer_version(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    first = put(store, spoken(), at_version=1, key="k2")

    second = store.append(
        CASE,
        [spoken()],
        actor=COLLECTOR,
        at=NOW + timedelta(hours=3),
        expected_version=2,
        key=RequestKey("k2"),
    )

    assert second == Receipt(CASE, 2, first.event_ids, is_repeat=True)


@pytest.mark.parametrize(
    ("case", "event", "by"),
    [
        (CASE, opened("other"), COLLECTOR),
        (CaseId("A-1"), opened("first"), COLLECTOR),
        (CASE, NewEvent(EventType.OFFER_SPOKEN, {"note": "first"}), COLLECTOR),
        (CASE, opened("first"), COLLEAGUE),
    ],
    ids=["another content", "another case", "another kind of fact", "another person"],
)
def test_a_key_used_for_something_else_is_refused(
    store: Store, case: CaseId, event: NewEvent, by: Account
) -> None:
    put(store, opened("first"), at_version=0, key="k1")

    with pytest.raises(KeyReused, match="k1"):
        put(store, event, at_version=0, key="k1", by=by, case=case)

    assert len(store.every_event()) == 1


def test_fifty_threads_with_one_key_record_one_fact(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    start = threading.Barrier(50)

    def try_it(number: int) -> Receipt | KeyReused:
        start.wait()
        try:
            payment = "666.00" if number % 5 == 0 else "2308.99"
            return put(store, spoken(payment), at_version=1, key="k2")
        except KeyReused as error:
            return error

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(try_it, range(50)))

    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    (recorded,) = store.events(CASE)[1:]
    winner = 10 if recorded.body == spoken("666.00").body else 40
    assert len(receipts) == winner
    assert sorted(receipt.is_repeat for receipt in receipts) == [False] + [True] * (winner - 1)
    assert {receipt.event_ids for receipt in receipts} == {(recorded.event_id,)}


def test_threads_that_race_for_a_version_win_one_at_a_time(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")

    def keep_trying(thread: int) -> None:
        for number in range(10):
            while True:
                version = len(store.events(CASE))
                try:
                    put(store, spoken(), at_version=version, key=f"t{thread}-{number}")
                    break
                except StaleCase:
                    continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep_trying, range(4)))

    assert [event.version for event in store.events(CASE)] == list(range(1, 42))


# --- people
def test_the_same_person_twice_is_one_person(store: Store) -> None:
    store.add_account(LEAD)

    assert store.accounts() == tuple(sorted(EVERYBODY, key=lambda person: person.name))


@pytest.mark.parametrize(
    "changed",
    [Account("li.na", "李娜", Role.COLLECTOR), Account("li.na", "别人", Role.TEAM_LEAD)],
    ids=["another role", "another name"],
)
def test_a_person_keeps_role_and_name(store: Store, changed: Account) -> None:
    with pytest.raises(TransitionRefused) as refusal:
        store.add_account(changed)

    assert refusal.value.code == "account_differs"
    assert LEAD in store.accounts()


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (Account("nobody", "无名", Role.COLLECTOR), "account_unknown"),
        (Account("wu.hao", "吴昊", Role.TEAM_LEAD), "account_differs"),
        (AUDITOR, "role_may_not"),
    ],
    ids=["a stranger", "a collector who says they are the lead", "an auditor"],
)
def test_only_people_of_the_store_record_and_only_in_their_role(
    store: Store, person: Account, code: str
) -> None:
    assert refused(store, opened(), at_version=0, by=person) == code


# --- four eyes, one pending plan, a decision about a content
SENT = plan("AG-1", total="57415.75")
PRINT = fingerprint(SENT.body)


@pytest.fixture
def waiting(store: Store) -> Store:
    """A store with one plan that waits for the lead, at version 2."""
    put(store, opened(), SENT, at_version=0, key="sent")
    return store


@pytest.mark.parametrize(
    "outcome", [EventType.APPROVED, EventType.RETURNED, EventType.DECLINED], ids=lambda e: e.value
)
def test_a_lead_decides_what_somebody_else_made(waiting: Store, outcome: EventType) -> None:
    put(waiting, decided(outcome, PRINT, LEAD), at_version=2, key="d", by=LEAD)

    assert waiting.events(CASE)[-1].type is outcome


@pytest.mark.parametrize(
    "outcome", [EventType.APPROVED, EventType.RETURNED, EventType.DECLINED], ids=lambda e: e.value
)
def test_the_maker_never_decides_even_as_a_lead(store: Store, outcome: EventType) -> None:
    sent = plan("AG-1", LEAD)
    put(store, opened(), sent, at_version=0, key="sent", by=LEAD)

    by_maker = decided(outcome, fingerprint(sent.body), LEAD)

    assert refused(store, by_maker, at_version=2, by=LEAD) == "maker_may_not_decide"


@pytest.mark.parametrize("person", [COLLEAGUE, ADMINISTRATOR], ids=lambda p: p.role.value)
def test_nobody_but_a_lead_decides(waiting: Store, person: Account) -> None:
    approval = decided(EventType.APPROVED, PRINT, person)

    assert refused(waiting, approval, at_version=2, by=person) == "role_may_not"


def test_a_decision_about_another_content_is_refused(waiting: Store) -> None:
    other = decided(EventType.APPROVED, fingerprint({"number": "AG-1"}), LEAD)

    assert refused(waiting, other, at_version=2, by=LEAD) == "not_what_is_pending"


def test_a_plan_is_decided_once(waiting: Store) -> None:
    put(waiting, decided(EventType.RETURNED, PRINT, LEAD), at_version=2, key="d", by=LEAD)
    again = decided(EventType.APPROVED, PRINT, OTHER_LEAD)

    assert refused(waiting, again, at_version=3, by=OTHER_LEAD) == "already_decided"


def test_nothing_is_decided_where_nothing_was_sent(store: Store) -> None:
    put(store, opened(), at_version=0, key="k1")
    approval = decided(EventType.APPROVED, PRINT, LEAD)

    assert refused(store, approval, at_version=1, by=LEAD) == "nothing_pending"


def test_a_case_has_one_waiting_plan(waiting: Store) -> None:
    assert refused(waiting, plan("AG-2"), at_version=2, by=COLLECTOR) == "plan_is_pending"


@pytest.mark.parametrize(
    ("outcome", "by"),
    [(EventType.RETURNED, LEAD), (EventType.CANCELLED, COLLECTOR)],
    ids=["returned", "cancelled"],
)
def test_after_a_decision_the_next_plan_may_be_sent(
    waiting: Store, outcome: EventType, by: Account
) -> None:
    put(waiting, decided(outcome, PRINT, by), at_version=2, key="d", by=by)
    second = plan("AG-2")
    put(waiting, second, at_version=3, key="again")

    approval = decided(EventType.APPROVED, fingerprint(second.body), LEAD)
    put(waiting, approval, at_version=4, key="yes", by=LEAD)

    assert [event.type for event in waiting.events(CASE)][-3:] == [
        outcome,
        EventType.PLAN_RECORDED,
        EventType.APPROVED,
    ]


@pytest.mark.parametrize("person", [COLLEAGUE, LEAD], ids=["a colleague", "the lead"])
def test_only_the_maker_takes_a_plan_back(waiting: Store, person: Account) -> None:
    back = decided(EventType.CANCELLED, PRINT, person)

    assert refused(waiting, back, at_version=2, by=person) == "only_maker_may_cancel"


def test_an_agreement_number_is_used_once_in_the_store(waiting: Store) -> None:
    put(waiting, opened(), at_version=0, key="k2", case="B-1")

    with pytest.raises(TransitionRefused) as refusal:
        put(waiting, plan("AG-1"), at_version=1, key="k3", case="B-1")

    assert refusal.value.code == "number_taken"
    assert len(waiting.events(CaseId("B-1"))) == 1


# --- what follows an approval
_TYPES = (
    EventType.SIGNED,
    EventType.PAYMENT_POSTED,
    EventType.KEPT,
    EventType.BROKEN,
    EventType.REOPENED,
)
_FOLLOWERS: dict[Role, set[EventType]] = {
    Role.COLLECTOR: {EventType.SIGNED, EventType.PAYMENT_POSTED, EventType.KEPT},
    Role.TEAM_LEAD: set(_TYPES),
    Role.LEGAL_REVIEWER: set(),
    Role.ADMINISTRATOR: set(),
    Role.AGENCY_COLLECTOR: {EventType.SIGNED},
}


def following(kind: EventType, content: str = PRINT) -> NewEvent:
    return NewEvent(kind, whole(kind, number="AG-1", fingerprint=content))


@pytest.fixture
def approved(waiting: Store) -> Store:
    """A store with one approved plan, given to an agency: the case is at version 4."""
    put(waiting, decided(EventType.APPROVED, PRINT, LEAD), at_version=2, key="d", by=LEAD)
    given = NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name})
    put(waiting, given, at_version=3, key="a", by=LEAD)
    return waiting


@pytest.mark.parametrize("kind", _TYPES, ids=lambda kind: kind.value)
@pytest.mark.parametrize(
    "person", [COLLEAGUE, LEAD, REVIEWER, ADMINISTRATOR, AGENT], ids=lambda p: p.role.value
)
def test_a_store_lets_these_roles_follow_up(
    approved: Store, person: Account, kind: EventType
) -> None:
    if kind in _FOLLOWERS[person.role]:
        put(approved, following(kind), at_version=4, key="f", by=person)
        assert approved.events(CASE)[-1].type is kind
    else:
        assert refused(approved, following(kind), at_version=4, by=person) == "role_may_not"


@pytest.mark.parametrize("kind", _TYPES[:-1], ids=lambda kind: kind.value)
def test_nothing_follows_what_was_not_approved(approved: Store, kind: EventType) -> None:
    other = following(kind, fingerprint({"number": "AG-1"}))

    assert refused(approved, other, at_version=4, by=LEAD) == "plan_not_approved"


@pytest.mark.parametrize("kind", _TYPES[:-1], ids=lambda kind: kind.value)
def test_nothing_follows_a_plan_that_waits(waiting: Store, kind: EventType) -> None:
    assert refused(waiting, following(kind), at_version=2, by=LEAD) == "plan_not_approved"


def test_the_maker_of_a_plan_does_not_declare_it_broken(store: Store) -> None:
    sent = plan("AG-1", LEAD)
    content = fingerprint(sent.body)
    put(store, opened(), sent, at_version=0, key="sent", by=LEAD)
    approval = decided(EventType.APPROVED, content, OTHER_LEAD)
    put(store, approval, at_version=2, key="d", by=OTHER_LEAD)
    end = following(EventType.BROKEN, content)

    assert refused(store, end, at_version=3, by=LEAD) == "maker_may_not_declare"
    put(store, end, at_version=3, key="end", by=OTHER_LEAD)


def test_a_payment_and_the_end_it_brings_are_one_request(approved: Store) -> None:
    both = (following(EventType.PAYMENT_POSTED), following(EventType.KEPT))

    first = put(approved, *both, at_version=4, key="pay")
    again = put(approved, *both, at_version=4, key="pay")

    assert [event.type for event in approved.events(CASE)][-2:] == [fact.type for fact in both]
    assert (first.version, again.event_ids, again.is_repeat) == (6, first.event_ids, True)
