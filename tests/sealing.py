"""Sealed stores for tests: a key made once, sealers for both stores, and the audit of a file."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.sealer import KeySealer
from plan_assistant.adapters.signing import SealKey, is_signed
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.audit import Report
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.seal import Sealed, Witness, next_checkpoint
from plan_assistant.domain.stored import RecordRow, StoredEvent
from plan_assistant.ports import Sealer, Store
from plan_assistant.services.audit import verify_record
from tests.office import Office
from tests.people import NOW


@functools.cache
def seal_key() -> SealKey:
    """Return the seal key of the tests."""
    return SealKey.make()


def sealer_for(
    store: Store, key: SealKey | None = None, *, at: datetime = NOW, clock_is_right: bool = False
) -> Sealer:
    """Return who seals that store, from that moment on."""
    if isinstance(store, Office | SqlStore):
        seals = store.seals if isinstance(store, Office) else SqlSeals(store)
        return KeySealer(seals, key or seal_key(), DemoClock(at), clock_is_right=clock_is_right)
    return MemorySealer(store)


class MemorySealer:
    """Checkpoints over a store in memory, which has no rows beside its facts."""

    holds_key = True

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: Sealed | None = None

    def seal(self) -> Sealed | None:
        newest = self._newest.checkpoint if self._newest else None
        rows = [
            RecordRow(
                StoredEvent(
                    event.sequence,
                    event.event_id,
                    event.case_id,
                    event.version,
                    moment(event.at),
                    event.actor,
                    event.role.value,
                    event.type.value,
                    canonical(event.body).decode(),
                    event.sha256,
                ),
                None,
                None,
                None,
            )
            for event in self._store.every_event()
            if newest is None or event.sequence > newest.last
        ]
        if rows:
            point, leaves = next_checkpoint(
                newest, rows, [], at=moment(NOW), key_id=seal_key().key_id
            )
            signature = seal_key().sign(point.signed_bytes)
            self._newest = Sealed(point, signature, point.sha256, leaves)
        return self._newest

    def newest(self) -> Sealed | None:
        return self._newest


def audited(
    path: Path, *, trusted_keys: Collection[str] = (), outside: Sequence[Witness] = ()
) -> Report:
    """Return what the audit of a closed store finds."""
    store = open_store(str(path))
    try:
        return verify_record(
            SqlSeals(store), is_signed=is_signed, trusted_keys=trusted_keys, outside=outside
        )
    finally:
        store.close()
