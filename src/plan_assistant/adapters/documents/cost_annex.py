"""Annex 2: the all-in cost statement 综合融资成本明示表 as finished strings.

Its sections follow rule CN-DISC-02: principal; each item with method, rate and payee; the
annualized cost if the plan is kept; what default can cost; that nothing else is charged.
Not here: how amounts look (`figures.py`).
"""

from __future__ import annotations

from typing import Any

from plan_assistant.adapters.documents.figures import figure
from plan_assistant.adapters.documents.paper import Lines, Paper, plain
from plan_assistant.domain.money import Money


def cost_annex(paper: Paper) -> dict[str, Any]:
    """Return the cost statement as the template takes it."""
    summary, holds = paper.facts.plan.summary, paper.conditions
    items = [_interest(paper)]
    if holds["joins"]:
        joined = paper.facts.plan.joined
        items.append(
            _item(paper, "joined", paper.say("cost", "method_joined"), "rate_year", joined)
        )
    if holds["has_arrears"]:
        treatment = _capitalised(
            paper.say("arrears_treatment", paper.facts.plan.conventions.arrears_treatment.value)
        )
        items.append(_item(paper, "arrears", treatment, "rate_none", summary.total_arrears))
    fee_method = "method_fees" if holds["has_fees"] else "method_none"
    items.append(
        _item(
            paper,
            "fees",
            paper.say("cost", fee_method),
            "rate_amount" if holds["has_fees"] else None,
            summary.total_fees,
        )
    )
    principal = paper.say("cost", "principal_left" if holds["charges_changed"] else "principal")
    normal = paper.say("cost", "normal_left" if holds["charges_changed"] else "normal")
    names = ("component", "method_of", "standard", "payee", "amount")
    total = summary.total_interest + summary.total_arrears + summary.total_fees
    total += paper.facts.plan.joined
    on_default = [
        "default",
        *(["default_rate"] if holds["reduced_rate"] or holds["rate_dropped"] else []),
        *(["default_waiver"] if holds["has_waiver"] else []),
    ]
    return {
        "title": paper.label("annex_b"),
        "unit": paper.label("unit"),
        "number": {"label": paper.label("number"), "value": paper.facts.number},
        "sections": [
            {"title": paper.label("cost_principal"), "text": principal},
            {
                "title": paper.label("cost_items"),
                "head": [paper.label(name) for name in names],
                "rows": items,
                "total": [paper.label("total"), plain(figure(total))],
            },
            {"title": paper.label("cost_normal"), "text": normal},
            {"title": paper.label("cost_default"), "text": paper.paragraph("cost", on_default)},
        ],
        "statement": paper.say("cost", "no_other"),
        "read": paper.label("read_and_signed"),
        "signature": paper.label("signature"),
        "date": paper.label("date"),
    }


def _interest(paper: Paper) -> list[Lines]:
    is_charged = paper.conditions["bears_interest"]
    method = paper.say("cost", "method_interest" if is_charged else "method_none")
    rate = "rate_year" if is_charged else None
    return _item(paper, "interest", method, rate, paper.facts.plan.summary.total_interest)


def _item(
    paper: Paper, name: str, method: Lines, standard: str | None, amount: Money
) -> list[Lines]:
    """Return the cells of an item; one without a rate is not charged and has no payee."""
    rate = paper.say("cost", standard or "none")
    payee = plain(paper.facts.lender) if standard else paper.say("cost", "none")
    return [paper.say("cost", name), method, rate, payee, plain(figure(amount))]


def _capitalised(lines: Lines) -> Lines:
    return [{**item, "text": item["text"][:1].upper() + item["text"][1:]} for item in lines]
