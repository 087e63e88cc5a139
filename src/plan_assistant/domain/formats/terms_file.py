"""Reads and writes the terms of a plan, `plan-assistant/terms@1`: every parameter and convention.

Not here: whether the terms describe a plan (the engine says so; where a file is refused anyway, its
answer comes with the rest) and whether anybody may grant them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from pydantic import ValidationError

from plan_assistant.domain.calendar import NO_HOLIDAYS, Frequency, Holidays
from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.formats.raw_tree import Findings, Node
from plan_assistant.domain.formats.terms_model import TERMS_FORMAT, HolidaysPart, TermsFile
from plan_assistant.domain.formats.wire import check_format, problems_of, rate, refuse, text_of
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.allocation import OrderByDaysPastDue, Scope
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DownPayment,
    FixedFee,
    Grace,
    LevelPayment,
    PaymentStep,
    Terms,
)
from plan_assistant.domain.schedule.validation import problems_of as judge

_AMOUNTS = (
    "principal",
    "payment",
    "principal_payment",
    "balloon",
    "payment_multiple_of",
    "arrears",
)
_WITH_AMOUNTS = {*_AMOUNTS, "down_payment", "payment_steps", "fees"}
_ANY_PLAN: dict[str, object] = {
    "format": TERMS_FORMAT,
    "currency": "CNY",
    "annual_rate": "0",
    "periods": 1,
}
"""Stands for fields that a file has to have and that could not be read: no check looks at them."""
_LONGEST_STEP = {"months": 31, "weeks": 7, "days": 1}
_LAST_YEAR = 2500
"""Far beyond any plan, and far from the end of the calendar that the arithmetic of dates has."""


def read_terms(
    raw: object, source: str, holidays: Callable[[str], Holidays] | None = None
) -> Terms:
    """Read terms from parsed JSON; raises InputRefused with every problem found.

    `holidays` returns the calendar of a name; without it a file that names one is refused. The
    calendar is cut back to what had been published when the file was written, so that the days of
    payment stay those of then.
    """
    tree = check_format(raw, TERMS_FORMAT, source)
    problems: list[Problem] = []
    wire: TermsFile | None = None
    try:
        wire = TermsFile.model_validate(tree)
    except ValidationError as error:
        problems += problems_of(error, TermsFile)
    reported = {problem.path for problem in problems}
    problems += [problem for problem in _check(Node(tree, "")) if problem.path not in reported]
    calendar = None
    if wire is not None and wire.holidays is not None:
        calendar = _calendar(wire.holidays, holidays, problems)
    if problems:
        problems += _what_the_engine_says(tree, {_field_of(problem) for problem in problems})
    refuse(source, problems)
    if wire is None:
        raise AssertionError("a file without problems has been read")
    return _terms(wire, calendar)


def _check(root: Node) -> list[Problem]:
    found = Findings()
    currency = found.currency(root.get("currency"))
    nodes = [root.get(name) for name in _AMOUNTS]
    nodes += [root.get("down_payment").get(part) for part in ("principal", "arrears")]
    nodes += [step.get("payment") for step in root.each("payment_steps")]
    nodes += [fee.get("amount") for fee in root.each("fees")]
    for node in nodes:
        found.amount(node, currency)
    periods, first_due = root.whole("periods"), root.day("first_due")
    every = root.get("frequency").whole("every", 1)
    if periods and first_due and every:
        days = _LONGEST_STEP.get(str(root.get("frequency").get("unit").value), 31)
        if first_due.year + abs(periods * every) * days // 365 > _LAST_YEAR:
            sentence = f"the plan would run beyond the year {_LAST_YEAR}: shorten it"
            found.add(root.get("periods"), sentence)
    return found.problems


def _field_of(problem: Problem) -> str:
    """Return the field of the file in which a problem lies."""
    return problem.path.partition(".")[0].partition("[")[0]


def _what_the_engine_says(tree: Mapping[str, object], unread: set[str]) -> list[Problem]:
    """Return what is wrong with the fields of a refused file that could be read.

    All problems are named at once; what depends on a field that is wrong itself is left open.
    """
    if "currency" in unread or "currency" not in tree:
        unread = unread | _WITH_AMOUNTS
    known = {name: tree[name] for name in TermsFile.model_fields.keys() & tree.keys() - unread}
    fields = {**_ANY_PLAN, **known}
    nothing = Currency.of(str(fields["currency"])).zero.plain
    wire = TermsFile.model_validate({"principal": nothing, **fields})
    # A calendar of holidays does not change what is said: only that there is one.
    judged = _terms(wire, NO_HOLIDAYS if wire.holidays is not None else None)
    return [problem_of(error) for error in judge(judged, unread)]


def problem_of(error: InvalidTerms) -> Problem:
    """Return what is wrong with a field; a field that is missing has no value to show."""
    sentence = error.reason if error.value is None else f"{error.value}: {error.reason}"
    return Problem(error.field, sentence)


def _calendar(
    part: HolidaysPart, holidays: Callable[[str], Holidays] | None, problems: list[Problem]
) -> Holidays | None:
    if holidays is None:
        problems.append(Problem("holidays", "no holiday calendar is read here: leave this out"))
        return None
    try:
        calendar = holidays(part.name)
    except InputRefused as refusal:
        problems += [Problem("holidays.name", problem.sentence) for problem in refusal.problems]
        return None
    until = part.known_until or calendar.known_until
    if until > calendar.known_until:
        problems.append(
            Problem(
                "holidays.known_until",
                f"the calendar here ends on {calendar.known_until}, before {until}: update the "
                "holiday calendar of the program",
            )
        )
        return None
    return known_on(calendar, until)


def known_on(calendar: Holidays, until: date) -> Holidays:
    """Return the calendar as it was when nothing after `until` had been published."""
    if until == calendar.known_until:
        return calendar
    return replace(
        calendar,
        known_until=until,
        off=frozenset(day for day in calendar.off if day <= until),
        working=frozenset(day for day in calendar.working if day <= until),
    )


def _conventions(wire: TermsFile) -> Conventions:
    part = wire.conventions
    fields = part.model_dump()  # type: ignore[attr-defined]  # a made model
    if fields["allocation"] is not None:
        fields["allocation"] = OrderByDaysPastDue.of(fields["allocation"])
    conventions = Conventions(**fields)
    if wire.payment is not None and "level_payment" not in part.model_fields_set:  # type: ignore[attr-defined]
        return replace(conventions, level_payment=LevelPayment.GIVEN)
    return conventions


def _terms(wire: TermsFile, calendar: Holidays | None) -> Terms:
    currency = Currency.of(wire.currency)

    def money(amount: str | None) -> Money | None:
        return None if amount is None else currency.parse(amount)

    down, fee_rate = wire.down_payment, wire.installment_fee_rate
    return Terms(
        principal=currency.parse(wire.principal),
        annual_rate=rate(wire.annual_rate),
        periods=wire.periods,
        start=wire.start,
        first_due=wire.first_due,
        due_day=wire.due_day,
        frequency=Frequency(wire.frequency.every, wire.frequency.unit),
        amortization=wire.amortization,
        grace=Grace(**wire.grace.model_dump()),
        payment=money(wire.payment),
        payment_steps=tuple(
            PaymentStep(step.periods, money(step.payment)) for step in wire.payment_steps
        ),
        principal_payment=money(wire.principal_payment),
        balloon=money(wire.balloon),
        down_payment=(
            None
            if down is None
            else DownPayment(currency.parse(down.principal), money(down.arrears) or currency.zero)
        ),
        fees=tuple(FixedFee(currency.parse(fee.amount), fee.due, fee.number) for fee in wire.fees),
        installment_fee_rate=None if fee_rate is None else rate(fee_rate),
        skip_months=frozenset(wire.skip_months),
        payment_multiple_of=money(wire.payment_multiple_of),
        arrears=money(wire.arrears),
        arrears_treatment=wire.arrears_treatment,
        as_of=wire.as_of,
        conventions=_conventions(wire),
        holidays=calendar,
    )


def write_terms(terms: Terms) -> dict[str, Json]:
    """Return the terms as a terms file; reading it gives the same terms again."""
    grace, down, fee_rate = terms.grace, terms.down_payment, terms.installment_fee_rate
    return {
        "format": TERMS_FORMAT,
        "currency": terms.principal.currency.code,
        "principal": terms.principal.plain,
        "annual_rate": exact(terms.annual_rate, RATE_DECIMALS),
        "periods": terms.periods,
        "start": text_of(terms.start),
        "first_due": text_of(terms.first_due),
        "due_day": terms.due_day,
        "frequency": {"every": terms.frequency.every, "unit": terms.frequency.unit.value},
        "amortization": terms.amortization.value,
        "grace": {
            "principal": grace.principal,
            "interest": grace.interest,
            "interest_treatment": grace.interest_treatment.value,
            "interest_free": grace.interest_free,
        },
        "payment": _plain(terms.payment),
        "payment_steps": [
            {"periods": step.periods, "payment": _plain(step.payment)}
            for step in terms.payment_steps
        ],
        "principal_payment": _plain(terms.principal_payment),
        "balloon": _plain(terms.balloon),
        "down_payment": (
            None
            if down is None
            else {"principal": down.principal.plain, "arrears": down.arrears.plain}
        ),
        "fees": [
            {"amount": fee.amount.plain, "due": text_of(fee.due), "number": fee.number}
            for fee in terms.fees
        ],
        "installment_fee_rate": None if fee_rate is None else exact(fee_rate, RATE_DECIMALS),
        "skip_months": list[Json](sorted(terms.skip_months)),
        "payment_multiple_of": _plain(terms.payment_multiple_of),
        "arrears": _plain(terms.arrears),
        "arrears_treatment": terms.arrears_treatment.value,
        "as_of": text_of(terms.as_of),
        "conventions": _written_conventions(terms.conventions),
        "holidays": None if terms.holidays is None else _written_holidays(terms.holidays),
    }


def _plain(amount: Money | None) -> str | None:
    return None if amount is None else amount.plain


def _written_conventions(conventions: Conventions) -> dict[str, Json]:
    values = {
        item.name: getattr(conventions, item.name)
        for item in dataclasses.fields(Conventions)
        if item.name != "allocation"
    }
    written: dict[str, Json] = {
        name: value if isinstance(value, int | None) else value.value
        for name, value in values.items()
    }
    # Plans recorded before the order was part of the terms stay the same bytes.
    if conventions.allocation is not None:
        written["allocation"] = [
            {
                "max_days_past_due": item.max_days_past_due,
                "order": list[Json](item.order),
                # As above: an order inside each installment was recorded without a scope.
                **({} if item.scope is Scope.INSTALLMENT else {"scope": item.scope.value}),
            }
            for item in conventions.allocation.orders
        ]
    return written


def _written_holidays(calendar: Holidays) -> dict[str, Json]:
    # `date.max` says "no end"; a file leaves that out, its years being those of people.
    has_end = calendar.known_until != date.max
    return {
        "name": calendar.name,
        "known_until": text_of(calendar.known_until) if has_end else None,
    }
