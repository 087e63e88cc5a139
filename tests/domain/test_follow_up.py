"""How payments are laid over an agreement, against arithmetic done by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_assistant.domain.approved_plan import PlanState
from plan_assistant.domain.debt import Product
from plan_assistant.domain.events import EventType
from plan_assistant.domain.follow_up import AgreedPlan, Paid, read_agreed, written_split
from plan_assistant.domain.follow_up_acts import payment_posted
from plan_assistant.domain.money import CNY
from plan_assistant.domain.payoff import Repaid, repaid
from plan_assistant.domain.record import MALFORMED
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.allocation import (
    CIVIL_CODE_561,
    AllocationOrder,
    OrderByDaysPastDue,
)
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import Conventions, Terms
from tests.builders import yuan
from tests.desks import agreement
from tests.domain.agreed_plans import TODAY, Course, agreed, paid, plain, terms_of
from tests.domain.schedule.builders import FIRST_DUE, dated
from tests.packs import CN
from tests.people import COLLECTOR

# 10,000.00 over 12 months at 12 %: 888.49 a month. The interest of the first four installments is
# 100.00, 92.12, 84.15 and 76.11, the rest of each is principal. Due on 28 February, 31 March, 30
# April, 31 May.
CARD = CN.allocation_ahead(Product.CREDIT_CARD, 0)
LOAN = OrderByDaysPastDue((AllocationOrder(None, CIVIL_CODE_561),))


def terms(allocation: OrderByDaysPastDue | None, **more: Any) -> Terms:
    return dated(conventions=Conventions(allocation=allocation), **more)


def after_first_due(days: int) -> date:
    return FIRST_DUE + timedelta(days=days)


def laid(plan: AgreedPlan, payment: Paid, *before: Paid) -> dict[int, dict[str, str]]:
    return plain(plan.split(before, payment).installments)


def test_a_card_payment_up_to_day_90_goes_to_interest_first() -> None:
    plan = agreed(terms(CARD))

    # The interest of all three that are due, then 500.00 - 276.27 of the oldest principal.
    assert laid(plan, paid(after_first_due(90), "500.00")) == {
        1: {"interest": "100.00", "principal": "223.73"},
        2: {"interest": "92.12"},
        3: {"interest": "84.15"},
    }


def test_a_card_payment_from_day_91_goes_to_principal_first() -> None:
    plan = agreed(terms(CARD))

    assert laid(plan, paid(after_first_due(91), "500.00")) == {1: {"principal": "500.00"}}


def test_a_card_payment_after_others_is_laid_over_what_they_left() -> None:
    """60.00 on day 90 go to interest; from day 91 the 788.49 of principal come first."""
    plan = agreed(terms(CARD))
    first = paid(after_first_due(90), "60.00")

    # 788.49 complete the principal of the first, 111.51 begin that of the second.
    assert laid(plan, paid(after_first_due(91), "900.00"), first) == {
        1: {"principal": "788.49"},
        2: {"principal": "111.51"},
    }


def test_a_loan_payment_goes_to_costs_interest_and_old_charges_before_principal() -> None:
    """Art. 561: interest first; 120.00 of old charges are 10.00 a month and stand before principal.

    105.00 are 100.00 of interest and 5.00 of charges; the next 10.00 are 5.00 of charges and 5.00
    of principal.
    """
    plan = agreed(terms(LOAN, arrears=yuan("120.00")))
    first = paid(after_first_due(5), "105.00")

    assert laid(plan, first) == {1: {"interest": "100.00", "arrears": "5.00"}}
    assert laid(plan, paid(after_first_due(6), "10.00"), first) == {
        1: {"arrears": "5.00", "principal": "5.00"}
    }


def test_money_before_the_first_due_date_waits_for_it() -> None:
    plan = agreed(terms(CARD))
    early = paid(FIRST_DUE - timedelta(days=1), "900.00")

    split = plan.split((), early)
    standing = plan.standing([early], FIRST_DUE)

    assert (split.installments, split.ahead) == ((), yuan("900.00"))
    # 900.00 - 888.49 = 11.51 are ahead of the second installment, which is due on 31 March.
    assert standing.next_unpaid is not None
    assert (standing.next_unpaid.number, standing.next_unpaid.amount) == (2, yuan("876.98"))
    assert (standing.next_unpaid.due, standing.days_past_due) == (date(2026, 3, 31), 0)


def test_a_payment_is_laid_over_what_came_by_its_day_only() -> None:
    """A payment of an earlier day that is entered later does not see the later one."""
    plan = agreed(terms(CARD))
    later = paid(after_first_due(95), "500.00")

    assert laid(plan, paid(after_first_due(10), "150.00"), later) == {
        1: {"interest": "100.00", "principal": "50.00"}
    }


def test_days_past_due_count_from_the_oldest_installment_that_is_not_covered() -> None:
    plan = agreed(terms(CARD))
    received = [paid(FIRST_DUE, "888.49"), paid(after_first_due(40), "500.00")]

    standing = plan.standing(received, date(2026, 5, 10))

    # Of 31 March 388.49 are missing, and the whole of 30 April; 40 days from 31 March.
    assert standing.days_past_due == 40
    assert standing.overdue == yuan("388.49") + yuan("888.49")
    assert standing.paid == yuan("1388.49")
    assert standing.owed == plan.total - yuan("1388.49")


def test_nothing_is_past_due_on_the_due_day_itself() -> None:
    standing = agreed(terms(CARD)).standing([], FIRST_DUE)

    assert (standing.days_past_due, standing.overdue) == (0, CNY.zero)


@pytest.mark.parametrize("allocation", [CARD, LOAN, None], ids=["card", "loan", "own order"])
def test_what_is_due_is_what_the_engine_says_while_no_money_is_ahead(
    allocation: OrderByDaysPastDue | None,
) -> None:
    """The same payments as events of the engine, which knows nothing of agreements."""
    received = [paid(FIRST_DUE, "888.49"), paid(after_first_due(60), "300.00")]
    day = after_first_due(70)
    history = History(
        terms(allocation),
        {str(k): ev.Payment(item.day, item.amount) for k, item in enumerate(received)},
    )
    plan = agreed(terms(allocation))

    position = history.position(day)
    due = plan.split([], Paid(day, plan.total)).installments
    unpaid_interest = sum(
        parts["interest"].minor
        for _number, parts in AgreedPlan.split(
            plan, received, Paid(day, plan.total - yuan("1188.49"))
        ).installments
        if "interest" in parts
    )

    assert len(due) == len([row for row in history.schedule.rows if row.due and row.due <= day])
    assert position.interest_due == CNY.money(unpaid_interest)


def test_rows_and_order_are_those_of_the_recorded_agreement() -> None:
    sent = agreement()

    plan = read_agreed(sent)

    assert plan.total.plain == sent["plan"]["summary"]["total"]
    assert plan.last_due.isoformat() == sent["plan"]["summary"]["last_due"]
    assert plan.start == TODAY
    assert plan.allocation is not None
    assert plan.allocation.at(0)[0] == "principal"


@pytest.mark.parametrize("spoil", [lambda it: it["rows"][3].pop(), lambda it: it["columns"].pop()])
def test_no_installment_is_left_out_because_it_cannot_be_read(
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    sent = agreement()
    spoil(sent["plan"])

    with pytest.raises(MALFORMED):
        read_agreed(sent)


def test_an_agreement_from_before_the_order_was_agreed_keeps_that_of_its_rows() -> None:
    sent = agreement()
    del sent["plan"]["terms"]["conventions"]["allocation"]

    plan = read_agreed(sent)

    # The first row is 562.50 of interest, 147.73 of old charges, 1,848.20 of principal.
    assert plan.allocation is None
    assert laid(plan, paid(date(2026, 12, 15), "700.00")) == {
        1: {"interest": "562.50", "arrears": "137.50"}
    }


@settings(max_examples=60, deadline=None)
@given(
    payments=st.lists(
        st.tuples(st.integers(0, 900), st.integers(1, 1_500_000)), min_size=1, max_size=14
    ),
    pays_the_rest=st.booleans(),
)
def test_paid_and_owed_are_the_whole_plan_whatever_comes_in_whatever_order(
    payments: list[tuple[int, int]], *, pays_the_rest: bool
) -> None:
    """Amounts and days by chance, entered in an order by chance; the last one may pay the rest."""
    course, last = Course(), TODAY + timedelta(days=901)
    for number, (days, amount) in enumerate(payments):
        (item,) = course.record.agreements
        if not item.is_in_force:
            break
        is_last = pays_the_rest and number == len(payments) - 1
        minor = item.left.minor if is_last else min(amount, item.left.minor)
        payment = Paid(TODAY + timedelta(days=days), CNY.money(minor))
        facts = payment_posted(
            course.record,
            course.named,
            COLLECTOR,
            paid=payment,
            reference=f"R{number}",
            today=last,
            read_terms=terms_of,
        )
        course.add(*facts)

    (item,) = course.record.agreements
    standing, total = item.standing(last), item.agreed.total
    early = item.early_end
    unasked = CNY.zero if early is None else early.saved - early.overpaid
    assert standing.paid + standing.owed + unasked == total
    assert sum(part.minor for part in item.components(last).values()) == standing.owed.minor
    assert all(part.minor >= 0 for part in item.components(last).values())
    assert item.misposted == ()
    for payment, split in zip(item.received, (one.split for one in item.payments), strict=True):
        assert _sum_of(split) == payment.amount.minor
    is_all_paid = standing.paid == total or early is not None
    if early is not None:
        assert repaid(terms_of(item), item.received) == Repaid(early.day, early.overpaid)
    assert (item.state is PlanState.KEPT) == is_all_paid
    assert course.kinds.count(EventType.KEPT) == (1 if is_all_paid else 0)
    assert (standing.next_unpaid is None) == is_all_paid


def _sum_of(split: object) -> int:
    assert isinstance(split, dict)
    parts = [
        CNY.parse(text).minor
        for row in split["installments"]
        for text in row["components"].values()
    ]
    return sum(parts) + CNY.parse(split["ahead"]).minor


def test_a_split_that_does_not_follow_is_found_by_the_fold() -> None:
    course = Course()
    payment = paid(date(2026, 12, 15), "700.00")
    (fact,) = payment_posted(
        course.record,
        course.named,
        COLLECTOR,
        paid=payment,
        reference="R1",
        today=date(2026, 12, 20),
        read_terms=terms_of,
    )
    wrong = written_split(agreed(terms(LOAN)).split((), paid(after_first_due(5), "700.00")))

    course.add(type(fact)(fact.type, {**fact.body, "split": wrong}))

    (item,) = course.record.agreements
    assert [one.paid for one in item.misposted] == [payment]
