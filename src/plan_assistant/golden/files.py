"""Reads golden-case/2 files: from the package, or from any folder an outsider brings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem

SCHEMA_TAG = "golden-case/2"
_DESCRIPTION = "json-schema.org"
"""What the `$schema` of a JSON Schema document names."""


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One case as it stands in its file."""

    file: str
    case_id: str
    kind: str
    terms: Mapping[str, Any]
    conventions: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    expected: Mapping[str, Any]


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
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
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


def _case(file: str, index: int, case: Any) -> GoldenCase | InputRefused:
    needed = ("id", "kind", "terms", "conventions", "expected")
    missing = [key for key in needed if not isinstance(case, dict) or key not in case]
    if missing:
        return InputRefused(
            file, [Problem(f"cases[{index}].{key}", "it is missing") for key in missing]
        )
    if not isinstance(case.get("events") or [], list):
        return InputRefused(file, [Problem(f"cases[{index}].events", "a case has a list of them")])
    return GoldenCase(
        file=file,
        case_id=str(case["id"]),
        kind=str(case["kind"]),
        terms=case["terms"],
        conventions=case["conventions"],
        events=tuple(case.get("events") or ()),
        expected=case["expected"],
    )


def fraction(text: Any) -> Fraction:
    """Return an exact number: a decimal string, an integer, or a quotient such as 0.08/12."""
    top, _, bottom = str(text).partition("/")
    return Fraction(top) / Fraction(bottom) if bottom else Fraction(top)


def minor_units(text: Any, decimals: int) -> int:
    """Return an amount in minor units; raises InvalidTerms where the currency has no such part."""
    exact = fraction(text) * int(10**decimals)
    if exact.denominator != 1:
        raise InvalidTerms("amount", text, f"the currency has {decimals} decimals")
    return exact.numerator
