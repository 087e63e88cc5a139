"""Foreign text cannot steer the terminal, and money is never cropped."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

import plan_assistant.ui
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Components
from plan_assistant.domain.formats.notation import LARGEST_MINOR
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.text import mask_name
from plan_assistant.ui import columns
from plan_assistant.ui.widgets.text import Pane, line, toast
from plan_assistant.wording import formats
from tests import builders
from tests.ui.driver import Driver, drive, memory_store, open_case_of, run, sample_cases

UI = Path(plan_assistant.ui.__file__).parent
WRAPPER = UI / "widgets" / "text.py"
RAW = {"Static", "Label", "Button", "DataTable", "Markdown", "notify", "from_markup", "render_str"}
MAKERS = {"Content", "assemble", "styled"}

LARGEST = Money(LARGEST_MINOR, CNY)


def _calls(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            func = node.func
            names.add(func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", ""))
    return names


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.stem)
def test_text_reaches_the_terminal_through_one_module_only(path: Path) -> None:
    if path != WRAPPER:
        assert not _calls(path) & (RAW | MAKERS)


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.stem)
def test_titles_are_set_by_that_module_only(path: Path) -> None:
    targets = [
        target.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    ]
    if path != WRAPPER:
        assert not {"border_title", "border_subtitle"} & set(targets)


STEERING = {"\x1b", "\x9b", "\x00", "\x07", "\u202e", "\r"}

REFUSED_BY_INPUT = [
    "\x1b[2J\x1b]52;c;QQ==\x07",
    "\x9b31m",
    "a\x00b",
    "\u202egnirts",
    "one\r\ntwo",
]
"""Input refuses these; text that came another way still has to be shown safely."""

ACCEPTED_BY_INPUT = [
    "[/",
    "[link=http://example.com]x[/link]",
    "[bold]",
    "{0}%s$x",
    "e\u0301\u0301",
]


@pytest.mark.parametrize("text", REFUSED_BY_INPUT)
def test_what_could_steer_a_terminal_never_leaves_a_line(text: str) -> None:
    assert not STEERING & set(line(text, (text, "bold")).plain)


@pytest.mark.parametrize("text", REFUSED_BY_INPUT + ACCEPTED_BY_INPUT)
def test_a_pane_shows_any_text_in_lines_and_titles(text: str) -> None:
    class Foreign(Pane):
        DEFAULT_CSS = "Foreign { border: ascii white; }"

        def titles(self) -> tuple[str, str]:
            return text, text

        def lines(self, width: int, height: int) -> Sequence[Content]:
            return [line(text)]

    class Host(App[None]):
        language = "en"

        def compose(self) -> ComposeResult:
            yield Foreign()

        def on_mount(self) -> None:
            toast(self, text)

    async def play() -> None:
        app = Host()
        async with app.run_test(size=(60, 10)) as pilot:
            await pilot.pause()
            assert not STEERING & set(app.export_screenshot())
            assert len(app._notifications) == 1

    run(play())


@pytest.mark.parametrize("name", ACCEPTED_BY_INPUT)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_a_hostile_name_is_shown_as_it_is(name: str, size: tuple[int, int]) -> None:
    case = builders.case()
    hostile = replace(
        case, borrower=replace(case.borrower, name=Personal.name(name)), note=Personal(name)
    )

    async def play(driver: Driver) -> None:
        await open_case_of(driver, case.case_id)
        assert columns.safe(mask_name(name))[:8] in driver.rows[0]
        await driver.press("ctrl+f")
        await driver.on("CaseFileScreen")
        await driver.press("f2", "1")
        await driver.on("CaseFileScreen")
        await driver.press("escape")
        await driver.on("CallScreen")
        assert columns.safe(name)[:8] in driver.rows[0]

    run(drive(play, store=memory_store(hostile), size=size))


def _rich(case: Case, amount: Money) -> Case:
    zero = amount.currency.zero
    debt = replace(
        case.lead_debt,
        components=Components(amount, zero, zero, zero, zero),
        contractual_payment=amount,
    )
    incomes = tuple(replace(item, amount=amount, by_month=()) for item in case.budget.incomes)
    outgoings = tuple(replace(item, amount=amount) for item in case.budget.outgoings[:1])
    budget = replace(case.budget, incomes=incomes, outgoings=outgoings, cash=amount)
    return replace(case, debts=(debt,), budget=budget)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_largest_amount_is_never_cropped_on_any_screen(language: str) -> None:
    case = _rich(builders.case(), LARGEST)
    whole = formats.money(LARGEST, language)

    async def play(driver: Driver) -> None:
        await driver.sees(whole)
        await open_case_of(driver, case.case_id)
        assert whole in driver.rows[0]
        _nothing_cut(driver.frame)
        overlays = {
            "f4": "ScheduleScreen",
            "f6": "TheySayScreen",
            "ctrl+f": "CaseFileScreen",
            "ctrl+w": "BudgetScreen",
            "f7": "OutcomeScreen",
        }
        for key, name in overlays.items():
            if key in {"f4", "f6"} and driver.call.call.plan is None:
                continue
            await driver.press(key)
            await driver.on(name)
            _nothing_cut(driver.frame)
            await driver.press("escape")
            await driver.on("CallScreen")

    run(drive(play, store=memory_store(case), language=language))


def _nothing_cut(frame: str) -> None:
    """Fail where a figure ends without its decimals, or touches a frame on either side."""
    figures = re.findall(r"[\d,.]*\d{1,3}(?:,\d{3})+[\d,.]*", frame)
    assert figures
    for figure in figures:
        assert re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d\d)?[.,]?", figure), f"{figure}\n{frame}"


def test_a_very_large_real_case_shows_whole_figures_in_plans_and_rows() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S14-very-large")
        plan = driver.call.call.plan
        assert plan is not None
        total = formats.money(plan.total, "en")
        assert total in driver.row("Total")
        assert "####" not in driver.frame.replace("[######.]", "")
        await driver.press("f4")
        await driver.sees("TOTAL", total)
        assert "####" not in driver.frame

    run(drive(play))


def test_every_sample_borrower_can_be_opened() -> None:
    async def play(driver: Driver) -> None:
        for name in sample_cases():
            await open_case_of(driver, name)
            assert formats.money(driver.call.call.case.owed, "zh") in driver.rows[0]
            driver.app.pop_screen()
            await driver.pilot.pause()

    run(drive(play, language="zh"))


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("1,234.56", 8, "1,234.56"),
        ("1,234.56", 7, "#######"),
        ("1,234.56", 10, "  1,234.56"),
    ],
)
def test_an_amount_is_whole_or_hashes(text: str, width: int, shown: str) -> None:
    assert columns.amount(text, width) == shown


def test_a_line_gives_the_figure_its_room_first() -> None:
    assert columns.entry("Other debts", "-1,250,000.00", 20) == "Othe.. -1,250,000.00"
