"""The fields of a case file, `plan-assistant/case@1`, as pydantic models with a JSON Schema.

Not here: what must hold between fields (`case_checks.py`), reading and writing (`case_file.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plan_assistant.domain.case import ContactOutcome, Hardship
from plan_assistant.domain.debt import Product
from plan_assistant.domain.formats.wire import (
    WHOLE,
    AccountTail,
    Amount,
    Country,
    CurrencyCode,
    Day,
    Few,
    Figure,
    Flag,
    Id,
    Label,
    Line,
    Many,
    Name,
    Note,
    Rate,
    Wire,
)
from plan_assistant.domain.household import Every, OutgoingKind, Reliability

CASE_FORMAT = "plan-assistant/case@1"
MONTHS_OF_A_YEAR = 12


class BorrowerPart(Wire):
    """The borrower."""

    name: Name
    id_number: Annotated[Name | None, Field(description="Identity document number.")] = None
    phone: Name | None = None
    address: Line | None = None


class HouseholdPart(Wire):
    """Who lives on the income."""

    adults: Annotated[
        int, Field(ge=1, le=50, description="The borrower and everybody of 14 and over."), WHOLE
    ]
    children: Annotated[int, Field(ge=0, le=50, description="Under 14."), WHOLE] = 0
    is_rural: Flag = False


class ComponentsPart(Wire):
    """What the amount owed consists of; what is left out is nothing."""

    principal: Amount
    interest: Amount | None = None
    penalty_interest: Amount | None = None
    fee: Amount | None = None
    cost: Annotated[Amount | None, Field(description="Costs of enforcement.")] = None


class DebtPart(Wire):
    """One account."""

    debt_id: Id
    product: Product
    lender: Name
    account_tail: AccountTail
    currency: CurrencyCode
    annual_rate: Rate
    components: ComponentsPart
    total: Annotated[Amount, Field(description="Check: the sum of the components.")]
    opened: Day
    oldest_unpaid_due: Annotated[
        Day | None,
        Field(description="Due date of the oldest unpaid amount; null when nothing is past due."),
    ] = None
    days_past_due: Annotated[
        int,
        Field(
            ge=0,
            le=36600,
            description="Check: days from oldest_unpaid_due to as_of; 0 when that is null.",
        ),
        WHOLE,
    ]
    contractual_payment: Annotated[
        Amount | None,
        Field(description="What the contract asks each month; cards: the minimum payment."),
    ] = None
    maturity: Annotated[
        Day | None, Field(description="Last due date of the contract; null for revolving credit.")
    ] = None
    original_term_months: Annotated[int, Field(ge=1, le=600), WHOLE] | None = None
    extended_months: Annotated[int, Field(ge=0, le=600), WHOLE] = 0
    restructured_on: Annotated[list[Day], Few] = Field(default_factory=list)
    has_guarantor: Flag = False
    guarantor_consents: Flag = False
    last_acknowledged: Annotated[
        Day | None,
        Field(description="Last payment, demand, promise or suit: limitation runs from here."),
    ] = None
    is_negotiated: Annotated[
        Flag, Field(description="Whether this negotiation covers the debt.")
    ] = True
    is_floating: Annotated[Flag, Field(description="Whether the contract rate may change.")] = False


class IncomePart(Wire):
    """One source of income of the household."""

    label: Label
    amount: Annotated[
        Figure,
        Field(
            description="An amount, or low, likely and high where it is not known yet. With "
            "by_month the amount, or the likely one, is their average, rounded half up."
        ),
    ]
    every: Every = Every.MONTH
    reliability: Reliability
    by_month: Annotated[
        list[Amount],
        Field(max_length=24, description="Twelve amounts, January first, for seasonal income."),
    ] = Field(default_factory=list)
    currency: Annotated[
        CurrencyCode | None,
        Field(description="Check: the currency of the budget, where it is given at all."),
    ] = None


class OutgoingPart(Wire):
    """One thing the household pays for."""

    label: Label
    kind: OutgoingKind
    amount: Annotated[
        Figure,
        Field(description="An amount, or low, likely and high where it is not known yet."),
    ]
    every: Every = Every.MONTH
    is_proven: Flag = False
    begins: Annotated[
        Day | None,
        Field(alias="from", description="Paid from the month of this day on; left out: already."),
    ] = None
    until: Annotated[
        Day | None,
        Field(description="Paid up to and with the month of this day; left out: no end known."),
    ] = None
    currency: Annotated[
        CurrencyCode | None,
        Field(description="Check: the currency of the budget, where it is given at all."),
    ] = None


class BudgetPart(Wire):
    """Income and outgoings of the household, in one currency."""

    currency: CurrencyCode
    incomes: Annotated[list[IncomePart], Few] = Field(default_factory=list)
    outgoings: Annotated[list[OutgoingPart], Few] = Field(default_factory=list)
    cash: Annotated[Amount | None, Field(description="Money in hand; left out: none.")] = None
    payday: Annotated[int, Field(ge=1, le=31), WHOLE] | None = None


class HardshipPart(Wire):
    """One reason why the borrower cannot pay."""

    code: Hardship
    since: Day
    expected_end: Day | None = None
    is_lasting: Flag = False
    evidence: Annotated[list[Line], Few] = Field(default_factory=list)


class WillingnessPart(Wire):
    """What the borrower said about wanting to pay."""

    is_expressed: Flag = False
    recording: Annotated[Name | None, Field(description="Reference of the call recording.")] = None
    own_proposal: Annotated[
        Amount | None, Field(description="A monthly amount the borrower proposed.")
    ] = None


class ContactPart(Wire):
    """One attempt to reach the borrower."""

    on: Day
    channel: Label
    outcome: ContactOutcome


class PaymentPart(Wire):
    """A payment that arrived, in the currency of the negotiated debts."""

    on: Day
    amount: Amount


class CaseFile(Wire):
    """What is known of one borrower and all their debts on one day."""

    format: Literal["plan-assistant/case@1"]
    case_id: Id
    jurisdiction: Annotated[Country, Field(description="ISO 3166 code; chooses the policy.")]
    language: Annotated[Literal["zh", "en"], Field(description="The borrower's language.")]
    as_of: Annotated[Day, Field(description="The day on which all of this was so.")]
    borrower: BorrowerPart
    household: HouseholdPart
    debts: Annotated[list[DebtPart], Few]
    budget: BudgetPart
    hardships: Annotated[list[HardshipPart], Few] = Field(default_factory=list)
    willingness: WillingnessPart = Field(default_factory=WillingnessPart)
    contacts: Annotated[list[ContactPart], Many] = Field(default_factory=list)
    payments: Annotated[list[PaymentPart], Many] = Field(default_factory=list)
    promises_kept: Annotated[int, Field(ge=0, le=1000), WHOLE] = 0
    promises_broken: Annotated[int, Field(ge=0, le=1000), WHOLE] = 0
    note: Note = ""
