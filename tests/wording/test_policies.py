"""Packs in words: every field and limit has a name in both languages, and changes read alike."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.offers.closed_levers import ClosedLever
from plan_assistant.domain.policy.affordability import AffordabilityTable
from plan_assistant.domain.policy.authority import Authority
from plan_assistant.domain.policy.difference import Change, Kind, differences
from plan_assistant.domain.policy.directions import Direction
from plan_assistant.domain.policy.pack import (
    BreachTable,
    Header,
    PackFile,
    PolicyPack,
    ScheduleConventions,
)
from plan_assistant.domain.policy.parameters import PARAMETERS, known_tests
from plan_assistant.domain.policy.robustness import RobustnessBox
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import OldCharges, Rhythm, Space, Waivers
from plan_assistant.wording import policy_labels
from plan_assistant.wording.finding_texts import SENTENCES
from plan_assistant.wording.policies import (
    change_sentence,
    closed_lever_sentence,
    field_text,
    place_name,
    value_text,
)
from plan_assistant.wording.words import words
from tests.packs import every_pack
from tests.wording.samples import LANGUAGES

_SECTIONS = {"space", "robustness", "schedule", "affordability", "breach", "authority", "rules"}
_OF_ITSELF = {"format", "pack", "extends", "version", "title", "remove_rules"}


def test_every_field_of_a_pack_has_a_name() -> None:
    assert policy_labels.SPACE.keys() == Space.model_fields.keys()
    assert policy_labels.AUTHORITY.keys() == Authority.model_fields.keys()
    assert policy_labels.SCHEDULE.keys() == ScheduleConventions.model_fields.keys()
    assert policy_labels.ROBUSTNESS.keys() == RobustnessBox.model_fields.keys()
    assert policy_labels.AFFORDABILITY.keys() == AffordabilityTable.model_fields.keys()
    assert policy_labels.BREACH.keys() == BreachTable.model_fields.keys()
    assert policy_labels.RULE.keys() == Rule.model_fields.keys() - {"id", "parameters"}
    assert policy_labels.TOP.keys() == PackFile.model_fields.keys() - _SECTIONS - _OF_ITSELF
    assert Header.model_fields.keys() <= PackFile.model_fields.keys()


def test_every_limit_of_every_question_has_a_name_and_every_question_a_sentence() -> None:
    names = {name for parameters in PARAMETERS.values() for name in parameters}

    assert names == policy_labels.PARAMETER.keys()
    assert PARAMETERS.keys() <= known_tests() <= SENTENCES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_two_packs_are_compared_in_words_of_the_language(language: str) -> None:
    before = words(language).untranslated

    for one in every_pack():
        for other in every_pack():
            for change in differences(one, other):
                sentence = change_sentence(change, language)
                assert "{" not in sentence
                assert "\n" not in sentence

    assert words(language).untranslated == before


def _change(place: str, before: object, after: object) -> Change:
    return Change(place, Kind.CHANGED, Direction.TIGHTER, before, after)


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        (
            _change("rules.CN-CARD-02.parameters.months", 60, 48),
            "tightened: CN-CARD-02, longest term, months 60 -> 48",
            "收紧：CN-CARD-02：最长期限（月） 60 -> 48",
        ),
        (
            _change("authority.team_lead.longest_grace_months", 6, 3),
            "tightened: team lead, longest grace, months 6 -> 3",
            "收紧：主管：最长宽限（月） 6 -> 3",
        ),
        (
            _change("space.graces", (1, 2, 3, 6), (1, 2, 3)),
            "tightened: months of grace, no longer 6",
            "收紧：宽限月数，不再包括6",
        ),
        (
            _change("affordability.buffer_cap", None, 5),
            "tightened: affordability, buffer cap none -> 5",
            "收紧：负担能力：预留上限 无 -> 5",
        ),
        (
            _change("affordability.buffer_cap", Fraction(50), Fraction(41, 2)),
            "tightened: affordability, buffer cap 50 -> 20.5",
            "收紧：负担能力：预留上限 50 -> 20.5",
        ),
        (
            _change("affordability.buffer_share", Fraction(1, 5), Fraction(1, 10)),
            "tightened: affordability, buffer share 20.00 % -> 10.00 %",
            "收紧：负担能力：预留比例 20.00% -> 10.00%",
        ),
        (
            _change("space.lender_may_loosen", ("max_periods",), ()),
            "tightened: what a lender may loosen most payments -> none",
            "收紧：机构可放宽的项目 最多期数 -> 无",
        ),
        (
            _change("lender_may_loosen", ("calendar", "affordability.table_currency"), ()),
            "tightened: what a lender may loosen holiday calendar; affordability, currency of cap "
            "and least share -> none",
            "收紧：机构可放宽的项目 节假日日历；负担能力：上限与最低份额的币种 -> 无",
        ),
        (
            _change("space.old_charges", (OldCharges.SPREAD, OldCharges.CAPITALISE), ()),
            "tightened: what becomes of old charges spread over all payments; "
            "added to the principal -> none",
            "收紧：原有息费的处理 分摊到各期；计入本金 -> 无",
        ),
        (
            _change(
                "space.waivers", Waivers.model_validate({"penalty_interest": ["0.5"]}), Waivers()
            ),
            "tightened: shares that are waived penalty interest 50.00 % -> none",
            "收紧：减免比例 罚息 50.00% -> 无",
        ),
    ],
)
def test_a_change_is_said_in_one_line(change: Change, english: str, chinese: str) -> None:
    assert change_sentence(change, "en") == english
    assert change_sentence(change, "zh") == chinese


@pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.pack)
def test_levers_and_authority_are_said_in_chinese_words(pack: PolicyPack) -> None:
    fields = [(f"space.{name}", getattr(pack.space, name)) for name in Space.model_fields]
    for role, table in pack.authority.items():
        place = f"authority.{role.value}"
        fields += [(f"{place}.{name}", getattr(table, name)) for name in Authority.model_fields]

    said = " ".join(field_text(place, value, "zh") for place, value in fields)

    assert set(re.findall("[A-Za-z_]+", said)) <= {"CNY", "USD", "EUR", "GBP", "HKD", "JPY"}


def test_values_are_said_by_their_words() -> None:
    pack = shipped_pack("cn-card")

    assert value_text((), "en") == "none"
    assert value_text({}, "en") == "none"
    assert value_text(value=True, language="zh") == "是"
    assert value_text(pack.space.rate_step, "en") == "1.50 %"
    assert "停息分期" in value_text(pack.space.families, "zh")
    assert place_name("calendar", "en") == "holiday calendar"


@pytest.mark.parametrize(
    ("closed", "english", "chinese"),
    [
        (
            ClosedLever("max_periods", 24, 34),
            "Outside the levers of this pack: most payments (24); the plan has 34.",
            "超出该政策包的调节项：最多期数（24），方案为34。",
        ),
        (
            ClosedLever("rhythms", (Rhythm.MONTH,), Rhythm.WEEK),
            "Outside the levers of this pack: rhythms of payment (every month); the plan has every "
            "week.",
            "超出该政策包的调节项：还款频率（每月），方案为每周。",
        ),
        (
            ClosedLever("steps", (), None),
            "Outside the levers of this pack: less in the first months (none).",
            "超出该政策包的调节项：前期少还（无）。",
        ),
    ],
)
def test_a_closed_lever_is_said_with_its_limit(
    closed: ClosedLever, english: str, chinese: str
) -> None:
    assert closed_lever_sentence(closed, "en") == english
    assert closed_lever_sentence(closed, "zh") == chinese
