"""A plan's payments row by row: all of them in the overlay, the first ones on a wide screen.

The totals, moved days and rounding stay in view: they are what the borrower asks next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.schedule import Installment, Schedule
from plan_assistant.ui import columns, symbols
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats
from plan_assistant.wording.rhythm import rhythm_of
from plan_assistant.wording.words import Words, label

_NUMBER, _DAY = 4, 13
_PRINCIPAL = label("schedule", "Principal")
_INTEREST = label("schedule", "Interest")
_ARREARS = label("schedule", "Arrears")
_FEES = label("schedule", "Fees")
_PAYMENT = label("schedule", "Payment")
_BALANCE = label("schedule", "Still owed")
_DUE = label("schedule", "Due")
_TODAY = label("schedule", "today")
_TOTAL = label("schedule", "TOTAL")


_Column = tuple[tuple[str, str], Callable[[Installment], Money]]
"""The name of a column, and what stands in it."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A schedule as text: its head, its rows, its total and the notes under it."""

    head: str
    rows: tuple[str, ...]
    total: str
    notes: tuple[str, ...]


def schedule_lines(schedule: Schedule, width: int, say: Words) -> Lines:
    """Return a schedule in lines of at most `width` cells; columns of zeros are left out."""
    shown, left_out = _columns(schedule, width - _NUMBER - _DAY, say)
    cell = min(15, (width - _NUMBER - _DAY) // len(shown))
    cell = max(cell, _widest(schedule, shown, say))
    totals = {
        _PAYMENT: schedule.total_paid,
        _PRINCIPAL: schedule.total_principal,
        _INTEREST: schedule.total_interest,
        _ARREARS: schedule.total_arrears,
        _FEES: schedule.total_fees,
    }
    start = columns.right("#", _NUMBER) + columns.left(f"  {say.label(*_DUE)}", _DAY)
    head = start + "".join(columns.right(say.label(*name), cell) for name, _ in shown)
    first = 0 if schedule.has_down_payment else 1
    notes = _notes(schedule, say)
    if left_out:
        names = ", ".join(say.label(*name) for name in left_out)
        notes += (say("Too narrow for: {names}. A wider window shows them.", names=names),)
    rows = tuple(
        _start(row, number, say) + "".join(_cell(amount(row), cell, say) for _, amount in shown)
        for number, row in enumerate(schedule.rows, start=first)
    )
    total = " " * _NUMBER + columns.left(f"  {say.label(*_TOTAL)}", _DAY)
    total += "".join(
        _cell(totals[name], cell, say) if name in totals else " " * cell for name, _ in shown
    )
    return Lines(head, rows, total, notes)


def _columns(
    schedule: Schedule, room: int, say: Words
) -> tuple[list[_Column], list[tuple[str, str]]]:
    """Return the columns that fit with every figure whole, and the names of those that do not."""
    shown: list[_Column] = [
        (_PAYMENT, lambda row: row.payment),
        (_PRINCIPAL, lambda row: row.principal),
    ]
    shown.append((_INTEREST, lambda row: row.interest))
    if schedule.total_arrears:
        shown.append((_ARREARS, lambda row: row.arrears))
    if schedule.total_fees:
        shown.append((_FEES, lambda row: row.fees + row.penalties))
    shown.append((_BALANCE, lambda row: row.owed_after))
    left_out = []
    for name in (_FEES, _ARREARS, _INTEREST, _PRINCIPAL):
        if _widest(schedule, shown, say) * len(shown) <= room:
            break
        if name in [item[0] for item in shown]:
            shown = [item for item in shown if item[0] != name]
            left_out.append(name)
    return shown, left_out


def _widest(schedule: Schedule, shown: Sequence[_Column], say: Words) -> int:
    """Return the cells of the largest figure, the blank before it included."""
    figures = [schedule.total_paid, *(amount(row) for row in schedule.rows for _, amount in shown)]
    return 1 + max(columns.width_of(formats.money(figure, say.language)) for figure in figures)


def _start(row: Installment, number: int, say: Words) -> str:
    if row.due is None:
        on = symbols.NOTHING
    else:
        on = say.label(*_TODAY) if number == 0 else formats.day(row.due, say.language)
    return columns.right(str(number), _NUMBER) + columns.left(
        f"  {on}{'*' if row.is_moved else ''}", _DAY
    )


def _cell(amount: Money, width: int, say: Words) -> str:
    text = formats.money(amount, say.language) if amount else symbols.NOTHING
    return " " + columns.amount(text, width - 1)


def _notes(schedule: Schedule, say: Words) -> tuple[str, ...]:
    """Say which days a holiday moved, and by how much rounding changed the last payment."""
    notes = []
    if schedule.moved:
        first = schedule.moved[0]
        assert first.nominal_due is not None
        notes.append(
            say.plural(
                "* {count} day moved past weekends and holidays; it was {day}.",
                "* {count} days moved past weekends and holidays; the first was {day}.",
                len(schedule.moved),
                day=formats.day(first.nominal_due, say.language),
            )
        )
    return (*notes, *_differing(schedule, say))


def _differing(schedule: Schedule, say: Words) -> list[str]:
    """Say why the first or the last payment differs from the others."""
    if schedule.first_due is None:
        return []
    told = rhythm_of(schedule)
    carried = formats.money(told.first_carries or told.last_carries, say.language)
    if told.first_carries:
        return [say("The first payment carries {amount} of old charges.", amount=carried)]
    if told.last_carries:
        return [say("The last payment carries {amount} of old charges.", amount=carried)]
    difference = told.last.amount - told.usual
    return [] if not difference or len(told.runs) == 1 else _rounding(schedule, difference, say)


def _rounding(schedule: Schedule, difference: Money, say: Words) -> list[str]:
    amount = formats.money(abs_of(difference), say.language)
    multiple = schedule.terms.payment_multiple_of
    if multiple is not None:
        in_words = formats.short_money(multiple, say.language)
        return [
            say(
                "The last payment is {amount} lower: the others are rounded to {multiple}.",
                amount=amount,
                multiple=in_words,
            )
            if difference.minor < 0
            else say(
                "The last payment is {amount} higher: the others are rounded to {multiple}.",
                amount=amount,
                multiple=in_words,
            )
        ]
    if abs(difference.minor) > schedule.number_of_payments:
        return []
    return [
        say("The last payment is {amount} lower: rounding.", amount=amount)
        if difference.minor < 0
        else say("The last payment is {amount} higher: rounding.", amount=amount)
    ]


def abs_of(amount: Money) -> Money:
    """Return an amount without its sign."""
    return amount if amount.minor >= 0 else -amount


class SchedulePreview(Pane):
    """The first payments of the selected plan, the last one and the total."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._schedule: Schedule | None = None
        self._plan_name = ""

    def show(self, schedule: Schedule | None, name: str) -> None:
        """Show the payments of a plan by its name."""
        self._schedule, self._plan_name = schedule, name
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return which plan it is, and the key to all rows."""
        if self._schedule is None:
            return self.say("Payments"), ""
        notes = _notes(self._schedule, self.say)
        return (
            self.say(
                "{plan}: first rows, F4 shows all {count}",
                plan=self._plan_name,
                count=len(self._schedule.rows),
            ),
            columns.whole(" ".join(notes), self.content_size.width - 4),
        )

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return head, first rows, last row and total."""
        if self._schedule is None:
            return []
        drawn = schedule_lines(self._schedule, width, self.say)
        room = max(height - 3, 1)
        rows = (
            [*drawn.rows[:room], drawn.rows[-1]] if len(drawn.rows) > room + 1 else list(drawn.rows)
        )
        return [
            line((drawn.head, "bold")),
            *(line(row) for row in rows),
            line((drawn.total, "bold")),
        ]
