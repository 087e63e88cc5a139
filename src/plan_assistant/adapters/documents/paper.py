"""The agreement as one plain object of finished strings, which the template lays out.

Nothing is computed or formatted after this. Not here: the annexes (`schedule_annex.py`,
`cost_annex.py`), the texts (`library.py`) and the typesetting (`writer.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plan_assistant.adapters.documents import figures
from plan_assistant.adapters.documents.facts import Approval, Facts
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.adapters.documents.library import (
    Bilingual,
    Library,
    Words,
    fill,
    library,
    words,
)
from plan_assistant.adapters.documents.plan_facts import Column, Row
from plan_assistant.adapters.documents.values import conditions_of, values_of
from plan_assistant.domain.formats.agreement_file import short_code
from plan_assistant.domain.money import Money
from plan_assistant.domain.seal import Witness

Line = dict[str, str]
"""A text and its language: {"lang": "zh", "text": ...}."""
Lines = list[Line]
"""One text in every language of the paper."""

_SHORT_HASH = 12


@dataclass(frozen=True, slots=True)
class Paper:
    """One agreement on its way to paper: what it says, and in which languages."""

    facts: Facts
    approval: Approval | None
    checkpoint: Witness | None
    """The newest checkpoint over the record when this was first printed."""
    languages: tuple[Language, ...]
    library: Library
    words: Words
    conditions: Mapping[str, bool]
    values: Mapping[Language, Mapping[str, str]]

    @classmethod
    def of(
        cls,
        facts: Facts,
        approval: Approval | None,
        checkpoint: Witness | None,
        languages: tuple[Language, ...],
    ) -> Paper:
        """Return the agreement with everything that its texts may name."""
        return cls(
            facts,
            approval,
            checkpoint,
            languages,
            library(),
            words(),
            conditions_of(facts, is_bilingual=len(languages) > 1),
            {item: values_of(facts, item, library(), words()) for item in languages},
        )

    def lines(self, text: Bilingual, **more: str) -> Lines:
        """Return a text in every language of the paper, filled."""
        return [
            line(item, text.filled(item, {**self.values[item], **more})) for item in self.languages
        ]

    def say(self, group: str, name: str, **more: str) -> Lines:
        """Return a word or sentence in every language of the paper, filled."""
        return self.lines(self.words.of(group, name), **more)

    def label(self, name: str, **more: str) -> Lines:
        """Return a label in every language of the paper."""
        return self.say("label", name, **more)

    def value(self, name: str) -> Lines:
        """Return a value in every language of the paper."""
        return [line(item, self.values[item][name]) for item in self.languages]

    def paragraph(self, group: str, names: Sequence[str]) -> Lines:
        """Return several whole sentences of a group one after the other, a line a language."""
        return [
            line(
                item,
                ("" if item is Language.ZH else " ").join(
                    self.words.of(group, name).filled(item, self.values[item]) for name in names
                ),
            )
            for item in self.languages
        ]

    def joined(self, groups: Sequence[str], names: Sequence[str]) -> Lines:
        """Return several sentences as one line a language, closed with a full stop."""
        separators = {Language.ZH: ("；", "。"), Language.EN: ("; ", ".")}
        result = []
        for item in self.languages:
            between, end = separators[item]
            said = [
                self.words.of(group, name).filled(item, self.values[item])
                for group, name in zip(groups, names, strict=True)
            ]
            text = between.join(said) + end
            result.append(line(item, text[0].upper() + text[1:]))
        return result


def line(language: Language, text: str) -> Line:
    """Return a text with its language."""
    return {"lang": language.value, "text": text}


def plain(text: str) -> Lines:
    """Return a text that is the same in every language."""
    return [{"lang": "", "text": text}]


def compose(paper: Paper, schedule: dict[str, Any], cost: dict[str, Any]) -> dict[str, Any]:
    """Return the whole paper as the template takes it."""
    facts = paper.facts
    kind = paper.library.kinds[facts.kind]
    title = paper.lines(kind.title)
    return {
        "lang": paper.languages[0].value,
        "regions": {item.value: item.region for item in Language},
        # No personal data: file systems and search engines show these two.
        "title": f"{title[0]['text']} {facts.number}",
        "author": facts.lender,
        "running": {"title": title, "number": facts.number},
        "draft": None if paper.approval else _draft(paper),
        "footer": _footer(paper),
        "parts": [_part(paper, item) for item in paper.languages],
        "signatures": _signatures(paper),
        "verification": _verification(paper),
        "schedule": schedule,
        "cost": cost,
    }


def _draft(paper: Paper) -> dict[str, Any]:
    return {"mark": paper.label("draft"), "note": paper.label("draft_note")}


def _footer(paper: Paper) -> dict[str, Any]:
    approval = paper.approval
    pages = []
    for item in paper.languages:
        text = paper.words.of("label", "page").in_(item)
        before, _, rest = text.partition("{page}")
        between, _, after = rest.partition("{pages}")
        pages.append({"lang": item.value, "before": before, "between": between, "after": after})
    code = short_code(approval.fingerprint) if approval else None
    return {
        "pages": pages,
        "code": {"label": paper.label("code"), "value": code} if code else None,
        "checkpoint": _checkpoint(paper),
    }


def _checkpoint(paper: Paper) -> dict[str, Any]:
    """Return the line that makes this paper a witness of the record, or says that it is none."""
    if paper.checkpoint is None:
        return {"label": paper.label("no_checkpoint"), "value": ""}
    return {"label": paper.label("checkpoint"), "value": str(paper.checkpoint)}


def _part(paper: Paper, language: Language) -> dict[str, Any]:
    """Return everything up to the signatures in one language."""
    facts, values = paper.facts, paper.values[language]
    kind = paper.library.kinds[facts.kind]
    return {
        "lang": language.value,
        "title": kind.title.in_(language),
        "parties": _parties(paper, language),
        "facts": {
            "title": paper.words.label("key_facts", language),
            "rows": _key_facts(paper, language),
        },
        "clauses": [
            {
                "heading": _heading(number, clause.title.filled(language, values), language),
                "paragraphs": _paragraphs(paper, language, clause.paragraph, number),
            }
            for number, clause in enumerate(
                paper.library.clauses_for(facts.kind, paper.conditions), start=1
            )
        ],
    }


def _heading(number: int, title: str, language: Language) -> str:
    if language is Language.ZH:
        return f"第{figures.ordinal(number)}条　{title}"
    return f"{number}. {title}"


def _paragraphs(
    paper: Paper, language: Language, paragraphs: Sequence[Any], clause: int
) -> list[dict[str, Any]]:
    """Return the numbered paragraphs of a clause; a table stands with the paragraph before it."""
    values = paper.values[language]
    result: list[dict[str, Any]] = []
    for paragraph in paragraphs:
        if not paragraph.applies(paper.conditions):
            continue
        if paragraph.table is not None:
            result[-1]["table"] = _TABLES[paragraph.table](paper, language)
            continue
        text = fill(paragraph.in_(language), values)
        if paragraph.continues and result:
            result[-1]["text"] += ("" if language is Language.ZH else " ") + text
        else:
            result.append({"number": f"{clause}.{len(result) + 1}", "text": text, "table": None})
    if len(result) == 1:
        result[0]["number"] = None
    return result


def _components(paper: Paper, language: Language) -> dict[str, Any]:
    debt, say = paper.facts.debt, paper.words.say
    return {
        "head": [say("label", "component", language), say("label", "amount", language)],
        "rows": [
            [say("component", item.value, language), figures.figure(amount)]
            for item, amount in debt.components.items()
        ],
        "total": [say("label", "total", language), figures.figure(debt.total)],
    }


def _waived(paper: Paper, language: Language) -> dict[str, Any]:
    """Return what was owed of each item, what of it is given up, and what is left."""
    facts, say = paper.facts, paper.words.say
    rows = [
        (say("component", item.value, language), owed, facts.plan.waived[item])
        for item, owed in facts.debt.components.items()
    ]
    total = (say("label", "total", language), facts.debt.total, facts.plan.waived_total)
    heads = ("component", "owed", "given_up", "left")
    return {
        "head": [say("label", name, language) for name in heads],
        "rows": [_cells(row) for row in rows],
        "total": _cells(total),
    }


def _cells(row: tuple[str, Money, Money]) -> list[str]:
    name, owed, waived = row
    return [name, *(figures.figure(amount) for amount in (owed, waived, owed - waived))]


_TABLES = {"components": _components, "waived": _waived}
"""The tables that a clause may ask for by name."""


def _parties(paper: Paper, language: Language) -> list[list[str]]:
    """Return who agrees, as rows of label and text."""
    facts, label = paper.facts, paper.words.label
    borrower, values = facts.borrower, paper.values[language]
    empty = label("to_fill_in", language)
    return [
        [label("number", language), facts.number],
        [values["lender"], facts.lender],
        [values["borrower"], borrower.name],
        [label("id_number", language), borrower.id_number or empty],
        [label("phone", language), borrower.phone or empty],
        [label("address", language), borrower.address or empty],
        [label("account", language), facts.debt.account_tail],
        [label("agreed_at", language), figures.moment(facts.agreed_at, language)],
    ]


def _key_facts(paper: Paper, language: Language) -> list[dict[str, str]]:
    """Return what matters most: owed, each payment, when, how often, in all, at what cost."""
    facts, values, holds = paper.facts, paper.values[language], paper.conditions
    summary = facts.plan.summary

    def label(name: str, **more: str) -> str:
        return paper.words.label(name, language, **more)

    def money(name: str, amount: Money) -> dict[str, str]:
        return {"label": name, "value": figures.amount(amount, language), "note": ""}

    def money_in_words(name: str, amount: Money) -> dict[str, str]:
        said = figures.in_words(amount, language)
        return {**money(name, amount), "note": label("in_words", words=said)}

    rows = [money_in_words(label("owed_on", day=values["cut_off"]), facts.debt.total)]
    if holds["has_waiver"]:
        rows.append(money_in_words(label("waived"), facts.plan.waived_total))
    if holds["reduced_rate"]:
        rates = label("rates", plan=values["plan_rate"], contract=values["contract_rate"])
        rows.append({"label": label("plan_rate"), "value": rates, "note": ""})
    if holds["has_down_payment"]:
        rows.append(money(label("down_payment"), summary.down_payment))
    if holds["level"]:
        rows.append(money_in_words(label("each_payment"), summary.payment))
    elif holds["few_runs"]:
        rows += [_run_row(run, paper, language) for run in facts.plan.runs]
    elif holds["mostly_level"]:
        rows.append(money(label("first_payment"), summary.first_payment))
        rows.append(money_in_words(label("most_payments"), summary.payment))
    else:
        rows.append(money_in_words(label("first_payment"), summary.first_payment))
    is_listed = holds["few_runs"]
    if not holds["level"] and not is_listed:
        rows.append(money(label("largest_payment"), summary.largest_payment))
    if holds["odd_last"] or not (holds["level"] or is_listed):
        rows.append(money(label("last_payment"), summary.last_payment))
    dates = label("from_to", first=values["first_due"], last=values["last_due"])
    rows += [
        {"label": label("count"), "value": values["payments"], "note": ""},
        {"label": label("dates"), "value": dates, "note": ""},
        money_in_words(label("to_pay"), summary.total),
        {
            "label": label("annualized_left" if holds["has_waiver"] else "annualized"),
            "value": values["annualized_rate"],
            "note": "",
        },
    ]
    return rows


def _run_row(run: Sequence[Row], paper: Paper, language: Language) -> dict[str, str]:
    """Return payments of the same amount in a row: from when to when, how many, how much."""
    amount = run[0].amounts[Column.PAYMENT]
    first, last = (figures.day(row.due, language) for row in (run[0], run[-1]))
    in_words = figures.in_words(amount, language)
    return {
        "label": first
        if len(run) == 1
        else paper.words.label("from_to", language, first=first, last=last),
        "value": paper.words.label(
            "run", language, count=str(len(run)), amount=figures.amount(amount, language)
        ),
        "note": paper.words.label("in_words", language, words=in_words),
    }


def _signatures(paper: Paper) -> dict[str, Any]:
    facts, approval = paper.facts, paper.approval
    approved = (
        [
            {"label": paper.label("approved_by"), "value": plain(approval.by)},
            {
                "label": paper.label("approved_at"),
                "value": plain(figures.moment(approval.at, paper.languages[0])),
            },
        ]
        if approval
        else [{"label": paper.label("approved_by"), "value": paper.label("not_approved")}]
    )
    return {
        "title": paper.label("signatures"),
        "borrower": {"role": paper.value("borrower"), "name": facts.borrower.name},
        "lender": {"role": paper.value("lender"), "name": facts.lender},
        "guarantor": paper.label("guarantor") if facts.has_guarantor else None,
        "signature": paper.label("signature"),
        "fingerprint": paper.label("fingerprint_mark"),
        "date": paper.label("date"),
        "seal": paper.label("seal"),
        "authorised": paper.label("authorised"),
        "approved": approved,
    }


def _verification(paper: Paper) -> dict[str, Any]:
    facts, approval = paper.facts, paper.approval
    rows: list[dict[str, Lines]] = [
        {
            "label": paper.label("fingerprint"),
            "value": plain(approval.fingerprint) if approval else paper.label("no_fingerprint"),
        }
    ]
    if approval:
        code = plain(short_code(approval.fingerprint))
        rows.append({"label": paper.label("code"), "value": code})
    pack = f"{facts.pack} {facts.pack_version} ({facts.pack_sha256[:_SHORT_HASH]})"
    rows += [
        {"label": paper.label("policy"), "value": plain(pack)},
        {"label": paper.label("clauses"), "value": plain(paper.library.version)},
        {"label": paper.label("engine"), "value": plain(facts.engine)},
    ]
    return {"title": paper.label("verification"), "rows": rows, "alt": paper.label("qr")}
