"""The rows of the plans side by side, in the order in which a borrower asks.

A row that only some plans need stands there when one of the plans has something in it.

Not here: columns and selection (`widgets/plans.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from plan_assistant.domain.calendar import MONTHLY
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation, TrailEntry, TrailKind
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.verdict import Verdict
from plan_assistant.ui import symbols
from plan_assistant.wording import formats, terms
from plan_assistant.wording.course import rhythm_word
from plan_assistant.wording.findings import finding_short
from plan_assistant.wording.rhythm import Rhythm, rhythm_of
from plan_assistant.wording.words import label, words

REASONS = {
    Reason.CHEAPEST: label("why", "lowest total"),
    Reason.LOWEST_PAYMENT: label("why", "low monthly"),
    Reason.FASTEST: label("why", "soonest done"),
    Reason.BEST_FOR_LENDER: label("why", "best value"),
    Reason.MOST_ROBUST: label("why", "most robust"),
    Reason.CHEAPEST_WITH_LEAD: label("why", "lowest total"),
    Reason.LOWEST_WITH_LEAD: label("why", "low monthly"),
    Reason.FASTEST_WITH_LEAD: label("why", "soonest done"),
    Reason.BEST_FOR_LENDER_WITH_LEAD: label("why", "best value"),
    Reason.LOW_FIRST: label("why", "low at first"),
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
    needed: Callable[[Sequence[Plan], Negotiation], bool] | None = None
    """Whether the plans have something for this row; None: it always stands."""


class _Same:
    """A schedule that is recognized by being the same one: to compare its cells would cost more."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def __hash__(self) -> int:
        return id(self.schedule)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.schedule is self.schedule


@lru_cache(maxsize=64)
def _rhythm(same: _Same) -> Rhythm:
    return rhythm_of(same.schedule)


def rhythm(plan: Plan) -> Rhythm:
    """Return the payments of a plan as runs; read once for each schedule."""
    return _rhythm(_Same(plan.schedule))


def then_payment(plan: Plan) -> Money | None:
    """Return what is paid after the first payments, where that differs; None where it does not."""
    if plan.family is Family.EQUAL_PRINCIPAL:
        return rhythm(plan).level[-1].amount
    return rhythm(plan).later


def _each(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(rhythm(plan).level[0].amount, language)


def _first(plan: Plan, _call: Negotiation, language: str) -> str:
    told = rhythm(plan)
    return formats.money(told.first.amount, language) if told.first_carries else symbols.NOTHING


def _last(plan: Plan, _call: Negotiation, language: str) -> str:
    last = odd_last(plan)
    return symbols.NOTHING if last is None else formats.money(last, language)


def odd_last(plan: Plan) -> Money | None:
    """Return a last payment that old charges or round payments make another one; None without."""
    told = rhythm(plan)
    is_meant = told.last_carries or plan.terms.payment_multiple_of
    return told.odd_last if is_meant else None


def _waived(plan: Plan, _call: Negotiation, language: str) -> str:
    waived = plan.waived.total
    return formats.money(waived, language) if waived else symbols.NOTHING


def _joins(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.money(plan.capitalised, language) if plan.capitalised else symbols.NOTHING


def _plan_rate(plan: Plan, _call: Negotiation, language: str) -> str:
    return formats.percent(plan.terms.annual_rate, language)


def _is_monthly(plans: Sequence[Plan], _call: Negotiation) -> bool:
    return all(plan.terms.frequency == MONTHLY for plan in plans)


def _is_other_rhythm(plans: Sequence[Plan], call: Negotiation) -> bool:
    return not _is_monthly(plans, call)


def _any(holds: Callable[[Plan], object]) -> Callable[[Sequence[Plan], Negotiation], bool]:
    return lambda plans, _call: any(holds(plan) for plan in plans)


def _is_rate_lowered(plans: Sequence[Plan], call: Negotiation) -> bool:
    """The family without further interest says so itself."""
    return any(0 < plan.terms.annual_rate < call.debt.annual_rate for plan in plans)


def _then(plan: Plan, _call: Negotiation, language: str) -> str:
    later = then_payment(plan)
    return symbols.NOTHING if later is None else formats.money(later, language)


def _payments(plan: Plan, _call: Negotiation, language: str) -> str:
    """The number, and how often where that is not every month."""
    word = rhythm_word(plan.terms.frequency, language)
    return f"{plan.schedule.number_of_payments} {word}".rstrip()


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


def _was_offered(plans: Sequence[Plan], call: Negotiation) -> bool:
    return any(last_spoken(plan, call) is not None for plan in plans)


ROWS: tuple[Row, ...] = (
    Row(
        label("row", "First one"),
        _first,
        is_figure=True,
        needed=_any(lambda plan: rhythm(plan).first_carries),
    ),
    Row(label("row", "Payment"), _each, is_figure=True, needed=_is_monthly),
    Row(label("row", "Each time"), _each, is_figure=True, needed=_is_other_rhythm),
    Row(label("row", "Then"), _then, is_figure=True),
    Row(label("row", "Last one"), _last, is_figure=True, keep=8, needed=_any(odd_last)),
    Row(label("row", "Payments"), _payments, is_figure=True),
    Row(label("row", "First due"), _first_due, is_figure=True),
    Row(label("row", "Ends"), _ends, is_figure=True, keep=4),
    Row(label("row", "Total"), _total, is_figure=True),
    Row(
        label("row", "Waived"),
        _waived,
        is_figure=True,
        keep=8,
        needed=_any(lambda plan: plan.waived.total),
    ),
    Row(
        label("row", "Int. added"),
        _joins,
        is_figure=True,
        keep=7,
        needed=_any(lambda plan: plan.capitalised),
    ),
    Row(label("row", "Plan rate"), _plan_rate, is_figure=True, keep=8, needed=_is_rate_lowered),
    Row(label("row", "Added cost"), _added, is_figure=True, keep=3),
    Row(label("row", "Rate a year"), _rate, is_figure=True, keep=5),
    Row(label("row", "Of spare"), _of_spare, is_figure=True, keep=6),
    Row(label("row", "Left over"), _left_over, is_figure=True, keep=2),
    Row(label("row", "Verdict"), _verdict, is_figure=False),
    Row(label("row", "Authority"), _authority, is_figure=False),
    Row(label("row", "Why"), _why, is_figure=False, keep=1),
    Row(label("row", "Offered"), _offered, is_figure=False, keep=7, needed=_was_offered),
)


def rows_of(plans: Sequence[Plan], call: Negotiation) -> tuple[Row, ...]:
    """Return the rows in which one of these plans has something."""
    return tuple(row for row in ROWS if row.needed is None or row.needed(plans, call))


def rows_for(height: int, call: Negotiation) -> tuple[Row, ...]:
    """Return the rows that have room: whole rows go, in a fixed order, and nothing is cut."""
    kept = list(rows_of(call.offers.plans, call))
    while len(kept) > max(height, 6):
        least = min(kept, key=lambda row: row.keep)
        if least.keep == 9:
            break
        kept.remove(least)
    return tuple(kept)
