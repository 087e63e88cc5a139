"""Strategies for invented cases that a case file may hold."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import (
    Case,
    CaseId,
    Contact,
    ContactOutcome,
    Hardship,
    HardshipReason,
    PastPayment,
    Person,
    Willingness,
)
from plan_assistant.domain.debt import Components, Debt, DebtId, Product
from plan_assistant.domain.formats.notation import LARGEST_MINOR
from plan_assistant.domain.household import (
    Bounds,
    Budget,
    Every,
    Household,
    Income,
    Outgoing,
    OutgoingKind,
    Reliability,
)
from plan_assistant.domain.money import Currency, Money, Rounding, round_ratio
from plan_assistant.domain.personal import Personal

AS_OF = date(2026, 11, 20)
CURRENCIES = st.sampled_from([Currency.of(code) for code in ("CNY", "HKD", "JPY", "KWD")])
LINES = st.text(
    st.one_of(
        st.characters(categories=("L", "N", "P", "S", "Co")), st.sampled_from("张䶮龑𬱖 []<>={}")
    ),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() != "")
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
RATES = st.one_of(
    st.integers(0, 10**6).map(lambda ppm: Fraction(ppm, 10**6)),
    st.fractions(min_value=0, max_value=1, max_denominator=999),
)
FLAGS = st.booleans()


def days_before(day: date, most: int = 2000) -> st.SearchStrategy[date]:
    """Return days up to and including `day`."""
    return st.integers(0, most).map(lambda days: day - timedelta(days=days))


def amounts(currency: Currency, most: int = LARGEST_MINOR) -> st.SearchStrategy[Money]:
    """Return amounts from zero up to what a file may hold."""
    return st.integers(0, most).map(currency.money)


@st.composite
def debts(draw: st.DrawFn, currency: Currency, debt_id: str, *, is_negotiated: bool) -> Debt:
    """Return a debt whose dates and sums hold together."""
    share = LARGEST_MINOR // 5
    owed = Components(*(draw(amounts(currency, share)) for _ in range(5)))
    if not owed.total:
        owed = Components(currency.money(1), *(currency.zero for _ in range(4)))
    opened = draw(days_before(AS_OF, 3000))
    span = (AS_OF - opened).days
    oldest = draw(st.none() | days_before(AS_OF, span))
    term = draw(st.none() | st.integers(1, 240))
    extended = 0 if term is None else draw(st.integers(0, 24))
    has_guarantor = draw(FLAGS)
    return Debt(
        debt_id=DebtId(debt_id),
        product=draw(st.sampled_from(Product)),
        lender=draw(LINES),
        account_tail=draw(st.from_regex(r"[0-9A-Za-z]{1,6}", fullmatch=True)),
        annual_rate=draw(RATES),
        components=owed,
        opened=opened,
        days_past_due=0 if oldest is None else (AS_OF - oldest).days,
        oldest_unpaid_due=oldest,
        # Payments outside the negotiation have to stand in the budget, which is drawn apart.
        contractual_payment=draw(st.none() | amounts(currency)) if is_negotiated else None,
        maturity=None if term is None else add_months(opened, term + extended),
        original_term_months=term,
        extended_months=extended,
        restructured_on=tuple(draw(st.lists(days_before(AS_OF, span), max_size=3))),
        has_guarantor=has_guarantor,
        guarantor_consents=has_guarantor and draw(FLAGS),
        last_acknowledged=draw(st.none() | days_before(AS_OF, span)),
        is_negotiated=is_negotiated,
        is_floating=draw(FLAGS),
    )


@st.composite
def incomes(draw: st.DrawFn, currency: Currency) -> Income:
    """Return an income, monthly amounts included."""
    by_month: list[Money] = draw(
        st.just([]) | st.lists(amounts(currency, 10**9), min_size=12, max_size=12)
    )
    if by_month:
        average = round_ratio(sum(month.minor for month in by_month), 12, Rounding.HALF_UP)
        amount, every = currency.money(average), Every.MONTH
    else:
        amount, every = draw(amounts(currency)), draw(st.sampled_from(Every))
    return Income(
        draw(LINES),
        amount,
        every,
        draw(st.sampled_from(Reliability)),
        tuple(by_month),
        draw(bounds(amount)),
    )


@st.composite
def bounds(draw: st.DrawFn, likely: Money) -> Bounds | None:
    """Return a range around a likely amount, or none."""
    if draw(FLAGS):
        return None
    currency = likely.currency
    high = draw(st.integers(likely.minor, max(likely.minor, LARGEST_MINOR)))
    return Bounds(draw(amounts(currency, likely.minor)), currency.money(high))


@st.composite
def outgoings(draw: st.DrawFn, currency: Currency) -> Outgoing:
    """Return an outgoing, which may begin and end."""
    amount = draw(amounts(currency))
    begins = draw(st.none() | days_before(AS_OF + timedelta(days=900), 1800))
    earliest = max(begins or AS_OF, AS_OF)
    ends = st.integers(0, 900).map(lambda days: earliest + timedelta(days=days))
    return Outgoing(
        draw(LINES),
        draw(st.sampled_from(OutgoingKind)),
        amount,
        draw(st.sampled_from(Every)),
        draw(FLAGS),
        begins,
        draw(st.none() | ends),
        draw(bounds(amount)),
    )


@st.composite
def budgets(draw: st.DrawFn, currency: Currency) -> Budget:
    """Return a budget of one currency."""
    return Budget(
        currency=currency,
        incomes=tuple(draw(st.lists(incomes(currency), max_size=3))),
        outgoings=tuple(draw(st.lists(outgoings(currency), max_size=4))),
        cash=draw(amounts(currency)),
        payday=draw(st.none() | st.integers(1, 31)),
    )


@st.composite
def hardships(draw: st.DrawFn) -> HardshipReason:
    """Return a reason that began before the cut-off date."""
    since = draw(days_before(AS_OF))
    ends = draw(st.none() | st.integers(1, 900).map(lambda days: since + timedelta(days=days)))
    evidence = tuple(draw(st.lists(LINES, max_size=3)))
    return HardshipReason(draw(st.sampled_from(Hardship)), since, ends, draw(FLAGS), evidence)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a case that a case file may hold."""
    currency = draw(CURRENCIES)
    ids = draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    negotiated = [True, *(draw(FLAGS) for _ in ids[1:])]
    foreign = Currency.of("USD")
    adults = draw(st.integers(1, 20))
    return Case(
        case_id=CaseId(draw(IDS)),
        jurisdiction=draw(st.sampled_from(["CN", "HK", "US"])),
        language=draw(st.sampled_from(["zh", "en"])),
        as_of=AS_OF,
        borrower=Person.of(draw(LINES), *(draw(st.none() | LINES) for _ in range(3))),
        household=Household(adults, draw(st.integers(0, 30)), draw(FLAGS)),
        debts=tuple(
            draw(debts(currency if talks else foreign, name, is_negotiated=talks))
            for name, talks in zip(ids, negotiated, strict=True)
        ),
        budget=draw(budgets(currency)),
        hardships=tuple(draw(st.lists(hardships(), max_size=2))),
        willingness=Willingness(
            draw(FLAGS), draw(st.none() | LINES), draw(st.none() | amounts(currency))
        ),
        contacts=tuple(
            draw(
                st.lists(
                    st.builds(Contact, days_before(AS_OF), LINES, st.sampled_from(ContactOutcome)),
                    max_size=3,
                )
            )
        ),
        payments=tuple(
            draw(
                st.lists(st.builds(PastPayment, days_before(AS_OF), amounts(currency)), max_size=3)
            )
        ),
        promises_kept=draw(st.integers(0, 1000)),
        promises_broken=draw(st.integers(0, 1000)),
        note=Personal(draw(st.just("") | st.lists(LINES, max_size=3).map("\n".join))),
    )
