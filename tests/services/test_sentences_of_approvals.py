"""The sentence of an approval: signed by its hash, and unknown to everybody once it is erased."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from tests.canaries import SENTENCE
from tests.desks import CASE, approve, lead, waiting
from tests.domain.test_evidence import changed, leaves
from tests.people import ADMINISTRATOR, AUDITOR, LEAD, NOW, whole
from tests.staffing import KEYS, signing_by
from tests.stores import fresh_sqlite

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.approval import (
    LOOKED_AT,
    SENTENCE_HASH,
    SENTENCE_SALT,
    SIGNATURE,
    approval_content,
    sentence_hash,
    verify_approvals,
)
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.evidence import (
    EVIDENCE_FORMAT,
    SALTED_EVIDENCE,
    check_evidence,
    evidence,
)
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.record import fold
from plan_assistant.handout import verifiers
from plan_assistant.services.audit import export_record
from plan_assistant.services.staff import Signing

Approve = Callable[[SqlStore, str], object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_sqlite(tmp_path)
    yield made
    made.close()


def _of_today(store: SqlStore, plan: str, sentence: str = SENTENCE) -> None:
    """Approve the plan that waits, with a sentence."""
    approve(
        lead(store),
        CASE,
        fingerprint=plan,
        version=2,
        key=RequestKey("yes"),
        sentence=sentence,
    )


def _of_an_older_version(store: SqlStore, plan: str) -> None:
    """Approve it as before salts."""
    body: dict[str, Json] = {
        "fingerprint": plan,
        "display_name": LEAD.display_name,
        "reason": None,
        "sentence": SENTENCE,
        LOOKED_AT: 2,
        SENTENCE_HASH: fingerprint({"plan": plan, "sentence": SENTENCE}),
    }
    signer = signing_by(store, LEAD).signer
    content = approval_content(
        case_id=CASE, decider=LEAD, outcome=EventType.APPROVED, at=NOW, body=body
    )
    signature: Json = {"public_key": signer.public_key, "value": signer.sign(content)}
    signed = NewEvent(EventType.APPROVED, {**body, SIGNATURE: signature})
    store.append(CASE, [signed], actor=LEAD, at=NOW, expected_version=2, key=RequestKey("yes"))


def _erase(store: SqlStore) -> None:
    purged = NewEvent(EventType.PURGED, whole("purged"))
    key = RequestKey("purged")
    store.erase(CASE, purged, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=key)
    assert store.scrub()


def _is_sound(store: SqlStore) -> bool:
    registry = store.credentials.key_registry()
    return verify_approvals(store.every_event(), registry, KEYS.is_signed) is None


def _proof(store: SqlStore) -> dict[str, Any]:
    events = store.events(CASE)
    return evidence(events[1], events[2], fold(events).approval)


def test_no_guess_of_a_sentence_is_confirmed_once_its_case_is_erased(
    store: SqlStore, tmp_path: Path
) -> None:
    plan = waiting(store)
    _of_today(store, plan)
    salt = store.events(CASE)[2].body[SENTENCE_SALT]

    _erase(store)

    approval = store.events(CASE)[2]
    assert (approval.body["sentence"], approval.body[SENTENCE_SALT]) == (ERASED, ERASED)
    assert approval.body[SENTENCE_HASH] == sentence_hash(plan, SENTENCE, str(salt))
    assert _is_sound(store)
    left = (tmp_path / "store.sqlite").read_bytes()
    assert str(salt).encode() not in left
    assert sentence_hash(plan, SENTENCE, None).encode() not in left


def test_an_approval_without_a_sentence_has_no_salt(store: SqlStore) -> None:
    _of_today(store, waiting(store), sentence="  ")

    body = store.events(CASE)[2].body
    assert (body["sentence"], SENTENCE_SALT in body) == ("", False)
    assert _is_sound(store)


def test_a_salt_is_of_one_case_and_one_plan_and_the_same_for_a_retry(store: SqlStore) -> None:
    signer = signing_by(store, LEAD).signer
    signing, again = (Signing(LEAD.name, signer, NOW) for _ in range(2))

    salts = [
        signing.salt(CASE, "ab"),
        signing.salt(CaseId("T-2"), "ab"),
        signing.salt(CASE, "cd"),
        again.salt(CASE, "ab"),
    ]

    assert len(set(salts)) == len(salts)
    assert salts[0] == signing.salt(CASE, "ab")
    assert signing.nonce not in repr(signing)


@pytest.mark.parametrize(
    ("give", "form"),
    [(_of_today, SALTED_EVIDENCE), (_of_an_older_version, EVIDENCE_FORMAT)],
    ids=["of today", "of an older version"],
)
def test_an_approval_with_a_sentence_holds_in_the_store_and_as_evidence(
    store: SqlStore, give: Approve, form: str
) -> None:
    give(store, waiting(store))

    proof = _proof(store)

    assert _is_sound(store)
    assert proof["format"] == form
    assert check_evidence(proof, KEYS.is_signed) == ()
    unnoticed = [
        path for path in leaves(proof) if not check_evidence(changed(proof, path), KEYS.is_signed)
    ]
    assert unnoticed == []


def test_evidence_without_the_salt_of_its_sentence_is_found(store: SqlStore) -> None:
    _of_today(store, waiting(store))
    forged = copy.deepcopy(_proof(store))
    del forged["decided"]["body"][SENTENCE_SALT]

    paths = [problem.path for problem in check_evidence(forged, KEYS.is_signed)]

    assert "decided.body.sentence" in paths


def _exported(store: SqlStore, folder: Path) -> Path:
    export_record(SqlSeals(store), folder, by=AUDITOR, files=LocalFiles(), verifiers=verifiers())
    return folder


def _verdict(folder: Path) -> tuple[bool, str]:
    holds, said = run_path(str(folder / "verify_approvals.py"))["verdict"](folder)
    return holds, said


@pytest.mark.parametrize("give", [_of_today, _of_an_older_version], ids=["today", "older"])
def test_it_holds_without_the_program_before_and_after_it_is_erased(
    store: SqlStore, tmp_path: Path, give: Approve
) -> None:
    give(store, waiting(store))
    assert _verdict(_exported(store, tmp_path / "before")) == (True, "1 approvals hold.")

    _erase(store)

    assert _verdict(_exported(store, tmp_path / "after")) == (True, "1 approvals hold.")


def test_another_sentence_in_the_place_of_a_sealed_one_is_found_without_the_program(
    store: SqlStore, tmp_path: Path
) -> None:
    _of_today(store, waiting(store))
    folder = _exported(store, tmp_path / "out")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]
    events[2]["body"]["sentence"] = "The lender waives everything."
    text = "".join(f"{json.dumps(event)}\n" for event in events)
    (folder / "events.jsonl").write_text(text, "utf-8")

    holds, said = _verdict(folder)

    assert not holds
    assert said.endswith("its sentence is not what was signed")
