"""The smallest change that is enough, held against trying every change."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.offers.smallest import smallest

MOST = 400
TAKEN = st.lists(st.integers(0, 60), min_size=MOST, max_size=MOST)
"""What each further unit takes away."""


def falling(above: int, taken: list[int], impossible: int) -> Callable[[int], int | None]:
    """Return an excess that only falls, and is unknown from `impossible` on."""
    return lambda change: above - sum(taken[:change]) if change < impossible else None


@given(
    above=st.integers(1, 9_000),
    taken=TAKEN,
    most=st.integers(0, MOST),
    first=st.integers(0, MOST),
    impossible=st.integers(1, MOST + 1),
)
def test_it_is_the_first_that_is_enough(
    above: int, taken: list[int], most: int, first: int, impossible: int
) -> None:
    excess = falling(above, taken, impossible)
    enough = [
        change
        for change in range(1, most + 1)
        if (left := excess(change)) is not None and left <= 0
    ]

    found = smallest(excess, above, most, first=first)

    assert found == (enough[0] if enough else None)


@given(
    above=st.integers(1, 9_000),
    taken=TAKEN,
    flicker=st.lists(st.integers(-40, 40), min_size=MOST + 1, max_size=MOST + 1),
    low=st.integers(0, 50),
)
def test_where_it_flickers_one_less_is_not_enough(
    above: int, taken: list[int], flicker: list[int], low: int
) -> None:
    def excess(change: int) -> int:
        return above - sum(taken[:change]) + flicker[change]

    known = max(1, excess(low))

    found = smallest(excess, known, MOST, low=low, first=MOST // 8)

    if found is not None:
        assert excess(found) <= 0
        assert found - 1 == low or excess(found - 1) > 0


def test_few_questions_are_asked_of_a_million_changes() -> None:
    asked: list[int] = []

    def excess(change: int) -> int:
        asked.append(change)
        return 123_456 - change // 60

    assert smallest(excess, 123_456, 10**7, first=10**7 // 8) == 60 * 123_456
    assert len(asked) < 20


@given(
    above=st.integers(1, 4_000),
    bends=st.lists(st.tuples(st.integers(-60, 90), st.integers(-4_000, 4_000)), max_size=6),
    first=st.integers(0, MOST),
    most=st.integers(2, MOST),
)
def test_it_is_the_first_that_is_enough_where_the_excess_falls_and_then_rises(
    above: int, bends: list[tuple[int, int]], first: int, most: int
) -> None:
    def excess(change: int) -> int:
        lines = (slope * change + min(start, above) for slope, start in bends)
        return max([above - 30 * change, *lines])

    enough = next((change for change in range(1, most + 1) if excess(change) <= 0), None)

    found = smallest(excess, excess(0), most, first=first, rises_by=1)

    if found is not None or enough is None:
        assert found == enough
    else:
        # Of the few that are enough at the bottom of the valley one may be passed over.
        assert sum(excess(change) <= 0 for change in range(1, most + 1)) <= 2
