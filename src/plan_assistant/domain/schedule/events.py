"""What can happen to a plan after its start.

An event belongs to the plan of its day: the one on which it was agreed or, where none is given, the
one from which it acts (`event_order.py`). Each event is data; `servicing.py` and `restructuring.py`
say what it does to the rows of a plan, `succession.py` how one plan replaces another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.components import Step
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import Terms


class InterestUntil(StrEnum):
    """Up to when a payoff charges interest."""

    DATE = "date"
    PERIOD_END = "period_end"


class ReAgeInterest(StrEnum):
    """What happens to interest when overdue installments get new due dates."""

    RECALCULATED = "recalculated"
    """A new level payment; overdue interest joins the first new row."""
    FULL_REMAINING = "full_remaining"
    """Principal and all interest of the unpaid rows of the old plan, in equal parts."""
    PAYABLE_TO_DATE = "payable_to_date"
    """Principal and the interest accrued up to the day, in equal parts."""


class ReAmortizeInterest(StrEnum):
    """What happens to overdue interest when it is spread over the remaining installments."""

    RECALCULATED = "recalculated"
    SPLIT_EQUALLY = "split_equally"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received on a day, never more than the debt of that day.

    One of all that is owed on its day (`History.position`) ends the plan.
    """

    day: date
    amount: Money
    excess: Excess = Excess.ADVANCE


@dataclass(frozen=True, slots=True)
class Prepayment:
    """Extra principal on top of an installment."""

    number: int
    amount: Money
    strategy: Excess
    """SHORTEN keeps the payment, LOWER computes it again; there is no other."""
    day: date | None = None
    """The day on which it was agreed, at the latest that of the installment; None: that one."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """A new annual rate from a day on."""

    day: date
    annual_rate: Fraction


@dataclass(frozen=True, slots=True)
class InterestPause:
    """Days, first and last included, that carry no interest (停息)."""

    first: date
    last: date
    day: date | None = None
    """The day on which it was agreed; None: `first`."""


@dataclass(frozen=True, slots=True)
class MoveDueDate:
    """The installment due on `from_due` moves to `to`, and all later ones follow."""

    from_due: date
    to: date
    day: date | None = None
    """The day on which it was agreed; None: the earlier one of the two."""


@dataclass(frozen=True, slots=True)
class ExtendTerm:
    """Installments are added at the end (展期)."""

    from_due: date
    extra_periods: int
    keeps_payment: bool = False
    """True: the payment stays and the last row takes what is left (it may come earlier)."""
    day: date | None = None
    """The day on which it was agreed; None: `from_due`."""


@dataclass(frozen=True, slots=True)
class InterestGrace:
    """Interest of some periods from the first installment due on or after `from_due` is held."""

    from_due: date
    periods: int
    day: date | None = None
    """The day on which it was agreed; None: `from_due`."""


@dataclass(frozen=True, slots=True)
class FeeCharged:
    """A fee that joins the first installment due on or after `due`, or the named installment."""

    amount: Money
    due: date | None = None
    number: int | None = None
    day: date | None = None
    """The day on which it was charged, from which it is owed; None: `due`, or else the day of the
    installment."""


@dataclass(frozen=True, slots=True)
class ReAge:
    """Installments that are due and unpaid close; the rest is repaid on new due dates."""

    day: date
    interest: ReAgeInterest
    periods: int
    first_due: date


@dataclass(frozen=True, slots=True)
class ReAmortize:
    """Installments that are due and unpaid close; the rest is repaid on the remaining due dates."""

    day: date
    interest: ReAmortizeInterest


@dataclass(frozen=True, slots=True)
class Restructuring:
    """A new plan takes the place of the old one, for what is owed on a day after some steps.

    Money received on that day still counts for the old plan, and what was granted for the old plan
    by then, a pause that would run on included, ends with it. So does what was granted without a
    day of agreement for a due date that only the old plan has; for one that both plans have it
    belongs to the plan in force on that date.
    """

    day: date
    steps: tuple[Step, ...]
    """Waive, write down, capitalise, carry, add to the first installment: in this order."""
    terms: Terms
    """Everything about the new plan but its principal and carried arrears; it starts on `day`."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payment on a day ends the debt; what it does not cover is forgiven (减免结清)."""

    day: date
    amount: Money
    order: tuple[str, ...] = ("fee", "arrears", "interest", "principal")
    """The order in which the payment covers what is owed."""


@dataclass(frozen=True, slots=True)
class Payoff:
    """A quote of golden/SCHEMA 6.12: the balance before the running period and its interest.

    It changes no row. `History.payoff` says what settles a plan in whatever position.
    """

    day: date
    until: InterestUntil = InterestUntil.DATE


Event = (
    Payment
    | Prepayment
    | RateChange
    | InterestPause
    | MoveDueDate
    | ExtendTerm
    | InterestGrace
    | FeeCharged
    | ReAge
    | ReAmortize
    | Restructuring
    | Settlement
    | Payoff
)
