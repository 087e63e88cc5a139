"""Finished English sentences about wrong input, in the reader's language.

The domain and the readers of files know no languages: they write English. `make messages` collects
the templates of their sentences; here a sentence is matched with its template again, whose
translation takes over the figures and quotations. Not here: sentences of this package, which are
translated before they are filled.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from plan_assistant.wording.words import words

_TEMPLATES = Path(__file__).parent.parent / "locales" / "problems.json"
_QUOTATION = "“"
"""What begins with it comes from the file itself and is never translated."""


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    pattern: re.Pattern[str]
    weight: int
    """Literal characters: of several templates that match, the one that says most is meant."""


def translated(sentence: str, language: str) -> str:
    """Return a sentence in a language; one that has no template stays as it is."""
    if language == "en":
        return sentence
    for template in _templates():
        match = template.pattern.fullmatch(sentence)
        if match is not None:
            values = {name: _part(value, language) for name, value in match.groupdict().items()}
            return words(language).label("problem", template.text, **values)
    return sentence


def _part(value: str, language: str) -> str:
    """Return what was filled in: a sentence of its own in the language, anything else as it is."""
    return value if value.startswith(_QUOTATION) else translated(value, language)


@cache
def _templates() -> tuple[_Template, ...]:
    """Return the templates, those with the most words of their own first."""
    texts: list[str] = json.loads(_TEMPLATES.read_text(encoding="utf-8"))
    return tuple(sorted(map(_compiled, texts), key=lambda template: -template.weight))


def _compiled(text: str) -> _Template:
    pattern, weight, seen = "", 0, set[str]()
    for literal, name, _, _ in Formatter().parse(text):
        pattern += re.escape(literal)
        weight += len(literal)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return _Template(text, re.compile(pattern, re.DOTALL), weight)
