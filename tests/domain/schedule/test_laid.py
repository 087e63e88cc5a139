"""What a re-age or a re-amortization lays on rows to come is owed at once and never lost.

12,000.00 at 10 % over twelve months; on 15 May three installments are due and nothing was paid.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    FixedFee,
)
from tests.domain.schedule.builders import DAILY, dated, yuan

TERMS = dated("12000.00", "0.1", 12, conventions=DAILY)
PLAIN = History(TERMS)
DAY = date(2026, 5, 15)
OWED = yuan("12341.92")
"""12,000.00; 92.05, 101.92 and 98.63 of three months; 49.32 of 15 days of the running one."""


def _events(day: date) -> list[ev.ReAge | ev.ReAmortize]:
    first_due = date(2026, 6, 30)
    return [
        *(ev.ReAge(day, kind, 6, first_due) for kind in ev.ReAgeInterest),
        *(ev.ReAmortize(day, kind) for kind in ev.ReAmortizeInterest),
    ]


def _named(event: object) -> str:
    return f"{type(event).__name__} {getattr(event, 'interest', '')}"


EACH = pytest.mark.parametrize("event", _events(DAY), ids=_named)
PAIRS = pytest.mark.parametrize(
    ("event", "second"),
    list(itertools.product(_events(DAY), _events(date(2026, 5, 25)))),
    ids=_named,
)


@EACH
def test_overdue_interest_is_owed_from_the_day_on_which_it_is_laid_on_rows_to_come(
    event: ev.Event,
) -> None:
    assert PLAIN.with_event("new", event).position(DAY).total == OWED


@EACH
def test_the_debt_of_a_day_never_falls_while_nothing_is_paid(event: ev.Event) -> None:
    history = PLAIN.with_event("new", event)

    totals = [history.position(DAY + timedelta(days=passed)).total for passed in range(270)]

    assert totals == sorted(totals)
    assert totals[-1] == history.schedule.total_paid


@EACH
def test_a_settlement_pays_or_forgives_all_of_it(event: ev.Event) -> None:
    history = PLAIN.with_event("new", event).with_event("s", ev.Settlement(DAY, yuan("9000.00")))

    settled = history.plans[-1].settlement

    assert settled is not None
    assert settled.total_waived == OWED - yuan("9000.00")


@EACH
def test_a_restructuring_carries_all_of_it(event: ev.Event) -> None:
    new = dated("1.00", "0.06", 24, start=DAY, first_due=date(2026, 6, 15), due_day=15)
    carried = ev.Restructuring(DAY, (Step(Treatment.CARRY, "interest"),), new)

    schedule = PLAIN.with_event("new", event).with_event("r", carried).schedule

    assert schedule.total_principal + schedule.total_arrears == OWED


@EACH
def test_a_payment_of_all_that_is_owed_ends_the_plan(event: ev.Event) -> None:
    before, day = PLAIN.with_event("new", event), DAY + timedelta(days=1)
    owed = before.position(day).total

    history = before.with_event("p", ev.Payment(day, owed))

    assert history.position(date(2027, 5, 1)).total == yuan("0.00")
    assert history.schedule.total_paid == owed


@EACH
@pytest.mark.parametrize("excess", list(Excess))
def test_all_that_is_owed_on_a_due_date_ends_the_plan_however_it_is_paid(
    event: ev.Event, excess: Excess
) -> None:
    before, due = PLAIN.with_event("new", event), date(2026, 6, 30)
    owed = before.position(due).total

    history = before.with_event("p", ev.Payment(due, owed, excess))

    assert history.position(date(2027, 5, 1)).total == yuan("0.00")


@PAIRS
def test_a_second_one_keeps_what_the_first_has_laid(
    event: ev.Event, second: ev.ReAge | ev.ReAmortize
) -> None:
    """Each may be off by half a unit where it rounds equal parts."""
    once = PLAIN.with_event("new", event)

    twice = once.with_event("again", second)

    twice.schedule.check()
    lost = once.position(second.day).total - twice.position(second.day).total
    assert abs(lost.minor) <= 1


@PAIRS
def test_a_second_one_after_a_missed_installment_forgets_no_interest(
    event: ev.Event, second: ev.ReAge | ev.ReAmortize
) -> None:
    later = date(2026, 7, 10)
    moved = (
        ev.ReAge(later, second.interest, 6, date(2026, 8, 31))
        if isinstance(second, ev.ReAge)
        else ev.ReAmortize(later, second.interest)
    )
    once = PLAIN.with_event("new", event)

    twice = once.with_event("again", moved)

    twice.schedule.check()
    # Interest since then bears on all that is outstanding (SCHEMA 6.10), not on what is not due.
    more = twice.position(later).total - once.position(later).total
    assert -1 <= more.minor <= 20_00


def test_a_plan_that_ends_early_collects_the_shares_of_the_rows_after_its_end() -> None:
    """292.60 of overdue interest, 101.92 of May and 88.04 of June: 482.56."""
    history = PLAIN.with_event("new", ev.ReAmortize(DAY, ev.ReAmortizeInterest.SPLIT_EQUALLY))
    end = date(2026, 6, 30)
    left = history.schedule.rows[4].balance

    ended = history.with_event("x", ev.Prepayment(5, left, Excess.SHORTEN, end)).schedule

    ended.check()
    assert ended.total_interest == yuan("482.56")
    assert ended.total_paid == history.position(end).total


# --- fees of rows that close, go or are dropped --------------------------------------------------

ENDS_EARLY = {"extra": ev.Prepayment(1, yuan("5000.00"), Excess.SHORTEN)}
"""With extra principal the plan ends in August; it has rows until January."""
FEES = (
    FixedFee(yuan("10.00"), number=2),
    FixedFee(yuan("20.00"), number=9),
    FixedFee(yuan("40.00"), number=12),
    FixedFee(yuan("80.00"), due=date(2027, 3, 1)),
)


@pytest.mark.parametrize("event", _events(date(2026, 11, 15)), ids=_named)
def test_no_fee_vanishes_with_the_rows_that_close_or_go(event: ev.Event) -> None:
    """On 15 November the fees of March and October have fallen due, two are still to come."""
    day = date(2026, 11, 15)
    if isinstance(event, ev.ReAge):
        event = ev.ReAge(day, event.interest, 4, date(2026, 12, 15))
    before = History(TERMS.with_(fees=FEES), ENDS_EARLY)

    after = before.with_event("new", event)

    after.schedule.check()
    assert after.schedule.total_fees == yuan("150.00") == before.schedule.total_fees
    assert before.position(day).fees_due == after.position(day).fees_due == yuan("30.00")


def test_fees_of_dropped_rows_join_the_first_new_row() -> None:
    new = ev.ReAmortize(date(2026, 11, 15), ev.ReAmortizeInterest.RECALCULATED)

    rows = History(TERMS.with_(fees=FEES[:3]), {**ENDS_EARLY, "new": new}).schedule.rows

    assert [(row.due, row.fees.plain) for row in rows if row.fees] == [
        (date(2026, 3, 31), "10.00"),
        (date(2026, 11, 30), "20.00"),
        (date(2027, 1, 31), "40.00"),
    ]


def test_fees_of_dropped_rows_are_split_like_those_of_closed_ones() -> None:
    new = ev.ReAmortize(date(2026, 11, 15), ev.ReAmortizeInterest.SPLIT_EQUALLY)

    rows = History(TERMS.with_(fees=FEES[:3]), {**ENDS_EARLY, "new": new}).schedule.rows

    assert [(row.due, row.fees.plain) for row in rows if row.fees] == [
        (date(2026, 11, 30), "10.00"),
        (date(2026, 12, 31), "10.00"),
        (date(2027, 1, 31), "50.00"),
    ]


def test_a_fee_to_come_joins_the_first_new_installment_due_on_or_after_its_day() -> None:
    new = ev.ReAge(DAY, ev.ReAgeInterest.RECALCULATED, 8, date(2026, 6, 15))

    rows = History(TERMS.with_(fees=FEES), {"new": new}).schedule.rows

    assert [(row.due, row.fees.plain) for row in rows if row.fees] == [
        (date(2026, 3, 31), "10.00"),
        (date(2026, 11, 15), "20.00"),
        (date(2027, 1, 31), "40.00"),
        (date(2027, 3, 1), "80.00"),
    ]


def test_a_split_leaves_the_fees_of_rows_that_closed_before_where_they_are() -> None:
    events = {
        "first": ev.ReAmortize(DAY, ev.ReAmortizeInterest.RECALCULATED),
        "second": ev.ReAmortize(date(2026, 7, 15), ev.ReAmortizeInterest.SPLIT_EQUALLY),
    }

    schedule = History(TERMS.with_(fees=FEES[:1]), events).schedule

    assert schedule.rows[1].fees == schedule.total_fees == yuan("10.00")


def test_a_settlement_knows_the_fees_that_rows_to_come_collect() -> None:
    split = ev.ReAmortize(DAY, ev.ReAmortizeInterest.SPLIT_EQUALLY)
    history = History(TERMS.with_(fees=FEES[:1]), {"new": split})

    settled = history.with_event("s", ev.Settlement(DAY, yuan("9000.00"))).plans[-1].settlement

    assert settled is not None
    assert settled.total_waived == OWED + yuan("10.00") - yuan("9000.00")


def test_an_early_end_between_two_re_plannings_loses_no_interest_that_was_laid() -> None:
    """Row 5 repays everything to come; nothing is paid, and the rest is spread anew in October."""
    aged = ev.ReAge(DAY, ev.ReAgeInterest.PAYABLE_TO_DATE, 8, date(2026, 5, 31))
    history = History(TERMS, {"aged": aged})
    extra = ev.Prepayment(5, history.schedule.rows[4].balance, Excess.SHORTEN)
    ended = history.with_event("extra", extra)
    day = date(2026, 10, 15)

    for interest in ev.ReAmortizeInterest:
        again = ended.with_event("again", ev.ReAmortize(day, interest))
        assert again.position(day).total == ended.position(day).total


@pytest.mark.parametrize(
    "event",
    [
        ev.RateChange(date(2026, 8, 31), Fraction(1, 10)),
        ev.Prepayment(6, yuan("0.01"), Excess.LOWER),
    ],
    ids=_named,
)
def test_shares_stay_on_their_rows_when_the_level_payment_is_computed_again(
    event: ev.Event,
) -> None:
    """Neither event changes more than a cent of the level payment; 292.60 / 9 is 32.51 a row."""
    split = History(TERMS, {"new": ev.ReAmortize(DAY, ev.ReAmortizeInterest.SPLIT_EQUALLY)})
    before = [row.payment.minor for row in split.schedule.rows[3:]]

    after = [row.payment.minor for row in split.with_event("again", event).schedule.rows[3:]]

    assert after == pytest.approx(before, abs=6)
    assert after[:-1] == pytest.approx(before[:-1], abs=1)
