from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from plan_assistant.golden.files import GoldenCase, read_file, shipped_folder
from plan_assistant.golden.run import mismatches_of, results_of

FIGURES = {"field": "figures", "tolerance": "0"}


def _case(file: str, case_id: str, **changes: Any) -> GoldenCase:
    """A shipped case with some of its parts changed."""
    case = next(c for c in read_file(shipped_folder() / file) if c.case_id == case_id)
    parts = {"terms": case.terms, "conventions": case.conventions, "expected": case.expected}
    made = json.loads(json.dumps(parts))
    for key, value in changes.items():
        for part in made.values():
            if key in part:
                part[key] = value
    events = changes.get("events", case.events)
    return GoldenCase(
        "", case.case_id, case.kind, made["terms"], made["conventions"], events, made["expected"]
    )


def _figures(case: GoldenCase, *names: str) -> dict[str, Any]:
    expected = {"figures": dict.fromkeys(names, "0"), "assert": [FIGURES]}
    asked = GoldenCase(
        "", case.case_id, case.kind, case.terms, case.conventions, case.events, expected
    )
    figures: dict[str, Any] = dict(results_of(asked)["figures"])
    return figures


LEVEL = ("equal_installment.json", "fin-emi-36030-100-12")


def test_the_simple_rate_is_the_finance_charge_over_advance_and_days() -> None:
    case = _case(*LEVEL, apr_method="simple_days_365")

    figures = _figures(case, "apr_percent", "finance_charge")

    # 182 days from 1 January to 1 July 2024; the advance is 100.00.
    assert figures["apr_percent"] == figures["finance_charge"] * 365 / 182


def test_financed_fees_join_the_finance_charge_and_leave_the_advance() -> None:
    fee = {"type": "financed", "amount": "10.00"}
    plain = _figures(_case(*LEVEL), "finance_charge", "total_interest")
    with_fee = _figures(_case(*LEVEL, fees=[fee]), "finance_charge", "total_interest")

    assert with_fee["finance_charge"] == plain["finance_charge"] + 10
    assert with_fee["total_interest"] == plain["total_interest"]


def test_the_actuarial_rate_of_a_regular_loan_is_its_rate() -> None:
    figures = _figures(_case(*LEVEL, apr_method="us_actuarial"), "apr_percent")

    assert abs(figures["apr_percent"] - 12) < Fraction(1, 20)


def test_a_down_payment_on_the_start_date_leaves_the_actuarial_rate_of_the_rest() -> None:
    whole = _case(*LEVEL, apr_method="us_actuarial", principal="125.00")
    rest = _case(*LEVEL, apr_method="us_actuarial", principal="100.00")

    with_down = _case(
        *LEVEL, apr_method="us_actuarial", principal="125.00", down_payment={"share": "0.2"}
    )

    assert _figures(with_down, "apr_percent") == _figures(rest, "apr_percent")
    assert _figures(whole, "payment") != _figures(with_down, "payment")


def test_the_actuarial_rate_follows_the_days_of_weekly_payments() -> None:
    case = _case(
        *LEVEL,
        apr_method="us_actuarial",
        frequency={"every": 1, "unit": "weeks"},
        due_day=None,
        periods=2,
        amortization="equal_principal",
        annual_rate="0",
        fees=[{"type": "fixed", "due_date": "2024-01-15", "amount": "1.00"}],
        first_due_date="2024-01-08",
    )

    figures = _figures(case, "apr_percent")

    # 100.00 lent on 1 January; 50.00 on the 8th and 51.00 on the 15th: 7 and 14 days of 30.
    rate = figures["apr_percent"] / 1200
    worth = 50 / (1 + rate * Fraction(7, 30)) + 51 / (1 + rate * Fraction(14, 30))
    assert abs(worth - 100) < Fraction(1, 10**8)


def test_a_fee_after_the_last_due_date_counts_at_its_own_day() -> None:
    fee = [{"type": "fixed", "due_date": "2024-07-16", "amount": "1.00"}]
    case = _case(
        *LEVEL, apr_method="us_actuarial", fees=fee, periods=1, first_due_date="2024-02-01"
    )

    figures = _figures(case, "apr_percent", "first_payment")

    # Six months and fifteen days after 1 January.
    rate = figures["apr_percent"] / 1200
    worth = figures["first_payment"] / (1 + rate)
    worth += 1 / ((1 + rate / 2) * (1 + rate) ** 6)
    assert abs(worth - 100) < Fraction(1, 10**8)


def test_events_may_leave_out_the_keys_that_the_page_does_not_name() -> None:
    """SCHEMA 6.3, 6.8 and 6.10 write them without a day, or with one of two keys."""
    short: tuple[dict[str, Any], ...] = (
        {"type": "prepayment", "instalment": 1, "amount": "5.00", "strategy": "lower"},
        {"type": "extend_term", "from_due_date": "2024-03-01", "extra_periods": 2},
        {"type": "fee", "instalment": 1, "amount": "1.00"},
        {"type": "fee", "due_date": "2024-03-01", "amount": "1.00"},
    )
    nulls = {"prepayment": ("date",), "extend_term": ("date",), "fee": ("due_date", "instalment")}
    named = tuple({"id": f"e{k}", **event} for k, event in enumerate(short))
    full = tuple({**dict.fromkeys(nulls[event["type"]]), **event} for event in named)

    assert _figures(_case(*LEVEL, events=named), "total_paid", "new_payment") == _figures(
        _case(*LEVEL, events=full), "total_paid", "new_payment"
    )


def test_a_payoff_has_three_figures() -> None:
    payoff = {"id": "e1", "type": "payoff", "date": "2024-01-16", "interest_until": "period_end"}
    names = ("payoff_principal", "payoff_interest", "payoff_amount")

    figures = _figures(_case(*LEVEL, events=(payoff,)), *names)

    assert [figures[name] for name in names] == [100, 1, 101]


def test_a_new_payment_is_the_one_an_event_computed() -> None:
    event = {
        "id": "e1",
        "type": "extend_term",
        "date": None,
        "from_due_date": "2024-03-01",
        "extra_periods": 6,
    }

    figures = _figures(_case(*LEVEL, events=(event,)), "payment", "new_payment", "second_payment")

    assert figures["new_payment"] == figures["second_payment"] < figures["payment"]


def test_year_totals_follow_the_due_dates() -> None:
    totals = {"2024": {"interest": "3.53", "principal": "100.00"}}
    expected = {"year_totals": totals, "assert": [{"field": "year_totals", "tolerance": "0"}]}
    case = _case(*LEVEL)

    asked = GoldenCase("", "x", case.kind, case.terms, case.conventions, [], expected)

    assert list(mismatches_of(asked)) == []


@pytest.mark.parametrize(
    "name", ["period_rate", "nominal_annual_percent", "effective_annual_percent"]
)
def test_every_rate_figure_is_given(name: str) -> None:
    case = next(iter(read_file(shipped_folder() / "fee_to_rate.json")))

    assert results_of(case)["figures"][name] > 0


def test_an_unknown_figure_is_not_met() -> None:
    assert _figures(_case(*LEVEL), "happiness") == {"happiness": None}
