"""Money received under a plan: what it fills first, what it may not exceed, and how it ends."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    DownPayment,
    FixedFee,
    PeriodInterest,
    RoundingStage,
    Terms,
)
from tests.domain.schedule.builders import dated, yuan

START = date(2025, 1, 15)
PLAIN = dated("12000.00", start=START, first_due=date(2025, 2, 15), due_day=None)
DAILY = Conventions(period_interest=PeriodInterest.DAILY, day_count=DayCount.ACT_365)
WITH_DOWN_PAYMENT = History(
    PLAIN.with_(
        conventions=DAILY,
        arrears=yuan("300.00"),
        down_payment=DownPayment(yuan("2400.00"), yuan("60.00")),
    )
)


def test_money_fills_a_down_payment_before_anything_counts_as_paid_ahead() -> None:
    paid = WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00")))

    assert paid.schedule == WITH_DOWN_PAYMENT.schedule
    assert paid.paid == (yuan("2460.00"), *[yuan("0.00")] * 12)


def test_a_down_payment_that_has_not_come_is_owed_without_interest() -> None:
    day = date(2025, 2, 10)
    before, after = (
        history.position(day)
        for history in (
            WITH_DOWN_PAYMENT,
            WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00"))),
        )
    )

    assert (before.principal, after.principal) == (yuan("12000.00"), yuan("9600.00"))
    assert (before.arrears, after.arrears) == (yuan("300.00"), yuan("240.00"))
    # 26 days on 9,600.00 at 12 %: 82.06.
    assert before.interest_accrued == after.interest_accrued == yuan("82.06")


@pytest.mark.parametrize(
    "late", [False, True], ids=["on their days", "down payment with the first"]
)
def test_paying_what_every_row_prints_repays_a_plan_with_a_down_payment(late: bool) -> None:
    rows = WITH_DOWN_PAYMENT.schedule.rows
    days = [rows[late].due, *(row.due for row in rows[1:])]
    events = {
        f"row {row.number}": ev.Payment(day, row.payment)
        for day, row in zip(days, rows, strict=True)
        if day is not None
    }

    history = History(WITH_DOWN_PAYMENT.terms, events)

    assert history.schedule == WITH_DOWN_PAYMENT.schedule
    assert history.paid == tuple(row.payment for row in rows)
    assert history.position(date(2026, 1, 15)).total == yuan("0.00")


def test_a_re_age_leaves_a_down_payment_out_of_what_was_paid_ahead() -> None:
    """The down payment came, nothing else did: the first installment closes with nothing."""
    event = ev.ReAge(date(2025, 3, 1), ev.ReAgeInterest.RECALCULATED, 6, date(2025, 4, 15))
    paid = WITH_DOWN_PAYMENT.with_event("down", ev.Payment(START, yuan("2460.00")))

    rows = paid.with_event("re-age", event).schedule.rows

    assert (rows[1].payment, rows[1].balance) == (yuan("0.00"), yuan("9600.00"))


DAY = date(2025, 2, 10)
FLAT = PLAIN.with_(amortization=Amortization.FLAT)
OWED = yuan("12104.00")
"""On 10 February, whole periods or not: 12,000.00 and 26 days of 360 at 12 %."""


@pytest.mark.parametrize("terms", [PLAIN, FLAT], ids=["level", "flat"])
@pytest.mark.parametrize("parts", [["12104.00"], ["4.00", "11000.00", "1100.00"]])
def test_paying_all_that_is_owed_on_a_day_ends_the_plan(terms: Terms, parts: list[str]) -> None:
    """A period counts as a whole: the rows would still ask for the interest of its last days."""
    before = History(terms)
    quote = before.payoff(DAY)

    events = {f"part {part}": ev.Payment(DAY, yuan(part)) for part in parts}
    history = History(terms, events)

    assert (quote.amount, before.position(DAY).total) == (OWED.minor, OWED)
    assert [history.position(day).total.minor for day in (DAY, date(2026, 1, 15))] == [0, 0]
    assert [row.due for row in history.schedule.rows] == [DAY]
    assert sum(plan.received.minor for plan in history.plans) == OWED.minor
    settlement = history.plans[-1].settlement
    assert settlement is not None
    assert settlement.total_waived == yuan("0.00")


def test_an_event_after_the_payment_that_ended_the_plan_is_refused() -> None:
    ended = History(PLAIN, {"all": ev.Payment(DAY, OWED)})

    with pytest.raises(InvalidTerms, match="the debt was settled on 2025-02-10") as refusal:
        _ = ended.with_event("more", ev.Payment(date(2025, 3, 1), yuan("1.00"))).schedule

    assert refusal.value.field == "events"


def test_a_cent_less_than_all_that_is_owed_leaves_the_plan_running() -> None:
    history = History(PLAIN, {"part": ev.Payment(DAY, yuan("12103.99"))})

    assert history.position(DAY).total == yuan("0.01")
    assert len(history.schedule.rows) == 12


@pytest.mark.parametrize("terms", [PLAIN, FLAT], ids=["level", "flat"])
@pytest.mark.parametrize("amount", ["12104.01", "13304.00"])
def test_a_payment_of_more_than_is_owed_on_its_day_is_refused(terms: Terms, amount: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        History(terms, {"too much": ev.Payment(DAY, yuan(amount))}).position(DAY)

    assert refusal.value.field == "amount"
    assert refusal.value.value == amount
    assert refusal.value.reason == "it is more than the debt of 12104.00 on 2025-02-10"


def test_all_payments_are_the_limit_where_interest_of_an_earlier_time_is_to_come() -> None:
    """A re-age laid the 120.00 of February on its first row, which a position does not count."""
    re_age = ev.ReAge(date(2025, 2, 20), ev.ReAgeInterest.RECALCULATED, 6, date(2025, 3, 15))
    history = History(PLAIN, {"re-age": re_age, "paid": ev.Payment(date(2025, 2, 21), OWED)})

    assert history.position(date(2025, 3, 15)).total > yuan("0.00")


def test_money_for_a_fee_to_come_waits_and_turns_no_component_negative() -> None:
    fee = ev.FeeCharged(yuan("500.00"), number=12)
    history = History(PLAIN, {"fee": fee, "paid": ev.Payment(DAY, OWED + yuan("200.00"))})

    position = history.position(DAY)

    assert position.total == yuan("0.00")
    assert min(position.components().values()) == yuan("0.00")
    assert position.ahead == yuan("200.00")
    with pytest.raises(InvalidTerms, match=r"by that day 200\.00 more was paid than is owed"):
        _ = history.with_event("s", ev.Settlement(DAY, yuan("1.00"))).plans


UNROUNDED = PLAIN.with_(conventions=Conventions(rounding_stage=RoundingStage.DISPLAY_ONLY))


def test_a_position_rounds_what_nothing_has_rounded_as_the_rows_do() -> None:
    """120.00 and 110.5381 of interest are due on 15 March."""
    history = History(UNROUNDED)

    position = history.position(date(2025, 3, 15))

    assert sum(row.interest.minor for row in history.schedule.rows[:2]) == 230_54
    assert position.interest_due == yuan("230.54")


def test_paying_what_every_unrounded_row_prints_repays_the_plan() -> None:
    rows = History(UNROUNDED).schedule.rows
    events = {f"{row.number}": ev.Payment(row.due or START, row.payment) for row in rows}

    history = History(UNROUNDED, events)

    assert history.paid == tuple(row.payment for row in rows)
    assert history.position(date(2026, 1, 15)).total == yuan("0.00")


FIRST_DUE = date(2025, 2, 15)
BOOKED = pytest.mark.parametrize("excess", [Excess.SHORTEN, Excess.LOWER, Excess.SKIP])


def _booked(excess: Excess, *amounts: str) -> History:
    payments = [ev.Payment(FIRST_DUE, yuan(amount), excess) for amount in amounts]
    return History(PLAIN, {f"payment {k}": payment for k, payment in enumerate(payments)})


@BOOKED
@pytest.mark.parametrize(
    "amounts",
    [("2500.00", "2500.00"), ("1000.00", "4000.00"), ("4000.00", "1000.00"), ("50.00", "4950.00")],
)
def test_an_installment_books_the_sum_of_the_payments_of_its_day(
    excess: Excess, amounts: tuple[str, ...]
) -> None:
    history = _booked(excess, *amounts)

    assert history.schedule == _booked(excess, "5000.00").schedule
    assert history.schedule.rows[0].payment == yuan("5000.00")
    assert history.paid == _booked(excess, "5000.00").paid


@BOOKED
def test_payments_of_one_day_book_no_more_than_the_debt(excess: Excess) -> None:
    """12,000.00 and 120.00 of interest are owed on the first due date."""
    assert _booked(excess, "6000.00", "6120.00").schedule.number_of_payments == 1
    with pytest.raises(InvalidTerms) as refusal:
        _ = _booked(excess, "6000.00", "6120.01").schedule

    assert refusal.value.field == "amount"


def test_an_installment_books_one_kind_of_payment() -> None:
    history = _booked(Excess.LOWER, "2500.00")
    again = ev.Payment(FIRST_DUE, yuan("2000.00"), Excess.SKIP)

    with pytest.raises(InvalidTerms, match=r"has booked 2500\.00 to lower") as refusal:
        _ = history.with_event("again", again).schedule

    assert (refusal.value.field, refusal.value.value) == ("excess", "skip")


@pytest.mark.parametrize("rate", [Fraction(13, 1000), Fraction(1, 2), Fraction(1)])
@pytest.mark.parametrize("excess", [Excess.SHORTEN, Excess.LOWER, Excess.SKIP])
@pytest.mark.parametrize("paid", ["4000.00", "4000.01", "4000.02", "3999.99"])
def test_a_percent_fee_of_every_row_comes_out_of_a_booked_amount(
    paid: str, excess: Excess, rate: Fraction
) -> None:
    """At 50 % no row asks for 4,000.01: 2,666.67 and their fee are 4,000.01, the next 4,000.02."""
    terms = PLAIN.with_(installment_fee_rate=rate, fees=(FixedFee(yuan("30.00"), number=1),))
    booked = ev.Payment(date(2025, 2, 15), yuan(paid), excess)

    schedule = History(terms, {"p": booked}).schedule

    schedule.check()
    row = schedule.rows[0]
    assert row.payment == yuan(paid)
    percent = (row.fees - yuan("30.00")).minor
    exact = rate * (row.principal + row.interest).minor
    assert exact - Fraction(1, 2) <= percent <= exact + Fraction(3, 2)


def test_a_booked_amount_covers_the_interest_and_the_percent_fee_on_it() -> None:
    """120.00 of interest and 1.56 of fee."""
    terms = PLAIN.with_(installment_fee_rate=Fraction(13, 1000))

    def book(amount: str) -> History:
        booked = ev.Payment(date(2025, 2, 15), yuan(amount), Excess.SHORTEN)
        return History(terms, {"p": booked})

    assert book("121.56").schedule.rows[0].principal == yuan("0.00")
    with pytest.raises(InvalidTerms, match=r"interest and fees of 121\.56"):
        _ = book("121.55").schedule


@pytest.mark.parametrize("excess", list(Excess))
def test_all_that_is_owed_ends_a_plan_with_percent_fees_however_it_is_paid(excess: Excess) -> None:
    terms = PLAIN.with_(installment_fee_rate=Fraction(13, 1000))
    owed = History(terms).position(date(2025, 2, 15)).total

    history = History(terms, {"p": ev.Payment(date(2025, 2, 15), owed, excess)})

    assert history.schedule.total_paid == owed
    assert history.position(date(2025, 2, 15)).total == yuan("0.00")
