"""The holiday calendars at hand, by name: implements the `Calendars` port.

Not here: what a holiday does to a due date (`domain/calendar.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from plan_assistant.domain.calendar import NO_HOLIDAYS, Holidays
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.notation import shown

# Regulation on public holidays, as amended on 10 November 2024, Art. 2: New Year (1 January),
# Labor Day (1 and 2 May), National Day (1 to 3 October). The other holidays follow the lunar
# calendar or a solar term; those and all days moved around a holiday are only known once the State
# Council publishes the year.
_FIXED_IN_CHINA = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class PackagedCalendars:
    """The calendars that come with the program and the packages it is installed with."""

    def named(self, name: str) -> Holidays:
        """Return the calendar of that name; raises InputRefused and names the known ones."""
        build = _CALENDARS.get(name)
        if build is None:
            known = ", ".join(sorted(_CALENDARS))
            raise InputRefused(
                "calendar",
                [Problem("", f"there is no holiday calendar {shown(name)}: name one of {known}")],
            )
        return build()


@cache
def _china() -> Holidays:
    # Imported when first needed: most commands never ask for a holiday.
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415

    last_published = max(*holidays, *workdays).year
    return Holidays(
        name="cn",
        known_until=date(last_published, 12, 31),
        off=frozenset(holidays),
        working=frozenset(workdays),
        fixed_days=_FIXED_IN_CHINA,
    )


def _none() -> Holidays:
    return NO_HOLIDAYS


_CALENDARS: dict[str, Callable[[], Holidays]] = {"cn": _china, "none": _none}
