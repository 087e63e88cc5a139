"""Rules that need the exact schedule take part in the search, not only in what it found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.plan import Family, Reason
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.verdict import Verdict
from tests.builders import budget, case, debt, income
from tests.domain.offers.spaces import space_with
from tests.packs import every_pack

CARD = next(pack for pack in every_pack() if pack.pack == "cn-card")


def _space(*rules: Rule, wishes: Wishes | None = None, verdicts: tuple[Verdict, ...] = ()) -> Space:
    authority = dict(CARD.authority)
    if verdicts:
        authority[Role.COLLECTOR] = authority[Role.COLLECTOR].model_copy(
            update={"verdicts": verdicts}
        )
    pack = CARD.model_copy(update={"rules": (*CARD.rules, *rules), "authority": authority})
    return space_with(
        case(debt(rate="0.18"), of_budget=budget((income("9000.00"),))), pack=pack, wishes=wishes
    )


def _cost_cap(effect: Effect) -> Rule:
    return Rule(
        id="MY-CAP",
        test="annualized_cost_alarm",
        title={"en": "Cost cap", "zh": "成本上限"},
        citation="Credit committee",
        confidence=Confidence.DESIGN,
        effect=effect,
        may_allow=Role.TEAM_LEAD if effect is Effect.APPROVAL else None,
        parameters={"rate": "0.14"},
        effective_from=date(2020, 1, 1),
    )


def test_plans_below_a_cost_cap_are_offered_where_dearer_ones_are_forbidden() -> None:
    space = _space(_cost_cap(Effect.BLOCK))
    allowed = plan_of(
        space, space.line(Family.EQUAL_INSTALLMENT, annual_rate=Fraction(135, 1000)), 30
    )

    offered = {plan.family for plan in Search(space).offers.plans}

    assert not allowed.is_blocked
    assert allowed.judgement.verdict is Verdict.COMFORTABLE
    assert Family.EQUAL_INSTALLMENT in offered


def test_a_certificate_counts_what_a_cost_cap_forbids() -> None:
    free, capped = Search(_space()), Search(_space(_cost_cap(Effect.BLOCK)))

    assert capped.certificate.rejected.get("MY-CAP", 0) > 0
    assert capped.certificate.comfortable < free.certificate.comfortable


def test_a_plan_whose_cost_needs_the_lead_is_not_counted_within_authority() -> None:
    assert Search(_space(_cost_cap(Effect.APPROVAL))).certificate.within_authority == 0


def test_a_verdict_that_a_role_may_not_grant_is_not_counted_within_its_authority() -> None:
    both, only = Search(_space()), Search(_space(verdicts=(Verdict.COMFORTABLE,)))
    tight = Search(replace(only.space, role=Role.TEAM_LEAD)).certificate.tight

    assert tight
    assert only.certificate.within_authority < both.certificate.within_authority


def test_a_kind_of_plan_that_is_shown_as_nearest_is_not_called_refused() -> None:
    found = Search(_space(wishes=Wishes(monthly=CNY.parse("1.00")))).offers

    assert not found.is_met
    shown = {plan.family for plan in found.plans}
    assert not shown & {refusal.family for refusal in found.refusals}


def test_the_best_for_the_lender_is_among_five_offers() -> None:
    reasons = {reason for plan in Search(_space()).offers.plans for reason in plan.reasons}

    assert {Reason.CHEAPEST, Reason.LOWEST_PAYMENT, Reason.FASTEST} <= reasons
    assert Reason.BEST_FOR_LENDER in reasons
