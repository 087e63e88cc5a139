"""The search: every candidate of the space, judged exactly, and the offers that answer the call.

Rules cut each line of candidates to the lengths they leave open, bounds decide most of the rest,
exact runs what is near a limit or near the best; what is offered is priced by the readable engine.
Not here: which candidates exist (`space.py`) and which questions are asked (`choice.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.certificate import Certificate, certify
from plan_assistant.domain.offers.choice import Answer, Fits, choose, fits_of
from plan_assistant.domain.offers.cost_cap import caps_of, over_cap
from plan_assistant.domain.offers.gates import Gate, Gatekeeper
from plan_assistant.domain.offers.judging import (
    COMFORTABLE,
    REFUSED,
    TIGHT,
    UNAFFORDABLE,
    Judge,
    judge_of,
)
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.misfit import Misfit, Misnamed, misnamed
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.pool import By, Places, Pool, Screened, decide
from plan_assistant.domain.offers.screen import screen
from plan_assistant.domain.offers.search_result import Offers, Refusal
from plan_assistant.domain.offers.sheet import Sheet, sheets_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED, unaffordable
from plan_assistant.domain.policy.proposal import PricedProposal, authorities
from plan_assistant.domain.policy.rules import check_plan, check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.vector_run import Flags
from plan_assistant.domain.unknowns import certainty_of
from plan_assistant.domain.verdict import (
    Certainty,
    Judgement,
    Verdict,
    judge,
)

_CHEAPEST = (Reason.CHEAPEST, Reason.CHEAPEST_WITH_LEAD)
"""The cheapest offer within authority; with a lead's consent where there is no other."""


@dataclass(frozen=True)
class Search:
    """A space with everything that was found out about its candidates."""

    space: Space

    @cached_property
    def judge(self) -> Judge:
        """What each month can carry, and how the lender discounts."""
        return judge_of(self.space)

    @cached_property
    def _sheets(self) -> tuple[tuple[Screened, ...], Counter[str], int]:
        keeper = Gatekeeper(self.space)
        gates = [(sheet, keeper.gate(sheet)) for sheet in sheets_of(self.space)]
        pairs = [self._screened(sheet, gate) for sheet, gate in gates if gate.longest]
        screened = tuple(each for each, _unsure in pairs)
        decide(self.judge, screened, [unsure for _each, unsure in pairs])
        rejected = sum((gate.rejected for _sheet, gate in gates), Counter[str]())
        self._cap_costs(screened, rejected)
        _ask_for_what_was_dialled(screened, [gate for _sheet, gate in gates if gate.longest])
        self._ask_for_verdicts(screened)
        return screened, rejected, sum(gate.candidates for _sheet, gate in gates)

    def _screened(self, sheet: Sheet, gate: Gate) -> tuple[Screened, tuple[Places, ...]]:
        """Return a sheet with what bounds decide, and the candidates that they do not."""
        shorter = sheet.up_to(gate.longest)
        figures = screen(shorter, self.judge.discount)
        code, unsure = self.judge.codes(shorter, figures, gate.open(gate.longest))
        each = Screened(shorter, figures, code, gate.beyond(gate.longest))
        return each, np.nonzero(unsure)

    def _cap_costs(self, screened: Sequence[Screened], rejected: Counter[str]) -> None:
        """Leave out, and count, what costs more a year than a rule allows; or mark it."""
        for rule in caps_of(self.space):
            for each in screened:
                over = over_cap(rule, self.judge, each)
                if rule.effect is Effect.BLOCK and over.any():
                    rejected[rule.id] += int(over.sum())
                    each.code[over] = REFUSED
                elif rule.effect is Effect.APPROVAL:
                    np.logical_or(each.beyond, over, out=each.beyond)

    def _ask_for_verdicts(self, screened: Sequence[Screened]) -> None:
        """Mark what can be carried, and with a verdict that the person may not grant."""
        space = self.space
        if all(rule.test != VERDICT_ALLOWED for rule in space.rules):
            return
        granted, _lead = authorities(space.policy, space.role)
        for verdict, code in ((Verdict.COMFORTABLE, COMFORTABLE), (Verdict.TIGHT, TIGHT)):
            if verdict not in granted.verdicts:
                for each in screened:
                    np.logical_or(each.beyond, each.code == code, out=each.beyond)

    @cached_property
    def pool(self) -> Pool:
        """Every candidate that no rule forbids."""
        return Pool(self._sheets[0], self.judge)

    @cached_property
    def fits(self) -> Fits:
        """The candidates among which the questions are asked."""
        return fits_of(self.space, self.pool)

    @cached_property
    def answers(self) -> list[Answer]:
        """The candidates that are offered."""
        return choose(self.space, self.pool, self.fits) if len(self.pool) else []

    @cached_property
    def certificate(self) -> Certificate:
        """What was searched."""
        _screened, rejected, candidates = self._sheets
        cheapest = next(
            (each.place for of in _CHEAPEST for each in self.answers if of in each.reasons), None
        )
        return certify(
            self.space,
            self.pool,
            self.judge,
            candidates=candidates,
            rejected=rejected,
            cheapest=cheapest,
        )

    @cached_property
    def offers(self) -> Offers:
        """The offers, what is not offered and why, and the certificate."""
        plans = _distinct([self._offer(answer) for answer in self.answers])
        return Offers(
            plans=tuple(plan for plan in plans if not plan.is_blocked),
            refusals=tuple(self._refusals()),
            certificate=self.certificate,
            is_met=self.fits.is_met,
            advice=_advice(self.space),
        )

    def _offer(self, answer: Answer) -> Plan:
        line, payments = self.pool.candidate(answer.place)
        plan = plan_of(self.space, line, payments)
        frozen = (Reason.FREEZE,) if line.family is Family.ZERO_RATE else ()
        return replace(plan, reasons=(*answer.reasons, *frozen), robustness=answer.robustness)

    def _refusals(self) -> list[Refusal]:
        """Say for each family of which nothing fits what keeps it out."""
        pool = self.pool
        # Where nothing fits, what is shown as nearest is not called refused beside it.
        shown = [answer.place for answer in self.answers]
        fits = np.bincount(pool.sheet_at[self.fits.places if self.fits.is_met else shown])
        present = {pool.screened[index].sheet.family for index in np.flatnonzero(fits).tolist()}
        refusals = []
        absent = [family for family in self.space.families if family not in present]
        for family in absent:
            refusal = self._why_not(family)
            if refusal is not None:
                refusals.append(refusal)
        # Where no plan at all is open, no kind of plan is passed over in silence.
        said = {refusal.family for refusal in refusals}
        silent = () if len(pool) else (family for family in absent if family not in said)
        return [*refusals, *(Refusal(family, ()) for family in silent)]

    def _why_not(self, family: Family) -> Refusal | None:
        """Say what keeps a family out: the dialled amount, the household, or a rule.

        In that order: of a family that can be carried the household keeps nothing out.
        """
        pool, asked = self.pool, self.space.wishes.monthly
        is_of = np.isin(
            pool.sheet_at,
            [index for index, each in enumerate(pool.screened) if each.sheet.family is family],
        )
        least = self._least(is_of & (pool.code <= TIGHT))
        if least is not None and asked is not None:
            pool.settle(np.array([least]))
            worst = asked.currency.money(int(pool.low(By.WORST)[least]))
            return Refusal(family, (), worst - asked)
        least = self._least(is_of & (pool.code == UNAFFORDABLE))
        if least is not None:
            plan = plan_of(self.space, *pool.candidate(least))
            return Refusal(family, unaffordable(self.space.policy, plan.judgement))
        for sheet in sheets_of(self.space):
            if sheet.family is family:
                line = _least_line(sheet)
                found = _blocks_of_shortest(self.space, sheet, line)
                if found:
                    return Refusal(family, found)
                wrong_name = misnamed(self.space, line, int(sheet.lengths[-1]))
                if wrong_name is not None and not self._is_called_otherwise(wrong_name):
                    return Refusal(family, (), misnamed=wrong_name)
        return None

    def _is_called_otherwise(self, wrong_name: Misnamed) -> bool:
        """Say whether such plans are searched under the name that they deserve."""
        if wrong_name.why is Misfit.OUTLIVES:
            return wrong_name.is_extended
        is_plain = Family.EQUAL_INSTALLMENT in self.space.families
        return wrong_name.why is Misfit.EXTENDS_NOTHING and is_plain

    def _least(self, flags: Flags) -> int | None:
        """Return of some candidates the one that asks for the least in its worst month."""
        return self.pool.best(np.flatnonzero(flags), (By.WORST, By.TOTAL))


def _ask_for_what_was_dialled(screened: Sequence[Screened], gates: Sequence[Gate]) -> None:
    """Mark what a rule about nothing but first dates and claims asks a lead to allow.

    What every plan that is left has to be allowed is no reason to prefer one of them.
    """
    open_lines = [(each.code != REFUSED).any(axis=1) for each in screened]
    rules = {rule for gate in gates for rule in gate.dialled}
    for rule in rules:
        asked = [
            gate.dialled.get(rule, np.zeros(len(of), bool))
            for gate, of in zip(gates, open_lines, strict=True)
        ]
        if all(flags[of].all() for flags, of in zip(asked, open_lines, strict=True)):
            continue
        for each, flags in zip(screened, asked, strict=True):
            np.logical_or(each.beyond, flags[:, None], out=each.beyond)


def search(space: Space) -> Offers:
    """Return the offers of a space, what is not offered and why, and how much was searched.

    Raises InvalidTerms when the dials describe nothing (a down payment above the debt, say).
    """
    return Search(space).offers


def _least_line(sheet: Sheet) -> Line:
    """Return the first line of a sheet with the fewest payments that ask for interest or less."""
    first = sheet.line(0)
    lines = (
        replace(first, grace_months=grace, step=step)
        for grace in sheet.graces
        for step in sheet.steps
    )
    return min(lines, key=sheet.space.least_payments)


def _blocks_of_shortest(space: Space, sheet: Sheet, line: Line) -> tuple[Finding, ...]:
    shortest = next((n for n in sheet.lengths.tolist() if space.is_named_rightly(line, n)), None)
    if shortest is None:
        return ()
    found = check_terms(
        space.proposal(line, space.terms(line, shortest)), space.policy, space.rules
    )
    return tuple(finding for finding in found if finding.effect is Effect.BLOCK)


def plan_of(space: Space, line: Line, payments: int) -> Plan:
    """Price a candidate with the readable engine, judge it and ask it every rule.

    Raises InvalidTerms where the terms make no plan.
    """
    terms = space.terms(line, payments)
    proposal = space.proposal(line, terms)
    schedule = price(terms)
    judgement = judge(
        space.affordability,
        schedule.nominal_flows,
        space.debt.debt_id,
        down_payment=schedule.down_payment,
    )
    rate = annualized_rate(schedule)
    early = check_terms(proposal, space.policy, space.rules)
    late = check_plan(
        PricedProposal(proposal, schedule, judgement, rate), space.policy, space.rules
    )
    return Plan(
        family=line.family,
        debt_id=space.debt.debt_id,
        confirmed=space.debt.components,
        waived=line.claim.waived,
        terms=terms,
        schedule=schedule,
        grace_months=line.grace_months,
        annualized_rate=rate,
        judgement=_tried(judgement, space, line, schedule),
        findings=(*early, *late),
    )


def _tried(judgement: Judgement, space: Space, line: Line, plan: Schedule) -> Judgement:
    """Return how a plan sits with the household, tried with a higher rate and unknown figures."""
    return replace(
        judgement,
        passes_rate_shock=_passes_rate_shock(space, line, plan),
        certainty=_certainty(judgement, space, plan),
    )


def _passes_rate_shock(space: Space, line: Line, plan: Schedule) -> bool | None:
    """Say whether a plan is kept up at a higher rate; None where the rate does not float.

    A plan whose payment would not even cover the higher interest is not kept up.
    """
    if not space.debt.is_floating or not line.annual_rate:
        return None
    higher = line.annual_rate + space.affordability.rules.rate_shock
    try:
        schedule = price(plan.terms.with_(annual_rate=higher))
    except InvalidTerms:
        return False
    worst = judge(space.affordability, schedule.nominal_flows, space.debt.debt_id)
    return worst.left_over.minor >= 0


def _certainty(judgement: Judgement, space: Space, plan: Schedule) -> Certainty | None:
    """Say how far a plan depends on figures that are not known yet; None where all are known."""
    if space.corners is None:
        return None
    worst, best = (
        judge(
            corner, plan.nominal_flows, space.debt.debt_id, down_payment=plan.down_payment
        ).verdict
        for corner in space.corners
    )
    return certainty_of(likely=judgement.verdict, worst=worst, best=best)


def _distinct(plans: list[Plan]) -> list[Plan]:
    """Keep one of several plans that ask for the same money on the same days, with all reasons.

    Of plans that are alike the earliest is first in a setting; its mark is that of all of them.
    """
    seen: dict[object, Plan] = {}
    for plan in plans:
        key = plan.schedule.cash_flows
        if key in seen:
            kept = seen[key]
            more = [reason for reason in plan.reasons if reason not in kept.reasons]
            marks = [mark for mark in (kept.robustness, plan.robustness) if mark is not None]
            firmest = max(marks, key=lambda mark: mark.first_in, default=None)
            seen[key] = replace(kept, reasons=(*kept.reasons, *more), robustness=firmest)
        else:
            seen[key] = plan
    return list(seen.values())


def _advice(space: Space) -> tuple[Finding, ...]:
    """For a household without surplus: what helps instead of a fixed installment (method 3.2)."""
    if not space.affordability.is_deficit:
        return ()
    surplus = space.affordability.surplus
    token, freeze, deferral, referral = (
        Finding("DES-01-deficit", test, Effect.RECORD, surplus.currency.zero, surplus, -surplus)
        for test in ("token_payment", "freeze", "deferral_with_review", "referral")
    )
    return token, freeze, replace(deferral, limit=space.review_on), referral
