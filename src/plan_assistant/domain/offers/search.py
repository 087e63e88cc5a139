"""The search: price candidates exactly, judge them, and answer with offers and refusals.

Within a line (one family, one length of grace) a longer plan never asks for more a month, so the
shortest plan that satisfies a condition is found by bisection; every figure that is compared or
shown is that of an exact schedule. Not here: which candidates exist (`space.py`), which of the
priced ones are offered (`choice.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from plan_assistant.domain.offers.candidate import PLAIN, Priced, Pricer, stressed
from plan_assistant.domain.offers.choice import choose, reasons_of
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.search_result import Offers, Refusal
from plan_assistant.domain.offers.space import Line, Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.plan_tests import unaffordable
from plan_assistant.domain.policy.proposal import PricedProposal
from plan_assistant.domain.policy.rules import check_plan, check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.verdict import Verdict


def search(space: Space) -> Offers:
    """Return the offers of a space, what is not offered and why, and how much was searched.

    Raises InvalidTerms when the dials describe nothing (a down payment above the debt, say).
    """
    pricer = Pricer(space)
    rejected: Counter[str] = Counter()
    searched = 0
    best: list[Priced] = []
    refusals: dict[Family, Refusal] = {}
    for line in space.lines:
        allowed, blocked_by = _allowed(space, line)
        searched += len(allowed) + sum(blocked_by.values())
        rejected += blocked_by
        found = list(_best_of(space, pricer, line, allowed)) if allowed else []
        best += found
        why = () if found else _why_not(space, pricer, line, allowed)
        if why:
            refusals.setdefault(line.family, Refusal(line.family, why))
    chosen = choose(space, best)
    plans = [_plan(space, plan, reasons_of(plan, chosen, space)) for plan in chosen]
    families = {plan.family for plan in best}
    return Offers(
        plans=tuple(plan for plan in plans if not plan.is_blocked),
        refusals=tuple(item for item in refusals.values() if item.family not in families),
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


def _why_not(space: Space, pricer: Pricer, line: Line, allowed: list[int]) -> tuple[Finding, ...]:
    """Say what keeps a line out: a rule forbids its shortest plan, or its longest asks too much."""
    if allowed:
        return unaffordable(space.policy, pricer(line, allowed[-1]).judgement)
    shortest = next((n for n in space.payments if space.is_named_rightly(line, n)), None)
    return () if shortest is None else _blocks(space, line, shortest)


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
    pricer: Pricer, line: Line, allowed: list[int], suits: Callable[[Priced], bool]
) -> Priced | None:
    """Return the shortest plan of a line that suits, by bisection; None when none does.

    A longer plan never asks for more a month but for the cents of its last installment, so the
    neighbors below are tried as well.
    """
    if not suits(pricer(line, allowed[-1])):
        return None
    found = _first(allowed, lambda payments: suits(pricer(line, payments)))
    while found > 0 and suits(pricer(line, allowed[found - 1])):
        found -= 1
    return pricer(line, allowed[found])


def _best_of(space: Space, pricer: Pricer, line: Line, allowed: list[int]) -> Iterable[Priced]:
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
    if line.family in PLAIN:
        mine = _first(allowed, lambda payments: _needs_approval(space, line, payments))
        yield pricer(line, allowed[mine - 1] if mine else allowed[-1])


def _is_at_least(worst: Verdict, plan: Priced) -> bool:
    return plan.verdict.rank <= worst.rank


def _needs_approval(space: Space, line: Line, payments: int) -> bool:
    findings = check_terms(
        space.proposal(line, space.terms(line, payments)), space.policy, space.rules
    )
    return any(finding.effect is Effect.APPROVAL for finding in findings)


def _plan(space: Space, candidate: Priced, reasons: tuple[Reason, ...]) -> Plan:
    """Ask the remaining rules and put everything about a candidate into one plan."""
    proposal = space.proposal(candidate.line, candidate.schedule.terms)
    rate = annualized_rate(candidate.schedule)
    late = check_plan(
        PricedProposal(proposal, candidate.schedule, candidate.judgement, rate),
        space.policy,
        space.rules,
    )
    return Plan(
        family=candidate.family,
        debt_id=space.debt.debt_id,
        confirmed=space.debt.components,
        waived=proposal.waived,
        terms=candidate.schedule.terms,
        schedule=candidate.schedule,
        grace_months=candidate.line.grace_months,
        annualized_rate=rate,
        judgement=stressed(candidate, space),
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
