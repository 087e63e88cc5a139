"""Writes an agreement, `plan-assistant/agreement@3`, fingerprints it, and computes it again.

It is the one form of an agreement: recorded, approved, printed and verified are these same figures.
Personal data is masked in it. Not here: how it looks on paper (`adapters/documents`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from plan_assistant.domain.agreement import Agreement, PolicyStamp
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Person
from plan_assistant.domain.debt import Debt, Product
from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.amounts_owed import compare_amounts, read_components
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.differences import Difference, compare
from plan_assistant.domain.formats.joint_file import JOINT, compare_joint, written_joint
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact, rounded_rate
from plan_assistant.domain.formats.plan_file import (
    written_components,
    written_finding,
    written_rows,
    written_summary,
)
from plan_assistant.domain.formats.raw_tree import Node
from plan_assistant.domain.formats.schedule_table import COLUMNS, with_named_cells, written_table
from plan_assistant.domain.formats.terms_file import read_terms, write_terms
from plan_assistant.domain.formats.wire import check_format, text_of
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.rates import RateUndefined, annualized_rate
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms

AGREEMENT_FORMAT = "plan-assistant/agreement@3"
FIRST_AGREEMENT = "plan-assistant/agreement@1"
"""Still read: in it nothing is waived, and no old interest joins the principal."""
OLDER_AGREEMENTS = (FIRST_AGREEMENT, "plan-assistant/agreement@2")
"""Still read: in them each row of the schedule names its cells."""

_DEFERRALS = frozenset({Family.DEFERRAL, Family.DEFERRAL_CAPITALISED})


def kind_of(agreement: Agreement) -> str:
    """Return which document an agreement needs.

    Before maturity a longer term is an extension (展期); after it, it is a rescheduling of an
    overdue debt, which is another thing in law.
    """
    family, debt = agreement.plan.family, agreement.debt
    if family in _DEFERRALS:
        return "deferral"
    if debt.product is Product.CREDIT_CARD:
        return "card_installment"
    if family is Family.EXTENSION and debt.is_running(agreement.case.as_of):
        return "loan_extension"
    return "loan_rescheduling"


def write_agreement(agreement: Agreement) -> dict[str, Json]:
    """Return the agreement as JSON; the same agreement gives the same bytes in canonical form."""
    case, debt, accepted = agreement.case, agreement.debt, agreement.acceptance
    return {
        "format": AGREEMENT_FORMAT,
        "number": agreement.number,
        "case_id": case.case_id,
        "kind": kind_of(agreement),
        "jurisdiction": case.jurisdiction,
        "language": case.language,
        "cut_off": case.as_of.isoformat(),
        "agreed_at": accepted.at.isoformat(),
        "currency": debt.currency.code,
        "parties": {
            "lender": debt.lender,
            "borrower": _written_borrower(case.borrower),
            "has_guarantor": debt.has_guarantor,
            "guarantor_consents": debt.guarantor_consents,
        },
        "debt": _written_debt(debt),
        "hardship": [
            {
                "code": reason.code.value,
                "since": reason.since.isoformat(),
                "expected_end": text_of(reason.expected_end),
                "evidence": list[Json](reason.evidence),
            }
            for reason in case.hardships
        ],
        "plan": _written_plan(agreement),
        "affordability": _written_affordability(agreement),
        "findings": _written_findings(agreement.plan),
        "policy": written_stamp(agreement.policy),
        "engine": agreement.engine,
        "acceptance": {
            "at": accepted.at.isoformat(),
            "lines_read": list[Json](accepted.lines_read),
            "recording": accepted.recording,
            "reason_code": accepted.reason_code,
            "note": accepted.note,
        },
        "maker": agreement.maker,
        **_written_joint(agreement.plan),
    }


def _written_joint(plan: Plan) -> dict[str, Json]:
    # A plan that is part of nothing has no such field: agreements of before stay the same bytes.
    return {} if plan.joint is None else {JOINT: written_joint(plan.joint, plan.schedule)}


def written_stamp(stamp: PolicyStamp) -> dict[str, Json]:
    """Return which rules a plan was checked against."""
    return {"pack": stamp.pack, "version": stamp.version, "sha256": stamp.sha256}


def read_stamp(agreement: Mapping[str, Json]) -> PolicyStamp:
    """Return which rules a recorded agreement was checked against."""
    stamp = cast("Mapping[str, Json]", agreement["policy"])
    return PolicyStamp(str(stamp["pack"]), str(stamp["version"]), str(stamp["sha256"]))


def _written_borrower(person: Person) -> dict[str, Json]:
    return {
        "name": person.name.revealed,
        "id_number": _masked(person.id_number),
        "phone": _masked(person.phone),
        "address": _masked(person.address),
    }


def _masked(text: Personal | None) -> str | None:
    return None if text is None else text.masked


def _written_debt(debt: Debt) -> dict[str, Json]:
    components = written_components(debt.components)
    owed = components.pop("total")
    return {
        "debt_id": debt.debt_id,
        "product": debt.product.value,
        "account_tail": debt.account_tail,
        "annual_rate": exact(debt.annual_rate, RATE_DECIMALS),
        "opened": debt.opened.isoformat(),
        "maturity": text_of(debt.maturity),
        "days_past_due": debt.days_past_due,
        "components": components,
        "total": owed,
    }


def _written_plan(agreement: Agreement) -> dict[str, Json]:
    plan = agreement.plan
    return {
        "family": plan.family.value,
        "grace_months": plan.grace_months,
        "waived": written_components(plan.waived),
        "capitalised": plan.capitalised.plain,
        "terms": write_terms(plan.terms),
        **written_table(written_rows(plan.schedule)),
        "summary": {
            **written_summary(plan.schedule, plan.confirmed.total),
            "annualized_rate": rounded_rate(plan.annualized_rate),
            "contract_rate": exact(agreement.debt.annual_rate, RATE_DECIMALS),
        },
    }


def _written_findings(plan: Plan) -> list[Json]:
    # Most rules say only that they hold or what is told: what they measure nothing of is left out.
    return [
        {name: part for name, part in finding.items() if part is not None}
        for finding in map(written_finding, plan.findings)
    ]


def _written_affordability(agreement: Agreement) -> dict[str, Json]:
    means, judgement = agreement.affordability, agreement.plan.judgement
    written: dict[str, Json] = {
        "income": means.income.plain,
        "essentials": means.essentials.plain,
        "priority": means.priority.plain,
        "other_debts": means.other_debts.plain,
        "surplus": means.surplus.plain,
        "buffer": means.buffer.plain,
        "affordable": means.affordable.plain,
        "verdict": judgement.verdict.value,
        "worst_payment": judgement.worst_payment.plain,
        "left_over": judgement.left_over.plain,
    }
    if judgement.certainty is not None:
        written["certainty"] = judgement.certainty.value
    return written


def agreement_fingerprint(agreement: Mapping[str, Json]) -> str:
    """Return the SHA-256 of the canonical JSON of an agreement."""
    return fingerprint(agreement)


def short_code(sha256: str) -> str:
    """Return a fingerprint in the short form that people compare: `9F3C-11AE`."""
    return f"{sha256[:4]}-{sha256[4:8]}".upper()


def recompute(
    agreement: Mapping[str, Json],
    holidays: Callable[[str], Holidays],
    price: Callable[[Terms], Schedule],
) -> list[Difference]:
    """Price the terms of an agreement again and return every cell that differs, in document order.

    Raises InputRefused when it is not an agreement, or its terms cannot be read or priced.
    """
    source = "agreement"
    raw = check_format(dict(agreement), AGREEMENT_FORMAT, source, older=OLDER_AGREEMENTS)
    root = Node(with_named_cells(raw), "")
    plan, debt = root.get("plan"), root.get("debt")
    terms = _terms_of(plan.get("terms"), source, holidays)
    try:
        schedule = price(terms)
    except InvalidTerms as error:
        problem = Problem(f"plan.terms.{error.field}", f"{error.reason}: no schedule follows")
        raise InputRefused(source, [problem]) from error
    try:
        annualized = annualized_rate(schedule)
    except RateUndefined as error:
        problem = Problem("plan.terms", "nothing is owed or nothing is paid under these terms")
        raise InputRefused(source, [problem]) from error
    currency = terms.principal.currency
    owed = read_components(debt.get("components"), currency, source)
    is_table = raw.get("format") not in OLDER_AGREEMENTS
    expected: dict[str, Json] = {
        "columns": [*COLUMNS] if is_table else None,
        "rows": written_rows(schedule),
        "summary": {
            **written_summary(schedule, owed.total),
            "annualized_rate": rounded_rate(annualized),
            "contract_rate": debt.get("annual_rate").value,  # type: ignore[dict-item]  # compared, not used
        },
    }
    return [
        *compare(root.get("currency"), currency.code),
        *compare_amounts(root, owed, terms, source, is_first=raw.get("format") == FIRST_AGREEMENT),
        *compare(plan, expected),
        *compare_joint(agreement, schedule, source, holidays, price),
    ]


def agreed_terms(agreement: Mapping[str, Json], holidays: Callable[[str], Holidays]) -> Terms:
    """Return the terms of an agreement; raises InputRefused where they cannot be read."""
    return _terms_of(Node(agreement, "").get("plan").get("terms"), "agreement", holidays)


def _terms_of(node: Node, source: str, holidays: Callable[[str], Holidays]) -> Terms:
    try:
        return read_terms(node.value, source, holidays)
    except InputRefused as refusal:
        inside = [
            Problem(f"{node.path}.{problem.path}".rstrip("."), problem.sentence)
            for problem in refusal.problems
        ]
        raise InputRefused(source, inside) from refusal
