"""The sample borrowers with the plans they are offered, and plans of other shapes; found once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path

from plan_assistant.adapters.importers.json_file import load_case
from plan_assistant.domain.calendar import NO_HOLIDAYS
from plan_assistant.domain.case import Case
from plan_assistant.domain.money import CNY
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.services.negotiate import consider
from plan_assistant.wording import script
from tests.packs import CN
from tests.wording.figures import figures

LANGUAGES = ("en", "zh")


@cache
def negotiations() -> tuple[Negotiation, ...]:
    folder = Path(str(resources.files("plan_assistant.samples")))
    cases = [load_case(path) for path in sorted(folder.glob("*.json"))]
    return tuple(
        consider(case, policy=CN, holidays=NO_HOLIDAYS, today=case.as_of, role=Role.COLLECTOR)
        for case in cases
    )


@cache
def offered() -> tuple[tuple[Case, Plan], ...]:
    """Return every plan that any sample borrower is offered."""
    return tuple((state.case, plan) for state in negotiations() for plan in state.offers.plans)


@cache
def findings() -> tuple[Finding, ...]:
    """Return every finding about an offer, a refused family, or a household without surplus."""
    found = [finding for _, plan in offered() for finding in plan.findings]
    for state in negotiations():
        found += state.offers.advice
        found += [finding for refusal in state.offers.refusals for finding in refusal.findings]
    return tuple(dict.fromkeys(found))


def level_plan(**changes: object) -> tuple[Case, Plan]:
    """Return a plan of equal payments in yuan with other terms, without any finding."""
    case, plan = next(
        (case, plan)
        for case, plan in offered()
        if plan.family is Family.EQUAL_INSTALLMENT
        and plan.payment.currency.code == "CNY"
        and case.budget.payday is not None
    )
    return case, reshaped(plan, plan.terms.with_(**changes))


def reshaped(plan: Plan, terms: Terms, *, family: Family | None = None, grace: int = 0) -> Plan:
    """Return the plan with the schedule that follows from other terms."""
    return replace(
        plan,
        terms=terms,
        schedule=price(terms),
        family=family or plan.family,
        grace_months=grace,
        annualized_rate=Fraction(18, 100),
        findings=(),
    )


def with_findings(plan: Plan, *added: Finding) -> Plan:
    return replace(plan, findings=added)


def asking(test: str, effect: Effect = Effect.APPROVAL) -> Finding:
    """Return a finding without figures."""
    return Finding("T-1", test, effect, may_allow=Role.TEAM_LEAD)


def owing(plan: Plan, principal: str, **changes: object) -> Plan:
    """Return the plan for another principal in yuan, free of interest unless said otherwise."""
    changes = {"annual_rate": Fraction(0), "arrears": None, **changes}
    return reshaped(plan, plan.terms.with_(principal=CNY.parse(principal), **changes))


def said(case: Case, plan: Plan, language: str) -> list[str]:
    """Return everything that is said about a plan."""
    return [
        script.opening(case, language),
        script.say(plan, case, language),
        *script.read_back(plan, case, language),
    ]


def assert_same_figures(case: Case, plan: Plan) -> None:
    english, chinese = (said(case, plan, language) for language in LANGUAGES)
    assert [figures(text) for text in english] == [figures(text) for text in chinese]
