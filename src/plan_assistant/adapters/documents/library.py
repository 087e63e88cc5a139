"""The texts of the paper: clauses and words as data, checked when they are read, and the filler.

The texts lie in `clauses/*.toml`. Not here: what the placeholders mean (`values.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from plan_assistant.adapters.documents.errors import ClauseDefect
from plan_assistant.adapters.documents.facts import Kind
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.domain.debt import Component
from plan_assistant.domain.policy.findings import Confidence

_FOLDER = Path(__file__).parent / "clauses"
_CLAUSE_FILES = ("opening.toml", "payment.toml", "conduct.toml", "closing.toml")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(_Part):
    """One text in both languages, with the same placeholders."""

    zh: str
    en: str

    @model_validator(mode="after")
    def _says_the_same(self) -> Bilingual:
        names = {frozenset(_PLACEHOLDER.findall(text)) for text in (self.zh, self.en)}
        if len(names) > 1:
            raise ValueError(f"the languages have different placeholders: {self.zh} / {self.en}")
        for text in (self.zh, self.en):
            if re.search("[{}]", _PLACEHOLDER.sub("", text)):
                raise ValueError(f"a brace that is no placeholder: {text}")
        return self

    def in_(self, language: Language) -> str:
        """Return the text in that language, placeholders not filled."""
        return self.zh if language is Language.ZH else self.en

    def filled(self, language: Language, values: Mapping[str, str]) -> str:
        """Return the text in that language with its placeholders filled."""
        return fill(self.in_(language), values)


class _Conditional(_Part):
    when: tuple[str, ...] = ()
    """Conditions that must all hold."""
    unless: tuple[str, ...] = ()
    """Conditions none of which may hold."""

    def applies(self, conditions: Mapping[str, bool]) -> bool:
        """Say whether the block belongs into an agreement with these conditions."""
        unknown = {*self.when, *self.unless} - conditions.keys()
        if unknown:
            raise ClauseDefect(
                f"a clause asks for unknown conditions: {', '.join(sorted(unknown))}"
            )
        return all(conditions[name] for name in self.when) and not any(
            conditions[name] for name in self.unless
        )


class Paragraph(_Conditional):
    """A paragraph of a clause: a text in both languages, or a table."""

    zh: str | None = None
    en: str | None = None
    table: str | None = None
    continues: bool = False
    """Whether the text joins the paragraph before it."""

    @model_validator(mode="after")
    def _is_text_or_table(self) -> Paragraph:
        if self.table is None:
            Bilingual(zh=self.zh or "", en=self.en or "")
            if not self.zh or not self.en:
                raise ValueError("a paragraph has a text in both languages, or a table")
        elif self.zh or self.en:
            raise ValueError("a paragraph has either a text or a table")
        return self

    def in_(self, language: Language) -> str:
        """Return the text in that language; empty for a table."""
        return (self.zh if language is Language.ZH else self.en) or ""


class Clause(_Conditional):
    """A clause: heading, paragraphs, and the rules it answers to."""

    id: str
    rules: tuple[str, ...]
    """Ids of rules of law or policy; empty for a clause that is our own recommendation."""
    confidence: Confidence
    title: Bilingual
    paragraph: tuple[Paragraph, ...]

    @model_validator(mode="after")
    def _names_its_ground(self) -> Clause:
        if not self.rules and self.confidence is not Confidence.DESIGN:
            raise ValueError(f"clause {self.id} claims to be more than design and names no rule")
        return self


class Roles(_Part):
    """What the parties are called."""

    lender: Bilingual
    borrower: Bilingual


class KindText(_Part):
    """Title and order of clauses of one kind of agreement."""

    title: Bilingual
    clauses: tuple[str, ...]


class Figures(_Part):
    """Figures that the clauses bring along: house terms."""

    tolerance_days: int
    cure_days: int
    pause_days: int
    dispute_days: int
    quiet_from: str
    quiet_to: str
    principal_first_from: int


class Library(_Part):
    """All clauses of one version."""

    version: str
    figures: Figures
    allocation: dict[str, tuple[Component, ...]]
    roles: dict[Literal["card", "loan"], Roles]
    kinds: dict[Kind, KindText]
    clause: tuple[Clause, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Library:
        ids = [clause.id for clause in self.clause]
        if len(set(ids)) < len(ids):
            raise ValueError("a clause id stands twice")
        if missing := set(Kind) - self.kinds.keys():
            raise ValueError(f"kinds without clauses: {sorted(missing)}")
        for kind, text in self.kinds.items():
            if unknown := set(text.clauses) - set(ids):
                raise ValueError(f"{kind} names unknown clauses: {sorted(unknown)}")
        return self

    def clauses_for(self, kind: Kind, conditions: Mapping[str, bool]) -> list[Clause]:
        """Return the clauses of a kind of agreement that apply, in order."""
        by_id = {clause.id: clause for clause in self.clause}
        ordered = [by_id[name] for name in self.kinds[kind].clauses]
        return [item for item in ordered if item.applies(conditions)]


class Words(_Part):
    """Labels and words for codes, by group and name."""

    groups: dict[str, dict[str, Bilingual]]

    def of(self, group: str, name: str) -> Bilingual:
        """Return a text by group and name."""
        try:
            return self.groups[group][name]
        except KeyError:
            raise ClauseDefect(f"there is no word for {group}.{name}; reinstall") from None

    def say(self, group: str, name: str, language: Language, **values: str) -> str:
        """Return a text by group and name, filled."""
        return self.of(group, name).filled(language, values)

    def label(self, name: str, language: Language, **values: str) -> str:
        """Return a label."""
        return self.say("label", name, language, **values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every placeholder replaced; raises ClauseDefect for an unknown one.

    Values are inserted as they are: braces in them mean nothing.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise ClauseDefect(f"a clause asks for the unknown value {{{name}}}: {text[:60]}")
        return values[name]

    return _PLACEHOLDER.sub(value, text)


@lru_cache(maxsize=1)
def library() -> Library:
    """Return the shipped clauses."""
    raw = _read("figures.toml")
    raw["clause"] = [clause for name in _CLAUSE_FILES for clause in _read(name)["clause"]]
    return read_library(raw)


def read_library(raw: Mapping[str, Any]) -> Library:
    """Return a library of clauses from its raw tree; raises ClauseDefect for a broken one."""
    try:
        return Library.model_validate(raw)
    except ValidationError as error:
        raise ClauseDefect(f"the clause texts are broken: {error}") from error


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the shipped labels and words."""
    try:
        return Words.model_validate({"groups": _read("words.toml") | _read("conventions.toml")})
    except ValidationError as error:
        raise ClauseDefect(f"the words are broken: {error}") from error


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
