"""The smallest change that is enough, held against trying every change."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.offers.smallest import smallest

MOST = 400
TAKEN = st.lists(st.integers(0, 60), min_size=MOST, max_size=MOST)
"""What each further unit takes away."""


def falling(above: int, taken: list[int]) -> Callable[[int], int]:
    """Return an excess that only falls."""
    return lambda change: above - sum(taken[:change])


@given(
    above=st.integers(1, 9_000),
    taken=TAKEN,
    most=st.integers(0, MOST),
    first=st.integers(0, MOST),
)
def test_it_is_the_first_that_is_enough(
    above: int, taken: list[int], most: int, first: int
) -> None:
    excess = falling(above, taken)
    enough = [change for change in range(1, most + 1) if excess(change) <= 0]

    found = smallest(excess, above, most, first=first)

    assert found == (enough[0] if enough else None)


@given(
    above=st.integers(1, 9_000),
    taken=TAKEN,
    flicker=st.lists(st.integers(-40, 40), min_size=MOST + 1, max_size=MOST + 1),
)
def test_where_it_flickers_one_less_is_not_enough(
    above: int, taken: list[int], flicker: list[int]
) -> None:
    def excess(change: int) -> int:
        return above - sum(taken[:change]) + flicker[change]

    found = smallest(excess, max(1, excess(0)), MOST, first=MOST // 8)

    if found is not None:
        assert excess(found) <= 0
        assert found == 1 or excess(found - 1) > 0


def test_few_questions_are_asked_of_a_million_changes() -> None:
    asked: list[int] = []

    def excess(change: int) -> int:
        asked.append(change)
        return 123_456 - change // 60

    assert smallest(excess, 123_456, 10**7, first=10**7 // 8) == 60 * 123_456
    assert len(asked) < 20
