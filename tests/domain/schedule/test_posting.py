"""Where the money of a plan goes when it does not cover everything: the order at each posting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.debt import Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.allocation import (
    CIVIL_CODE_561,
    INSTALLMENT_ORDER,
    AllocationOrder,
    OrderByDaysPastDue,
    Scope,
)
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Cash, Row
from plan_assistant.domain.schedule.posting import post, with_arrears
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DayCount,
    OverdueInterest,
    PeriodInterest,
    Terms,
)
from tests.domain.schedule.builders import FIRST_DUE, dated, yuan
from tests.packs import CN

CARD = CN.allocation_ahead(Product.CREDIT_CARD, 0)
PRINCIPAL_FIRST = ("principal", "interest", "penalty_interest", "fee", "cost")


def _terms(allocation: OrderByDaysPastDue | None) -> Terms:
    return dated(conventions=Conventions(allocation=allocation))


def _history(*paid: tuple[int, str], allocation: OrderByDaysPastDue = CARD) -> History:
    """Return 10,000 over 12 months at 12 %, and what was paid so many days after the first due."""
    events = {
        f"paid {k}": ev.Payment(FIRST_DUE + timedelta(days=days), yuan(amount))
        for k, (days, amount) in enumerate(paid)
    }
    return History(_terms(allocation), events)


# The rows of the first four months: 100.00 + 788.49, 92.12 + 796.37, 84.15 + 804.34,
# 76.11 + 812.38; each payment is 888.49. Due on 28 February, 31 March, 30 April, 31 May.


def test_on_day_90_past_due_a_card_payment_goes_to_interest_first() -> None:
    owed = _history((90, "500.00")).position(FIRST_DUE + timedelta(days=90))

    # 100.00 + 92.12 + 84.15 = 276.27 of interest were due, 223.73 go to principal.
    assert owed.interest_due == yuan("0.00")
    assert owed.principal == yuan("10000.00") - yuan("223.73")


def test_from_day_91_a_card_payment_goes_to_principal_first() -> None:
    owed = _history((91, "500.00")).position(FIRST_DUE + timedelta(days=91))

    assert owed.interest_due == yuan("276.27")
    assert owed.principal == yuan("10000.00") - yuan("500.00")


def test_the_order_is_chosen_anew_at_each_posting() -> None:
    """60.00 on day 90 go to interest; 700.00 on day 91 and later 100.00 to principal."""
    day = FIRST_DUE + timedelta(days=93)
    two = _history((90, "60.00"), (91, "700.00")).position(FIRST_DUE + timedelta(days=91))
    three = _history((90, "60.00"), (91, "700.00"), (93, "100.00")).position(day)

    assert two.interest_due == yuan("216.27")
    assert two.principal == yuan("9300.00")
    # 88.49 complete the principal of the first installment, 11.51 go to that of the second; a
    # fourth installment fell due on 31 May, day 92.
    assert three.principal == yuan("10000.00") - yuan("800.00")
    assert three.interest_due == yuan("276.27") + yuan("76.11") - yuan("60.00")


def test_over_all_installments_interest_of_the_last_comes_before_principal_of_the_first() -> None:
    """A loan fills its oldest installment; 300.00 on day 90 leave 176.27 of interest unpaid."""
    day = FIRST_DUE + timedelta(days=90)
    loan = CN.allocation_ahead(Product.CONSUMER_LOAN, 0)

    card, of_a_loan = (
        _history((90, "300.00"), allocation=allocation).position(day) for allocation in (CARD, loan)
    )

    assert (card.interest_due, card.principal) == (yuan("0.00"), yuan("9976.27"))
    assert (of_a_loan.interest_due, of_a_loan.principal) == (yuan("176.27"), yuan("9800.00"))


def test_from_day_91_nothing_goes_to_interest_while_principal_is_overdue() -> None:
    """2,389.20 of principal are overdue on day 91: 1,200.00 go to principal alone."""
    owed = _history((91, "1200.00")).position(FIRST_DUE + timedelta(days=91))

    assert (owed.principal, owed.interest_due) == (yuan("8800.00"), yuan("276.27"))


def test_days_past_due_count_from_the_oldest_installment_that_is_not_paid_in_full() -> None:
    """The first installment paid in full, the second is 60 days late on day 91."""
    owed = _history((0, "888.49"), (91, "50.00")).position(FIRST_DUE + timedelta(days=91))

    assert owed.interest_due == yuan("92.12") + yuan("84.15") - yuan("50.00")
    assert owed.principal == yuan("10000.00") - yuan("788.49")


def test_a_debt_past_day_90_keeps_to_principal_first_under_its_plan() -> None:
    allocation = CN.allocation_ahead(Product.CREDIT_CARD, 95)

    owed = _history((0, "500.00"), allocation=allocation).position(FIRST_DUE)

    assert [item.order for item in allocation.orders] == [PRINCIPAL_FIRST]
    assert owed.interest_due == yuan("100.00")


def test_carried_arrears_come_after_what_is_no_principal() -> None:
    assert with_arrears(CIVIL_CODE_561) == (*CIVIL_CODE_561[:-1], "arrears", "principal")
    assert with_arrears(PRINCIPAL_FIRST) == (*PRINCIPAL_FIRST, "arrears")

    terms = _terms(CARD).with_(arrears=yuan("1200.00"))
    history = History(terms, {"paid": ev.Payment(FIRST_DUE, yuan("150.00"))})
    owed = history.position(FIRST_DUE)

    # 100.00 of interest, then 50.00 of the 100.00 that the row carries.
    assert (owed.interest_due, owed.arrears) == (yuan("0.00"), yuan("1150.00"))
    assert owed.principal == yuan("10000.00")


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        ([(None, ("interest", "principal"))], "names each of cost, interest"),
        ([(None, (*CIVIL_CODE_561, "interest"))], "names each of cost, interest"),
        ([(90, CIVIL_CODE_561)], "the last order has no end"),
        ([(None, CIVIL_CODE_561), (90, PRINCIPAL_FIRST)], "the last order has no end"),
        (
            [(90, CIVIL_CODE_561), (30, PRINCIPAL_FIRST), (None, CIVIL_CODE_561)],
            "the ends in days past due rise",
        ),
        ([], "the last order has no end"),
    ],
    ids=["too few", "one twice", "an end", "an end behind", "falling", "none"],
)
def test_an_order_that_leaves_money_without_a_place_is_refused(
    orders: list[tuple[int | None, tuple[str, ...]]], sentence: str
) -> None:
    allocation = OrderByDaysPastDue(tuple(AllocationOrder(*item) for item in orders))

    with pytest.raises(InvalidTerms, match=sentence):
        price(_terms(allocation))


_AMOUNTS = st.integers(0, 50_000)


@st.composite
def _plans(draw: st.DrawFn) -> tuple[list[Row], list[Cash], date]:
    start = date(2026, 1, 1)
    rows, balance = [], 10**9
    for number in range(draw(st.integers(1, 8))):
        principal, interest, fees, penalties, carried = (draw(_AMOUNTS) for _ in range(5))
        balance -= principal
        asked = principal + interest + fees + penalties + carried
        due = start + timedelta(days=30 * number)
        rows.append(
            Row(due, asked, principal, interest, fees, 0, 0, balance, penalties, 0, carried)
        )
    days = sorted(draw(st.lists(st.integers(0, 400), max_size=8)))
    cash = [Cash(start + timedelta(days=day), draw(_AMOUNTS)) for day in days]
    return rows, cash, start + timedelta(days=draw(st.integers(0, 500)))


@given(
    _plans(),
    st.permutations(CIVIL_CODE_561),
    st.permutations(CIVIL_CODE_561),
    st.sampled_from(Scope),
    st.sampled_from(Scope),
)
def test_whatever_the_orders_nothing_is_lost_and_no_row_is_overpaid(
    plan: tuple[list[Row], list[Cash], date],
    first: list[str],
    later: list[str],
    scope: Scope,
    later_scope: Scope,
) -> None:
    rows, cash, day = plan
    orders = (
        AllocationOrder(90, tuple(first), scope),
        AllocationOrder(None, tuple(later), later_scope),
    )
    posted = post(rows, cash, day, OrderByDaysPastDue(orders))

    due = [row for row in rows if row.due is not None and row.due <= day]
    received = sum(item.amount for item in cash if item.day <= day)
    asked = sum(row.payment for row in due)
    unpaid = sum(sum(owed.values()) for owed in posted.unpaid)
    assert unpaid + received == asked + posted.ahead
    assert all(amount >= 0 for owed in posted.unpaid for amount in owed.values())
    assert not (unpaid and posted.ahead)
    if Scope.ACCOUNT in {scope, later_scope}:
        return
    # Whole rows are filled in their order, whatever happens inside one.
    open_rows = [sum(owed.values()) > 0 for owed in posted.unpaid]
    partly = [
        row.payment > sum(owed.values()) > 0 for row, owed in zip(due, posted.unpaid, strict=True)
    ]
    assert sum(partly) <= 1
    assert open_rows == sorted(open_rows)


@given(_plans())
def test_with_one_order_throughout_the_days_of_the_payments_make_no_difference(
    plan: tuple[list[Row], list[Cash], date],
) -> None:
    rows, cash, day = plan
    one = OrderByDaysPastDue((AllocationOrder(None, CIVIL_CODE_561),))

    assert with_arrears(CIVIL_CODE_561)[1:] == INSTALLMENT_ORDER
    assert post(rows, cash, day, one) == post(rows, cash, day, None)


def test_interest_on_what_is_overdue_counts_the_principal_that_the_order_left_unpaid() -> None:
    """Of 500.00 one order lays the 92.05 of interest (28 days) on interest, the other none."""
    as_of = FIRST_DUE + timedelta(days=10)
    paid = {"paid": ev.Payment(FIRST_DUE, yuan("500.00"))}
    base = Conventions(
        overdue_interest=OverdueInterest.CONTRACT_RATE_TO_AS_OF,
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
    )
    second = [
        History(dated(as_of=as_of, conventions=replace(base, allocation=allocation)), paid)
        .schedule.rows[1]
        .interest
        for allocation in (CARD, CN.allocation_ahead(Product.CREDIT_CARD, 95))
    ]

    # 92.05 more overdue for 10 days at 12 %: 0.3026 of interest.
    assert second[0] - second[1] == yuan("0.30")
