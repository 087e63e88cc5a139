"""Keys, sealed fields, checkpoints and signed approvals on both engines, by the same questions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.canaries import ADDRESS, ID_NUMBER, NAME, NOTE, PHONE, canary_case, found_in
from tests.canary_store import (
    CASE,
    IN_TIME,
    PURGED,
    erase,
    erase_in_time,
    fill_with_canaries,
    keep_plan,
    put,
)
from tests.desks import desk_at
from tests.office import Office
from tests.people import ADMINISTRATOR, AUDITOR, COLLECTOR, LEAD, NOW, decided, opened, plan, spoken
from tests.sealing import seal_key, sealer_for
from tests.stores import fresh_sqlite

from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.keys.master import new_master_key, written
from plan_assistant.adapters.signing import SealKey, is_signed
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.audit import Report
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseNotFound, StaleCase, TransitionRefused
from plan_assistant.domain.event_form import seal_of
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.personal import RevealReason
from plan_assistant.domain.record import fold
from plan_assistant.handout import verifiers
from plan_assistant.ports import Lookup
from plan_assistant.services.audit import export_record, verify_record
from plan_assistant.services.find import find_cases
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.reveal import reveal

AnyStore = Office | SqlStore
SEALED = NewEvent(EventType.BUDGET_CHANGED, write_case(canary_case()))
"""A fact with personal fields."""


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """A store in which everybody works and nothing has happened."""
    made: AnyStore
    if request.param == "postgres":
        made = Office(request.getfixturevalue("database"))
    else:
        made = fresh_sqlite(tmp_path)
    yield made
    made.close()


@pytest.fixture
def store(empty: AnyStore) -> AnyStore:
    """A store with a case full of canaries, a plan and its approval."""
    fill_with_canaries(empty)
    return empty


def _archive(store: AnyStore) -> SqlSeals:
    return store.archive if isinstance(store, Office) else SqlSeals(store)


def _audited(store: AnyStore) -> Report:
    return verify_record(_archive(store), is_signed=is_signed)


def _write_stray_key(store: AnyStore, case_id: str) -> None:
    """Write what opens nothing, for a case that nobody opened, past every wall."""
    insert = (
        "insert into {}case_key (key_id, case_id, master_key_id, wrapped)"
        f" values ('stray', '{case_id}', '{store.key_status().master_key_id}', 'AAAA')"
    )
    if isinstance(store, Office):
        with store._database.raw(autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(insert.format("plan_assistant.").encode())
    else:
        with store.writing() as writing:
            writing.exec_driver_sql(insert.format(""))


# --- sealed fields
def test_a_case_is_read_back_as_it_was_and_stands_sealed(store: AnyStore) -> None:
    facts = store.events(CASE)

    assert facts[0].body == write_case(canary_case())
    assert not found_in(json.dumps([dict(fact.stored_body) for fact in facts]).encode())
    assert all(seal_of(fact) == fact.sha256 for fact in facts)


@pytest.mark.parametrize(
    ("by", "text"), [(Lookup.NAME, NAME), (Lookup.ID_NUMBER, ID_NUMBER), (Lookup.PHONE, PHONE)]
)
def test_a_case_is_found_by_what_it_is_about(store: AnyStore, by: Lookup, text: str) -> None:
    assert store.find(by, text) == (CASE,)
    assert store.find(by, f"{text}9") == ()
    (row,) = find_cases(desk_at(store), by, text).lines
    assert NAME not in row.masked_name


def test_what_is_masked_is_revealed_on_the_record(store: AnyStore) -> None:
    case = reveal(desk_at(store), CASE, RevealReason.REQUEST, key=new_key())

    assert case.borrower.name.revealed == NAME
    assert case.borrower.address is not None
    assert case.borrower.address.revealed == ADDRESS
    told = store.events(CASE)[-1]
    assert (told.type, told.actor) == (EventType.REVEALED, COLLECTOR.name)


# --- erased
def test_an_erased_case_keeps_figures_and_hashes_and_no_name(store: AnyStore) -> None:
    keep_plan(store)
    before = store.events(CASE)
    sealer_for(store).seal()

    # Nobody sets the clock of a server forward: there the fact gives another end than the record.
    (erase if isinstance(store, Office) else erase_in_time)(store, CASE)

    after = store.events(CASE)
    assert [fact.sha256 for fact in after[:-1]] == [fact.sha256 for fact in before]
    record = fold(after)
    assert record.erased_at == (NOW if isinstance(store, Office) else IN_TIME)
    assert record.case.borrower.name.is_erased
    assert record.case.owed == canary_case().owed
    assert not found_in(repr([fact.body for fact in after]).encode())
    assert NOTE not in repr([fact.body for fact in after])
    assert store.find(Lookup.NAME, NAME) == ()
    assert (store.key_status().cases_erased, store.key_status().cases_with_key) == (1, 0)
    sealer_for(store, at=record.erased_at).seal()
    found = [each.code for each in _audited(store).discrepancies]
    assert found == (["purged_end", "purged_early"] if isinstance(store, Office) else [])


def test_nothing_more_is_recorded_of_an_erased_case(store: AnyStore) -> None:
    erase(store)

    with pytest.raises(TransitionRefused, match="case_erased"):
        put(store, spoken(), version=4)
    with pytest.raises(TransitionRefused, match="case_erased"):
        put(store, SEALED, version=4, key="sealed")
    with pytest.raises(TransitionRefused, match="case_erased"):
        erase(store, key="again")
    assert len(store.events(CASE)) == 4


def test_erasing_again_with_the_same_request_is_a_repeat(store: AnyStore) -> None:
    first = erase(store)

    again = store.erase(
        CASE, PURGED, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=RequestKey("erase")
    )

    assert (again.event_ids, again.is_repeat) == (first.event_ids, True)


def test_a_case_is_erased_with_its_fact_or_not_at_all(store: AnyStore) -> None:
    for version, error in ((1, StaleCase), (7, StaleCase)):
        with pytest.raises(error):
            store.erase(
                CASE,
                PURGED,
                actor=ADMINISTRATOR,
                at=NOW,
                expected_version=version,
                key=RequestKey(f"stale {version}"),
            )
    with pytest.raises(CaseNotFound):
        store.erase(
            CaseId("X-1"), PURGED, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=new_key()
        )
    with pytest.raises(TransitionRefused, match="role_may_not"):
        store.erase(CASE, PURGED, actor=LEAD, at=NOW, expected_version=3, key=new_key())

    assert store.events(CASE)[0].body == write_case(canary_case())
    assert store.key_status().cases_erased == 0


# --- another master key
def test_another_master_key_wraps_every_key_and_changes_no_fact(
    store: AnyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, to = store.events(CASE), new_master_key()
    monkeypatch.setenv(
        "PLAN_ASSISTANT_MASTER_KEY",
        f"{written(to)} {os.environ['PLAN_ASSISTANT_MASTER_KEY']}",
    )

    store.rotate(to)

    assert store.key_status().master_key_id == to.key_id
    assert store.events(CASE) == before
    open_case(desk_at(store), canary_case(), RequestKey("open"))  # a repeat is still known
    put(store, spoken(), version=3)
    put(store, opened(), version=0, case="K-2", key="another case")
    assert store.find(Lookup.NAME, NAME) == (CASE,)
    assert len(store.case_ids()) == 2


def test_a_key_that_does_not_open_is_named_and_holds_no_other_back(
    store: AnyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, to = store.events(CASE), new_master_key()
    monkeypatch.setenv(
        "PLAN_ASSISTANT_MASTER_KEY",
        f"{written(to)} {os.environ['PLAN_ASSISTANT_MASTER_KEY']}",
    )
    _write_stray_key(store, "K-77")

    assert store.rotate(to) == ("K-77",)

    assert store.key_status().master_key_id == to.key_id
    assert store.events(CASE) == before


# --- checkpoints
def test_every_fact_is_sealed_and_the_audit_holds(store: AnyStore) -> None:
    sealed = sealer_for(store).seal()

    report = _audited(store)

    assert sealed is not None
    assert sealed.checkpoint.count == 3
    assert (report.holds, report.facts, report.checkpoints, report.unsealed) == (True, 3, 1, 0)
    assert report.newest == sealed.witness
    put(store, spoken(), version=3)
    assert _audited(store).unsealed == 1
    assert sealer_for(store).seal() != sealed
    assert _audited(store).unsealed == 0


def test_nothing_is_left_out_by_who_seals_while_others_record(empty: AnyStore) -> None:
    """A fact that is recorded late would else stand before the end of a checkpoint, for ever."""
    failures: list[BaseException] = []

    def record(number: int) -> None:
        try:
            for case in range(12):
                name = f"S-{number}-{case}"
                put(empty, opened(), version=0, case=name, key=name)
        except BaseException as error:
            failures.append(error)

    recording = [threading.Thread(target=record, args=(number,)) for number in range(4)]
    for thread in recording:
        thread.start()
    while any(thread.is_alive() for thread in recording):
        sealer_for(empty).seal()
    sealer_for(empty).seal()

    assert failures == []
    report = _audited(empty)
    assert (report.holds, report.facts, report.unsealed) == (True, 48, 0)


def test_the_exported_record_is_verified_without_this_program(
    store: AnyStore, tmp_path: Path
) -> None:
    sealer_for(store).seal()
    folder = tmp_path / "out"

    export_record(
        _archive(store),
        folder,
        by=AUDITOR,
        files=LocalFiles(),
        verifiers=verifiers(),
    )

    done = subprocess.run(
        [sys.executable, "-I", str(folder / "verify_record.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for file in folder.iterdir():
        assert not found_in(file.read_bytes())


def test_another_key_seals_only_where_it_takes_over(store: AnyStore) -> None:
    sealer_for(store).seal()
    put(store, spoken(), version=3)

    with pytest.raises(TransitionRefused, match="another_seal_key"):
        sealer_for(store, SealKey.make()).seal()
    assert sealer_for(store, seal_key()).seal() is not None


# --- approvals
def test_an_approval_is_signed_and_one_without_a_signature_is_found(store: AnyStore) -> None:
    assert verify_approvals(store.every_event(), store.credentials.key_registry()) is None
    sent = plan("AG-3")
    put(store, opened(), sent, version=0, case="K-3", key="send 3")

    store.append(
        CaseId("K-3"),
        [decided(EventType.APPROVED, fingerprint(sent.body), LEAD)],
        actor=LEAD,
        at=NOW,
        expected_version=2,
        key=new_key(),
    )

    wrong = verify_approvals(store.every_event(), store.credentials.key_registry())
    assert wrong is not None
    assert wrong.facts["case_id"] == "K-3"
