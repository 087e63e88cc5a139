"""One 60-row schedule against the Python libraries that make one; the vector twin; a replay.

Peers are measured where they are installed and named where they are not:
`pip install amortization loan-calculator pyloan mortgage numpy-financial QuantLib financepy`.
Rounds of all candidates are interleaved and the median counts, so that a busy machine troubles all
alike. Import time is left out. What the peers give differs: only `amortization` rounds to cents.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from fractions import Fraction
from io import StringIO
from typing import Any

import numpy as np

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    Grace,
    InterestTreatment,
    LevelPaymentBasis,
    PeriodInterest,
    Terms,
)
from plan_assistant.domain.schedule.vector import price_many
from plan_assistant.domain.schedule.vector_family import VectorFamily
from plan_assistant.domain.schedule.vector_figures import PPM

PRINCIPAL, RATE, PERIODS = 100_000, 0.12, 60
START = date(2026, 1, 15)
TERMS = Terms(
    principal=CNY.parse("100000.00"),
    annual_rate=Fraction(12, 100),
    periods=PERIODS,
    start=START,
    first_due=date(2026, 2, 15),
    due_day=15,
)
Task = Callable[[], object]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a library's banner out of the results."""
    stdout, sys.stdout = sys.stdout, StringIO()
    try:
        yield
    finally:
        sys.stdout = stdout


def _amortization() -> Task:
    schedule: Any = importlib.import_module("amortization.schedule")
    return lambda: list(schedule.amortization_schedule(PRINCIPAL, RATE, PERIODS))


def _numpy_financial() -> Task:
    npf: Any = importlib.import_module("numpy_financial")
    periods = np.arange(1, PERIODS + 1)
    return lambda: (
        npf.ipmt(RATE / 12, periods, PERIODS, -PRINCIPAL),
        npf.ppmt(RATE / 12, periods, PERIODS, -PRINCIPAL),
    )


def _numpy_financial_by_row() -> Task:
    npf: Any = importlib.import_module("numpy_financial")
    return lambda: [
        (npf.ipmt(RATE / 12, k, PERIODS, -PRINCIPAL), npf.ppmt(RATE / 12, k, PERIODS, -PRINCIPAL))
        for k in range(1, PERIODS + 1)
    ]


def _mortgage() -> Task:
    module: Any = importlib.import_module("mortgage")
    return lambda: module.Loan(PRINCIPAL, RATE, PERIODS // 12).schedule()


def _loan_calculator() -> Task:
    module: Any = importlib.import_module("loan_calculator.loan")
    dues = [add_months(START, k) for k in range(1, PERIODS + 1)]
    return lambda: module.Loan(PRINCIPAL, RATE, START, dues).balance


def _pyloan() -> Task:
    module: Any = importlib.import_module("pyloan.pyloan")
    return lambda: module.Loan(
        PRINCIPAL, 12.0, PERIODS // 12, "2026-01-15", payment_end_of_month=False
    ).get_payment_schedule()


def _quantlib() -> Task:
    ql: Any = importlib.import_module("QuantLib")
    first, last = ql.Date(15, 1, 2026), ql.Date(15, 1, 2031)
    counter, period = ql.Thirty360(ql.Thirty360.USA), ql.Period(ql.Monthly)
    tenor = ql.Period(PERIODS // 12, ql.Years)

    def run() -> object:
        notionals = ql.sinkingNotionals(tenor, ql.Monthly, RATE, PRINCIPAL)
        schedule = ql.sinkingSchedule(first, tenor, ql.Monthly, ql.NullCalendar())
        bond = ql.AmortizingFixedRateBond(0, notionals, schedule, [RATE], counter)
        return [(flow.date(), flow.amount()) for flow in bond.cashflows()]

    del last, period
    return run


def _financepy() -> Task:
    with quiet():
        bonds: Any = importlib.import_module("financepy.products.bonds.bond_mortgage")
        dates: Any = importlib.import_module("financepy.utils.date")
    first, last = dates.Date(15, 1, 2026), dates.Date(15, 1, 2031)

    def run() -> object:
        mortgage = bonds.BondMortgage(first, last, PRINCIPAL)
        mortgage.generate_flows(RATE, bonds.BondMortgageTypes.REPAYMENT)
        return mortgage.total_flows

    return run


PEERS: dict[str, Callable[[], Task]] = {
    "amortization": _amortization,
    "numpy-financial, one call for all rows": _numpy_financial,
    "numpy-financial, one call a row": _numpy_financial_by_row,
    "mortgage": _mortgage,
    "loan-calculator": _loan_calculator,
    "pyloan": _pyloan,
    "QuantLib": _quantlib,
    "financepy": _financepy,
}


def _seconds(task: Task, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        task()
    return (time.perf_counter() - start) / times


def compare_schedules() -> bool:
    """Print microseconds a schedule; return whether ours is faster than every peer."""
    ours = "plan-assistant, priced"
    tasks: dict[str, Task] = {
        ours: lambda: price(TERMS),
        "plan-assistant, priced, checked, all row objects": lambda: _rows_of(price(TERMS)),
    }
    for name, build in PEERS.items():
        try:
            tasks[name] = build()
            tasks[name]()
        except ImportError:
            print(f"  {name}: not installed here")
    rounds: dict[str, list[float]] = {name: [] for name in tasks}
    times = {name: max(1, int(0.02 / _seconds(task, 3))) for name, task in tasks.items()}
    for _ in range(9):
        for name, task in tasks.items():
            rounds[name].append(_seconds(task, times[name]))
    medians = {name: statistics.median(seconds) for name, seconds in rounds.items()}
    for name, median in sorted(medians.items(), key=lambda item: item[1]):
        print(f"  {median * 1e6:9.1f} us  {median / medians[ours]:7.1f} x ours  {name}")
    return all(medians[ours] < medians[name] for name in medians if name in PEERS)


def _rows_of(schedule: Any) -> object:
    schedule.check()
    return schedule.rows


def vector_rate(accounts: int = 100_000) -> float:
    """Return accounts a second for six plans each, NPV and IRR included, on one core."""
    random = np.random.default_rng(1)
    principal = random.integers(500_000, 20_000_000, accounts)
    rates = np.array([0, 36_500, 120_000, 147_800, 180_000, 182_500, 240_000])
    rate = random.choice(rates, accounts)
    grace = Grace(6, 6, InterestTreatment.CAPITALISE)
    families = [
        *[VectorFamily(periods) for periods in (12, 24, 36, 60)],
        VectorFamily(24, Amortization.EQUAL_PRINCIPAL),
        VectorFamily(42, grace=grace),
    ]
    start = time.perf_counter()
    for family in families:
        price_many(family, principal, rate, discount_ppm=15 * PPM // 100, with_irr=True)
    return accounts / (time.perf_counter() - start)


def replay_seconds() -> float:
    """Return the time to replay 20 events on a plan of 360 rows with daily interest."""
    conventions = Conventions(
        period_interest=PeriodInterest.DAILY,
        day_count=DayCount.ACT_365,
        level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    )
    terms = TERMS.with_(periods=360, annual_rate=Fraction(588, 10_000), conventions=conventions)
    level = price(terms).regular_payment
    first = date(2026, 2, 15)
    events: dict[str, ev.Event] = {
        f"paid {k}": ev.Payment(add_months(first, k), level) for k in range(12)
    }
    events |= {
        "late": ev.Payment(date(2027, 3, 1), level),
        "ahead": ev.Payment(date(2027, 4, 20), level + level),
        "lower": ev.RateChange(date(2028, 1, 20), Fraction(45, 1000)),
        "higher": ev.RateChange(date(2030, 1, 20), Fraction(5, 100)),
        "pause": ev.InterestPause(date(2029, 3, 1), date(2029, 3, 1) + timedelta(days=70)),
        "fee": ev.FeeCharged(CNY.parse("50.00"), due=date(2029, 8, 2)),
        "longer": ev.ExtendTerm(date(2031, 6, 15), 24),
        "moved": ev.MoveDueDate(date(2032, 6, 15), date(2032, 6, 25)),
    }
    return min(_seconds(lambda: History(terms, events).schedule, 1) for _ in range(15))


def main() -> int:
    """Print all figures; return 1 where a peer is faster."""
    print("one schedule of 60 monthly rows, 100,000 at 12 %")
    is_fastest = compare_schedules()
    print(f"vector twin: {vector_rate():,.0f} accounts/s x 6 plans with NPV and IRR, one core")
    print(f"replay: 20 events on 360 rows of daily interest in {replay_seconds() * 1e3:.1f} ms")
    return 0 if is_fastest else 1


if __name__ == "__main__":
    sys.exit(main())
