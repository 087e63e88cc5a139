"""The working form of a plan: planned lines going in, exact rows coming out.

Amounts are minor units: integers, or exact fractions where the conventions round nothing
(`RoundingStage.DISPLAY_ONLY`). Not here: the arithmetic (`rows.py`, `level.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from plan_assistant.domain.schedule.periods import Period

Minor = int | Fraction
"""An amount in minor units; a Fraction only where nothing is rounded."""


class Excess(StrEnum):
    """What a payment beyond the installments due does to the plan."""

    ADVANCE = "advance"
    """The plan keeps its rows; the money counts as principal paid ahead."""
    SHORTEN = "shorten"
    LOWER = "lower"
    SKIP = "skip"
    """The excess is credited against the principal of the next rows."""


@dataclass(frozen=True, slots=True)
class Booking:
    """An amount that a row books exactly as it was paid."""

    amount: int
    excess: Excess


class Fixed(NamedTuple):
    """What a re-age fixed for a row; early money changes its principal only."""

    principal: Minor
    interest: Minor
    since: date
    """The day on which it was fixed."""
    accrued: Fraction
    """The share of the interest that had accrued by that day; the rest is for the time to come."""


class Correction(NamedTuple):
    """What the last row adds to its interest, so that a total set from outside is charged."""

    amount: Minor
    """Below zero where the rows charge more."""
    least: Minor
    """The interest that the last row charges at least."""


class OwedFee(NamedTuple):
    """A part of a row's fee that is owed from a day of its own, due with the row or not."""

    since: date
    amount: Minor
    has_fallen_due: bool = False
    """It was due with a row that was closed or dropped, or that went."""


@dataclass(slots=True)
class Line:
    """One planned installment and everything that decides its row."""

    period: Period
    bears_principal: bool = True
    collects_interest: bool = True
    """False: the interest of the period is held (or capitalised)."""
    capitalises: bool = False
    is_skipped: bool = False
    accrues: bool = True
    payment: Minor | None = None
    """Target payment of an equal-installment row."""
    is_level: bool = False
    """The payment was computed and is computed again when the plan changes."""
    principal: Minor | None = None
    """Planned principal of an equal-principal or flat row."""
    extra_principal: int = 0
    booked: Booking | None = None
    fee: Minor = 0
    owed_fees: tuple[OwedFee, ...] = ()
    """The parts of `fee` that have a day of their own, from which they are owed: fees charged on a
    day, and those of rows that were closed or dropped."""
    carried: int = 0
    """Carried arrears that this row collects; they bear no interest."""
    added_interest: Minor = 0
    """Interest of an earlier time that joins this row and bears none itself."""
    overdue_share: Fraction | None = None
    """Exact part of split overdue interest; the row's interest is then rounded cumulatively."""
    closed_with: Minor | None = None
    """The row was closed by a re-age or a re-amortization and shows only this amount, paid ahead as
    principal."""
    fixed: Fixed | None = None
    is_fee_only: bool = False
    weight: tuple[int, int] | None = None
    """Rate x fraction of the period as far as it is known; None after a change."""

    def fee_owed_on(self, day: date) -> Minor:
        """Return the part of the fee that is owed on a day even if the row is not due."""
        nothing: Minor = 0
        return sum([part.amount for part in self.owed_fees if part.since <= day], nothing)

    @property
    def defers(self) -> bool:
        """Say whether the interest of the period is held for a later row."""
        return (self.is_skipped or not self.collects_interest) and not self.capitalises

    @property
    def is_plain(self) -> bool:
        """Say whether nothing but interest and the target payment decides the row."""
        return (
            self.payment is not None
            and self.bears_principal
            and self.collects_interest
            and not self.is_skipped
            and self.closed_with is None
            and self.fixed is None
            and self.booked is None
            and self.overdue_share is None
            and not self.extra_principal
            and not self.added_interest
            and not self.fee
            and not self.carried
        )

    @property
    def is_level_row(self) -> bool:
        """Say whether the row pays the computed level payment."""
        return self.is_level and self.takes_principal and self.closed_with is None

    @property
    def takes_principal(self) -> bool:
        """Say whether principal is planned for this row."""
        return self.bears_principal and not self.is_skipped and not self.capitalises


@dataclass(slots=True)
class Row:
    """One computed row; payment = principal + interest + fees + penalties + carried."""

    due: date | None
    """The day of payment, after any holiday roll."""
    payment: Minor
    principal: Minor
    interest: Minor
    fees: Minor
    capitalised: Minor
    held: Minor
    balance: Minor
    penalties: Minor = 0
    paid: Minor = 0
    carried: int = 0
    nominal_due: date | None = None
    """The day of the grid, where it is known; arrears never count from it."""


@dataclass(frozen=True, slots=True)
class Cash:
    """Money received on a day."""

    day: date
    amount: int


@dataclass(slots=True)
class State:
    """What one row hands to the next."""

    balance: Minor
    exact: Fraction = Fraction(0)
    """Sum of the exact interest of all rows so far."""
    rounded: Minor = 0
    """Sum of the rounded own interest of all rows so far."""
    held: Minor = 0
    held_rounded: Minor = 0
    """What the held interest adds to the rounded sum; asked for where rounding is cumulative."""
    held_part: Minor | None = None
    """What each row collects of the held interest where it is collected in equal parts."""
    credit: Minor = 0
    """Principal booked in excess that the next rows may skip."""
    split_exact: Fraction = Fraction(0)
    """Sum of exact interest of rows that share overdue interest."""
    split_rounded: Minor = 0
    asked: Minor = 0
    """Sum of all payments so far."""
    is_over: bool = False
    """A row before the last one paid off the balance."""

    def after(self, balance: Minor, interest: Minor, payment: Minor) -> State:
        """Return the state after a plain row."""
        return State(
            balance,
            self.exact,
            self.rounded + interest,
            self.held,
            self.held_rounded,
            self.held_part,
            self.credit,
            self.split_exact,
            self.split_rounded,
            self.asked + payment,
        )


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """What settles a plan on a day, in minor units."""

    day: date
    principal: Minor
    """Principal that is not yet due, less what was paid ahead."""
    interest: Minor
    """Interest of the running period, of one that waits for its day of payment, and held."""
    due: Minor = 0
    """Principal and interest of installments that are due and not fully paid."""
    charges: Minor = 0
    """Fees that are owed, and carried arrears."""

    @property
    def amount(self) -> Minor:
        """Everything together."""
        return self.principal + self.interest + self.due + self.charges
