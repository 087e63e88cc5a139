"""Up to where approvals are older than signatures: what the row says counts as far as facts go."""

from __future__ import annotations

from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.older_store import store_of_0001
from tests.people import COLLECTOR, LEAD, NOW, decided, opened, plan
from tests.sealing import audited

from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint

SENT = plan("AG-1")
APPROVED = decided(EventType.APPROVED, fingerprint(SENT.body), LEAD)


@pytest.fixture
def upgraded(tmp_path: Path) -> Path:
    """A store with an approval from before signatures, and an unsigned one from after them."""
    path = tmp_path / "old.sqlite"
    store_of_0001(
        path, CaseId("A-1"), [(opened(), COLLECTOR), (SENT, COLLECTOR), (APPROVED, LEAD)], NOW
    )
    store = open_store(str(path))
    again = plan("AG-2")
    approved = decided(EventType.APPROVED, fingerprint(again.body), LEAD)
    for version, (fact, by) in enumerate(
        [(opened("Called in the evening."), COLLECTOR), (again, COLLECTOR), (approved, LEAD)]
    ):
        key = RequestKey(f"new {version}")
        store.append(CaseId("B-1"), [fact], actor=by, at=NOW, expected_version=version, key=key)
    store.close()
    return path


def _say_until(path: Path, until: int | None) -> None:
    connection = dbapi2.connect(str(path), isolation_level=None)
    for act in ("update", "delete"):
        connection.execute(f"drop trigger approval_start_no_{act}")
    if until is None:
        connection.execute("delete from approval_start")
    else:
        connection.execute("update approval_start set unsigned_until = ?", (until,))
    connection.close()


def _believed(path: Path) -> tuple[int, str | None]:
    """Return up to where no signature is needed, and which approval is the first wrong one."""
    store = open_store(str(path))
    registry = store.credentials.key_registry()
    wrong = verify_approvals(store.every_event(), registry)
    store.close()
    return registry.unsigned_until, None if wrong is None else wrong.case_id


def test_the_upgrade_excuses_what_was_there_and_nothing_later(upgraded: Path) -> None:
    assert _believed(upgraded) == (3, "B-1")
    assert audited(upgraded).holds


@pytest.mark.parametrize(
    ("until", "believed", "code"),
    [
        (6, (3, "B-1"), "start_late"),
        (1_000_000, (3, "B-1"), "start_late"),
        (2, (2, "A-1"), None),
        (None, (0, "A-1"), "start_missing"),
    ],
)
def test_a_start_that_was_changed_excuses_no_later_approval(
    upgraded: Path, until: int | None, believed: tuple[int, str], code: str | None
) -> None:
    _say_until(upgraded, until)

    assert _believed(upgraded) == believed
    found = audited(upgraded).discrepancies
    assert [item.code for item in found] == ([] if code is None else [code])


def test_a_start_behind_the_end_of_the_record_is_found_without_any_sealed_fact(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.sqlite"
    store_of_0001(path, CaseId("A-1"), [(opened(), COLLECTOR)], NOW)
    open_store(str(path)).close()
    _say_until(path, 2)

    assert [item.code for item in audited(path).discrepancies] == ["start_beyond"]
