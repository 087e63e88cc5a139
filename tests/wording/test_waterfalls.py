"""Everything said about published waterfalls and joint plans is said in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.adapters.waterfalls import packaged_waterfalls
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.domain.offers.levers import Figure
from plan_assistant.domain.offers.published import Answer, Unanswered, Why
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.wording import joint
from plan_assistant.wording.waterfalls import (
    FIGURE,
    answer_sentences,
    answer_title,
    unanswered_sentence,
)
from tests.builders import yuan

HAMP = packaged_waterfalls()["hamp"]
ANSWER = Answer(
    waterfall=HAMP,
    schedule=price(
        Terms(
            principal=yuan("1200.00"),
            annual_rate=Fraction(0),
            periods=12,
            start=None,
            first_due=date(2027, 1, 15),
            arrears=None,
        )
    ),
    target_payment=yuan("90.00"),
    current_payment=yuan("80.00"),
    contract_total=None,
    left_out=yuan("30.00"),
)


def said(answer: Answer, language: str = "en") -> str:
    return " ".join(answer_sentences(answer, language))


@pytest.mark.parametrize(
    ("current", "english", "chinese"),
    [
        ("80.00", "Not relief: the payment rises by 20.00 (25.00 %)", "并未减轻负担"),
        ("100.00", "Not relief: the payment stays at 100.00.", "并未减轻负担"),
        ("0.00", "Not relief: the payment rises by 100.00 from nothing.", "并未减轻负担"),
        ("125.00", "The payment falls by 25.00 (20.00 %) from 125.00.", "减少 25.00"),
    ],
    ids=["rises", "stays", "from nothing", "falls"],
)
def test_what_becomes_of_the_payment_of_today(current: str, english: str, chinese: str) -> None:
    answer = replace(ANSWER, current_payment=yuan(current))

    assert english in said(answer)
    assert chinese in said(answer, "zh")


def test_an_unknown_payment_of_today_is_said_to_be_unknown() -> None:
    assert "nobody can say" in said(replace(ANSWER, current_payment=None))


@pytest.mark.parametrize(
    ("target", "english"),
    [
        ("100.00", "is met"),
        ("99.99", "is not met: 0.01 too much"),
        ("-5.00", "leaves nothing to pay with"),
    ],
    ids=["met", "not met", "nothing meets it"],
)
def test_the_target(target: str, english: str) -> None:
    assert english in said(replace(ANSWER, target_payment=yuan(target)))


def test_what_stays_outside_is_said() -> None:
    assert "30.00 of what is owed stays outside this plan." in said(ANSWER)


def test_a_plan_by_share_says_the_share() -> None:
    answer = replace(ANSWER, share=Fraction(3, 5))

    assert answer_title(answer, "en") == "US HAMP, Tier 1, 60 % of what is left"


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_for_no_answer_has_a_sentence(why: Why, language: str) -> None:
    item = Unanswered(
        HAMP,
        "CNY",
        why,
        missing=tuple(Figure),
        limit=yuan("50000.00"),
        refused=InvalidTerms("arrears", "-1", "is below zero"),
    )

    assert unanswered_sentence(item, language)


def test_every_figure_has_a_name() -> None:
    assert set(FIGURE) == set(Figure)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("flows_on", [True, False])
def test_every_method_says_how_it_shares(method: Method, flows_on: bool) -> None:
    found = Joint(method, flows_on, yuan("100.00"), ())

    english, chinese = (joint.method_sentences(found, language) for language in ("en", "zh"))

    assert len(english) == len(chinese) == 2
    assert english != chinese


def test_a_joint_gap_names_its_three_amounts() -> None:
    gap = JointGap(yuan("550.00"), ((DebtId("A"), yuan("500.00")), (DebtId("B"), yuan("100.00"))))

    sentences = [joint.gap_sentence(gap, "zh", is_dialled=each) for each in (False, True)]

    for sentence, whence in zip(sentences, ("可负担", "所调节"), strict=True):
        assert all(figure in sentence for figure in ("600.00", "550.00", "50.00"))
        assert whence in sentence


def test_a_total_at_the_contract_is_not_said_to_rise() -> None:
    same = replace(ANSWER, contract_total=yuan("1200.00"))
    less = replace(ANSWER, contract_total=yuan("1199.99"))

    assert "in all" not in said(same)
    assert "Not relief in all: the total is 1,200.00, 0.01 more than the 1,199.99" in said(less)
