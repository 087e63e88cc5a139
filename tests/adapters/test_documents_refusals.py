"""Agreements that must not become paper: refused at once, with every problem and its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.adapters.agreement_example import APPROVAL, agreement
from tests.agreed_rows import set_cell

from plan_assistant.adapters.documents.errors import DocumentRefused
from plan_assistant.adapters.documents.facts import read_approval, read_facts
from plan_assistant.adapters.documents.fonts import missing_characters
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.domain.errors import InputRefused


def _problems(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(DocumentRefused) as refused:
        read_facts(document)
    return {problem.path: problem.sentence for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("name", "character"),
    [("李🙂", "🙂 (U+1F642)"), ("王𲎯", "𲎯 (U+323AF)"), ("Łukasz", "Ł")],
)
def test_a_character_without_a_glyph_is_named_with_its_field(name: str, character: str) -> None:
    document = agreement(name=name)

    problems = _problems(document)

    assert list(problems) == ["parties.borrower.name"]
    assert character.split(" ", maxsplit=1)[0] in problems["parties.borrower.name"]


@pytest.mark.parametrize("name", ["张\u202e三", "张\x07三", "张\x00", "张\ue123", "张\u200b三"])
def test_a_character_no_page_can_show_is_refused_and_never_replaced(name: str) -> None:
    problems = _problems(agreement(name=name))

    assert "no page can show" in problems["parties.borrower.name"]


def test_a_text_too_long_to_print_is_refused_and_never_cut() -> None:
    problems = _problems(agreement(name="张" * 201))

    assert problems["parties.borrower.name"] == (
        "has 201 characters; at most 200 can be printed: shorten it"
    )


def test_all_problems_are_named_at_once() -> None:
    document = agreement()
    document["parties"]["borrower"]["name"] = "李🙂"
    document["hardship"][0]["evidence"] = ["证明", "病历🙂"]
    document["debt"]["opened"] = "2026-02-30"
    document["plan"]["summary"]["payments"] = "24"
    set_cell(document, 2, "interest", "1,0")
    del document["plan"]["terms"]["conventions"]["rounding"]
    del document["policy"]

    problems = _problems(document)

    assert set(problems) == {
        "parties.borrower.name",
        "hardship[0].evidence[1]",
        "debt.opened",
        "plan.summary.payments",
        "plan.rows[2].interest",
        "plan.terms.conventions.rounding",
        "policy",
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda it: it["plan"]["summary"].update(total="1.00"), "plan.summary.total"),
        (lambda it: it["plan"]["summary"].update(payments=3), "plan.summary.payments"),
        (lambda it: it["plan"]["summary"].update(last_due="2030-01-01"), "plan.summary.last_due"),
        (lambda it: it["plan"]["summary"].update(added_cost="0.01"), "plan.summary.added_cost"),
        (lambda it: it["debt"].update(total="47450.61"), "debt.total"),
        (lambda it: it["plan"].update(rows=[]), "plan.rows"),
        (lambda it: set_cell(it, 3, "payment", "-1.00"), "plan.rows[3].payment"),
        (lambda it: it["plan"]["rows"][3].pop(), "plan.rows[3]"),
        (lambda it: it["plan"]["rows"].append({}), "plan.rows[24].payment"),
        (lambda it: it["plan"]["columns"].pop(), "plan.columns"),
        (lambda it: it["plan"].update(columns=None), "plan.columns"),
        (lambda it: it["plan"]["summary"].update(payment="2263.520"), "plan.summary.payment"),
        (lambda it: it["debt"].update(total="1" + "0" * 17 + ".00"), "debt.total"),
        (lambda it: it.update(currency="RMB yuan"), "currency"),
        (lambda it: it.update(kind="settlement"), "kind"),
        (lambda it: it.update(agreed_at="2026-11-22T14:05:11"), "agreed_at"),
        (lambda it: it.update(parties=None), "parties"),
        (lambda it: it["plan"].update(rows="none"), "plan.rows"),
        (lambda it: it["parties"].update(has_guarantor="no"), "parties.has_guarantor"),
    ],
)
def test_a_record_that_contradicts_itself_or_is_broken_is_refused(
    change: Callable[[dict[str, Any]], None], path: str
) -> None:
    document = agreement()
    change(document)

    problems = _problems(document)

    assert path in problems
    assert len(problems[path]) > 20


def test_another_format_or_a_newer_version_is_refused_for_that_alone() -> None:
    for name in ("plan-assistant/agreement@4", "plan-assistant/case@1"):
        with pytest.raises(InputRefused) as refused:
            read_facts(agreement() | {"format": name})

        assert len(refused.value.problems) == 1


def test_a_long_list_of_problems_is_cut_and_says_so() -> None:
    document = agreement(periods=120)
    for row in range(120):
        set_cell(document, row, "payment", "x")

    problems = _problems(document)

    assert problems[""] == "and 70 more problems of this kind"


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(DocumentRefused) as refused:
        PdfWriter().write(agreement(), language="fr", approval=None, checkpoint=None)

    assert "choose zh, en or both" in refused.value.problems[0].sentence


@pytest.mark.parametrize(
    "change", [{"by": None}, {"at": "yesterday"}, {"fingerprint": "9F3C"}, {"by": "林🙂"}]
)
def test_a_broken_approval_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_approval({**APPROVAL, **change})

    assert refused.value.problems[0].path == f"approval.{next(iter(change))}"


def test_the_fonts_know_rare_names_and_name_what_they_lack() -> None:
    assert missing_characters("欧阳𬱖龑䶮㛃 Ünal, Nguyễn; “—”") == []
    assert missing_characters("a🙂b🙂ł") == ["🙂", "ł"]
