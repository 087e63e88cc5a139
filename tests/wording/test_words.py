"""The catalogues: complete, up to date, and read without Babel."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from plan_assistant.wording.words import Words, first_fitting, join, placeholders, words

_COUNTED = re.compile(
    r"\{\w+\} (?:more |other |recorded )?"
    r"(?:acts|attempts|cases|checkpoints|debts|facts|files|hardships|problems|promises|rules)\b"
)
"""Things of which a command may find a single one."""
_MORE_THAN_ONE = {
    "and {rest} more problems of this kind",
    "and {rest} more problems: correct these first",
    "There are {actual} debts under negotiation; the borrower may name the one that a payment "
    "settles.",
}
_TOOLS = Path(__file__).parent.parent.parent / "tools"


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    """Return the catalogue tool, a script beside the package."""
    sys.path.insert(0, str(_TOOLS))
    try:
        yield importlib.import_module("messages")
    finally:
        sys.path.remove(str(_TOOLS))


@pytest.mark.parametrize("language", ["zh"])
def test_every_sentence_of_the_source_is_translated_with_the_same_placeholders(
    tool: ModuleType, language: str
) -> None:
    found = tool.extract()

    assert len(found) > 500
    assert tool.faults(tool.updated(language, found), found) == []


def test_one_of_a_thing_is_not_told_in_the_plural(tool: ModuleType) -> None:
    """Such a sentence has two forms, or its number stands apart from the thing."""
    plain = {found.id for found in tool.extract() if isinstance(found.id, str)}

    assert {text for text in plain if _COUNTED.search(text)} - _MORE_THAN_ONE == set()


def test_the_committed_catalogues_are_those_of_the_source(tool: ModuleType) -> None:
    found = tool.extract()
    catalogue = tool.updated("zh", found)
    path = tool.po_path("zh")

    assert path.read_bytes() == tool.po_bytes(catalogue), "run `make messages`"
    assert path.with_suffix(".mo").read_bytes() == tool.mo_bytes(catalogue), "run `make messages`"
    assert tool.PROBLEMS.read_bytes() == tool.problems_bytes(found), "run `make messages`"


def test_the_tool_names_what_is_missing_or_differs(tool: ModuleType) -> None:
    found = [
        tool.Found("New sentence.", None, "a.py", 1),
        tool.Found("Pay {amount}.", None, "a.py", 2),
        tool.Found(("{count} cat", "{count} cats"), None, "a.py", 3),
    ]
    catalogue = tool.updated("zh", found)
    catalogue.get("Pay {amount}.").string = "还{sum}。"
    catalogue.get("{count} cat").string = ("{count}只猫",)

    said = tool.faults(catalogue, found)

    assert said == [
        "a.py:1: no zh for 'New sentence.'",
        "a.py:2: 'Pay {amount}.' fills ['amount'], its translation ['sum']",
    ]


def test_the_tool_finds_sentences_however_they_are_spoken(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "src" / "plan_assistant").mkdir(parents=True)
    for name in tool.problem_files(Path("plan_assistant")):
        place = tmp_path / "src" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("", encoding="utf-8")
    module = tmp_path / "src" / "plan_assistant" / "screen.py"
    module.write_text(
        "from plan_assistant.wording.words import Words, label, message, words\n"
        'A = message("One.")\n'
        'B = label("head", "Two")\n'
        "def speak(text: Words, language):\n"
        '    text("Three " "in parts.", x=1)\n'
        '    words(language)("Four." if text else "Five.")\n'
        '    text.plural("{count} six", "{count} sixes", 6)\n'
        '    text.label("foot", "Seven")\n'
        "    other = words(language)\n"
        '    return other("Eight.")\n',
        encoding="utf-8",
    )

    ids = {(item.id, item.context) for item in tool.extract(tmp_path / "src")}

    assert ids == {
        ("One.", None),
        ("Two", "head"),
        ("Three in parts.", None),
        ("Four.", None),
        ("Five.", None),
        (("{count} six", "{count} sixes"), None),
        ("Seven", "foot"),
        ("Eight.", None),
    }


def test_the_tool_refuses_a_sentence_put_together_at_run_time(
    tool: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "src" / "plan_assistant").mkdir(parents=True)
    for name in tool.problem_files(Path("plan_assistant")):
        place = tmp_path / "src" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("", encoding="utf-8")
    module = tmp_path / "src" / "plan_assistant" / "screen.py"
    module.write_text(
        "from plan_assistant.wording.words import words\n"
        'def speak(x): return words("en")(f"You pay {x}.")\n',
        encoding="utf-8",
    )

    with pytest.raises(tool.NotLiteral, match=r"screen\.py:2"):
        tool.extract(tmp_path / "src")


def test_a_sentence_is_spoken_in_the_language_with_its_values() -> None:
    sentence = "The last one is {last}."

    assert words("en")(sentence, last="7") == "The last one is 7."
    assert words("zh")(sentence, last="7") == "最后一期为7。"


def test_a_label_depends_on_where_it_stands() -> None:
    chinese = words("zh")

    assert chinese.label("column head", "Level") == "等额本息"
    assert chinese.label("nowhere", "credit card") == chinese("credit card") == "信用卡"


def test_what_has_no_translation_is_remembered() -> None:
    chinese = Words("zh")

    assert chinese("Never written {value}.", value=1) == "Never written 1."
    assert chinese.label("nowhere", "Never labelled") == "Never labelled"
    assert chinese.plural("{count} nut", "{count} nuts", 2) == "2 nuts"
    assert chinese.untranslated == {"Never written {value}.", "Never labelled", "{count} nut"}
    assert chinese("credit card") == "信用卡"
    assert Words("zh").untranslated == frozenset()


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr' is not a language of this program"):
        words("fr")


def test_a_missing_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError, match="last"):
        words("zh")("The last one is {last}.")


def test_chinese_sentences_follow_each_other_without_a_blank() -> None:
    assert join(["一。", "二。"], "zh") == "一。二。"
    assert join(["One.", "Two."], "en") == "One. Two."


def test_the_first_sentence_that_can_be_filled_is_taken() -> None:
    choices = ("{a} and {b}", "{a} alone", "nothing")

    assert first_fitting(choices, {"a": "1", "b": "2"}) == "{a} and {b}"
    assert first_fitting(choices, {"a": "1"}) == "{a} alone"
    assert first_fitting(choices, {}) == "nothing"
    assert placeholders("{a} {{b}} {c}") == {"a", "c"}


def test_speaking_loads_neither_babel_nor_any_framework() -> None:
    """Commands must not pay for what only screens, documents or tools need."""
    program = (
        "import sys\n"
        "from plan_assistant.wording import findings, formats, problems, script, terms, words\n"
        "words.words('zh')('credit card')\n"
        "heavy = {'babel', 'numpy', 'pydantic', 'rich', 'sqlalchemy', 'textual', 'typst'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
