"""Draws the screens for the README as SVG: headless, fixed size, fixed time, both languages.

    python tools/pictures.py            write docs/pictures/*.svg

Every run of text is placed at its own cell, so that no viewer's font can shift a column. No address
of a font or of anything else stands in the files.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from textual.strip import Strip

from plan_assistant import bootstrap
from plan_assistant.domain.case import CaseId
from plan_assistant.samples import sample_names, sample_text
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.ui.screens.call import CallScreen
from plan_assistant.ui.screens.queue import QueueScreen
from plan_assistant.ui.themes import THEMES
from plan_assistant.wording.formats import cell_width

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
CASE = CaseId("S01-job-loss")
PICTURES = (
    ("call", (80, 24), ("f3",)),
    ("call-wide", (120, 40), ("f3",)),
    ("schedule", (80, 24), ("f4",)),
    ("they-say", (80, 24), ("f6",)),
)

_CELL, _ROW, _SIZE, _BASE = 9.0, 22.0, 17, 17
_FONTS = "'Noto Sans Mono CJK SC','Sarasa Mono SC','DejaVu Sans Mono','Menlo',monospace"


class _Clock:
    """Always the same morning."""

    is_demo = True

    def now(self) -> datetime:
        return bootstrap.DEMO_START


@dataclass(frozen=True)
class _Run:
    """Characters of one style that stand next to each other."""

    column: int
    text: str
    ink: str
    paper: str
    is_bold: bool


def _app(folder: Path, language: str) -> PlanAssistantApp:
    store = bootstrap.open_store(str(folder / "pictures.sqlite"))
    person = bootstrap.DEMO_COLLECTOR
    if not store.accounts():
        bootstrap.staff_demo(store, _Clock())
        desk = bootstrap.desk(store, person, clock=_Clock())
        for name in sample_names():
            open_case(desk, bootstrap.read_case_text(sample_text(name), name), new_key())
    return PlanAssistantApp(
        store,
        language=language,
        account_name=person.name,
        password=bootstrap.DEMO_PASSWORD,
        clock=_Clock(),
    )


async def _rows(
    folder: Path, language: str, size: tuple[int, int], keys: tuple[str, ...]
) -> list[list[_Run]]:
    app = _app(folder, language)
    async with app.run_test(size=size) as pilot:
        while not isinstance(queue := app.screen, QueueScreen):
            await pilot.pause(0.01)
        await app.open_call(CASE, queue)
        while not isinstance(app.screen, CallScreen):
            await pilot.pause(0.01)
        await pilot.press(*keys)
        await pilot.pause()
        update = app.screen._compositor.render_update(
            full=True, screen_stack=app._background_screens
        )
        return [list(_runs(line)) for line in update.strips]


def _runs(line: Iterable[Strip]) -> Iterator[_Run]:
    """Return the runs of one line; every Chinese character and every word is one."""
    theme = THEMES[0]
    column = 0
    for segment in (segment for strip in line for segment in strip):
        style = segment.style
        ink, paper = str(theme.foreground), str(theme.background)
        if style is not None and style.color is not None:
            ink = style.color.get_truecolor().hex
        if style is not None and style.bgcolor is not None:
            paper = style.bgcolor.get_truecolor().hex
        if style is not None and style.reverse:
            ink, paper = paper, ink
        for piece in _pieces(segment.text):
            yield _Run(column, piece, ink, paper, bool(style and style.bold))
            column += cell_width(piece)


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for character in text:
        is_alone = character == " " or cell_width(character) != 1
        if is_alone or (piece and piece[-1] == " "):
            if piece:
                yield piece
            piece = ""
        if is_alone:
            yield character
        else:
            piece += character
    if piece:
        yield piece


def _svg(rows: list[list[_Run]], size: tuple[int, int]) -> str:
    width, height = size[0] * _CELL + 16, size[1] * _ROW + 16
    paper = THEMES[0].background
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="{_FONTS}" font-size="{_SIZE}">',
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{paper}"/>',
    ]
    for number, runs in enumerate(rows):
        top = 8 + number * _ROW
        for run in runs:
            left, cells = 8 + run.column * _CELL, cell_width(run.text)
            if run.paper.lower() != str(paper).lower():
                drawn.append(
                    f'<rect x="{left:g}" y="{top:g}" width="{cells * _CELL:g}" '
                    f'height="{_ROW:g}" fill="{run.paper}"/>'
                )
            if run.text.strip():
                weight = ' font-weight="bold"' if run.is_bold else ""
                drawn.append(
                    f'<text x="{left:g}" y="{top + _BASE:g}" textLength="{cells * _CELL:g}" '
                    f'lengthAdjust="spacingAndGlyphs" fill="{run.ink}"{weight}>'
                    f"{escape(run.text)}</text>"
                )
    return "\n".join([*drawn, "</svg>", ""])


def main() -> int:
    """Write every picture in both languages."""
    import tempfile  # noqa: PLC0415  # only when it runs as a program

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, size, keys in PICTURES:
            for language in ("zh", "en"):
                rows = asyncio.run(_rows(Path(folder), language, size, keys))
                path = FOLDER / f"{name}-{language}.svg"
                path.write_text(_svg(rows, size), encoding="utf-8")
                sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
