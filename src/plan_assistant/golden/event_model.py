"""The events of golden loan cases, field by field (SCHEMA 6).

Not here: what they do to a plan (`domain/schedule/servicing.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from plan_assistant.domain.formats.wire import Day
from plan_assistant.domain.schedule.events import (
    InterestUntil,
    ReAgeInterest,
    ReAmortizeInterest,
)
from plan_assistant.golden.fields import Amount, Number, Part, Periods


class _EventPart(Part):
    id: Annotated[str, StringConstraints(strict=True, max_length=80)]


class PaymentPart(_EventPart):
    """Money received."""

    type: Literal["payment"]
    date: Day
    amount: Amount
    excess: Literal["advance", "shorten", "lower", "skip"]


class PrepaymentPart(_EventPart):
    """Extra principal on top of an installment; SCHEMA 6.3 writes it without a day."""

    type: Literal["prepayment"]
    date: Day | None = None
    instalment: Periods
    amount: Amount
    strategy: Literal["shorten", "lower"]


class RateChangePart(_EventPart):
    """A new rate."""

    type: Literal["rate_change"]
    date: Day
    annual_rate: Number


class InterestPausePart(_EventPart):
    """Days without interest."""

    type: Literal["interest_pause"]
    date: Day
    end_date: Day


class ReschedulePart(_EventPart):
    """A due date that moves."""

    type: Literal["reschedule_due_date"]
    from_due_date: Day
    to_date: Day


class ExtendTermPart(_EventPart):
    """Installments added at the end; SCHEMA 6.8 writes it without a day."""

    type: Literal["extend_term"]
    date: Day | None = None
    from_due_date: Day
    extra_periods: Periods


class InterestGracePart(_EventPart):
    """Periods whose interest is deferred."""

    type: Literal["grace"]
    from_due_date: Day
    interest_periods: Periods


class FeeChargedPart(_EventPart):
    """A fee; SCHEMA 6.10 writes it with one of the two keys that place it."""

    type: Literal["fee"]
    due_date: Day | None = None
    instalment: Periods | None = None
    amount: Amount


class ReAgePart(_EventPart):
    """New due dates for all that is unpaid."""

    type: Literal["re_age"]
    date: Day
    interest: ReAgeInterest
    periods: Periods
    first_due_date: Day


class ReAmortizePart(_EventPart):
    """All that is unpaid, on the remaining due dates."""

    type: Literal["re_amortize"]
    date: Day
    interest: ReAmortizeInterest


class PayoffPart(_EventPart):
    """What would settle the plan on a day."""

    type: Literal["payoff"]
    date: Day
    interest_until: InterestUntil


EventPart = Annotated[
    PaymentPart
    | PrepaymentPart
    | RateChangePart
    | InterestPausePart
    | ReschedulePart
    | ExtendTermPart
    | InterestGracePart
    | FeeChargedPart
    | ReAgePart
    | ReAmortizePart
    | PayoffPart,
    Field(discriminator="type"),
]
