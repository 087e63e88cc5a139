"""What a borrower owes: the amount in its parts, and the debt with what was agreed about it.

Not here: what a payment settles first (`schedule/allocation.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from plan_assistant.domain.calendar import add_months, months_between
from plan_assistant.domain.money import Currency, Money

DebtId = NewType("DebtId", str)


class Component(StrEnum):
    """What an amount owed consists of."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    PENALTY_INTEREST = "penalty_interest"
    FEE = "fee"
    COST = "cost"
    """Costs of enforcement."""


class Product(StrEnum):
    """What was lent; rules differ by it."""

    CREDIT_CARD = "credit_card"
    CONSUMER_LOAN = "consumer_loan"
    BUSINESS_LOAN = "business_loan"
    """A loan to a person for their business."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Components:
    """An amount owed, split into what it consists of."""

    principal: Money
    interest: Money
    penalty_interest: Money
    fee: Money
    cost: Money

    @classmethod
    def none(cls, currency: Currency) -> Components:
        """Nothing of anything."""
        return cls(*[currency.zero] * 5)

    @property
    def total(self) -> Money:
        """The sum of all components."""
        return self.principal + self.non_principal

    @property
    def non_principal(self) -> Money:
        """Interest, penalty interest, fees and costs: what bears no interest in a plan."""
        return self.interest + self.penalty_interest + self.fee + self.cost

    def items(self) -> tuple[tuple[Component, Money], ...]:
        """Return every component with its amount, in the order of the record."""
        return (
            (Component.PRINCIPAL, self.principal),
            (Component.INTEREST, self.interest),
            (Component.PENALTY_INTEREST, self.penalty_interest),
            (Component.FEE, self.fee),
            (Component.COST, self.cost),
        )

    def minus(self, paid: Mapping[Component, Money]) -> Components:
        """Return what is left after amounts were paid towards components."""
        zero = self.principal.currency.zero
        return Components(
            *(amount - paid.get(component, zero) for component, amount in self.items())
        )


@dataclass(frozen=True, slots=True)
class Debt:
    """One account."""

    debt_id: DebtId
    product: Product
    lender: str = field(repr=False)
    account_tail: str = field(repr=False)
    """Last digits of the account; the full number never enters the program."""
    annual_rate: Fraction
    """Contract rate, nominal a year."""
    components: Components
    opened: date
    days_past_due: int
    oldest_unpaid_due: date | None
    """The due date of the oldest unpaid amount; None when nothing is past due."""
    contractual_payment: Money | None
    """What the contract asks each month (cards: the minimum payment)."""
    maturity: date | None
    """The last due date of the contract; None for revolving credit."""
    original_term_months: int | None
    extended_months: int
    """Months already added by earlier extensions."""
    restructured_on: tuple[date, ...]
    """Dates of earlier restructurings."""
    has_guarantor: bool
    guarantor_consents: bool
    """Written consent of guarantor, mortgagor or pledgor to the change."""
    last_acknowledged: date | None
    """Last payment, demand, promise or suit: limitation starts again (Civil Code Art. 195)."""
    is_negotiated: bool
    """Whether this negotiation covers it; other debts enter the budget with their payment."""
    is_floating: bool = False
    """Whether the contract rate may change; a plan is then also tried at a higher rate."""

    @property
    def currency(self) -> Currency:
        """The currency of the account."""
        return self.components.principal.currency

    @property
    def owed(self) -> Money:
        """All that is owed today."""
        return self.components.total

    def is_same_account(self, other: Debt) -> bool:
        """Say whether a debt in another file of the same borrower is this account.

        Files number their debts as they like; lender, product, currency and last digits are those
        of the account itself.
        """
        return (self.lender.strip(), self.product, self.currency, self.account_tail) == (
            other.lender.strip(),
            other.product,
            other.currency,
            other.account_tail,
        )

    def is_matured(self, today: date) -> bool:
        """Say whether the contract's last due date has passed."""
        return self.maturity is not None and self.maturity < today

    def is_running(self, today: date) -> bool:
        """Say whether the contract ends later, so that an extension can still be agreed.

        An extension is applied for before the day of maturity (Civil Code Art. 678).
        """
        return self.maturity is not None and today < self.maturity

    def months_to_maturity(self, today: date) -> int | None:
        """Return the whole months left to maturity; None for revolving credit."""
        return None if self.maturity is None else max(0, months_between(today, self.maturity))

    def limitation_ends(self, years: int) -> date | None:
        """Return the day on which the limitation period ends; None while nothing is past due.

        It starts when payment was due (for one debt payable in installments, when the last one was:
        Civil Code Art. 188, 189) and again with every acknowledgement (Art. 195).
        """
        if self.oldest_unpaid_due is None:
            return None
        starts = (self.oldest_unpaid_due, self.maturity, self.last_acknowledged)
        return add_months(max(start for start in starts if start is not None), 12 * years)
