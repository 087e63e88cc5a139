"""Terms files: exact round trip of every parameter, and a sentence for every problem."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.calendar import (
    MONTHLY,
    NO_HOLIDAYS,
    Frequency,
    HolidayRoll,
    Holidays,
    Unit,
)
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.terms_file import known_on, read_terms, write_terms
from plan_assistant.domain.formats.terms_model import TermsFile
from plan_assistant.domain.money import CNY, Rounding
from plan_assistant.domain.schedule.allocation import (
    CIVIL_CODE_561,
    COMPONENTS,
    AllocationOrder,
    OrderByDaysPastDue,
    Scope,
)
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DownPayment,
    FixedFee,
    Grace,
    InterestRounding,
    InterestTreatment,
    LevelPayment,
    PaymentStep,
    Terms,
)
from tests.domain.formats.cases import AS_OF, CURRENCIES, RATES, amounts, days_before

CALENDAR = Holidays(
    "cn",
    date(2026, 12, 31),
    off=frozenset({date(2026, 10, 1), date(2026, 2, 17)}),
    working=frozenset({date(2026, 2, 14)}),
    fixed_days=frozenset({(10, 1)}),
)


def named(name: str) -> Holidays:
    if name == "cn":
        return CALENDAR
    if name == "none":
        return NO_HOLIDAYS
    raise InputRefused("calendar", [Problem("", f"there is no holiday calendar “{name}”")])


@st.composite
def conventions(draw: st.DrawFn) -> Conventions:
    """Return conventions with every field drawn from all its values."""
    hints = get_type_hints(Conventions)
    chosen = {
        field.name: draw(st.sampled_from(list(hints[field.name])))
        for field in dataclasses.fields(Conventions)
        if field.name not in {"rounding", "period_rate_decimals", "allocation"}
    }
    return Conventions(
        **chosen,
        rounding=Rounding(draw(st.sampled_from(get_args(InterestRounding)))),
        period_rate_decimals=draw(st.none() | st.integers(0, 30)),
        allocation=draw(st.none() | allocations()),
    )


@st.composite
def allocations(draw: st.DrawFn) -> OrderByDaysPastDue:
    """Return orders that cover every day past due."""
    ends = [*sorted(draw(st.sets(st.integers(0, 400), max_size=3))), None]
    orders = st.permutations(COMPONENTS).map(tuple)
    scopes = st.sampled_from(Scope)
    return OrderByDaysPastDue(
        tuple(AllocationOrder(end, draw(orders), draw(scopes)) for end in ends)
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Return terms that a file may hold, whether a plan follows from them or not."""
    currency = draw(CURRENCIES)
    money = amounts(currency)
    maybe = st.none() | money
    day = st.none() | days_before(AS_OF + timedelta(days=900))
    number = st.integers(0, 60)
    return Terms(
        principal=draw(money),
        annual_rate=draw(RATES),
        periods=draw(st.integers(1, 120)),
        start=draw(day),
        first_due=draw(day),
        due_day=draw(st.none() | st.integers(1, 31)),
        frequency=Frequency(draw(st.integers(1, 40)), draw(st.sampled_from(Unit))),
        amortization=draw(st.sampled_from(Amortization)),
        grace=Grace(
            draw(number), draw(number), draw(st.sampled_from(InterestTreatment)), draw(number)
        ),
        payment=draw(maybe),
        payment_steps=tuple(
            draw(st.lists(st.builds(PaymentStep, st.integers(1, 60), maybe), max_size=3))
        ),
        principal_payment=draw(maybe),
        balloon=draw(maybe),
        down_payment=draw(st.none() | st.builds(DownPayment, money, money)),
        fees=tuple(
            draw(
                st.lists(
                    st.builds(FixedFee, money, day, st.none() | st.integers(1, 60)), max_size=3
                )
            )
        ),
        installment_fee_rate=draw(st.none() | RATES),
        skip_months=draw(st.frozensets(st.integers(1, 12))),
        payment_multiple_of=draw(maybe),
        arrears=draw(maybe),
        arrears_treatment=draw(st.sampled_from(ArrearsTreatment)),
        as_of=draw(day),
        conventions=draw(conventions()),
        holidays=draw(st.sampled_from([None, CALENDAR, NO_HOLIDAYS])),
    )


PLAIN = Terms(
    principal=CNY.parse("42600.00"),
    annual_rate=Fraction("0.18"),
    periods=24,
    start=AS_OF,
    first_due=date(2026, 12, 15),
    arrears=CNY.parse("5650.00"),
    conventions=Conventions(
        holiday_roll=HolidayRoll.NEXT,
        allocation=OrderByDaysPastDue((AllocationOrder(None, CIVIL_CODE_561),)),
    ),
    holidays=CALENDAR,
)


def file() -> dict[str, Any]:
    return json.loads(json.dumps(write_terms(PLAIN)))  # type: ignore[no-any-return]


def refused(raw: object) -> dict[str, str]:
    with pytest.raises(InputRefused) as refusal:
        read_terms(raw, "terms.json", named)
    return {problem.path: problem.sentence for problem in refusal.value.problems}


@given(terms())
def test_what_was_written_reads_back_the_same(some: Terms) -> None:
    written = json.loads(json.dumps(write_terms(some)))

    assert read_terms(written, "terms.json", named) == some


def test_every_field_of_terms_and_conventions_is_written() -> None:
    written = write_terms(PLAIN)

    assert {field.name for field in dataclasses.fields(Terms)} <= set(written)
    assert set(written["conventions"]) == {  # type: ignore[arg-type]
        field.name for field in dataclasses.fields(Conventions)
    }


def test_a_plan_recorded_before_terms_carried_an_order_of_posting_keeps_its_bytes() -> None:
    conventions = dataclasses.replace(PLAIN.conventions, allocation=None)

    written = write_terms(dataclasses.replace(PLAIN, conventions=conventions))

    assert "allocation" not in written["conventions"]  # type: ignore[operator]
    assert read_terms(written, "f", named).conventions.allocation is None


def test_an_order_of_posting_with_a_word_of_its_own_is_refused_by_its_place() -> None:
    raw = file()
    raw["conventions"]["allocation"] = [{"order": ["interest", "capital"]}]

    assert "capital" in refused(raw)["conventions.allocation[0].order[1]"]


def test_a_short_file_means_the_defaults() -> None:
    short = {
        "format": "plan-assistant/terms@1",
        "currency": "CNY",
        "principal": "1000.00",
        "annual_rate": "0.12",
        "periods": 12,
    }

    read = read_terms(short, "terms.json")

    assert read == Terms(
        principal=CNY.parse("1000.00"),
        annual_rate=Fraction("0.12"),
        periods=12,
        start=None,
        first_due=None,
    )
    assert read.frequency == MONTHLY


def test_a_given_payment_is_the_level_payment_unless_the_file_says_otherwise() -> None:
    given_payment = {**file(), "payment": "2500.00"}
    del given_payment["conventions"]
    said = {**given_payment, "conventions": {"level_payment": "plain"}}

    assert read_terms(given_payment, "f", named).conventions.level_payment is LevelPayment.GIVEN
    assert read_terms(said, "f", named).conventions.level_payment is LevelPayment.PLAIN


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("principal", "1.5", "has one decimal, CNY has exactly 2"),
        ("periods", 0, "0 is too small: at least 1"),
        ("periods", "24", "write a whole number without quotes, not “24”"),
        ("annual_rate", 0.18, "write the rate as text in quotes"),
        ("amortization", "balloon", "is not known here: write one of equal_installment"),
        ("skip_months", [13], "13 is too large: at most 12"),
        ("currency", "RMB", "write CNY for renminbi"),
        ("interest", "0.18", "unknown field"),
    ],
)
def test_one_thing_wrong_is_one_sentence(path: str, value: object, sentence: str) -> None:
    problems = refused({**file(), path: value})

    assert len(problems) == 1
    (found,) = problems
    assert found.partition("[")[0] == path
    assert sentence in problems[found]


def test_interest_rounded_up_is_refused_and_a_payment_is_not() -> None:
    raw = file()
    raw["conventions"] |= {"rounding": "up", "payment_rounding": "up"}

    assert refused(raw) == {
        "conventions.rounding": "“up” is not known here: write one of half_up, half_even, down"
    }


def test_a_plan_beyond_the_calendar_is_refused() -> None:
    problems = refused({**file(), "periods": 1200, "frequency": {"every": 12, "unit": "months"}})

    assert problems == {"periods": "the plan would run beyond the year 2500: shorten it"}


def test_problems_deep_inside_name_their_place() -> None:
    broken = file()
    broken["conventions"]["rounding"] = "nearest"
    broken["conventions"]["color"] = "red"
    broken["payment_steps"] = [{"periods": 3, "payment": "1,000.00"}]
    broken["down_payment"] = {"principal": "-5.00", "arrears": "0.00"}
    broken["fees"] = [{"amount": "5.00", "due": "soon"}]

    problems = refused(broken)

    assert set(problems) == {
        "conventions.rounding",
        "conventions.color",
        "payment_steps[0].payment",
        "down_payment.principal",
        "fees[0].due",
    }
    assert "half_up, half_even, down" in problems["conventions.rounding"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("periods", 0),
        ("periods", 1201),
        ("periods", None),
        ("due_day", 32),
        ("skip_months", [13]),
        ("currency", "RMB"),
        ("principal", "-1.00"),
        ("annual_rate", "18 %"),
        ("holidays", {"name": "xx"}),
        ("interest", "0.18"),
    ],
)
def test_what_is_wrong_with_the_other_fields_is_said_at_once(path: str, value: object) -> None:
    """The file's own bounds are no reason to keep what the engine would say of the rest."""
    raw = {**file(), "first_due": "2026-11-01", path: value}

    problems = refused(raw)

    assert {found.partition("[")[0].partition(".")[0] for found in problems} == {path, "first_due"}
    assert problems["first_due"] == (
        f"2026-11-01: the first due date lies after the start, {AS_OF.isoformat()}"
    )


def test_the_other_fields_are_judged_in_a_currency_without_decimals() -> None:
    raw = {**file(), "currency": "JPY", "arrears": "5650", "due_day": 3}

    problems = refused(raw)

    assert set(problems) == {"principal", "due_day"}


def test_nothing_is_said_of_a_field_by_one_that_could_not_be_read() -> None:
    """Whether the grace or the steps are too long depends on the number of installments."""
    raw = {**file(), "periods": 0, "grace": {"principal": 30}}
    raw["payment_steps"] = [{"periods": 30, "payment": "100.00"}]
    raw["due_day"] = 3

    problems = refused(raw)

    assert set(problems) == {"periods", "due_day"}


def test_an_unknown_calendar_is_a_problem_of_its_field() -> None:
    problems = refused({**file(), "holidays": {"name": "xx"}})

    assert problems == {"holidays.name": "there is no holiday calendar “xx”"}


def test_a_calendar_is_needed_to_read_a_file_that_names_one() -> None:
    with pytest.raises(InputRefused) as refusal:
        read_terms(file(), "terms.json")

    assert [problem.path for problem in refusal.value.problems] == ["holidays"]


def test_a_calendar_published_further_than_ours_is_refused() -> None:
    problems = refused({**file(), "holidays": {"name": "cn", "known_until": "2027-12-31"}})

    assert problems == {
        "holidays.known_until": "the calendar here ends on 2026-12-31, before 2027-12-31: update "
        "the holiday calendar of the program"
    }


def test_holidays_published_later_do_not_move_the_days_of_an_older_file() -> None:
    older = {**file(), "holidays": {"name": "cn", "known_until": "2025-12-31"}}

    calendar = read_terms(older, "terms.json", named).holidays

    assert calendar is not None
    assert calendar.known_until == date(2025, 12, 31)
    assert calendar.is_working_day(date(2026, 2, 17))
    assert not calendar.is_working_day(date(2026, 2, 14))
    assert not calendar.is_working_day(date(2026, 10, 1))


def test_a_calendar_cut_at_its_own_end_is_itself() -> None:
    assert known_on(CALENDAR, CALENDAR.known_until) is CALENDAR


def test_the_published_schema_names_every_field() -> None:
    schema = TermsFile.model_json_schema()

    fields = {field.name for field in dataclasses.fields(Terms)}
    assert set(schema["properties"]) == fields | {"format", "currency"}
    assert schema["properties"]["periods"]["maximum"] == 1200
    conventions_of = schema["$defs"]["ConventionsPart"]["properties"]
    assert set(conventions_of) == {field.name for field in dataclasses.fields(Conventions)}
