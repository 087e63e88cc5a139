"""Signatures, payments and ends that contradict the approval before them are named by the audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.people import COLLECTOR, LEAD, NOW, OTHER_LEAD, decided, opened, plan
from tests.sealing import audited, sealer_for
from tests.stores import fresh_sqlite

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Account, EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.wording.audit import discrepancy_sentence

SENT, OTHER = plan("AG-1"), plan("AG-2", LEAD)
PRINT, OTHER_PRINT = fingerprint(SENT.body), fingerprint(OTHER.body)


def _append(store: SqlStore, case: str, version: int, by: Account, *facts: NewEvent) -> None:
    store.append(
        CaseId(case),
        facts,
        actor=by,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"{case} {version}"),
    )


def _following(kind: EventType, content: str = PRINT, number: str = "AG-1") -> NewEvent:
    return NewEvent(kind, {"number": number, "fingerprint": content})


_OPEN_AGAIN: dict[str, Json] = {"reason": "never_signed", "sentence": "", "plans": []}


def _reopening(content: str, number: str) -> NewEvent:
    """Return the fact that ends a plan which was never signed."""
    body = _following(EventType.REOPENED, content, number).body
    return NewEvent(EventType.REOPENED, {**body, **_OPEN_AGAIN, "plans": [number]})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A record of two approved plans whose triggers somebody has dropped.

    A-1 holds the collector's, signed and paid into once; B-1 the lead's own.
    """
    made = fresh_sqlite(tmp_path)
    _append(made, "A-1", 0, COLLECTOR, opened(), SENT)
    _append(made, "A-1", 2, LEAD, decided(EventType.APPROVED, PRINT, LEAD))
    _append(made, "A-1", 3, COLLECTOR, _following(EventType.SIGNED))
    _append(made, "A-1", 4, COLLECTOR, _following(EventType.PAYMENT_POSTED))
    _append(made, "B-1", 0, LEAD, opened(), OTHER)
    _append(made, "B-1", 2, OTHER_LEAD, decided(EventType.APPROVED, OTHER_PRINT, OTHER_LEAD))
    made.close()
    connection = dbapi2.connect(str(tmp_path / "store.sqlite"), isolation_level=None)
    for name in ("event_follows_approval", "event_maker_breaks"):
        connection.execute(f"drop trigger {name}")
    connection.close()
    again = open_store(str(tmp_path / "store.sqlite"))
    assert isinstance(again, SqlStore)
    yield again
    again.close()


def _found(store: SqlStore, tmp_path: Path) -> list[tuple[str, str | None, int | None]]:
    assert sealer_for(store).seal() is not None
    report = audited(tmp_path / "store.sqlite")
    for item in report.discrepancies:
        for language in ("en", "zh"):
            assert discrepancy_sentence(item, language)
    return [(item.code, item.case_id, item.version) for item in report.discrepancies]


def test_a_record_of_a_signed_and_paid_plan_holds(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "A-1", 5, COLLECTOR, _following(EventType.PAYMENT_POSTED))
    _append(store, "A-1", 6, COLLECTOR, _following(EventType.KEPT))
    _append(store, "B-1", 3, OTHER_LEAD, _following(EventType.BROKEN, OTHER_PRINT, "AG-2"))

    assert _found(store, tmp_path) == []


@pytest.mark.parametrize(
    "kind",
    [EventType.SIGNED, EventType.PAYMENT_POSTED, EventType.KEPT, EventType.BROKEN],
    ids=lambda kind: kind.value,
)
def test_a_fact_about_the_plan_of_another_case_is_named(
    store: SqlStore, tmp_path: Path, kind: EventType
) -> None:
    _append(store, "B-1", 3, LEAD, _following(kind))

    assert _found(store, tmp_path) == [("follows_nothing", "B-1", 4)]


@pytest.mark.parametrize("said", [[PRINT], {}, None, 7], ids=repr)
def test_a_fact_about_what_is_no_content_at_all_is_named(
    store: SqlStore, tmp_path: Path, said: Json
) -> None:
    body: dict[str, Json] = {"number": "AG-1", "fingerprint": said}
    _append(store, "A-1", 5, COLLECTOR, NewEvent(EventType.KEPT, body))

    assert _found(store, tmp_path) == [("follows_nothing", "A-1", 6)]


def test_a_second_signature_is_named(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "A-1", 5, COLLECTOR, _following(EventType.SIGNED))

    assert _found(store, tmp_path) == [("signed_again", "A-1", 6)]


def test_a_payment_after_the_end_is_named(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "A-1", 5, LEAD, _following(EventType.BROKEN))
    _append(store, "A-1", 6, COLLECTOR, _following(EventType.PAYMENT_POSTED))

    assert _found(store, tmp_path) == [("follows_end", "A-1", 7)]


def test_a_plan_that_ended_as_never_signed_holds_and_nothing_follows(
    store: SqlStore, tmp_path: Path
) -> None:
    _append(store, "B-1", 3, OTHER_LEAD, _reopening(OTHER_PRINT, "AG-2"))
    _append(store, "B-1", 4, LEAD, NewEvent(EventType.REOPENED, dict(_OPEN_AGAIN)))
    assert _found(store, tmp_path) == []

    _append(store, "B-1", 5, LEAD, _following(EventType.SIGNED, OTHER_PRINT, "AG-2"))

    assert _found(store, tmp_path) == [("follows_end", "B-1", 6)]


def test_a_signed_plan_that_ended_as_never_signed_is_named(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "A-1", 5, LEAD, _reopening(PRINT, "AG-1"))

    assert _found(store, tmp_path) == [("signed_again", "A-1", 6)]


def test_a_maker_who_declared_their_plan_broken_is_named(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "B-1", 3, LEAD, _following(EventType.BROKEN, OTHER_PRINT, "AG-2"))

    assert _found(store, tmp_path) == [("four_eyes", "B-1", 4)]


def test_a_payment_under_another_number_is_named(store: SqlStore, tmp_path: Path) -> None:
    _append(store, "A-1", 5, COLLECTOR, _following(EventType.PAYMENT_POSTED, PRINT, "AG-7"))

    assert _found(store, tmp_path) == [("fact_differs", "A-1", 6)]
