"""Verifies the whole record, and exports it for those who verify it without this program.

Not here: what is checked (`domain/audit.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from plan_assistant.domain.audit import IsSigned, Report, audit
from plan_assistant.domain.errors import InputRefused, Problem, StoreDamaged, TransitionRefused
from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.seal import Witness, sealed_of
from plan_assistant.domain.stored import RecordRow, RecordRows, StoredRow, read_json
from plan_assistant.ports import Archive, Files


def verify_record(
    archive: Archive,
    *,
    is_signed: IsSigned,
    trusted_keys: Collection[str] = (),
    outside: Sequence[Witness] = (),
) -> Report:
    """Return everything in the record that is not what was recorded.

    `trusted_keys` are ids of public keys and `outside` checkpoints that were kept elsewhere.
    """
    with archive.rows() as rows:
        return audit(rows, is_signed=is_signed, trusted_keys=trusted_keys, outside=outside)


def export_record(
    archive: Archive, folder: Path, *, by: Account, files: Files, verifiers: Mapping[str, bytes]
) -> tuple[Path, ...]:
    """Write the whole record as it stands now into an empty folder; return the files.

    One line of JSON for each fact, person, public key and checkpoint, and `verifiers` that check
    them with Python alone, by the names of their files. Raises TransitionRefused for all
    but auditors, InputRefused for a folder that holds something.
    """
    if by.role is not Role.AUDITOR:
        raise TransitionRefused("only_auditors_export", role=by.role.value)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputRefused(
            str(folder), [Problem("", "is not an empty folder: name a new one for the record")]
        )
    with archive.rows() as rows:
        parts: dict[str, Callable[[RecordRows], Iterator[bytes]]] = {
            "people.jsonl": lambda record: map(_line, record.people()),
            "keys.jsonl": lambda record: map(_line, record.public_keys()),
            "approval_keys.jsonl": lambda record: map(_line, record.approval_keys()),
            "approval_start.jsonl": lambda record: map(_line, _start(record)),
            "events.jsonl": lambda record: map(_event_line, _settled(record)),
            # Last: without it a verifier refuses an export that broke off.
            "checkpoints.jsonl": lambda record: map(_seal_line, record.seals()),
        }
        written = [files.write_lines(folder, name, lines(rows)) for name, lines in parts.items()]
    programs = verifiers.items()
    return (*written, *(files.write(folder, name, program) for name, program in programs))


def _settled(record: RecordRows) -> Iterator[RecordRow]:
    """Return all facts; of several requests for one, that which a checkpoint covers."""
    for row in record.facts():
        yield row.settled(_sealed_request(record, row.event.sequence)) if row.rivals else row


def _sealed_request(record: RecordRows, sequence: int) -> str:
    """Return the hash of the request that a checkpoint covers beside a fact; empty without one."""
    for row in record.seals():
        try:
            leaves = sealed_of(row).leaves
        except ValueError:
            continue
        for leaf in leaves:
            if leaf.sequence == sequence:
                return leaf.request
    return ""


def _start(record: RecordRows) -> Iterator[StoredRow]:
    row = record.approval_start()
    return iter(() if row is None else (row,))


def _line(row: StoredRow) -> bytes:
    return canonical(dict(row)) + b"\n"


def _event_line(row: RecordRow) -> bytes:
    """Return a fact with the rows beside it."""
    fact = row.event
    line: dict[str, Json] = {
        "sequence": fact.sequence,
        "event_id": fact.event_id,
        "case_id": fact.case_id,
        "version": fact.version,
        "at": fact.at,
        "actor": fact.actor,
        "role": fact.role,
        "type": fact.type,
        "body": _body(fact.body),
        "sha256": fact.sha256,
        "request": None if row.request is None else dict(row.request),
        "submission": None if row.submission is None else dict(row.submission),
        "decision": None if row.decision is None else dict(row.decision),
    }
    return canonical(line) + b"\n"


def _body(text: str) -> Json:
    """Return a body as JSON; one that is not canonical stays text, which fails its hash."""
    try:
        body = read_json(text)
        is_canonical = canonical(body).decode() == text
    except (ValueError, TypeError):
        return text
    return body if is_canonical else text


def _seal_line(row: StoredRow) -> bytes:
    try:
        return canonical(sealed_of({**row, "leaves": ""}).document) + b"\n"
    except ValueError as error:
        raise StoreDamaged(
            f"checkpoint {row['number']} cannot be exported ({error}). Run `audit verify` to see"
            " what is wrong.",
            reason=str(error),
        ) from error
