"""Everything that can be asked for and makes no sense: named, with its figures, nothing applied."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import Conventions, LevelPayment, Terms, TotalInterest
from tests.domain.schedule.builders import FIRST_DUE, dated, undated, yuan

EURO = Currency.of("EUR")

TERMS: dict[str, tuple[Terms, str, str]] = {
    "zero periods": (undated(periods=0), "periods", "periods = 0"),
    "beyond 1,200 periods": (undated(periods=1201), "periods", "periods = 1201"),
    "a negative principal": (
        undated().with_(principal=-yuan("1.50")),
        "principal",
        "principal = -1.50",
    ),
    "a rate of 1e999": (undated(rate="1e999"), "annual_rate", "about 10^999"),
    "a rate of minus 1e999": (undated(rate="-1e999"), "annual_rate", "not negative"),
    "a rate too long for digits": (
        undated().with_(annual_rate=Fraction(10) ** 5000),
        "annual_rate",
        "annual_rate = about 10^5000: a rate is at most",
    ),
    "a negative rate too long for digits": (
        undated().with_(annual_rate=-2 * Fraction(10) ** 5000),
        "annual_rate",
        "annual_rate = about -10^5000: a rate is not negative",
    ),
    "a rate of too many decimals for digits": (
        undated().with_(annual_rate=Fraction(1, 3 * 10**5000)),
        "annual_rate",
        "annual_rate = about 10^-5001: a rate has at most 18 decimals",
    ),
    "a rate that is not a number": (
        undated().with_(annual_rate=float("nan")),
        "annual_rate",
        "annual_rate = nan",
    ),
    "an endless rate": (undated().with_(annual_rate=float("inf")), "annual_rate", "= inf"),
    "a first due date before the start": (
        dated(first_due=date(2026, 1, 30)),
        "first_due",
        "first_due = 2026-01-30: the first due date lies after the start, 2026-01-31",
    ),
    "a payment in another currency": (
        undated(balloon=EURO.parse("5.00")),
        "balloon",
        "the plan is in CNY",
    ),
    "a total interest below that of the rows": (
        undated("12000.00").with_(
            conventions=Conventions(total_interest=TotalInterest.ARITHMETIC_SERIES)
        ),
        "total_interest",
        "total_interest = arithmetic_series: the interest of installment 12 would be below zero",
    ),
    "a payment that does not cover the interest": (
        undated("124000.00", "0.12", 12).with_(
            payment=yuan("1000.00"),
            conventions=Conventions(level_payment=LevelPayment.GIVEN),
        ),
        "payment",
        "does not cover the interest of 1240.00 in installment 1",
    ),
}


@pytest.mark.parametrize(("terms", "field", "figures"), TERMS.values(), ids=TERMS.keys())
def test_terms_are_refused_with_their_figures(terms: Terms, field: str, figures: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        price(terms)

    assert refusal.value.field == field
    assert figures in str(refusal.value)


PLAN = History(dated("12000.00", "0.1", 12)).with_event(
    "before", ev.Payment(date(2026, 2, 28), yuan("100.00"))
)
LAST = date(2027, 1, 31)
AFTER = date(2027, 2, 1)

EVENTS: dict[str, tuple[ev.Event, str, str]] = {
    "a payment before disbursement": (
        ev.Payment(date(2026, 1, 30), yuan("5.00")),
        "date",
        "date = 2026-01-30: the payment lies before the start, 2026-01-31",
    ),
    "a payment larger than the debt": (
        ev.Payment(date(2026, 3, 31), yuan("99999.00")),
        "amount",
        # The 100.00 paid are the interest of February; March bears 92.04 on what was planned.
        "amount = 99999.00: it is more than the debt of 12092.04 on 2026-03-31",
    ),
    "a booked payment larger than the debt": (
        ev.Payment(date(2026, 3, 31), yuan("99999.00"), Excess.LOWER),
        "amount",
        "amount = 99999.00: it is more than the debt of",
    ),
    "a booked payment below the interest": (
        ev.Payment(date(2026, 2, 28), yuan("0.50"), Excess.SHORTEN),
        "amount",
        "amount = 0.50: it does not cover the interest and fees of",
    ),
    "a payment of nothing": (
        ev.Payment(date(2026, 3, 31), yuan("0.00")),
        "amount",
        "amount = 0.00: an amount is above zero",
    ),
    "a negative payment": (
        ev.Payment(date(2026, 3, 31), -yuan("7.00")),
        "amount",
        "amount = -7.00",
    ),
    "a payment in another currency": (
        ev.Payment(date(2026, 3, 31), EURO.parse("7.00")),
        "amount",
        "the plan is in CNY",
    ),
    "a fee in another currency": (
        ev.FeeCharged(EURO.parse("7.00"), due=date(2026, 3, 31)),
        "amount",
        "the plan is in CNY",
    ),
    "extra principal larger than the balance": (
        ev.Prepayment(2, yuan("12000.00"), Excess.SHORTEN),
        "amount",
        "amount = 12000.00: the balance after installment 2 is ",
    ),
    "extra principal on an installment that is not there": (
        ev.Prepayment(13, yuan("1.00"), Excess.SHORTEN),
        "instalment",
        "instalment = 13: the plan has installments 1 to 12",
    ),
    "a rate change after the end": (
        ev.RateChange(AFTER, Fraction(1, 10)),
        "date",
        "date = 2027-02-01: it lies after the last installment",
    ),
    "a rate beyond all measure": (
        ev.RateChange(LAST, Fraction("1e999")),
        "annual_rate",
        "annual_rate = about 10^999: a rate is at most 100",
    ),
    "a new rate as a float": (
        ev.RateChange(LAST, 0.1),  # type: ignore[arg-type]  # what a caller without types may pass
        "annual_rate",
        "annual_rate = 0.1: a rate is an exact fraction of one",
    ),
    "a rate change before the start": (
        ev.RateChange(date.min, Fraction(1, 10)),
        "date",
        "date = 0001-01-01: it lies before the start, 2026-01-31",
    ),
    "a pause before the start": (
        ev.InterestPause(date.min, date(2026, 5, 8)),
        "date",
        "date = 0001-01-01: it lies before the start, 2026-01-31",
    ),
    "a grace before the start": (
        ev.InterestGrace(date(2025, 1, 31), 1),
        "from_due_date",
        "from_due_date = 2025-01-31: it lies before the start",
    ),
    "a grace to the end": (
        ev.InterestGrace(date(2026, 11, 30), 3),
        "interest_periods",
        "interest_periods = 3: the last installment is never in grace",
    ),
    "a grace beyond all measure": (
        ev.InterestGrace(date(2026, 5, 31), 10**6),
        "interest_periods",
        "interest_periods = 1000000: the last installment is never in grace",
    ),
    "a re-age before the start": (
        ev.ReAge(date(2020, 5, 15), ev.ReAgeInterest.RECALCULATED, 6, date(2026, 6, 30)),
        "date",
        "date = 2020-05-15: it lies before the start",
    ),
    "a re-age that begins before its day": (
        ev.ReAge(date(2026, 6, 20), ev.ReAgeInterest.RECALCULATED, 6, date(2026, 6, 16)),
        "first_due_date",
        "first_due_date = 2026-06-16: it lies before 2026-06-20",
    ),
    "a re-amortization before the start": (
        ev.ReAmortize(date(2026, 1, 30), ev.ReAmortizeInterest.RECALCULATED),
        "date",
        "date = 2026-01-30: it lies before the start",
    ),
    "an extension agreed after the end": (
        ev.ExtendTerm(LAST, 1, day=AFTER),
        "date",
        "date = 2027-02-01: it lies after the last installment, 2027-01-31",
    ),
    "extra principal before the start": (
        ev.Prepayment(2, yuan("1.00"), Excess.SHORTEN, date(2026, 1, 30)),
        "date",
        "date = 2026-01-30: it lies before the start",
    ),
    "extra principal after the end": (
        ev.Prepayment(2, yuan("1.00"), Excess.SHORTEN, AFTER),
        "date",
        "date = 2027-02-01: it lies after the last installment",
    ),
    "a pause after the end": (
        ev.InterestPause(AFTER, AFTER),
        "date",
        "date = 2027-02-01: it lies after the last installment",
    ),
    "a pause that ends before it begins": (
        ev.InterestPause(date(2026, 5, 9), date(2026, 5, 8)),
        "end_date",
        "end_date = 2026-05-08: the pause starts later, on 2026-05-09",
    ),
    "a due date that is not there": (
        ev.MoveDueDate(date(2026, 5, 1), date(2026, 5, 5)),
        "from_due_date",
        "from_due_date = 2026-05-01: no installment is due on that day",
    ),
    "a due date moved before its period": (
        ev.MoveDueDate(date(2026, 5, 31), date(2026, 4, 30)),
        "to_date",
        "to_date = 2026-04-30: it is not after the start of its period, 2026-04-30",
    ),
    "a due date moved beyond the calendar": (
        ev.MoveDueDate(date(2026, 5, 31), date(9999, 5, 31)),
        "to_date",
        "to_date = 9999-05-31: the last due date lies beyond the calendar",
    ),
    "a re-age beyond the calendar": (
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 24, date(9989, 6, 30)),
        "first_due_date",
        "first_due_date = 9989-06-30: the last due date lies beyond the calendar",
    ),
    "an extension after the end": (ev.ExtendTerm(AFTER, 1), "from_due_date", "2027-02-01"),
    "an extension by nothing": (ev.ExtendTerm(LAST, 0), "extra_periods", "extra_periods = 0"),
    "an extension beyond 1,200 periods": (
        ev.ExtendTerm(LAST, 1189),
        "extra_periods",
        "extra_periods = 1189: 1 up to 1200 installments in all",
    ),
    "a grace after the end": (ev.InterestGrace(AFTER, 1), "from_due_date", "2027-02-01"),
    "a grace of no periods": (ev.InterestGrace(LAST, 0), "interest_periods", "= 0"),
    "a re-age of no periods": (
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 0, date(2026, 6, 30)),
        "periods",
        "periods = 0",
    ),
    "a re-age beyond 1,200 periods": (
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 1201, date(2026, 6, 30)),
        "periods",
        "periods = 1201",
    ),
    "a re-age into the past": (
        ev.ReAge(date(2026, 5, 15), ev.ReAgeInterest.RECALCULATED, 6, date(2026, 4, 30)),
        "first_due_date",
        "first_due_date = 2026-04-30: it is not after 2026-04-30",
    ),
    "a re-amortization after the end": (
        ev.ReAmortize(AFTER, ev.ReAmortizeInterest.RECALCULATED),
        "date",
        "date = 2027-02-01",
    ),
    "a payoff before the start": (
        ev.Payoff(date(2026, 1, 30)),
        "date",
        "date = 2026-01-30: the payoff lies before the start, 2026-01-31",
    ),
    "a payoff after the end": (ev.Payoff(AFTER), "date", "date = 2027-02-01"),
    "a restructuring before the start": (
        ev.Restructuring(date(2026, 1, 30), (), dated()),
        "date",
        "date = 2026-01-30: the plan starts on 2026-01-31",
    ),
    "a restructuring that waives more than is owed": (
        ev.Restructuring(
            date(2026, 3, 15),
            (Step(Treatment.WAIVE, "interest", yuan("999.00")),),
            dated(start=date(2026, 3, 15), first_due=date(2026, 4, 30)),
        ),
        "steps",
        "of interest ",
    ),
    "a settlement above the debt": (
        ev.Settlement(date(2026, 3, 15), yuan("99999.00")),
        "payment",
        "payment = 99999.00: the debt is ",
    ),
}


def test_two_rates_for_one_day_are_refused_and_the_same_rate_twice_is_not() -> None:
    once = PLAN.with_event("one", ev.RateChange(LAST, Fraction(1, 10)))

    assert once.with_event("again", ev.RateChange(LAST, Fraction(1, 10))).schedule == once.schedule
    with pytest.raises(InvalidTerms, match="date = 2027-01-31: two different rates"):
        _ = once.with_event("other", ev.RateChange(LAST, Fraction(1, 5))).schedule


def test_an_extension_beyond_the_calendar_is_refused() -> None:
    century = Frequency(1200, Unit.MONTHS)
    terms = dated(periods=5, frequency=century, due_day=28, first_due=FIRST_DUE)
    extended = History(terms, {"x": ev.ExtendTerm(FIRST_DUE, 900)})

    with pytest.raises(InvalidTerms, match="extra_periods = 900: the last due date lies beyond"):
        _ = extended.schedule


@pytest.mark.parametrize(("event", "field", "figures"), EVENTS.values(), ids=EVENTS.keys())
def test_an_event_is_refused_with_its_figures_and_nothing_is_half_applied(
    event: ev.Event, field: str, figures: str
) -> None:
    before = repr(PLAN.schedule)
    changed = PLAN.with_event("x", event)

    with pytest.raises(InvalidTerms) as refusal:
        _ = changed.schedule

    assert refusal.value.field == field
    assert figures in str(refusal.value)
    assert repr(changed.without("x").schedule) == repr(PLAN.schedule) == before
