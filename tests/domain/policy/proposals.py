"""Proposals for tests of rules: one call, everything else believable and within every limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import NO_HOLIDAYS
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Component, Components, Debt
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Confidence, Effect, Finding, Role
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS
from plan_assistant.domain.policy.proposal import (
    PricedProposal,
    Proposal,
    last_nominal,
    started_months,
)
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.verdict import judge
from tests.builders import TODAY, case, debt
from tests.packs import CN

FIRST_DUE = date(2026, 12, 15)


def proposal(
    of: Debt | None = None,
    *,
    of_case: Case | None = None,
    family: Family = Family.EQUAL_INSTALLMENT,
    waived: dict[Component, Money] | None = None,
    grace_months: int = 0,
    role: Role = Role.COLLECTOR,
    pack: PolicyPack = CN,
    **terms: object,
) -> Proposal:
    """Return a plan of 24 payments on a debt, before anything is priced."""
    of = of or debt()
    of_case = replace(of_case, debts=(of,)) if of_case else case(of)
    given = Components.none(of.currency)
    if waived:
        given = Components(*(waived.get(part, of.currency.zero) for part, _ in given.items()))
    left = of.components.minus(dict(given.items()))
    made = Terms(
        **{
            "principal": left.principal,
            "annual_rate": of.annual_rate,
            "periods": 24,
            "start": TODAY,
            "first_due": FIRST_DUE,
            "arrears": left.non_principal or None,
            "conventions": pack.schedule.conventions,
            "holidays": NO_HOLIDAYS,
            **terms,
        }  # type: ignore[arg-type]
    )
    return Proposal(
        case=of_case,
        debt=of,
        affordability=assess(of_case, pack.affordability.rules),
        family=family,
        terms=made,
        waived=given,
        grace_months=grace_months,
        months=started_months(TODAY, last_nominal(made)),
        today=TODAY,
        role=role,
        holidays=NO_HOLIDAYS,
    )


def priced(plan: Proposal) -> PricedProposal:
    """Return the plan with its schedule and its verdict."""
    schedule = price(plan.terms)
    judgement = judge(plan.affordability, schedule.nominal_flows, plan.debt.debt_id)
    return PricedProposal(plan, schedule, judgement, annualized_rate(schedule))


def rule(test: str, effect: Effect = Effect.RECORD, **parameters: int | str) -> Rule:
    """Return a rule that asks that question."""
    return Rule(
        id="T-1",
        test=test,
        title={"en": "t", "zh": "t"},
        citation="tests",
        confidence=Confidence.SECONDARY,
        effect=effect,
        may_allow=Role.TEAM_LEAD if effect is Effect.APPROVAL else None,
        parameters=parameters,
    )


def asked(one: Rule, plan: Proposal, pack: PolicyPack = CN) -> Finding | None:
    """Put one question to a plan."""
    if one.test in TERMS_TESTS:
        return TERMS_TESTS[one.test](one, plan, pack)
    return PLAN_TESTS[one.test](one, priced(plan), pack)


RATE = Fraction(18, 100)
