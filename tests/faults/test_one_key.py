"""One idempotency key sent from fifty threads at once, on both engines, again and again.

FAULT_ROUNDS sets the number of rounds, a twelfth of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import KeyReused
from plan_assistant.domain.events import EventType, Receipt, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.ports import Store
from tests.office import Office
from tests.people import COLLECTOR, NOW, opened, plan
from tests.stores import fresh_sqlite

ROUNDS = max(2, int(os.environ.get("FAULT_ROUNDS", "24")) // 12)
THREADS = 50
SENT, ALTERED = plan("AG-1", total="57415.75"), plan("AG-1", total="1.00")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store in which everybody works and nothing has happened."""
    made: Store
    if request.param == "postgres":
        made = Office(request.getfixturevalue("database"))
    else:
        made = fresh_sqlite(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("altered", [0, 10, 25], ids=lambda count: f"{count} altered")
def test_one_key_from_fifty_threads_records_one_plan(store: Store, altered: int) -> None:
    for number in range(ROUNDS):
        case = CaseId(f"A-{number}")
        store.append(
            case,
            [opened()],
            actor=COLLECTOR,
            at=NOW,
            expected_version=0,
            key=RequestKey(f"open {number}"),
        )
        answers = _send(store, case, number, altered)

        (recorded,) = store.events(case)[1:]
        content = fingerprint(recorded.body)
        equal = sum(content == sent for sent, _ in answers)
        receipts = [answer for sent, answer in answers if isinstance(answer, Receipt)]
        assert [isinstance(answer, Receipt) for sent, answer in answers] == [
            sent == content for sent, _ in answers
        ]
        assert sorted(receipt.is_repeat for receipt in receipts) == [False] + [True] * (equal - 1)
        assert {receipt.event_ids for receipt in receipts} == {(recorded.event_id,)}


def _send(
    store: Store, case: CaseId, number: int, altered: int
) -> list[tuple[str, Receipt | KeyReused]]:
    """Return what each thread sent, as a fingerprint, and what it was answered."""
    start = threading.Barrier(THREADS)
    kind = EventType.PLAN_RECORDED

    def one(thread: int) -> tuple[str, Receipt | KeyReused]:
        sent = ALTERED if thread < altered else SENT
        fact = type(sent)(kind, {**sent.body, "number": f"AG-{number}"})
        start.wait()
        try:
            answer: Receipt | KeyReused = store.append(
                case,
                [fact],
                actor=COLLECTOR,
                at=NOW,
                expected_version=1,
                key=RequestKey(f"plan {number}"),
            )
        except KeyReused as error:
            answer = error
        return fingerprint(fact.body), answer

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))
