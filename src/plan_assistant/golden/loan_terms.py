"""Turns terms, conventions and events of a golden loan case into ours (SCHEMA 2 to 6)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.formats.terms_file import problem_of
from plan_assistant.domain.money import Currency, Rounding, round_fraction
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DeferredCollection,
    DownPayment,
    FixedFee,
    Grace,
    PaymentStep,
    Terms,
)
from plan_assistant.domain.schedule.validation import problems_of
from plan_assistant.golden import event_model
from plan_assistant.golden.fields import currency_of, money, optional_money
from plan_assistant.golden.loan_model import (
    FinancedFeePart,
    FixedFeePart,
    LoanConventions,
    LoanShape,
    LoanTerms,
    PercentFeePart,
)


@dataclass(frozen=True, slots=True)
class LoanCase:
    """A golden loan case in the engine's words."""

    terms: Terms
    events: tuple[tuple[str, ev.Event], ...]
    """Ids and events, in list order."""
    financed_fees: int
    apr_method: str | None


_PATHS = {
    "first_due": "terms.first_due_date",
    "installment_fee_rate": "terms.fees",
    "level_payment": "conventions.level_payment",
}
"""Where the format has what the engine calls by another name."""


def loan_case(case: LoanShape) -> LoanCase:
    """Return the case in the engine's words."""
    source = case.terms
    currency = currency_of(source.currency_decimals)
    conventions = _conventions(case.conventions)
    percents = [fee.rate for fee in source.fees if isinstance(fee, PercentFeePart)]
    terms = Terms(
        principal=money(source.principal, currency),
        # `quoted_rate` is how the source says it; it is already converted in `annual_rate`.
        annual_rate=source.annual_rate,
        periods=source.periods,
        start=source.start_date,
        first_due=source.first_due_date,
        due_day=source.due_day if source.frequency.unit is Unit.MONTHS else None,
        frequency=Frequency(source.frequency.every, source.frequency.unit),
        amortization=source.amortization,
        grace=Grace(**source.grace.model_dump()),
        payment=optional_money(source.payment, currency),
        payment_steps=tuple(
            PaymentStep(step.periods, optional_money(step.payment, currency))
            for step in source.payment_steps
        ),
        principal_payment=optional_money(source.principal_payment, currency),
        balloon=optional_money(source.balloon, currency),
        down_payment=_down_payment(source, conventions, currency),
        fees=tuple(
            FixedFee(money(fee.amount, currency), fee.due_date)
            for fee in source.fees
            if isinstance(fee, FixedFeePart)
        ),
        installment_fee_rate=sum(percents, Fraction(0)) if percents else None,
        skip_months=frozenset(source.skip_months),
        payment_multiple_of=optional_money(source.payment_multiple_of, currency),
        as_of=source.as_of,
        conventions=conventions,
    )
    financed = sum(
        money(fee.amount, currency).minor for fee in source.fees if isinstance(fee, FinancedFeePart)
    )
    events = tuple((event.id, _event(event, currency)) for event in case.events)
    return LoanCase(terms, events, financed, case.conventions.apr_method)


def engine_problems(terms: Terms) -> list[Problem]:
    """Return what keeps terms that were read from describing a plan, field by field."""
    found = [problem_of(error) for error in problems_of(terms)]
    return [Problem(_PATHS.get(item.path, f"terms.{item.path}"), item.sentence) for item in found]


def _down_payment(
    source: LoanTerms, conventions: Conventions, currency: Currency
) -> DownPayment | None:
    if source.down_payment is None:
        return None
    share = source.down_payment.share
    exact = share * money(source.principal, currency).minor
    principal = currency.money(round_fraction(exact, conventions.rounding))
    return DownPayment(principal, currency.zero, share)


def _conventions(source: LoanConventions) -> Conventions:
    return Conventions(
        rounding=Rounding(source.rounding),
        rounding_stage=source.rounding_stage,
        period_rate_decimals=source.period_rate_decimals,
        day_count=source.day_count,
        period_interest=source.period_interest,
        odd_first_period=source.odd_first_period,
        level_payment=source.level_payment,
        level_payment_basis=source.level_payment_basis,
        payment_rounding=source.payment_rounding,
        remainder=source.remainder,
        total_interest=source.total_interest,
        deferred_interest=source.deferred_interest,
        deferred_collection=DeferredCollection(source.deferred_collection),
        month_end=source.month_end,
        rate_change_day=source.rate_change_day,
        rate_change_payment=source.rate_change_payment,
        overdue_interest=source.overdue_interest,
    )


def _event(source: event_model.EventPart, currency: Currency) -> ev.Event:
    made: ev.Event
    match source:
        case event_model.PaymentPart():
            amount = money(source.amount, currency)
            made = ev.Payment(source.date, amount, Excess(source.excess))
        case event_model.PrepaymentPart():
            amount = money(source.amount, currency)
            made = ev.Prepayment(source.instalment, amount, Excess(source.strategy), source.date)
        case event_model.RateChangePart():
            made = ev.RateChange(source.date, source.annual_rate)
        case event_model.InterestPausePart():
            made = ev.InterestPause(source.date, source.end_date)
        case event_model.ReschedulePart():
            made = ev.MoveDueDate(source.from_due_date, source.to_date)
        case event_model.ExtendTermPart():
            made = ev.ExtendTerm(source.from_due_date, source.extra_periods, day=source.date)
        case event_model.InterestGracePart():
            made = ev.InterestGrace(source.from_due_date, source.interest_periods)
        case event_model.FeeChargedPart():
            amount = money(source.amount, currency)
            made = ev.FeeCharged(amount, source.due_date, source.instalment)
        case event_model.ReAgePart():
            made = ev.ReAge(source.date, source.interest, source.periods, source.first_due_date)
        case event_model.ReAmortizePart():
            made = ev.ReAmortize(source.date, source.interest)
        case event_model.PayoffPart():
            made = ev.Payoff(source.date, source.interest_until)
    return made
