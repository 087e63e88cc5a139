"""One pass over the planned lines: exact rows from interest, targets, grace and remainders.

Follows golden/SCHEMA sections 4 and 6.2 to 6.4. Not here: how targets are found (`level.py`) and
how events change the lines (`servicing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.money import Rounding, round_fraction, round_ratio
from plan_assistant.domain.schedule.accrual import Accrual
from plan_assistant.domain.schedule.booking import percent_fee, without_fees
from plan_assistant.domain.schedule.lines import (
    Cash,
    Correction,
    Excess,
    Fixed,
    Line,
    Minor,
    PayoffQuote,
    Row,
    State,
)
from plan_assistant.domain.schedule.money_ahead import interest_bases, meets_money
from plan_assistant.domain.schedule.terms import (
    Amortization,
    DeferredCollection,
    DeferredRounding,
    Remainder,
    RoundingStage,
    Terms,
)


@dataclass(slots=True)
class Draft:
    """A plan being worked out: terms, lines, money received, and the rows known so far."""

    terms: Terms
    principal: Minor
    """What the installments repay: the principal after a down payment."""
    lines: list[Line]
    accrual: Accrual
    down: Row | None = None
    """A down payment: row 1, which money fills before the lines (golden/SCHEMA 6.2)."""
    cash: list[Cash] = field(default_factory=list)
    """In date order."""
    received: int = 0
    """Sum of `cash`."""
    lays_arrears: bool = False
    """Carried arrears are laid on the lines, so that money received covers them too."""
    as_of: date | None = None
    correction: Correction | None = None
    """Of the interest of the last row, where the total does not come from the rows."""
    due_day: int | None = None
    """Nominal day of the month of the grid that the last lines lie on."""
    unrounded_level: Fraction | None = None
    """The level payment computed last, before it was rounded."""
    first_payment: Minor | None = None
    """The first computed or given level payment."""
    new_payment: Minor | None = None
    """The level payment that an event computed last."""
    quote: PayoffQuote | None = None
    rows: list[Row] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    """states[k] is the state before row k, as far as rows are known."""

    @property
    def asked_down(self) -> Minor:
        """What a down payment asks for; zero without one."""
        return self.down.payment if self.down is not None else 0

    def with_down(self, rows: list[Row]) -> list[Row]:
        """Return rows of lines behind a down payment, in the order in which money fills them."""
        return rows if self.down is None else [self.down, *rows]

    def forget(self, index: int) -> None:
        """Drop the rows from `index` on, because something about them changed."""
        del self.rows[index:]
        del self.states[index + 1 :]

    def state_before(self, index: int) -> State:
        """Return the state before a line, running the lines before it where needed."""
        self.run(index)
        return self.states[min(index, len(self.states) - 1)]

    def run(self, stop: int | None = None) -> list[Row]:
        """Compute the rows up to `stop` (default: all) and return all rows known.

        A row whose principal would reach the balance pays exactly the balance and ends the plan;
        lines after it appear only where they carry a fee.
        """
        if not self.states:
            self.states.append(State(balance=self.principal, asked=self.asked_down))
        last = self.last_line()
        goal = len(self.lines) if stop is None else min(stop, len(self.lines))
        while len(self.rows) < goal:
            if self._run_plain_rows(min(goal, last)):
                continue
            index = len(self.rows)
            state = replace(self.states[index])
            line = self.lines[index]
            if state.is_over or line.is_fee_only:
                row = self._fee_row(line, state)
            else:
                row = self._row(line, state, is_last=index == last)
            self.rows.append(row)
            self.states.append(state)
        return self.rows

    def _run_plain_rows(self, stop: int) -> int:
        """Compute rows as long as they are plain; return how many.

        This is `_row` for lines of equal installments with interest rounded each period, on which
        nothing special happens: no fee, no grace, no money ahead or overdue.
        """
        conventions, rows, states = self.terms.conventions, self.rows, self.states
        first = len(rows)
        if (
            self.terms.amortization is not Amortization.EQUAL_INSTALLMENT
            or conventions.rounding_stage is not RoundingStage.EACH_PERIOD
            or self.terms.installment_fee_rate is not None
        ):
            return 0
        state, rounding = states[first], conventions.rounding
        if state.held or state.credit or state.is_over:
            return 0
        # Money waits for the days before a row and for what was asked: of later rows it meets none
        # where it does not meet the first.
        if meets_money(self, self.lines[first], state):
            return 0
        balance: Minor = state.balance
        for index in range(first, stop):
            line = self.lines[index]
            payment = line.payment
            if payment is None or not line.is_plain:
                break
            numerator, denominator = line.weight or self.weight(line)
            interest = round_ratio(int(balance) * numerator, denominator, rounding)
            principal = payment - interest
            if principal >= balance > 0:
                break
            balance -= principal
            state = state.after(balance, interest, payment)
            period = line.period
            rows.append(
                Row(
                    period.due,
                    payment,
                    principal,
                    interest,
                    0,
                    0,
                    0,
                    balance,
                    nominal_due=period.nominal_due,
                )
            )
            states.append(state)
        return len(rows) - first

    def share_overdue(self, line: Line, share: Fraction | None) -> None:
        """Let a line collect a share of overdue interest, on top of what it pays without one."""
        if line.payment is not None:
            line.payment += self.round(share or 0) - self.round(line.overdue_share or 0)
        line.overdue_share = share

    def weight(self, line: Line) -> tuple[int, int]:
        """Return rate x fraction of a line's period; zero where no interest accrues."""
        if line.weight is None:
            line.weight = self.accrual.weight(line.period) if line.accrues else (0, 1)
        return line.weight

    def rates_changed(self, index: int) -> None:
        """Forget rows and rates from a line on, because days in it accrue differently."""
        for line in self.lines[index:]:
            line.weight = None
        self.forget(index)

    def visible_rows(self) -> list[Row]:
        """Return all rows except the empty ones after an early end."""
        rows = self.run()
        return [
            row
            for row, state in zip(rows, self.states, strict=False)
            if not state.is_over or row.payment
        ]

    def last_row(self) -> int:
        """Return the index of the row that ends the plan, rows of fees only not counted."""
        self.run()
        last = self.last_line()
        return next((index for index in range(last) if self.states[index + 1].is_over), last)

    def last_line(self) -> int:
        """Return the index of the last installment."""
        last = len(self.lines) - 1
        while self.lines[last].is_fee_only:
            last -= 1
        return last

    def _fee_row(self, line: Line, state: State) -> Row:
        payment = line.fee + line.carried
        state.asked += payment
        return Row(
            line.period.due,
            payment,
            0,
            0,
            line.fee,
            0,
            state.held,
            state.balance,
            carried=line.carried,
            nominal_due=line.period.nominal_due,
        )

    def round(self, value: Minor) -> Minor:
        """Round an amount of interest, principal or a percent fee as the conventions say."""
        conventions = self.terms.conventions
        if conventions.rounding_stage is RoundingStage.DISPLAY_ONLY or isinstance(value, int):
            return value
        return round_fraction(value, conventions.rounding)

    def exact_interest(self, line: Line, state: State) -> Fraction:
        """Return the exact interest that the line's period accrues."""
        if not line.accrues:
            return Fraction(0)
        if self.terms.amortization is Amortization.FLAT:
            return Fraction(*self.weight(line)) * self.principal
        bases = interest_bases(self, line, state)
        if bases is None:
            return Fraction(*self.weight(line)) * state.balance
        return self.accrual.on_bases(line.period, bases)

    def _row(self, line: Line, state: State, *, is_last: bool) -> Row:
        if line.closed_with is not None:
            return self._finish(line, state, line.closed_with, 0)
        exact, own = self._accrue(line, state, is_last=is_last)
        if line.fixed is not None:
            return self._fixed_row(line, line.fixed, state, is_last=is_last)
        if line.capitalises and not is_last:
            state.balance += own
            paid = 0 if line.booked is None else without_fees(self, line, line.booked.amount)
            paid += line.extra_principal
            state.is_over = paid >= state.balance > 0
            return self._finish(line, state, min(paid, state.balance), 0, capitalised=own)
        held_before = state.held
        collected: Minor = 0
        if line.defers and not is_last:
            state.held += own if self._rounds_held() else exact
            state.held_rounded += own
            state.held_part = None
        elif held_before and self._collects(DeferredCollection.SPREAD):
            collected = own + self._take_part_of_held(line, state, is_last=is_last)
        else:
            collected = self._collected(state, own, exact)
            state.held = state.held_rounded = 0
        is_within = self._collects(DeferredCollection.WITHIN_PAYMENT)
        charged = own if held_before and collected and not is_within else collected
        part = self._principal(line, state, charged, collected, is_last=is_last)
        if state.is_over and state.held:
            # The plan ends here, inside a grace: nothing may stay held.
            collected += self._held(state)
            state.held = state.held_rounded = 0
        if state.is_over and line.overdue_share is not None:
            collected += self._shares_to_come(state)
        if is_last:
            part, collected = self._last(line, state, part, collected, charged)
        return self._finish(line, state, part, collected)

    def _fixed_row(self, line: Line, fixed: Fixed, state: State, *, is_last: bool) -> Row:
        """Run a row of fixed parts, in which other principal may be booked or more prepaid.

        Where that repays the balance before the last fixed part, the plan ends with what had
        accrued of the interest still to come.
        """
        state.held = state.held_rounded = 0  # It is part of the interest that was fixed.
        principal, interest = fixed.principal, fixed.interest
        principal = self._with_early_money(
            line, state, principal, principal, interest, is_last=is_last
        )
        to_come = [
            later.fixed for later in self.lines[len(self.rows) + 1 :] if later.fixed is not None
        ]
        if is_last:
            principal = state.balance
        elif principal >= state.balance and (
            not to_come or sum([part.principal for part in to_come]) > 0
        ):
            state.is_over = True
            principal = state.balance
            interest += self.round(sum([part.interest * part.accrued for part in to_come]))
        return self._finish(line, state, principal, interest)

    def _accrue(self, line: Line, state: State, *, is_last: bool) -> tuple[Minor, Minor]:
        """Return exact and rounded interest of a row's own period, added interest included."""
        exact = self.exact_interest(line, state)
        if line.overdue_share is not None:
            exact += line.overdue_share
            state.split_exact += exact
            own = self.round(state.split_exact) - state.split_rounded
            state.split_rounded += own
        else:
            own = self._own_interest(exact, state, is_last=is_last)
        state.exact += exact
        state.rounded += own
        return exact + line.added_interest, own + line.added_interest

    def _shares_to_come(self, state: State) -> Minor:
        """Return the overdue interest that lines after the one being run would have shared."""
        for line in self.lines[len(self.rows) + 1 :]:
            state.split_exact += line.overdue_share or 0
        rest = self.round(state.split_exact) - state.split_rounded
        state.split_rounded += rest
        return rest

    def _rounds_held(self) -> bool:
        return self.terms.conventions.deferred_interest is DeferredRounding.ROUND_EACH

    def _collects(self, how: DeferredCollection) -> bool:
        return self.terms.conventions.deferred_collection is how

    def _take_part_of_held(self, line: Line, state: State, *, is_last: bool) -> Minor:
        """Take the equal part of held interest that a row collects; the last row takes the rest.

        The part is set by the first row that collects, and again after interest was held anew.
        """
        to_collect = self._held(state)
        if is_last:
            # It may lie in a month without payment, where no part is collected.
            state.held = state.held_rounded = 0
            return to_collect
        if state.held_part is None:
            collecting = [
                other for other in self.lines if not other.defers and not other.is_fee_only
            ]
            left = len(collecting) - next(k for k, other in enumerate(collecting) if other is line)
            state.held_part = self.round(Fraction(state.held) / left)
        part = min(state.held_part, to_collect)
        state.held = state.held - part if part < to_collect else 0
        state.held_rounded = state.held_rounded - part if part < to_collect else 0
        return part

    def _held(self, state: State) -> Minor:
        """Return all held interest, as the conventions round it."""
        if self._rounds_held():
            return state.held
        if self.terms.conventions.rounding_stage is RoundingStage.CUMULATIVE:
            return state.held_rounded
        return self.round(state.held)

    def _collected(self, state: State, own: Minor, exact: Minor) -> Minor:
        """Return all held interest together with a row's own, as the conventions round it."""
        stage = self.terms.conventions.rounding_stage
        if state.held and not self._rounds_held() and stage is not RoundingStage.CUMULATIVE:
            return self.round(state.held + exact)
        return self._held(state) + own

    def _own_interest(self, exact: Fraction, state: State, *, is_last: bool) -> Minor:
        stage = self.terms.conventions.rounding_stage
        is_flat = self.terms.amortization is Amortization.FLAT
        if stage is RoundingStage.CUMULATIVE or (
            is_flat and is_last and stage is not RoundingStage.DISPLAY_ONLY
        ):
            return self.round(state.exact + exact) - state.rounded
        return self.round(exact)

    def _principal(
        self, line: Line, state: State, charged: Minor, collected: Minor, *, is_last: bool
    ) -> Minor:
        """Return the planned principal of a row whose payment covers `charged` interest.

        A booked amount covers all interest that the row collects.
        """
        if not line.takes_principal and not is_last and line.booked is None:
            if line.extra_principal >= state.balance > 0:
                state.is_over = True
            return min(line.extra_principal, state.balance)
        if self.terms.amortization is Amortization.EQUAL_INSTALLMENT:
            planned = (line.payment or 0) - charged
        elif line.payment is not None:
            planned = line.payment - charged
        else:
            planned = line.principal or 0
        normal = planned if line.takes_principal else 0
        planned = self._with_early_money(line, state, planned, normal, collected, is_last=is_last)
        if not is_last and planned >= state.balance > 0:
            state.is_over = True
            return state.balance
        return planned

    def _with_early_money(
        self,
        line: Line,
        state: State,
        planned: Minor,
        normal: Minor,
        collected: Minor,
        *,
        is_last: bool,
    ) -> Minor:
        """Return the principal of a row: what it books instead, credit used up, what is prepaid.

        `normal` is the principal beyond which a booked amount is credited to the next rows.
        """
        if line.booked is not None:
            planned = without_fees(self, line, line.booked.amount) - collected
            if line.booked.excess is Excess.SKIP:
                state.credit += max(0, planned - normal)
        elif state.credit and not is_last:
            used = min(state.credit, max(0, planned))
            state.credit -= used
            planned -= used
        return planned + line.extra_principal

    def _last(
        self, line: Line, state: State, principal: Minor, interest: Minor, charged: Minor
    ) -> tuple[Minor, Minor]:
        """Return principal and interest of the last row by remainder and total-interest rules."""
        remainder = self.terms.conventions.remainder
        balloon = self.terms.balloon.minor if self.terms.balloon else 0
        if remainder is Remainder.OPEN and line.takes_principal:
            principal += balloon if line.booked is None else 0
        else:
            if remainder is Remainder.LAST_INTEREST and line.payment is not None:
                interest += line.payment + balloon - charged - state.balance
            principal = state.balance
        if self.correction is not None:
            interest = max(interest + self.correction.amount, self.correction.least)
        return principal, interest

    def _finish(
        self, line: Line, state: State, principal: Minor, interest: Minor, *, capitalised: Minor = 0
    ) -> Row:
        fees = line.fee
        if self.terms.installment_fee_rate is not None and line.closed_with is None:
            fees += percent_fee(self, line, principal + interest)
        payment = principal + interest + fees + line.carried
        state.balance -= principal
        state.asked += payment
        return Row(
            line.period.due,
            payment,
            principal,
            interest,
            fees,
            capitalised,
            state.held,
            state.balance,
            carried=line.carried,
            nominal_due=line.period.nominal_due,
        )


def round_payment(value: Fraction, rounding: Rounding, multiple: int) -> int:
    """Round a computed payment to a multiple of minor units."""
    return round_ratio(value.numerator, value.denominator * multiple, rounding) * multiple
