"""A waterfall: levers pulled in a fixed order, each only as far as the payment is above a target.

`run` knows no program by name. Not here: the levers and targets (`levers.py`), the published
programs and what of them a case can answer (`published.py`), their files
(`policy/waterfall_file.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.offers.fixed_order import RateSteps, first_true, monthly_payment
from plan_assistant.domain.offers.levers import (
    CapitaliseArrears,
    ExtendTerm,
    ForbearPrincipal,
    Lever,
    Limit,
    ReduceFees,
    ReduceRate,
    Situation,
    Target,
    lowest_target,
    missing_figures,
)


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
        target_payment=lowest_target(targets, on, current, rounding),
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
