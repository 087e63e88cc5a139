"""The sealer port: with a key it covers what is not covered, without one it only reads.

Not here: the key itself (`signing.py`), and how the store holds writers back (`store/seals.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from plan_assistant.adapters.signing import SealKey
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.domain.audit_retention import tells_clock_behind
from plan_assistant.domain.errors import ClockBehind
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.seal import Checkpoint, Sealed, next_checkpoint
from plan_assistant.domain.stored import RecordRow, StoredRow
from plan_assistant.ports import Clock


class KeySealer:
    """Signs checkpoints with a key pair; implements `ports.Sealer`."""

    holds_key: Final = True

    def __init__(
        self,
        seals: SqlSeals,
        key: SealKey,
        clock: Clock,
        *,
        takes_over: bool = False,
        clock_is_right: bool = False,
    ) -> None:
        self._seals = seals
        self._key = key
        self._clock = clock
        self._takes_over = takes_over
        self._clock_is_right = clock_is_right

    def seal(self) -> Sealed | None:
        """Cover every fact that no checkpoint covers; return the newest checkpoint.

        Raises TransitionRefused (another_seal_key) for a store that another key has sealed, unless
        this one takes over, ClockBehind for a clock that is days behind an erasing, unless somebody
        says that it is right, and StoreDamaged for a fact that is not what was recorded.
        """
        newest: Sealed | None = None
        while made := self._seals.extend(
            self._key.public_key, self._make, takes_over=self._takes_over
        ):
            newest = made
        return newest or self._seals.newest()

    def newest(self) -> Sealed | None:
        """Return the newest checkpoint; nothing is covered here."""
        return self._seals.newest()

    def _make(
        self,
        previous: Checkpoint | None,
        rows: Sequence[RecordRow],
        people: Sequence[StoredRow],
    ) -> Sealed:
        at = moment(self._clock.now())
        if not self._clock_is_right:
            _require_clock(rows, at)
        point, leaves = next_checkpoint(previous, rows, people, at=at, key_id=self._key.key_id)
        return Sealed(point, self._key.sign(point.signed_bytes), point.sha256, leaves)


def _require_clock(rows: Sequence[RecordRow], now: str) -> None:
    """Refuse a clock by which the audit would call an erasing one of a day that had not come."""
    for fact in (row.event for row in rows):
        if tells_clock_behind(fact, now):
            raise ClockBehind(
                today=now[:10], erased=fact.at[:10], case_id=fact.case_id, version=fact.version
            )


class SealReader:
    """Tells what others have sealed; implements `ports.Sealer` for who holds no key."""

    holds_key: Final = False

    def __init__(self, seals: SqlSeals) -> None:
        self._seals = seals

    def seal(self) -> Sealed | None:
        """Return the newest checkpoint; nothing is covered here."""
        return self.newest()

    def newest(self) -> Sealed | None:
        """Return the newest checkpoint."""
        return self._seals.outline()
