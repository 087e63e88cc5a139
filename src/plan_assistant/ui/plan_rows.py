"""The rows of the plans side by side, in the order in which a borrower asks.

Not here: columns and selection (`widgets/plans.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation, TrailEntry, TrailKind
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.verdict import Verdict
from plan_assistant.ui import symbols
from plan_assistant.wording import formats, terms
from plan_assistant.wording.findings import finding_short
from plan_assistant.wording.words import label, words

REASONS = {
    Reason.CHEAPEST: label("why", "lowest total"),
    Reason.LOWEST_PAYMENT: label("why", "low monthly"),
    Reason.FASTEST: label("why", "soonest done"),
    Reason.BEST_FOR_LENDER: label("why", "best value"),
    Reason.MOST_ROBUST: label("why", "most robust"),
    Reason.CHEAPEST_WITH_LEAD: label("why", "lowest total"),
    Reason.LOWEST_WITH_LEAD: label("why", "low monthly"),
    Reason.RELIEF_FIRST: label("why", "relief first"),
    Reason.FREEZE: label("why", "no interest"),
    Reason.ASKED: label("why", "as dialed"),
    Reason.NEAREST: label("why", "nearest"),
    Reason.COMPARISON: label("why", "to compare"),
}
"""Why a plan is shown, in the 12 cells of a column."""

VERDICT_STYLE = {
    Verdict.COMFORTABLE: "$verdict-fits",
    Verdict.TIGHT: "bold $verdict-tight",
    Verdict.UNAFFORDABLE: "bold reverse $verdict-over",
    Verdict.DEFICIT: "bold reverse $verdict-over",
}
"""Hue, weight and reversal together, so that no verdict depends on color."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison."""

    label: tuple[str, str]
    cell: Callable[[Plan, Negotiation, str], str]
    is_figure: bool
    """A figure is never cut; words may be shortened."""
    keep: int = 9
    """Rows with the lowest number go first where the screen is too low."""


def then_payment(plan: Plan) -> Money | None:
    """Return what is paid after the first payments, where that differs; None where it does not."""
    schedule = plan.schedule
    if plan.family is Family.EQUAL_PRINCIPAL:
        return schedule.last_payment
    return schedule.regular_payment if schedule.regular_payment != schedule.first_payment else None


def _first(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(plan.schedule.first_payment, language)


def _then(plan: Plan, _call: Negotiation, language: str) -> str:
    later = then_payment(plan)
    return symbols.NOTHING if later is None else formats.money(later, language)


def _payments(plan: Plan, _call: Negotiation, _language: str) -> str:
    return str(plan.schedule.number_of_payments)


def _first_due(plan: Plan, _call: Negotiation, language: str) -> str:
    return (
        formats.day(plan.schedule.first_due, language)
        if plan.schedule.first_due
        else symbols.NOTHING
    )


def _ends(plan: Plan, _call: Negotiation, language: str) -> str:
    return (
        formats.day(plan.schedule.last_due, language) if plan.schedule.last_due else symbols.NOTHING
    )


def _total(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(plan.total, language)


def _added(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(plan.added_cost, language)


def _rate(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.percent(plan.annualized_rate, language)


def _of_spare(plan: Plan, _call: Negotiation, language: str) -> str:
    share = plan.judgement.payment_share
    return symbols.NOTHING if share is None else formats.percent(share, language, decimals=0)


def _left_over(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(plan.judgement.left_over, language)


def _verdict(plan: Plan, _call: Negotiation, language: str) -> str:
    return str(terms.verdict(plan.judgement.verdict, language))


def _authority(plan: Plan, _call: Negotiation, language: str) -> str:
    return str(terms.authority(plan, language))


def _why(plan: Plan, _call: Negotiation, language: str) -> str:
    """What the lead has to allow comes first; otherwise why the plan is shown."""
    asked = [finding for finding in plan.findings if finding.effect is Effect.APPROVAL]
    if asked:
        return finding_short(asked[0], language)
    return words(language).label(*REASONS[plan.reasons[0]]) if plan.reasons else symbols.NOTHING


def _offered(plan: Plan, call: Negotiation, language: str) -> str:
    spoken = last_spoken(plan, call)
    if spoken is None:
        return ""
    at = formats.clock_time(spoken.at, language)
    return f"{at} {terms.objection(spoken.answer, language)}" if spoken.answer else at


def last_spoken(plan: Plan, call: Negotiation) -> TrailEntry | None:
    """Return when these very terms were last offered or refused; None if never."""
    for entry in reversed(call.trail):
        if (
            entry.kind is not TrailKind.DISCLOSED
            and entry.plan is not None
            and entry.plan.terms == plan.terms
        ):
            return entry
    return None


ROWS: tuple[Row, ...] = (
    Row(label("row", "Payment"), _first, is_figure=True),
    Row(label("row", "Then"), _then, is_figure=True),
    Row(label("row", "Payments"), _payments, is_figure=True),
    Row(label("row", "First due"), _first_due, is_figure=True),
    Row(label("row", "Ends"), _ends, is_figure=True, keep=4),
    Row(label("row", "Total"), _total, is_figure=True),
    Row(label("row", "Added cost"), _added, is_figure=True, keep=3),
    Row(label("row", "Rate a year"), _rate, is_figure=True, keep=5),
    Row(label("row", "Of spare"), _of_spare, is_figure=True, keep=6),
    Row(label("row", "Left over"), _left_over, is_figure=True, keep=2),
    Row(label("row", "Verdict"), _verdict, is_figure=False),
    Row(label("row", "Authority"), _authority, is_figure=False),
    Row(label("row", "Why"), _why, is_figure=False, keep=1),
    Row(label("row", "Offered"), _offered, is_figure=False, keep=0),
)


def rows_for(height: int) -> tuple[Row, ...]:
    """Return the rows that have room: whole rows go, in a fixed order, and nothing is cut."""
    kept = list(ROWS)
    while len(kept) > max(height, 6):
        least = min(kept, key=lambda row: row.keep)
        if least.keep == 9:
            break
        kept.remove(least)
    return tuple(kept)
