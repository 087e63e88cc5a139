"""Random golden loan cases over every option of SCHEMA.md, from a seed."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from random import Random
from typing import Any


def random_case(seed: int) -> dict[str, Any]:
    """Return terms, conventions and events; the same for the same seed."""
    pick = Random(seed)
    unit = pick.choices(["months", "weeks", "days"], [6, 2, 2])[0]
    every = pick.choice([1, 1, 1, 2, 3]) if unit != "days" else pick.choice([1, 7, 10, 30, 365])
    periods = pick.choices([1, 2, 3, pick.randint(4, 9), pick.randint(10, 16)], [1, 1, 2, 6, 2])[0]
    conventions = _conventions(pick)
    dates = _dates(pick, unit, every, conventions["month_end"])
    amortization = pick.choices(
        ["equal_installment", "equal_principal", "flat", "interest_only", "single_payment"],
        [6, 2, 2, 1, 1],
    )[0]
    decimals = pick.choice([0, 1, 2, 2, 2, 2, 3, 4])
    minor = pick.choice([pick.randint(10**4, 10**6), pick.randint(10**6, 10**9)])
    zero = pick.random() < 0.1
    terms: dict[str, Any] = {
        "principal": amount(minor, decimals),
        "currency_decimals": decimals,
        "annual_rate": "0" if zero else f"0.{pick.randint(1, 399999):06d}",
        "quoted_rate": None,
        "periods": periods,
        "frequency": {"every": every, "unit": unit},
        "as_of": None,
        "amortization": amortization,
        "grace": _grace(pick, periods),
        "payment": None,
        "payment_steps": [],
        "principal_payment": None,
        "balloon": amount(minor // pick.randint(2, 9), decimals) if pick.random() < 0.1 else None,
        "down_payment": {"share": f"0.{pick.randint(1, 50):02d}"} if pick.random() < 0.1 else None,
        "fees": [],
        "skip_months": [],
        "payment_multiple_of": pick.choice(["1", "10"]) if pick.random() < 0.08 else None,
        **dates,
    }
    _fees(pick, terms, minor, decimals)
    _given_payments(pick, terms, conventions, minor, decimals)
    if amortization == "equal_principal" and pick.random() < 0.2:
        terms["principal_payment"] = amount(minor // (periods + pick.randint(0, 2)) + 1, decimals)
    if dates["first_due_date"] and pick.random() < 0.1:
        _skip(pick, terms)
    events: list[dict[str, Any]] = []
    if dates["start_date"] and pick.random() < 0.25:
        events = _history(pick, terms, conventions, minor, decimals)
    elif dates["start_date"]:
        events = _events(pick, terms, conventions, minor, decimals)
    elif pick.random() < 0.2:
        events = [
            {"id": f"e{index}", **_numbered(pick, kind, 1, minor, decimals)}
            for index, kind in enumerate(["prepayment", "fee"], start=1)
        ]
    return {"terms": terms, "conventions": conventions, "events": events}


def amount(minor: int, decimals: int) -> str:
    digits = str(minor).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def _conventions(pick: Random) -> dict[str, Any]:
    return {
        "rounding": pick.choice(["half_even", "half_up", "half_up", "down"]),
        "rounding_stage": pick.choices(["each_period", "cumulative", "display_only"], [8, 2, 1])[0],
        "period_rate_decimals": pick.choice([None, None, None, None, 4, 7]),
        "day_count": pick.choice(
            ["30/360m", "30/360", "30e/360", "act/365", "act/360", "act/act", "prev_month"]
        ),
        "period_interest": pick.choice(["same_as_period", "daily"]),
        "odd_first_period": pick.choice(["regular", "day_count", "act/360", "act/365"]),
        "level_payment": pick.choice(["plain", "equalised"]),
        "level_payment_basis": pick.choices(
            ["period_fractions", "period_rate", "30/365"], [4, 4, 1]
        )[0],
        "payment_rounding": pick.choice(["half_even", "half_up", "half_up", "down", "up"]),
        "remainder": pick.choices(["last_payment", "last_interest", "open"], [8, 1, 1])[0],
        "total_interest": pick.choices(
            ["sum_of_rows", "unrounded_payment", "arithmetic_series"], [10, 1, 1]
        )[0],
        "deferred_interest": pick.choice(["round_each", "round_on_collection"]),
        "deferred_collection": pick.choice(["within_payment", "on_top"]),
        "month_end": pick.choice(["clamp", "roll_next"]),
        "rate_change_day": pick.choice(["day_ending_on", "day_starting_on"]),
        "rate_change_payment": pick.choice(["recompute", "keep"]),
        "pause_days": "both_inclusive",
        "overdue_interest": pick.choice(["none", "contract_rate_to_as_of"]),
        "fee_date": "first_due_on_or_after",
        "apr_method": None,
    }


def _dates(pick: Random, unit: str, every: int, month_end: str) -> dict[str, Any]:
    kind = pick.choices(["none", "first only", "both"], [2, 1, 7])[0]
    if kind == "none":
        return {"start_date": None, "first_due_date": None, "due_day": None}
    start = date(2019, 1, 1) + timedelta(days=pick.randrange(4000))
    if unit != "months":
        step = timedelta(days=every * (7 if unit == "weeks" else 1))
        first = start + (step if pick.random() < 0.7 else timedelta(days=pick.randint(1, 50)))
        day = None
    else:
        day = start.day if pick.random() < 0.7 else pick.randint(1, 31)
        months = every if pick.random() < 0.7 else pick.randint(0, every + 1)
        first = _on_day(start, months, day, month_end)
        while first <= start:
            months += 1
            first = _on_day(start, months, day, month_end)
    return {
        "start_date": start.isoformat() if kind == "both" else None,
        "first_due_date": first.isoformat(),
        "due_day": day,
    }


def _on_day(start: date, months: int, day: int, month_end: str) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    if day > length and month_end == "roll_next":
        return date(year, month + 1, length) + timedelta(days=1)
    return date(year, month + 1, min(day, length))


def _grace(pick: Random, periods: int) -> dict[str, Any]:
    grace = {"principal": 0, "interest": 0, "interest_treatment": "defer", "interest_free": 0}
    if periods > 1 and pick.random() < 0.35:
        grace["principal"] = pick.randint(0, periods - 1)
        grace["interest"] = pick.choice([0, grace["principal"], pick.randint(0, periods - 1)])
        grace["interest_treatment"] = pick.choice(["defer", "capitalise"])
        grace["interest_free"] = pick.choice([0, 0, pick.randint(0, periods)])
    return grace


def _fees(pick: Random, terms: dict[str, Any], minor: int, decimals: int) -> None:
    if pick.random() < 0.1:
        terms["fees"].append(
            {"type": "instalment_percent", "rate": "0.013", "of": "principal_and_interest"}
        )
    for share in (97, 131, 177)[: pick.choices([0, 1, 3], [85, 10, 5])[0]]:
        if terms["start_date"]:
            due = date.fromisoformat(terms["start_date"]) + timedelta(days=pick.randint(0, 900))
            fee = amount(minor // share + 1, decimals)
            terms["fees"].append({"type": "fixed", "due_date": due.isoformat(), "amount": fee})
    if pick.random() < 0.05:
        terms["fees"].append({"type": "financed", "amount": amount(minor // 50, decimals)})


def _given_payments(
    pick: Random, terms: dict[str, Any], conventions: dict[str, Any], minor: int, decimals: int
) -> None:
    if terms["amortization"] != "equal_installment":
        conventions["level_payment"] = pick.choice(["none", "plain"])
        return
    if pick.random() < 0.15:
        left = terms["periods"]
        has_level = pick.random() < 0.5
        while left > 0:
            run = pick.randint(1, left)
            # Given steps stay below the debt where a level step has to pay the rest.
            tenths = pick.randint(2, 6) if has_level else pick.randint(5, 15)
            # A step without any payment is given like every other.
            payment = pick.choice([0, *[minor // terms["periods"] * tenths // 10 + 1] * 9])
            is_level = has_level and pick.random() < 0.4
            terms["payment_steps"].append(
                {"periods": run, "payment": None if is_level else amount(payment, decimals)}
            )
            left -= run
    elif pick.random() < 0.1:
        conventions["level_payment"] = "given"
        terms["payment"] = amount(
            minor // terms["periods"] * pick.randint(8, 14) // 10 + 1, decimals
        )


def _skip(pick: Random, terms: dict[str, Any]) -> None:
    """Skip up to three months of the year, none of which any plan of these terms can end in."""
    first = date.fromisoformat(terms["first_due_date"])
    terms["skip_months"] = sorted({pick.randint(1, 12) for _ in range(3)})
    frequency = terms["frequency"]
    days = {"months": 30.44, "weeks": 7, "days": 1}[frequency["unit"]] * frequency["every"]
    end = first + timedelta(days=int(days * (terms["periods"] - 1)))
    near = {(end + timedelta(days=shift)).month for shift in (-35, -15, 0, 15, 35)}
    if near & set(terms["skip_months"]):
        terms["skip_months"] = []


def _events(
    pick: Random, terms: dict[str, Any], conventions: dict[str, Any], minor: int, decimals: int
) -> list[dict[str, Any]]:
    """Events that fit the plan: money and restructurings are not mixed in one case."""
    if pick.random() < 0.5 or terms["skip_months"]:
        return []
    first = date.fromisoformat(terms["first_due_date"])
    frequency = terms["frequency"]
    days = {"months": 30, "weeks": 7, "days": 1}[frequency["unit"]] * frequency["every"]
    span = max(1, days * (terms["periods"] - 1) - 5)
    inside = [first + timedelta(days=pick.randint(0, span)) for _ in range(3)]
    inside = [
        day
        for day in inside
        if day <= first + timedelta(days=max(0, days * (terms["periods"] - 1) - 5))
    ]
    if not inside:
        return []
    if pick.random() < 0.4:
        return _money(pick, terms, conventions, inside, minor, decimals)
    events: list[dict[str, Any]] = []
    for day in inside[: pick.randint(1, 3)]:
        kinds = ["rate_change", "interest_pause", "extend_term", "grace", "fee", "prepayment"]
        kind = pick.choice(kinds if terms["periods"] > 2 else kinds[:-1])
        text = day.isoformat()
        details: dict[str, dict[str, Any]] = {
            "rate_change": {"date": text, "annual_rate": f"0.{pick.randint(0, 299999):06d}"},
            "interest_pause": {
                "date": text,
                "end_date": (day + timedelta(days=pick.randint(0, 60))).isoformat(),
            },
            "extend_term": {
                "date": None,
                "from_due_date": text,
                "extra_periods": pick.randint(1, 4),
            },
            "grace": {"from_due_date": text, "interest_periods": pick.randint(1, 3)},
            "fee": {
                "due_date": text,
                "instalment": None,
                "amount": amount(minor // 71 + 1, decimals),
            },
            "prepayment": {
                "date": None,
                "instalment": 1,
                "amount": amount(minor // 400 + 1, decimals),
                "strategy": pick.choice(["shorten", "lower"]),
            },
        }
        events.append({**details[kind], "type": kind, "id": f"e{len(events) + 1}"})
    if pick.random() < 0.25:
        to = first + timedelta(days=pick.randint(0, 25))
        events.insert(
            0,
            {
                "id": "e9",
                "type": "reschedule_due_date",
                "from_due_date": first.isoformat(),
                "to_date": to.isoformat(),
            },
        )
    return events


def _history(
    pick: Random, terms: dict[str, Any], conventions: dict[str, Any], minor: int, decimals: int
) -> list[dict[str, Any]]:
    """Events of every kind in the order of their days, money and restructurings mixed."""
    kinds = ["advance", "advance", "shorten", "lower", "skip", "rate_change", "interest_pause"]
    kinds += ["grace", "fee", "prepayment"]
    if not terms["skip_months"]:
        kinds += ["extend_term", "extend_term"]
    if pick.random() < 0.3:
        judged = _due(terms, conventions, pick.randrange(terms["periods"]))
        terms["as_of"] = (judged + timedelta(days=pick.randint(0, 40))).isoformat()
    events: list[dict[str, Any]] = []
    start = date.fromisoformat(terms["start_date"])
    numbers = sorted(pick.randint(1, terms["periods"]) for _ in range(pick.randint(2, 4)))
    for number in numbers:
        due = _due(terms, conventions, number - 1)
        kind = pick.choice(kinds)
        if kind == "prepayment" or (kind == "fee" and pick.random() < 0.5):
            event = _numbered(pick, kind, number, minor, decimals)
        else:
            event = _dated(pick, kind, (start, due), minor, decimals)
        events.append({"id": f"e{len(events) + 1}", **event})
    last = _due(terms, conventions, numbers[-1] - 1)
    if pick.random() < 0.2 and not terms["skip_months"]:
        to = last + timedelta(days=pick.randint(0, 40))
        moved = {"from_due_date": last.isoformat(), "to_date": to.isoformat()}
        events.append({"id": "e8", "type": "reschedule_due_date", **moved})
    if pick.random() < 0.3:
        day = {"date": last.isoformat(), "interest_until": pick.choice(["date", "period_end"])}
        events.append({"id": "e9", "type": "payoff", **day})
    return events


def _numbered(pick: Random, kind: str, number: int, minor: int, decimals: int) -> dict[str, Any]:
    """Return extra principal or a fee that names its installment."""
    named: dict[str, Any] = {"type": kind, "instalment": number}
    if kind == "fee":
        return {**named, "due_date": None, "amount": amount(minor // 71 + 1, decimals)}
    extra = amount(minor // pick.choice([40, 400]) + 1, decimals)
    return {**named, "date": None, "amount": extra, "strategy": pick.choice(["shorten", "lower"])}


def _dated(
    pick: Random, kind: str, period: tuple[date, date], minor: int, decimals: int
) -> dict[str, Any]:
    """Return an event on a due date or shortly before it; a booked payment is on the date."""
    start, due = period
    day = max(start, due - timedelta(days=pick.choice([0, 0, pick.randint(0, 6)]))).isoformat()
    paid = amount(minor * pick.randint(1, 45) // 100 + 1, decimals)
    end = (due + timedelta(days=pick.randint(0, 60))).isoformat()
    match kind:
        case "advance":
            details: dict[str, Any] = {
                "type": "payment",
                "date": day,
                "amount": paid,
                "excess": kind,
            }
        case "shorten" | "lower" | "skip":
            details = {"type": "payment", "date": due.isoformat(), "amount": paid, "excess": kind}
        case "rate_change":
            details = {"date": day, "annual_rate": f"0.{pick.randint(0, 299999):06d}"}
        case "interest_pause":
            details = {"date": day, "end_date": end}
        case "grace":
            details = {"from_due_date": day, "interest_periods": pick.randint(1, 3)}
        case "extend_term":
            details = {"date": None, "from_due_date": day, "extra_periods": pick.randint(1, 4)}
        case _:
            fee = amount(minor // 71 + 1, decimals)
            details = {"due_date": day, "instalment": None, "amount": fee}
    return {"type": kind, **details}


def _due(terms: dict[str, Any], conventions: dict[str, Any], index: int) -> date:
    """Return the due date of an installment."""
    first = date.fromisoformat(terms["first_due_date"])
    every, unit, day = terms["frequency"]["every"], terms["frequency"]["unit"], terms["due_day"]
    if unit != "months":
        return first + timedelta(days=index * every * (7 if unit == "weeks" else 1))
    is_rolled = conventions["month_end"] == "roll_next" and first.day < day
    return _on_day(first, index * every - is_rolled, day, conventions["month_end"])


def _money(
    pick: Random,
    terms: dict[str, Any],
    conventions: dict[str, Any],
    inside: list[date],
    minor: int,
    decimals: int,
) -> list[dict[str, Any]]:
    start = date.fromisoformat(terms["start_date"])
    if pick.random() < 0.3:
        terms["as_of"] = (max(inside) + timedelta(days=pick.randint(0, 60))).isoformat()
    if pick.random() < 0.35 and terms["periods"] > 1:
        first = terms["first_due_date"]
        paid = amount(minor * pick.randint(35, 48) // 100 + 1, decimals)
        return [
            {
                "id": "e1",
                "type": "payment",
                "date": first,
                "amount": paid,
                "excess": pick.choice(["shorten", "lower", "skip"]),
            }
        ]
    if pick.random() < 0.4 and terms["periods"] > 2 and terms["amortization"] != "single_payment":
        return _re_planned(pick, terms, conventions, inside[0], minor, decimals)
    events = []
    for index, day in enumerate(inside):
        when = (
            start + timedelta(days=pick.randint(0, 30))
            if index == 0 and pick.random() < 0.3
            else day
        )
        paid = amount(minor * pick.randint(1, 25) // 100 + 1, decimals)
        events.append(
            {
                "id": f"e{index + 1}",
                "type": "payment",
                "date": when.isoformat(),
                "amount": paid,
                "excess": "advance",
            }
        )
    return events


def _re_planned(
    pick: Random,
    terms: dict[str, Any],
    conventions: dict[str, Any],
    day: date,
    minor: int,
    decimals: int,
) -> list[dict[str, Any]]:
    """A part of the first installments paid, the rest closed and planned anew."""
    terms["grace"] = {
        "principal": 0,
        "interest": 0,
        "interest_treatment": "defer",
        "interest_free": 0,
    }
    events: list[dict[str, Any]] = []
    if pick.random() < 0.7:
        paid = amount(minor // terms["periods"] // pick.randint(1, 9) + 1, decimals)
        first = terms["first_due_date"]
        events.append(
            {"id": "e1", "type": "payment", "date": first, "amount": paid, "excess": "advance"}
        )
    if pick.random() < 0.5:
        kind = pick.choice(["recalculated", "split_equally"])
        events.append(
            {"id": "e2", "type": "re_amortize", "date": day.isoformat(), "interest": kind}
        )
    else:
        kind = pick.choice(["recalculated", "full_remaining", "payable_to_date"])
        again = day + timedelta(days=pick.randint(1, 60))
        events.append(
            {
                "id": "e2",
                "type": "re_age",
                "date": day.isoformat(),
                "interest": kind,
                "periods": pick.randint(1, 8),
                "first_due_date": again.isoformat(),
            }
        )
    if pick.random() < 0.5:
        events[:0] = _ending_early(pick, terms, minor, decimals)
    later = _due(terms, conventions, terms["periods"] - 1)
    if events[-1]["type"] == "re_age":
        later = date.fromisoformat(events[-1]["first_due_date"])
    return [*events, *_after_re_planning(pick, terms, later, minor, decimals)]


def _after_re_planning(
    pick: Random, terms: dict[str, Any], due: date, minor: int, decimals: int
) -> list[dict[str, Any]]:
    """Early money in the new rows, or more of them."""
    text = due.isoformat()
    events: list[dict[str, Any]] = []
    for kind in pick.sample(["payment", "prepayment", "extend_term"], pick.choice([0, 1, 2])):
        details: dict[str, dict[str, Any]] = {
            "payment": {
                "date": text,
                "amount": amount(minor * pick.randint(1, 110) // 100 + 1, decimals),
                "excess": pick.choice(["shorten", "lower", "skip"]),
            },
            "prepayment": {
                "date": None,
                "instalment": pick.randint(1, terms["periods"] + 4),
                "amount": amount(minor * pick.randint(1, 60) // 100 + 1, decimals),
                "strategy": pick.choice(["shorten", "lower"]),
            },
            "extend_term": {
                "date": None,
                "from_due_date": text,
                "extra_periods": pick.randint(1, 4),
            },
        }
        events.append({"id": f"g{len(events) + 1}", "type": kind, **details[kind]})
    return events


def _ending_early(
    pick: Random, terms: dict[str, Any], minor: int, decimals: int
) -> list[dict[str, Any]]:
    """Extra principal that leaves rows without principal at the end, and fees due in some rows."""
    share = pick.randint(20, 90)
    extra = {
        "id": "e3",
        "type": "prepayment",
        "date": None,
        "instalment": 1,
        "amount": amount(minor * share // 100 + 1, decimals),
        "strategy": "shorten",
    }
    first = date.fromisoformat(terms["first_due_date"])
    fees = [
        {
            "id": f"f{number}",
            "type": "fee",
            "due_date": (
                first + timedelta(days=pick.randint(0, 40 * terms["periods"]))
            ).isoformat(),
            "instalment": None,
            "amount": amount(minor // 71 + 1, decimals),
        }
        for number in range(pick.randint(1, 3))
    ]
    return [extra, *fees]
