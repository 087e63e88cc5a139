"""What is wrong with each dial by itself, so that all of it can be said at once.

Not here: what a dial leaves of the space (`space.py`).
"""

from __future__ import annotations

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import Rhythm


def impossible_dials(space: Space) -> tuple[InvalidTerms, ...]:
    """Return the problems of the dials of a space; empty where it can be searched with them."""
    found = []
    for dialled in (
        lambda: space.lengths(Rhythm.MONTH),
        lambda: space.claims,
        lambda: space.due_day,
        # Without a date of its own the first one follows from the due day.
        lambda: space.wishes.first_due and space.first_dues,
    ):
        try:
            dialled()
        except InvalidTerms as problem:
            found.append(problem)
    return tuple(found)
