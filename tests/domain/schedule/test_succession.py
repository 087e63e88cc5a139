"""A restructuring or a settlement as an event among others: replayed, cancelled, refused whole."""

from __future__ import annotations

import itertools
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Terms,
)
from tests.domain.schedule.builders import DAILY, dated, yuan

TERMS = dated("12000.00", "0.1", 12, conventions=DAILY)
PLAIN = History(TERMS)
DAY = date(2026, 4, 10)
NEW_TERMS = dated(
    "1.00", "0.06", 24, start=DAY, first_due=date(2026, 5, 10), due_day=10, conventions=DAILY
)
WAIVE_100 = Step(Treatment.WAIVE, "interest", yuan("100.00"))
CAPITALISE = Step(Treatment.CAPITALISE, "interest")
CARRY = Step(Treatment.CARRY, "interest")
WRITE_DOWN = Step(Treatment.WAIVE, "principal", yuan("2000.00"))


def restructuring(*steps: Step, terms: Terms = NEW_TERMS) -> ev.Restructuring:
    return ev.Restructuring(DAY, steps, terms)


def test_a_restructuring_starts_from_the_position_of_its_day_and_leaves_a_line_per_step() -> None:
    owed = PLAIN.position(DAY)
    history = PLAIN.with_event("r", restructuring(WRITE_DOWN, WAIVE_100, CAPITALISE))

    plan = history.plans[-1]

    assert plan.restructured is not None
    interest = owed.interest_due + owed.interest_accrued
    assert [line.amount for line in plan.restructured.lines] == [
        yuan("2000.00"),
        yuan("100.00"),
        interest - yuan("100.00"),
    ]
    assert history.schedule.total_principal == owed.total - yuan("2100.00")
    assert history.schedule.number_of_payments == 24
    history.schedule.check()


def test_the_position_an_independent_hand_would_restructure() -> None:
    """28 days to 28 February, 31 to 31 March, 10 more; act/365 at 10 %, rows rounded half up."""
    payment = price(TERMS).first_payment.minor
    first = round(Fraction(1_200_000 * 28, 3650))
    balance = 1_200_000 - (payment - first)
    second = round(Fraction(balance * 31, 3650))
    balance -= payment - second
    running = round(Fraction(balance * 10, 3650))

    plan = PLAIN.with_event("r", restructuring(CAPITALISE)).plans[-1]

    assert plan.restructured is not None
    assert plan.restructured.principal.minor == 1_200_000 + first + second + running


def test_payments_before_and_after_a_restructuring_meet_the_plan_of_their_day() -> None:
    before = ev.Payment(date(2026, 3, 1), yuan("500.00"))
    after = ev.Payment(date(2026, 5, 10), yuan("300.00"))
    history = History(TERMS, {"r": restructuring(CAPITALISE), "a": after, "b": before})

    old, new = history.plans

    assert (old.received, new.received) == (yuan("500.00"), yuan("300.00"))
    assert history.paid[0] == yuan("300.00")


def test_a_backdated_payment_lowers_the_principal_of_the_new_plan() -> None:
    changed = PLAIN.with_event("r", restructuring(CAPITALISE))
    backdated = changed.with_event("late", ev.Payment(date(2026, 3, 31), yuan("1000.00")))

    assert changed.schedule.total_principal - backdated.schedule.total_principal >= yuan("1000.00")
    assert backdated.without("late").schedule == changed.schedule


@pytest.mark.parametrize(
    "event",
    [
        restructuring(CAPITALISE),
        restructuring(CARRY, WRITE_DOWN),
        restructuring(Step(Treatment.ADD_TO_FIRST, "interest")),
        ev.Settlement(DAY, yuan("9000.00")),
    ],
    ids=["capitalise", "carry and write down", "add to first", "settle"],
)
def test_cancelling_returns_the_former_schedule_exactly(event: ev.Event) -> None:
    before = PLAIN.with_event("paid", ev.Payment(date(2026, 2, 28), yuan("1055.00")))

    changed = before.with_event("r", event)
    restored = changed.without("r")

    changed.schedule.check()
    assert changed.schedule != before.schedule
    assert repr(restored.schedule).encode() == repr(before.schedule).encode()
    assert restored.paid == before.paid


def test_no_order_of_entry_changes_the_plans() -> None:
    events: dict[str, ev.Event] = {
        "paid": ev.Payment(date(2026, 2, 28), yuan("1055.00")),
        "same day": ev.Payment(DAY, yuan("20.00")),
        "r": restructuring(CARRY),
        "rate": ev.RateChange(date(2026, 7, 1), Fraction(3, 100)),
        "later": ev.Payment(date(2026, 6, 10), yuan("700.00")),
        "again": ev.Restructuring(
            date(2026, 8, 10),
            (Step(Treatment.WAIVE, "arrears"), CAPITALISE),
            NEW_TERMS.with_(start=date(2026, 8, 10), first_due=date(2026, 9, 10)),
        ),
    }

    orders = itertools.islice(itertools.permutations(events.items()), 0, 720, 37)
    histories = [History(TERMS, dict(order)) for order in orders]

    assert len({repr(history.schedule) for history in histories}) == 1
    assert len({repr([plan.restructured for plan in history.plans]) for history in histories}) == 1
    assert len(histories[0].plans) == 3


def test_the_order_of_the_steps_is_data() -> None:
    with pytest.raises(InvalidTerms, match=r"of interest 0\.00 is left"):
        _ = PLAIN.with_event("r", restructuring(CAPITALISE, WAIVE_100)).schedule


def test_carried_arrears_are_paid_with_the_installments_that_carry_them() -> None:
    changed = PLAIN.with_event("r", restructuring(CARRY))
    first = changed.schedule.rows[0]

    assert first.arrears.minor > 0
    paid = changed.with_event("paid", ev.Payment(date(2026, 5, 10), first.payment))

    assert paid.schedule == changed.schedule
    assert paid.paid[0] == first.payment
    left = changed.position(DAY).arrears - first.arrears
    assert paid.position(date(2026, 5, 10)).arrears == left


def test_arrears_added_to_the_first_installment_stand_there() -> None:
    step = Step(Treatment.ADD_TO_FIRST, "interest")
    owed = PLAIN.position(DAY)

    rows = PLAIN.with_event("r", restructuring(step)).schedule.rows

    assert rows[0].arrears == owed.interest_due + owed.interest_accrued
    assert not any(row.arrears for row in rows[1:])


@pytest.mark.parametrize(
    "event",
    [
        ev.ReAge(date(2026, 6, 15), ev.ReAgeInterest.RECALCULATED, 18, date(2026, 7, 10)),
        ev.ReAmortize(date(2026, 6, 15), ev.ReAmortizeInterest.RECALCULATED),
        ev.ReAmortize(date(2026, 6, 15), ev.ReAmortizeInterest.SPLIT_EQUALLY),
        ev.ExtendTerm(date(2026, 6, 10), 6),
        ev.MoveDueDate(date(2026, 6, 10), date(2026, 6, 20)),
        ev.Prepayment(2, yuan("5000.00"), Excess.SHORTEN, date(2026, 6, 10)),
        ev.Payment(date(2026, 6, 10), yuan("3000.00"), Excess.LOWER),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_later_event_loses_carried_arrears(event: ev.Event) -> None:
    changed = PLAIN.with_event("r", restructuring(CARRY))

    after = changed.with_event("x", event).schedule

    after.check()
    assert after.total_arrears == changed.schedule.total_arrears


def test_re_amortizing_keeps_the_arrears_of_rows_that_an_early_end_left_empty() -> None:
    """Extra principal ends the plan in October; on 30 November nothing was paid."""
    events: dict[str, ev.Event] = {
        "extra": ev.Prepayment(1, yuan("3000.00"), Excess.SHORTEN),
        "new": ev.ReAmortize(date(2026, 11, 30), ev.ReAmortizeInterest.RECALCULATED),
    }

    schedule = History(TERMS.with_(arrears=yuan("120.00")), events).schedule

    schedule.check()
    assert [row.arrears for row in schedule.rows if row.arrears] == [yuan("60.00")] * 2


def test_a_plan_with_arrears_and_no_event_is_the_priced_plan() -> None:
    terms = TERMS.with_(arrears=yuan("100.00"))

    assert History(terms).schedule == price(terms)


def test_a_settlement_pays_one_row_and_names_what_is_forgiven() -> None:
    owed = PLAIN.position(DAY)
    history = PLAIN.with_event("s", ev.Settlement(DAY, yuan("9000.00")))

    settled = history.plans[-1].settlement

    assert settled is not None
    assert settled.total_waived == owed.total - yuan("9000.00")
    assert settled.waived["principal"] == settled.total_waived
    assert [row.payment for row in history.schedule.rows] == [yuan("9000.00")]
    assert history.paid == (yuan("9000.00"),)
    assert history.position(date(2026, 12, 1)).total == yuan("0.00")
    assert history.position(date(2026, 4, 9)).total > yuan("12000.00")


SETTLED = PLAIN.with_event("s", ev.Settlement(DAY, yuan("9000.00")))


@pytest.mark.parametrize(
    ("history", "event", "field"),
    [
        (PLAIN, restructuring(), "steps"),
        (PLAIN, restructuring(Step(Treatment.WAIVE, "interest", yuan("999.00"))), "steps"),
        (PLAIN, restructuring(CAPITALISE, Step(Treatment.CARRY, "principal")), "steps"),
        (PLAIN, restructuring(CAPITALISE, terms=NEW_TERMS.with_(start=date(2026, 4, 9))), "start"),
        (PLAIN, restructuring(CAPITALISE, terms=NEW_TERMS.with_(periods=0)), "periods"),
        (
            PLAIN,
            restructuring(
                CAPITALISE,
                terms=NEW_TERMS.with_(principal=Currency.of("EUR").parse("1.00")),
            ),
            "principal",
        ),
        (PLAIN, ev.Restructuring(date(2026, 1, 30), (CAPITALISE,), NEW_TERMS), "date"),
        (PLAIN, ev.Settlement(DAY, yuan("0.00")), "amount"),
        (PLAIN, ev.Settlement(DAY, yuan("99999.00")), "payment"),
        (PLAIN, ev.Settlement(DAY, Currency.of("EUR").parse("1.00")), "amount"),
        (PLAIN, ev.Settlement(DAY, yuan("1.00"), ("principal",)), "order"),
        (SETTLED, ev.Payment(date(2026, 5, 31), yuan("1.00")), "events"),
        (SETTLED, ev.Settlement(date(2026, 5, 31), yuan("1.00")), "date"),
        (PLAIN.with_event("r", restructuring(CAPITALISE)), restructuring(CARRY), "date"),
    ],
)
def test_an_impossible_one_is_refused_and_nothing_is_half_applied(
    history: History, event: ev.Event, field: str
) -> None:
    changed = history.with_event("x", event)

    with pytest.raises(InvalidTerms) as refusal:
        _ = changed.schedule

    assert refusal.value.field == field
    assert changed.without("x").schedule == history.schedule
