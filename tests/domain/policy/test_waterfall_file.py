"""Waterfalls as data: the files that ship, and files that are wrong."""

from __future__ import annotations

from importlib import resources

import pytest

from plan_assistant.adapters.waterfalls import named_waterfall, packaged_waterfalls
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy.waterfall_file import read_waterfall

FOLDER = resources.files("plan_assistant.policies") / "waterfalls"
HAMP = (FOLDER / "hamp.toml").read_text(encoding="utf-8")
IRS = (FOLDER / "irs-installment.toml").read_text(encoding="utf-8")


def problems_of(text: str) -> dict[str, str]:
    with pytest.raises(InputRefused) as refusal:
        read_waterfall(text.encode(), "own.toml")
    return {problem.path: problem.sentence for problem in refusal.value.problems}


def test_every_shipped_waterfall_is_named_after_its_file_and_says_where_it_is_written() -> None:
    files = {item.name.removesuffix(".toml") for item in FOLDER.iterdir()}

    assert set(packaged_waterfalls()) == files
    for waterfall in packaged_waterfalls().values():
        assert waterfall.source
        assert set(waterfall.title) == set(waterfall.note) == {"en", "zh"}


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('step = "0.00125"', "step = 0.00125", "steps.1.reduce_rate.step", "write it as text"),
        ('step = "0.00125"', 'step = "0"', "steps.1.reduce_rate.step", "more than 0"),
        ('floor = "0.02"', 'floor = "2"', "steps.1.reduce_rate.floor", "from 0 to 1"),
        ("max_periods = 480", "max_periods = 0", "steps.2.extend_term.max_periods", "at least 1"),
        ('"reduce_rate"', '"pray"', "steps.1", "“pray” is not known here: write one of capital"),
        ('type = "reduce_rate"\n', "", "steps.1", "says not which type it is"),
        ('"greater_of"', '"any_of"', "steps.3.forbear_principal.limit", "greater_of"),
        (
            'ratio = "0.31"',
            'ratio = "0.31"\nmoon = 1',
            "targets.0.housing_ratio.moon",
            "unknown field",
        ),
        ('zh = "美国 HAMP 一级方案"', "", "title", "at least 2"),
        ('"interest", "cost"', '"interest", "principal"', "", "which is the balance itself"),
        ('["interest", "cost"]', "[]", "", "give both or neither"),
        ('name = "hamp"', 'name = "a name"', "name", "is no name"),
        ('confidence = "secondary"', 'confidence = "sure"', "confidence", "verified"),
        ("waterfall@1", "waterfall@2", "format", "written for a newer version of this program"),
    ],
    ids=lambda text: text[:24] if isinstance(text, str) else "",
)
def test_a_wrong_field_is_named(old: str, new: str, path: str, said: str) -> None:
    assert old in HAMP

    problems = problems_of(HAMP.replace(old, new))

    assert any(
        place.startswith(path) and said in sentence for place, sentence in problems.items()
    ), problems


def test_a_wrong_step_is_said_with_its_line_and_nothing_besides() -> None:
    text = HAMP.replace('"reduce_rate"', '"pray"')

    with pytest.raises(InputRefused) as refusal:
        read_waterfall(text.encode(), "own.toml")

    (problem,) = refusal.value.problems
    assert problem.line == text[: text.index('type = "pray"')].count("\n")


def test_every_problem_is_named_at_once() -> None:
    text = HAMP.replace('floor = "0.02"', 'floor = "-1"').replace("= 480", "= -480")

    assert len(problems_of(text.replace('ratio = "0.31"', 'ratio = "31"'))) >= 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('currency = "USD"\n', "", "needs the currency of its amounts"),
        ('up_to = "25000"', 'up_to = "10000"', "brackets must rise"),
        ("[[steps]]", '[[steps]]\ntype = "reduce_fees"\n\n[[steps]]', "stands alone"),
        ('type = "affordable_payment"', 'type = "affordable_payment"\nbelow_days_past_due = 9',
         "one target must hold for every debt"),
    ],
    ids=["no currency", "brackets fall", "two steps", "no target for all"],
)  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused(old: str, new: str, said: str) -> None:
    assert any(said in sentence for sentence in problems_of(IRS.replace(old, new, 1)).values())


def test_what_is_no_toml_is_refused() -> None:
    assert "not a TOML file" in problems_of("= = =")[""]


def test_an_unknown_name_hears_the_known_ones() -> None:
    with pytest.raises(InputRefused) as refusal:
        named_waterfall("tarot")

    assert "hamp" in refusal.value.problems[0].sentence


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputRefused) as refusal:
        named_waterfall("nowhere/own.toml")

    assert "there is no such file" in refusal.value.problems[0].sentence
