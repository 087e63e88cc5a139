"""Reads golden-case/2 files: from the package, or from any folder an outsider brings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.wire import Line, problems_of, refuse
from plan_assistant.golden.expected_model import Shape
from plan_assistant.golden.fields import Part, decimals_of

SCHEMA_TAG = "golden-case/2"
_DESCRIPTION = "json-schema.org"
"""What the `$schema` of a JSON Schema document names."""


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One case as it stands in its file."""

    file: str
    case_id: str
    kind: str
    terms: Any
    conventions: Any
    events: Any
    expected: Any


class CaseEnvelope(Part):
    """What surrounds a case; its parts are read once its kind is known (`read_shape`)."""

    id: Line
    kind: Line
    source: Any = None
    description: Any = None
    notes: Any = None
    terms: Any
    conventions: Any
    events: Any = None
    expected: Any


def shipped_folder() -> Path:
    """Return the folder of the cases that come with the package."""
    return Path(str(files("plan_assistant.golden"))) / "cases"


def read_folder(folder: Path) -> Iterator[GoldenCase | InputRefused]:
    """Yield every case of every *.json below a folder; an unreadable file yields its refusal.

    A file with another `schema` tag is a refusal too, and so is one malformed case of a file. Only
    JSON Schema documents, which describe a format and hold no numbers, are passed over.
    """
    for path in sorted(folder.rglob("*.json")):
        try:
            yield from _entries(path)
        except InputRefused as refusal:
            yield refusal


def read_file(path: Path) -> list[GoldenCase]:
    """Return the cases of one file; raises InputRefused for anything that is not golden-case/2."""
    cases = []
    for entry in _entries(path):
        if isinstance(entry, InputRefused):
            raise entry
        cases.append(entry)
    return cases


def _entries(path: Path) -> list[GoldenCase | InputRefused]:
    """Return the cases of one file, and for a malformed one why it is none."""
    if not path.is_file():
        # A device or a pipe may never end.
        raise InputRefused(str(path), [Problem("", "not an ordinary file: copy it into one")])
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_float=_broken)
    except (OSError, ValueError, RecursionError) as error:
        raise InputRefused(str(path), [Problem("", f"not readable as JSON: {error}")]) from error
    if isinstance(document, dict) and _DESCRIPTION in str(document.get("$schema")):
        return []
    if not isinstance(document, dict) or document.get("schema") != SCHEMA_TAG:
        raise InputRefused(
            str(path), [Problem("schema", f"a golden file says {SCHEMA_TAG!r} here")]
        )
    cases = document.get("cases")
    if not isinstance(cases, list):
        raise InputRefused(str(path), [Problem("cases", "a golden file holds a list of cases")])
    return [_case(str(path), index, case) for index, case in enumerate(cases)]


def _broken(text: str) -> Decimal | float:
    """Return a number with a point as it is written; as a float it would lose digits.

    One with an exponent stays a float, which no field takes: written out, it may have no end.
    """
    return float(text) if "e" in text.lower() else Decimal(text)


def _case(file: str, index: int, case: object) -> GoldenCase | InputRefused:
    try:
        envelope = CaseEnvelope.model_validate(case)
    except ValidationError as error:
        problems = problems_of(error, CaseEnvelope)
        return InputRefused(
            file,
            [
                Problem(f"cases[{index}].{item.path}".rstrip("."), item.sentence)
                for item in problems
            ],
        )
    return GoldenCase(
        file=file,
        case_id=envelope.id,
        kind=envelope.kind,
        terms=envelope.terms,
        conventions=envelope.conventions,
        events=[] if envelope.events is None else envelope.events,
        expected=envelope.expected,
    )


S = TypeVar("S", bound=Shape)


def read_shape(case: GoldenCase, model: type[S]) -> S:
    """Return a case field by field; raises InputRefused with every problem found."""
    parts = {
        "terms": case.terms,
        "conventions": case.conventions,
        "events": case.events,
        "expected": case.expected,
    }
    try:
        return model.model_validate(parts, context={"decimals": decimals_of(case.terms)})
    except ValidationError as error:
        refuse(case.case_id, problems_of(error, model))
        raise AssertionError("a case that is not valid has a problem") from error
