"""The evidence file: whatever is changed in it, it contradicts itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.evidence import check_evidence, evidence
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.record import fold
from tests.desks import CASE, approve, lead, memory_store, waiting
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


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _changed(proof: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
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
        path for path in _leaves(proof) if not check_evidence(_changed(proof, path), KEYS.is_signed)
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


@pytest.mark.parametrize(
    "raw",
    [None, [], "x", {}, {"format": "plan-assistant/evidence@3"}],
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
