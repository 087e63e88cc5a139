"""What a failure that nobody foresaw says of itself: what kind, and where in the program.

Never the text of the error and never a variable: either may hold a name, a number or a sentence of
a borrower. Not here: failures that were foreseen (`problems.py`).
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from plan_assistant.wording.words import words

_MOST_FRAMES = 30


def defect_report(error: BaseException, language: str) -> str:
    """Return what to do, and what whoever mends the program needs to know."""
    head = words(language)(
        "The program failed in a way that was not foreseen. What was recorded is safe; start it "
        "again. Please report the lines below: they say where it failed and hold nothing about "
        "a borrower."
    )
    return "\n".join([head, *_lines(error)])


def _lines(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield f"{type(link).__module__}.{type(link).__qualname__}"
        for frame in traceback.extract_tb(link.__traceback__)[-_MOST_FRAMES:]:
            yield f"  {_place(frame.filename)}:{frame.lineno} {frame.name}"
        link = link.__cause__ or link.__context__


def _place(filename: str) -> str:
    """Return a file without the folders above its package: they may name the person at work."""
    parts = Path(filename).parts
    for start in ("plan_assistant", "site-packages"):
        if start in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(start) - 1 :])
    return parts[-1]
