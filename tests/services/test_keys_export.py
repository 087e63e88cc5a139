"""The registry of approval keys by itself: what the audit names, its verifier names, too.

Not here: keys that a checkpoint covers (`test_audit_export.py`, `test_audit_tamper.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD, NOW, OTHER_LEAD
from tests.staffing import KEYS

from plan_assistant.adapters.approval_keys import Ed25519Signer
from plan_assistant.domain.approval import ApprovalKey
from plan_assistant.domain.audit_registry import registry_discrepancies
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account
from plan_assistant.domain.passwords import PasswordKey
from plan_assistant.domain.stored import RecordRows, StoredRow
from plan_assistant.handout import verifiers

PEOPLE = (ADMINISTRATOR, COLLECTOR, LEAD, OTHER_LEAD)
Rows = list[dict[str, Any]]
Verdict = Callable[[Rows], tuple[bool, str]]


def _signer() -> Ed25519Signer:
    return KEYS.make("anybody", PasswordKey(bytes(32)))[0]


def _entry(
    owner: Account, number: int, key: Ed25519Signer, giver: Account, with_key: Ed25519Signer
) -> dict[str, Any]:
    bare = ApprovalKey(
        owner.name, number, key.public_key, NOW, giver.name, giver.name, with_key.public_key, ""
    )
    signed = replace(bare, endorsement=with_key.sign(bare.content))
    row = {name: getattr(signed, name) for name in ApprovalKey.__slots__}
    return {**row, "at": moment(NOW)}


ADMIN_KEY, LEAD_KEY, SECOND_KEY, COLLEAGUE_KEY, OWN_KEY = (_signer() for _ in range(5))
FORGED, OTHER_FORGED = _signer(), _signer()
SOUND = sorted(
    (
        _entry(ADMINISTRATOR, 1, ADMIN_KEY, ADMINISTRATOR, ADMIN_KEY),
        _entry(LEAD, 1, LEAD_KEY, LEAD, LEAD_KEY),
        _entry(LEAD, 2, SECOND_KEY, ADMINISTRATOR, ADMIN_KEY),
        _entry(LEAD, 3, _signer(), LEAD, SECOND_KEY),
        _entry(OTHER_LEAD, 1, COLLEAGUE_KEY, ADMINISTRATOR, ADMIN_KEY),
        _entry(COLLECTOR, 1, OWN_KEY, COLLECTOR, OWN_KEY),
    ),
    key=lambda row: (row["account"], row["number"]),
)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """What the verifier says of a registry."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "verify_keys.py").write_bytes(verifiers()["verify_keys.py"])
    says = run_path(str(folder / "verify_keys.py"))["verdict"]
    people = "".join(f"{json.dumps(_person(one))}\n" for one in PEOPLE)
    (folder / "people.jsonl").write_text(people, "utf-8")

    def of(rows: Rows) -> tuple[bool, str]:
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / "approval_keys.jsonl").write_text(text, "utf-8")
        holds, said = says(Path(folder))
        return holds, said

    return of


def _person(one: Account) -> dict[str, str]:
    return {"name": one.name, "role": one.role.value}


def _in_order(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: (row["account"], row["number"]))


def _found(rows: Rows) -> list[tuple[str, str]]:
    """Return code and row of all that the audit names."""
    ordered = _in_order(rows)
    record = SimpleNamespace(
        approval_keys=lambda: cast("tuple[StoredRow, ...]", tuple(ordered)),
        people=lambda: tuple(map(_person, PEOPLE)),
    )
    found = registry_discrepancies(cast("RecordRows", record), KEYS.is_signed)
    return [(one.code, one.row) for one in found]


def test_a_sound_registry_holds(verdict: Verdict) -> None:
    assert _found(SOUND) == []
    assert verdict(SOUND) == (True, "6 keys hold.")


@pytest.mark.parametrize("column", ApprovalKey.__slots__)
@pytest.mark.parametrize("place", range(len(SOUND)))
def test_a_changed_cell_is_named(verdict: Verdict, place: int, column: str) -> None:
    row = SOUND[place]
    was = row[column]
    now = was + 9 if isinstance(was, int) else was[:-1] + ("1" if was[-1] != "1" else "2")
    changed = {**row, column: now}
    rows = _in_order([*SOUND[:place], changed, *SOUND[place + 1 :]])

    holds, said = verdict(rows)

    assert f"{changed['account']} {changed['number']}" == _found(rows)[0][1]
    assert not holds
    assert f"key {changed['number']} of {changed['account']}: " in said


@pytest.mark.parametrize("column", ["public_key", "endorsed_with", "endorsement"])
def test_digits_in_another_case_are_a_changed_cell(verdict: Verdict, column: str) -> None:
    rows = [{**SOUND[0], column: SOUND[0][column].upper()}, *SOUND[1:]]

    assert _found(rows)[0] == ("key_unreadable", f"{SOUND[0]['account']} 1")
    assert not verdict(rows)[0]


@pytest.mark.parametrize("column", ApprovalKey.__slots__)
@pytest.mark.parametrize("places", list(combinations(range(len(SOUND)), 2)), ids=str)
def test_cells_that_change_places_are_named(
    verdict: Verdict, places: tuple[int, int], column: str
) -> None:
    one, other = (SOUND[place] for place in places)
    rows = [*SOUND]
    rows[places[0]] = {**one, column: other[column]}
    rows[places[1]] = {**other, column: one[column]}
    is_same = one[column] == other[column]

    assert bool(_found(rows)) is not is_same
    assert verdict(rows)[0] is is_same


@pytest.mark.parametrize("place", range(len(SOUND)))
def test_a_row_that_is_gone_is_named_by_those_that_need_it(verdict: Verdict, place: int) -> None:
    gone = SOUND[place]
    name = f"{gone['account']} {gone['number']}"
    rows = [*SOUND[:place], *SOUND[place + 1 :]]
    needed = {"tang.yi 1": "he.jun 1", "li.na 1": "li.na 2", "li.na 2": "li.na 3"}

    found = _found(rows)

    assert verdict(rows)[0] is (name not in needed)
    assert (found[0][1] if found else None) == needed.get(name)


PUT_IN: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "a second key that signed itself": (
        [_entry(OTHER_LEAD, 2, FORGED, OTHER_LEAD, FORGED)],
        "key_giver_may_not",
        "key 2 of he.jun: he.jun may not give such a key",
    ),
    "a key that a colleague gave": (
        [_entry(OTHER_LEAD, 2, FORGED, LEAD, LEAD_KEY)],
        "key_giver_may_not",
        "key 2 of he.jun: li.na may not give such a key",
    ),
    "a key of a stranger's": (
        [_entry(OTHER_LEAD, 2, FORGED, ADMINISTRATOR, FORGED)],
        "key_giver_unknown",
        "key 2 of he.jun: the key of tang.yi that signed it is not here",
    ),
    "another first key": (
        [_entry(OTHER_LEAD, 1, FORGED, OTHER_LEAD, FORGED)],
        "key_number",
        "key 1 of he.jun: key 2 of he.jun should come here",
    ),
    "a key of nobody": (
        [_entry(replace(OTHER_LEAD, name="nobody"), 1, FORGED, ADMINISTRATOR, ADMIN_KEY)],
        "key_person",
        "key 1 of nobody: nobody does not work here",
    ),
    "administrators' keys in a circle": (
        [
            _entry(ADMINISTRATOR, 2, FORGED, ADMINISTRATOR, OTHER_FORGED),
            _entry(ADMINISTRATOR, 3, OTHER_FORGED, ADMINISTRATOR, FORGED),
        ],
        "key_circle",
        "key 2 of tang.yi: the key of tang.yi that signed it leads back to itself",
    ),
}


@pytest.mark.parametrize("name", PUT_IN)
def test_a_row_that_was_put_in_is_named(verdict: Verdict, name: str) -> None:
    entries, code, fault = PUT_IN[name]
    rows = [*SOUND, *entries]

    place = f"{entries[0]['account']} {entries[0]['number']}"
    assert _found(rows)[0] == (code, place)
    assert verdict(rows) == (False, f"approval_keys.jsonl, {fault}")


def test_what_a_changed_key_signed_is_named_after_it(verdict: Verdict) -> None:
    """The first line says where to look; the keys that it signed follow from it."""
    place = next(at for at, row in enumerate(SOUND) if row["account"] == ADMINISTRATOR.name)
    changed = {**SOUND[place], "public_key": "ab" * 32}

    rows = [*SOUND[:place], changed, *SOUND[place + 1 :]]

    assert _found(rows) == [
        ("key_signature_wrong", "tang.yi 1"),
        ("key_giver_unknown", "he.jun 1"),
        ("key_giver_unknown", "li.na 2"),
    ]
    assert verdict(rows)[1].startswith("approval_keys.jsonl, key 1 of tang.yi: ")


def test_another_first_key_contradicts_nothing_that_no_checkpoint_covers(verdict: Verdict) -> None:
    place = next(at for at, row in enumerate(SOUND) if row["account"] == OTHER_LEAD.name)
    exchanged = _entry(OTHER_LEAD, 1, FORGED, OTHER_LEAD, FORGED)

    rows = [*SOUND[:place], exchanged, *SOUND[place + 1 :]]

    assert _found(rows) == []
    assert verdict(rows)[0]
    assert rows != SOUND
