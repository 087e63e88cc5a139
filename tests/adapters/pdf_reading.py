"""Reads PDF documents back for the tests: text by page, schedule rows, figures, positions."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pypdfium2

_AMOUNT = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{2}(?![\d%])")
_PERCENT = re.compile(r"\d+\.\d+(?=%)")
_ZH_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_EN_DATE = re.compile(rf"(\d{{1,2}}) ({_MONTHS}) (\d{{4}})")


@lru_cache(maxsize=64)
def pages_of(pdf: bytes) -> tuple[str, ...]:
    """Return the text of every page, lines as they stand."""
    with pypdfium2.PdfDocument(pdf) as document:
        return tuple(page.get_textpage().get_text_range() for page in document)


def squeezed(text: str) -> str:
    """Return a text without any white space: extractors put some between Chinese and digits."""
    return re.sub(r"\s", "", text)


def text_of(pdf: bytes) -> str:
    """Return the whole text without white space."""
    return squeezed("".join(pages_of(pdf)))


def schedule_rows(pdf: bytes) -> list[list[str]]:
    """Return the rows of the schedule annex: number, date, date before a move if any, amounts."""
    row = re.compile(r"(\d+) (\d{4}-\d{2}-\d{2})(?: (\d{4}-\d{2}-\d{2}))?((?: [\d,.]+)+)")
    found = []
    for page in pages_of(pdf):
        for line in page.splitlines():
            match = row.fullmatch(line.strip())
            if match is not None:
                number, due, before, amounts = match.groups()
                found.append([number, due, before or "", *amounts.split()])
    return found


class Figures(NamedTuple):
    """The figures of a text, in any language."""

    amounts: list[str]
    percents: list[str]
    dates: list[date]


def figures_of(text: str) -> Figures:
    """Return amounts, percents and dates of a text, each sorted."""
    tight, flowing = squeezed(text), re.sub(r"\s+", " ", text)
    dates = [date(int(y), int(m), int(d)) for y, m, d in _ZH_DATE.findall(tight)]
    names = _MONTHS.split("|")
    dates += [
        date(int(year), names.index(month) + 1, int(day))
        for day, month, year in _EN_DATE.findall(flowing)
    ]
    return Figures(sorted(_AMOUNT.findall(text)), sorted(_PERCENT.findall(tight)), sorted(dates))


class Box(NamedTuple):
    """Where a character stands on its page, in points from the lower left corner."""

    page: int
    character: str
    left: float
    bottom: float
    right: float
    top: float


def boxes_of(pdf: bytes) -> list[Box]:
    """Return the position of every visible character."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, start=1):
            texts = page.get_textpage()
            whole = texts.get_text_range()
            # PDFium counts UTF-16 units; characters beyond them would shift the index.
            if (
                len(whole.encode("utf-16-le")) != 2 * len(whole)
                or len(whole) != texts.count_chars()
            ):
                continue
            for index, character in enumerate(whole):
                if not character.isspace():
                    found.append(Box(number, character, *texts.get_charbox(index)))
    return found
