"""What sealing costs: beside an append, in bulk, and the audit of all of it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from plan_assistant.adapters.clock import SystemClock
from plan_assistant.adapters.sealer import KeySealer
from plan_assistant.adapters.signing import SealKey, is_signed
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.safekeeping import back_up
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.domain.audit import Report
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Account, EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Archive
from plan_assistant.services.audit import verify_record

SINGLE = 300
BULK = 10_000
_PERSON = Account("wu.hao", "吴昊", Role.COLLECTOR)
# As long as the record of an agreement with three years of payments.
_ROWS: list[Json] = [{"number": number, "payment": "2308.99"} for number in range(330)]
_BODY: dict[str, Json] = {"rows": _ROWS}


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _check(archive: Archive) -> Report:
    return verify_record(archive, is_signed=is_signed)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "store.sqlite"))
        store.add_account(_PERSON)
        sealer = KeySealer(SqlSeals(store), SealKey.make(), SystemClock())

        def append(number: int) -> None:
            store.append(
                CaseId(f"B-{number}"),
                [NewEvent(EventType.CASE_OPENED, _BODY)],
                actor=_PERSON,
                at=SystemClock().now(),
                expected_version=0,
                key=RequestKey(str(number)),
            )

        appends, seals = [], []
        for number in range(SINGLE):
            appends.append(_timed(lambda number=number: append(number)))  # type: ignore[misc]
            seals.append(_timed(sealer.seal))
        for name, times in (("append", appends), ("seal after it", seals)):
            low, high = statistics.median(times), statistics.quantiles(times, n=100)[98]
            print(f"{name:32} p50 {low:7.2f} ms   p99 {high:7.2f} ms")
        for number in range(SINGLE, SINGLE + BULK):
            append(number)
        bulk = _timed(sealer.seal)
        print(f"{f'seal {BULK:,} facts':32} {bulk:11.0f} ms   {BULK / bulk * 1000:,.0f} facts/s")
        whole = _timed(lambda: _check(SqlSeals(store)))
        count = SINGLE + BULK
        print(
            f"{f'audit {count:,} facts':32} {whole:11.0f} ms   {count / whole * 1000:,.0f} facts/s"
        )
        copied = _timed(lambda: back_up(store, Path(folder) / "b.sqlite", _check, replace=False))
        size = (Path(folder) / "b.sqlite").stat().st_size / 1e6
        print(f"{f'backup of {size:.0f} MB, audited':32} {copied:11.0f} ms")
        store.close()


if __name__ == "__main__":
    main()
