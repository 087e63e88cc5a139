"""Findings as sentences: the same figures in both languages, who may allow it, and the rule."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.money import CNY
from plan_assistant.domain.policy.findings import (
    Confidence,
    Count,
    Days,
    Effect,
    Finding,
    Measure,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.wording.finding_texts import ADVICE, BLOCKED, SENTENCES
from plan_assistant.wording.findings import (
    SHORT_CELLS,
    advice_sentence,
    finding_sentence,
    finding_short,
)
from plan_assistant.wording.formats import cell_width
from plan_assistant.wording.short_texts import SHORT
from plan_assistant.wording.words import placeholders
from tests.wording.figures import figures
from tests.wording.samples import LANGUAGES, findings

_JUDGING = re.compile(r"illegal|unlawful|违法|非法|滞纳金", re.IGNORECASE)

_NOT_APART = frozenset(
    {
        "calendar_unpublished",
        "classification_by_days",
        "foreign_currency_authority",
        "forborne_dates",
        "payment_never_ends",
        "penalty_rate_ceiling",
        "restructured_before",
    }
)
"""What is said of a limit and a figure that are not compared, such as a class and its days."""

_MEASURES: list[Measure | None] = [
    None,
    CNY.parse("2308.99"),
    CNY.parse("-456.00"),
    CNY.zero,
    Months(72),
    Days(1),
    Share(Fraction(1, 3)),
    Count(1234),
    Word("tight"),
    Word("next_year"),
    date(2026, 12, 15),
]


def _finding(
    test: str,
    limit: Measure | None = None,
    actual: Measure | None = None,
    difference: Measure | None = None,
    *,
    effect: Effect = Effect.APPROVAL,
    confidence: Confidence = Confidence.DESIGN,
) -> Finding:
    may_allow = Role.TEAM_LEAD if effect is Effect.APPROVAL else None
    return Finding("CN-T-1", test, effect, limit, actual, difference, may_allow, confidence)


def test_every_question_of_the_rules_has_a_sentence_and_a_short_form() -> None:
    tests = {*TERMS_TESTS, *PLAN_TESTS, *ADVICE, *BLOCKED}

    assert tests <= SENTENCES.keys()
    assert SENTENCES.keys() == SHORT.keys()


@pytest.mark.parametrize("test", sorted(SENTENCES))
def test_a_finding_without_figures_is_still_a_whole_sentence(test: str) -> None:
    for effect in Effect:
        english = finding_sentence(_finding(test, effect=effect), "en")
        chinese = finding_sentence(_finding(test, effect=effect), "zh")

        assert english.endswith("(rule CN-T-1).")
        assert chinese.endswith("（规则CN-T-1）。")
        assert "{" not in english + chinese


def test_findings_about_the_sample_borrowers_hold_the_same_figures_in_both_languages() -> None:
    assert len({finding.test for finding in findings()}) > 15
    for finding in findings():
        english, chinese = (finding_sentence(finding, language) for language in LANGUAGES)

        assert figures(english) == figures(chinese)
        assert finding.rule in english
        assert finding.rule in chinese
        assert not _JUDGING.search(english + chinese)


@given(
    st.sampled_from([*SENTENCES, "a_test_of_somebody_else"]),
    st.sampled_from(_MEASURES),
    st.sampled_from(_MEASURES),
    st.sampled_from(_MEASURES),
    st.sampled_from(Effect),
    st.sampled_from(Confidence),
)
def test_any_finding_can_be_said(
    test: str,
    limit: Measure | None,
    actual: Measure | None,
    difference: Measure | None,
    effect: Effect,
    confidence: Confidence,
) -> None:
    finding = _finding(test, limit, actual, difference, effect=effect, confidence=confidence)

    english, chinese = (finding_sentence(finding, language) for language in LANGUAGES)

    assert figures(english) == figures(chinese)
    assert not _JUDGING.search(english + chinese)
    for language in LANGUAGES:
        short = finding_short(finding, language)
        assert 0 < cell_width(short) <= SHORT_CELLS
        assert "{" not in short


def test_a_limit_is_said_with_the_plan_and_the_difference() -> None:
    finding = _finding("longest_term", Months(60), Months(72), Months(12), effect=Effect.BLOCK)

    assert finding_sentence(finding, "en") == (
        "The plan runs 72 months; the longest term is 60 months, and the plan is 12 months over. "
        "Nobody here may allow it (rule CN-T-1)."
    )
    assert finding_sentence(finding, "zh") == (
        "方案期限为72个月，最长期限为60个月，超出12个月。任何岗位均不可批准（规则CN-T-1）。"
    )
    assert finding_short(finding, "en") == "term 72>60"
    assert finding_short(finding, "zh") == "期限72>60"


@pytest.mark.parametrize("test", sorted(SENTENCES.keys() - _NOT_APART))
def test_whoever_hears_a_limit_and_what_the_plan_has_hears_the_difference(test: str) -> None:
    named = (placeholders(sentence) for sentence in (*SENTENCES[test], *BLOCKED.get(test, ())))
    compared = next((each for each in named if {"limit", "actual"} <= each), {"difference"})

    assert compared & {"difference", "points"}


def test_an_approval_names_who_may_allow_it() -> None:
    finding = _finding("term_authority", Months(48), Months(60), Months(12))

    assert "a collector may grant 48 months" in finding_sentence(finding, "en")
    assert finding_sentence(finding, "en").endswith("The team lead may allow it (rule CN-T-1).")
    assert finding_sentence(finding, "zh").endswith("主管可批准（规则CN-T-1）。")


@pytest.mark.parametrize("test", sorted(BLOCKED))
def test_beyond_the_leads_authority_the_limit_is_the_leads(test: str) -> None:
    finding = _finding(test, Months(3), Months(9), Months(6), effect=Effect.BLOCK)

    assert "team lead" in finding_sentence(finding, "en")
    assert "主管" in finding_sentence(finding, "zh")
    assert "collector" not in finding_sentence(finding, "en")


def test_a_lower_rate_is_said_in_percentage_points() -> None:
    contract, rate = Fraction(18, 100), Fraction(6, 100)
    finding = _finding("rate_cut", Share(contract), Share(rate), Share(contract - rate))

    assert (
        "at 6.00 % a year; the lowest rate within authority is 18.00 %, and this is 12.00 "
        "percentage points less" in (finding_sentence(finding, "en"))
    )
    assert "低12.00个百分点" in finding_sentence(finding, "zh")


def test_a_missing_amount_of_nothing_is_not_said() -> None:
    amount = CNY.parse("900.00")
    tight = _finding("verdict_allowed", amount, amount, CNY.zero)
    over = _finding("verdict_allowed", amount, CNY.parse("950.00"), CNY.parse("50.00"))

    assert "is missing" not in finding_sentence(tight, "en")
    assert "so CNY 50.00 is missing" in finding_sentence(over, "en")


def test_a_long_first_period_is_said_with_its_day_and_length() -> None:
    finding = _finding("covers_interest", None, date(2027, 1, 15), Days(56), effect=Effect.BLOCK)

    assert "due on 15 January 2027, 56 days after the start" in finding_sentence(finding, "en")


@pytest.mark.parametrize(("language", "deferral"), [("en", "deferral"), ("zh", "延期")])
def test_interest_that_joins_the_principal_is_not_said_to_be_that_of_a_deferral(
    language: str, deferral: str
) -> None:
    # Old interest joins it in a level plan, too, which defers nothing.
    joins = Finding("CN-CLASS-03", "capitalised_interest", Effect.DISCLOSE)

    assert deferral not in finding_sentence(joins, language)


def test_a_verdict_is_said_by_its_word() -> None:
    finding = _finding("verdict_allowed", Word("tight"), Word("unaffordable"))

    assert "is judged: over." in finding_sentence(finding, "en")
    assert "结论：不可负担。" in finding_sentence(finding, "zh")


@pytest.mark.parametrize("confidence", Confidence)
def test_a_rule_whose_wording_was_not_read_asks_for_counsel(confidence: Confidence) -> None:
    sentence = finding_sentence(_finding("cost_statement", confidence=confidence), "en")

    needs_counsel = confidence in {Confidence.SECONDARY, Confidence.MEMORY}
    assert ("Have counsel confirm this rule." in sentence) is needs_counsel


def test_a_question_of_another_pack_is_said_with_its_figures() -> None:
    finding = _finding("debts_at_once", Count(3), Count(5), Count(2))

    assert finding_sentence(finding, "en").startswith(
        "Asked was debts at once: the limit is 3, the plan has 5, the difference is 2."
    )
    assert finding_sentence(finding, "zh").startswith(
        "检查项debts at once：限值为3，方案为5，相差2。"
    )
    assert finding_short(finding, "en") == "CN-T-1"


def test_a_short_form_drops_figures_that_do_not_fit_rather_than_cut_them() -> None:
    small = _finding("verdict_allowed", difference=CNY.parse("482.45"))
    large = _finding("verdict_allowed", difference=CNY.parse("4824500.45"))

    assert finding_short(small, "en") == "over 482.45"
    assert finding_short(large, "en") == "worst month"


@pytest.mark.parametrize("test", sorted(ADVICE))
def test_advice_never_speaks_the_deficit_as_a_payment(test: str) -> None:
    deficit = CNY.parse("-456.00")
    finding = _finding(test, CNY.zero, deficit, -deficit, effect=Effect.RECORD)

    for language in LANGUAGES:
        assert figures(advice_sentence(finding, language)) == []


def test_advice_names_a_token_payment_and_a_day_of_review() -> None:
    token = _finding("token_payment", actual=CNY.parse("50.00"))
    review = _finding("deferral_with_review", limit=date(2027, 2, 15))
    later = _finding("deferral_with_review", limit=Months(3))

    assert "CNY 50.00 a month" in advice_sentence(token, "en")
    assert "2027年2月15日" in advice_sentence(review, "zh")
    assert "in 3 months" in advice_sentence(later, "en")


def test_advice_that_is_none_is_said_as_a_finding() -> None:
    finding = _finding("longest_term")

    assert advice_sentence(finding, "en") == finding_sentence(finding, "en")
