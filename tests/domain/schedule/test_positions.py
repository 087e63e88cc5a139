"""What is owed on a day is one figure, whoever asks: position, payoff, payment, restructuring.

12,000.00 at 12 % over twelve months from 10 January 2026, interest by real days / 365.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.components import Step, Treatment
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import (
    Amortization,
    FixedFee,
    Grace,
    OverdueInterest,
    Terms,
)
from tests.domain.schedule.builders import DAILY, dated, yuan

TERMS = dated(
    "12000.00",
    start=date(2026, 1, 10),
    first_due=date(2026, 2, 10),
    due_day=None,
    conventions=DAILY,
)


def all_paid(history: History, rows: int) -> History:
    """Return a history in which the first rows were paid on their days."""
    paid = {
        f"row {row.number}": ev.Payment(row.due, row.payment)
        for row in history.schedule.rows[:rows]
        if row.due is not None and row.payment.minor
    }
    return History(history.terms, {**history.events, **paid})


def test_a_flat_plan_bears_interest_on_the_original_principal_inside_a_period_too() -> None:
    history = all_paid(History(TERMS.with_(amortization=Amortization.FLAT)), 9)
    day = date(2026, 11, 9)

    position = history.position(day)

    # 12,000.00 x 0.12 x 30 / 365.
    assert position.interest_accrued == yuan("118.36")
    assert position.principal == yuan("3000.00")
    assert history.payoff(day).amount == position.total.minor


def test_the_running_period_bears_interest_on_overdue_principal_where_the_contract_says_so() -> (
    None
):
    """On 5 April: 26 days on the balance after two rows, and on what these left unpaid."""
    day = date(2026, 4, 5)
    conventions = replace(DAILY, overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF)
    history = History(TERMS.with_(conventions=conventions, as_of=day))
    new = dated("1.00", start=day, first_due=date(2026, 5, 5), due_day=5)
    capitalised = ev.Restructuring(day, (Step(Treatment.CAPITALISE, "interest"),), new)

    position = history.position(day)

    assert position.interest_accrued.minor == round(1_200_000 * Fraction(12 * 26, 36_500))
    assert position.principal == yuan("12000.00")
    restructured = history.with_event("r", capitalised)
    assert restructured.schedule.total_principal == position.total


# --- fees: owed from their day, collected with a row ----------------------------------------------

CHARGED = ev.FeeCharged(yuan("100.00"), due=date(2026, 1, 15))
"""It joins the row of 10 February."""
TO_COME = FixedFee(yuan("50.00"), number=8)
AFTER = date(2026, 1, 20)
OWED = yuan("12139.45")
"""12,000.00, ten days at 12 % and the fee."""


def restructured(day: date, *components: str) -> ev.Restructuring:
    new = dated("1.00", start=day, first_due=day + timedelta(days=31), due_day=None)
    return ev.Restructuring(day, tuple(Step(Treatment.CARRY, name) for name in components), new)


def test_a_fee_is_owed_from_its_day_though_a_later_row_collects_it() -> None:
    history = History(TERMS, {"fee": CHARGED})

    before, after = history.position(date(2026, 1, 14)), history.position(AFTER)

    assert (before.fees_due, after.fees_due) == (yuan("0.00"), yuan("100.00"))
    assert after.total == OWED
    assert history.schedule.rows[0].fees == yuan("100.00")


def test_a_fee_of_the_terms_that_names_a_day_is_owed_from_it_too() -> None:
    agreed = History(TERMS.with_(fees=(FixedFee(yuan("100.00"), due=CHARGED.due),)))

    assert agreed.position(AFTER) == History(TERMS, {"fee": CHARGED}).position(AFTER)


def test_a_payment_of_the_total_pays_a_fee_that_no_row_has_collected_yet() -> None:
    history = History(TERMS, {"fee": CHARGED, "all": ev.Payment(AFTER, OWED)})

    assert history.position(date(2027, 1, 10)).total == yuan("0.00")
    assert sum(plan.received.minor for plan in history.plans) == OWED.minor
    assert history.schedule.total_fees + history.schedule.total_arrears == yuan("100.00")
    assert history.schedule.total_paid == OWED


def test_a_settlement_forgives_such_a_fee_by_name() -> None:
    settlement = ev.Settlement(AFTER, yuan("12039.45"), ("principal", "interest", "fee"))

    history = History(TERMS, {"fee": CHARGED, "s": settlement})

    settled = history.plans[-1].settlement
    assert settled is not None
    assert settled.waived["fee"] == yuan("100.00")


def test_a_restructuring_asks_what_becomes_of_such_a_fee() -> None:
    history = History(TERMS, {"fee": CHARGED})

    with pytest.raises(InvalidTerms, match="no step says what becomes of fee"):
        _ = history.with_event("r", restructured(AFTER, "interest")).schedule
    carried = history.with_event("r", restructured(AFTER, "interest", "fee")).schedule
    assert carried.total_principal + carried.total_arrears == OWED


def test_a_fee_of_an_installment_to_come_ends_with_its_plan_and_is_named() -> None:
    """Nobody owes it on that day: its installment was never reached."""
    day = date(2026, 3, 1)
    history = History(TERMS.with_(fees=(TO_COME,)))

    new = history.with_event("r", restructured(day, "interest")).plans[-1]
    settled = history.with_event("s", ev.Settlement(day, yuan("9000.00"))).plans[-1]
    paid = history.with_event("p", ev.Payment(day, history.position(day).total)).plans[-1]

    assert new.fees_ended == settled.fees_ended == paid.fees_ended == yuan("50.00")
    assert history.plans[-1].fees_ended is None


def test_a_fee_of_an_installment_to_come_is_owed_from_the_day_it_was_charged_on() -> None:
    charged = ev.FeeCharged(yuan("50.00"), number=8, day=date(2026, 2, 20))
    history = History(TERMS, {"fee": charged})

    days = [date(2026, 2, 19), date(2026, 2, 20), date(2026, 9, 10)]

    assert [history.position(day).fees_due.plain for day in days] == ["0.00", "50.00", "50.00"]
    assert history.schedule.rows[7].fees == yuan("50.00")


@pytest.mark.parametrize("first_due", [date(2026, 1, 25), date(2026, 3, 1)])
def test_a_re_age_keeps_fees_that_are_owed_and_fees_to_come(first_due: date) -> None:
    re_age = ev.ReAge(AFTER, ev.ReAgeInterest.RECALCULATED, 12, first_due)
    later = ev.FeeCharged(yuan("30.00"), due=date(2026, 2, 5))
    history = History(TERMS.with_(fees=(TO_COME,)), {"fee": CHARGED, "later": later, "a": re_age})

    assert history.schedule.total_fees == yuan("180.00")
    days = [AFTER, date(2026, 2, 4), date(2026, 2, 5)]
    fees = [history.position(day).fees_due.plain for day in days]
    assert fees == ["100.00", "100.00", "130.00"]


def test_a_longer_plan_keeps_the_day_from_which_a_fee_is_owed() -> None:
    """Charged on 1 May for 1 February 2027, after the last row of the plan."""
    charged = ev.FeeCharged(yuan("30.00"), due=date(2027, 2, 1), day=date(2026, 5, 1))
    longer = ev.ExtendTerm(date(2026, 6, 10), 3)

    history = History(TERMS, {"fee": charged, "longer": longer})

    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 15)]
    assert [history.position(day).fees_due.plain for day in days] == ["0.00", "30.00", "30.00"]
    assert history.schedule.rows[12].fees == yuan("30.00")


# --- a payoff settles, on any day -----------------------------------------------------------------

GRACED = TERMS.with_(grace=Grace(principal=3, interest=3))
SKIPPED = TERMS.with_(skip_months=frozenset({3}))


@pytest.mark.parametrize("terms", [GRACED, SKIPPED], ids=["grace", "skipped month"])
def test_a_payoff_counts_the_interest_that_is_held(terms: Terms) -> None:
    history = all_paid(History(terms), 2) if terms is SKIPPED else History(terms)
    day = date(2026, 4, 20) if terms is GRACED else date(2026, 3, 20)

    quote = history.payoff(day)

    assert history.schedule.rows[2 if terms is GRACED else 1].deferred > yuan("0.00")
    assert quote.amount == history.position(day).total.minor
    paid = history.with_event("all", ev.Payment(day, CNY.money(int(quote.amount))))
    assert paid.position(day).total == paid.position(date(2027, 1, 10)).total == yuan("0.00")


def test_a_payoff_says_what_is_due_beside_what_is_to_come() -> None:
    """On 20 March: two rows unpaid, ten days on the balance after them, a fee and arrears."""
    terms = TERMS.with_(arrears=yuan("120.00"))
    history = History(terms, {"fee": ev.FeeCharged(yuan("30.00"), due=date(2026, 3, 15))})
    day = date(2026, 3, 20)
    first, second = history.schedule.rows[:2]

    quote = history.payoff(day)

    assert quote.due == sum((row.principal + row.interest).minor for row in (first, second))
    assert quote.principal == second.balance.minor
    assert quote.interest == round(Fraction(second.balance.minor * 12 * 10, 36_500))
    assert quote.charges == 150_00
    assert quote.amount == history.position(day).total.minor


@pytest.mark.parametrize("terms", [TERMS, GRACED, TERMS.with_(amortization=Amortization.FLAT)])
def test_interest_to_the_end_of_the_period_is_that_of_the_row(terms: Terms) -> None:
    history = all_paid(History(terms), 5)
    row = history.schedule.rows[5]

    quote = history.payoff(date(2026, 6, 20), ev.InterestUntil.PERIOD_END)

    assert quote.interest == row.interest.minor
    assert quote.amount == history.schedule.rows[4].balance.minor + row.interest.minor


def test_there_is_a_payoff_after_the_last_installment_and_none_after_a_settlement() -> None:
    day = date(2027, 2, 1)
    settled = ev.Settlement(date(2026, 3, 1), yuan("9000.00"))

    quote = History(TERMS).payoff(day)

    assert quote.amount == quote.due == History(TERMS).schedule.total_paid.minor == 12_790_89
    assert History(TERMS, {"s": settled}).payoff(day).amount == 0


@pytest.mark.parametrize(
    "kind", [ev.ReAgeInterest.FULL_REMAINING, ev.ReAgeInterest.PAYABLE_TO_DATE]
)
def test_a_payoff_of_equal_parts_is_their_position(kind: ev.ReAgeInterest) -> None:
    re_age = ev.ReAge(date(2026, 4, 1), kind, 6, date(2026, 5, 1))
    history = History(TERMS, {"a": re_age})

    for day in (date(2026, 4, 1), date(2026, 4, 20), date(2026, 6, 11)):
        assert history.payoff(day).amount == history.position(day).total.minor


@pytest.mark.parametrize("days", range(1, 30))
def test_what_rounding_leaves_of_the_running_interest_repays_principal(days: int) -> None:
    # Shares of overdue interest round the interest of their rows together, so that a running
    # period may owe a unit less than it accrued. That unit stood ahead of a principal of a unit.
    re_amortized = ev.ReAmortize(date(2026, 1, 10), ev.ReAmortizeInterest.SPLIT_EQUALLY)
    terms = TERMS.with_(principal=yuan("8000.00"), annual_rate=Fraction(1, 1000))
    history = History(terms, {"r": re_amortized})
    day = date(2026, 4, 10) + timedelta(days=days)

    repaid = history.with_event("all", ev.Payment(day, history.position(day).total))

    assert repaid.position(day).total.minor == repaid.position(day).ahead.minor == 0
