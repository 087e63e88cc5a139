"""A recorded agreement as its decision needs it: its figures, its findings, its schedule.

Everything is read from the record, never priced from today's policy: what is approved is what was
agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.recorded_plan import RecordedFigures, recorded_figures
from plan_assistant.domain.formats.terms_file import read_terms
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import (
    Confidence,
    Count,
    Days,
    Effect,
    Finding,
    Measure,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.verdict import Certainty, Verdict
from plan_assistant.ports import Calendars

Node = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Request:
    """The figures of a recorded agreement."""

    family: Family
    figures: RecordedFigures
    """Payments run by run, and what changes beside them."""
    down_payment: Money
    first_due: date | None
    last_due: date | None
    total: Money
    added_cost: Money
    rate: Fraction
    owed: Money
    days_past_due: int
    surplus: Money
    affordable: Money
    worst_payment: Money
    left_over: Money
    verdict: Verdict
    certainty: Certainty | None
    """How far the plan depends on figures that were not known; None where all were."""
    findings: tuple[Finding, ...]
    reason_code: str | None
    recording: str | None
    note: str
    lines_read: tuple[str, ...]

    @property
    def spare(self) -> Money:
        """What this debt's plan could take in its worst month; all plans, of a joint one."""
        return self.left_over + self.worst_payment


def read_request(agreement: Node) -> Request:
    """Read the figures of an agreement in its recorded form."""
    plan, debt = _node(agreement, "plan"), _node(agreement, "debt")
    summary, means, accepted = (
        _node(plan, "summary"),
        _node(agreement, "affordability"),
        _node(agreement, "acceptance"),
    )
    currency = Currency.of(_text(agreement, "currency"))

    def money(node: Node, name: str) -> Money:
        return currency.parse(_text(node, name))

    reason, recording = accepted["reason_code"], accepted["recording"]
    return Request(
        family=Family(_text(plan, "family")),
        figures=recorded_figures(agreement),
        down_payment=money(summary, "down_payment"),
        first_due=_day(summary["first_due"]),
        last_due=_day(summary["last_due"]),
        total=money(summary, "total"),
        added_cost=money(summary, "added_cost"),
        rate=Fraction(_text(summary, "annualized_rate")),
        owed=money(debt, "total"),
        days_past_due=int(_text(debt, "days_past_due")),
        surplus=money(means, "surplus"),
        affordable=money(means, "affordable"),
        worst_payment=money(means, "worst_payment"),
        left_over=money(means, "left_over"),
        verdict=Verdict(_text(means, "verdict")),
        certainty=Certainty(_text(means, "certainty")) if "certainty" in means else None,
        findings=tuple(
            _finding(cast("Node", item)) for item in cast("list[Json]", agreement["findings"])
        ),
        reason_code=None if reason is None else str(reason),
        recording=None if recording is None else str(recording),
        note=_text(accepted, "note"),
        lines_read=tuple(str(sentence) for sentence in cast("list[Json]", accepted["lines_read"])),
    )


def schedule_of(agreement: Node, calendars: Calendars) -> Schedule:
    """Return the schedule of an agreement, computed from its recorded terms."""
    return price(read_terms(_node(agreement, "plan")["terms"], "agreement", calendars.named))


def _node(parent: Node, name: str) -> Node:
    return cast("Node", parent[name])


def _text(node: Node, name: str) -> str:
    return str(node[name])


def _day(value: Json) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _finding(node: Node) -> Finding:
    may_allow = node.get("may_allow")
    return Finding(
        rule=_text(node, "rule"),
        test=_text(node, "test"),
        effect=Effect(_text(node, "effect")),
        limit=_measure(node.get("limit")),
        actual=_measure(node.get("actual")),
        difference=_measure(node.get("difference")),
        may_allow=None if may_allow is None else Role(str(may_allow)),
        confidence=Confidence(_text(node, "confidence")),
    )


def _measure(value: Json) -> Measure | None:
    if value is None:
        return None
    node = cast("Node", value)
    kind, text = _text(node, "kind"), _text(node, "value")
    if kind == "money":
        return Currency.of(_text(node, "currency")).parse(text)
    return _READERS[kind](text)


_READERS: dict[str, Callable[[str], Measure]] = {
    "months": lambda text: Months(int(text)),
    "days": lambda text: Days(int(text)),
    "count": lambda text: Count(int(text)),
    "share": lambda text: Share(Fraction(text)),
    "date": date.fromisoformat,
    "word": Word,
}
