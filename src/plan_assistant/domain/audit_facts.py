"""Checks the facts of a record one after the other, each against the rows beside it.

This finds what contradicts itself, sealed or not. Not here: whether the rows are those that were
sealed (`audit.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from plan_assistant.domain.audit_retention import Retention
from plan_assistant.domain.discrepancy import Discrepancy, about
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import EventType
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.recorded_plan import DECISION_FIELDS
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.stored import RecordRow, StoredEvent, StoredRow, named_events, read_json

_FOLLOWS: Final = frozenset(
    kind.value
    for kind in (EventType.SIGNED, EventType.PAYMENT_POSTED, EventType.KEPT, EventType.BROKEN)
)
_TYPES: Final = frozenset(kind.value for kind in EventType)
_ENDS: Final = frozenset({EventType.KEPT.value, EventType.BROKEN.value, EventType.REOPENED.value})
_OF_WHAT_IS_NOT_SIGNED: Final = frozenset({EventType.SIGNED.value, EventType.REOPENED.value})
_DECISIONS: Final = frozenset(kind.value for kind in EventType if kind.is_decision)


@dataclass(slots=True)
class _Sent:
    """The plan of a case that was sent last."""

    round: object
    number: object
    maker: object
    fingerprint: object
    is_decided: bool = False


@dataclass(slots=True)
class _Approved:
    """A plan that was approved: what later facts about it have to agree with."""

    number: object
    maker: object
    is_signed: bool = False
    ended_by: str = ""


class FactChecks:
    """Goes through the facts of a record in their order."""

    def __init__(self, roles: Mapping[str, str], roots: Mapping[int, str]) -> None:
        self._roles = roles
        """The role of each person."""
        self._roots = roots
        """The root of each checkpoint in the store."""
        self._versions: dict[str, int] = {}
        self._sent: dict[str, _Sent] = {}
        self._approved: dict[tuple[str, object], _Approved] = {}
        self._retention = Retention()
        self.count = 0
        self.newest = 0
        """The sequence of the fact that was checked last."""
        self.purged: set[str] = set()
        """The cases whose key was destroyed, as their facts say."""
        self.sealed: set[str] = set()
        """The cases with a field that needs their key."""
        self.signing_began: int | None = None
        """The sequence of the first fact that is no older than signatures under approvals."""

    def check(self, row: RecordRow, sealed_at: str | None = None) -> Iterator[Discrepancy]:
        """Return everything about the next fact that contradicts something.

        `sealed_at` is the moment of the checkpoint that covers it, if any does.
        """
        self.count += 1
        fact = row.event
        self.newest = fact.sequence
        if self.signing_began is None and fact.is_of_signing_times:
            self.signing_began = fact.sequence
        if fact.has_sealed_fields:
            self.sealed.add(fact.case_id)
        if fact.type == EventType.PURGED.value:
            self.purged.add(fact.case_id)
        if fact.expected_hash != fact.sha256:
            yield about(fact, "fact_hash")
        yield from _legible(fact)
        yield from self._place(fact)
        yield from self._person(fact)
        yield from self._request(row)
        yield from self._guard(row)
        yield from self._retention.check(fact, sealed_at)
        if fact.type == EventType.EXPORTED.value:
            yield from self._export(fact)
        elif fact.type in _FOLLOWS or _ends_what_was_never_signed(fact):
            yield from self._follow_up(fact)

    def _place(self, fact: StoredEvent) -> Iterator[Discrepancy]:
        expected = self._versions.get(fact.case_id, 0) + 1
        self._versions[fact.case_id] = fact.version
        if fact.version != expected:
            yield about(fact, "fact_version", expected=expected)
        elif (fact.version == 1) != (fact.type == EventType.CASE_OPENED.value):
            yield about(fact, "fact_opening")

    def _person(self, fact: StoredEvent) -> Iterator[Discrepancy]:
        known = self._roles.get(fact.actor)
        if known is None:
            yield about(fact, "fact_person", person=fact.actor)
        elif known != fact.role:
            yield about(fact, "fact_role", found=fact.role, known=known)
        if fact.type in _TYPES and fact.role not in may_record(EventType(fact.type)):
            yield about(fact, "fact_may_not", role=fact.role, act=fact.type)

    def _request(self, row: RecordRow) -> Iterator[Discrepancy]:
        fact, request = row.event, row.request
        if request is None:
            yield about(fact, "fact_unrequested")
            return
        named = named_events(request)
        left = len(named) - 1 - named.index(fact.event_id)
        yield from _differing(
            fact,
            "request",
            request,
            {"case_id": fact.case_id, "version": fact.version + left},
        )
        for rival in row.rivals:
            # Each once: at the last fact that it names.
            if rival["version"] == fact.version:
                yield Discrepancy(
                    "request_second",
                    "request",
                    str(rival["key"]),
                    None,
                    fact.case_id,
                    fact.version,
                    {"other": str(request["key"])},
                )
        # The hash of what was asked is keyed, so that nobody confirms a guessed name by it: the
        # checkpoints alone cover it.

    def _guard(self, row: RecordRow) -> Iterator[Discrepancy]:
        fact = row.event
        wanted = {EventType.PLAN_RECORDED.value: "submission"} | dict.fromkeys(
            _DECISIONS, "decision"
        )
        for table, guard in (("submission", row.submission), ("decision", row.decision)):
            if (guard is None) == (wanted.get(fact.type) == table):
                code = "guard_missing" if guard is None else "guard_surplus"
                yield about(fact, code, table=table)
            elif guard is not None and table == "submission":
                yield from self._submission(fact, guard)
            elif guard is not None:
                yield from self._decision(fact, guard)

    def _submission(self, fact: StoredEvent, guard: StoredRow) -> Iterator[Discrepancy]:
        before = self._sent.get(fact.case_id)
        if before is not None and not before.is_decided:
            yield about(fact, "sent_again")
        this_round = 1 if before is None else _number(before.round) + 1
        self._sent[fact.case_id] = _Sent(
            this_round, fact.read_body().get("number"), fact.actor, fact.content_hash
        )
        yield from _differing(
            fact,
            "submission",
            guard,
            {
                "case_id": fact.case_id,
                "round": this_round,
                "previous_round": this_round - 1 if this_round > 1 else None,
                "number": fact.read_body().get("number"),
                "fingerprint": fact.content_hash,
                "maker": fact.actor,
            },
        )

    def _decision(self, fact: StoredEvent, guard: StoredRow) -> Iterator[Discrepancy]:
        sent = self._sent.get(fact.case_id)
        if sent is None:
            yield about(fact, "guard_surplus", table="decision")
            return
        if sent.is_decided:
            # A true signature stands under an approval that somebody tells once more.
            yield about(fact, "decided_again")
        sent.is_decided = True
        yield from _differing(
            fact,
            "decision",
            guard,
            {
                "case_id": fact.case_id,
                "round": sent.round,
                "outcome": fact.type,
                "maker": sent.maker,
                "fingerprint": sent.fingerprint,
                "decider": fact.actor,
                "decider_role": fact.role,
            },
        )
        if fact.type == EventType.APPROVED.value:
            approved = _Approved(sent.number, sent.maker)
            self._approved[fact.case_id, sent.fingerprint] = approved
        said = fact.read_body().get("fingerprint")
        if said != sent.fingerprint:
            yield about(
                fact, "fact_differs", field="fingerprint", found=said, expected=sent.fingerprint
            )
        if (fact.actor == sent.maker) != (fact.type == EventType.CANCELLED.value):
            yield about(fact, "four_eyes", person=fact.actor)

    def _follow_up(self, fact: StoredEvent) -> Iterator[Discrepancy]:
        """Check that a fact is about an approved plan that had not ended, by the right person."""
        body = fact.read_body()
        said = body.get("fingerprint")
        # By SQL somebody may have written anything, also what is no key of a table.
        approved = self._approved.get((fact.case_id, said)) if isinstance(said, str) else None
        if approved is None:
            yield about(fact, "follows_nothing", fingerprint=said)
            return
        if approved.ended_by:
            yield about(fact, "follows_end", end=approved.ended_by)
        if body.get("number") != approved.number:
            yield about(
                fact,
                "fact_differs",
                field="number",
                found=body.get("number"),
                expected=approved.number,
            )
        if fact.type in _OF_WHAT_IS_NOT_SIGNED and approved.is_signed:
            yield about(fact, "signed_again")
        if fact.type == EventType.BROKEN.value and fact.actor == approved.maker:
            yield about(fact, "four_eyes", person=fact.actor)
        approved.is_signed = approved.is_signed or fact.type == EventType.SIGNED.value
        approved.ended_by = approved.ended_by or (fact.type if fact.type in _ENDS else "")

    def _export(self, fact: StoredEvent) -> Iterator[Discrepancy]:
        printed = fact.read_body().get("checkpoint")
        if not isinstance(printed, Mapping):
            return
        number = printed.get("number")
        root = self._roots.get(number) if isinstance(number, int) else None
        if root is None or root != printed.get("root"):
            yield about(fact, "export_differs", number=number)


def _ends_what_was_never_signed(fact: StoredEvent) -> bool:
    """Say whether a fact opens the case again by ending a plan: most name none."""
    return fact.type == EventType.REOPENED.value and "fingerprint" in fact.read_body()


def _legible(fact: StoredEvent) -> Iterator[Discrepancy]:
    """Check that a fact is of a type there is, holds an object, and is written as all are."""
    if fact.type not in _TYPES:
        yield about(fact, "fact_type", found=fact.type)
    if not fact.read_body() and fact.body != "{}":
        yield about(fact, "fact_body")
    elif fact.type in _DECISIONS:
        missing = [name for name in DECISION_FIELDS if name not in fact.read_body()]
        if missing:
            yield about(fact, "fact_incomplete", missing=", ".join(missing))
    for field, is_canonical in (("body", _is_canonical(fact.body)), ("at", _is_moment(fact.at))):
        if not is_canonical:
            yield about(fact, "fact_form", field=field)


def _is_canonical(body: str) -> bool:
    """Say whether a body that can be read is the one text for what it says.

    Whoever reads a case hashes what it says again, and finds another hash for any other text.
    """
    try:
        said = read_json(body)
    except ValueError:
        return True
    try:
        return canonical(said).decode() == body
    except (TypeError, ValueError):
        return False


def _is_moment(at: str) -> bool:
    try:
        return moment(datetime.fromisoformat(at)) == at
    except ValueError:
        return False


def _differing(
    fact: StoredEvent, table: str, row: StoredRow, expected: Mapping[str, object]
) -> Iterator[Discrepancy]:
    for name, value in expected.items():
        if row[name] != value:
            yield about(
                fact, "row_differs", table=table, field=name, found=row[name], expected=value
            )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
