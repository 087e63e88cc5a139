"""Counts a search again, one candidate after the other, with the readable engine and every rule.

Shares nothing with the search but the space itself: no bounds, no arrays, no cuts. It takes as long
as it takes, and tells how far it is. Not here: what is done with a difference (`cli/calls.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.certificate import NO_PLAN, Certificate
from plan_assistant.domain.offers.concession import present_value
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.plan import Plan, Reason
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.sheet import sheets_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.worth import Discount
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED, is_above_cap, is_cost_cap
from plan_assistant.domain.policy.proposal import authorities
from plan_assistant.domain.policy.reads import READS, Reads
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.rules import check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import Verdict, judge

_DIALLED = {Reads.FIRST, Reads.CLAIM}


@dataclass(frozen=True, slots=True)
class Counted:
    """One candidate as the readable engine sees it; money in minor units."""

    verdict: Verdict
    worst: int
    total: int
    months: int
    payments: int
    cost_to_lender: int
    early: int
    """What is paid today and falls due before the hardship ends."""
    asks: frozenset[str]
    """Ids of the rules that ask for more authority because of a lever."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A plan that could be kept, and the first rule of the pack that forbids it."""

    rule: str
    figures: tuple[int, int, int, int]
    """Total, rank of the verdict, months, payments: the first one by these is the cheapest."""


@dataclass(slots=True)
class Recount:
    """What a search claims, counted again."""

    candidates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    counted: list[Counted] = field(default_factory=list)
    forbidden: list[Forbidden] = field(default_factory=list)
    """What a rule forbids and the household could carry."""

    def of(self, verdict: Verdict) -> int:
        """Return how many candidates have a verdict."""
        return sum(each.verdict is verdict for each in self.counted)

    @property
    def asked_everywhere(self) -> frozenset[str]:
        """Rules that ask in every candidate because of what was dialled."""
        if not self.counted:
            return frozenset()
        common = frozenset.intersection(*(each.asks for each in self.counted))
        return frozenset(rule for rule in common if rule.startswith(_DIALLED_MARK))

    @property
    def own(self) -> list[Counted]:
        """What the person at work may grant alone."""
        common = self.asked_everywhere
        return [each for each in self.counted if each.asks <= common]


_DIALLED_MARK = "dialled:"


def recount(space: Space, tell: Callable[[int, int], None] | None = None) -> Recount:
    """Price, judge and check every candidate of a space."""
    found = Recount()
    sheets = sheets_of(space)
    every = sum(sheet.line_count * len(sheet.lengths) for sheet in sheets)
    discount = Discount(float(space.policy.space.discount_rate), space.today)
    done = 0
    for sheet in sheets:
        for index in range(sheet.line_count):
            line = sheet.line(index)
            for payments in sheet.lengths.tolist():
                done += 1
                if space.is_named_rightly(line, payments):
                    _count(space, line, payments, discount, found)
                if tell is not None and done % 200 == 0:
                    tell(done, every)
    return found


def _count(space: Space, line: Line, payments: int, discount: Discount, found: Recount) -> None:
    found.candidates += 1
    try:
        terms = space.terms(line, payments)
        findings = check_terms(space.proposal(line, terms), space.policy, space.rules)
    except InvalidTerms:
        found.rejected[NO_PLAN] += 1
        return
    forbidding = _forbidding(space, terms, findings)
    try:
        schedule = price(terms)
    except InvalidTerms:
        schedule = None
    if schedule is None or schedule.number_of_payments != payments:
        found.rejected[forbidding or NO_PLAN] += 1
        return
    judgement = judge(
        space.affordability,
        schedule.nominal_flows,
        space.debt.debt_id,
        down_payment=schedule.down_payment,
    )
    can_be_kept = judgement.verdict.rank <= Verdict.TIGHT.rank
    if forbidding is not None and not can_be_kept:
        found.rejected[forbidding] += 1
        return
    last = space.last_due(line.first_due, terms.frequency, terms.periods)
    months = space.months_from(space.today, last)
    over = _caps_over(space, schedule)
    above = [rule.id for rule in over if rule.effect is Effect.BLOCK]
    broken = forbidding or next(iter(above), None)
    if broken is not None:
        found.rejected[broken] += 1
        if can_be_kept:
            figures = (schedule.total_paid.minor, judgement.verdict.rank, months, payments)
            found.forbidden.append(Forbidden(_first_broken(space, {broken, *above}), figures))
        return
    found.counted.append(
        Counted(
            verdict=judgement.verdict,
            worst=judgement.largest_payment.minor,
            total=schedule.total_paid.minor,
            months=months,
            payments=payments,
            cost_to_lender=-round(present_value(schedule, discount)),
            early=space.due_early(schedule),
            asks=frozenset(
                (
                    *_asks(findings),
                    *(rule.id for rule in over),
                    *_ungranted(space, judgement.verdict),
                )
            ),
        )
    )


def _forbidding(space: Space, terms: Terms, findings: tuple[Finding, ...]) -> str | None:
    """Return the first rule of the pack that forbids terms before they are priced."""
    blocking = {each.rule for each in findings if _forbids(each)}
    for rule in space.rules:
        is_capped = is_cost_cap(rule) and rule.effect is Effect.BLOCK
        if rule.id in blocking or (is_capped and is_above_cap(rule, terms)):
            return rule.id
    return None


def _first_broken(space: Space, broken: set[str]) -> str:
    """Return the first rule of the pack among those that a plan breaks."""
    return next(rule.id for rule in space.rules if rule.id in broken)


def _caps_over(space: Space, schedule: Schedule) -> list[Rule]:
    """Return the rules on the cost of a plan that it breaks."""
    caps = [rule for rule in space.rules if is_cost_cap(rule)]
    if not caps:
        return []
    rate = max(annualized_rate(schedule), schedule.terms.annual_rate)
    return [rule for rule in caps if rate > rule.exact("rate")]


def _forbids(finding: Finding) -> bool:
    # A payment below the interest is no plan, whether or not a rule says so too.
    reads = READS.get(finding.test, frozenset())
    return finding.effect is Effect.BLOCK and Reads.SCHEDULE not in reads


def _asks(findings: tuple[Finding, ...]) -> Iterator[str]:
    for each in findings:
        reads = READS.get(each.test, frozenset())
        if each.effect is Effect.APPROVAL and reads:
            yield f"{_DIALLED_MARK}{each.rule}" if reads <= _DIALLED else each.rule


def _ungranted(space: Space, verdict: Verdict) -> Iterator[str]:
    """Return the rule that a verdict breaks which can be carried and may not be granted."""
    granted, _lead = authorities(space.policy, space.role)
    if verdict.rank <= Verdict.TIGHT.rank and verdict not in granted.verdicts:
        yield from (rule.id for rule in space.rules if rule.test == VERDICT_ALLOWED)


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim of a search that the recount does not confirm."""

    claim: str
    claimed: object
    counted: object


def differences(search: Search, counted: Recount) -> tuple[Difference, ...]:
    """Hold a search against its recount: the counts, and that nothing beats its offers."""
    return (
        *_count_differences(search.certificate, counted),
        *_worse_differences(search, counted),
        *_forbidden_differences(search.certificate, counted),
        *_offer_differences(search, counted),
    )


def _count_differences(claim: Certificate, counted: Recount) -> Iterator[Difference]:
    kept = [each for each in counted.own if each.verdict.rank <= Verdict.TIGHT.rank]
    pairs: tuple[tuple[str, object, object], ...] = (
        ("candidates", claim.candidates, counted.candidates),
        ("rejected", dict(claim.rejected), dict(counted.rejected)),
        ("comfortable", claim.comfortable, counted.of(Verdict.COMFORTABLE)),
        ("tight", claim.tight, counted.of(Verdict.TIGHT)),
        ("unaffordable", claim.unaffordable, counted.of(Verdict.UNAFFORDABLE)),
        ("within_authority", claim.within_authority, len(kept)),
    )
    for name, claimed, again in pairs:
        if claimed != again:
            yield Difference(name, claimed, again)


def _worse_differences(search: Search, counted: Recount) -> Iterator[Difference]:
    best = search.certificate.best_worse
    claimed = None if best is None else (best.rule, best.worst, best.total, best.payments)
    again = _worse(search.space, counted)
    if claimed != again:
        yield Difference("best_excluded", claimed, again)


def _worse(space: Space, counted: Recount) -> tuple[str, int, int, int] | None:
    """Return the lightest plan that is cheaper than the cheapest one and has a worse verdict."""
    rule = next((each.id for each in space.rules if each.test == VERDICT_ALLOWED), None)
    kept = _fitting(space, counted)
    if rule is None or not kept:
        return None
    cheapest = min(_own(kept, counted), key=lambda each: (each.verdict.rank, each.total))
    common = counted.asked_everywhere
    worse = [
        each
        for each in counted.counted
        if each.verdict.rank > cheapest.verdict.rank
        and each.total < cheapest.total
        and (each.asks <= common or not cheapest.asks <= common)
    ]
    if not worse:
        return None
    lightest = min(worse, key=lambda each: (each.worst, each.total, each.months, each.payments))
    return rule, lightest.worst, lightest.total, lightest.payments


def _forbidden_differences(claim: Certificate, counted: Recount) -> Iterator[Difference]:
    best = claim.best_forbidden
    nearest = min(counted.forbidden, key=lambda each: each.figures, default=None)
    claimed = None if best is None else (best.rule, best.total, best.payments)
    again = None if nearest is None else (nearest.rule, nearest.figures[0], nearest.figures[3])
    if claimed != again:
        yield Difference("best_forbidden", claimed, again)


_KEYS: dict[Reason, Callable[[Counted], tuple[int, int]]] = {
    Reason.CHEAPEST: lambda each: (each.verdict.rank, each.total),
    Reason.CHEAPEST_WITH_LEAD: lambda each: (each.verdict.rank, each.total),
    Reason.LOWEST_PAYMENT: lambda each: (each.verdict.rank, each.worst),
    Reason.LOWEST_WITH_LEAD: lambda each: (each.verdict.rank, each.worst),
    Reason.FASTEST_WITH_LEAD: lambda each: (each.verdict.rank, each.months),
    Reason.BEST_FOR_LENDER_WITH_LEAD: lambda each: (each.verdict.rank, each.cost_to_lender),
    Reason.FASTEST: lambda each: (each.verdict.rank, each.months),
    Reason.BEST_FOR_LENDER: lambda each: (each.verdict.rank, each.cost_to_lender),
}
_WITH_LEAD = {
    Reason.CHEAPEST_WITH_LEAD,
    Reason.LOWEST_WITH_LEAD,
    Reason.FASTEST_WITH_LEAD,
    Reason.BEST_FOR_LENDER_WITH_LEAD,
}
_OF_LENDER = {Reason.BEST_FOR_LENDER, Reason.BEST_FOR_LENDER_WITH_LEAD}


def _offer_differences(search: Search, counted: Recount) -> Iterator[Difference]:
    kept = _fitting(search.space, counted)
    if search.fits.is_met is not bool(kept):
        yield Difference("is_met", search.fits.is_met, bool(kept))
    if not kept:
        return
    own = _own(kept, counted)
    for plan in search.offers.plans:
        for reason in plan.reasons:
            key = _KEYS.get(reason)
            if key is not None:
                among = kept if reason in _WITH_LEAD else own
                best = min((key(each) for each in among), default=None)
                shown = key(_as_counted(search, plan))
                if best is None or _is_beaten(shown, best, reason):
                    yield Difference(reason.value, shown, best)
    yield from _low_first_differences(search, kept, counted)


def _low_first_differences(
    search: Search, kept: list[Counted], counted: Recount
) -> Iterator[Difference]:
    """Hold what asks for little at first against all that fits: nothing beats it."""
    for answer in search.answers:
        if Reason.LOW_FIRST in answer.reasons:
            among = kept if search.pool.beyond[answer.place] else _own(kept, counted)
            plan = plan_of(search.space, *search.pool.candidate(answer.place))
            shown = _as_counted(search, plan)
            better = next((each for each in among if _beats(each, shown)), None)
            if better is not None:
                yield Difference(Reason.LOW_FIRST.value, shown, better)


def _beats(better: Counted, worse: Counted) -> bool:
    """Say whether one plan is nowhere worse than another, its verdict included, and better once.

    Of present values one minor unit is no difference, as in `_is_beaten`.
    """
    pairs = [
        (each.worst, each.total, each.months, each.early, each.verdict.rank)
        for each in (better, worse)
    ]
    cheaper_by = worse.cost_to_lender - better.cost_to_lender
    return (
        all(one <= other for one, other in zip(*pairs, strict=True))
        and cheaper_by >= 0
        and (pairs[0][:-1] != pairs[1][:-1] or cheaper_by > 1)
    )


def _fitting(space: Space, counted: Recount) -> list[Counted]:
    """Return what the household can carry and keeps to the dialled amount."""
    most = space.wishes.monthly
    return [
        each
        for each in counted.counted
        if each.verdict.rank <= Verdict.TIGHT.rank and (most is None or each.worst <= most.minor)
    ]


def _own(kept: list[Counted], counted: Recount) -> list[Counted]:
    """Return what of some the person at work may grant alone; all of it where that is nothing."""
    common = counted.asked_everywhere
    return [each for each in kept if each.asks <= common] or kept


def _is_beaten(shown: tuple[int, int], best: tuple[int, int], reason: Reason) -> bool:
    # Present values are floating sums: two ways to add them up may round apart by a minor unit.
    slack = 1 if reason in _OF_LENDER else 0
    return shown[0] != best[0] or abs(shown[1] - best[1]) > slack


def _as_counted(search: Search, plan: Plan) -> Counted:
    last = plan.schedule.nominal_flows[-1][0]
    return Counted(
        verdict=plan.judgement.verdict,
        worst=plan.judgement.largest_payment.minor,
        total=plan.total.minor,
        months=search.space.months_from(search.space.today, last),
        payments=plan.schedule.number_of_payments,
        cost_to_lender=-round(present_value(plan.schedule, search.judge.discount)),
        early=search.space.due_early(plan.schedule),
        asks=frozenset(),
    )
