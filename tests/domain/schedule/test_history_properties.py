from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.succession import position_in
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DayCount,
    LevelPayment,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
    Terms,
)
from tests.domain.schedule.builders import examples
from tests.domain.schedule.test_properties import any_terms

START = date(2026, 1, 31)
DUES = [
    row.due
    for row in price(
        Terms(
            principal=CNY.money(10**6),
            annual_rate=Fraction(0),
            periods=12,
            start=START,
            first_due=date(2026, 2, 28),
            due_day=31,
        )
    ).rows
]
DAYS = st.integers(0, 330).map(lambda days: START + timedelta(days=days))
ON_DUE = st.sampled_from([due for due in DUES if due is not None])
AMOUNTS = st.integers(1, 3 * 10**5).map(CNY.money)

EVENTS_OF_ONE_PLAN = st.one_of(
    st.builds(ev.Payment, DAYS, AMOUNTS),
    st.builds(
        ev.Payment, ON_DUE, AMOUNTS, st.sampled_from([Excess.SHORTEN, Excess.LOWER, Excess.SKIP])
    ),
    st.builds(
        ev.Prepayment, st.integers(1, 11), AMOUNTS, st.sampled_from([Excess.SHORTEN, Excess.LOWER])
    ),
    st.builds(ev.RateChange, DAYS, st.integers(0, 400_000).map(lambda ppm: Fraction(ppm, 10**6))),
    st.builds(
        lambda day, length: ev.InterestPause(day, day + timedelta(days=length)),
        DAYS,
        st.integers(0, 90),
    ),
    st.builds(
        lambda due, days: ev.MoveDueDate(due, due + timedelta(days=days)),
        ON_DUE,
        st.integers(-20, 40),
    ),
    st.builds(ev.ExtendTerm, ON_DUE, st.integers(1, 12), st.booleans()),
    st.builds(ev.InterestGrace, ON_DUE, st.integers(1, 4)),
    st.builds(lambda amount, due: ev.FeeCharged(amount, due=due), AMOUNTS, DAYS),
    st.builds(
        lambda day, interest, periods, gap: ev.ReAge(
            day, interest, periods, day + timedelta(days=gap)
        ),
        DAYS,
        st.sampled_from(list(ev.ReAgeInterest)),
        st.integers(1, 24),
        st.integers(1, 60),
    ),
    st.builds(ev.ReAmortize, DAYS, st.sampled_from(list(ev.ReAmortizeInterest))),
)
PARTS = st.one_of(st.none(), st.integers(0, 5_000).map(CNY.money))
STEPS = st.lists(
    st.one_of(
        st.builds(
            Step,
            st.sampled_from(list(Treatment)),
            st.sampled_from(["interest", "fee", "arrears"]),
            PARTS,
        ),
        st.builds(Step, st.just(Treatment.WAIVE), st.just("principal"), AMOUNTS),
    ),
    max_size=4,
)


@st.composite
def restructurings(draw: st.DrawFn) -> ev.Restructuring:
    """A new plan after some steps; half of them say what becomes of every component."""
    day = draw(DAYS)
    steps = draw(STEPS)
    if draw(st.booleans()):
        last = draw(st.sampled_from([Treatment.WAIVE, Treatment.CAPITALISE, Treatment.CARRY]))
        steps = [*steps, *(Step(last, name) for name in ("interest", "fee", "arrears"))]
    terms = Terms(
        principal=CNY.money(1),
        annual_rate=Fraction(draw(st.integers(0, 240_000)), 10**6),
        periods=draw(st.integers(1, 24)),
        start=day,
        first_due=day + timedelta(days=draw(st.integers(1, 45))),
    )
    return ev.Restructuring(day, tuple(steps), terms)


EVENTS = st.one_of(
    EVENTS_OF_ONE_PLAN,
    restructurings(),
    st.builds(ev.Settlement, DAYS, st.integers(1, 10**6).map(CNY.money)),
)
TERMS = st.builds(
    Terms,
    principal=st.just(CNY.money(10**6)),
    annual_rate=st.sampled_from([Fraction(0), Fraction(12, 100), Fraction(365, 1000)]),
    periods=st.just(12),
    start=st.just(START),
    first_due=st.just(date(2026, 2, 28)),
    due_day=st.just(31),
    arrears=st.one_of(st.none(), st.integers(1, 10**5).map(CNY.money)),
    arrears_treatment=st.sampled_from(list(ArrearsTreatment)),
    amortization=st.sampled_from(
        [Amortization.EQUAL_INSTALLMENT, Amortization.EQUAL_PRINCIPAL, Amortization.FLAT]
    ),
    conventions=st.builds(
        Conventions,
        period_interest=st.sampled_from(list(PeriodInterest)),
        day_count=st.sampled_from([DayCount.ACT_365, DayCount.THIRTY_360_MONTHS, DayCount.ACT_ACT]),
        level_payment=st.sampled_from([LevelPayment.PLAIN, LevelPayment.EQUALISED]),
        level_payment_basis=st.sampled_from(
            [LevelPaymentBasis.PERIOD_FRACTIONS, LevelPaymentBasis.PERIOD_RATE]
        ),
        overdue_interest=st.sampled_from(list(OverdueInterest)),
    ),
)


def _outcome(history: History) -> Schedule | str:
    try:
        schedule = history.schedule
    except InvalidTerms as refusal:
        return refusal.field
    schedule.check()
    return schedule


@examples(1_000)
@given(TERMS, st.lists(EVENTS, max_size=5), st.randoms(use_true_random=False))
def test_any_events_give_a_sound_schedule_or_a_refusal_in_whatever_order(
    terms: Terms, events: list[ev.Event], random: Random
) -> None:
    named = [(f"e{index}", event) for index, event in enumerate(events)]
    shuffled = random.sample(named, len(named))

    outcome = _outcome(History(terms, dict(named)))

    assert _outcome(History(terms, dict(shuffled))) == outcome


@examples(1_000)
@given(TERMS, st.lists(EVENTS, max_size=3), EVENTS)
def test_cancelling_an_event_restores_the_former_schedule(
    terms: Terms, events: list[ev.Event], event: ev.Event
) -> None:
    before = History(terms, {f"e{index}": known for index, known in enumerate(events)})

    restored = before.with_event("new", event).without("new")

    assert _outcome(restored) == _outcome(before)


@examples(1_000)
@given(TERMS, st.lists(EVENTS_OF_ONE_PLAN, max_size=3), restructurings())
def test_cancelling_a_restructuring_restores_the_former_schedule_byte_for_byte(
    terms: Terms, events: list[ev.Event], restructuring: ev.Restructuring
) -> None:
    before = History(terms, {f"e{index}": known for index, known in enumerate(events)})
    changed = before.with_event("new", restructuring)

    outcome = _outcome(changed)
    restored = changed.without("new")

    assert repr(_outcome(restored)).encode() == repr(_outcome(before)).encode()
    if isinstance(outcome, Schedule):
        _check_the_steps(changed)


def _check_the_steps(history: History) -> None:
    """Nothing is lost between the old plan and the new one: forgiven, carried or principal."""
    new = next(plan for plan in history.plans if plan.restructured is not None)
    result = new.restructured
    assert result is not None
    assert new.since is not None
    old = history.plans[history.plans.index(new) - 1]
    owed = position_in(old, new.since).total
    assert owed == result.principal + result.carried + result.in_first + result.waived


@examples(1_000)
@given(any_terms())
def test_a_history_without_events_is_the_priced_plan_carried_arrears_included(
    terms: Terms,
) -> None:
    try:
        priced = price(terms)
    except InvalidTerms:
        return

    assert History(terms).schedule == priced
