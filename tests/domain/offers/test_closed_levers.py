"""A plan is searched by the packs whose levers are open to it, and closed ones are named."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from plan_assistant.domain.debt import Component
from plan_assistant.domain.offers.closed_levers import closed_levers
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.why_not import NamedPlan
from plan_assistant.domain.policy.pack import OldCharges, PolicyPack, Waiver, Waivers
from tests.builders import case
from tests.domain.offers.spaces import random_space, space_with
from tests.packs import CN, every_pack


def closed_to(space: Space, plan: Plan) -> dict[str, object]:
    """Return the levers of a space that are closed to a plan, with what the plan has."""
    found = closed_levers(
        space,
        family=plan.family,
        terms=plan.terms,
        waived=plan.waived,
        grace_months=plan.grace_months,
    )
    return {each.name: each.actual for each in found}


@pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.pack)
@pytest.mark.parametrize("seed", range(12))
def test_no_lever_is_closed_to_an_offer_of_the_same_space(seed: int, pack: PolicyPack) -> None:
    space = random_space(seed, pack)

    for plan in Search(space).offers.plans:
        assert closed_to(space, plan) == {}


_LOWER = Fraction(165, 1000)
_FEE = Component.FEE
_DEFERRAL = {"family": Family.DEFERRAL, "grace_months": 3}
_LAST = {"old_charges": OldCharges.LAST_INSTALLMENT}
_JOINS = {"old_charges": OldCharges.CAPITALISE}


@pytest.mark.parametrize(
    ("named", "narrower", "closed"),
    [
        ({}, {"max_periods": 23}, {"max_periods": 24}),
        ({}, {"min_periods": 25}, {"min_periods": 24}),
        ({}, {"families": (Family.DEFERRAL,)}, {"families": Family.EQUAL_INSTALLMENT}),
        ({}, {"first_payment_max_days": 24}, {"first_payment_max_days": 25}),
        ({"annual_rate": _LOWER}, {"rate_step": Fraction(0)}, {"rate_step": _LOWER}),
        ({"annual_rate": _LOWER}, {"lowest_rate": Fraction(17, 100)}, {"lowest_rate": _LOWER}),
        (_DEFERRAL, {"graces": (1, 2)}, {"graces": 3}),
        (
            {"waiver": Waiver(fee=Fraction(1))},
            {"waivers": Waivers()},
            {"waivers": {_FEE: "850.00"}},
        ),
        (_LAST, {"old_charges": (OldCharges.SPREAD,)}, _LAST),
        (_JOINS, {"old_charges": (OldCharges.SPREAD,)}, _JOINS),
        ({**_LAST, "multiple": 10_000}, {"multiples": (10,)}, {"multiples": 100}),
        ({"family": Family.STEP_UP, "step": CN.space.steps[0]}, {"steps": ()}, {"steps": None}),
    ],
    ids=lambda value: "-".join(map(str, value)),
)
def test_a_lever_that_is_closed_to_a_plan_is_named_with_what_the_plan_has(
    named: dict[str, object], narrower: dict[str, object], closed: dict[str, object]
) -> None:
    space = space_with(case(), pack=CN)
    name = NamedPlan(**{"family": Family.EQUAL_INSTALLMENT, **named})  # type: ignore[arg-type]
    plan = plan_of(space, name.line(space), 24)
    levers = CN.space.model_copy(update=narrower)
    other = replace(space, policy=CN.model_copy(update={"space": levers}))

    assert closed_to(space, plan) == {}
    assert closed_to(other, plan) == closed
