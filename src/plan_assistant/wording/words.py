"""Sentences for people in the language they read: gettext with whole English sentences as ids.

Not here: how amounts and dates look (`formats.py`), and how catalogues are made
(`tools/messages.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from string import Formatter

LANGUAGES = ("zh", "en")
"""The languages of the product; neither is the translation of the other for its reader."""

_LOCALES = Path(__file__).parent.parent / "locales"
_DOMAIN = "plan_assistant"


def message(sentence: str) -> str:
    """Mark a sentence that is translated later, where the table that holds it is built on import.

    The catalogue tool collects what stands inside; at run time it is the sentence itself.
    """
    return sentence


def label(context: str, text: str) -> tuple[str, str]:
    """Mark a short label that is translated by where it stands; `Words.label` resolves it."""
    return context, text


def join(sentences: Sequence[str], language: str) -> str:
    """Return whole sentences one after the other; Chinese puts no blank between them."""
    return ("" if language == "zh" else " ").join(sentences)


def placeholders(sentence: str) -> frozenset[str]:
    """Return the names that a sentence wants filled."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def first_fitting(choices: Sequence[str], values: Collection[str]) -> str:
    """Return the first sentence whose every placeholder has a value; the last one needs none."""
    return next(choice for choice in choices if placeholders(choice) <= set(values))


class Words:
    """Sentences in one language: `words("zh")("{count} of {whole} read", count=2, whole=5)`.

    A sentence is a whole sentence with named placeholders, written as a literal where it is used
    (or marked with `message`), so that the catalogue tool finds it.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _load(language)
        self._unknown = _Unknown(self._catalogue)
        if language != "en":
            self._catalogue.add_fallback(self._unknown)

    def __call__(self, sentence: str, /, **values: str | int) -> str:
        """Return the sentence in this language with its placeholders filled."""
        return self._catalogue.gettext(sentence).format(**values)

    def plural(self, one: str, many: str, count: int, /, **values: str | int) -> str:
        """Return the form that fits `count`, which also fills the placeholder of that name."""
        return self._catalogue.ngettext(one, many, count).format(count=f"{count:,}", **values)

    def label(self, context: str, text: str, /, **values: str | int) -> str:
        """Return a short label as it is called in that context, else like the same sentence."""
        return self._catalogue.pgettext(context, text).format(**values)

    @property
    def untranslated(self) -> frozenset[str]:
        """The sentences asked for so far that this language lacks; tests of screens expect none."""
        return frozenset(self._unknown.asked)


@cache
def words(language: str) -> Words:
    """Return the sentences of a language; the catalogue is read once."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not a language of this program; there are {LANGUAGES}")
    return Words(language)


class _Unknown(NullTranslations):
    """The last resort of a catalogue: answers in English and remembers what was asked."""

    def __init__(self, catalogue: NullTranslations) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        return super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        del context
        return self._catalogue.gettext(message)


def _load(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    path = _LOCALES / language / "LC_MESSAGES" / f"{_DOMAIN}.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)
