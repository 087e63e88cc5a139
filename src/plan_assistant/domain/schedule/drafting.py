"""Lays out the lines of a new plan and sets their targets; turns computed rows into a Schedule.

Not here: the arithmetic of a row (`rows.py`) and events after the start (`servicing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_assistant.domain.calendar import Unit
from plan_assistant.domain.money import Rounding, round_fraction
from plan_assistant.domain.schedule.accrual import Accrual
from plan_assistant.domain.schedule.carried import spread_arrears
from plan_assistant.domain.schedule.level import plan_from
from plan_assistant.domain.schedule.lines import Line, Minor, OwedFee, Row
from plan_assistant.domain.schedule.periods import (
    Period,
    day_of_payment,
    is_skipped,
    periods_on_grid,
)
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.schedule import Columns, Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    InterestTreatment,
    LevelPayment,
    RoundingStage,
    Terms,
)


def draft_plan(terms: Terms) -> Draft:
    """Return the draft of a plan with all targets set and no event applied."""
    principal = terms.principal.minor - down_principal(terms)
    periods = periods_on_grid(terms, terms.start, terms.first_due, terms.periods, terms.due_day)
    lines = [_line(terms, index, period) for index, period in enumerate(periods)]
    _set_given_payments(terms, lines)
    draft = Draft(
        terms=terms, principal=principal, lines=lines, accrual=Accrual(terms), as_of=terms.as_of
    )
    draft.down = _down_payment(draft)
    for fee in terms.fees:
        add_fee(draft, fee.amount.minor, due=fee.due, number=fee.number)
    draft.due_day = terms.due_day
    if terms.first_due is not None and terms.frequency.unit is Unit.MONTHS:
        draft.due_day = terms.due_day or terms.first_due.day
    given = next((line.payment for line in lines if line.payment is not None), None)
    computed = plan_from(draft, 0)
    draft.first_payment = given if computed is None else computed
    draft.forget(0)
    return draft


def down_principal(terms: Terms) -> Minor:
    """Return what a down payment repays; exact where nothing is rounded and a share is given."""
    down = terms.down_payment
    if down is None:
        return 0
    if down.share is None or terms.conventions.rounding_stage is not RoundingStage.DISPLAY_ONLY:
        return down.principal.minor
    return down.share * terms.principal.minor


def _down_payment(draft: Draft) -> Row | None:
    terms = draft.terms
    if terms.down_payment is None:
        return None
    principal, carried = down_principal(terms), terms.down_payment.arrears.minor
    rate = terms.installment_fee_rate
    fee = 0 if rate is None else draft.round(rate * principal)
    asked = principal + fee + carried
    return Row(terms.start, asked, principal, 0, fee, 0, 0, draft.principal, carried=carried)


def _line(terms: Terms, index: int, period: Period) -> Line:
    grace = terms.grace
    defers = index < grace.interest
    return Line(
        period=period,
        bears_principal=index >= grace.principal,
        collects_interest=not defers,
        capitalises=defers and grace.interest_treatment is InterestTreatment.CAPITALISE,
        is_skipped=is_skipped(terms, period),
        accrues=index >= grace.interest_free,
    )


def _set_given_payments(terms: Terms, lines: list[Line]) -> None:
    if terms.amortization is not Amortization.EQUAL_INSTALLMENT:
        return
    index = 0
    for step in terms.payment_steps:
        for line in lines[index : index + step.periods]:
            line.payment = None if step.payment is None else step.payment.minor
            line.is_level = step.payment is None
        index += step.periods
    is_given = terms.conventions.level_payment is LevelPayment.GIVEN
    for line in lines:
        if line.payment is None and is_given and terms.payment is not None:
            line.payment, line.is_level = terms.payment.minor, False
        elif line.payment is None:
            line.is_level = True


def add_fee(
    draft: Draft,
    amount: Minor,
    *,
    due: date | None,
    number: int | None,
    since: date | None = None,
) -> None:
    """Let a fee join the named installment, or the first one due on or after a day.

    A fee after the last due date gets a row of its own on its date. `since` is the day from which
    it is owed; None: its day, or the day of the installment where it names one instead.
    """
    index = number - 1 if number is not None else 0
    if number is None and due is not None:
        index = _line_for_fee(draft, due)
    line = draft.lines[index]
    line.fee += amount
    since = since if since is not None else due
    if since is not None:
        line.owed_fees += (OwedFee(since, amount),)
    draft.forget(index)


def _line_for_fee(draft: Draft, due: date) -> int:
    """Return the index of the line that takes a fee of a day, made and put in order if needed."""
    lines = draft.lines
    for index, line in enumerate(lines):
        end = line.period.end
        if end is None:
            continue
        if end == due or (end > due and not line.is_fee_only):
            return index
        if end > due:
            break
    else:
        index = len(lines)
    before = lines[index - 1].period.end
    period = Period(before, due, due, day_of_payment(draft.terms, due), Fraction(0))
    lines.insert(index, Line(period=period, is_fee_only=True))
    return index


def lay_arrears(draft: Draft) -> None:
    """Lay carried arrears on the lines as the plan is agreed; later events leave them there.

    Only a plan that is serviced needs it: money received then covers the arrears of a row as well.
    """
    parts = spread_arrears(draft.terms, _asked_for_debt(_whole(draft, draft.run())))
    for line, part in zip(draft.lines, parts, strict=True):
        line.carried = part
    draft.lays_arrears = True
    draft.forget(0)


def _whole(draft: Draft, rows: list[Row]) -> list[Row]:
    """Return rows in whole units, also where the conventions round nothing."""
    if draft.terms.conventions.rounding_stage is RoundingStage.DISPLAY_ONLY:
        return shown(rows, _half_up(draft.principal))
    return rows


def _asked_for_debt(rows: list[Row]) -> list[int]:
    """Return principal and interest that each row asks for."""
    return [int(row.payment - row.fees - row.penalties - row.carried) for row in rows]


def to_schedule(draft: Draft) -> Schedule:
    """Return the rows of a draft as a schedule, carried arrears and holiday moves included."""
    terms = draft.terms
    rows = _whole(draft, draft.visible_rows())
    # A row that holds nothing but a fee is no installment and carries no arrears.
    if draft.lays_arrears:
        arrears = [row.carried for row in rows]
    else:
        arrears = spread_arrears(terms, _asked_for_debt(rows))
    left = terms.arrears.minor if terms.arrears else 0
    cells = []
    dues, nominal_dues = [row.due for row in rows], [row.nominal_due for row in rows]
    if terms.down_payment is not None:
        dues.insert(0, terms.start)
        nominal_dues.insert(0, terms.start)
        cells.append(_down_payment_cells(terms, left))
        left -= terms.down_payment.arrears.minor
    for row, carried in zip(rows, arrears, strict=True):
        left -= carried
        cells.append(
            (
                int(row.payment) - row.carried + carried,
                int(row.principal),
                int(row.interest),
                carried,
                int(row.fees),
                int(row.penalties),
                int(row.capitalised),
                round_fraction(1 * row.held, Rounding.HALF_UP)
                if not isinstance(row.held, int)
                else row.held,
                int(row.balance),
                left,
            )
        )
    return Schedule(terms, tuple(dues), tuple(nominal_dues), Columns(*zip(*cells, strict=True)))


def _down_payment_cells(terms: Terms, arrears: int) -> tuple[int, ...]:
    down = terms.down_payment
    assert down is not None
    principal, carried = down.principal.minor, down.arrears.minor
    fee = 0
    if terms.installment_fee_rate is not None:
        fee = round_fraction(terms.installment_fee_rate * principal, terms.conventions.rounding)
    balance = terms.principal.minor - principal
    return (
        principal + carried + fee,
        principal,
        0,
        carried,
        fee,
        0,
        0,
        0,
        balance,
        arrears - carried,
    )


def shown(rows: list[Row], principal: int) -> list[Row]:
    """Round rows that were computed without rounding so that each still adds up.

    Balances and the running totals of interest and fees are rounded half up; principal and payment
    follow, within one unit of their own rounding, and no cell turns negative. Where a row repays
    principal while its interest is capitalised, the principal is rounded by itself and what is
    capitalised follows.
    """
    result = []
    balance = principal
    interest, fees = RunningTotal(), RunningTotal()
    for row in rows:
        after = _half_up(row.balance)
        capitalised = 0
        if row.capitalised:
            capitalised = max(0, after - balance + _half_up(row.principal))
        part = balance + capitalised - after
        charged, extra = interest.next(row.interest), fees.next(row.fees)
        payment = part + charged + extra + row.carried
        held = _half_up(row.held)
        result.append(
            Row(
                row.due,
                payment,
                part,
                charged,
                extra,
                capitalised,
                held,
                after,
                carried=row.carried,
                nominal_due=row.nominal_due,
            )
        )
        balance = after
    return result


@dataclass(slots=True)
class RunningTotal:
    """Turns exact amounts into units whose sum is the rounded sum so far."""

    exact: Minor = 0
    rounded: int = 0

    def next(self, amount: Minor) -> int:
        """Return the units of one more amount, rounded half up together with those before it."""
        self.exact += amount
        before, self.rounded = self.rounded, _half_up(self.exact)
        return self.rounded - before


def _half_up(value: Minor) -> int:
    return value if isinstance(value, int) else round_fraction(value, Rounding.HALF_UP)
