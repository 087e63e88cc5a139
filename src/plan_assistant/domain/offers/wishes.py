"""What was dialled: what the borrower said, and what the collector tries.

Not here: the plans that answer it (`search.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from plan_assistant.domain.money import Money


@dataclass(frozen=True, slots=True)
class Wishes:
    """The dials: what the borrower said. None leaves a dial to the search.

    At most one of `monthly` and `periods` is set; the other is solved.
    """

    monthly: Money | None = None
    periods: int | None = None
    down_payment: Money | None = None
    due_day: int | None = None
    first_due: date | None = None

    def with_monthly(self, monthly: Money | None) -> Wishes:
        """Return the wishes driven by a monthly amount; the number of payments becomes solved."""
        return replace(self, monthly=monthly, periods=None)

    def with_periods(self, periods: int | None) -> Wishes:
        """Return the wishes driven by a number of payments; the monthly amount becomes solved."""
        return replace(self, periods=periods, monthly=None)
