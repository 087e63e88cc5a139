"""Builders of invented borrowers for tests: one call, everything else believable."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.case import Case, CaseId, Hardship, HardshipReason, Person, Willingness
from plan_assistant.domain.debt import Components, Debt, DebtId, Product
from plan_assistant.domain.household import (
    Budget,
    Every,
    Household,
    Income,
    Outgoing,
    OutgoingKind,
    Reliability,
)
from plan_assistant.domain.money import CNY, Currency, Money
from plan_assistant.domain.personal import Personal

TODAY = date(2026, 11, 20)


def yuan(amount: str) -> Money:
    """Read an amount in CNY."""
    return CNY.parse(amount)


def components(
    principal: str = "45000.00",
    interest: str = "2400.00",
    penalty: str = "0.00",
    fee: str = "850.00",
    cost: str = "0.00",
) -> Components:
    return Components(*(yuan(part) for part in (principal, interest, penalty, fee, cost)))


def debt(
    *,
    debt_id: str = "D1",
    product: Product = Product.CREDIT_CARD,
    owed: Components | None = None,
    rate: str = "0.18",
    days_past_due: int = 97,
    maturity: date | None = None,
    original_term_months: int | None = None,
    extended_months: int = 0,
    restructured_on: tuple[date, ...] = (),
    has_guarantor: bool = False,
    guarantor_consents: bool = False,
    last_acknowledged: date | None = TODAY - timedelta(days=20),
    contractual_payment: Money | None = None,
    is_negotiated: bool = True,
) -> Debt:
    return Debt(
        debt_id=DebtId(debt_id),
        product=product,
        lender="江城银行",
        account_tail="6411",
        annual_rate=Fraction(rate),
        components=owed or components(),
        opened=date(2022, 3, 1),
        days_past_due=days_past_due,
        oldest_unpaid_due=TODAY - timedelta(days=days_past_due) if days_past_due else None,
        contractual_payment=contractual_payment,
        maturity=maturity,
        original_term_months=original_term_months,
        extended_months=extended_months,
        restructured_on=restructured_on,
        has_guarantor=has_guarantor,
        guarantor_consents=guarantor_consents,
        last_acknowledged=last_acknowledged,
        is_negotiated=is_negotiated,
    )


def income(
    amount: str = "8200.00", reliability: Reliability = Reliability.VERIFIED, **more: object
) -> Income:
    return Income("工资", yuan(amount), Every.MONTH, reliability, **more)  # type: ignore[arg-type]


def outgoing(amount: str, kind: OutgoingKind, *, is_proven: bool = True) -> Outgoing:
    return Outgoing(kind.value, kind, yuan(amount), Every.MONTH, is_proven)


def budget(
    incomes: tuple[Income, ...] = (),
    outgoings: tuple[Outgoing, ...] | None = None,
    cash: str = "2000.00",
    currency: Currency = CNY,
    payday: int | None = 10,
) -> Budget:
    return Budget(
        currency=currency,
        incomes=incomes or (income(),),
        outgoings=(
            outgoings
            if outgoings is not None
            else (
                outgoing("2300.00", OutgoingKind.FOOD),
                outgoing("1600.00", OutgoingKind.RENT),
                outgoing("900.00", OutgoingKind.OTHER_DEBT),
            )
        ),
        cash=currency.parse(cash),
        payday=payday,
    )


def case(
    *debts: Debt,
    of_budget: Budget | None = None,
    household: Household | None = None,
    as_of: date = TODAY,
    hardships: tuple[HardshipReason, ...] | None = None,
    is_willing: bool = True,
) -> Case:
    return Case(
        case_id=CaseId("T-1"),
        jurisdiction="CN",
        language="zh",
        as_of=as_of,
        borrower=Person.of("张伟", "110101199001011234", "13800008000", "江城市中山路1号"),
        household=household or Household(adults=2, children=1),
        debts=debts or (debt(),),
        budget=of_budget or budget(),
        hardships=(
            hardships
            if hardships is not None
            else (
                HardshipReason(
                    Hardship.INCOME_DROP, date(2026, 8, 1), date(2027, 2, 1), False, ("离职证明",)
                ),
            )
        ),
        willingness=Willingness(is_willing, "REC-1" if is_willing else None, None),
        contacts=(),
        payments=(),
        promises_kept=2,
        promises_broken=1,
        note=Personal(""),
    )
