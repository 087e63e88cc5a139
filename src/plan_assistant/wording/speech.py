"""The sentences about the payments of one plan: how many, how much, from when, and what they cost.

Not here: what is said around them (`script.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import HolidayRoll, Unit
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.wording import formats
from plan_assistant.wording.rhythm import Rhythm, Run
from plan_assistant.wording.words import Words

_MOST_RUNS = 5
"""More runs cannot be followed by ear; then the first, the largest and the last are read."""


@dataclass(frozen=True, slots=True)
class Speech:
    """The sentences about the payments of one plan."""

    text: Words
    plan: Plan
    rhythm: Rhythm
    money: Callable[[Money, str], str]

    def amount(self, value: Money) -> str:
        """Return an amount as this speech says amounts."""
        return self.money(value, self.text.language)

    def date(self, on: date) -> str:
        """Return a date as it is said."""
        return formats.long_day(on, self.text.language)

    @property
    def down(self) -> Money:
        """What is paid today."""
        return self.plan.schedule.down_payment

    @property
    def start(self) -> str:
        """The day of the first payment."""
        return self.date(self.rhythm.first.first)

    @property
    def end(self) -> str:
        """The day of the last payment."""
        return self.date(self.rhythm.last.last)

    @property
    def due_day(self) -> str:
        """The nominal due day of the month."""
        return formats.day_of_month(self.rhythm.due_day, self.text.language)

    @property
    def when(self) -> str:
        """How often and on which day a payment falls due, to stand in a sentence."""
        text, every = self.text, self.rhythm.frequency.every
        unit = self.rhythm.frequency.unit
        if self.rhythm.is_monthly:
            return text("on the {day} of each month", day=self.due_day)
        if unit is Unit.MONTHS:
            return text("every {count} months on the {day}", count=every, day=self.due_day)
        weekday = formats.weekday(self.rhythm.weekday, text.language)
        if unit is Unit.WEEKS and every == 1:
            return text("every {weekday}", weekday=weekday)
        if unit is Unit.WEEKS and every == 2:  # a fortnight
            return text("every second {weekday}", weekday=weekday)
        if unit is Unit.WEEKS:
            return text("every {count} weeks on {weekday}", count=every, weekday=weekday)
        return text.plural("every {count} day", "every {count} days", every)

    def proposal(self) -> list[str]:
        """Name amount, number, day and start."""
        rhythm = self.rhythm
        is_level = rhythm.is_level_after_start
        if is_level and not rhythm.starts_late and not rhythm.low:
            return self._level()
        said = self._today()
        if is_level:
            return said + (self._deferred() if rhythm.starts_late else self._low_first())
        if rhythm.falls:
            return [*said, self._falling()]
        if rhythm.starts_late:
            said.append(self._nothing_until())
        steps = rhythm.spoken_level
        if rhythm.steps and not rhythm.low and len(steps) == 2:  # before, after
            return [*said, self._steps(*steps), *self._first_carries(), *self._odd_last()]
        return said + self._runs() + self._carried()

    def payments(self) -> list[str]:
        """Name the payments exactly: every amount, every first and last day."""
        rhythm = self.rhythm
        lines = self._today()
        if rhythm.starts_late:
            lines.append(self._nothing_until())
        if rhythm.is_level and rhythm.count > 1:
            lines.append(self._level_in_full())
        elif rhythm.falls and len(rhythm.runs) > _MOST_RUNS:
            lines += [self._falling(), self.text("You receive the list of all of them.")]
        else:
            lines += self._runs()
        lines += self._carried()
        if self.plan.terms.conventions.holiday_roll is HolidayRoll.NEXT:
            lines.append(self._working_day())
        return lines

    def cost(self) -> str:
        """Name the total and what it adds to the debt of today."""
        added = self.plan.added_cost
        values: dict[str, str | int] = {
            "total": self.amount(self.plan.total),
            "owed": self.amount(self.plan.confirmed.total),
        }
        if added.minor > 0:
            return self.text(
                "In all you pay {total}; that is {added} more than the {owed} you owe today.",
                added=self.amount(added),
                **values,
            )
        if added.minor < 0:
            return self.text(
                "In all you pay {total}; that is {less} less than the {owed} you owe today.",
                less=self.amount(-added),
                **values,
            )
        return self.text("In all you pay {total}, exactly what you owe today.", **values)

    def _today(self) -> list[str]:
        return (
            [self.text("You pay {down} today.", down=self.amount(self.down))] if self.down else []
        )

    def _level(self) -> list[str]:
        text, rhythm = self.text, self.rhythm
        values: dict[str, str | int] = {
            "down": self.amount(self.down),
            "usual": self.amount(rhythm.usual),
            "count": rhythm.count,
            "when": self.when,
            "start": self.start,
        }
        if rhythm.count == 1:
            only = (
                text(
                    "With {down} today, a single payment of {usual} is left, on {start}.", **values
                )
                if self.down
                else text("That would be a single payment of {usual} on {start}.", **values)
            )
            return [only]
        said = (
            text(
                "With {down} today, that leaves {count} payments of {usual} {when}, starting "
                "{start}.",
                **values,
            )
            if self.down
            else text(
                "That would be {count} payments of {usual} {when}, starting {start}.",
                **values,
            )
        )
        moved = [self._working_day()] if rhythm.first_was_moved else []
        return [said, *self._first_carries(), *self._odd_last(), *moved]

    def _level_in_full(self) -> str:
        values: dict[str, str | int] = {
            "count": self.rhythm.count,
            "usual": self.amount(self.rhythm.usual),
            "when": self.when,
            "start": self.start,
            "end": self.end,
        }
        if self.rhythm.last.amount == self.rhythm.usual:
            return self.text(
                "There are {count} payments of {usual} {when}, the first on {start} and the last "
                "on {end}.",
                **values,
            )
        return self.text(
            "There are {count} payments of {usual} {when}, the first on {start}; the last, on "
            "{end}, is {last}.",
            last=self.amount(self.rhythm.last.amount),
            **values,
        )

    def _odd_last(self) -> list[str]:
        """Name a last payment that differs by more than rounding to the cent."""
        last = self.rhythm.odd_last
        if last is None:
            return []
        if self.rhythm.last_carries:
            return [
                self.text(
                    "The last one is {last}, because it also carries {charges} of interest, "
                    "penalties and fees that you already owe.",
                    last=self.amount(last),
                    charges=self.amount(self.rhythm.last_carries),
                )
            ]
        return [self.text("The last one is {last}.", last=self.amount(last))]

    def _first_carries(self) -> list[str]:
        """Name a first payment that carries old charges on top."""
        if not self.rhythm.first_carries:
            return []
        return [
            self.text(
                "The first one is {first}, because it also carries {charges} of interest, "
                "penalties and fees that you already owe.",
                first=self.amount(self.rhythm.first.amount),
                charges=self.amount(self.rhythm.first_carries),
            )
        ]

    def _carried(self) -> list[str]:
        """Say what the first or the last payment holds of the old charges."""
        rhythm = self.rhythm
        if rhythm.first_carries:
            return [
                self.text(
                    "The first payment carries {charges} of interest, penalties and fees that you "
                    "already owe.",
                    charges=self.amount(rhythm.first_carries),
                )
            ]
        if rhythm.last_carries:
            return [
                self.text(
                    "The last payment carries {charges} of interest, penalties and fees that you "
                    "already owe.",
                    charges=self.amount(rhythm.last_carries),
                )
            ]
        return []

    def _nothing_until(self) -> str:
        return self.text("Nothing is due until {start}.", start=self.start)

    def _steps(self, before: Run, after: Run) -> str:
        return self.text.plural(
            "That would be {before} {when}, starting {start}; then {count} payment of {later}.",
            "That would be {before} {when}, starting {start}; then {count} payments of {later}.",
            after.count,
            before=self.text.plural(
                "{count} payment of {amount}",
                "{count} payments of {amount}",
                before.count,
                amount=self.amount(before.amount),
            ),
            when=self.when,
            start=self.start,
            later=self.amount(after.amount),
        )

    def _working_day(self) -> str:
        return self.text(
            "When that is not a working day, the payment is due on the next working day."
        )

    def _deferred(self) -> list[str]:
        text, first, usual = self.text, self.rhythm.first.amount, self.rhythm.usual
        said = [
            self._nothing_until(),
            self._single(self.rhythm.count, usual)
            or text(
                "From then on it is {count} payments of {usual} each, {when}.",
                count=self.rhythm.count,
                usual=self.amount(usual),
                when=self.when,
            ),
        ]
        if self.rhythm.first_carries:
            said += self._first_carries()
        elif first != usual and self.plan.family is Family.DEFERRAL:
            said.append(
                text(
                    "The first is {first}, because it carries the interest of the months before.",
                    first=self.amount(first),
                )
            )
        elif first != usual:
            said.append(text("The first is {first}.", first=self.amount(first)))
        return said + self._odd_last()

    def _low_first(self) -> list[str]:
        text, low = self.text, self.rhythm.low
        values: dict[str, str | int] = {"low": self.amount(max(low)), "start": self.start}
        carries = self._first_carries()
        said = [
            text("The first payment, on {start}, is low: {low}.", **values)
            if len(low) == 1
            else text(
                "The first {count} payments, starting {start}, are low: at most {low} each.",
                count=len(low),
                **values,
            ),
            self._single(self.rhythm.count - len(low), self.rhythm.usual)
            or text(
                "After that come {count} payments of {usual} each, {when}.",
                count=self.rhythm.count - len(low),
                usual=self.amount(self.rhythm.usual),
                when=self.when,
            ),
        ]
        return [*said[:1], *carries, *said[1:], *self._odd_last()]

    def _single(self, count: int, amount: Money) -> str:
        """Name one payment that is left, by its day; nothing where more are left."""
        if count > 1:
            return ""
        return self.text(
            "After that comes {count} payment of {usual}, on {end}.",
            count=1,
            usual=self.amount(amount),
            end=self.end,
        )

    def _falling(self) -> str:
        return self.text(
            "That would be {count} payments {when}: {first} on {start}, then a little less each "
            "time, down to {last} on {end}.",
            count=self.rhythm.count,
            when=self.when,
            first=self.amount(self.rhythm.first.amount),
            start=self.start,
            last=self.amount(self.rhythm.last.amount),
            end=self.end,
        )

    def _runs(self) -> list[str]:
        """Name each run of equal payments; very many runs are summed up."""
        runs = self.rhythm.runs
        if len(runs) <= _MOST_RUNS:
            return [*(self._run(run) for run in runs), self._every()]
        different = self.text(
            "There are {count} payments of different amounts from {start} to {end}: the first "
            "is {first}, the largest {largest}, the last {last}. You receive the list of all of "
            "them.",
            count=self.rhythm.count,
            start=self.start,
            end=self.end,
            first=self.amount(runs[0].amount),
            largest=self.amount(max(run.amount for run in runs)),
            last=self.amount(runs[-1].amount),
        )
        return [different, self._every()]

    def _run(self, run: Run) -> str:
        if run.count == 1:
            return self.text(
                "On {start}: {amount}.", start=self.date(run.first), amount=self.amount(run.amount)
            )
        return self.text(
            "From {start} to {end}: {count} payments of {amount} each.",
            start=self.date(run.first),
            end=self.date(run.last),
            count=run.count,
            amount=self.amount(run.amount),
        )

    def _every(self) -> str:
        """Say how often a payment falls due."""
        return self.text("A payment falls due {when}.", when=self.when)
