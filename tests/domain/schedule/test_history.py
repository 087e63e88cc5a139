from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
)
from tests.domain.schedule.builders import dated, yuan

DAILY = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF,
)
TERMS = dated("12000.00", "0.1", 12, conventions=DAILY)
PLAIN = History(TERMS)

EVENTS: dict[str, ev.Event] = {
    "paid": ev.Payment(date(2026, 2, 28), yuan("1055.00")),
    "late": ev.Payment(date(2026, 4, 15), yuan("900.00")),
    "rate": ev.RateChange(date(2026, 5, 10), Fraction(6, 100)),
    "pause": ev.InterestPause(date(2026, 6, 5), date(2026, 6, 25)),
    "longer": ev.ExtendTerm(date(2026, 7, 31), 3, day=date(2026, 7, 1)),
    "fee": ev.FeeCharged(yuan("25.00"), due=date(2026, 8, 2)),
}


def test_without_events_the_history_is_the_priced_plan() -> None:
    assert PLAIN.schedule == price(TERMS)


def test_the_order_of_entry_does_not_matter() -> None:
    histories = [
        History(TERMS, dict(order))
        for order in itertools.islice(itertools.permutations(EVENTS.items()), 0, 720, 37)
    ]

    schedules = {history.schedule.columns for history in histories}

    assert len(schedules) == 1
    histories[0].schedule.check()


def test_a_backdated_payment_gives_the_same_rows_as_one_entered_in_time() -> None:
    in_time = PLAIN.with_event("a", EVENTS["paid"]).with_event("b", EVENTS["late"])
    backdated = PLAIN.with_event("b", EVENTS["late"]).with_event("a", EVENTS["paid"])

    assert in_time.schedule == backdated.schedule
    assert in_time.paid == backdated.paid


@pytest.mark.parametrize(
    "restructuring",
    [
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 18, date(2026, 6, 30)),
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.FULL_REMAINING, 18, date(2026, 6, 30)),
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.PAYABLE_TO_DATE, 18, date(2026, 6, 30)),
        ev.ReAmortize(date(2026, 5, 15), ev.ReAmortizeInterest.RECALCULATED),
        ev.ReAmortize(date(2026, 5, 15), ev.ReAmortizeInterest.SPLIT_EQUALLY),
        ev.ExtendTerm(date(2026, 5, 31), 12),
        ev.MoveDueDate(date(2026, 5, 31), date(2026, 6, 10)),
    ],
    ids=lambda event: f"{type(event).__name__} {getattr(event, 'interest', '')}",
)
def test_cancelling_a_restructuring_restores_the_former_schedule(restructuring: ev.Event) -> None:
    before = PLAIN.with_event("paid", EVENTS["paid"])

    changed = before.with_event("new", restructuring)
    restored = changed.without("new")

    changed.schedule.check()
    assert changed.schedule.columns != before.schedule.columns
    assert restored.schedule == before.schedule


def test_extension_may_keep_the_payment_or_compute_it_again() -> None:
    recomputed = PLAIN.with_event("x", ev.ExtendTerm(date(2026, 7, 31), 6)).schedule
    kept = PLAIN.with_event("x", ev.ExtendTerm(date(2026, 7, 31), 6, keeps_payment=True)).schedule

    assert recomputed.last_payment < kept.regular_payment
    assert len(recomputed.rows) == 18
    assert kept.regular_payment == price(TERMS).regular_payment


@pytest.mark.parametrize(
    "kind", [ev.ReAgeInterest.FULL_REMAINING, ev.ReAgeInterest.PAYABLE_TO_DATE]
)
@pytest.mark.parametrize(
    "amortization",
    [Amortization.EQUAL_INSTALLMENT, Amortization.EQUAL_PRINCIPAL, Amortization.FLAT],
)
def test_nothing_is_asked_for_after_equal_parts_have_repaid_the_debt(
    amortization: Amortization, kind: ev.ReAgeInterest
) -> None:
    re_age = ev.ReAge(date(2026, 3, 1), kind, 3, date(2026, 4, 15))
    before = History(TERMS.with_(amortization=amortization), {"parts": re_age})

    longer = before.with_event("x", ev.ExtendTerm(date(2026, 5, 15), 2, keeps_payment=True))

    assert longer.schedule == before.schedule


def test_a_pause_makes_only_the_last_row_smaller() -> None:
    paused = PLAIN.with_event("pause", EVENTS["pause"]).schedule
    plain = price(TERMS)

    assert paused.columns.payment[:-1] == plain.columns.payment[:-1]
    assert paused.total_interest < plain.total_interest


def test_payments_fill_the_rows_in_order() -> None:
    history = PLAIN.with_event("paid", ev.Payment(date(2026, 3, 31), yuan("1500.00")))

    first, second = history.paid[:2]

    assert first == history.schedule.rows[0].payment
    assert second.minor == 150000 - first.minor


def test_a_payoff_quote_charges_interest_up_to_its_day() -> None:
    quote = PLAIN.with_event("paid", EVENTS["paid"]).payoff(date(2026, 3, 10))

    first = price(TERMS).rows[0]
    ahead = yuan("1055.00") - first.payment
    balance = (first.balance - ahead).minor
    assert quote.principal == balance
    assert quote.interest == round(Fraction(balance) * Fraction(1, 10) * Fraction(10, 365))
    assert quote.amount == quote.principal + quote.interest


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (ev.Payment(date(2026, 1, 1), yuan("10.00")), "date"),
        (ev.Payment(date(2026, 2, 28), yuan("0.00")), "amount"),
        (ev.Payment(date(2026, 2, 28), yuan("13000.00")), "amount"),
        (ev.Payment(date(2026, 3, 5), yuan("2000.00"), Excess.SHORTEN), "date"),
        (ev.Payment(date(2026, 3, 31), yuan("12001.00"), Excess.LOWER), "amount"),
        (ev.RateChange(date(2027, 5, 1), Fraction(1, 10)), "date"),
        (ev.RateChange(date(2026, 5, 1), Fraction(-1, 10)), "annual_rate"),
        (ev.InterestPause(date(2026, 5, 9), date(2026, 5, 1)), "end_date"),
        (ev.MoveDueDate(date(2026, 5, 1), date(2026, 5, 5)), "from_due_date"),
        (ev.MoveDueDate(date(2026, 5, 31), date(2026, 4, 1)), "to_date"),
        (ev.ExtendTerm(date(2026, 5, 31), 0), "extra_periods"),
        (ev.ExtendTerm(date(2027, 5, 31), 1), "from_due_date"),
        (ev.Prepayment(13, yuan("1.00"), Excess.SHORTEN), "instalment"),
        (ev.Prepayment(2, yuan("20000.00"), Excess.SHORTEN), "amount"),
        (ev.FeeCharged(yuan("1.00")), "due_date"),
        (
            ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 0, date(2026, 6, 30)),
            "periods",
        ),
        (
            ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 6, date(2026, 4, 30)),
            "first_due_date",
        ),
        (ev.ReAmortize(date(2027, 5, 15), ev.ReAmortizeInterest.RECALCULATED), "date"),
        (ev.Payoff(date(2025, 5, 15)), "date"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_impossible_event_is_refused_and_changes_nothing(event: ev.Event, field: str) -> None:
    history = PLAIN.with_event("x", event)

    with pytest.raises(InvalidTerms) as refusal:
        _ = history.schedule

    assert refusal.value.field == field
    assert history.without("x").schedule == price(TERMS)


def test_an_event_id_is_used_once() -> None:
    history = PLAIN.with_event("x", EVENTS["fee"])

    with pytest.raises(InvalidTerms):
        history.with_event("x", EVENTS["rate"])
    with pytest.raises(InvalidTerms):
        history.without("y")


def test_a_position_counts_what_is_due_and_what_has_accrued() -> None:
    position = PLAIN.position(date(2026, 4, 10))

    rows = price(TERMS).rows
    assert position.principal == yuan("12000.00")
    assert position.interest_due == rows[0].interest + rows[1].interest
    # The last ten days on the balance that the plan expects after two installments.
    assert position.interest_accrued.minor == round(Fraction(rows[1].balance.minor * 10, 3650))
    assert position.fees_due == yuan("0.00")


def test_a_position_after_a_part_payment_owes_the_rest_of_the_installment() -> None:
    history = PLAIN.with_event("part", ev.Payment(date(2026, 3, 1), yuan("500.00")))

    position = history.position(date(2026, 3, 1))

    first = history.schedule.rows[0]
    assert position.interest_due == yuan("0.00")
    assert position.principal.minor == 1_200_000 - (50_000 - first.interest.minor)
    assert (
        position.total.minor
        == 1_200_000 + first.interest.minor - 50_000 + position.interest_accrued.minor
    )


def test_a_position_is_what_a_payoff_asks_for_once_all_due_is_paid() -> None:
    history = PLAIN.with_event("paid", ev.Payment(date(2026, 2, 28), price(TERMS).first_payment))

    day = date(2026, 3, 10)

    assert history.position(day).total.minor == history.payoff(day).amount


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("day_count", list(DayCount))
def test_a_broken_period_never_bears_more_than_the_whole_one(
    day_count: DayCount, every: int
) -> None:
    """From 28 February to 29 March 30/360m counts a month and a day, the whole period a month."""
    start, first_due = date(2026, 2, 28), date(2026, 2 + every, 31)
    terms = dated("12000.00", "0.1", 4, start=start, first_due=first_due).with_(
        frequency=Frequency(every, Unit.MONTHS), conventions=Conventions(day_count=day_count)
    )
    history = History(terms)
    whole = history.schedule.rows[0].interest
    days = [start + timedelta(days=passed) for passed in range((first_due - start).days)]

    assert [day for day in days if history.payoff(day).interest > whole.minor] == []
    assert [day for day in days if history.position(day).interest_accrued > whole] == []


def test_money_ahead_lowers_the_position_by_what_it_covers() -> None:
    first = price(TERMS).first_payment
    paid = PLAIN.with_event("paid", ev.Payment(date(2026, 2, 28), first))
    ahead = paid.with_event("ahead", ev.Payment(date(2026, 3, 10), yuan("700.00")))

    day = date(2026, 3, 10)

    assert paid.position(day).total.minor - ahead.position(day).total.minor == 70_000
    assert ahead.position(day).interest_accrued == yuan("0.00")


LATER_FEE = ev.FeeCharged(yuan("500.00"), number=12)
BEYOND_PRINCIPAL = {
    "a part of a later fee": (PLAIN.with_event("fee", LATER_FEE), "12300.00"),
    "all of a later fee": (PLAIN.with_event("fee", LATER_FEE), "12592.05"),
    "all carried arrears": (History(TERMS.with_(arrears=yuan("600.00"))), "12692.05"),
}


@pytest.mark.parametrize(
    ("history", "paid"), BEYOND_PRINCIPAL.values(), ids=BEYOND_PRINCIPAL.keys()
)
def test_money_ahead_of_all_principal_earns_no_interest(history: History, paid: str) -> None:
    """The first 28 days bear 12,000 x 0.1 x 28 / 365 = 92.05; nothing bears interest after them."""
    first_due = date(2026, 2, 28)

    schedule = history.with_event("paid", ev.Payment(first_due, yuan(paid))).schedule

    assert schedule.total_interest == yuan("92.05")
    schedule.check()


def test_a_payment_beyond_the_debt_is_told_what_the_debt_is() -> None:
    with pytest.raises(InvalidTerms, match=r"more than the debt of 12092\.05 on 2026-02-28"):
        _ = PLAIN.with_event("p", ev.Payment(date(2026, 2, 28), yuan("20000.00"))).schedule


def test_a_position_lays_money_ahead_of_all_principal_on_arrears() -> None:
    history = History(TERMS.with_(arrears=yuan("600.00"))).with_event(
        "paid", ev.Payment(date(2026, 2, 28), yuan("12292.05"))
    )

    position = history.position(date(2026, 3, 15))

    assert position.principal == position.interest_accrued == yuan("0.00")
    assert position.arrears == position.total == yuan("400.00")
