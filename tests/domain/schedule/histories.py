"""Plans with events for properties: everything that can happen to one, sensible or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

from hypothesis import strategies as st

from plan_assistant.domain.calendar import HolidayRoll
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.allocation import (
    CIVIL_CODE_561,
    COST,
    FEE,
    INTEREST,
    PENALTY_INTEREST,
    PRINCIPAL,
    AllocationOrder,
    OrderByDaysPastDue,
    Scope,
)
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DayCount,
    DeferredCollection,
    DownPayment,
    FixedFee,
    Grace,
    HolidayInterest,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
    RateChangeDay,
    RateChangePayment,
    RoundingStage,
    Terms,
)
from tests.domain.schedule.invariants import assert_sound
from tests.domain.schedule.strategies import CHOICES, WEEKENDS, Choices

_Item = TypeVar("_Item")
START = date(2026, 1, 31)
PLAIN = Terms(
    principal=CNY.money(10**6),
    annual_rate=Fraction(12, 100),
    periods=12,
    start=START,
    first_due=date(2026, 2, 28),
    due_day=31,
)
DUES = tuple(row.due for row in price(PLAIN).rows if row.due is not None)
DAYS = st.integers(0, 330).map(lambda days: START + timedelta(days=days))
ON_DUE = st.sampled_from(DUES)
_GRACES = (
    Grace(),
    Grace(2),
    Grace(3, 3),
    Grace(4, 4, InterestTreatment.CAPITALISE),
)
AMOUNTS = st.integers(1, 3 * 10**5).map(CNY.money)


def _terms(choices: Choices) -> Terms:
    return PLAIN.with_(
        annual_rate=choices.among((Fraction(0), Fraction(12, 100), Fraction(365, 1000))),
        arrears_treatment=choices.among(tuple(ArrearsTreatment)),
        amortization=choices.among(
            (Amortization.EQUAL_INSTALLMENT, Amortization.EQUAL_PRINCIPAL, Amortization.FLAT)
        ),
        grace=choices.among(_GRACES),
        conventions=Conventions(
            rounding_stage=choices.among(tuple(RoundingStage)),
            deferred_collection=choices.among(tuple(DeferredCollection)),
            period_interest=choices.among(tuple(PeriodInterest)),
            day_count=choices.among(
                (DayCount.ACT_365, DayCount.THIRTY_360_MONTHS, DayCount.ACT_ACT)
            ),
            level_payment=choices.among((LevelPayment.PLAIN, LevelPayment.EQUALISED)),
            level_payment_basis=choices.among(
                (LevelPaymentBasis.PERIOD_FRACTIONS, LevelPaymentBasis.PERIOD_RATE)
            ),
            overdue_interest=choices.among(tuple(OverdueInterest)),
            rate_change_day=choices.among(tuple(RateChangeDay)),
            rate_change_payment=choices.among(tuple(RateChangePayment)),
            holiday_roll=choices.among(tuple(HolidayRoll)),
            holiday_interest=choices.among(tuple(HolidayInterest)),
        ),
        holidays=WEEKENDS,
    )


@st.composite
def serviced_terms(draw: st.DrawFn) -> Terms:
    """Return twelve months from `START`, with some arrears or none."""
    choices = draw(CHOICES)
    terms = _terms(choices)
    if choices.once_in(2):
        return terms
    return terms.with_(arrears=CNY.money(draw(st.integers(1, 10**5))))


_CARD = OrderByDaysPastDue(
    (
        AllocationOrder(90, CIVIL_CODE_561, Scope.ACCOUNT),
        AllocationOrder(None, (PRINCIPAL, INTEREST, PENALTY_INTEREST, FEE, COST), Scope.ACCOUNT),
    )
)
_LOAN = OrderByDaysPastDue((AllocationOrder(None, CIVIL_CODE_561),))


@st.composite
def owing_terms(draw: st.DrawFn) -> Terms:
    """Return such terms with everything that may be owed: fees, held interest, overdue interest."""
    choices, terms = draw(CHOICES), draw(serviced_terms())
    graced = choices.among((0, 0, 1, 3))
    fees = [FixedFee(draw(AMOUNTS), due=draw(DAYS))] if choices.once_in(4) else []
    fees += [FixedFee(draw(AMOUNTS), number=choices.among(range(1, 13)))] * choices.once_in(4)
    return terms.with_(
        as_of=draw(DAYS) if choices.once_in(2) else None,
        grace=Grace(
            principal=choices.among((graced, 0)),
            interest=graced,
            interest_treatment=choices.among(tuple(InterestTreatment)),
            interest_free=choices.among((0, 0, 2)),
        ),
        skip_months=frozenset({choices.among(range(1, 13))} if choices.once_in(4) else ()),
        fees=tuple(fees),
        down_payment=DownPayment(CNY.money(2 * 10**5), CNY.zero) if choices.once_in(4) else None,
        conventions=replace(
            terms.conventions,
            rounding_stage=choices.among((RoundingStage.EACH_PERIOD, RoundingStage.DISPLAY_ONLY)),
            deferred_collection=choices.among(tuple(DeferredCollection)),
            allocation=choices.among((None, _CARD, _LOAN)),
        ),
    )


def _agreed(draw: st.DrawFn, choices: Choices) -> date | None:
    """Return the day on which a grant was agreed, if anybody says it."""
    return draw(DAYS) if choices.once_in(2) else None


def _payment(draw: st.DrawFn, choices: Choices) -> ev.Event:
    if choices.once_in(2):
        return ev.Payment(draw(DAYS), draw(AMOUNTS))
    return _booked_payment(draw, choices)


def _booked_payment(draw: st.DrawFn, choices: Choices) -> ev.Event:
    excess = choices.among((Excess.SHORTEN, Excess.LOWER, Excess.SKIP))
    return ev.Payment(choices.among(DUES), draw(AMOUNTS), excess)


def _prepayment(draw: st.DrawFn, choices: Choices) -> ev.Event:
    number, strategy = choices.among(range(1, 12)), choices.among((Excess.SHORTEN, Excess.LOWER))
    return ev.Prepayment(number, draw(AMOUNTS), strategy, _agreed(draw, choices))


def _rate_change(draw: st.DrawFn, _choices: Choices) -> ev.Event:
    return ev.RateChange(draw(DAYS), Fraction(draw(st.integers(0, 400_000)), 10**6))


def _pause(draw: st.DrawFn, choices: Choices) -> ev.Event:
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 90)))
    return ev.InterestPause(first, last, _agreed(draw, choices))


def _move(draw: st.DrawFn, choices: Choices) -> ev.Event:
    due = choices.among(DUES)
    to = due + timedelta(days=choices.among(range(-20, 41)))
    return ev.MoveDueDate(due, to, _agreed(draw, choices))


def _extension(draw: st.DrawFn, choices: Choices) -> ev.Event:
    due, extra = choices.among(DUES), choices.among(range(1, 13))
    return ev.ExtendTerm(due, extra, choices.once_in(2), _agreed(draw, choices))


def _grace(draw: st.DrawFn, choices: Choices) -> ev.Event:
    due, periods = choices.among(DUES), choices.among(range(1, 5))
    return ev.InterestGrace(due, periods, _agreed(draw, choices))


def _fee(draw: st.DrawFn, choices: Choices) -> ev.Event:
    day = _agreed(draw, choices)
    if choices.once_in(2):
        return ev.FeeCharged(draw(AMOUNTS), number=choices.among(range(1, 13)), day=day)
    return ev.FeeCharged(draw(AMOUNTS), due=draw(DAYS), day=day)


def _re_age(draw: st.DrawFn, choices: Choices) -> ev.Event:
    day = draw(DAYS)
    first_due = day + timedelta(days=choices.among(range(1, 61)))
    periods = choices.among(range(1, 25))
    return ev.ReAge(day, choices.among(tuple(ev.ReAgeInterest)), periods, first_due)


def _re_amortization(draw: st.DrawFn, choices: Choices) -> ev.Event:
    return ev.ReAmortize(draw(DAYS), choices.among(tuple(ev.ReAmortizeInterest)))


def _restructuring(draw: st.DrawFn, choices: Choices) -> ev.Restructuring:
    """A new plan after some steps; half of them say what becomes of every component."""
    day = draw(DAYS)
    steps = [_step(draw, choices) for _ in choices.among((range(0), range(1), range(2)))]
    if choices.once_in(2):
        last = choices.among((Treatment.WAIVE, Treatment.CAPITALISE, Treatment.CARRY))
        steps += all_other(last)
    terms = Terms(
        principal=CNY.money(1),
        annual_rate=Fraction(draw(st.integers(0, 240_000)), 10**6),
        periods=choices.among(range(1, 25)),
        start=day,
        first_due=day + timedelta(days=choices.among(range(1, 46))),
    )
    return ev.Restructuring(day, tuple(steps), terms)


def all_other(treatment: Treatment) -> tuple[Step, ...]:
    """Return the steps that treat whatever is owed besides principal alike."""
    return tuple(Step(treatment, name) for name in ("interest", "fee", "arrears"))


def _step(draw: st.DrawFn, choices: Choices) -> Step:
    if choices.once_in(5):
        return Step(Treatment.WAIVE, "principal", draw(AMOUNTS))
    amount = CNY.money(draw(st.integers(0, 5_000))) if choices.once_in(2) else None
    treatment = choices.among(tuple(Treatment))
    return Step(treatment, choices.among(("interest", "fee", "arrears")), amount)


def _settlement(draw: st.DrawFn, _choices: Choices) -> ev.Event:
    return ev.Settlement(draw(DAYS), CNY.money(draw(st.integers(1, 10**6))))


_OF_ONE_PLAN = (
    _payment,
    _prepayment,
    _rate_change,
    _pause,
    _move,
    _extension,
    _grace,
    _fee,
    _re_age,
    _re_amortization,
)
_ALL = (*_OF_ONE_PLAN, _restructuring, _settlement)


@st.composite
def _event(
    draw: st.DrawFn, kinds: Sequence[Callable[[st.DrawFn, Choices], ev.Event]] = _ALL
) -> ev.Event:
    choices = draw(CHOICES)
    return choices.among(kinds)(draw, choices)


@st.composite
def restructurings(draw: st.DrawFn) -> ev.Restructuring:
    """Return a new plan for what is owed on some day."""
    return _restructuring(draw, draw(CHOICES))


EVENTS = _event()
BOOKED_PAYMENTS = _event((_booked_payment,))
EVENTS_OF_ONE_PLAN = _event(_OF_ONE_PLAN)


def reordered(items: Sequence[_Item], number: int) -> list[_Item]:
    """Return the permutation of some items that a number stands for."""
    left, order = list(items), []
    while left:
        number, index = divmod(number, len(left))
        order.append(left.pop(index))
    return order


def outcome(history: History) -> Schedule | str:
    """Return the sound schedule of a history, or the field for which it is refused."""
    try:
        schedule = history.schedule
    except InvalidTerms as refusal:
        return refusal.field
    assert_sound(schedule)
    return schedule
