"""Why a plan is not what the name of its family says.

Not here: which plans that is true of (`space.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from plan_assistant.domain.offers.plan import Family

if TYPE_CHECKING:
    from plan_assistant.domain.offers.line import Line
    from plan_assistant.domain.offers.space import Space


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


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A plan that is not what its family says."""

    why: Misfit
    maturity: date | None
    """When the contract ends."""
    least: int
    """How many payments a plan of the family has at least."""
    is_extended: bool
    """Whether extensions are searched for this debt."""


def misnamed(space: Space, line: Line, payments: int) -> Misnamed | None:
    """Return what is to be said of a wrong name; None for a right one, or a plan unsuited."""
    why = space.misfit(line, payments)
    if why is None or why is Misfit.UNSUITED:
        return None
    is_extended = Family.EXTENSION in space.families
    return Misnamed(why, space.debt.maturity, space.least_payments(line), is_extended)
