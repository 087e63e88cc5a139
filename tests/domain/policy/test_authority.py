"""What a role may grant: each limit at its edge; who may allow more; beyond everybody a block."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.debt import Component
from plan_assistant.domain.policy.authority import Authority, WaiverLimit
from plan_assistant.domain.policy.authority_tests import AUTHORITY_TESTS
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.proposal import Proposal
from plan_assistant.domain.schedule.terms import DownPayment
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording.findings import finding_sentence
from tests.builders import TODAY, budget, case, components, debt, income, yuan
from tests.domain.policy.proposals import asked, priced, proposal, rule
from tests.packs import CN, every_pack

_WAIVER = {Component.FEE: WaiverLimit.model_validate({"share": "0.5", "amount": {"CNY": "300"}})}
COLLECTOR = Authority.model_validate(
    {
        "longest_term_months": 24,
        "latest_first_payment_days": 30,
        "longest_grace_months": 2,
        "lowest_rate_share": "1",
        "lowest_down_payment_share": "0.1",
        "largest_owed": {"CNY": "48250"},
        "restructurings_12_months": 1,
        "restructurings_60_months": 2,
        "verdicts": [Verdict.COMFORTABLE],
    }
)
LEAD = COLLECTOR.model_copy(
    update={
        "longest_term_months": 36,
        "latest_first_payment_days": 60,
        "longest_grace_months": 4,
        "lowest_rate_share": Fraction(1, 2),
        "lowest_down_payment_share": Fraction(1, 20),
        "largest_waiver": _WAIVER,
        "largest_owed": {"CNY": "96500"},
        "restructurings_12_months": 2,
        "restructurings_60_months": 3,
        "verdicts": (Verdict.COMFORTABLE, Verdict.TIGHT),
    }
)
PACK = CN.model_copy(update={"authority": {Role.COLLECTOR: COLLECTOR, Role.TEAM_LEAD: LEAD}})


def answer(test: str, plan: Proposal) -> Finding | None:
    return asked(rule(test, Effect.APPROVAL), plan, PACK)


def who(found: Finding | None) -> str:
    """Say who may grant a plan: the collector alone, the lead, nobody."""
    if found is None:
        return "collector"
    if found.effect is Effect.BLOCK:
        assert found.may_allow is None
        return "nobody"
    assert found.may_allow is Role.TEAM_LEAD
    return "lead"


MINE, LEADS, NOBODYS = "collector", "lead", "nobody"


@pytest.mark.parametrize(
    ("periods", "granted_by"),
    [(23, MINE), (24, LEADS), (35, LEADS), (36, NOBODYS)],
)
def test_longest_term(periods: int, granted_by: str) -> None:
    # The first payment is 25 days away: 23 payments end within 24 months, 24 begin the 24th again.
    plan = proposal(periods=periods, first_due=date(2026, 12, 21))

    assert who(answer("term_authority", plan)) == granted_by


@pytest.mark.parametrize(
    ("months", "granted_by"),
    [(1, MINE), (2, MINE), (3, LEADS), (4, LEADS), (5, NOBODYS)],
)
def test_longest_grace(months: int, granted_by: str) -> None:
    assert who(answer("longest_grace", proposal(grace_months=months))) == granted_by


@pytest.mark.parametrize(
    ("days", "granted_by"),
    [(29, MINE), (30, MINE), (31, LEADS), (60, LEADS), (61, NOBODYS)],
)
def test_latest_first_payment(days: int, granted_by: str) -> None:
    plan = proposal(first_due=TODAY + timedelta(days=days))

    assert who(answer("latest_first_payment", plan)) == granted_by


@pytest.mark.parametrize(
    ("rate", "granted_by"),
    [("0.18", MINE), ("0.1799", LEADS), ("0.09", LEADS), ("0.0899", NOBODYS), ("0", NOBODYS)],
)
def test_lowest_rate(rate: str, granted_by: str) -> None:
    assert who(answer("rate_cut", proposal(annual_rate=Fraction(rate)))) == granted_by


@pytest.mark.parametrize(
    ("owed", "granted_by"),
    [
        ("45000.00", MINE),
        ("48249.99", MINE),
        ("48250.00", MINE),
        ("48250.01", LEADS),
        ("96500.00", LEADS),
        ("96500.01", NOBODYS),
    ],
)
def test_largest_debt(owed: str, granted_by: str) -> None:
    large = debt(owed=components(principal=owed, interest="0.00", fee="0.00"))

    assert who(answer("largest_owed", proposal(large))) == granted_by


@pytest.mark.parametrize(
    ("fee_owed", "waived", "granted_by"),
    [
        ("850.00", "0.00", MINE),
        ("850.00", "0.01", LEADS),
        ("850.00", "300.00", LEADS),
        ("850.00", "300.01", NOBODYS),  # beyond the amount
        ("400.00", "200.00", LEADS),
        ("400.00", "200.01", NOBODYS),  # beyond the share
    ],
)
def test_largest_waiver_of_a_component(fee_owed: str, waived: str, granted_by: str) -> None:
    owed = debt(owed=components(fee=fee_owed))

    plan = proposal(owed, waived={Component.FEE: yuan(waived)})

    assert who(answer("waiver_authority", plan)) == granted_by


def test_a_component_that_is_not_listed_is_waived_by_nobody() -> None:
    plan = proposal(waived={Component.INTEREST: yuan("0.01")})

    assert who(answer("waiver_authority", plan)) == NOBODYS


@pytest.mark.parametrize(
    ("down", "granted_by"),
    [
        ("4825.01", MINE),
        ("4825.00", MINE),
        ("4824.99", LEADS),
        ("2412.50", LEADS),
        ("2412.49", NOBODYS),
    ],
)
def test_lowest_down_payment(down: str, granted_by: str) -> None:
    plan = proposal(down_payment=DownPayment(yuan(down), yuan("0.00")))

    assert who(answer("down_payment_authority", plan)) == granted_by


@pytest.mark.parametrize(
    ("earlier_months", "granted_by"),
    [
        ((), MINE),
        ((12,), MINE),
        ((11,), LEADS),
        ((10, 11), NOBODYS),
        ((12, 59), LEADS),
        ((12, 60), MINE),
        ((12, 40, 59), NOBODYS),
    ],
)
def test_number_of_restructurings(earlier_months: tuple[int, ...], granted_by: str) -> None:
    again = debt(restructured_on=tuple(add_months(TODAY, -months) for months in earlier_months))

    assert who(answer("restructurings_authority", proposal(again))) == granted_by


@pytest.mark.parametrize(
    ("wage", "verdict", "granted_by"),
    [
        ("9000.00", Verdict.COMFORTABLE, MINE),
        ("7400.00", Verdict.TIGHT, LEADS),
        ("7000.00", Verdict.UNAFFORDABLE, NOBODYS),
    ],
)
def test_verdict(wage: str, verdict: Verdict, granted_by: str) -> None:
    household = case(of_budget=budget((income(wage),)))

    plan = proposal(of_case=household)

    assert priced(plan).judgement.verdict is verdict
    assert who(answer("verdict_allowed", plan)) == granted_by


def test_a_plan_that_fits_is_not_said_to_be_hard_to_keep_up_where_a_collector_grants_none() -> None:
    mine = PACK.authority[Role.COLLECTOR].model_copy(update={"verdicts": ()})
    pack = PACK.model_copy(update={"authority": {**PACK.authority, Role.COLLECTOR: mine}})
    plan = proposal(of_case=case(of_budget=budget((income("9000.00"),))))

    found = asked(rule("verdict_allowed", Effect.APPROVAL), plan, pack)

    assert found is not None
    assert who(found) == LEADS
    assert "is judged: fits." in finding_sentence(found, "en")


_PLANS = st.builds(
    lambda periods, days, grace, rate, restructured, fee, role: replace(
        proposal(
            debt(restructured_on=(TODAY - timedelta(days=300),) * restructured),
            periods=periods,
            first_due=TODAY + timedelta(days=days),
            grace_months=grace,
            annual_rate=Fraction(rate, 100),
            waived={Component.FEE: yuan(f"{fee}.00")},
        ),
        role=role,
    ),
    st.integers(2, 130),
    st.integers(1, 90),
    st.integers(0, 12),
    st.integers(0, 18),
    st.integers(0, 4),
    st.integers(0, 850),
    st.sampled_from([Role.COLLECTOR, Role.TEAM_LEAD]),
)


@given(_PLANS, st.sampled_from([PACK, *every_pack()]))
def test_outside_ones_authority_somebody_is_named_and_outside_everybodys_nobody_may(
    plan: Proposal, pack: PolicyPack
) -> None:
    for test in AUTHORITY_TESTS:
        one = rule(test, Effect.APPROVAL)
        mine, leads = asked(one, plan, pack), asked(one, replace(plan, role=Role.TEAM_LEAD), pack)
        if mine is None:
            assert leads is None  # a lead may grant whatever a collector may
        elif mine.effect is Effect.APPROVAL:
            assert mine.may_allow is Role.TEAM_LEAD
            assert leads is None  # the one who is named may indeed grant it
        else:
            assert mine.effect is Effect.BLOCK
            assert mine.may_allow is None
            assert leads is not None
            assert leads.effect is Effect.BLOCK
