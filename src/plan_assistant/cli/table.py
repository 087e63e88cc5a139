"""Plain-text tables that align where Chinese characters are drawn two cells wide."""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.wording.formats import cell_width


def table(rows: Sequence[Sequence[str]], *, right_from: int = 1) -> str:
    """Return rows as columns, right-aligned from column `right_from` on. Nothing is cut."""
    widths = [max(cell_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for column, (text, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell_width(text))
            cells.append(gap + text if column >= right_from else text + gap)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
