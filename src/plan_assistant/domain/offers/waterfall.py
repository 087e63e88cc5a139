"""A waterfall: levers pulled in a fixed order, each only as far as the payment is above a target.

The levers and targets are data; `run` knows no program by name. Not here: the published programs
and what of them a case can answer (`published.py`), their files (`policy/waterfall_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.offers.fixed_order import RateSteps, first_true, monthly_payment


class Figure(StrEnum):
    """A figure of the borrower's situation that a waterfall may ask for."""

    REMAINING_PERIODS = "remaining_periods"
    CURRENT_PAYMENT = "current_payment"
    GROSS_MONTHLY_INCOME = "gross_monthly_income"
    OTHER_HOUSING_COST = "other_housing_cost"
    PROPERTY_VALUE = "property_value"
    MODIFICATION_RATE = "modification_rate"
    ORIGINAL_PERIODS = "original_periods"
    AFFORDABLE_PAYMENT = "affordable_payment"
    MONTHLY_SURPLUS = "monthly_surplus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a waterfall starts from; None is a figure that is not known."""

    unpaid_principal: Money
    arrears: Money
    """What may be added to principal: overdue interest, advances, costs."""
    annual_rate: Fraction
    remaining_periods: int | None
    current_payment: Money | None = None
    """Without it: the level payment of the unpaid principal over the remaining periods."""
    monthly_fee: Money | None = None
    """Asked for on top of each payment; None is none."""
    gross_monthly_income: Money | None = None
    other_housing_cost: Money | None = None
    """Taxes, insurance and dues of the home, a month."""
    property_value: Money | None = None
    modification_rate: Fraction | None = None
    """The rate that the program sets for modified loans."""
    original_periods: int | None = None
    affordable_payment: Money | None = None
    monthly_surplus: Money | None = None
    days_past_due: int = 0

    def knows(self, figure: Figure) -> bool:
        """Say whether a figure is known."""
        return getattr(self, figure.value) is not None


# Targets


@dataclass(frozen=True, slots=True)
class HousingRatio:
    """The payment and the other costs of the home take at most a share of gross income."""

    ratio: Fraction
    below_days_past_due: int | None = None
    """Asked for only of debts less overdue than that; None: of all."""

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.GROSS_MONTHLY_INCOME, Figure.OTHER_HOUSING_COST)

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it; below zero where nothing does."""
        del current
        income, other = on.gross_monthly_income, on.other_housing_cost
        assert income is not None
        assert other is not None
        return income.times(self.ratio, rounding) - other


@dataclass(frozen=True, slots=True)
class PaymentCut:
    """The payment falls by a share of what it is now."""

    ratio: Fraction
    below_days_past_due: int | None = None

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from, besides the payment of today."""
        return ()

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it."""
        del on
        return current.times(1 - self.ratio, rounding)


@dataclass(frozen=True, slots=True)
class AffordablePayment:
    """The household can pay it."""

    below_days_past_due: int | None = None

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.AFFORDABLE_PAYMENT,)

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it."""
        del current, rounding
        assert on.affordable_payment is not None
        return on.affordable_payment


Target = HousingRatio | PaymentCut | AffordablePayment


# Levers


class Limit(StrEnum):
    """Which of two limits of a forbearance holds."""

    GREATER_OF = "greater_of"
    LESSER_OF = "lesser_of"


@dataclass(frozen=True, slots=True)
class CapitaliseArrears:
    """Arrears join the balance, whatever the target."""

    name = "capitalise_arrears"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """Nothing that a situation may lack."""
        return ()


@dataclass(frozen=True, slots=True)
class ReduceRate:
    """The rate falls by steps to a floor; without a step, to the floor at once."""

    step: Fraction | None
    floor: Fraction | None
    """None: the modification rate of the situation. A floor above the rate lowers nothing."""
    always: bool = False
    """All the way, whatever the target."""
    requires_ltv_at_least: Fraction | None = None
    name = "reduce_rate"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        rate = (Figure.MODIFICATION_RATE,) if self.floor is None else ()
        value = (Figure.PROPERTY_VALUE,) if self.requires_ltv_at_least is not None else ()
        return rate + value


@dataclass(frozen=True, slots=True)
class ExtendTerm:
    """The term grows by steps to a maximum; without a step, to the maximum at once."""

    step: int | None
    max_periods: int
    max_times_original: Fraction | None = None
    """The term is also at most so many times the original one."""
    always: bool = False
    name = "extend_term"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.ORIGINAL_PERIODS,) if self.max_times_original is not None else ()


@dataclass(frozen=True, slots=True)
class ReduceFees:
    """The monthly fee falls as far as needed, at most to nothing."""

    always: bool = False
    name = "reduce_fees"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """Nothing: no fee that is known is no fee."""
        return ()


@dataclass(frozen=True, slots=True)
class ForbearPrincipal:
    """A part of the balance bears no interest and is due at the end."""

    limit: Limit
    share_of_balance: Fraction
    down_to_ltv: Fraction
    requires_ltv_above: Fraction | None = None
    always: bool = False
    name = "forbear_principal"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.PROPERTY_VALUE,)


Lever = CapitaliseArrears | ReduceRate | ExtendTerm | ReduceFees | ForbearPrincipal


# Running it


@dataclass(frozen=True, slots=True)
class StepTaken:
    """Where the loan stands after a lever."""

    lever: str
    annual_rate: Fraction
    periods: int
    forbearance: Money
    payment: Money


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a waterfall ends with."""

    situation: Situation
    current_payment: Money
    target_payment: Money
    balance: Money
    annual_rate: Fraction
    periods: int
    monthly_fee: Money
    forbearance: Money
    forbearance_limit: Money | None = None
    """None where no lever of the waterfall asked for it."""
    steps: tuple[StepTaken, ...] = field(default=())

    @property
    def interest_bearing(self) -> Money:
        """The balance without the part that is forborne."""
        return self.balance - self.forbearance

    @property
    def payment(self) -> Money:
        """The level payment on what bears interest, with the monthly fee."""
        level = monthly_payment(self.interest_bearing, self.annual_rate, self.periods)
        return level + self.monthly_fee

    @property
    def is_target_met(self) -> bool:
        """Say whether the payment is at most the target."""
        return self.payment <= self.target_payment

    @property
    def payment_cut(self) -> Fraction | None:
        """The fall of the payment as a share; below zero it rises."""
        current = self.current_payment
        return (current - self.payment).share_of(current) if current else None

    @property
    def housing_ratio(self) -> Fraction | None:
        """The payment and the other costs of the home as a share of gross income, where known."""
        income = self.situation.gross_monthly_income
        other = self.situation.other_housing_cost
        return (self.payment + other).share_of(income) if income and other is not None else None


def missing_figures(
    targets: Sequence[Target], levers: Sequence[Lever], on: Situation
) -> tuple[Figure, ...]:
    """Return every figure that the waterfall needs and the situation lacks."""
    needed = [Figure.REMAINING_PERIODS]
    for target in _asked(targets, on):
        needed += target.needs
    for lever in levers:
        needed += lever.needs
    return tuple(dict.fromkeys(figure for figure in needed if not on.knows(figure)))


def _asked(targets: Sequence[Target], on: Situation) -> Iterator[Target]:
    for target in targets:
        if target.below_days_past_due is None or on.days_past_due < target.below_days_past_due:
            yield target


def run(
    targets: Sequence[Target],
    levers: Sequence[Lever],
    on: Situation,
    rounding: Rounding = Rounding.HALF_UP,
) -> Outcome:
    """Pull the levers in order until the payment is at most the lowest target.

    `rounding` is that of targets and limits; level payments are rounded half up. Raises
    InvalidTerms for a figure that is missing or makes no sense.
    """
    _check(targets, levers, on)
    assert on.remaining_periods is not None
    zero = on.unpaid_principal.currency.zero
    current = on.current_payment
    if current is None:
        level = monthly_payment(on.unpaid_principal, on.annual_rate, on.remaining_periods)
        current = level + (on.monthly_fee or zero)
    state = Outcome(
        situation=on,
        current_payment=current,
        target_payment=min(item.payment(on, current, rounding) for item in _asked(targets, on)),
        balance=on.unpaid_principal,
        annual_rate=on.annual_rate,
        periods=on.remaining_periods,
        monthly_fee=on.monthly_fee or zero,
        forbearance=zero,
    )
    for lever in levers:
        state = _pulled(lever, state, rounding)
        taken = StepTaken(
            lever.name, state.annual_rate, state.periods, state.forbearance, state.payment
        )
        state = replace(state, steps=(*state.steps, taken))
    return state


def _check(targets: Sequence[Target], levers: Sequence[Lever], on: Situation) -> None:
    for figure in missing_figures(targets, levers, on):
        raise InvalidTerms(figure.value, None, "the waterfall cannot be run without it")
    if not any(_asked(targets, on)):
        raise InvalidTerms("target", None, "a waterfall has a target for every debt")
    if on.unpaid_principal.minor <= 0:
        raise InvalidTerms("unpaid_principal", on.unpaid_principal.plain, "nothing is owed")
    if on.arrears.minor < 0:
        raise InvalidTerms("arrears", on.arrears.plain, "is below zero")
    if on.annual_rate < 0:
        raise InvalidTerms("annual_rate", on.annual_rate, "is below zero")
    if on.remaining_periods is not None and on.remaining_periods < 1:
        raise InvalidTerms("remaining_periods", on.remaining_periods, "is below one")
    for lever in levers:
        if isinstance(lever, ExtendTerm) and lever.step is not None and lever.step < 1:
            raise InvalidTerms("step", lever.step, "a term grows by a step above zero")


def _pulled(lever: Lever, state: Outcome, rounding: Rounding) -> Outcome:
    if isinstance(lever, CapitaliseArrears):
        return replace(state, balance=state.balance + state.situation.arrears)
    if isinstance(lever, ForbearPrincipal):
        return _forborne(lever, state, rounding)
    if state.is_target_met and not lever.always:
        return state
    match lever:
        case ReduceRate():
            return _at_lower_rate(lever, state)
        case ExtendTerm():
            return _extended(lever, state)
        case ReduceFees():
            above = (state.payment - state.target_payment).minor
            cut = state.monthly_fee.minor if lever.always else min(state.monthly_fee.minor, above)
            fee = state.monthly_fee - state.balance.currency.money(cut)
            return replace(state, monthly_fee=fee)


def _at_lower_rate(lever: ReduceRate, state: Outcome) -> Outcome:
    least = lever.requires_ltv_at_least
    if least is not None and not _is_ltv(state, least):
        return state
    floor = state.situation.modification_rate if lever.floor is None else lever.floor
    assert floor is not None
    if lever.step is None or lever.always:
        return replace(state, annual_rate=min(state.annual_rate, floor))
    rates = RateSteps(state.annual_rate, lever.step, floor)
    number = first_true(
        0, rates.last, lambda k: replace(state, annual_rate=rates.at(k)).is_target_met
    )
    return replace(state, annual_rate=rates.at(number))


def _extended(lever: ExtendTerm, state: Outcome) -> Outcome:
    longest = lever.max_periods
    if lever.max_times_original is not None:
        original = state.situation.original_periods
        assert original is not None
        longest = min(longest, int(original * lever.max_times_original))
    start = state.periods
    if longest <= start:
        return state
    if lever.step is None or lever.always:
        return replace(state, periods=longest)
    step = lever.step

    def after(number: int) -> Outcome:
        return replace(state, periods=min(start + number * step, longest))

    last = -(-(longest - start) // step)
    return after(first_true(0, last, lambda k: after(k).is_target_met))


def _is_ltv(state: Outcome, share: Fraction, *, above: bool = False) -> bool:
    """Say whether the balance is at least (or above) a share of the value of the home."""
    value = state.situation.property_value
    assert value is not None
    edge = value.minor * share
    return state.balance.minor > edge if above else state.balance.minor >= edge


def _forborne(lever: ForbearPrincipal, state: Outcome, rounding: Rounding) -> Outcome:
    """Forbear what is needed, at most what the limit allows; never less than before."""
    limit = _forbearance_limit(lever, state, rounding)
    state = replace(state, forbearance_limit=limit)
    is_low = lever.requires_ltv_above is not None and not _is_ltv(
        state, lever.requires_ltv_above, above=True
    )
    if is_low or (state.is_target_met and not lever.always):
        return state
    money = state.balance.currency.money

    def with_(minor: int) -> Outcome:
        return replace(state, forbearance=money(minor))

    most = max(state.forbearance.minor, min(limit.minor, state.balance.minor))
    if lever.always:
        return with_(most)
    return with_(
        first_true(state.forbearance.minor, most, lambda minor: with_(minor).is_target_met)
    )


def _forbearance_limit(lever: ForbearPrincipal, state: Outcome, rounding: Rounding) -> Money:
    value = state.situation.property_value
    assert value is not None
    by_share = state.balance.times(lever.share_of_balance, rounding)
    by_value = state.balance - value.times(lever.down_to_ltv, rounding)
    choose = max if lever.limit is Limit.GREATER_OF else min
    return max(state.balance.currency.zero, choose(by_share, by_value))
