"""What the paper needs of an agreement, read from its record and checked to be consistent.

Not here: how it is worded (`values.py`) and laid out (`paper.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plan_assistant.adapters.documents.errors import DocumentRefused
from plan_assistant.adapters.documents.plan_facts import Column, PlanFacts, read_plan
from plan_assistant.adapters.documents.reader import Part
from plan_assistant.domain.case import Hardship
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.agreement_file import (
    AGREEMENT_FORMAT,
    FIRST_AGREEMENT,
    OLDER_AGREEMENTS,
)
from plan_assistant.domain.formats.joint_file import JOINT
from plan_assistant.domain.formats.schedule_table import with_named_cells
from plan_assistant.domain.formats.wire import MOST_PROBLEMS, check_format
from plan_assistant.domain.money import Currency, Money, total
from plan_assistant.domain.offers.joint import Method

_SOURCE = "the agreement"


class Kind(StrEnum):
    """The kind of agreement; chooses title and clauses."""

    CARD_INSTALLMENT = "card_installment"
    LOAN_EXTENSION = "loan_extension"
    LOAN_RESCHEDULING = "loan_rescheduling"
    DEFERRAL = "deferral"


@dataclass(frozen=True, slots=True)
class Borrower:
    """The borrower as the record shows them: masked. None is filled in by hand."""

    name: str
    id_number: str | None
    phone: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Debt:
    """The account the agreement is about, as it stood on the cut-off date."""

    product: Product
    account_tail: str
    opened: date
    maturity: date | None
    days_past_due: int
    components: Mapping[Component, Money]
    total: Money


@dataclass(frozen=True, slots=True)
class HardshipFact:
    """One reason why the borrower cannot pay."""

    code: Hardship
    since: date
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JointFacts:
    """The one payment for several debts that the plan is part of."""

    method: Method
    flows_on: bool
    largest: Money
    """What all debts together ask for in the month that asks for the most."""
    others: tuple[str, ...]
    """Numbers of the other debts."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the paper says, before it is worded."""

    number: str
    kind: Kind
    jurisdiction: str
    cut_off: date
    agreed_at: datetime
    currency: Currency
    lender: str
    borrower: Borrower
    has_guarantor: bool
    guarantor_consents: bool
    debt: Debt
    hardships: tuple[HardshipFact, ...]
    plan: PlanFacts
    joint: JointFacts | None
    """None for a plan that is part of nothing."""
    pack: str
    pack_version: str
    pack_sha256: str
    engine: str
    accepted_at: datetime
    recording: str | None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved the agreement, when, and the fingerprint of what they approved."""

    by: str
    at: datetime
    fingerprint: str


def read_facts(agreement: Mapping[str, Json]) -> Facts:
    """Return what the paper needs; raises DocumentRefused with every problem found."""
    problems: list[Problem] = []
    raw = check_format(dict(agreement), AGREEMENT_FORMAT, _SOURCE, older=OLDER_AGREEMENTS)
    root = Part(with_named_cells(raw), "", problems)
    currency = _currency(root)
    parties, policy, acceptance = root.part("parties"), root.part("policy"), root.part("acceptance")
    facts = Facts(
        number=root.text("number", 120),
        kind=root.word("kind", Kind),
        jurisdiction=root.text("jurisdiction", 2),
        cut_off=root.day("cut_off"),
        agreed_at=root.moment("agreed_at"),
        currency=currency,
        lender=parties.text("lender"),
        borrower=_borrower(parties.part("borrower")),
        has_guarantor=parties.flag("has_guarantor"),
        guarantor_consents=parties.flag("guarantor_consents"),
        debt=_debt(root.part("debt"), currency),
        hardships=tuple(_hardship(part) for part in root.parts("hardship")),
        plan=read_plan(root.part("plan"), currency, is_first=raw.get("format") == FIRST_AGREEMENT),
        joint=_joint(root.part(JOINT), currency) if root.has(JOINT) else None,
        pack=policy.text("pack", 64),
        pack_version=policy.text("version", 64),
        pack_sha256=policy.text("sha256", 64),
        engine=root.text("engine", 64),
        accepted_at=acceptance.moment("at"),
        recording=acceptance.optional_text("recording"),
    )
    if not problems:
        problems = _contradictions(facts)
    if problems:
        raise DocumentRefused(_SOURCE, _capped(problems))
    return facts


def read_approval(approval: Mapping[str, Json]) -> Approval:
    """Return who approved; raises DocumentRefused with every problem found."""
    problems: list[Problem] = []
    part = Part(approval, "approval", problems)
    read = Approval(part.text("by"), part.moment("at"), part.text("fingerprint", 64))
    if not problems and not _is_fingerprint(read.fingerprint):
        part.problem("fingerprint", "is not a SHA-256 in 64 hexadecimal digits")
    if problems:
        raise DocumentRefused("the approval", problems)
    return read


def _is_fingerprint(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _capped(problems: list[Problem]) -> list[Problem]:
    rest = len(problems) - MOST_PROBLEMS
    if rest <= 0:
        return problems
    said = "and one more problem of this kind"
    if rest > 1:
        said = f"and {rest} more problems of this kind"
    return [*problems[:MOST_PROBLEMS], Problem("", said)]


def _currency(root: Part) -> Currency:
    code = root.text("currency", 3)
    try:
        return Currency.of(code)
    except ValueError as error:
        if code:
            root.problem("currency", str(error))
        return Currency("CNY", 2)


def _borrower(part: Part) -> Borrower:
    return Borrower(
        part.text("name"),
        part.optional_text("id_number"),
        part.optional_text("phone"),
        part.optional_text("address", 400),
    )


def _debt(part: Part, currency: Currency) -> Debt:
    components = part.part("components")
    return Debt(
        product=part.word("product", Product),
        account_tail=part.text("account_tail", 20),
        opened=part.day("opened"),
        maturity=part.optional_day("maturity"),
        days_past_due=part.whole("days_past_due"),
        components={item: components.money(item.value, currency) for item in Component},
        total=part.money("total", currency),
    )


def _joint(part: Part, currency: Currency) -> JointFacts:
    return JointFacts(
        method=part.word("method", Method),
        flows_on=part.flag("flows_on"),
        largest=part.money("largest", currency),
        others=tuple(other.text("debt_id", 60) for other in part.parts("others")),
    )


def _hardship(part: Part) -> HardshipFact:
    return HardshipFact(part.word("code", Hardship), part.day("since"), part.texts("evidence"))


def _contradictions(facts: Facts) -> list[Problem]:
    """Return where the record contradicts itself: such a paper must not exist."""
    plan, summary, debt = facts.plan, facts.plan.summary, facts.debt
    if not plan.rows:
        return [Problem("plan.rows", "is empty: an agreement has at least one installment")]
    owed = total(list(debt.components.values()), facts.currency)
    repaid = debt.components[Component.PRINCIPAL] + plan.joined + summary.total_arrears
    waived = total(list(plan.waived.values()), facts.currency)
    last_paying = max(plan.rows, key=lambda row: (bool(row.amounts[Column.PAYMENT]), row.number))
    claims = (
        ("debt.total", debt.total, owed),
        ("plan.waived.total", plan.waived_total, waived),
        ("plan.waived.total", plan.waived_total, debt.total - repaid),
        ("plan.terms.principal", plan.principal, repaid - summary.total_arrears),
        ("plan.summary.total", summary.total, plan.column_total(Column.PAYMENT)),
        ("plan.summary.payments", summary.payments, len(plan.payments)),
        ("plan.summary.last_due", summary.last_due, last_paying.due),
        ("plan.summary.added_cost", summary.added_cost, summary.total - debt.total),
    )
    return [
        Problem(
            path,
            f"says {said}, but the figures it sums up give {counted}: do not sign; "
            "record the plan again",
        )
        for path, said, counted in claims
        if said != counted
    ]
