"""Every value that people see has a name in both languages, short where room is short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from plan_assistant.domain.call_outcome import CallOutcome
from plan_assistant.domain.case import ContactOutcome, Hardship
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.events import EventType
from plan_assistant.domain.household import Every, OutgoingKind, Reliability
from plan_assistant.domain.offers.plan import Family, Reason, Robustness
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.record import Status
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording import terms
from plan_assistant.wording.formats import cell_width
from tests.builders import case
from tests.packs import CN
from tests.wording.samples import asking, offered, with_findings


def _reason(value: Reason, language: str) -> str:
    plan = replace(
        offered()[0][1], findings=(), reasons=(value,), robustness=Robustness(21, 54, 357)
    )
    return terms.reasons(plan, language)[0]


_NAMED: list[tuple[Callable[[Any, str], object], type[StrEnum]]] = [
    (terms.family, Family),
    (terms.family_short, Family),
    (terms.verdict, Verdict),
    (terms.component, Component),
    (terms.product, Product),
    (terms.reliability, Reliability),
    (terms.every, Every),
    (terms.outgoing_kind, OutgoingKind),
    (terms.hardship, Hardship),
    (terms.contact_outcome, ContactOutcome),
    (terms.call_outcome, CallOutcome),
    (terms.role, Role),
    (_reason, Reason),
    (terms.effect, Effect),
    (terms.confidence, Confidence),
    (terms.event, EventType),
    (terms.status, Status),
]


@pytest.mark.parametrize(("name", "values"), _NAMED, ids=lambda item: item.__name__)
def test_every_value_of_a_closed_list_has_its_own_name_in_both_languages(
    name: Callable[[Any, str], object], values: type[StrEnum]
) -> None:
    english = [str(name(value, "en")) for value in values]
    chinese = [str(name(value, "zh")) for value in values]

    assert all(english)
    assert len(set(english)) == len(english)
    assert len(set(chinese)) == len(chinese)
    assert all(_has_chinese(text) for text in chinese)
    assert not any(_has_chinese(text) for text in english)


def test_a_robust_plan_is_told_with_the_number_of_settings_and_of_plans_compared() -> None:
    assert _reason(Reason.MOST_ROBUST, "en") == (
        "Of the 357 plans of the same verdict, authority and rate that waive nothing and add "
        "nothing to the principal, it stays first for the lender in 21 of 54 settings of what "
        "nobody knows."
    )


def test_a_plan_that_needs_the_lead_is_not_said_to_lie_within_authority() -> None:
    within = replace(offered()[0][1], reasons=(Reason.CHEAPEST,), findings=())
    asked = with_findings(within, asking("hardship_evidence"))

    assert "of the same verdict within your authority" in terms.reasons(within, "en")[0]
    assert "with terms within your authority" in terms.reasons(asked, "en")[0]


@pytest.mark.parametrize("is_asked", [False, True])
@pytest.mark.parametrize(
    "value",
    [
        Reason.CHEAPEST,
        Reason.LOWEST_PAYMENT,
        Reason.FASTEST,
        Reason.BEST_FOR_LENDER,
        Reason.CHEAPEST_WITH_LEAD,
        Reason.LOWEST_WITH_LEAD,
        Reason.FASTEST_WITH_LEAD,
        Reason.BEST_FOR_LENDER_WITH_LEAD,
    ],
)
def test_an_answer_is_said_to_be_the_best_of_its_verdict_alone(
    value: Reason, *, is_asked: bool
) -> None:
    # A plan that sits worse with the household may well cost less or be over sooner.
    findings = (asking("hardship_evidence"),) if is_asked else ()
    plan = with_findings(replace(offered()[0][1], reasons=(value,)), *findings)

    assert "of the same verdict" in terms.reasons(plan, "en")[0]
    assert "负担评定相同" in terms.reasons(plan, "zh")[0]


def test_the_nearest_plan_with_a_lead_is_compared_with_plans_of_every_verdict() -> None:
    reasons = (Reason.NEAREST, Reason.LOWEST_WITH_LEAD)
    nearest = replace(offered()[0][1], reasons=reasons, findings=())

    assert terms.reasons(nearest, "en")[1] == (
        "With the team lead's consent it asks for the least in its worst month."
    )


def test_the_nearest_plan_is_neither_said_to_be_a_choice_nor_to_answer_a_dial() -> None:
    reasons = (Reason.NEAREST, Reason.LOWEST_PAYMENT)
    nearest = replace(offered()[0][1], reasons=reasons, findings=())

    assert terms.reasons(nearest, "en") == [
        "It comes near: no plan meets both the household and the dials.",
        "Of all with terms within your authority it asks for the least in its worst month.",
    ]


@pytest.mark.parametrize(
    ("months", "said"), [(1, "in the first month."), (3, "in the first months.")]
)
def test_one_month_of_grace_is_told_in_the_singular(months: int, said: str) -> None:
    plan = replace(offered()[0][1], reasons=(Reason.LOW_FIRST,), grace_months=months)

    assert terms.reasons(plan, "en") == [f"It asks for little or nothing {said}"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (terms.disclosure, CN.disclosures),
        (terms.objection, CN.objections),
        (terms.submit_reason, CN.submit_reasons),
        (terms.return_reason, CN.return_reasons),
    ],
    ids=["disclosures", "objections", "submit reasons", "return reasons"],
)
def test_every_code_of_the_shipped_pack_has_a_name(
    name: Callable[[str, str], str], codes: tuple[str, ...]
) -> None:
    for code in codes:
        assert _has_chinese(name(code, "zh"))
        assert not _has_chinese(name(code, "en"))
        assert "_" not in name(code, "en")


def test_a_code_of_another_pack_is_shown_as_it_is() -> None:
    assert terms.objection("paid_already", "zh") == "paid already"
    assert terms.disclosure("data_use", "en") == "data use"
    assert terms.status("under_review", "zh") == "under review"


@pytest.mark.parametrize("family", Family)
def test_a_column_head_fits_its_column(family: Family) -> None:
    assert cell_width(terms.family_short(family, "en")) <= 10
    assert cell_width(terms.family_short(family, "zh")) <= 8


@pytest.mark.parametrize(
    ("verdict", "english", "chinese"),
    [
        (Verdict.COMFORTABLE, "v fits", "v 可行"),
        (Verdict.TIGHT, "! tight", "! 偏紧"),
        (Verdict.UNAFFORDABLE, "x over", "x 不可负担"),
        (Verdict.DEFICIT, "x deficit", "x 入不敷出"),
    ],
)
def test_a_verdict_reads_without_color(verdict: Verdict, english: str, chinese: str) -> None:
    assert str(terms.verdict(verdict, "en")) == english
    assert str(terms.verdict(verdict, "zh")) == chinese


def test_authority_says_who_may_grant_the_plan() -> None:
    _, plan = offered()[0]

    assert str(terms.authority(with_findings(plan), "en")) == "v yours"
    asks_lead = with_findings(plan, asking("rate_cut"))
    assert str(terms.authority(asks_lead, "en")) == "^ LEAD"
    assert str(terms.authority(asks_lead, "zh")) == "^ 主管"
    blocked = with_findings(plan, asking("longest_term", Effect.BLOCK), asking("rate_cut"))
    assert str(terms.authority(blocked, "en")) == "x nobody"


@pytest.mark.parametrize(
    ("days", "stage"), [(0, "M0"), (1, "M1"), (90, "M3"), (91, "M4"), (180, "M6"), (181, "M6+")]
)
def test_the_stage_counts_months_of_thirty_days(days: int, stage: str) -> None:
    assert terms.stage(days) == stage


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_said_about_a_debt_before_the_person_is_known(language: str) -> None:
    sentence = terms.disclosure_sentence("identity", case(), language, caller="李娜", name="张伟")

    assert "张伟" in sentence
    assert "江城银行" in sentence
    for word in ("debt", "owe", "overdue", "loan", "card", "欠", "债", "逾期", "贷", "信用卡"):
        assert word not in sentence


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_disclosure_of_the_pack_is_a_whole_sentence(language: str) -> None:
    for item in CN.disclosures:
        sentence = terms.disclosure_sentence(item, case(), language, caller="李娜", name="张伟")

        assert sentence.endswith((".", "?", "。", "？"))
        assert "{" not in sentence


def test_a_hostile_name_cannot_steer_the_terminal() -> None:
    ours = case()
    hostile = replace(
        ours, borrower=replace(ours.borrower, name=Personal.name("\x1b[2J\u202eWei{caller}"))
    )

    sentence = terms.disclosure_sentence(
        "identity", hostile, "en", caller="Li Na", name=hostile.borrower.name.revealed
    )

    assert "\x1b" not in sentence
    assert "\u202e" not in sentence
    assert "Wei{caller}" in sentence


def test_the_purpose_names_the_account_by_its_last_digits() -> None:
    sentence = terms.disclosure_sentence("purpose", case(), "zh", caller="李娜", name="张伟")

    assert "尾号6411的信用卡" in sentence


def test_a_disclosure_of_another_pack_is_asked_for_by_its_code() -> None:
    sentence = terms.disclosure_sentence("data_use", case(), "en", caller="Li Na", name="Chen Wei")

    assert sentence == "Tell the borrower about: data use."


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_an_outcome_of_another_version_is_shown_as_it_is_and_harmless() -> None:
    assert terms.call_outcome("moved_away", "zh") == "moved away"
    assert "\x1b" not in terms.call_outcome("\x1b[31mred", "en")
