"""The evidence file: whatever is changed in it, it contradicts itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from plan_assistant.domain.approval import approval_content
from plan_assistant.domain.events import Account, EventType, RequestKey
from plan_assistant.domain.evidence import ApprovalStanding, check_evidence, evidence, standing_of
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.passwords import PasswordKey
from plan_assistant.domain.personal_fields import sealed_form
from plan_assistant.domain.record import fold
from tests.desks import CASE, approve, lead, memory_store, waiting
from tests.people import ADMINISTRATOR, AGENT, COLLEAGUE, COLLECTOR, LEAD, OTHER_LEAD
from tests.staffing import KEYS


def _proof(*, is_approved: bool) -> dict[str, Any]:
    store = memory_store()
    sent = waiting(store)
    if is_approved:
        approve(lead(store), CASE, fingerprint=sent, version=2, key=RequestKey("yes"))
    events = store.events(CASE)
    decided = events[2] if is_approved else None
    return evidence(events[1], decided, fold(events).approval)


PROOF = _proof(is_approved=True)
DRAFT = _proof(is_approved=False)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def changed(proof: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    copied = copy.deepcopy(proof)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    last: Any = path[-1]
    before = place[last]
    place[last] = "changed" if not isinstance(before, int) else before + 1
    return copied


@pytest.mark.parametrize("proof", [PROOF, DRAFT], ids=["approved", "draft"])
def test_what_was_exported_is_whole(proof: dict[str, Any]) -> None:
    assert check_evidence(proof, KEYS.is_signed) == ()


@pytest.mark.parametrize("proof", [PROOF, DRAFT], ids=["approved", "draft"])
def test_a_change_anywhere_is_found(proof: dict[str, Any]) -> None:
    unnoticed = [
        path for path in leaves(proof) if not check_evidence(changed(proof, path), KEYS.is_signed)
    ]

    assert unnoticed == []


def test_a_changed_agreement_with_a_new_fingerprint_is_found() -> None:
    forged = copy.deepcopy(PROOF)
    forged["agreement"]["plan"]["summary"]["total"] = "1.00"
    new = fingerprint(forged["agreement"])
    forged["fingerprint"] = forged["approval"]["fingerprint"] = new

    paths = [problem.path for problem in check_evidence(forged, KEYS.is_signed)]

    assert "recorded.sha256" in paths
    assert "decided.body.fingerprint" in paths


def _resealed(fact: dict[str, Any], body: Any) -> str:
    rest = {k: v for k, v in fact.items() if k not in {"sha256", "sealed"}}
    return fingerprint({**rest, "body": body})


def test_an_approval_by_the_maker_is_found_even_when_every_hash_fits() -> None:
    forged = copy.deepcopy(PROOF)
    forged["decided"]["actor"] = forged["recorded"]["actor"]
    forged["decided"]["sha256"] = _resealed(forged["decided"], forged["decided"]["body"])

    assert [problem.path for problem in check_evidence(forged, KEYS.is_signed)] == [
        "decided.actor",
        "decided.body.signature",
    ]


@pytest.mark.parametrize(
    ("part", "field", "value", "paths"),
    [
        ("decided", "type", "returned", ["decided.type", "decided.body.signature"]),
        ("decided", "case_id", "T-2", ["decided.case_id", "decided.body.signature"]),
        ("recorded", "type", "case_opened", ["recorded.type"]),
        ("recorded", "actor", "sun.li", ["recorded"]),
    ],
)
def test_a_fact_of_another_kind_is_found_even_when_its_hash_fits(
    part: str, field: str, value: str, paths: list[str]
) -> None:
    forged = copy.deepcopy(PROOF)
    forged[part][field] = value
    body = forged["agreement"] if part == "recorded" else forged["decided"]["body"]
    forged[part]["sha256"] = _resealed(forged[part], body)

    assert [problem.path for problem in check_evidence(forged, KEYS.is_signed)] == paths


@pytest.mark.parametrize("field", ["approval", "decided"])
def test_an_approval_without_its_decision_is_found(field: str) -> None:
    forged = {**copy.deepcopy(PROOF), field: None}

    assert [problem.path for problem in check_evidence(forged, KEYS.is_signed)] == ["approval"]


# --- who approved
def _with_sealed_fields(proof: dict[str, Any]) -> dict[str, Any]:
    """Return the same evidence as a store exports it that seals personal fields."""
    made, sealed = copy.deepcopy(proof), {}

    def seal(path: str, _value: Any) -> Any:
        sealed[path] = {"key": "K", "sealed": path}
        return sealed[path]

    stored = sealed_form(EventType.PLAN_RECORDED, made["agreement"], seal)
    made["recorded"]["sealed"] = sealed
    made["recorded"]["sha256"] = _resealed(made["recorded"], stored)
    return made


def _approved_by_hand(proof: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a draft with an approval that somebody wrote into it who has no key."""
    forged = copy.deepcopy(proof)
    sent, content = forged["recorded"], forged["fingerprint"]
    body = {
        "fingerprint": content,
        "display_name": LEAD.display_name,
        "reason": None,
        "sentence": "",
        **more,
    }
    decided = {
        "event_id": "E",
        "case_id": sent["case_id"],
        "version": sent["version"] + 1,
        "at": sent["at"],
        "actor": LEAD.name,
        "role": LEAD.role.value,
        "type": "approved",
        "body": body,
    }
    forged["decided"] = {**decided, "sealed": {}, "sha256": fingerprint(decided)}
    forged["approval"] = {"by": LEAD.display_name, "at": sent["at"], "fingerprint": content}
    return forged


def test_a_file_says_what_its_approval_stands_on() -> None:
    assert standing_of(DRAFT) is ApprovalStanding.NONE
    assert standing_of(_approved_by_hand(DRAFT)) is ApprovalStanding.UNSIGNED
    assert standing_of(PROOF) is ApprovalStanding.SIGNED


@pytest.mark.parametrize(
    "forged",
    [
        _approved_by_hand(_with_sealed_fields(DRAFT)),
        _approved_by_hand(DRAFT, sentence_sha256="ab" * 32),
        {**PROOF, "decided": _approved_by_hand(PROOF, case_version=2)["decided"]},
    ],
    ids=["beside sealed fields", "with the hash of a sentence", "with a version looked at"],
)
def test_an_unsigned_approval_is_found_where_the_file_shows_that_approvals_were_signed(
    forged: dict[str, Any],
) -> None:
    paths = [problem.path for problem in check_evidence(forged, KEYS.is_signed)]

    assert paths[-1] == "decided.body.signature"


def test_an_approval_from_before_signatures_needs_none() -> None:
    assert check_evidence(_approved_by_hand(DRAFT), KEYS.is_signed) == ()


def _signed_by(person: Account, **changes: Any) -> dict[str, Any]:
    """Return evidence whose approval that person signed with their own key, hashes and all."""
    forged, (signer, _) = copy.deepcopy(PROOF), KEYS.make(person.name, PasswordKey(bytes(32)))
    decided = forged["decided"]
    decided.update(actor=person.name, role=person.role.value)
    decided["body"].update(changes)
    content = approval_content(
        case_id=CASE,
        decider=person,
        outcome=EventType.APPROVED,
        at=datetime.fromisoformat(decided["at"]),
        body=decided["body"],
    )
    decided["body"]["signature"] = {
        "public_key": signer.public_key,
        "value": signer.sign(content),
    }
    decided["sha256"] = _resealed(decided, decided["body"])
    return forged


@pytest.mark.parametrize(
    ("person", "changes", "paths"),
    [
        (OTHER_LEAD, {}, []),
        (COLLEAGUE, {}, ["decided.role"]),
        (AGENT, {}, ["decided.role"]),
        (ADMINISTRATOR, {}, ["decided.role"]),
        (COLLECTOR, {}, ["decided.role", "decided.actor"]),
        (LEAD, {"sentence": "I did not say this."}, ["decided.body.sentence"]),
        (LEAD, {"case_version": 1}, ["decided.body.case_version"]),
        (LEAD, {"case_version": 3}, ["decided.body.case_version"]),
        (LEAD, {"case_version": None}, ["decided.body.case_version"]),
    ],
    ids=str,
)
def test_an_approval_signed_by_somebody_who_may_not_or_over_something_else_is_found(
    person: Account, changes: dict[str, Any], paths: list[str]
) -> None:
    found = check_evidence(_signed_by(person, **changes), KEYS.is_signed)

    assert [problem.path for problem in found] == paths


def test_a_plan_by_somebody_who_makes_none_is_found() -> None:
    forged = copy.deepcopy(PROOF)
    forged["recorded"]["role"] = "auditor"
    forged["recorded"]["sha256"] = _resealed(forged["recorded"], forged["agreement"])

    found = check_evidence(forged, KEYS.is_signed)

    assert [problem.path for problem in found] == ["recorded.role"]


@pytest.mark.parametrize(
    "raw",
    [None, [], "x", {}, {"format": "plan-assistant/evidence@9"}],
    ids=["null", "list", "text", "nothing", "a newer form"],
)
def test_another_file_is_refused(raw: Any) -> None:
    assert [problem.path for problem in check_evidence(raw, KEYS.is_signed)] == ["format"]


def test_missing_and_surplus_fields_are_named() -> None:
    forged = {**copy.deepcopy(PROOF), "note": "x"}
    del forged["recorded"]

    assert [problem.path for problem in check_evidence(forged, KEYS.is_signed)] == [
        "note",
        "recorded",
    ]


@pytest.mark.parametrize("field", ["agreement", "approval", "recorded", "decided", "fingerprint"])
@pytest.mark.parametrize("value", [7, [], {}, "x"], ids=repr)
def test_a_part_of_another_form_is_a_problem_and_no_crash(field: str, value: Any) -> None:
    assert check_evidence({**copy.deepcopy(PROOF), field: value}, KEYS.is_signed)
