"""Audits a record: every hash, chain, signature and guard row, and what is known outside.

The facts are taken in their order, so the first discrepancy is the first wrong row. Not here: the
checks of a single fact (`audit_facts.py`) and of keys (`audit_keys.py`, `audit_registry.py`), and
what the findings are called (`wording/audit.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from plan_assistant.domain.audit_facts import FactChecks
from plan_assistant.domain.audit_keys import key_discrepancies
from plan_assistant.domain.audit_registry import registry_discrepancies
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.events import EventType
from plan_assistant.domain.policy.findings import ROLES
from plan_assistant.domain.seal import (
    BEGINNING,
    Checkpoint,
    Leaf,
    Sealed,
    Witness,
    covered_name,
    is_name_of_key,
    key_id_of,
    leaf_of,
    root_of,
    sealed_of,
)
from plan_assistant.domain.stored import RecordRow, RecordRows, StoredRow, named_events, row_hash

IsSigned = Callable[[str, bytes, str], bool]
"""Says whether a public key signed a content: key and signature in hexadecimal digits."""

_PERSON: Final = ("account", "person_missing", "person_changed")
_KEY: Final = ("approval_key", "key_gone", "key_changed")
"""Table and codes of a covered row that is gone, or another one."""

MOST: Final = 100
"""So many discrepancies are listed; the first says where to look, the rest often follow from it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found."""

    discrepancies: tuple[Discrepancy, ...]
    """The first ones, in the order of the record."""
    count: int
    """How many there are in all."""
    facts: int
    checkpoints: int
    unsealed: int
    """Facts that no checkpoint covers yet: only their own hashes speak for them."""
    newest: Witness | None
    """The newest checkpoint."""

    @property
    def holds(self) -> bool:
        """Whether everything is what was recorded, as far as this audit could see."""
        return self.count == 0


def audit(
    record: RecordRows,
    *,
    is_signed: IsSigned,
    trusted_keys: Collection[str] = (),
    outside: Sequence[Witness] = (),
) -> Report:
    """Return everything in a record that is not what was recorded.

    A record that was replaced as a whole contradicts nothing in itself: only `trusted_keys` (ids of
    public keys kept elsewhere) and `outside` (checkpoints kept elsewhere) tell.
    """
    checks = _Audit(record, is_signed, frozenset(trusted_keys), tuple(outside))
    found: list[Discrepancy] = []
    count = 0
    for discrepancy in checks.run():
        count += 1
        if len(found) < MOST:
            found.append(discrepancy)
    return Report(
        tuple(found),
        count,
        checks.facts.count,
        len(checks.roots),
        checks.unsealed,
        checks.newest,
    )


class _Audit:
    def __init__(
        self,
        record: RecordRows,
        is_signed: IsSigned,
        trusted_keys: frozenset[str],
        outside: tuple[Witness, ...],
    ) -> None:
        self._record = record
        self._is_signed = is_signed
        self._trusted = trusted_keys
        self._outside = outside
        self._keys = {str(row["key_id"]): str(row["public_key"]) for row in record.public_keys()}
        self._people = record.people()
        self._covered: dict[str, tuple[str, int]] = {}
        self._used_keys: set[str] = set()
        self.roots: dict[int, str] = {}
        self.newest: Witness | None = None
        self.unsealed = 0
        self._look_at_seals()
        roles = {str(row["name"]): str(row["role"]) for row in self._people}
        self.facts = FactChecks(roles, self.roots)

    def _look_at_seals(self) -> None:
        """Learn what the signed checkpoints say about people and roots."""
        for row in self._record.seals():
            self._used_keys.add(str(row["key_id"]))
            number, root = int(row["number"] or 0), str(row["root"])
            self.roots[number] = root
            self.newest = Witness(number, root)
            try:
                sealed = sealed_of(row)
            except ValueError:
                continue
            if self._has_signed(sealed):
                for name, sha256 in sealed.checkpoint.people.items():
                    self._covered.setdefault(name, (sha256, number))

    def _has_signed(self, sealed: Sealed) -> bool:
        key = self._keys.get(sealed.checkpoint.key_id)
        if key is None:
            return False
        return self._is_signed(key, sealed.checkpoint.signed_bytes, sealed.signature)

    def run(self) -> Iterator[Discrepancy]:
        return chain(
            self._roles(),
            self._people_and_keys(),
            self._key_rows(),
            self._sealed_and_unsealed(),
            self._stray_rows(),
            key_discrepancies(self._record, self.facts),
            registry_discrepancies(self._record, self._is_signed),
            self._outside_witnesses(),
        )

    def _roles(self) -> Iterator[Discrepancy]:
        for row in self._people:
            if row["role"] not in ROLES:
                yield Discrepancy(
                    "person_role", "account", str(row["name"]), detail={"found": str(row["role"])}
                )

    def _people_and_keys(self) -> Iterator[Discrepancy]:
        """Return the people and approval keys that are not what a checkpoint covers."""
        rows = (*self._record.approval_keys(), *self._people)
        standing = {covered_name(row): row_hash(row) for row in rows}
        for name in sorted(self._covered):
            sha256, number = self._covered[name]
            table, gone, changed = _KEY if is_name_of_key(name) else _PERSON
            if standing.get(name) != sha256:
                code = changed if name in standing else gone
                yield Discrepancy(code, table, name, detail={"checkpoint": str(number)})

    def _key_rows(self) -> Iterator[Discrepancy]:
        for key_id, public_key in self._keys.items():
            try:
                is_consistent = key_id_of(bytes.fromhex(public_key)) == key_id
            except ValueError:
                is_consistent = False
            if not is_consistent:
                yield Discrepancy("key_differs", "seal_key", key_id)
            elif key_id not in self._used_keys:
                yield Discrepancy("key_unused", "seal_key", key_id)

    def _sealed_and_unsealed(self) -> Iterator[Discrepancy]:
        facts = _Ahead(self._record.facts())
        previous: Sealed | None = None
        expected_number = 1
        for row in self._record.seals():
            try:
                sealed = sealed_of(row)
            except ValueError as error:
                yield _about_seal(row, "seal_unreadable", reason=str(error))
                expected_number = int(row["number"] or 0) + 1
                previous = None
                continue
            point = sealed.checkpoint
            is_next = point.number == expected_number
            if not is_next:
                for number in range(expected_number, point.number)[:MOST]:
                    yield Discrepancy("seal_missing", "seal", str(number))
                previous = None
                for fact in facts.until(point.first - 1):
                    yield from self.facts.check(fact)
            yield from self._stretch(row, sealed, previous, facts, is_next=is_next)
            expected_number, previous = point.number + 1, sealed
        for fact in facts.rest():
            self.unsealed += 1
            yield from self.facts.check(fact)

    def _stretch(
        self,
        row: StoredRow,
        sealed: Sealed,
        previous: Sealed | None,
        facts: _Ahead,
        *,
        is_next: bool,
    ) -> Iterator[Discrepancy]:
        """Return what is wrong with a checkpoint and with the facts it covers."""
        point = sealed.checkpoint
        neighbour = point.previous
        if previous is not None:
            neighbour = previous.checkpoint.sha256
        elif is_next and point.number == 1:
            neighbour = BEGINNING
        befores = (point.previous, neighbour)
        is_listed = any(root_of(before, sealed.leaves) == point.root for before in befores)
        if is_next and (previous is not None or point.number == 1):
            yield from _misplaced(row, point, previous)
        if is_listed:
            last = sealed.leaves[-1]
            yield from _differing(
                row, {"last_sequence": last.sequence, "count": len(sealed.leaves)}
            )
        yield from self._signature(row, sealed)
        asked = {leaf.sequence: leaf.request for leaf in sealed.leaves}
        stretch = [
            row.settled(asked.get(row.event.sequence, ""))
            for row in facts.until(sealed.leaves[-1].sequence if is_listed else point.last)
        ]
        found = [problem for fact in stretch for problem in self.facts.check(fact, point.at)]
        if is_listed:
            found += _compared(sealed, stretch)
        else:
            standing = [leaf_of(fact) for fact in stretch]
            roots = [root_of(before, standing) for before in befores]
            if point.root in roots:
                yield _about_seal(row, "seal_list")
            elif tuple(standing) == sealed.leaves:
                yield from _differing(row, {"root": roots[-1]})
            else:
                yield _about_seal(row, "seal_rows", first=point.first, last=point.last)
        yield from sorted(found, key=lambda problem: problem.sequence or 0)

    def _signature(self, row: StoredRow, sealed: Sealed) -> Iterator[Discrepancy]:
        point = sealed.checkpoint
        if point.key_id not in self._keys:
            yield _about_seal(row, "seal_key_unknown", key=point.key_id)
            return
        if self._trusted and point.key_id not in self._trusted:
            yield _about_seal(row, "seal_foreign", key=point.key_id)
        is_hash_right = point.sha256 == sealed.sha256
        if not self._has_signed(sealed):
            yield _about_seal(row, "seal_signature" if is_hash_right else "seal_content")
        elif not is_hash_right:
            yield from _differing(row, {"sha256": point.sha256})

    def _stray_rows(self) -> Iterator[Discrepancy]:
        for table, row in self._record.strays():
            version = row.get("version")
            yield Discrepancy(
                "stray",
                table,
                str(row["key"]) if table == "request" else str(row["event_id"]),
                None,
                str(row["case_id"]),
                version if isinstance(version, int) else None,
                {"events": ", ".join(named_events(row))} if table == "request" else {},
            )

    def _outside_witnesses(self) -> Iterator[Discrepancy]:
        newest = max(self.roots, default=0)
        agrees = 0
        for witness in sorted(self._outside, key=lambda item: item.number):
            found = self.roots.get(witness.number)
            if found == witness.root:
                agrees = witness.number
            elif found is None:
                yield Discrepancy(
                    "outside_missing",
                    "seal",
                    str(witness.number),
                    detail={"newest": str(newest)},
                )
            else:
                yield Discrepancy(
                    "outside_differs",
                    "seal",
                    str(witness.number),
                    detail={
                        "root": witness.root,
                        "found": found,
                        "agrees": str(agrees),
                    },
                )


def _misplaced(row: StoredRow, point: Checkpoint, previous: Sealed | None) -> Iterator[Discrepancy]:
    """Return what of a checkpoint does not follow from the one before it."""
    before = previous.checkpoint if previous else None
    expected: dict[str, int | str | None] = {
        "previous_number": before.number if before else None,
        "previous_last": before.last if before else 0,
        "previous": before.sha256 if before else BEGINNING,
        "first_sequence": before.last + 1 if before else 1,
    }
    yield from _differing(row, expected)


def _differing(row: StoredRow, expected: StoredRow) -> Iterator[Discrepancy]:
    for name, value in expected.items():
        if row[name] != value:
            yield _about_seal(row, "seal_differs", field=name, found=row[name], expected=value)


def _compared(sealed: Sealed, stretch: Sequence[RecordRow]) -> Iterator[Discrepancy]:
    """Return which rows are not those that the checkpoint covers."""
    number = {"checkpoint": str(sealed.checkpoint.number)}
    covered = {leaf.sequence: leaf for leaf in sealed.leaves}
    present = {row.event.sequence: row for row in stretch}
    hashes = {leaf.event for leaf in sealed.leaves}
    still_there = {row.event.sha256 for row in stretch}
    for sequence in sorted(covered.keys() | present.keys()):
        was, row = covered.get(sequence), present.get(sequence)
        if row is not None and was is not None:
            yield from _changed(was, row, hashes, number)
        elif row is not None:
            code = "sealed_moved" if row.event.sha256 in hashes else "sealed_surplus"
            yield _about_leaf(leaf_of(row), code, "event", number)
        elif was is not None and was.event not in still_there:
            yield _about_leaf(was, "sealed_missing", "event", number)


def _changed(
    was: Leaf, row: RecordRow, hashes: Collection[str], number: Mapping[str, str]
) -> Iterator[Discrepancy]:
    now = leaf_of(row)
    if was.event != now.event:
        code = "sealed_moved" if now.event in hashes else "sealed_changed"
        yield _about_leaf(now, code, "event", number)
        return
    if (was.case_id, was.version) != (now.case_id, now.version):
        yield _about_leaf(now, "sealed_changed", "event", number)
    if was.request != now.request:
        yield _about_leaf(now, "sealed_changed", "request", number)
    if was.guard != now.guard:
        is_sent = row.event.type == EventType.PLAN_RECORDED.value
        yield _about_leaf(now, "sealed_changed", "submission" if is_sent else "decision", number)


def _about_leaf(leaf: Leaf, code: str, table: str, detail: Mapping[str, str]) -> Discrepancy:
    return Discrepancy(code, table, "", leaf.sequence, leaf.case_id, leaf.version, detail)


def _about_seal(row: StoredRow, code: str, **detail: object) -> Discrepancy:
    said = {name: str(value) for name, value in detail.items()}
    return Discrepancy(code, "seal", str(row["number"]), detail=said)


class _Ahead:
    """Facts taken in stretches."""

    def __init__(self, facts: Iterable[RecordRow]) -> None:
        self._facts = iter(facts)
        self._next = next(self._facts, None)

    def until(self, last: int) -> Iterator[RecordRow]:
        while self._next is not None and self._next.event.sequence <= last:
            yield self._next
            self._next = next(self._facts, None)

    def rest(self) -> Iterator[RecordRow]:
        while self._next is not None:
            yield self._next
            self._next = next(self._facts, None)
