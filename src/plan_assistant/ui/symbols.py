"""The few marks the screens use: each is plain ASCII, one cell wide, and stands next to a word.

Frame, block and arrow characters are of ambiguous width: terminals set up for Chinese may draw
them two cells wide while the framework counts one. ASCII never shifts. Not here: words and the
marks of verdicts (`wording/terms.py`).
"""

from __future__ import annotations

YES = "v"
NO = "x"
CURSOR = ">"
ABOUT = "~"
"""Stands before a likely amount that is not known yet."""
TICKED = "[x]"
NEXT = "[>]"
OPEN = "[ ]"
NOTHING = "-"
"""Stands where there is no value: a missing figure is never an old figure."""

_TRACK_MINE = "-"
_TRACK_LEAD = "!"
_MARKER = "o"


def track(low: int, mine: int, high: int, value: int | None, width: int) -> str:
    """Draw a dial's range in `width` cells: `-` allowed for me, `!` needs the lead, `o` the value.

    A value outside the range stands at the nearer end.
    """
    inner = width - 2
    span = max(high - low, 1)

    def place(point: int) -> int:
        return min(max(point - low, 0), span) * (inner - 1) // span

    cells = [_TRACK_MINE if cell <= place(mine) else _TRACK_LEAD for cell in range(inner)]
    if value is not None:
        cells[place(value)] = _MARKER
    return f"|{''.join(cells)}|"


def gauge(numerator: int, denominator: int, width: int) -> str:
    """Draw a share as a bar of `width` cells; more than the whole fills it."""
    inner = width - 2
    filled = min(inner, max(0, numerator * inner // denominator)) if denominator > 0 else inner
    return f"[{'#' * filled}{'.' * (inner - filled)}]"
