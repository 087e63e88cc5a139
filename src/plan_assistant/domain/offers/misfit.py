"""Why a plan is not what the name of its family says.

Not here: which plans that is true of (`space.py`).
"""

from __future__ import annotations

from enum import StrEnum


class Misfit(StrEnum):
    """Why the name of a family is wrong for a plan, so that the space does not hold it."""

    UNSUITED = "unsuited"
    """Spread charges make no round payment, or nothing bears interest."""
    NOTHING_AFTERWARDS = "nothing_afterwards"
    """Too few payments follow those that ask for interest or less."""
    EXTENDS_NOTHING = "extends_nothing"
    """It ends while the contract still runs."""
    OUTLIVES = "outlives"
    """It ends after the contract does, so it is an extension."""
