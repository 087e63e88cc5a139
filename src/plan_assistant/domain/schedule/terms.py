"""The terms of a plan: every parameter and every convention that decides a cent, said explicitly.

Not here: the arithmetic (`engine.py`) and who may grant what (`domain/policy`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from plan_assistant.domain.calendar import MONTHLY, Frequency, HolidayRoll, Holidays, MonthEnd
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.schedule.allocation import OrderByDaysPastDue


class Amortization(StrEnum):
    """How principal is repaid."""

    EQUAL_INSTALLMENT = "equal_installment"
    """等额本息: the same payment each period."""
    EQUAL_PRINCIPAL = "equal_principal"
    """等额本金: the same principal each period plus interest on the balance."""
    FLAT = "flat"
    """等本等息: interest always on the original principal."""
    INTEREST_ONLY = "interest_only"
    """先息后本 to the end: interest each period, principal with the last."""
    SINGLE_PAYMENT = "single_payment"
    """到期一次还本付息: everything at maturity."""


class InterestTreatment(StrEnum):
    """What happens to interest that is not collected during an interest grace."""

    DEFER = "defer"
    """Held without interest on it, collected by the first paying row."""
    CAPITALISE = "capitalise"
    """Added to the balance at each period's end."""


@dataclass(frozen=True, slots=True)
class Grace:
    """Periods at the start in which less is asked."""

    principal: int = 0
    """The first k installments carry no principal."""
    interest: int = 0
    """Interest of the first k periods is not collected; see `interest_treatment`."""
    interest_treatment: InterestTreatment = InterestTreatment.DEFER
    interest_free: int = 0
    """No interest accrues in the first k periods."""

    @property
    def free(self) -> int:
        """The first k installments ask for nothing, whatever is owed."""
        return min(self.principal, max(self.interest, self.interest_free))


@dataclass(frozen=True, slots=True)
class PaymentStep:
    """A run of installments with one payment; None is the computed level payment."""

    periods: int
    payment: Money | None


class ArrearsTreatment(StrEnum):
    """When carried arrears (old interest, penalties, fees; they bear no interest) are paid."""

    SPREAD = "spread"
    """In equal parts over all paying installments; the last takes what rounding leaves."""
    FIRST_INSTALLMENT = "first_installment"
    """On top of the first paying installment."""
    LAST_INSTALLMENT = "last_installment"


@dataclass(frozen=True, slots=True)
class DownPayment:
    """Paid on the start date as row 1, without interest; installments follow as row 2 ..."""

    principal: Money
    """The part that reduces the principal; the installments amortise the rest."""
    arrears: Money
    """The part that reduces the carried arrears."""
    share: Fraction | None = None
    """The share of the principal of which `principal` is the rounded amount, if it was asked for as
    a share; it counts where the conventions round nothing."""


@dataclass(frozen=True, slots=True)
class FixedFee:
    """A fee of a given amount.

    It joins installment `number`, or the first installment due on or after `due`; a fee after the
    last due date gets a row of its own. With neither it joins the first installment.
    """

    amount: Money
    due: date | None = None
    number: int | None = None
    """Counts installments from 1, a down payment not counted."""


class DayCount(StrEnum):
    """How days become a fraction of a year (golden/SCHEMA 3.3)."""

    ACT_365 = "act/365"
    ACT_360 = "act/360"
    ACT_ACT = "act/act"
    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30e/360"
    THIRTY_360_MONTHS = "30/360m"
    PREVIOUS_MONTH = "prev_month"


class PeriodInterest(StrEnum):
    """Whether a regular period counts as its frequency or as its real days."""

    SAME_AS_PERIOD = "same_as_period"
    DAILY = "daily"


class OddFirstPeriod(StrEnum):
    """How an irregular first period counts when `PeriodInterest.SAME_AS_PERIOD` holds."""

    REGULAR = "regular"
    DAY_COUNT = "day_count"
    ACT_360 = "act/360"
    ACT_365 = "act/365"


InterestRounding = Literal["half_up", "half_even", "down"]
"""How interest may be rounded; only a level payment may be rounded up (golden/SCHEMA 4.2)."""


class RoundingStage(StrEnum):
    """When interest is rounded."""

    EACH_PERIOD = "each_period"
    CUMULATIVE = "cumulative"
    DISPLAY_ONLY = "display_only"


class LevelPayment(StrEnum):
    """How the level payment is found."""

    NONE = "none"
    GIVEN = "given"
    PLAIN = "plain"
    EQUALISED = "equalised"


class LevelPaymentBasis(StrEnum):
    """Which recursion the level payment solves (golden/SCHEMA section 5)."""

    PERIOD_FRACTIONS = "period_fractions"
    PERIOD_RATE = "period_rate"
    THIRTY_365 = "30/365"


class Remainder(StrEnum):
    """Which cell takes what rounding leaves."""

    LAST_PAYMENT = "last_payment"
    LAST_INTEREST = "last_interest"
    OPEN = "open"


class TotalInterest(StrEnum):
    """Where the total interest comes from."""

    SUM_OF_ROWS = "sum_of_rows"
    UNROUNDED_PAYMENT = "unrounded_payment"
    ARITHMETIC_SERIES = "arithmetic_series"


class DeferredRounding(StrEnum):
    """When deferred interest is rounded."""

    ROUND_EACH = "round_each"
    ROUND_ON_COLLECTION = "round_on_collection"


class DeferredCollection(StrEnum):
    """How deferred interest is collected after the grace."""

    WITHIN_PAYMENT = "within_payment"
    ON_TOP = "on_top"
    SPREAD = "spread"
    """In equal parts over all collecting rows, on top of the level payment, without interest on it;
    the last row takes what rounding leaves. Ours: the golden format does not know it."""


class RateChangeDay(StrEnum):
    """Whether the day named by a rate change already accrues at the new rate."""

    DAY_ENDING_ON = "day_ending_on"
    """The day that ends on the date accrues at the new rate."""
    DAY_STARTING_ON = "day_starting_on"
    """The day after is the first at the new rate."""


class RateChangePayment(StrEnum):
    """What a rate change does to the level payment."""

    RECOMPUTE = "recompute"
    KEEP = "keep"


class OverdueInterest(StrEnum):
    """Whether principal that is due and unpaid bears interest."""

    NONE = "none"
    CONTRACT_RATE_TO_AS_OF = "contract_rate_to_as_of"
    """At the contract rate up to and including `Terms.as_of`; then it counts as settled."""


class HolidayInterest(StrEnum):
    """Whether a due date moved by a holiday changes the interest."""

    NOMINAL = "nominal"
    """Interest is that of the date before the move."""
    EXTRA_DAYS = "extra_days"
    """The period ends on the moved day and counts its real days; the next one starts there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The conventions of a schedule. The defaults are those of the China packs."""

    rounding: Rounding = Rounding.HALF_UP
    """For interest, equal principal parts, percent fees and shares; one of `InterestRounding`."""
    rounding_stage: RoundingStage = RoundingStage.EACH_PERIOD
    period_rate_decimals: int | None = None
    day_count: DayCount = DayCount.ACT_360
    period_interest: PeriodInterest = PeriodInterest.SAME_AS_PERIOD
    odd_first_period: OddFirstPeriod = OddFirstPeriod.DAY_COUNT
    level_payment: LevelPayment = LevelPayment.PLAIN
    level_payment_basis: LevelPaymentBasis = LevelPaymentBasis.PERIOD_RATE
    payment_rounding: Rounding = Rounding.HALF_UP
    remainder: Remainder = Remainder.LAST_PAYMENT
    total_interest: TotalInterest = TotalInterest.SUM_OF_ROWS
    deferred_interest: DeferredRounding = DeferredRounding.ROUND_EACH
    deferred_collection: DeferredCollection = DeferredCollection.WITHIN_PAYMENT
    month_end: MonthEnd = MonthEnd.CLAMP
    holiday_roll: HolidayRoll = HolidayRoll.NONE
    """Moves the day of payment; `holiday_interest` says whether the interest follows."""
    holiday_interest: HolidayInterest = HolidayInterest.NOMINAL
    rate_change_day: RateChangeDay = RateChangeDay.DAY_ENDING_ON
    rate_change_payment: RateChangePayment = RateChangePayment.RECOMPUTE
    overdue_interest: OverdueInterest = OverdueInterest.NONE
    allocation: OrderByDaysPastDue | None = None
    """The order in which money fills an installment, by days past due at each posting; None: the
    order of its own figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The parameters of a plan. `price(terms)` makes the schedule that follows from them.

    Amounts are Money of one currency, rates exact fractions of one (7 % is Fraction(7, 100)).
    """

    principal: Money
    """The interest-bearing amount owed at the start."""
    annual_rate: Fraction
    periods: int
    """Installments, rows of a grace included, a down payment not."""
    start: date | None
    """The day from which interest runs; None for an undated calculation."""
    first_due: date | None
    due_day: int | None = None
    """Nominal day of the month of all installments; None: the day of `first_due`."""
    frequency: Frequency = MONTHLY
    amortization: Amortization = Amortization.EQUAL_INSTALLMENT
    grace: Grace = field(default_factory=Grace)
    payment: Money | None = None
    payment_steps: tuple[PaymentStep, ...] = ()
    principal_payment: Money | None = None
    balloon: Money | None = None
    down_payment: DownPayment | None = None
    fees: tuple[FixedFee, ...] = ()
    installment_fee_rate: Fraction | None = None
    """Percent fee of every row: rate x (principal + interest), rounded."""
    skip_months: frozenset[int] = frozenset()
    payment_multiple_of: Money | None = None
    arrears: Money | None = None
    """Amounts already owed that bear no interest in the plan; None is none."""
    arrears_treatment: ArrearsTreatment = ArrearsTreatment.SPREAD
    as_of: date | None = None
    """The day on which arrears of this plan are judged; used by `OverdueInterest`."""
    conventions: Conventions = field(default_factory=Conventions)
    holidays: Holidays | None = None
    """Needed where `conventions.holiday_roll` moves dates."""

    def with_(self, **changes: object) -> Terms:
        """Return these terms with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses.replace checks the names
