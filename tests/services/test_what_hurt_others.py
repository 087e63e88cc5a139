"""What users of another maker-checker complained of, one test for each complaint.

The complaints are those of Fineract's users (issues and code read for this product). Each test
shows that what hurt them cannot happen here.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest
from pysqlite3 import dbapi2
from tests import builders, recording
from tests.desks import CASE, agreement, approve, desk_at, lead, send, waiting
from tests.people import (
    ADMINISTRATOR,
    AUDITOR,
    COLLECTOR,
    EVERYBODY,
    LEAD,
    NOW,
    OTHER_LEAD,
    decided,
)
from tests.stores import fresh_sqlite

import plan_assistant
from plan_assistant.domain.errors import KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.record import Status, fold
from plan_assistant.ports import Store
from plan_assistant.services import decide
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows
from plan_assistant.wording.problems import failure_sentence

KEY = RequestKey("decision")


def refusal(act: Callable[[], object]) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return refused.value


# --- 1
def test_complaint_1_the_checker_approves_a_command_that_runs_again_on_another_state(
    store: Store,
) -> None:
    """There the stored command is run again on the state of the day. Here a content is approved.

    The case cannot change under a plan that waits; a plan that was sent anew is another content;
    and what is in force is to the byte what the lead looked at.
    """
    looked_at = waiting(store)
    poorer = builders.case(of_budget=builders.budget(incomes=(builders.income("4000.00"),)))
    refused = refusal(
        lambda: recording.change_budget(
            desk_at(store), poorer, expected_version=2, key=RequestKey("budget")
        )
    )
    assert refused.code == "plan_is_pending"
    with pytest.raises(StaleCase):
        store.append(
            CASE,
            [NewEvent(EventType.BUDGET_CHANGED, write_case(poorer))],
            actor=COLLECTOR,
            at=NOW,
            expected_version=1,
            key=RequestKey("behind the back"),
        )

    decide.cancel(desk_at(store), CASE, fingerprint=looked_at, version=2, key=RequestKey("back"))
    send(desk_at(store), agreement("AG-2"), version=3, key="second")
    for version in (2, 4):
        refused = refusal(
            lambda version=version: approve(  # type: ignore[misc]  # the loop's own value
                lead(store), CASE, fingerprint=looked_at, version=version, key=KEY
            )
        )
        assert refused.code in {"already_decided", "not_what_is_pending"}

    seen = fold(store.events(CASE))
    assert seen.pending is not None
    approve(lead(store), CASE, fingerprint=seen.pending.fingerprint, version=4, key=KEY)
    (standing,) = fold(store.events(CASE)).in_force
    assert standing.plan.fingerprint == standing.decision.fingerprint == seen.pending.fingerprint


# --- 2
def test_complaint_2_a_super_user_or_a_switch_skips_the_second_pair_of_eyes(store: Store) -> None:
    """No role decides alone, and nothing that looks like a switch is anywhere in the program."""
    fingerprint = waiting(store, LEAD)

    for person in EVERYBODY:
        if person == OTHER_LEAD:
            continue
        refused = refusal(
            lambda person=person: approve(  # type: ignore[misc]  # the loop's own value
                desk_at(store, person), CASE, fingerprint=fingerprint, version=2, key=KEY
            )
        )
        assert refused.code in {"role_may_not", "maker_may_not_decide"}
    for act in (decide.approve, decide.return_plan, decide.decline):
        hints = {name for name, hint in get_type_hints(act).items() if hint is bool}
        assert not hints, f"{act.__name__} takes a switch: {hints}"
    approve(desk_at(store, OTHER_LEAD), CASE, fingerprint=fingerprint, version=2, key=KEY)


def test_complaint_2_the_database_itself_knows_no_way_around(tmp_path: Path) -> None:
    store = fresh_sqlite(tmp_path)
    fingerprint = waiting(store, LEAD)

    for person in EVERYBODY:
        if person == OTHER_LEAD:
            continue
        with pytest.raises(TransitionRefused):
            store.append(
                CASE,
                [decided(EventType.APPROVED, fingerprint, person)],
                actor=person,
                at=NOW,
                expected_version=2,
                key=RequestKey(f"around {person.name}"),
            )

    assert fold(store.events(CASE)).status is Status.PENDING
    store.close()


# --- 3
def test_complaint_3_deleting_a_pending_entry_leaves_no_trace(tmp_path: Path) -> None:
    """Taking back is one more fact; what was taken back stays to be read, and SQL deletes none."""
    store = fresh_sqlite(tmp_path)
    fingerprint = waiting(store)
    before = store.events(CASE)

    decide.cancel(desk_at(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("back"))

    after = store.events(CASE)
    assert after[: len(before)] == before
    assert [event.type for event in after[len(before) :]] == [EventType.CANCELLED]
    assert fold(after).recorded is not None
    store.close()
    raw = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)
    for table in ("event", "submission", "decision"):
        with pytest.raises(dbapi2.IntegrityError, match="append_only"):
            raw.execute(f"delete from {table}")
    raw.close()


# --- 4
def test_complaint_4_the_same_action_is_submitted_many_times_while_one_waits(
    store: Store,
) -> None:
    waiting(store)

    for attempt in range(5):
        refused = refusal(
            lambda attempt=attempt: send(  # type: ignore[misc]  # the loop's own value
                desk_at(store), agreement(f"AG-{attempt + 2}"), version=2, key=f"again {attempt}"
            )
        )
        assert refused.code == "plan_is_pending"

    assert len(decide.pending(lead(store))) == 1


# --- 5
@pytest.mark.parametrize("language", ["en", "zh"])
def test_complaint_5_a_checker_gets_a_generic_error_and_pending_items_are_invisible(
    store: Store, language: str
) -> None:
    """The record itself says that a plan waits, with whom and since when; a refusal says why."""
    fingerprint = waiting(store)

    seen = fold(store.events(CASE))
    assert seen.pending is not None
    assert (seen.pending.maker, seen.pending.at >= NOW) == ("wu.hao", True)
    assert [row.status for row in queue_rows(desk_at(store, AUDITOR))] == [Status.PENDING]
    again = refusal(lambda: send(desk_at(store), agreement("AG-2"), version=2, key="again"))
    assert again.detail["maker"] == "wu.hao"
    assert "wu.hao" in failure_sentence(again, language)
    said = [
        failure_sentence(
            refusal(
                lambda person=person: approve(  # type: ignore[misc]  # the loop's own value
                    desk_at(store, person), CASE, fingerprint=fingerprint, version=2, key=KEY
                )
            ),
            language,
        )
        for person in (AUDITOR, ADMINISTRATOR, COLLECTOR)
    ]
    assert len(set(said)) == 3, "each role hears what is the matter with it"


# --- 6
_PLAN_ACTS: dict[EventType, tuple[Account, ...]] = {
    EventType.APPROVED: (LEAD,),
    EventType.RETURNED: (LEAD,),
    EventType.DECLINED: (LEAD,),
    EventType.CANCELLED: (COLLECTOR,),
}


@pytest.mark.parametrize("outcome", _PLAN_ACTS, ids=lambda outcome: outcome.value)
def test_complaint_6_four_eyes_are_switched_on_but_bypassed_for_some_commands(
    store: Store, outcome: EventType
) -> None:
    """Every decision goes by the same guards, whichever of them it is; each is tried here."""
    fingerprint = waiting(store)
    desk_for = {person.name: desk_at(store, person) for person in EVERYBODY}
    reason = decide.return_reasons(lead(store), fold(store.events(CASE)))[0]
    common = {"fingerprint": fingerprint, "version": 2, "key": KEY}

    def act(person: Account) -> object:
        desk = desk_for[person.name]
        match outcome:
            case EventType.APPROVED:
                return approve(desk, CASE, **common)
            case EventType.RETURNED:
                return decide.return_plan(desk, CASE, reason=reason, **common)  # type: ignore[arg-type]
            case EventType.DECLINED:
                return decide.decline(desk, CASE, reason=reason, **common)  # type: ignore[arg-type]
        return decide.cancel(desk, CASE, **common)  # type: ignore[arg-type]

    allowed = _PLAN_ACTS[outcome]
    for person in EVERYBODY:
        if person not in allowed and person != OTHER_LEAD:
            refusal(lambda person=person: act(person))  # type: ignore[misc]  # the loop's own value
    assert fold(store.events(CASE)).status is Status.PENDING

    act(allowed[0])

    assert store.events(CASE)[-1].type is outcome


def test_complaint_6_every_kind_of_decision_is_among_those_tried() -> None:
    assert set(_PLAN_ACTS) == {kind for kind in EventType if kind.is_decision}


# --- 7
def test_complaint_7_a_missing_key_protects_nothing_and_a_repeated_one_is_not_compared(
    store: Store,
) -> None:
    """No act can be asked for without a key, and a key with another content is refused."""
    acts = (
        open_case,
        recording.record_plan,
        recording.change_budget,
        recording.close_call,
        recording.disclosure_read,
        decide.approve,
        decide.return_plan,
        decide.decline,
        decide.cancel,
        decide.note_borrower_waits,
        store.append,
    )
    for act in acts:
        assert inspect.signature(act).parameters["key"].default is inspect.Parameter.empty

    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)
    repeated = approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)
    assert repeated.is_repeat
    with pytest.raises(KeyReused):
        approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY, sentence="other")
    assert len(store.events(CASE)) == 3


# --- 8
def test_complaint_8_what_is_masked_cannot_be_approved(store: Store) -> None:
    """What is approved is not replayed: nobody has to see a name or a number to approve a plan.

    The list masks the borrower, and the approval that is recorded holds nothing personal at all.
    """
    fingerprint = waiting(store)
    (plan,) = decide.pending(lead(store))
    borrower = builders.case().borrower
    assert borrower.name.revealed not in plan.masked_name

    approve(lead(store), CASE, fingerprint=plan.fingerprint, version=plan.version, key=KEY)

    approval = json.dumps(dict(store.events(CASE)[-1].body), ensure_ascii=False)
    assert fingerprint in approval
    for personal in (borrower.name, borrower.id_number, borrower.phone, borrower.address):
        assert personal is not None
        assert personal.revealed not in approval


# --- of all of them
def test_no_module_of_the_program_writes_or_deletes_what_was_recorded() -> None:
    """No UPDATE or DELETE reaches the record from anywhere, in whichever form it is written.

    The keys of personal fields are no record: they are put under another master key, and destroyed.
    """
    package = Path(plan_assistant.__file__).parent
    found = []
    for path in package.rglob("*.py"):
        if "migrations" in path.parts or path.name == "fields.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module="sqlalchemy", names=names):
                    found += [
                        f"{path.name}: {name.name}"
                        for name in names
                        if name.name in {"update", "delete"}
                    ]
                case ast.Constant(value=str(text)) if text.lstrip()[:6].lower() in {
                    "update",
                    "delete",
                }:
                    if " set " in text.lower() or " from " in text.lower():
                        found.append(f"{path.name}: {text}")

    assert found == []


def test_roles_that_come_later_approve_nothing_by_themselves() -> None:
    """Whatever roles there are: those that may decide are named one by one."""
    from plan_assistant.domain.rights import may_record  # noqa: PLC0415

    for outcome in (EventType.APPROVED, EventType.RETURNED, EventType.DECLINED):
        assert may_record(outcome) == {Role.TEAM_LEAD}
