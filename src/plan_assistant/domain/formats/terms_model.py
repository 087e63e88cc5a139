"""The fields of a terms file, `plan-assistant/terms@1`, as pydantic models with a JSON Schema.

Not here: reading and writing (`terms_file.py`).
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, Field, create_model

from plan_assistant.domain.calendar import Unit
from plan_assistant.domain.formats.wire import (
    WHOLE,
    Amount,
    CurrencyCode,
    Day,
    Label,
    Many,
    Rate,
    Wire,
)
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.allocation import Scope
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    InterestRounding,
    InterestTreatment,
)

TERMS_FORMAT = "plan-assistant/terms@1"

_Periods = Annotated[int, Field(ge=0, le=1200), WHOLE]


class FrequencyPart(Wire):
    """How often a payment falls due."""

    every: Annotated[int, Field(ge=1, le=366), WHOLE] = 1
    unit: Unit = Unit.MONTHS


class GracePart(Wire):
    """Periods at the start in which less is asked."""

    principal: _Periods = 0
    interest: _Periods = 0
    interest_treatment: InterestTreatment = InterestTreatment.DEFER
    interest_free: _Periods = 0


class StepPart(Wire):
    """A run of installments with one payment; null is the computed level payment."""

    periods: Annotated[int, Field(ge=1, le=1200), WHOLE]
    payment: Amount | None = None


class DownPaymentPart(Wire):
    """Paid on the start date."""

    principal: Amount
    arrears: Amount | None = None


class FeePart(Wire):
    """A fee of a given amount."""

    amount: Amount
    due: Day | None = None
    number: Annotated[int, Field(ge=1, le=1200), WHOLE] | None = None


class HolidaysPart(Wire):
    """The holiday calendar that moves the days of payment."""

    name: Label
    known_until: Annotated[
        Day | None,
        Field(
            description="Last day whose holidays were published when the plan was made; later "
            "publications do not move its days. Null: all that is published."
        ),
    ] = None


class AllocationPart(Wire):
    """The order in which money fills an installment, up to a number of days past due."""

    max_days_past_due: Annotated[int, Field(ge=0), WHOLE] | None = None
    order: Annotated[
        list[Literal["cost", "interest", "penalty_interest", "fee", "principal"]], Many
    ]
    scope: Annotated[
        Scope,
        Field(
            description="Whether the order holds inside each installment, the oldest first, or "
            "over all installments due together."
        ),
    ] = Scope.INSTALLMENT


def _convention_fields() -> dict[str, Any]:
    """Return the fields of `Conventions` as pydantic takes them, so that both stay the same."""
    hints = get_type_hints(Conventions)
    hints["allocation"] = Annotated[list[AllocationPart], Many] | None
    hints["rounding"] = Annotated[InterestRounding, AfterValidator(Rounding)]
    hints["period_rate_decimals"] = Annotated[int, Field(ge=0, le=30), WHOLE] | None
    return {item.name: (hints[item.name], item.default) for item in dataclasses.fields(Conventions)}


ConventionsPart = create_model(
    "ConventionsPart",
    __base__=Wire,
    __doc__="The conventions of a schedule.",
    **_convention_fields(),
)


class TermsFile(Wire):
    """The parameters of a plan."""

    format: Literal["plan-assistant/terms@1"]
    currency: CurrencyCode
    principal: Annotated[
        Amount, Field(description="The interest-bearing amount owed at the start.")
    ]
    annual_rate: Rate
    periods: Annotated[int, Field(ge=1, le=1200, description="Installments."), WHOLE]
    start: Annotated[Day | None, Field(description="The day from which interest runs.")] = None
    first_due: Day | None = None
    due_day: Annotated[int, Field(ge=1, le=31), WHOLE] | None = None
    frequency: FrequencyPart = Field(default_factory=FrequencyPart)
    amortization: Amortization = Amortization.EQUAL_INSTALLMENT
    grace: GracePart = Field(default_factory=GracePart)
    payment: Annotated[
        Amount | None,
        Field(
            description="A given payment; makes the level payment `given` unless said otherwise."
        ),
    ] = None
    payment_steps: Annotated[list[StepPart], Many] = Field(default_factory=list)
    principal_payment: Amount | None = None
    balloon: Amount | None = None
    down_payment: DownPaymentPart | None = None
    fees: Annotated[list[FeePart], Many] = Field(default_factory=list)
    installment_fee_rate: Rate | None = None
    skip_months: Annotated[
        list[Annotated[int, Field(ge=1, le=12), WHOLE]], Field(max_length=12)
    ] = Field(default_factory=list)
    payment_multiple_of: Amount | None = None
    arrears: Annotated[
        Amount | None, Field(description="Amounts already owed that bear no interest in the plan.")
    ] = None
    arrears_treatment: ArrearsTreatment = ArrearsTreatment.SPREAD
    as_of: Day | None = None
    conventions: ConventionsPart = Field(  # type: ignore[valid-type]  # made from the dataclass
        default_factory=ConventionsPart
    )
    holidays: HolidaysPart | None = None
