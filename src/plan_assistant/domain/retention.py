"""How long a case may be kept at all, and what an approval says of it.

Not here: when a case ends (`record.py`), and what its policy packs say (`services/retention.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plan_assistant.domain.events import Json

SHORTEST_RETENTION_YEARS: Final = 1
"""No policy pack keeps a case for less, and nobody else may."""
LONGEST_RETENTION_YEARS: Final = 100
RETENTION_YEARS: Final = "retention_years"
"""Field of an approval: how long the pack that decided keeps the case."""


def years_approved(approval: Mapping[str, Json]) -> int | None:
    """Return how long an approval says that its case is kept; None where no pack says such a thing.

    Of an older version it says nothing, and by SQL somebody may have written anything.

    >>> years_approved({"retention_years": 5})
    5
    >>> [years_approved({"retention_years": said}) for said in (0, 101, True, "5", None)]
    [None, None, None, None, None]
    """
    said = approval.get(RETENTION_YEARS)
    if type(said) is not int:
        return None
    return said if SHORTEST_RETENTION_YEARS <= said <= LONGEST_RETENTION_YEARS else None
