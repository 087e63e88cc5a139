"""One payment for several debts: shared to the cent, by every method, in every month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_assistant.domain.calendar import HolidayRoll
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.offers.joint import Joint, JointDebt, JointGap, Method, share
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms
from tests.builders import TODAY, components, debt, yuan
from tests.packs import CN

FIRST = date(2026, 12, 15)


def joint_debt(
    name: str,
    principal: str,
    rate: str = "0",
    *,
    arrears: str = "0.00",
    longest: int = 60,
    shortest: int = 1,
    days_past_due: int = 97,
    oldest: int | None = None,
    guarantor: bool = False,
    start: date = date(2026, 11, 15),
) -> JointDebt:
    owed = debt(
        debt_id=name,
        owed=components(principal, arrears, fee="0.00"),
        rate=rate,
        days_past_due=oldest or days_past_due,
        has_guarantor=guarantor,
    )
    return JointDebt(owed, _terms(owed, start), shortest, longest)


def _terms(owed: Debt, start: date) -> Terms:
    return Terms(
        principal=owed.components.principal,
        annual_rate=owed.annual_rate,
        periods=12,
        start=start,
        first_due=FIRST,
        arrears=owed.components.non_principal or None,
        conventions=replace(CN.schedule.conventions, holiday_roll=HolidayRoll.NONE),
    )


def shared(
    debts: list[JointDebt], amount: str, method: Method, flows_on: bool | None = None
) -> Joint:
    found = share(debts, yuan(amount), method, today=TODAY, flows_on=flows_on)
    assert isinstance(found, Joint), found
    return found


def parts(found: Joint) -> list[tuple[str, ...]]:
    return [tuple(part.plain for part in month.parts) for month in found.months]


def test_the_first_debt_is_repaid_while_the_next_receives_its_least() -> None:
    # 300 over 60 months is 5 a month; 95 are free for A: 4 x 95 = 380, but 300 level over 4 is 75.
    debts = [joint_debt("A", "300.00", "0"), joint_debt("B", "300.00", "0", days_past_due=0)]

    found = shared(debts, "100.00", Method.ORDER)

    # B takes what A does not need, then all of it.
    assert parts(found) == [
        ("75.00", "25.00"),
        ("75.00", "25.00"),
        ("75.00", "25.00"),
        ("75.00", "25.00"),
        ("0.00", "100.00"),
        ("0.00", "100.00"),
    ]


def test_without_flowing_on_the_payment_falls_when_a_debt_is_repaid() -> None:
    debts = [joint_debt("A", "300.00"), joint_debt("B", "300.00", days_past_due=0)]

    found = shared(debts, "100.00", Method.ORDER, flows_on=False)

    assert [month.payment.plain for month in found.months] == ["100.00"] * 4 + ["25.00"] * 8


def test_by_rate_the_dearest_debt_is_served_first() -> None:
    debts = [joint_debt("A", "6000.00", "0.06"), joint_debt("B", "6000.00", "0.24")]

    by_rate, by_order = (shared(debts, "900.00", method) for method in (Method.RATE, Method.EQUAL))

    ends = {str(plan.debt.debt_id): len(plan.schedule.due) for plan in by_rate.plans}
    assert ends["B"] < ends["A"]
    assert by_rate.total < by_order.total


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"days_past_due": 30}, {"days_past_due": 0, "rate": "0.30"}),
        ({"guarantor": False}, {"guarantor": True, "rate": "0.30"}),
        ({"rate": "0.30"}, {"rate": "0.10", "oldest": 300}),
        ({"oldest": 300}, {"oldest": 90}),
    ],
    ids=["what is due", "the least secured", "the heaviest burden", "the earliest due"],
)
def test_the_order_of_the_law(first: dict[str, object], second: dict[str, object]) -> None:
    debts = [
        joint_debt("second", "5000.00", **second),  # type: ignore[arg-type]
        joint_debt("first", "5000.00", **first),  # type: ignore[arg-type]
    ]

    found = shared(debts, "800.00", Method.ORDER)

    ends = {str(plan.debt.debt_id): len(plan.schedule.due) for plan in found.plans}
    assert ends["first"] < ends["second"]


def test_debts_of_equal_rank_share_in_proportion() -> None:
    debts = [joint_debt("A", "6000.00"), joint_debt("B", "3000.00")]

    month = shared(debts, "900.00", Method.ORDER).months[0]

    # 100 and 50 at least, and 750 in proportion: 600 and 300, ten months each.
    assert [part.plain for part in month.parts] == ["600.00", "300.00"]


def test_in_proportion_to_what_is_owed() -> None:
    debts = [joint_debt("A", "6000.00", "0.12"), joint_debt("B", "3000.00", "0.12")]

    found = shared(debts, "900.00", Method.BALANCE)

    first = found.months[0].parts
    assert first[0].minor == pytest.approx(2 * first[1].minor, abs=2)
    assert not found.flows_on


def test_equal_parts_leave_nobody_below_the_least() -> None:
    # B asks for at least 600 a month within 10 months; equal parts would be 500.
    debts = [joint_debt("A", "6000.00"), joint_debt("B", "6000.00", longest=10)]

    found = shared(debts, "1000.00", Method.EQUAL)

    assert found.months[0].parts == (yuan("400.00"), yuan("600.00"))


def test_equal_parts_flow_on_where_that_is_said() -> None:
    debts = [joint_debt("A", "1000.00"), joint_debt("B", "3000.00")]

    found = shared(debts, "1000.00", Method.EQUAL, flows_on=True)

    assert parts(found) == [
        ("500.00", "500.00"),
        ("500.00", "500.00"),
        ("0.00", "1000.00"),
        ("0.00", "1000.00"),
    ]


def test_no_plan_is_shorter_than_the_rules_allow() -> None:
    found = shared([joint_debt("A", "600.00", shortest=3)], "5000.00", Method.ORDER)

    assert parts(found) == [("200.00",)] * 3


def test_what_is_missing_is_said_per_debt() -> None:
    debts = [joint_debt("A", "6000.00", longest=12), joint_debt("B", "1200.00", longest=12)]

    found = share(debts, yuan("550.00"), Method.ORDER, today=TODAY)

    assert isinstance(found, JointGap)
    assert dict(found.least) == {"A": yuan("500.00"), "B": yuan("100.00")}
    assert (found.needed, found.gap) == (yuan("600.00"), yuan("50.00"))


def test_exactly_enough_is_enough() -> None:
    debts = [joint_debt("A", "6000.00", longest=12), joint_debt("B", "1200.00", longest=12)]

    for method in Method:
        assert [month.payment for month in shared(debts, "600.00", method).months] == [
            yuan("600.00")
        ] * 12


def test_debts_that_fall_due_on_different_days_are_refused() -> None:
    late = joint_debt("B", "1000.00")
    moved = JointDebt(late.debt, late.terms.with_(first_due=FIRST + timedelta(days=3)), 1, 60)

    with pytest.raises(InvalidTerms, match="fall due together"):
        share([joint_debt("A", "1000.00"), moved], yuan("500.00"), Method.ORDER, today=TODAY)


def test_no_debt_is_no_plan() -> None:
    with pytest.raises(InvalidTerms, match="at least one debt"):
        share([], yuan("500.00"), Method.ORDER, today=TODAY)


def debts_of(numbers: tuple[int, int, int, int, int, bool], name: str) -> JointDebt:
    principal, arrears, rate, longest, days, guarantor = numbers
    return joint_debt(
        name,
        CNY.money(principal).plain,
        str(Fraction(rate, 1000)),
        arrears=CNY.money(arrears).plain,
        longest=longest,
        shortest=2,
        days_past_due=days,
        guarantor=guarantor,
        # An odd first period, as in most real cases.
        start=date(2026, 11, 2),
    )


@settings(deadline=None, max_examples=120)
@given(
    numbers=st.lists(
        st.tuples(
            st.integers(50_000, 30_000_000),
            st.integers(0, 3_000_000),
            st.integers(0, 240),
            st.integers(3, 48),
            st.sampled_from([0, 20, 97, 200]),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    more=st.integers(0, 400),
    method=st.sampled_from(list(Method)),
    flows_on=st.sampled_from([None, True, False]),
)
def test_every_month_adds_up_to_the_cent_and_no_month_exceeds_the_amount(
    numbers: list[tuple[int, int, int, int, int, bool]],
    more: int,
    method: Method,
    flows_on: bool | None,
) -> None:
    debts = [debts_of(item, f"D{index}") for index, item in enumerate(numbers)]
    least = sum(item.least() for item in debts)
    amount = CNY.money(least + least * more // 100)

    found = share(debts, amount, method, today=TODAY, flows_on=flows_on)

    assert isinstance(found, Joint)
    for month in found.months:
        assert month.payment == CNY.money(sum(part.minor for part in month.parts))
        assert month.payment <= amount
    for plan, item in zip(found.plans, debts, strict=True):
        schedule = plan.schedule
        schedule.check()
        assert price(schedule.terms) == schedule
        assert schedule.total_principal == item.debt.components.principal
        assert schedule.total_arrears == item.debt.components.non_principal
        assert item.shortest <= len(schedule.due) <= item.longest
        column = [month.parts[found.plans.index(plan)] for month in found.months]
        assert _sum(column) == schedule.total_paid
    assert found.total == _sum([month.payment for month in found.months])


def _sum(amounts: list[Money]) -> Money:
    return CNY.money(sum(amount.minor for amount in amounts))


@settings(deadline=None, max_examples=40)
@given(
    principals=st.lists(st.integers(100_000, 5_000_000), min_size=2, max_size=4),
    rates=st.lists(st.integers(0, 240), min_size=4, max_size=4),
    more=st.integers(5, 200),
)
def test_money_that_flows_on_never_makes_the_borrower_pay_more(
    principals: list[int], rates: list[int], more: int
) -> None:
    debts = [
        debts_of((principal, 0, rate, 36, 97, False), f"D{index}")
        for index, (principal, rate) in enumerate(zip(principals, rates, strict=False))
    ]
    least = sum(item.least() for item in debts)
    amount = CNY.money(least + least * more // 100)

    flowing, staying = (
        share(debts, amount, Method.RATE, today=TODAY, flows_on=flows) for flows in (True, False)
    )

    assert isinstance(flowing, Joint)
    assert isinstance(staying, Joint)
    # Roundings of the interest of single months may differ by a cent each.
    assert flowing.total.minor <= staying.total.minor + len(staying.months) * len(debts)
