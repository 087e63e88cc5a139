"""Papers of plans with every lever: each figure is one of the record, in both languages alike."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from typing import Any

import pytest
from tests.adapters.agreement_example import APPROVAL
from tests.adapters.pdf_reading import figures_of, pages_of, schedule_rows, squeezed, text_of
from tests.agreed_rows import first_version, rows_of
from tests.domain.formats.test_agreement_levers import drawn_up
from tests.lever_plans import combinations, lever_plan

from plan_assistant.adapters.documents.cost_annex import cost_annex
from plan_assistant.adapters.documents.errors import DocumentRefused
from plan_assistant.adapters.documents.facts import read_facts
from plan_assistant.adapters.documents.figures import Language, figure, percent
from plan_assistant.adapters.documents.paper import Paper, compose
from plan_assistant.adapters.documents.schedule_annex import schedule_annex
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.domain.formats.agreement_file import write_agreement
from plan_assistant.domain.money import Money

_WRITER = PdfWriter()
_PRINTED = [
    ("waiver",),
    ("capitalised", "lower rate"),
    ("step-up", "waiver"),
    ("weekly",),
    ("biweekly", "hundreds"),
    ("first", "down payment"),
    ("last", "deferral capitalised"),
    ("waiver", "one payment"),
    ("waiver", "capitalised", "lower rate", "first", "step-up", "biweekly", "hundreds"),
]
_AMOUNT = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{2}(?![\d%]|\.\d)")


@cache
def _document(levers: tuple[str, ...]) -> str:
    return json.dumps(write_agreement(drawn_up(levers)))


def document(levers: tuple[str, ...]) -> dict[str, Any]:
    return json.loads(_document(levers))  # type: ignore[no-any-return]


@cache
def _said(levers: tuple[str, ...], language: Language) -> str:
    """Return everything the paper says in one language, without the rows of the schedule."""
    paper = Paper.of(read_facts(document(levers)), None, None, (language,))
    schedule = schedule_annex(paper)
    content = compose(paper, {**schedule, "rows": []}, cost_annex(paper))
    return "\n".join(_texts(content))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


@cache
def _pdf(levers: tuple[str, ...], language: str) -> bytes:
    return _WRITER.write(document(levers), language=language, approval=APPROVAL, checkpoint=None)


def _known(levers: tuple[str, ...]) -> set[str]:
    """Return every amount that a paper of this plan may name."""
    _, plan = lever_plan(levers)
    schedule, cent = plan.schedule, plan.total.currency.money(1)
    rows = [amount for row in schedule.rows for amount in row if isinstance(amount, Money)]
    owed = [amount for _, amount in (*plan.confirmed.items(), *plan.waived.items())]
    left = [amount for _, amount in plan.confirmed.minus(dict(plan.waived.items())).items()]
    sums = [
        plan.total,
        plan.confirmed.total,
        plan.waived.total,
        plan.confirmed.total - plan.waived.total,
        plan.capitalised,
        plan.terms.principal,
        plan.terms.payment_multiple_of or cent,
        schedule.total_interest,
        schedule.total_arrears,
        schedule.total_principal,
        schedule.total_interest + schedule.total_arrears + plan.capitalised,
        _sum([row.principal for row in schedule.rows]),
        _sum([row.interest for row in schedule.rows]),
        _sum([row.capitalised for row in schedule.rows]),
        plan.added_cost,
        -plan.added_cost,
        cent,
        plan.total.currency.zero,
    ]
    return {figure(amount) for amount in (*rows, *owed, *left, *sums)}


def _sum(amounts: list[Money]) -> Money:
    whole = amounts[0].currency.zero
    for amount in amounts:
        whole += amount
    return whole


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_the_paper_names_no_amount_that_the_plan_does_not_have(levers: tuple[str, ...]) -> None:
    known = _known(levers)

    for language in Language:
        assert set(_AMOUNT.findall(_said(levers, language))) <= known


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_both_languages_hold_the_same_figures(levers: tuple[str, ...]) -> None:
    chinese, english = (figures_of(_said(levers, language)) for language in Language)

    assert chinese == english


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_every_change_of_a_plan_stands_on_its_paper(levers: tuple[str, ...]) -> None:
    case, plan = lever_plan(levers)
    text = _said(levers, Language.EN)
    contract = case.lead_debt.annual_rate

    has_waiver, joins = bool(plan.waived.total), bool(plan.capitalised)
    assert ("The waiver is final on the day" in text) is has_waiver
    assert ("the waiver lapses and what was given up is owed again" in text) is has_waiver
    assert ("joins the principal on that day" in text) is joins
    if has_waiver:
        assert f"gives up CNY {figure(plan.waived.total)}" in text
        for _, amount in plan.waived.items():
            assert figure(amount) in text
    if joins:
        assert f"{figure(plan.capitalised)} joins the principal" in text
        assert f"is then CNY {figure(plan.terms.principal)}" in text
        assert "no interest is charged on interest" not in text
    if 0 < plan.terms.annual_rate < contract:
        assert f"{percent(plan.terms.annual_rate)} (original contract: {percent(contract)})" in text
        assert f"that rate, {percent(contract)} a year, applies" in text
    assert ("rounded to a multiple of CNY 100.00" in text) is ("hundreds" in levers)
    assert ("in principle a Friday" in text) is bool({"weekly", "biweekly"} & set(levers))
    assert ("payments are lower than the later ones" in text) is ("step-up" in levers)
    if plan.schedule.total_arrears and "first" in levers:
        assert "with the first payment" in text
    if plan.schedule.total_arrears and "last" in levers:
        assert "with the last payment" in text


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_runs_of_equal_payments_are_listed_with_days_amounts_and_numbers(
    levers: tuple[str, ...],
) -> None:
    _, plan = lever_plan(levers)
    runs, text = plan.schedule.runs, _said(levers, Language.EN)
    if len(runs) < 3 or len(runs) > 6:
        return

    for count, amount in runs:
        assert (
            f"{count} payments of CNY {figure(amount)} each" in text
            if count > 1
            else f"one payment of CNY {figure(amount)}" in text
        )


@pytest.mark.parametrize("levers", _PRINTED, ids=" + ".join)
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_row_is_read_back_from_the_pdf(levers: tuple[str, ...], language: str) -> None:
    rows = rows_of(document(levers))

    printed = [(row[0], row[1], row[3]) for row in schedule_rows(_pdf(levers, language))]

    assert [(number, day, amount.replace(",", "")) for number, day, amount in printed] == [
        (str(row["number"]), row["due"], row["payment"]) for row in rows
    ]


@pytest.mark.parametrize("levers", _PRINTED, ids=" + ".join)
def test_the_printed_pages_hold_the_same_figures_in_both_languages(levers: tuple[str, ...]) -> None:
    chinese, english = (
        figures_of("\n".join(pages_of(_pdf(levers, language)))) for language in ("zh", "en")
    )

    assert chinese == english


def test_the_same_record_gives_the_same_bytes() -> None:
    levers = _PRINTED[-1]

    again = PdfWriter().write(document(levers), language="both", approval=APPROVAL, checkpoint=None)

    assert again == _pdf(levers, "both")


def test_an_agreement_of_the_first_version_is_printed_as_nothing_waived() -> None:
    older = first_version(document(()))

    text = text_of(_WRITER.write(older, language="en", approval=APPROVAL, checkpoint=None))

    assert squeezed("gives up") not in text
    assert text == text_of(_pdf((), "en"))


@pytest.mark.parametrize(
    ("levers", "path", "value"),
    [
        (("waiver",), ("plan", "waived", "total"), "1.00"),
        (("waiver",), ("plan", "waived", "fee"), "1.00"),
        (("capitalised",), ("plan", "capitalised"), "1.00"),
        ((), ("plan", "terms", "principal"), "1.00"),
    ],
)
def test_a_waiver_that_does_not_add_up_is_never_printed(
    levers: tuple[str, ...], path: tuple[str, ...], value: str
) -> None:
    changed = copy.deepcopy(document(levers))
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value

    with pytest.raises(DocumentRefused) as refused:
        read_facts(changed)

    assert refused.value.problems[0].path.startswith("plan.")
