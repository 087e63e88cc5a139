"""Turns terms, conventions and events of a golden loan case into ours (SCHEMA 2 to 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from plan_assistant.domain.calendar import Frequency, MonthEnd, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Money, Rounding, round_fraction
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    DeferredCollection,
    DeferredRounding,
    DownPayment,
    FixedFee,
    Grace,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    OddFirstPeriod,
    OverdueInterest,
    PaymentStep,
    PeriodInterest,
    RateChangeDay,
    RateChangePayment,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)
from plan_assistant.golden.files import GoldenCase, fraction, minor_units


@dataclass(frozen=True, slots=True)
class LoanCase:
    """A golden loan case in the engine's words."""

    terms: Terms
    events: tuple[tuple[str, ev.Event], ...]
    """Ids and events, in list order."""
    financed_fees: int
    apr_method: str | None


_FIXED_OPTIONS = {"pause_days": {"both_inclusive"}, "fee_date": {"first_due_on_or_after"}}


_TERMS = frozenset(
    {
        "principal",
        "currency_decimals",
        "annual_rate",
        "quoted_rate",
        "periods",
        "frequency",
        "start_date",
        "first_due_date",
        "due_day",
        "as_of",
        "amortization",
        "grace",
        "payment",
        "payment_steps",
        "principal_payment",
        "balloon",
        "down_payment",
        "fees",
        "skip_months",
        "payment_multiple_of",
    }
)
_CONVENTIONS = frozenset(
    {
        "rounding",
        "rounding_stage",
        "period_rate_decimals",
        "day_count",
        "period_interest",
        "odd_first_period",
        "level_payment",
        "level_payment_basis",
        "payment_rounding",
        "remainder",
        "total_interest",
        "deferred_interest",
        "deferred_collection",
        "month_end",
        "rate_change_day",
        "rate_change_payment",
        "pause_days",
        "overdue_interest",
        "fee_date",
        "apr_method",
    }
)


def _refuse_unknown(part: str, found: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse what the format does not know: an option read over would be a wrong answer."""
    if unknown := set(found) - known:
        raise InvalidTerms(part, ", ".join(sorted(unknown)), "golden-case/2 has no such key")


def loan_case(case: GoldenCase) -> LoanCase:
    """Return the case in the engine's words; InvalidTerms or ValueError where it cannot be."""
    source = case.terms
    _refuse_unknown("terms", source, _TERMS)
    _refuse_unknown("conventions", case.conventions, _CONVENTIONS)
    currency = Currency("XXX", int(source["currency_decimals"]))
    conventions = _conventions(case.conventions, dated=source["start_date"] is not None)
    financed = sum(
        minor_units(fee["amount"], currency.decimals)
        for fee in source["fees"]
        if fee["type"] == "financed"
    )
    terms = Terms(
        principal=_money(source["principal"], currency),
        annual_rate=_annual_rate(source),
        periods=int(source["periods"]),
        start=_date(source["start_date"]),
        first_due=_date(source["first_due_date"]),
        due_day=source["due_day"] if source["frequency"]["unit"] == Unit.MONTHS else None,
        frequency=Frequency(int(source["frequency"]["every"]), Unit(source["frequency"]["unit"])),
        amortization=Amortization(source["amortization"]),
        grace=_grace(source["grace"]),
        payment=_optional(source["payment"], currency),
        payment_steps=tuple(
            PaymentStep(int(step["periods"]), _optional(step["payment"], currency))
            for step in source["payment_steps"]
        ),
        principal_payment=_optional(source["principal_payment"], currency),
        balloon=_optional(source["balloon"], currency),
        down_payment=_down_payment(source, conventions, currency),
        fees=tuple(
            FixedFee(_money(fee["amount"], currency), _date(fee["due_date"]))
            for fee in source["fees"]
            if fee["type"] == "fixed"
        ),
        installment_fee_rate=_percent_fee(source["fees"]),
        skip_months=frozenset(source["skip_months"]),
        payment_multiple_of=_multiple(source["payment_multiple_of"], currency),
        as_of=_date(source["as_of"]),
        conventions=conventions,
    )
    events = tuple((event["id"], _event(event, currency)) for event in case.events)
    return LoanCase(terms, events, financed, case.conventions["apr_method"])


def _money(text: str, currency: Currency) -> Money:
    return currency.money(minor_units(text, currency.decimals))


def _optional(text: str | None, currency: Currency) -> Money | None:
    return None if text is None else _money(text, currency)


def _multiple(text: str | None, currency: Currency) -> Money | None:
    return None if text is None else _money(text, currency)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _annual_rate(source: Mapping[str, Any]) -> Fraction:
    # `quoted_rate` is how the source says it; it is already converted in `annual_rate`.
    return fraction(source["annual_rate"])


def _grace(source: Mapping[str, Any]) -> Grace:
    return Grace(
        principal=int(source["principal"]),
        interest=int(source["interest"]),
        interest_treatment=InterestTreatment(source["interest_treatment"]),
        interest_free=int(source["interest_free"]),
    )


def _down_payment(
    source: Mapping[str, Any], conventions: Conventions, currency: Currency
) -> DownPayment | None:
    down = source["down_payment"]
    if down is None:
        return None
    share = fraction(down["share"])
    exact = share * minor_units(source["principal"], currency.decimals)
    principal = currency.money(round_fraction(exact, conventions.rounding))
    return DownPayment(principal, currency.zero, share)


def _percent_fee(fees: list[Mapping[str, Any]]) -> Fraction | None:
    rates = [fraction(fee["rate"]) for fee in fees if fee["type"] == "instalment_percent"]
    unknown = {fee["type"] for fee in fees} - {"financed", "fixed", "instalment_percent"}
    if unknown:
        raise InvalidTerms(
            "fees", sorted(unknown), "fees are financed, fixed or instalment_percent"
        )
    return sum(rates, Fraction(0)) if rates else None


def _conventions(source: Mapping[str, Any], *, dated: bool) -> Conventions:
    for key, allowed in _FIXED_OPTIONS.items():
        if source[key] not in allowed:
            raise InvalidTerms(key, source[key], f"it is one of {sorted(allowed)}")
    return Conventions(
        rounding=Rounding(source["rounding"]),
        rounding_stage=RoundingStage(source["rounding_stage"]),
        period_rate_decimals=source["period_rate_decimals"],
        day_count=DayCount(source["day_count"]),
        period_interest=PeriodInterest(source["period_interest"]),
        odd_first_period=OddFirstPeriod(source["odd_first_period"]),
        level_payment=LevelPayment(source["level_payment"]),
        level_payment_basis=LevelPaymentBasis(source["level_payment_basis"]),
        payment_rounding=Rounding(source["payment_rounding"]),
        remainder=Remainder(source["remainder"]),
        total_interest=TotalInterest(source["total_interest"]),
        deferred_interest=DeferredRounding(source["deferred_interest"]),
        deferred_collection=DeferredCollection(source["deferred_collection"]),
        month_end=MonthEnd(source["month_end"]),
        rate_change_day=RateChangeDay(source["rate_change_day"]),
        rate_change_payment=RateChangePayment(source["rate_change_payment"]),
        overdue_interest=OverdueInterest(source["overdue_interest"]),
    )


_EVENT_KEYS: dict[str, frozenset[str]] = {
    "payment": frozenset({"date", "amount", "excess"}),
    "prepayment": frozenset({"date", "instalment", "amount", "strategy"}),
    "rate_change": frozenset({"date", "annual_rate"}),
    "interest_pause": frozenset({"date", "end_date"}),
    "reschedule_due_date": frozenset({"from_due_date", "to_date"}),
    "extend_term": frozenset({"date", "from_due_date", "extra_periods"}),
    "grace": frozenset({"from_due_date", "interest_periods"}),
    "fee": frozenset({"due_date", "instalment", "amount"}),
    "re_age": frozenset({"date", "interest", "periods", "first_due_date"}),
    "re_amortize": frozenset({"date", "interest"}),
    "payoff": frozenset({"date", "interest_until"}),
}
# SCHEMA 6.3 and 6.8 write these events without a day, 6.10 with one of two keys.
_MAY_BE_MISSING = {
    "prepayment": ("date",),
    "extend_term": ("date",),
    "fee": ("due_date", "instalment"),
}


def _event(source: Mapping[str, Any], currency: Currency) -> ev.Event:
    kind = source["type"]
    if kind not in _EVENT_KEYS:
        raise InvalidTerms("events", kind, f"events are {', '.join(_EVENT_KEYS)}")
    _refuse_unknown("events", source, _EVENT_KEYS[kind] | {"id", "type"})
    return _EVENTS[kind]({**dict.fromkeys(_MAY_BE_MISSING.get(kind, ())), **source}, currency)


_EVENTS: dict[str, Callable[[Mapping[str, Any], Currency], ev.Event]] = {
    "payment": lambda e, c: ev.Payment(
        _day(e["date"]), _money(e["amount"], c), Excess(e["excess"])
    ),
    "prepayment": lambda e, c: ev.Prepayment(
        int(e["instalment"]), _money(e["amount"], c), Excess(e["strategy"]), _date(e["date"])
    ),
    "rate_change": lambda e, _: ev.RateChange(_day(e["date"]), fraction(e["annual_rate"])),
    "interest_pause": lambda e, _: ev.InterestPause(_day(e["date"]), _day(e["end_date"])),
    "reschedule_due_date": lambda e, _: ev.MoveDueDate(
        _day(e["from_due_date"]), _day(e["to_date"])
    ),
    "extend_term": lambda e, _: ev.ExtendTerm(
        _day(e["from_due_date"]), int(e["extra_periods"]), day=_date(e["date"])
    ),
    "grace": lambda e, _: ev.InterestGrace(_day(e["from_due_date"]), int(e["interest_periods"])),
    "fee": lambda e, c: ev.FeeCharged(
        _money(e["amount"], c), _date(e["due_date"]), e["instalment"]
    ),
    "re_age": lambda e, _: ev.ReAge(
        _day(e["date"]),
        ev.ReAgeInterest(e["interest"]),
        int(e["periods"]),
        _day(e["first_due_date"]),
    ),
    "re_amortize": lambda e, _: ev.ReAmortize(
        _day(e["date"]), ev.ReAmortizeInterest(e["interest"])
    ),
    "payoff": lambda e, _: ev.Payoff(_day(e["date"]), ev.InterestUntil(e["interest_until"])),
}
