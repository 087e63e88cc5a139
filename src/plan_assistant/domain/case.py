"""What is known of one borrower and all their debts.

Not here: the debts (`debt.py`), the household's money (`household.py`), how a case file is read
(`formats/case_file.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.household import Budget, Household
from plan_assistant.domain.lookup import id_key
from plan_assistant.domain.money import Currency, Money, total
from plan_assistant.domain.personal import Personal

CaseId = NewType("CaseId", str)


class Hardship(StrEnum):
    """Why the borrower cannot pay (reference taxonomy F)."""

    UNEMPLOYMENT = "UNEMP"
    INCOME_DROP = "INCOME_DROP"
    ILLNESS = "ILLNESS"
    ACCIDENT_DISASTER = "ACCIDENT_DISASTER"
    FAMILY_CHANGE = "FAMILY_CHANGE"
    BEREAVEMENT = "BEREAVEMENT"
    BUSINESS_FAIL = "BUSINESS_FAIL"
    CREDIT_WITHDRAWN = "CREDIT_WITHDRAWN"
    GUARANTEE_CALLED = "GUARANTEE_CALLED"
    PRIVATE_DEBT = "PRIVATE_DEBT"
    LAWSUIT = "LAWSUIT"
    FRAUD_VICTIM = "FRAUD_VICTIM"
    MONEY_MANAGEMENT = "MONEY_MGMT"
    GAMBLING_OR_HABIT = "GAMBLING_OR_HABIT"
    SEASONAL = "SEASONAL"
    WILFUL = "WILFUL"
    DISPUTE = "DISPUTE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Person:
    """The borrower; every field shows itself masked unless it is revealed on purpose."""

    name: Personal
    id_number: Personal | None = None
    phone: Personal | None = None
    address: Personal | None = None

    @classmethod
    def of(
        cls,
        name: str,
        id_number: str | None = None,
        phone: str | None = None,
        address: str | None = None,
    ) -> Person:
        """Return the borrower of these texts."""
        return cls(
            Personal.name(name),
            None if id_number is None else Personal.id_number(id_number),
            None if phone is None else Personal.phone(phone),
            None if address is None else Personal.address(address),
        )

    def may_be(self, other: Person) -> bool:
        """Say whether nothing speaks against one person: many share a name, nobody an ID number."""
        if self.id_number is None or other.id_number is None:
            return True
        return id_key(self.id_number.revealed) == id_key(other.id_number.revealed)


class ContactOutcome(StrEnum):
    """What came of an attempt to reach the borrower."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    PROMISE = "promise"
    WRONG_PERSON = "wrong_person"
    INVALID_NUMBER = "invalid_number"


@dataclass(frozen=True, slots=True)
class Contact:
    """One attempt to reach the borrower."""

    on: date
    channel: str = field(repr=False)
    outcome: ContactOutcome


@dataclass(frozen=True, slots=True)
class PastPayment:
    """A payment that arrived."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class HardshipReason:
    """One reason why the borrower cannot pay, with what shows it."""

    code: Hardship
    since: date
    expected_end: date | None
    is_lasting: bool
    evidence: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Willingness:
    """What the borrower said about wanting to pay, and where it is recorded."""

    is_expressed: bool
    recording: str | None = field(repr=False)
    """Reference of the call recording."""
    own_proposal: Money | None
    """A monthly amount that the borrower proposed."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one borrower and all their debts on one day."""

    case_id: CaseId
    jurisdiction: str
    """ISO 3166 country code; chooses the policy pack together with product and date."""
    language: str
    """The borrower's language: zh or en."""
    as_of: date
    borrower: Person
    household: Household
    debts: tuple[Debt, ...]
    budget: Budget
    hardships: tuple[HardshipReason, ...]
    willingness: Willingness
    contacts: tuple[Contact, ...]
    payments: tuple[PastPayment, ...]
    promises_kept: int
    promises_broken: int
    note: Personal

    @property
    def negotiated(self) -> tuple[Debt, ...]:
        """The debts this negotiation covers."""
        return tuple(debt for debt in self.debts if debt.is_negotiated)

    def debt(self, debt_id: DebtId) -> Debt:
        """Return a debt by its id; raises KeyError for one that is not in the case."""
        return {debt.debt_id: debt for debt in self.debts}[debt_id]

    @property
    def currency(self) -> Currency:
        """The currency of the negotiation."""
        return self.negotiated[0].currency

    @property
    def owed(self) -> Money:
        """All that is owed on the negotiated debts."""
        return total([debt.owed for debt in self.negotiated], self.currency)

    @property
    def days_past_due(self) -> int:
        """The longest of the negotiated debts."""
        return max(debt.days_past_due for debt in self.negotiated)

    @property
    def lead_debt(self) -> Debt:
        """The negotiated debt with the largest amount owed: its product decides the rules."""
        return max(self.negotiated, key=lambda debt: (debt.owed.minor, debt.debt_id))
