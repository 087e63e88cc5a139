"""Laying text out in cells, with Chinese characters two cells wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.ui import columns, symbols
from plan_assistant.wording.formats import cell_width

TEXTS = st.text(alphabet="ab 还款，。（）12,.%v", max_size=60)


@given(TEXTS, st.integers(8, 40))
def test_wrapped_lines_never_exceed_the_width(text: str, width: int) -> None:
    assert all(cell_width(row) <= width for row in columns.wrap(text, width, "  "))


@given(TEXTS, st.integers(8, 40))
def test_wrapping_loses_no_character(text: str, width: int) -> None:
    def visible(part: str) -> str:
        return "".join(part.split())

    assert visible("".join(columns.wrap(text, width))) == visible(text)


@given(TEXTS, st.integers(0, 40))
def test_padding_gives_exactly_the_width(text: str, width: int) -> None:
    assert cell_width(columns.left(text, width)) == width
    assert cell_width(columns.right(text, width)) == width


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("rate 15.96 % a year", 11, ["rate", "15.96 % a", "year"]),
        ("owes CNY 2,308.99 now", 14, ["owes", "CNY 2,308.99", "now"]),
        ("每月还款，方便吗？", 9, ["每月还", "款，方便", "吗？"]),
    ],
    ids=[
        "a percent stays with its number",
        "a currency stays with its amount",
        "no mark begins a line",
    ],
)
def test_a_figure_is_never_broken(text: str, width: int, rows: list[str]) -> None:
    assert columns.wrap(text, width) == rows


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(0, "|o--!!!!!!|"), (9, "|---!!!!!o|"), (99, "|---!!!!!o|"), (None, "|---!!!!!!|")],
)
def test_a_track_shows_what_is_mine_and_where_the_dial_stands(
    value: int | None, drawn: str
) -> None:
    assert symbols.track(0, 3, 9, value, 11) == drawn


@pytest.mark.parametrize(
    ("share", "drawn"), [((0, 1), "[........]"), ((1, 2), "[####....]"), ((3, 2), "[########]")]
)
def test_a_gauge_fills_with_the_share(share: tuple[int, int], drawn: str) -> None:
    assert symbols.gauge(*share, 10) == drawn
