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

from plan_assistant.wording.formats import listed
from plan_assistant.wording.words import label, words

_TEMPLATES = Path(__file__).parent.parent / "locales" / "problems.json"
_QUOTATION = "“"
"""What begins with it comes from the file itself and is never translated."""
_NOTHING = label("value of a pack", "nothing")
"""How the domain writes an empty value."""
_COMPONENTS = {
    "principal": label("component", "principal"),
    "interest": label("component", "interest"),
    "fee": label("component", "fees"),
    "arrears": label("component", "amounts carried over"),
}
"""What the placeholders `component` and `components` hold: codes of parts of what is owed."""


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    pattern: re.Pattern[str]
    weight: int
    """Literal characters: of several templates that match, the one that says most is meant."""
    mark: str
    """Its longest literal: most templates are told apart from a sentence by that alone."""


def translated(sentence: str, language: str) -> str:
    """Return a sentence in a language; one that has no template stays as it is."""
    return sentence if language == "en" else _reading(sentence, language).text


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    weight: int
    """Literal characters of all templates that it was read by."""


def _reading(sentence: str, language: str) -> _Reading:
    """Return the translation that reads most of a sentence by templates, its parts included.

    Otherwise a sentence after a value and a colon would be taken for a part of a shorter one.
    """
    best = _Reading(sentence, 0)
    for template in _templates():
        if template.mark not in sentence:
            continue
        match = template.pattern.fullmatch(sentence)
        if match is None:
            continue
        parts = {name: _part(name, value, language) for name, value in match.groupdict().items()}
        weight = template.weight + sum(part.weight for part in parts.values())
        if weight > best.weight:
            values = {name: part.text for name, part in parts.items()}
            text = words(language).label("problem", template.text, **values)
            best = _Reading(text, weight)
    return best


def _part(name: str, value: str, language: str) -> _Reading:
    """Read what was filled in: it may be a sentence of its own."""
    codes = value.split(", ")
    if name in {"component", "components"} and _COMPONENTS.keys() >= set(codes):
        say = words(language)
        return _Reading(listed([say.label(*_COMPONENTS[code]) for code in codes], language), 0)
    if value == _NOTHING[1]:
        return _Reading(words(language).label(*_NOTHING), 0)
    return _Reading(value, 0) if value.startswith(_QUOTATION) else _reading(value, language)


@cache
def _templates() -> tuple[_Template, ...]:
    """Return the templates, those with the most words of their own first."""
    texts: list[str] = json.loads(_TEMPLATES.read_text(encoding="utf-8"))
    return tuple(sorted(map(_compiled, texts), key=lambda template: -template.weight))


def _compiled(text: str) -> _Template:
    pattern, weight, mark, seen = "", 0, "", set[str]()
    for literal, name, _, _ in Formatter().parse(text):
        pattern += re.escape(literal)
        weight += len(literal)
        mark = max(mark, literal, key=len)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return _Template(text, re.compile(pattern, re.DOTALL), weight, mark)
