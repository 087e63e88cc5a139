"""Annex 1: the exact schedule as a table of finished strings, with its computing rules in words.

Widths are chosen here so that no figure is ever cut or wrapped. Not here: what the rows hold.
"""

from __future__ import annotations

from typing import Any

from plan_assistant.adapters.documents.figures import figure
from plan_assistant.adapters.documents.paper import Lines, Paper
from plan_assistant.adapters.documents.plan_facts import Column, Row
from plan_assistant.domain.calendar import HolidayRoll, Unit
from plan_assistant.domain.schedule.terms import OddFirstPeriod, PeriodInterest

_ALWAYS = (Column.PAYMENT, Column.PRINCIPAL, Column.INTEREST, Column.BALANCE, Column.OWED_AFTER)
_WITHOUT_TOTAL = (Column.DEFERRED, Column.BALANCE, Column.ARREARS_LEFT, Column.OWED_AFTER)

# Widths in thousandths of the font size, of the face that sets the tables.
_DIGIT, _POINT, _LETTER, _HAN = 555, 278, 600, 1000
_HYPHEN = 350
# Font sizes in thousandths of a point, and the width of the type area of either orientation.
_SIZES = (9_000, 8_500, 8_000, 7_500, 7_000, 6_500, 6_000)
_PORTRAIT, _LANDSCAPE = 481_000, 728_000
_INSET = 7_000


def schedule_annex(paper: Paper) -> dict[str, Any]:
    """Return the schedule annex as the template takes it."""
    plan = paper.facts.plan
    columns = [
        column
        for column in Column
        if column in _ALWAYS or any(row.amounts[column] for row in plan.rows)
    ]
    has_moves = any(row.due != row.nominal_due for row in plan.rows)
    names = ["number", "due", *(["moved_from"] if has_moves else []), *columns]
    head = [paper.say("column", name) for name in names]
    rows = [_cells(row, columns, has_moves=has_moves) for row in plan.rows]
    totals = [
        "" if column in _WITHOUT_TOTAL else figure(plan.column_total(column)) for column in columns
    ]
    layout = _layout(head, [*rows, ["", *rows[0][1 : len(names) - len(columns)], *totals]])
    return {
        "title": paper.label("annex_a"),
        "unit": paper.label("unit"),
        "head": head,
        "rows": rows,
        "total": {"label": paper.label("total"), "cells": totals},
        "texts": len(names) - len(columns),
        "notes_title": paper.label("conventions"),
        "notes": _notes(paper, has_moves=has_moves),
        **layout,
    }


def _cells(row: Row, columns: list[Column], *, has_moves: bool) -> list[str]:
    moved = row.nominal_due.isoformat() if row.due != row.nominal_due else ""
    dates = [row.due.isoformat(), moved] if has_moves else [row.due.isoformat()]
    return [str(row.number), *dates, *(figure(row.amounts[column]) for column in columns)]


def _width(text: str) -> int:
    return sum(
        _DIGIT
        if character.isdigit()
        else _POINT
        if character in ",."
        else _HYPHEN
        if character == "-"
        else _HAN
        if ord(character) > 0x2E7F
        else _LETTER
        for character in text
    )


def _head_width(lines: Lines) -> int:
    """Return the width a heading needs: its longest word, or half of a Chinese label."""
    widths = [0]
    for item in lines:
        if item["lang"] == "zh":
            widths.append(max(_HAN * -(-len(item["text"]) // 2), 2 * _HAN))
        else:
            widths.extend(_width(word) for word in item["text"].split())
    return max(widths)


def _layout(head: list[Lines], rows: list[list[str]]) -> dict[str, Any]:
    """Return orientation, font size and column widths in which every cell stays on one line."""
    needs = [
        max(_head_width(lines), *(_width(row[index]) for row in rows))
        for index, lines in enumerate(head)
    ]
    for is_landscape, available in ((False, _PORTRAIT), (True, _LANDSCAPE)):
        for size in _SIZES[: 4 if not is_landscape else None]:
            widths = [need * size // 1000 + _INSET for need in needs]
            slack = available - sum(widths)
            if slack >= 0 or (is_landscape and size == _SIZES[-1]):
                share = max(slack, 0) // len(widths)
                return {
                    "landscape": is_landscape,
                    "size": size,
                    "widths": [width + share for width in widths],
                }
    raise AssertionError("the smallest size always returns")


def _notes(paper: Paper, *, has_moves: bool) -> list[dict[str, Lines]]:
    """Return the conventions of the schedule in words, each with its subject."""
    rules = paper.facts.plan.conventions
    holds = paper.conditions
    notes: list[tuple[str, list[str], list[str]]] = []
    if holds["bears_interest"]:
        groups, names = ["period_interest"], [rules.period_interest.value]
        is_by_period = rules.period_interest is PeriodInterest.SAME_AS_PERIOD
        if is_by_period and rules.odd_first_period is not OddFirstPeriod.REGULAR:
            groups.append("odd_first_period")
            names.append(rules.odd_first_period.value)
        groups.append("interest_note")
        bears = holds["capitalised"] or holds["joins"]
        names.append("capitalised" if bears else "simple")
        notes.append(("interest", groups, names))
        notes.append(("rounding", ["rounding"], [rules.rounding.value]))
    else:
        notes.append(("interest", ["interest_note"], ["none"]))
    level = ["level_payment"], [rules.level_payment.value]
    if holds["has_multiple"]:
        level = ["level_multiple"], ["rounded"]
    if holds["steps"]:
        level = ["steps", *level[0]], ["lower", *level[1]]
    if holds["joint_steps"]:
        level = ["steps", *level[0]], ["shared", *level[1]]
    notes.append(("payment", [*level[0], "remainder"], [*level[1], rules.remainder.value]))
    if holds["odd_last"]:
        notes.append(("last", ["last"], ["odd"]))
    date_groups, date_names = ["holiday_roll"], [rules.holiday_roll.value]
    if paper.facts.plan.unit is Unit.MONTHS:
        date_groups, date_names = (
            ["month_end", *date_groups],
            [rules.month_end.value, *date_names],
        )
    if has_moves:
        date_groups += ["moves", "holiday_interest"]
        date_names += ["shown", rules.holiday_interest.value]
    notes.append(("dates", date_groups, date_names))
    notes += _amount_notes(paper)
    return [
        {"subject": paper.say("rule", subject), "text": paper.joined(groups, names)}
        for subject, groups, names in notes
    ]


def _amount_notes(paper: Paper) -> list[tuple[str, list[str], list[str]]]:
    """Return what the rows hold and leave out, each with its subject."""
    holds, rules = paper.conditions, paper.facts.plan.conventions
    notes: list[tuple[str, list[str], list[str]]] = []
    known = paper.facts.plan.holidays_known_until
    is_beyond = known is not None and paper.facts.plan.summary.last_due > known
    if rules.holiday_roll is not HolidayRoll.NONE and is_beyond:
        notes.append(("calendar", ["calendar"], ["unknown"]))
    if holds["has_arrears"]:
        name = "left" if holds["other_charges"] else "carried"
        notes.append(("arrears", ["arrears_note"], [name]))
    if holds["joins"]:
        notes.append(("joined", ["joined_note"], ["principal"]))
    if holds["has_waiver"]:
        notes.append(("waiver", ["waiver_note"], ["left_out"]))
    name = "together" if holds["settles_together"] else "order"
    notes.append(("allocation", ["allocation_note"], [name]))
    if holds["has_down_payment"]:
        notes.append(("down_payment", ["down_payment_note"], ["first"]))
    notes.append(("columns", ["columns_note"], ["payment"]))
    return notes
