"""The search: price candidates exactly, judge them, and pick the three to five worth offering.

Within a line (one family, one length of grace) a longer plan never asks for more a month, so the
shortest plan that satisfies a condition is found by bisection; every figure that is compared or
shown is that of an exact schedule. Not here: which candidates exist (`space.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from plan_assistant.domain.budget import Judgement, Verdict, judge
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.search_result import Offers, Refusal
from plan_assistant.domain.offers.space import Line, Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.rules import PricedProposal, check_plan, check_terms
from plan_assistant.domain.rates import annualised_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule

_PLAIN = frozenset({Family.EQUAL_INSTALLMENT, Family.EQUAL_PRINCIPAL, Family.EXTENSION})


@dataclass(frozen=True, slots=True)
class _Priced:
    """A candidate with its exact schedule and how it sits with the household."""

    line: Line
    payments: int
    schedule: Schedule
    judgement: Judgement
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def total(self) -> int:
        return self.schedule.total_paid.minor

    @property
    def is_blocked(self) -> bool:
        return any(finding.effect is Effect.BLOCK for finding in self.findings)

    @property
    def needs_approval(self) -> bool:
        return any(finding.effect is Effect.APPROVAL for finding in self.findings)


class _Pricer:
    """Prices candidates of one space, each at most once."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._seen: dict[tuple[Line, int], _Priced] = {}

    def __call__(self, line: Line, payments: int) -> _Priced:
        key = (line, payments)
        if key not in self._seen:
            space = self.space
            terms = space.terms(line, payments)
            schedule = price(terms)
            flows = schedule.cash_flows[1 if schedule.has_down_payment else 0 :]
            judgement = judge(space.affordability, flows, space.debt.debt_id)
            findings = check_terms(space.proposal(line, terms), space.policy, space.rules)
            self._seen[key] = _Priced(line, payments, schedule, judgement, findings)
        return self._seen[key]

    @property
    def priced(self) -> tuple[_Priced, ...]:
        return tuple(self._seen.values())


def search(space: Space) -> Offers:
    """Return the offers of a space, what is not offered and why, and how much was searched.

    Raises InvalidTerms when the dials describe nothing (a down payment above the debt, say).
    """
    pricer = _Pricer(space)
    rejected: Counter[str] = Counter()
    searched = 0
    best: list[_Priced] = []
    refusals: dict[Family, Refusal] = {}
    for line in space.lines:
        allowed, blocked_by = _allowed(space, line)
        searched += len(allowed) + sum(blocked_by.values())
        rejected += blocked_by
        if not allowed:
            shortest = next((n for n in space.payments if space.is_named_rightly(line, n)), None)
            if shortest is not None:
                refusals[line.family] = Refusal(line.family, _blocks(space, line, shortest))
            continue
        best += [plan for plan in _best_of(space, pricer, line, allowed) if not plan.is_blocked]
    offered = _choose(space, best)
    plans = tuple(_plan(space, candidate, reasons) for candidate, reasons in offered)
    return Offers(
        plans=tuple(plan for plan in plans if not plan.is_blocked),
        refusals=tuple(refusals.values()),
        searched=searched,
        rejected=dict(rejected),
        advice=_advice(space),
    )


def _allowed(space: Space, line: Line) -> tuple[list[int], Counter[str]]:
    """Return the numbers of payments no rule forbids on this line, and how many each rule rejected.

    Rules forbid by length: what is forbidden stays forbidden for every longer plan of the line.
    """
    named = [payments for payments in space.payments if space.is_named_rightly(line, payments)]
    longest = _first(named, lambda payments: bool(_blocks(space, line, payments)))
    rejected: Counter[str] = Counter()
    if longest < len(named):
        rejected[_blocks(space, line, named[longest])[0].rule] += len(named) - longest
    return named[:longest], rejected


def _blocks(space: Space, line: Line, payments: int) -> tuple[Finding, ...]:
    """Return what forbids a candidate by its terms alone."""
    proposal = space.proposal(line, space.terms(line, payments))
    found = check_terms(proposal, space.policy, space.blocking_rules)
    return tuple(finding for finding in found if finding.effect is Effect.BLOCK)


def _first(values: list[int], is_so: Callable[[int], bool]) -> int:
    """Return the index from which on `is_so` holds; the length when it never does."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if is_so(values[middle]):
            high = middle
        else:
            low = middle + 1
    return low


def _shortest(
    pricer: _Pricer, line: Line, allowed: list[int], suits: Callable[[_Priced], bool]
) -> _Priced | None:
    """Return the shortest plan of a line that suits, by bisection; None when none does.

    A longer plan never asks for more a month but for the cents of its last installment, so the
    neighbors below are tried as well.
    """
    if not allowed or not suits(pricer(line, allowed[-1])):
        return None
    found = _first(allowed, lambda payments: suits(pricer(line, payments)))
    while found > 0 and suits(pricer(line, allowed[found - 1])):
        found -= 1
    return pricer(line, allowed[found])


def _best_of(space: Space, pricer: _Pricer, line: Line, allowed: list[int]) -> Iterable[_Priced]:
    """Yield the plans of a line that could be worth offering."""
    if space.wishes.periods is not None:
        yield from (pricer(line, payments) for payments in allowed)
        return
    monthly = space.wishes.monthly
    if monthly is not None:
        asked = _shortest(
            pricer, line, allowed, lambda plan: plan.schedule.largest_payment <= monthly
        )
        yield asked or pricer(line, allowed[-1])
        return
    for worst in (Verdict.COMFORTABLE, Verdict.TIGHT):
        found = _shortest(pricer, line, allowed, partial(_is_at_least, worst))
        if found is not None:
            yield found
    if line.family in _PLAIN:
        mine = _first(allowed, lambda payments: _needs_approval(space, line, payments))
        yield pricer(line, allowed[mine - 1] if mine else allowed[-1])


def _is_at_least(worst: Verdict, plan: _Priced) -> bool:
    return plan.verdict.rank <= worst.rank


def _needs_approval(space: Space, line: Line, payments: int) -> bool:
    findings = check_terms(
        space.proposal(line, space.terms(line, payments)), space.policy, space.rules
    )
    return any(finding.effect is Effect.APPROVAL for finding in findings)


def _choose(space: Space, best: list[_Priced]) -> list[tuple[_Priced, tuple[Reason, ...]]]:
    """Pick one plan for each question a borrower asks; a plan that answers several is shown once.

    A tight plan never stands before a comfortable one, an unaffordable one never before either.
    """
    answers: dict[tuple[Line, int], tuple[_Priced, list[Reason]]] = {}

    def answer(
        reason: Reason, plans: Iterable[_Priced], by: Callable[[_Priced], tuple[int, ...]]
    ) -> None:
        ranked = sorted(plans, key=lambda plan: (plan.verdict.rank, *by(plan)))
        if ranked:
            plan = ranked[0]
            answers.setdefault((plan.line, plan.payments), (plan, []))[1].append(reason)

    plain = [plan for plan in best if plan.line.family in _PLAIN]
    answer(Reason.CHEAPEST, plain, lambda plan: (plan.total, plan.payments))
    answer(
        Reason.LOWEST_PAYMENT,
        plain,
        lambda plan: (plan.needs_approval, plan.schedule.largest_payment.minor, plan.total),
    )
    for families in ({Family.INTEREST_FIRST}, {Family.DEFERRAL, Family.DEFERRAL_CAPITALISED}):
        relief = [plan for plan in best if plan.line.family in families]
        answer(Reason.RELIEF_FIRST, relief, lambda plan: (plan.total, plan.payments))
    frozen = [plan for plan in best if plan.line.family is Family.ZERO_RATE]
    answer(Reason.FREEZE, frozen, lambda plan: (plan.payments,))
    kept = [plan for plan in plain if plan.verdict.rank <= Verdict.TIGHT.rank]
    answer(Reason.FASTEST, kept, lambda plan: (plan.payments,))
    for plan in sorted(plain, key=lambda plan: (plan.verdict.rank, plan.total)):
        if len(answers) >= 3:
            break
        answers.setdefault((plan.line, plan.payments), (plan, [Reason.NEAREST]))
    distinct = _distinct(answers.values())
    ranked = sorted(
        distinct, key=lambda item: (item[0].verdict.rank, item[0].needs_approval, item[0].total)
    )
    return [
        (plan, _with_dialled(space, plan, reasons))
        for plan, reasons in ranked[: space.policy.space.offers]
    ]


def _distinct(
    answers: Iterable[tuple[_Priced, list[Reason]]],
) -> list[tuple[_Priced, list[Reason]]]:
    """Drop plans that ask for the same money on the same days as an earlier one."""
    seen: dict[tuple[object, ...], tuple[_Priced, list[Reason]]] = {}
    for plan, reasons in answers:
        key = plan.schedule.cash_flows
        if key in seen:
            seen[key][1].extend(reason for reason in reasons if reason not in seen[key][1])
        else:
            seen[key] = (plan, list(reasons))
    return list(seen.values())


def _with_dialled(space: Space, plan: _Priced, reasons: list[Reason]) -> tuple[Reason, ...]:
    monthly = space.wishes.monthly
    if monthly is None:
        return tuple(reasons)
    answer = Reason.ASKED if plan.schedule.largest_payment <= monthly else Reason.NEAREST
    return (answer, *[reason for reason in reasons if reason is not answer])


def _plan(space: Space, candidate: _Priced, reasons: tuple[Reason, ...]) -> Plan:
    """Ask the remaining rules and put everything about a candidate into one plan."""
    proposal = space.proposal(candidate.line, candidate.schedule.terms)
    rate = annualised_rate(candidate.schedule)
    late = check_plan(
        PricedProposal(proposal, candidate.schedule, candidate.judgement, rate),
        space.policy,
        space.rules,
    )
    return Plan(
        family=candidate.line.family,
        debt_id=space.debt.debt_id,
        confirmed=space.debt.components,
        terms=candidate.schedule.terms,
        schedule=candidate.schedule,
        grace_months=candidate.line.grace_months,
        annualised_rate=rate,
        judgement=candidate.judgement,
        findings=(*candidate.findings, *late),
        reasons=reasons,
    )


def _advice(space: Space) -> tuple[Finding, ...]:
    """For a household without surplus: what helps instead of a fixed installment (method 3.2)."""
    if not space.affordability.is_deficit:
        return ()
    surplus = space.affordability.surplus
    return tuple(
        Finding("DES-01-deficit", test, Effect.RECORD, surplus.currency.zero, surplus, -surplus)
        for test in ("token_payment", "freeze", "deferral_with_review", "referral")
    )
