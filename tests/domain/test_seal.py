"""Checkpoints: the tree of RFC 6962, what binds them together, and what is printed of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import moment, seal_of
from plan_assistant.domain.events import Event, EventId, EventType, Json
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.seal import (
    BEGINNING,
    Checkpoint,
    Leaf,
    Sealed,
    Witness,
    leaves_in,
    leaves_text,
    next_checkpoint,
    root_of,
    sealed_of,
    witness_in,
)
from plan_assistant.domain.stored import RecordRow, StoredEvent
from tests.people import NOW

ROOT = "9f3c" * 16


def event(sequence: int, **changes: object) -> StoredEvent:
    made = StoredEvent(
        sequence,
        f"E-{sequence}",
        "A-1",
        sequence,
        "2026-11-20T12:06:41.250000+08:00",
        "wu.hao",
        "collector",
        "offer_spoken",
        '{"plan":{"payment":"2308.99"}}',
        f"{sequence:064x}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def row(sequence: int) -> RecordRow:
    return RecordRow(event(sequence), {"key": f"K-{sequence}"}, None, None)


def leaf(number: int) -> Leaf:
    return Leaf(number, "A-1", number, f"{number:064x}", "", "")


def _by_definition(contents: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(contents) == 1:
        return hashlib.sha256(b"\x00" + contents[0]).digest()
    split = 1
    while split * 2 < len(contents):
        split *= 2
    left, right = _by_definition(contents[:split]), _by_definition(contents[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("count", [*range(18), 31, 32, 33, 63, 64, 65, 1000])
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    leaves = [leaf(number) for number in range(1, count + 1)]
    contents = [canonical([BEGINNING]), *(item.text.encode() for item in leaves)]

    assert root_of(BEGINNING, leaves) == _by_definition(contents).hex()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_any_other_order_or_number_of_leaves_has_another_root(
    numbers: list[int], data: st.DataObject
) -> None:
    other = data.draw(st.lists(st.integers(1, 9), max_size=12).filter(lambda it: it != numbers))

    roots = {root_of(BEGINNING, [leaf(n) for n in some]) for some in (numbers, other)}

    assert len(roots) == 2


def test_a_leaf_is_never_taken_for_a_node() -> None:
    inner = root_of(BEGINNING, [leaf(1)])

    assert root_of(inner, []) != inner


def test_a_checkpoint_binds_the_one_before_it() -> None:
    first, _ = next_checkpoint(None, [row(1), row(2)], [], at="a", key_id="k")
    forged, _ = next_checkpoint(None, [row(1), row(9)], [], at="a", key_id="k")

    second, _ = next_checkpoint(first, [row(3)], [], at="b", key_id="k")
    other, _ = next_checkpoint(replace(forged, last=2), [row(3)], [], at="b", key_id="k")

    assert (second.number, second.first, second.last, second.count) == (2, 3, 3, 1)
    assert second.previous == first.sha256
    # The root alone, which is all that paper carries, tells the two histories apart.
    assert second.root != other.root


def test_a_sequence_that_was_never_recorded_leaves_no_hole_between_checkpoints() -> None:
    first, _ = next_checkpoint(None, [row(1), row(4)], [], at="a", key_id="k")

    second, _ = next_checkpoint(first, [row(7)], [], at="b", key_id="k")

    assert (first.first, first.last, first.count) == (1, 4, 2)
    assert (second.first, second.last, second.count) == (5, 7, 1)


def test_nothing_is_no_checkpoint() -> None:
    with pytest.raises(ValueError, match="at least one fact"):
        next_checkpoint(None, [], [], at="a", key_id="k")


@pytest.mark.parametrize(
    "field",
    ["number", "first", "last", "count", "root", "previous", "people", "at", "key_id"],
)
def test_every_field_of_a_checkpoint_is_signed(field: str) -> None:
    point, _ = next_checkpoint(None, [row(1)], [{"name": "wu.hao"}], at="a", key_id="k")
    changed: dict[str, Any] = {"people": {}, "number": 2, "first": 2, "last": 2, "count": 2}

    other = replace(point, **{field: changed.get(field, "x")})

    assert other.signed_bytes != point.signed_bytes


def test_a_row_of_the_store_reads_back_as_it_was() -> None:
    point, leaves = next_checkpoint(None, [row(1), row(2)], [{"name": "吴昊"}], at="a", key_id="k")
    stored: dict[str, str | int | None] = {
        "number": point.number,
        "first_sequence": point.first,
        "last_sequence": point.last,
        "count": point.count,
        "root": point.root,
        "previous": point.previous,
        "people": json.dumps(dict(point.people)),
        "at": point.at,
        "key_id": point.key_id,
        "signature": "s",
        "sha256": point.sha256,
        "leaves": leaves_text(leaves),
    }

    assert sealed_of(stored) == Sealed(point, "s", point.sha256, leaves)
    assert isinstance(sealed_of(stored).checkpoint, Checkpoint)


@pytest.mark.parametrize(
    "text",
    ["{}", "[1]", "x", '[1,"A-1",1,"e","r","g"] ', '["1","A-1",1,"e","r","g"]', "[1,2,3,4,5,6]"],
)
def test_what_is_no_list_of_leaves_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"leaf|JSON|Expecting"):
        leaves_in(f"{text}\n")


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=4))
def test_a_list_of_leaves_reads_back_whatever_a_case_is_called(cases: list[str]) -> None:
    leaves = tuple(replace(leaf(1), case_id=f"{case}\u2028\x85") for case in cases)

    assert leaves_in(leaves_text(leaves)) == leaves


@pytest.mark.parametrize(
    "text",
    [
        f"7:{ROOT}",
        f" 7 : {ROOT.upper()}\n",
        f"7：{ROOT}",
        "7: " + " ".join(ROOT[at : at + 8] for at in range(0, 64, 8)),
    ],
    ids=["as printed", "capitals and blanks", "Chinese colon", "in groups"],
)
def test_a_witness_is_read_as_people_write_it(text: str) -> None:
    assert witness_in(text) == Witness(7, ROOT)


@pytest.mark.parametrize(
    "text",
    ["", "7", ROOT, f"0:{ROOT}", f"7:{ROOT[1:]}", f"7:{ROOT}0", f"7:{'g' * 64}", f"-7:{ROOT}"],
)
def test_what_is_no_witness_is_none(text: str) -> None:
    assert witness_in(text) is None


def test_a_witness_is_printed_as_it_is_read() -> None:
    assert witness_in(str(Witness(7, ROOT))) == Witness(7, ROOT)


@pytest.mark.parametrize(
    "field", ["event_id", "case_id", "version", "at", "actor", "role", "type", "body"]
)
def test_every_part_of_a_stored_fact_is_in_its_hash(field: str) -> None:
    fact = event(1)
    other = event(1, **{field: 2 if field == "version" else '{"x":1}'})

    assert fact.expected_hash != other.expected_hash


def test_a_body_that_only_reads_the_same_is_another_one() -> None:
    spaced = event(1, body='{"plan": {"payment":"2308.99"}}')

    assert spaced.read_body() == event(1).read_body()
    assert spaced.expected_hash != event(1).expected_hash


@given(st.dictionaries(st.text(), st.none() | st.integers(0, 9) | st.text(), max_size=4))
def test_the_hash_of_a_stored_row_is_that_of_the_fact(body: dict[str, Json]) -> None:
    fact = Event(
        sequence=1,
        event_id=EventId("E\u2028"),
        case_id=CaseId('A"1'),
        version=1,
        at=NOW,
        actor="吴\\昊",
        role=Role.COLLECTOR,
        type=EventType.CALL_CLOSED,
        body=body,
        sha256="",
    )
    stored = StoredEvent(
        sequence=1,
        event_id=fact.event_id,
        case_id=fact.case_id,
        version=1,
        at=moment(NOW),
        actor=fact.actor,
        role=fact.role.value,
        type=fact.type.value,
        body=canonical(body).decode(),
        sha256="",
    )

    assert stored.expected_hash == seal_of(fact)
