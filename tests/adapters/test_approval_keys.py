"""Signatures under approvals: every byte counts, and who has only the database cannot approve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.desks import CASE, approve, desk_at, lead, memory_store, waiting
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
    REVIEWER,
)
from tests.staffing import (
    CHEAP,
    KEYS,
    PASSWORD,
    door_of,
    give_password,
    proof_of,
    signing_by,
)
from tests.stores import fresh_sqlite

from plan_assistant.adapters.approval_keys import Ed25519Signer, verify_approvals
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.approval import ApprovalKey, Fault, KeyRegistry, content_of, fault_of
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import moment, seal_of
from plan_assistant.domain.events import Account, Event, EventId, EventType, Json, RequestKey
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.passwords import PasswordKey
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.recorded_plan import decision_of, recorded_plan
from plan_assistant.ports import Store
from plan_assistant.services.approvals import fault_in
from plan_assistant.services.staff import reset_password, signing_of

KEY = PasswordKey(bytes(range(32)))
YES = RequestKey("yes")


def _approved(store: Store) -> tuple[Event, ...]:
    approve(lead(store), CASE, fingerprint=waiting(store), version=2, key=RequestKey("yes"))
    return store.events(CASE)


@pytest.fixture(scope="module")
def signed() -> tuple[tuple[Event, ...], KeyRegistry]:
    store = memory_store()
    return _approved(store), store.credentials.key_registry()


# --- a private key in the database
def test_a_sealed_key_opens_for_its_owner_only() -> None:
    signer, sealed = KEYS.make("li.na", KEY)

    opened = KEYS.unlock("li.na", signer.public_key, sealed, KEY)

    assert opened is not None
    assert opened.sign(b"x") == signer.sign(b"x")
    assert KEYS.unlock("he.jun", signer.public_key, sealed, KEY) is None
    assert KEYS.unlock("li.na", signer.public_key, sealed, PasswordKey(bytes(32))) is None
    assert KEYS.unlock("li.na", KEYS.make("li.na", KEY)[0].public_key, sealed, KEY) is None


@pytest.mark.parametrize("damage", ["", "AAAA", "not base64!", "="])
def test_a_damaged_key_opens_for_nobody(damage: str) -> None:
    signer, _ = KEYS.make("li.na", KEY)

    assert KEYS.unlock("li.na", signer.public_key, damage, KEY) is None


def test_another_password_seals_the_same_key() -> None:
    signer, sealed = KEYS.make("li.na", KEY)
    other = PasswordKey(bytes(32))

    again = KEYS.seal_again("li.na", signer.public_key, sealed, old=KEY, new=other)

    assert again is not None
    opened = KEYS.unlock("li.na", signer.public_key, again, other)
    assert opened is not None
    assert opened.public_key == signer.public_key


def test_a_private_key_is_never_shown() -> None:
    signer, _ = KEYS.make("li.na", KEY)

    assert repr(signer) == f"<signer {signer.public_key[:16]}>"


# --- every byte
def test_what_a_lead_signed_holds(signed: tuple[tuple[Event, ...], KeyRegistry]) -> None:
    assert verify_approvals(*signed) is None


def test_a_flipped_bit_anywhere_in_the_signed_content_is_rejected(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, _ = signed
    content = content_of(events[-1])
    signature: Any = events[-1].body["signature"]

    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            assert not KEYS.is_signed(signature["public_key"], bytes(changed), signature["value"])
    assert KEYS.is_signed(signature["public_key"], content, signature["value"])


@pytest.mark.parametrize("part", ["value", "public_key"])
def test_a_flipped_bit_anywhere_in_signature_or_key_is_rejected(
    signed: tuple[tuple[Event, ...], KeyRegistry], part: str
) -> None:
    events, registry = signed
    event, sent = events[-1], events[-2]
    signature: Any = event.body["signature"]
    written = signature[part].encode()

    for place in range(len(written)):
        for bit in range(8):
            changed = bytearray(written)
            changed[place] ^= 1 << bit
            forged = {**signature, part: changed.decode("latin-1")}
            body = {**event.body, "signature": forged}
            assert fault_of(replace(event, body=body), sent, registry, KEYS.is_signed) is not None
    assert fault_of(event, sent, registry, KEYS.is_signed) is None


def _of_body(**changes: Any) -> Callable[[Event], Event]:
    return lambda event: replace(event, body={**event.body, **changes})


FORGERIES: dict[str, tuple[Callable[[Event], Event], Fault]] = {
    "no signature": (
        lambda event: replace(
            event, body={k: v for k, v in event.body.items() if k != "signature"}
        ),
        Fault.UNSIGNED,
    ),
    "signature of another form": (_of_body(signature="x"), Fault.SIGNATURE_WRONG),
    "another sentence": (_of_body(sentence="x"), Fault.SIGNATURE_WRONG),
    "another reason": (_of_body(reason="x"), Fault.SIGNATURE_WRONG),
    "another name on paper": (_of_body(display_name="x"), Fault.SIGNATURE_WRONG),
    "another policy": (_of_body(policy={}), Fault.SIGNATURE_WRONG),
    "one field more": (_of_body(note=""), Fault.SIGNATURE_WRONG),
    "a version before the plan": (_of_body(case_version=1), Fault.OTHER_CONTENT),
    "a version to come": (_of_body(case_version=3), Fault.OTHER_CONTENT),
    "another agreement": (_of_body(fingerprint="0" * 64), Fault.OTHER_CONTENT),
    "another decider": (lambda event: replace(event, actor="he.jun"), Fault.KEY_UNKNOWN),
    "another moment": (
        lambda event: replace(event, at=event.at.replace(microsecond=1)),
        Fault.SIGNATURE_WRONG,
    ),
    "another role": (
        lambda event: replace(event, role=COLLECTOR.role),
        Fault.SIGNATURE_WRONG,
    ),
}


@pytest.mark.parametrize(("forge", "fault"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_changed_approval_is_named_with_its_fault(
    signed: tuple[tuple[Event, ...], KeyRegistry],
    forge: Callable[[Event], Event],
    fault: Fault,
) -> None:
    events, registry = signed

    wrong = verify_approvals([*events[:-1], forge(events[-1])], registry)

    assert wrong is not None
    assert (wrong.sequence, wrong.case_id, wrong.version) == (events[-1].sequence, CASE, 3)
    assert wrong.fault is fault


def test_an_approval_of_another_case_is_no_approval_of_this_one(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, registry = signed
    moved = [replace(event, case_id=CaseId("T-2")) for event in events]

    wrong = verify_approvals(moved, registry)

    assert wrong is not None
    assert wrong.fault is Fault.SIGNATURE_WRONG


def test_an_approval_that_is_told_again_is_no_second_one(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, registry = signed
    again = replace(events[-1], sequence=events[-1].sequence + 1, version=4)
    told = [*events, again]

    wrong = verify_approvals(told, registry)

    assert wrong is not None
    assert (wrong.version, wrong.fault) == (4, Fault.OTHER_CONTENT)
    plan, decision = recorded_plan(events[1]), decision_of(again)
    assert fault_in(told, plan, decision, registry, KEYS) is Fault.OTHER_CONTENT
    assert fault_in(told, plan, decision_of(events[-1]), registry, KEYS) is None


def test_approvals_from_before_signatures_stay_what_they_are(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, registry = signed
    bare = {k: v for k, v in events[-1].body.items() if k != "signature"}
    old = [*events[:-1], replace(events[-1], body=bare)]

    assert verify_approvals(old, replace(registry, unsigned_until=events[-1].sequence)) is None
    assert verify_approvals(old, replace(registry, unsigned_until=events[-2].sequence)) is not None


# --- whose key counts
def _with_key(registry: KeyRegistry, key: ApprovalKey) -> KeyRegistry:
    return replace(registry, keys=(*registry.keys, key))


def _entry(
    account: Account, number: int, signer: Ed25519Signer, by: str, with_key: Ed25519Signer
) -> ApprovalKey:
    bare = ApprovalKey(
        account.name, number, signer.public_key, NOW, by, by, with_key.public_key, ""
    )
    return replace(bare, endorsement=with_key.sign(bare.content))


def _signed_with(event: Event, signer: Ed25519Signer) -> Event:
    signature: dict[str, Json] = {
        "public_key": signer.public_key,
        "value": signer.sign(content_of(event)),
    }
    return replace(event, body={**event.body, "signature": signature})


def _fault_with(
    signed: tuple[tuple[Event, ...], KeyRegistry], signer: Ed25519Signer, key: ApprovalKey
) -> Fault | None:
    events, registry = signed
    forged = _signed_with(events[-1], signer)
    wrong = verify_approvals([*events[:-1], forged], _with_key(registry, key))
    return wrong.fault if wrong else None


@pytest.mark.parametrize("by", ["li.na", "he.jun", "wu.hao", "tang.yi", "nobody"])
def test_a_second_key_of_a_lead_endorsed_by_itself_counts_for_nothing(
    signed: tuple[tuple[Event, ...], KeyRegistry], by: str
) -> None:
    forger, _ = KEYS.make("li.na", KEY)

    fault = _fault_with(signed, forger, _entry(LEAD, 2, forger, by, forger))

    assert fault is Fault.KEY_NOT_ENDORSED


def test_entries_that_endorse_each_other_count_for_nothing(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, registry = signed
    one, _ = KEYS.make("li.na", KEY)
    two, _ = KEYS.make("tang.yi", KEY)
    circle = replace(
        registry,
        keys=(
            *registry.keys,
            _entry(LEAD, 2, one, "tang.yi", two),
            _entry(ADMINISTRATOR, 2, two, "tang.yi", two),
        ),
    )

    wrong = verify_approvals([*events[:-1], _signed_with(events[-1], one)], circle)

    assert wrong is not None
    assert wrong.fault is Fault.KEY_NOT_ENDORSED


def test_a_key_that_a_colleague_gave_counts_for_nothing() -> None:
    store = memory_store()
    signed = _approved(store), store.credentials.key_registry()
    give_password(store, OTHER_LEAD)
    colleague = signing_by(store, OTHER_LEAD).signer
    assert isinstance(colleague, Ed25519Signer)
    forger, _ = KEYS.make("li.na", KEY)
    entry = _entry(LEAD, 2, forger, "he.jun", colleague)

    fault = _fault_with((signed[0], store.credentials.key_registry()), forger, entry)

    assert fault is Fault.KEY_NOT_ENDORSED


def test_a_lead_goes_on_with_the_key_that_an_administrator_gave() -> None:
    store = memory_store()
    for person in (LEAD, ADMINISTRATOR):
        give_password(store, person)
    old = _approved(store)
    admin = proof_of(store, ADMINISTRATOR)
    given = reset_password(door_of(store), "li.na", "another five small words", by=admin)
    signing = signing_of(door_of(store), given, NOW)
    assert isinstance(signing.signer, Ed25519Signer)
    registry = store.credentials.key_registry()

    with_new = [*old[:-1], _signed_with(old[-1], signing.signer)]

    assert verify_approvals(old, registry) is None, "what the old key signed stays signed"
    assert verify_approvals(with_new, registry) is None


# --- whose signature counts
def _signed_as(maker: Account, decider: Account, role: Role) -> Fault | None:
    """Return what is wrong with an approval that the decider signs with their own key."""
    store = memory_store()
    fingerprint = waiting(store, maker)
    approve(desk_at(store, OTHER_LEAD), CASE, fingerprint=fingerprint, version=2, key=YES)
    events, signer = store.events(CASE), signing_by(store, decider).signer
    assert isinstance(signer, Ed25519Signer)
    forged = _signed_with(replace(events[-1], actor=decider.name, role=role), signer)
    wrong = verify_approvals([*events[:-1], forged], store.credentials.key_registry())
    return wrong.fault if wrong else None


@pytest.mark.parametrize(
    "decider", [COLLEAGUE, AGENT, ADMINISTRATOR, AUDITOR, REVIEWER], ids=lambda who: who.role.value
)
def test_an_approval_that_somebody_signs_who_may_not_decide_is_named(decider: Account) -> None:
    assert _signed_as(COLLECTOR, LEAD, LEAD.role) is None
    assert _signed_as(COLLECTOR, decider, decider.role) is Fault.ROLE_MAY_NOT
    assert _signed_as(COLLECTOR, decider, LEAD.role) is Fault.ROLE_MAY_NOT, "a lying role"


def test_an_approval_by_a_lead_whose_account_is_gone_is_named(
    signed: tuple[tuple[Event, ...], KeyRegistry],
) -> None:
    events, registry = signed
    roles = {name: role for name, role in registry.roles.items() if name != LEAD.name}

    wrong = verify_approvals(events, replace(registry, roles=roles))

    assert wrong is not None
    assert wrong.fault is Fault.ROLE_MAY_NOT


def test_an_approval_that_the_maker_signs_is_named() -> None:
    assert _signed_as(LEAD, LEAD, LEAD.role) is Fault.OWN_PLAN


def test_an_unsigned_approval_of_a_maker_from_before_signatures_is_named() -> None:
    store = memory_store()
    approve(lead(store), CASE, fingerprint=waiting(store), version=2, key=YES)
    events, registry = store.events(CASE), store.credentials.key_registry()
    bare = {k: v for k, v in events[-1].body.items() if k != "signature"}
    forged = replace(events[-1], actor=COLLECTOR.name, body=bare)

    wrong = verify_approvals([*events[:-1], forged], replace(registry, unsigned_until=9))

    assert wrong is not None
    assert wrong.fault is Fault.ROLE_MAY_NOT


@pytest.mark.parametrize(("early", "fault"), [(4, None), (6, Fault.BEFORE_PLAN)])
def test_an_approval_that_stands_before_its_plan_is_named(early: int, fault: Fault | None) -> None:
    store = memory_store()
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=YES)
    *before, approval = store.events(CASE)
    signer = signing_by(store, LEAD).signer
    assert isinstance(signer, Ed25519Signer)
    dated = before[-1].at - timedelta(minutes=early)

    signed = _signed_with(replace(approval, at=dated), signer)

    wrong = verify_approvals([*before, signed], store.credentials.key_registry())
    assert (wrong.fault if wrong else None) is fault


# --- raw SQL
@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A store in which a plan waits and the lead has a key."""
    store = fresh_sqlite(tmp_path)
    waiting(store)
    give_password(store, LEAD)
    store.close()
    yield tmp_path / "store.sqlite"


def _forge_approval(path: Path, signer: Ed25519Signer | None) -> None:
    """Write an approval past the services, with every hash and guard row as they should be."""
    store = open_store(str(path))
    events = store.events(CASE)
    store.close()
    sent = events[-1]
    connection = dbapi2.connect(str(path), isolation_level=None)
    (fingerprint,) = connection.execute("select fingerprint from submission").fetchone()
    body: dict[str, Any] = {
        "fingerprint": fingerprint,
        "display_name": LEAD.display_name,
        "reason": None,
        "sentence": "",
        "case_version": 2,
        "policy": {},
    }
    forged = Event(
        0, EventId("E-forged"), CASE, 3, NOW, LEAD.name, LEAD.role, EventType.APPROVED, body, ""
    )
    if signer is not None:
        forged = _signed_with(forged, signer)
    forged = replace(forged, sha256=seal_of(forged))
    connection.execute(
        "insert into decision values (?, 1, 'E-forged', 'approved', ?, ?, ?, 'team_lead')",
        (CASE, sent.actor, fingerprint, LEAD.name),
    )
    connection.execute(
        "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
        " values ('E-forged', ?, 3, ?, ?, 'team_lead', 'approved', ?, ?)",
        (CASE, moment(NOW), LEAD.name, canonical(forged.body).decode(), forged.sha256),
    )
    connection.close()


@pytest.mark.parametrize(
    ("has_own_key", "fault"), [(False, Fault.UNSIGNED), (True, Fault.KEY_UNKNOWN)]
)
def test_an_approval_written_by_raw_sql_is_found_and_located(
    file: Path, has_own_key: bool, fault: Fault
) -> None:
    forger, _ = KEYS.make(LEAD.name, KEY)
    _forge_approval(file, forger if has_own_key else None)
    store = open_store(str(file))

    wrong = verify_approvals(store.every_event(), store.credentials.key_registry())
    store.close()

    assert wrong is not None
    assert (wrong.event_id, wrong.version, wrong.decider) == ("E-forged", 3, "li.na")
    assert wrong.fault is fault


def test_a_key_slipped_in_by_raw_sql_with_its_approval_is_found(file: Path) -> None:
    forger, sealed = KEYS.make(LEAD.name, KEY)
    key = _entry(LEAD, 2, forger, LEAD.name, forger)
    connection = dbapi2.connect(str(file), isolation_level=None)
    connection.execute(
        "insert into approval_key values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key.account,
            key.number,
            key.public_key,
            moment(key.at),
            key.set_by,
            key.endorsed_by,
            key.endorsed_with,
            key.endorsement,
        ),
    )
    connection.execute(
        "insert into password values (?, 2, ?, ?, ?, 2, ?)",
        (LEAD.name, moment(NOW), LEAD.name, CHEAP.make(PASSWORD)[0], sealed),
    )
    connection.close()
    _forge_approval(file, forger)
    store = open_store(str(file))

    wrong = verify_approvals(store.every_event(), store.credentials.key_registry())
    store.close()

    assert wrong is not None
    assert wrong.fault is Fault.KEY_NOT_ENDORSED


def test_the_registry_comes_back_from_the_file_as_it_was_signed(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    events = _approved(store)

    assert verify_approvals(events, store.credentials.key_registry()) is None
    assert verify_approvals(store.every_event(), store.credentials.key_registry()) is None
    store.close()
