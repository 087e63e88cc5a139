"""Loads a case from a JSON file.

Not here: what a case file may hold (`domain/formats/case_file.py`).
"""

from __future__ import annotations

from pathlib import Path

from plan_assistant.adapters.importers.json_text import JsonText, parse_json, read_json_file
from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.formats.wire import refuse


def load_case(path: Path) -> Case:
    """Read a case file; raises InputRefused with one sentence for every problem it holds."""
    return _case_of(read_json_file(path), str(path))


def parse_case(content: bytes, source: str) -> Case:
    """Read a case from the bytes of a case file; `source` names it in the message."""
    return _case_of(parse_json(content, source), source)


def _case_of(text: JsonText, source: str) -> Case:
    try:
        case = read_case(text.tree, source)
    except InputRefused as refusal:
        odd = {problem.path for problem in text.problems}
        others = [problem for problem in refusal.problems if problem.path not in odd]
        raise InputRefused(source, [*text.problems, *others]) from refusal
    refuse(source, text.problems)
    return case
