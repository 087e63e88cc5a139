"""What is known of one borrower and all their debts.

Not here: how a case file is read (`formats/case_file.py`), what is affordable (`budget.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from plan_assistant.domain.calendar import add_months, months_between
from plan_assistant.domain.money import Currency, Money, total
from plan_assistant.domain.personal import Personal

CaseId = NewType("CaseId", str)
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


class Reliability(StrEnum):
    """How far an income can be counted on (reference method 3.2, step 1)."""

    VERIFIED = "verified"
    """Verified salary, pension or benefit."""
    VARIABLE = "variable"
    """Variable pay, as the average of twelve months."""
    PLATFORM = "platform"
    """Platform or gig work."""
    STATED = "stated"
    """Stated without proof."""
    ONE_OFF = "one_off"
    EXPECTED = "expected"
    """Expected but not started."""


class Every(StrEnum):
    """The rhythm of an income or outgoing."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class OutgoingKind(StrEnum):
    """What the household pays for, in the groups of a standard financial statement."""

    FOOD = "food"
    CLOTHING = "clothing"
    HOUSEHOLD = "household"
    TRANSPORT = "transport"
    COMMUNICATION = "communication"
    EDUCATION = "education"
    HEALTH = "health"
    INSURANCE = "insurance"
    OTHER_ESSENTIAL = "other_essential"
    RENT = "rent"
    MORTGAGE = "mortgage"
    UTILITIES = "utilities"
    TAX = "tax"
    SUPPORT = "support"
    """Support of children or parents."""
    SECURED_LOAN = "secured_loan"
    GUARANTEE = "guarantee"
    """Guarantee obligations that are due."""
    OTHER_DEBT = "other_debt"
    """Contractual payments of debts outside this negotiation."""

    @property
    def is_priority(self) -> bool:
        """Say whether not paying it costs home, utilities or liberty."""
        return self in _PRIORITY

    @property
    def is_debt(self) -> bool:
        """Say whether it counts into the debt service ratio."""
        return self in _DEBTS

    @property
    def is_essential(self) -> bool:
        """Say whether it is a living cost (and neither priority nor other debt)."""
        return not self.is_priority and self is not OutgoingKind.OTHER_DEBT


_PRIORITY = frozenset(
    {
        OutgoingKind.RENT,
        OutgoingKind.MORTGAGE,
        OutgoingKind.UTILITIES,
        OutgoingKind.TAX,
        OutgoingKind.SUPPORT,
        OutgoingKind.SECURED_LOAN,
        OutgoingKind.GUARANTEE,
    }
)
_DEBTS = frozenset(
    {
        OutgoingKind.MORTGAGE,
        OutgoingKind.SECURED_LOAN,
        OutgoingKind.GUARANTEE,
        OutgoingKind.OTHER_DEBT,
    }
)


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


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives on the income."""

    adults: int
    """The borrower and everybody of 14 and over."""
    children: int
    """Under 14."""
    is_rural: bool = False

    @property
    def weight(self) -> Fraction:
        """OECD-modified weight: 1.0 first adult, 0.5 each other, 0.3 a child."""
        return 1 + Fraction(self.adults - 1, 2) + Fraction(3 * self.children, 10)

    @property
    def persons(self) -> int:
        """Everybody who lives on the income."""
        return self.adults + self.children


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

    def is_matured(self, today: date) -> bool:
        """Say whether the contract's last due date has passed."""
        return self.maturity is not None and self.maturity < today

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


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what an amount lies that is not known yet; the likely amount stands beside it."""

    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Income:
    """One source of income of the household."""

    label: str = field(repr=False)
    amount: Money
    every: Every
    reliability: Reliability
    by_month: tuple[Money, ...] = ()
    """Twelve amounts, January first, for seasonal income; empty when every month is alike."""
    bounds: Bounds | None = None
    """For an amount that is not known yet; None for one that is."""

    @property
    def is_unknown(self) -> bool:
        """Say whether the amount may turn out to be another one."""
        return self.bounds is not None and self.bounds.low < self.bounds.high


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing the household pays for."""

    label: str = field(repr=False)
    kind: OutgoingKind
    amount: Money
    every: Every
    is_proven: bool
    begins: date | None = None
    """Paid from the calendar month of this day on; None: already now."""
    until: date | None = None
    """Paid up to and including the calendar month of this day; None: no end is known."""
    bounds: Bounds | None = None
    """For an amount that is not known yet; None for one that is."""

    @property
    def is_unknown(self) -> bool:
        """Say whether the amount may turn out to be another one."""
        return self.bounds is not None and self.bounds.low < self.bounds.high

    def is_paid_in(self, month: int) -> bool:
        """Say whether it is paid in a calendar month, counted as year x 12 + month - 1."""
        starts = self.begins is None or _month_of(self.begins) <= month
        return starts and (self.until is None or month <= _month_of(self.until))


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


@dataclass(frozen=True, slots=True)
class Budget:
    """Income and outgoings of the household, in one currency."""

    currency: Currency
    incomes: tuple[Income, ...]
    outgoings: tuple[Outgoing, ...]
    cash: Money
    """Money in hand that could become a down payment or carry a weak month."""
    payday: int | None
    """Day of the month on which the main income arrives."""


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
