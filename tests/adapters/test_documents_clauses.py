"""The clause texts as data: complete, equal in both languages, neutral, and strictly filled."""

from __future__ import annotations

import itertools
import re
from enum import StrEnum
from typing import Any

import pytest
from tests.adapters.agreement_example import APPROVAL, agreement

from plan_assistant.adapters.documents.cost_annex import cost_annex
from plan_assistant.adapters.documents.errors import ClauseDefect
from plan_assistant.adapters.documents.facts import Kind, read_approval, read_facts
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.adapters.documents.library import (
    Bilingual,
    Library,
    fill,
    library,
    read_library,
    words,
)
from plan_assistant.adapters.documents.paper import Paper, compose
from plan_assistant.adapters.documents.schedule_annex import schedule_annex
from plan_assistant.domain.calendar import HolidayRoll, MonthEnd
from plan_assistant.domain.case import Hardship
from plan_assistant.domain.debt import Component
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    DayCount,
    HolidayInterest,
    LevelPayment,
    OddFirstPeriod,
    PeriodInterest,
    Remainder,
)

_BOTH = (Language.ZH, Language.EN)
# Words that threaten, that the supervisor abolished, or that say law without having read it.
_NEVER = (
    "滞纳金|后果自负|失信|黑名单|坐牢|拘留|刑事|起诉|上门|家人|单位领导|恶意|老赖|"
    "late fee|blacklist|prison|criminal|police|lawsuit against|your employer|immediately"
)


def _texts(raw: Library) -> list[str]:
    return [
        paragraph.in_(language)
        for clause in raw.clause
        for paragraph in clause.paragraph
        for language in _BOTH
    ]


def test_every_clause_names_its_rules_and_how_well_they_were_checked() -> None:
    for clause in library().clause:
        assert clause.confidence in Confidence
        assert all(re.fullmatch(r"CN-[A-Z]+-\d\d", rule) for rule in clause.rules), clause.id


def test_no_clause_threatens_or_uses_an_abolished_charge() -> None:
    for text in _texts(library()):
        assert not re.search(_NEVER, text, re.IGNORECASE), text


def test_a_clause_that_is_our_recommendation_does_not_speak_as_law() -> None:
    for clause in library().clause:
        if not clause.rules:
            for paragraph in clause.paragraph:
                assert "依法" not in paragraph.in_(Language.ZH)
                assert "法律规定" not in paragraph.in_(Language.ZH)


def test_every_clause_is_used_by_some_kind_and_every_kind_has_the_common_ones() -> None:
    used = {name for kind in library().kinds.values() for name in kind.clauses}

    assert used == {clause.id for clause in library().clause}
    for kind in Kind:
        assert {"debt", "plan", "charges", "breach", "pause", "collection", "statements"} <= set(
            library().kinds[kind].clauses
        )


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("component", Component),
        ("hardship", Hardship),
        ("method", Family),
        ("rounding", Rounding),
        ("day_count", DayCount),
        ("period_interest", PeriodInterest),
        ("odd_first_period", OddFirstPeriod),
        ("level_payment", LevelPayment),
        ("remainder", Remainder),
        ("month_end", MonthEnd),
        ("holiday_roll", HolidayRoll),
        ("holiday_interest", HolidayInterest),
        ("arrears_treatment", ArrearsTreatment),
    ],
)
def test_every_code_of_a_record_has_words(group: str, codes: type[StrEnum]) -> None:
    missing = [code.value for code in codes if code.value not in words().groups[group]]

    assert missing == []


def test_every_word_can_be_filled_for_any_convention() -> None:
    """Walks through all conventions, one changed at a time, and composes the whole paper."""
    choices: dict[str, type[StrEnum]] = {
        "rounding": Rounding,
        "day_count": DayCount,
        "period_interest": PeriodInterest,
        "odd_first_period": OddFirstPeriod,
        "level_payment": LevelPayment,
        "remainder": Remainder,
        "month_end": MonthEnd,
        "holiday_roll": HolidayRoll,
        "holiday_interest": HolidayInterest,
    }
    frequencies = [{"every": 1, "unit": unit} for unit in ("months", "weeks", "days")]
    frequencies += [{"every": 2, "unit": unit} for unit in ("months", "weeks", "days")]
    changes: list[dict[str, Any]] = [
        {"conventions": {name: code.value}} for name, codes in choices.items() for code in codes
    ]
    changes += [{"frequency": frequency} for frequency in frequencies]
    changes += [{"arrears_treatment": treatment.value} for treatment in ArrearsTreatment]

    for change in changes:
        document = agreement(periods=3)
        terms = document["plan"]["terms"]
        terms["conventions"] |= change.pop("conventions", {})
        terms |= change
        assert "{" not in _everything(document).replace("{}", "")


@pytest.mark.parametrize(("kind", "family"), [*itertools.product(Kind, Family)])
def test_every_kind_of_agreement_can_be_worded_for_every_family(kind: Kind, family: Family) -> None:
    grace = 3 if family in {"deferral", "deferral_capitalised", "interest_first"} else 0

    for language in ("zh", "en"):
        document = agreement(
            kind=kind.value, family=family.value, periods=9, grace=grace, has_guarantor=True
        )
        said = _everything(document | {"jurisdiction": "CN" if language == "zh" else "HK"})

        assert "None" not in said
        assert not re.search(r"\{[a-z_]+\}", said)
        assert "，，" not in said
        assert "。。" not in said


def _everything(document: dict[str, Any]) -> str:
    """Return all texts of the paper, one after the other."""
    paper = Paper.of(read_facts(document), read_approval(APPROVAL), None, _BOTH)
    return "\n".join(_leaves(compose(paper, schedule_annex(paper), cost_annex(paper))))


def _leaves(tree: object) -> list[str]:
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in _leaves(value)]
    if isinstance(tree, list):
        return [leaf for value in tree for leaf in _leaves(value)]
    return [str(tree)] if isinstance(tree, str) else []


def test_an_unknown_placeholder_is_an_error_and_names_itself() -> None:
    with pytest.raises(ClauseDefect, match=r"\{nobody\}"):
        fill("欠款{total}，{nobody}", {"total": "1.00"})


def test_braces_in_a_value_mean_nothing() -> None:
    assert fill("姓名{name}", {"name": "{total} {{7*7}}", "total": "1"}) == "姓名{total} {{7*7}}"


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("欠款{total}", "Owed {amount}"), ("欠款{total", "Owed {total"), ("{a b}", "{a b}")],
)
def test_two_languages_that_do_not_say_the_same_are_refused(chinese: str, english: str) -> None:
    with pytest.raises(ValueError, match=r"different placeholders|no placeholder"):
        Bilingual(zh=chinese, en=english)


@pytest.mark.parametrize(
    "change",
    [
        {"clause": [{"id": "x", "rules": [], "confidence": "verified", "paragraph": []}]},
        {"kinds": {}},
        {"surprise": 1},
        {"clause": []},
    ],
    ids=["claims law without a rule", "kinds missing", "unknown field", "named clauses missing"],
)
def test_a_broken_library_is_refused(change: dict[str, Any]) -> None:
    raw = library().model_dump(mode="json") | change

    with pytest.raises(ClauseDefect):
        read_library(raw)


def test_an_unknown_condition_is_an_error() -> None:
    clause = library().clause[0].model_copy(update={"when": ("is_full_moon",)})

    with pytest.raises(ClauseDefect, match="is_full_moon"):
        clause.applies({"card": True})
