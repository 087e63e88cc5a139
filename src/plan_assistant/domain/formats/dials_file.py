"""The dials in the form of a record: the terms that a team lead names when returning a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from plan_assistant.domain.events import Json
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.wishes import Wishes


def write_dials(wishes: Wishes) -> dict[str, Json]:
    """Return dials as JSON; a dial that is left to the search is null."""
    return {
        "monthly": wishes.monthly.plain if wishes.monthly else None,
        "payments": wishes.periods,
        "down_payment": wishes.down_payment.plain if wishes.down_payment else None,
        "due_day": wishes.due_day,
        "first_due": wishes.first_due.isoformat() if wishes.first_due else None,
    }


def read_dials(raw: Mapping[str, Json], currency: Currency) -> Wishes:
    """Read what `write_dials` wrote."""
    monthly, payments, down, day, first = (
        raw[name] for name in ("monthly", "payments", "down_payment", "due_day", "first_due")
    )
    return Wishes(
        monthly=None if monthly is None else currency.parse(str(monthly)),
        periods=None if payments is None else int(str(payments)),
        down_payment=None if down is None else currency.parse(str(down)),
        due_day=None if day is None else int(str(day)),
        first_due=None if first is None else date.fromisoformat(str(first)),
    )
