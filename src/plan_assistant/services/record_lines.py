"""Writes the rows of a record as lines of JSON, those included that no JSON can say.

What stands in such a line instead is for the verifiers that go with an export, which name it. Not
here: into which files the lines go, and for whom (`audit.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.seal import sealed_of
from plan_assistant.domain.stored import RecordRow, RecordRows, StoredRow, read_json


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row that no canonical JSON can say: somebody wrote it past the program."""

    file: str
    """The file of the export that holds it."""
    line: int
    """Its place in that file, from 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row on its way into a file."""

    name: str
    row: Mapping[str, Json]
    """All that stands in it."""
    said: Callable[[], Mapping[str, Json]] | None = None
    """Returns what is written of it, where that is not the row; raises ValueError without any."""


def record_files(record: RecordRows) -> Mapping[str, Iterable[Line]]:
    """Return the lines of a record by the names of their files, in the order to write them in."""
    return {
        "people.jsonl": (Line(f"person {row['name']}", row) for row in record.people()),
        "keys.jsonl": (Line(f"key {row['key_id']}", row) for row in record.public_keys()),
        "approval_keys.jsonl": map(_key_line, record.approval_keys()),
        "approval_start.jsonl": (Line("the start of signatures", row) for row in _start(record)),
        "events.jsonl": map(_event_line, _settled(record)),
        # Last: without it a verifier refuses an export that broke off.
        "checkpoints.jsonl": map(_seal_line, record.seals()),
    }


def written(file: str, lines: Iterable[Line], odd: list[OddRow]) -> Iterator[bytes]:
    """Return the lines of a file; add to `odd` what was written in another form."""
    for number, line in enumerate(lines, start=1):
        try:
            text = canonical(line.said() if line.said else line.row)
        except ValueError as error:
            odd.append(OddRow(file, number))
            text = canonical(
                {"row": line.name, "why": str(error), "unreadable": _as_text(line.row)}
            )
        yield text + b"\n"


def _as_text(value: Json | Mapping[str, Json]) -> Json:
    """Return a row with its numbers as text, which no reader loses digits of."""
    if isinstance(value, Mapping):
        return {name: _as_text(part) for name, part in value.items()}
    return str(value) if isinstance(value, int) else value


def _start(record: RecordRows) -> Iterator[StoredRow]:
    row = record.approval_start()
    return iter(() if row is None else (row,))


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


def _key_line(row: StoredRow) -> Line:
    return Line(f"key {row['number']} of {row['account']}", row)


def _event_line(row: RecordRow) -> Line:
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
        "body": fact.body,
        "sha256": fact.sha256,
        "request": None if row.request is None else dict(row.request),
        "submission": None if row.submission is None else dict(row.submission),
        "decision": None if row.decision is None else dict(row.decision),
    }
    name = f"sequence {fact.sequence}, case {fact.case_id}, version {fact.version}"
    return Line(name, line, lambda: {**line, "body": _body(fact.body)})


def _body(text: str) -> Json:
    """Return what a body says; raises ValueError for one that is not the one text for it."""
    body = read_json(text)
    try:
        is_canonical = canonical(body).decode() == text
    except TypeError as error:
        raise ValueError(f"its body is no JSON of a record: {error}") from error
    if not is_canonical:
        raise ValueError("its body is not written as the record writes it")
    if not isinstance(body, dict):
        raise ValueError("its body is no JSON object")
    return body


def _seal_line(row: StoredRow) -> Line:
    # The leaves stay in the store: whoever verifies makes them anew.
    return Line(
        f"checkpoint {row['number']}", row, lambda: sealed_of({**row, "leaves": ""}).document
    )
