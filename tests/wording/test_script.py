"""What is said aloud: exact, the same in both languages, warm, and complete when read back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from plan_assistant.domain.case import Case
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.wording import formats, script
from tests.packs import CN
from tests.wording.figures import figures
from tests.wording.samples import (
    LANGUAGES,
    asking,
    assert_same_figures,
    level_plan,
    negotiations,
    offered,
    said,
    with_findings,
)

_OFFERED = offered()
_IDS = [f"{case.case_id}-{plan.family.value}-{n}" for n, (case, plan) in enumerate(_OFFERED)]
_UNKIND = re.compile(
    r"!|！|must pay|court|police|sue|lawyer|blacklist|shame|last chance|immediately"
    r"|后果自负|起诉|法院|律师|失信|黑名单|必须还|立即|最后机会|滞纳金|手续费|你[^们]",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("case", "plan"), _OFFERED, ids=_IDS)
def test_every_offer_is_said_with_the_same_figures_in_both_languages(
    case: Case, plan: Plan
) -> None:
    assert_same_figures(case, plan)


@pytest.mark.parametrize(("case", "plan"), _OFFERED, ids=_IDS)
def test_every_offer_is_said_in_whole_and_kind_sentences(case: Case, plan: Plan) -> None:
    for language in LANGUAGES:
        for text in said(case, plan, language):
            assert text.endswith((".", "?", "。", "？"))
            assert not re.search(r"[{}]", text)
            assert not _UNKIND.search(text), text


@pytest.mark.parametrize(("case", "plan"), _OFFERED, ids=_IDS)
def test_the_read_back_holds_every_figure_of_the_plan(case: Case, plan: Plan) -> None:
    rows = [row for row in plan.schedule.rows[plan.schedule.has_down_payment :] if row.payment]
    falls = len({row.payment for row in rows}) > 5
    amounts = {rows[0].payment, rows[-1].payment} if falls else {row.payment for row in rows}
    amounts |= {plan.total, plan.confirmed.total, _absolute(plan.added_cost)} - {CNY.zero}
    for language in LANGUAGES:
        text = "\n".join(script.read_back(plan, case, language))

        for amount in amounts:
            if amount:
                assert formats.money(amount, language) in text
        for day in (rows[0].due, rows[-1].due):
            assert day is not None
            assert formats.long_day(day, language) in text
        assert formats.percent(plan.annualized_rate, language) in text


@pytest.mark.parametrize(("case", "plan"), _OFFERED, ids=_IDS)
def test_the_proposal_names_only_figures_of_the_plan_and_the_household(
    case: Case, plan: Plan
) -> None:
    """A figure that stands nowhere in the schedule would be an invention."""
    schedule = plan.schedule
    known = {row.payment for row in schedule.rows} | {schedule.down_payment}
    known |= {plan.waived.total, plan.capitalised, schedule.total_arrears}
    known |= {row.payment - row.arrears for row in schedule.rows}
    amounts = {formats.short_money(amount, "en") for amount in known}
    rates = (plan.terms.annual_rate, case.lead_debt.annual_rate)
    amounts |= {figure for rate in rates for figure in figures(formats.percent(rate, "en"))}
    days = [row.due for row in schedule.rows if row.due] + [plan.first_due]
    counts = {*range(1, len(schedule.rows) + 1), plan.terms.due_day, case.budget.payday}
    dates = {str(part) for day in days for part in (day.day, day.month, day.year)}

    for figure in figures(script.say(plan, case, "en")):
        assert figure in amounts | dates | {str(count) for count in counts}


def test_a_level_plan_is_proposed_in_two_sentences() -> None:
    case, plan = level_plan()
    case = replace(case, budget=replace(case.budget, payday=10))
    payment, count = formats.short_money(plan.payment, "en"), plan.schedule.number_of_payments

    assert script.say(plan, case, "en") == (
        f"That would be {count} payments of {payment} yuan on the 15th of each month, starting "
        "15 December 2026. You are paid on the 10th: would the 15th work for you?"
    )
    assert script.say(plan, case, "zh") == (
        f"分{count}期，每月15日还{payment}元，从2026年12月15日开始。您10号发薪，15号还款方便吗？"
    )


def test_without_a_known_payday_the_question_stays_open() -> None:
    case, plan = level_plan()
    case = replace(case, budget=replace(case.budget, payday=None))

    assert script.say(plan, case, "en").endswith("Would that work for you?")


def test_what_the_lead_must_allow_is_not_promised() -> None:
    case, plan = level_plan()
    plan = with_findings(plan, asking("rate_cut"))

    assert "ask my team lead before I can promise" in script.say(plan, case, "en")
    assert any("nothing is fixed until then" in line for line in script.read_back(plan, case, "en"))
    assert any("主管批准" in line for line in script.read_back(plan, case, "zh"))


def test_a_blocked_plan_is_not_spoken_to_the_borrower() -> None:
    case, plan = level_plan()
    plan = with_findings(plan, asking("longest_term", Effect.BLOCK))

    assert figures(script.say(plan, case, "en")) == []
    assert "may not be offered" in script.say(plan, case, "en")


def test_no_further_interest_is_said_where_it_is_true() -> None:
    case, plan = next(item for item in _OFFERED if item[1].family is Family.ZERO_RATE)

    assert "No further interest is added." in script.say(plan, case, "en")


def test_an_extension_says_until_when_the_loan_runs() -> None:
    case, plan = next(item for item in _OFFERED if item[1].family is Family.EXTENSION)

    assert f"until {formats.long_day(plan.last_due, 'en')}." in script.say(plan, case, "en")


def test_a_time_barred_debt_is_said_before_anything_else() -> None:
    case, plan = level_plan()
    found = replace(asking("limitation_passed"), limit=date(2026, 5, 18))
    plan = with_findings(plan, found)

    for language, word in (("en", "18 May 2026"), ("zh", "2026年5月18日")):
        assert word in script.read_back(plan, case, language)[0]
    unknown = with_findings(plan, asking("limitation_passed"))
    assert "may have ended. You may refuse" in script.read_back(unknown, case, "en")[0]


def test_a_plan_that_raises_the_payment_says_by_how_much_in_spoken_money() -> None:
    case, plan = level_plan()
    found = Finding(
        "T-1",
        "relief_raises_payment",
        Effect.DISCLOSE,
        CNY.parse("1038.00"),
        CNY.parse("2944.50"),
        CNY.parse("1906.50"),
    )
    plan = with_findings(plan, found)

    line = next(text for text in script.read_back(plan, case, "zh") if "请您留意" in text)
    assert line == "请您留意：原合同每月还1,038.00元，此方案最高的月份还2,944.50元，多1,906.50元。"
    assert_same_figures(case, plan)


def test_everything_the_pack_wants_disclosed_with_a_plan_is_in_the_read_back() -> None:
    asked = {rule.test for rule in CN.rules if rule.effect is Effect.DISCLOSE}

    assert asked <= script.spoken_tests()


def test_card_holders_hear_that_they_apply_for_no_new_card() -> None:
    case, plan = next(
        (case, plan)
        for case, plan in _OFFERED
        if any(finding.test == "no_new_card" for finding in plan.findings)
    )

    assert any("new credit card" in line for line in script.read_back(plan, case, "en"))
    assert any("申请信用卡" in line for line in script.read_back(plan, case, "zh"))
    without = with_findings(plan)
    assert not any("credit card" in line for line in script.read_back(without, case, "en"))


def test_the_read_back_names_withdrawal_lateness_and_the_credit_record() -> None:
    case, plan = level_plan()

    text = " ".join(script.read_back(plan, case, "en"))

    assert f"withdraw within {script.WITHDRAWAL_DAYS} days" in text
    assert "call us before its day" in text
    assert "credit record keeps to the facts" in text
    assert script.read_back(plan, case, "en")[-1].endswith("?")


def test_the_opening_thanks_for_kept_promises_and_starts_from_what_was_proposed() -> None:
    case = negotiations()[0].case
    proposed = replace(case.willingness, own_proposal=CNY.parse("1800.00"))

    opening = script.opening(replace(case, promises_kept=1, willingness=proposed), "en")

    assert "You have kept 1 promise, and that counts" in opening
    assert "You proposed 1,800 yuan a month" in opening


def test_the_opening_asks_what_can_be_set_aside_where_nothing_was_proposed() -> None:
    case = negotiations()[0].case
    silent = replace(
        case, promises_kept=0, willingness=replace(case.willingness, own_proposal=None)
    )
    known = replace(silent, budget=replace(case.budget, payday=12))
    unknown = replace(silent, budget=replace(case.budget, payday=None))

    assert "promise" not in script.opening(known, "en")
    assert "paid on the 12th: what could you set aside" in script.opening(known, "en")
    assert script.opening(unknown, "en").endswith(
        "What could you set aside a month and still live on?"
    )


def _absolute(amount: Money) -> Money:
    return amount if amount.minor >= 0 else -amount


def test_a_call_about_several_debts_names_the_account_of_the_plan() -> None:
    case, plan = next((case, plan) for case, plan in _OFFERED if len(case.negotiated) > 1)
    debt = next(debt for debt in case.negotiated if debt.debt_id == plan.debt_id)

    assert f"account ending in {debt.account_tail}." in script.read_back(plan, case, "en")[0]
    alone = replace(case, debts=(debt,))
    assert "account ending" not in script.read_back(plan, alone, "en")[0]
