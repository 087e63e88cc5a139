"""Reads and writes case files, `plan-assistant/case@1`: one borrower and all their debts.

Not here: where the bytes come from (`adapters/importers`), what must hold between fields
(`case_checks.py`).
"""

from __future__ import annotations

from pydantic import ValidationError

from plan_assistant.domain.case import (
    Case,
    CaseId,
    Contact,
    HardshipReason,
    PastPayment,
    Person,
    Willingness,
)
from plan_assistant.domain.debt import Component, Components, Debt, DebtId
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.case_checks import check_case
from plan_assistant.domain.formats.case_model import CASE_FORMAT, BudgetPart, CaseFile, DebtPart
from plan_assistant.domain.formats.notation import exact
from plan_assistant.domain.formats.wire import (
    RangePart,
    check_format,
    problems_of,
    rate,
    refuse,
    text_of,
)
from plan_assistant.domain.household import Bounds, Budget, Household, Income, Outgoing
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.personal_fields import is_personal_path


def read_case(raw: object, source: str) -> Case:
    """Read a case from parsed JSON; raises InputRefused with every problem found.

    `source` names the file in the message.
    """
    tree = check_format(raw, CASE_FORMAT, source)
    problems: list[Problem] = []
    wire: CaseFile | None = None
    try:
        wire = CaseFile.model_validate(tree)
    except ValidationError as error:
        problems += problems_of(error, CaseFile, is_personal_path)
    reported = {problem.path for problem in problems}
    problems += [problem for problem in check_case(tree) if problem.path not in reported]
    refuse(source, problems)
    if wire is None:
        raise AssertionError("a file without problems has been read")
    return _case(wire)


def _case(wire: CaseFile) -> Case:
    debts = tuple(_debt(part) for part in wire.debts)
    currency = next(debt.currency for debt in debts if debt.is_negotiated)
    willing = wire.willingness
    return Case(
        case_id=CaseId(wire.case_id),
        jurisdiction=wire.jurisdiction,
        language=wire.language,
        as_of=wire.as_of,
        borrower=Person.of(**wire.borrower.model_dump()),
        household=Household(**wire.household.model_dump()),
        debts=debts,
        budget=_budget(wire.budget),
        hardships=tuple(
            HardshipReason(
                part.code, part.since, part.expected_end, part.is_lasting, tuple(part.evidence)
            )
            for part in wire.hardships
        ),
        willingness=Willingness(
            willing.is_expressed, willing.recording, _optional(willing.own_proposal, currency)
        ),
        contacts=tuple(Contact(part.on, part.channel, part.outcome) for part in wire.contacts),
        payments=tuple(PastPayment(part.on, currency.parse(part.amount)) for part in wire.payments),
        promises_kept=wire.promises_kept,
        promises_broken=wire.promises_broken,
        note=Personal(wire.note),
    )


def _optional(amount: str | None, currency: Currency) -> Money | None:
    return None if amount is None else currency.parse(amount)


def _or_nothing(amount: str | None, currency: Currency) -> Money:
    return currency.zero if amount is None else currency.parse(amount)


def _debt(part: DebtPart) -> Debt:
    currency = Currency.of(part.currency)
    owed = part.components
    return Debt(
        debt_id=DebtId(part.debt_id),
        product=part.product,
        lender=part.lender,
        account_tail=part.account_tail,
        annual_rate=rate(part.annual_rate),
        components=Components(
            *(_or_nothing(getattr(owed, component.value), currency) for component in Component)
        ),
        opened=part.opened,
        days_past_due=part.days_past_due,
        oldest_unpaid_due=part.oldest_unpaid_due,
        contractual_payment=_optional(part.contractual_payment, currency),
        maturity=part.maturity,
        original_term_months=part.original_term_months,
        extended_months=part.extended_months,
        restructured_on=tuple(part.restructured_on),
        has_guarantor=part.has_guarantor,
        guarantor_consents=part.guarantor_consents,
        last_acknowledged=part.last_acknowledged,
        is_negotiated=part.is_negotiated,
        is_floating=part.is_floating,
    )


def _budget(part: BudgetPart) -> Budget:
    currency = Currency.of(part.currency)
    return Budget(
        currency=currency,
        incomes=tuple(
            Income(
                line.label,
                _likely(line.amount, currency),
                line.every,
                line.reliability,
                tuple(currency.parse(month) for month in line.by_month),
                _bounds(line.amount, currency),
            )
            for line in part.incomes
        ),
        outgoings=tuple(
            Outgoing(
                line.label,
                line.kind,
                _likely(line.amount, currency),
                line.every,
                line.is_proven,
                line.begins,
                line.until,
                _bounds(line.amount, currency),
            )
            for line in part.outgoings
        ),
        cash=_or_nothing(part.cash, currency),
        payday=part.payday,
    )


def _likely(figure: str | RangePart, currency: Currency) -> Money:
    return currency.parse(figure.likely if isinstance(figure, RangePart) else figure)


def _bounds(figure: str | RangePart, currency: Currency) -> Bounds | None:
    if not isinstance(figure, RangePart):
        return None
    return Bounds(currency.parse(figure.low), currency.parse(figure.high))


def write_case(case: Case) -> dict[str, Json]:
    """Return the case as a case file; reading it gives the same case again."""
    borrower, household, budget, willing = (
        case.borrower,
        case.household,
        case.budget,
        case.willingness,
    )
    return {
        "format": CASE_FORMAT,
        "case_id": case.case_id,
        "jurisdiction": case.jurisdiction,
        "language": case.language,
        "as_of": case.as_of.isoformat(),
        "borrower": {
            "name": borrower.name.revealed,
            "id_number": _revealed(borrower.id_number),
            "phone": _revealed(borrower.phone),
            "address": _revealed(borrower.address),
        },
        "household": {
            "adults": household.adults,
            "children": household.children,
            "is_rural": household.is_rural,
        },
        "debts": [_written_debt(debt) for debt in case.debts],
        "budget": {
            "currency": budget.currency.code,
            "incomes": [_written_income(income) for income in budget.incomes],
            "outgoings": [_written_outgoing(line) for line in budget.outgoings],
            "cash": budget.cash.plain,
            "payday": budget.payday,
        },
        "hardships": [
            {
                "code": reason.code.value,
                "since": reason.since.isoformat(),
                "expected_end": text_of(reason.expected_end),
                "is_lasting": reason.is_lasting,
                "evidence": list(reason.evidence),
            }
            for reason in case.hardships
        ],
        "willingness": {
            "is_expressed": willing.is_expressed,
            "recording": willing.recording,
            "own_proposal": _plain(willing.own_proposal),
        },
        "contacts": [
            {
                "on": contact.on.isoformat(),
                "channel": contact.channel,
                "outcome": contact.outcome.value,
            }
            for contact in case.contacts
        ],
        "payments": [
            {"on": payment.on.isoformat(), "amount": payment.amount.plain}
            for payment in case.payments
        ],
        "promises_kept": case.promises_kept,
        "promises_broken": case.promises_broken,
        "note": case.note.revealed,
    }


def _revealed(text: Personal | None) -> str | None:
    return None if text is None else text.revealed


def _plain(amount: Money | None) -> str | None:
    return None if amount is None else amount.plain


def _written_debt(debt: Debt) -> dict[str, Json]:
    return {
        "debt_id": debt.debt_id,
        "product": debt.product.value,
        "lender": debt.lender,
        "account_tail": debt.account_tail,
        "currency": debt.currency.code,
        "annual_rate": exact(debt.annual_rate),
        "components": {
            component.value: amount.plain for component, amount in debt.components.items()
        },
        "total": debt.owed.plain,
        "opened": debt.opened.isoformat(),
        "oldest_unpaid_due": text_of(debt.oldest_unpaid_due),
        "days_past_due": debt.days_past_due,
        "contractual_payment": _plain(debt.contractual_payment),
        "maturity": text_of(debt.maturity),
        "original_term_months": debt.original_term_months,
        "extended_months": debt.extended_months,
        "restructured_on": [day.isoformat() for day in debt.restructured_on],
        "has_guarantor": debt.has_guarantor,
        "guarantor_consents": debt.guarantor_consents,
        "last_acknowledged": text_of(debt.last_acknowledged),
        "is_negotiated": debt.is_negotiated,
        "is_floating": debt.is_floating,
    }


def _written_income(income: Income) -> dict[str, Json]:
    return {
        "label": income.label,
        "amount": _written_figure(income.amount, income.bounds),
        "every": income.every.value,
        "reliability": income.reliability.value,
        "by_month": [amount.plain for amount in income.by_month],
    }


def _written_outgoing(outgoing: Outgoing) -> dict[str, Json]:
    """Return an outgoing; the dates stand only where it has them."""
    written: dict[str, Json] = {
        "label": outgoing.label,
        "kind": outgoing.kind.value,
        "amount": _written_figure(outgoing.amount, outgoing.bounds),
        "every": outgoing.every.value,
        "is_proven": outgoing.is_proven,
    }
    if outgoing.begins is not None:
        written["from"] = outgoing.begins.isoformat()
    if outgoing.until is not None:
        written["until"] = outgoing.until.isoformat()
    return written


def _written_figure(likely: Money, bounds: Bounds | None) -> Json:
    if bounds is None:
        return likely.plain
    return {"low": bounds.low.plain, "likely": likely.plain, "high": bounds.high.plain}
