"""Writes an agreement as files for people and for checking, and records what was written.

Not here: how a document looks (the writers) and how a file gets onto the disk (the files port).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import (
    ClockBehind,
    FileNotWritten,
    InputRefused,
    Problem,
    RecordedNotWritten,
    TransitionRefused,
)
from plan_assistant.domain.events import Event, EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.evidence import evidence
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.personal_fields import with_masks
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.recorded_plan import Decision, RecordedPlan
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.seal import Witness, witness_in
from plan_assistant.domain.transitions import require_exportable, require_kept
from plan_assistant.ports import DocumentWriter, Files, Room, Sealer
from plan_assistant.services.appending import append_to
from plan_assistant.services.approvals import require_signed
from plan_assistant.services.desk import Desk

JSON_FORMAT: Final = "json"
LANGUAGES: Final = ("zh", "en", "both")


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export left behind."""

    receipt: Receipt
    paths: tuple[Path, ...]
    is_draft: bool
    """Whether the plan still waits for approval; every page of its documents says so."""
    checkpoint: Witness | None
    """The checkpoint over the record that is printed on every page; None where none covers the
    plan, which every page says too."""
    waits: str | None
    """The number of a plan that waits for approval beside the one that was written."""


def export_agreement(
    desk: Desk,
    case_id: CaseId,
    *,
    formats: Sequence[str],
    languages: Sequence[str],
    folder: Path,
    writers: Mapping[str, DocumentWriter],
    files: Files,
    sealer: Sealer,
    key: RequestKey,
    debt_id: DebtId | None = None,
    number: str | None = None,
) -> Exported:
    """Write the pending or approved agreement of a case in every format and language asked for.

    `number` names it, also one that ended. Without it the agreement in force that was approved last
    is meant, or the one of `debt_id`; what is printed where none is in force, `require_exportable`
    says.

    `json` is the evidence file that can be verified offline; it has no language. Other formats come
    from `writers`. Room for every file is taken first, then the fact is recorded, then the files
    are written: nothing leaves without a trace, and the record tells of no export that could not
    have been written. Where it fails after all, RecordedNotWritten says that the record holds the
    export. A retry with the same key writes the same files again.

    Whoever may reveal nothing gets copies in which the borrower is masked, and no evidence: it is
    hashed over what it says, and cannot be masked.

    The record is sealed first, and the newest checkpoint printed on every page, so that paper is a
    witness of it. Later prints of the same agreement name the checkpoint of the first one: all
    copies in clear are the same bytes, and so are all masked ones.
    """
    _refuse_unknown(formats, languages, writers)
    events = desk.store.events(case_id)
    record = fold(events)
    require_kept(record)
    plan, decision = require_exportable(record, desk.account, debt_id, number)
    may_reveal = desk.account.role in may_record(EventType.REVEALED)
    if JSON_FORMAT in formats and not may_reveal:
        raise TransitionRefused("evidence_is_not_masked", role=desk.account.role.value)
    if decision is not None:
        require_signed(desk, events, plan, decision)
    checkpoint = _printed_before(events, plan, decision) or _newest(sealer, events, plan, decision)
    documents = _documents(
        plan if may_reveal else _masked(plan),
        decision,
        checkpoint,
        formats=formats,
        languages=languages,
        writers=writers,
        mark="" if may_reveal else ".masked",
    )
    if JSON_FORMAT in formats:
        documents |= _evidence(plan, decision, events)
    body: dict[str, Json] = {
        "number": plan.number,
        "fingerprint": plan.fingerprint,
        "is_draft": decision is None,
        "checkpoint": checkpoint.facts if checkpoint else None,
        "files": [
            {"name": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in documents.items()
        ],
    }

    def act(record: CaseRecord) -> list[NewEvent]:
        require_exportable(record, desk.account, debt_id, number)
        return [NewEvent(EventType.EXPORTED, body)]

    with files.room_for(folder, documents) as room:
        receipt = append_to(desk, case_id, act, seen=len(events), key=key)
        paths = _filled(room, plan.number)
    beside = None if decision is None else record.pending
    return Exported(
        receipt, paths, decision is None, checkpoint, None if beside is None else beside.number
    )


def _filled(room: Room, number: str) -> tuple[Path, ...]:
    try:
        return room.fill()
    except FileNotWritten as error:
        raise RecordedNotWritten(number, **error.detail) from error


def _masked(plan: RecordedPlan) -> RecordedPlan:
    return replace(plan, agreement=with_masks(EventType.PLAN_RECORDED, plan.agreement))


def _refuse_unknown(
    formats: Sequence[str], languages: Sequence[str], writers: Mapping[str, DocumentWriter]
) -> None:
    known = sorted({*writers, JSON_FORMAT})
    problems = [
        Problem("format", f"“{name}” is not a format here: choose from {', '.join(known)}")
        for name in formats
        if name not in known
    ]
    problems += [
        Problem("lang", f"“{name}” is not a language here: choose from {', '.join(LANGUAGES)}")
        for name in languages
        if name not in LANGUAGES
    ]
    if not formats:
        problems.append(Problem("format", f"name at least one of {', '.join(known)}"))
    if not languages and any(name != JSON_FORMAT for name in formats):
        problems.append(Problem("lang", f"name at least one of {', '.join(LANGUAGES)}"))
    if problems:
        raise InputRefused("export", problems)


def _printed_before(
    events: Sequence[Event], plan: RecordedPlan, decision: Decision | None
) -> Witness | None:
    """Return the checkpoint that stands on earlier prints of the same.

    By SQL somebody may have told of prints that there never were: what names no checkpoint is none.
    """
    same = {"number": plan.number, "fingerprint": plan.fingerprint, "is_draft": decision is None}
    for event in events[(decision or plan).version :]:
        printed = event.body.get("checkpoint")
        if event.type is not EventType.EXPORTED or not isinstance(printed, dict):
            continue
        witness = witness_in(f"{printed.get('number')}:{printed.get('root')}")
        if witness and all(event.body.get(name) == value for name, value in same.items()):
            return witness
    return None


def _newest(
    sealer: Sealer, events: Sequence[Event], plan: RecordedPlan, decision: Decision | None
) -> Witness | None:
    """Seal the record; return the newest checkpoint if it covers the plan and its decision."""
    try:
        sealed = sealer.seal()
    except ClockBehind:
        # A fact of another case. Whoever seals is told; where nothing covers this plan, so is
        # whoever prints it, on every page.
        sealed = sealer.newest()
    told = events[(decision or plan).version - 1]
    if sealed is None or sealed.checkpoint.last < told.sequence:
        return None
    return sealed.witness


def _documents(
    plan: RecordedPlan,
    decision: Decision | None,
    checkpoint: Witness | None,
    *,
    formats: Sequence[str],
    languages: Sequence[str],
    writers: Mapping[str, DocumentWriter],
    mark: str,
) -> dict[str, bytes]:
    """Return the documents for people by file name, which holds number and language only.

    With the `mark` of masked copies, which take the place of none in clear.
    """
    approval = decision.approval if decision else None
    return {
        f"{plan.number}.{language}{mark}.{name}": writers[name].write(
            plan.agreement, language=language, approval=approval, checkpoint=checkpoint
        )
        for name in dict.fromkeys(formats)
        if name != JSON_FORMAT
        for language in dict.fromkeys(languages)
    }


def _evidence(
    plan: RecordedPlan, decision: Decision | None, events: Sequence[Event]
) -> dict[str, bytes]:
    if decision is None:
        proof = evidence(events[plan.version - 1], None, None)
    else:
        decided = events[decision.version - 1]
        proof = evidence(events[plan.version - 1], decided, decision.approval)
    return {f"{plan.number}.{JSON_FORMAT}": canonical(proof)}
