"""Terms for properties: of every kind that a file may hold and of which a plan may follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar, get_args

from hypothesis import assume
from hypothesis import strategies as st

from plan_assistant.domain.calendar import (
    BIWEEKLY,
    MONTHLY,
    WEEKLY,
    Frequency,
    HolidayRoll,
    Holidays,
    MonthEnd,
    Unit,
)
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Currency, Rounding
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DayCount,
    DeferredCollection,
    DeferredRounding,
    DownPayment,
    FixedFee,
    Grace,
    HolidayInterest,
    InterestRounding,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    OddFirstPeriod,
    PaymentStep,
    PeriodInterest,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)

WEEKENDS = Holidays("weekends", date.max, frozenset(), frozenset())
FREQUENCIES = (MONTHLY, WEEKLY, BIWEEKLY, Frequency(3, Unit.MONTHS))
INTEREST_ROUNDINGS = tuple(Rounding(word) for word in get_args(InterestRounding))
_Option = TypeVar("_Option")


class Choices:
    """Several choices decoded from one drawn number: a draw costs more than pricing a plan."""

    def __init__(self, number: int) -> None:
        self.left = number

    def among(self, options: Sequence[_Option]) -> _Option:
        """Return one of the options; each call decides anew."""
        self.left, index = divmod(self.left, len(options))
        return options[index]

    def once_in(self, times: int) -> bool:
        """Say yes for one of so many numbers."""
        self.left, index = divmod(self.left, times)
        return index == 0


CHOICES = st.integers(0, 2**24 - 1).map(Choices)
"""Up to 24 bits Hypothesis draws all numbers alike often, so that each option has its share."""

_LEVEL_BASES = (LevelPaymentBasis.PERIOD_RATE, LevelPaymentBasis.PERIOD_FRACTIONS)


def _any_conventions(choices: Choices) -> Conventions:
    return Conventions(
        rounding=choices.among(INTEREST_ROUNDINGS),
        rounding_stage=choices.among(tuple(RoundingStage)),
        day_count=choices.among(tuple(DayCount)),
        period_interest=choices.among(tuple(PeriodInterest)),
        odd_first_period=choices.among(tuple(OddFirstPeriod)),
        level_payment=choices.among((LevelPayment.PLAIN, LevelPayment.EQUALISED)),
        level_payment_basis=choices.among(_LEVEL_BASES),
        payment_rounding=choices.among(tuple(Rounding)),
        deferred_interest=choices.among(tuple(DeferredRounding)),
        deferred_collection=choices.among(tuple(DeferredCollection)),
        holiday_roll=choices.among(tuple(HolidayRoll)),
    )


def _regular_conventions(choices: Choices) -> Conventions:
    return Conventions(
        rounding=choices.among(INTEREST_ROUNDINGS),
        odd_first_period=choices.among(tuple(OddFirstPeriod)),
        day_count=choices.among(tuple(DayCount)),
        payment_rounding=choices.among(tuple(Rounding)),
        level_payment_basis=choices.among(_LEVEL_BASES),
        holiday_roll=choices.among(tuple(HolidayRoll)),
    )


ANY_CONVENTIONS = CHOICES.map(_any_conventions)
REGULAR_CONVENTIONS = CHOICES.map(_regular_conventions)
CHINA_CONVENTIONS = st.just(Conventions())

_CURRENCIES = tuple(map(Currency.of, ("CNY", "CNY", "JPY", "KWD")))
_BY_ROWS = tuple(kind for kind in Amortization if kind is not Amortization.SINGLE_PAYMENT)
_COMMON_DEBTS, _ALL_DEBTS = st.integers(10**5, 10**8), st.integers(1, 10**12)
_PPM = st.integers(0, 400_000)
_ARREARS = st.integers(1, 10**6)
_FIRST_DAY = date(2024, 1, 1)
_START_AND_LENGTH = st.integers(0, 800 * 70 - 1)


def _dates(draw: st.DrawFn) -> dict[str, date]:
    """Draw a start and a first due date 1 to 70 days later."""
    days, length = divmod(draw(_START_AND_LENGTH), 70)
    start = _FIRST_DAY + timedelta(days=days)
    return {"start": start, "first_due": start + timedelta(days=length + 1)}


UNDATED: dict[str, date | None] = {"start": None, "first_due": None}


@st.composite
def any_terms(
    draw: st.DrawFn, conventions: st.SearchStrategy[Conventions] = ANY_CONVENTIONS
) -> Terms:
    """Return terms with every part that offers use, graces, arrears and down payments included."""
    choices = draw(CHOICES)
    money = choices.among(_CURRENCIES).money
    periods = draw(st.integers(1, 40))
    principal = draw(_COMMON_DEBTS if choices.once_in(2) else _ALL_DEBTS)
    graced = draw(st.integers(0, periods - 1)) if choices.once_in(2) else 0
    arrears = draw(_ARREARS) if choices.once_in(2) else 0
    down_payment = None
    if choices.once_in(2) and principal > 1:
        down_payment = DownPayment(
            money(draw(st.integers(0, principal // 2))),
            money(draw(st.integers(0, arrears)) if choices.once_in(2) else 0),
        )
    return Terms(
        principal=money(principal),
        annual_rate=Fraction(draw(_PPM), 10**6),
        periods=periods,
        **(_dates(draw) if choices.once_in(2) else UNDATED),
        frequency=choices.among(FREQUENCIES),
        amortization=choices.among(_BY_ROWS),
        grace=Grace(graced, choices.among((0, graced)), choices.among(tuple(InterestTreatment))),
        down_payment=down_payment,
        arrears=money(arrears) if arrears else None,
        arrears_treatment=choices.among(tuple(ArrearsTreatment)),
        conventions=draw(conventions),
        holidays=WEEKENDS,
    )


def _with(terms: Terms, **conventions: object) -> Terms:
    return terms.with_(conventions=replace(terms.conventions, **conventions))  # type: ignore[arg-type]


def _multiple(draw: st.DrawFn, terms: Terms) -> Terms:
    multiple = draw(st.sampled_from([5, 10, 100, 1000, 5000]))
    return terms.with_(payment_multiple_of=terms.principal.currency.money(multiple))


def _balloon(draw: st.DrawFn, terms: Terms) -> Terms:
    most = terms.principal.minor // 2
    return terms.with_(balloon=terms.principal.currency.money(draw(st.integers(0, most))))


def _fees(draw: st.DrawFn, terms: Terms) -> Terms:
    amounts = st.integers(1, 10**5).map(terms.principal.currency.money)
    fees = [FixedFee(draw(amounts), number=draw(st.integers(1, terms.periods)))]
    if terms.first_due is not None:
        due = terms.first_due + timedelta(days=draw(st.integers(-80, 1500)))
        fees.append(FixedFee(draw(amounts), due=due))
    return terms.with_(fees=tuple(fees))


def _fee_rate(draw: st.DrawFn, terms: Terms) -> Terms:
    return terms.with_(installment_fee_rate=Fraction(draw(st.integers(0, 30_000)), 10**6))


def _steps(draw: st.DrawFn, terms: Terms) -> Terms:
    most = 2 * terms.principal.minor // terms.periods
    given = terms.principal.currency.money(draw(st.integers(0, most)))
    step = PaymentStep(draw(st.integers(1, terms.periods)), given)
    return terms.with_(payment_steps=(step,), amortization=Amortization.EQUAL_INSTALLMENT)


def _given(draw: st.DrawFn, terms: Terms) -> Terms:
    share = terms.principal.minor // terms.periods
    payment = terms.principal.currency.money(draw(st.integers(share // 2 + 1, 2 * share + 1)))
    terms = terms.with_(payment=payment, amortization=Amortization.EQUAL_INSTALLMENT)
    return _with(terms, level_payment=LevelPayment.GIVEN)


def _skipped_months(draw: st.DrawFn, terms: Terms) -> Terms:
    if terms.first_due is None:
        return terms
    return terms.with_(skip_months=frozenset({draw(st.integers(1, 12)), draw(st.integers(1, 12))}))


def _interest_free(draw: st.DrawFn, terms: Terms) -> Terms:
    free = draw(st.integers(1, terms.periods))
    return terms.with_(grace=replace(terms.grace, interest_free=free))


def _given_principal(draw: st.DrawFn, terms: Terms) -> Terms:
    share = terms.principal.minor // terms.periods
    part = terms.principal.currency.money(draw(st.integers(share // 2 + 1, 2 * share + 1)))
    return terms.with_(principal_payment=part, amortization=Amortization.EQUAL_PRINCIPAL)


def _single_payment(_draw: st.DrawFn, terms: Terms) -> Terms:
    return terms.with_(periods=1, grace=Grace(), amortization=Amortization.SINGLE_PAYMENT)


def _month_ends(draw: st.DrawFn, terms: Terms) -> Terms:
    """A due day that some months do not have."""
    due_day, first_due = draw(st.sampled_from([(29, 29), (30, 30), (31, 31), (31, 30)]))
    month = 1 if first_due == due_day else 4
    dated = terms.with_(
        frequency=draw(st.sampled_from([MONTHLY, Frequency(3, Unit.MONTHS)])),
        start=date(2027, month, draw(st.integers(1, 28))),
        first_due=date(2027, month, first_due),
        due_day=due_day,
    )
    if first_due != due_day:
        return dated
    return _with(dated, month_end=draw(st.sampled_from(MonthEnd)))


def _rare_conventions(draw: st.DrawFn, terms: Terms) -> Terms:
    changes: dict[str, object] = draw(
        st.sampled_from(
            [
                {"remainder": Remainder.LAST_INTEREST},
                {"total_interest": TotalInterest.UNROUNDED_PAYMENT},
                {"total_interest": TotalInterest.ARITHMETIC_SERIES},
                {"level_payment_basis": LevelPaymentBasis.THIRTY_365},
                {"period_rate_decimals": 5},
                {
                    "holiday_roll": HolidayRoll.NEXT,
                    "holiday_interest": HolidayInterest.EXTRA_DAYS,
                },
            ]
        )
    )
    return _with(terms, **changes)


EXTRAS: list[Callable[[st.DrawFn, Terms], Terms]] = [
    _multiple,
    _balloon,
    _fees,
    _fee_rate,
    _steps,
    _given,
    _skipped_months,
    _interest_free,
    _given_principal,
    _single_payment,
    _month_ends,
    _rare_conventions,
]


@st.composite
def rare_terms(draw: st.DrawFn) -> Terms:
    """Return terms with one or two of the parts that few plans have."""
    terms = draw(any_terms())
    for extra in {draw(st.sampled_from(EXTRAS)), draw(st.sampled_from(EXTRAS))}:
        terms = extra(draw, terms)
    return terms


@st.composite
def ending_early(draw: st.DrawFn) -> Terms:
    """Return terms whose given payments may end the plan early, interest held before that."""
    terms = draw(any_terms())
    held = draw(st.integers(0, terms.periods - 1))
    return _given(draw, terms.with_(grace=Grace(draw(st.integers(0, held)), held)))


def priced(terms: Terms) -> Schedule:
    """Price terms; reject the example where no plan follows from them, which other tests hold."""
    try:
        return price(terms)
    except InvalidTerms:
        assume(False)
        raise


LEVEL = st.builds(
    Terms,
    principal=st.integers(10**5, 10**9).map(CNY.money),
    annual_rate=_PPM.map(lambda ppm: Fraction(ppm, 10**6)),
    periods=st.integers(1, 119),
    start=st.none(),
    first_due=st.none(),
    arrears=st.one_of(st.none(), st.integers(1, 10**6).map(CNY.money)),
)
"""Level plans by the conventions of the China packs."""


@st.composite
def steady_terms(draw: st.DrawFn) -> Terms:
    """Return terms whose payments rise with the rate and fall with the term, to the unit.

    Debts are large enough for every row, each row repays some of it, and no interest is held.
    """
    choices = draw(CHOICES)
    periods = draw(st.integers(1, 119))
    return Terms(
        principal=CNY.money(draw(st.integers(10**5, 10**9))),
        annual_rate=Fraction(draw(_PPM), 10**6),
        periods=periods,
        **(_dates(draw) if choices.once_in(2) else UNDATED),
        frequency=choices.among(FREQUENCIES),
        amortization=choices.among(
            (Amortization.EQUAL_INSTALLMENT, Amortization.EQUAL_PRINCIPAL, Amortization.FLAT)
        ),
        grace=Grace(draw(st.integers(0, periods - 1)) if choices.once_in(3) else 0),
        arrears=CNY.money(draw(_ARREARS)) if choices.once_in(2) else None,
        conventions=Conventions(
            rounding=choices.among(INTEREST_ROUNDINGS),
            payment_rounding=choices.among(tuple(Rounding)),
            level_payment_basis=choices.among(_LEVEL_BASES),
            day_count=choices.among(tuple(DayCount)),
        ),
    )
