"""Random plan spaces, small enough to be counted again one candidate after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from plan_assistant import bootstrap
from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import NO_HOLIDAYS
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt, Product
from plan_assistant.domain.household import Every, Income, OutgoingKind
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.pack import OldCharges, PolicyPack, StepPattern, Waivers
from plan_assistant.domain.policy.plan_tests import is_cost_cap
from plan_assistant.samples import sample_text
from tests.builders import TODAY, budget, case, components, debt, income, outgoing, yuan
from tests.packs import CN


def space_with(
    of: Case,
    *,
    pack: PolicyPack = CN,
    wishes: Wishes | None = None,
    role: Role = Role.COLLECTOR,
) -> Space:
    """Return the space of a case."""
    return Space(
        case=of,
        debt=of.lead_debt,
        affordability=assess(of, pack.affordability.rules),
        policy=pack,
        role=role,
        today=TODAY,
        holidays=NO_HOLIDAYS,
        wishes=wishes or Wishes(),
    )


def sample_space(name: str, wishes: Wishes | None = None, today: date | None = None) -> Space:
    """Return the space of a sample borrower under the shipped policy, else on its file's day."""
    of = bootstrap.read_case_text(sample_text(name), name)
    pack = bootstrap.policies(None).for_case(of, of.as_of)
    return Space(
        case=of,
        debt=of.lead_debt,
        affordability=assess(of, pack.affordability.rules),
        policy=pack,
        role=Role.COLLECTOR,
        today=today or of.as_of,
        holidays=bootstrap.calendars().named(pack.calendar),
        wishes=wishes or Wishes(),
    )


def random_space(seed: int, pack: PolicyPack = CN) -> Space:
    """Return a space over all families and levers of a pack, drawn from a seed."""
    draw = Random(seed)
    owed = _debt(draw, pack)
    if pack is not CN:
        owed = replace(owed, restructured_on=_restructured(Random(~seed)))
    if owed.product not in pack.products:
        owed = replace(owed, product=pack.products[0])
    of = case(owed, of_budget=budget((_income(draw),), cash=f"{draw.randrange(9000)}.00"))
    of = _changing(Random(f"{seed} changing"), of)
    role = draw.choice([Role.COLLECTOR, Role.TEAM_LEAD])
    return space_with(of, pack=_opened(draw, pack), wishes=_wishes(draw), role=role)


def tiny_space(seed: int, pack: PolicyPack = CN) -> Space:
    """Return such a space of a debt of a few units, where rounding decides what is a plan."""
    space, draw = random_space(seed, pack), Random(f"{seed} tiny")
    owed = components(
        principal=f"{draw.choice([0, 1, 9, 40])}.{draw.randrange(1, 100):02d}",
        interest=f"0.{draw.randrange(100):02d}",
        penalty=f"{draw.randrange(2)}.00",
        fee=f"0.0{draw.choice([0, 7])}",
    )
    of = replace(space.case, debts=(replace(space.debt, components=owed),))
    return space_with(of, pack=space.policy, role=space.role)


def space_of_old_charges(seed: int) -> Space:
    """Return such a space of a debt whose principal is settled."""
    space, draw = random_space(seed), Random(f"{seed} old charges")
    owed = components(
        principal="0.00", interest=f"{draw.randrange(3000)}.10", penalty="50.00", fee="0.07"
    )
    of = replace(space.case, debts=(replace(space.debt, components=owed),))
    return space_with(of, pack=space.policy, role=space.role)


def _opened(draw: Random, pack: PolicyPack) -> PolicyPack:
    families = list(pack.space.families)
    opened = {
        "families": tuple(draw.sample(families, min(draw.randrange(1, 4), len(families)))),
        "graces": tuple(sorted(draw.sample([1, 2, 3, 4, 6], draw.randrange(0, 3)))),
        "rate_step": Fraction(draw.choice([0, 3, 6, 9]), 100),
        "lowest_rate": Fraction(3, 100),
        "waivers": Waivers.model_validate(
            {
                "penalty_interest": draw.choice([[], [], ["1/2"], ["1"]]),
                "fee": draw.choice([[], ["1/2"], ["1"]]),
            }
        ),
        "old_charges": tuple(draw.sample(list(OldCharges), draw.randrange(1, 3))),
        "steps": tuple(
            StepPattern.model_validate(
                {
                    "months": draw.choice([2, 6]),
                    "share": draw.choice(["0.3", "0.7", "0.333333333333333333"]),
                }
            )
            for _ in range(draw.randrange(0, 2))
        ),
        "multiples": (draw.choice([10, 100]),)[: draw.randrange(0, 2)],
        "first_payments": draw.choice([1, 1, 2]),
        "first_payment_max_days": 75,  # beyond what a team lead may grant
        "down_payment_shares": (Fraction(1, 2),)[: draw.randrange(0, 2)],
        "min_periods": draw.choice([2, 5]),
        "max_periods": draw.choice([6, 14, 24, 62]),
    }
    return pack.model_copy(update={"space": pack.space.model_copy(update=opened)})


def _restructured(draw: Random) -> tuple[date, ...]:
    """Return days of earlier restructurings: most debts have none."""
    return tuple(
        TODAY - timedelta(days=draw.randrange(20, 1500)) for _ in range(draw.choice([0, 0, 1, 3]))
    )


def _debt(draw: Random, pack: PolicyPack) -> Debt:
    owed = components(
        principal=f"{draw.choice([300, 5000, 48000, 200000]) + draw.randrange(100)}.07",
        interest=f"{draw.randrange(3000)}.{draw.randrange(100):02d}",
        penalty=f"{draw.randrange(900)}.00",
        fee=f"{draw.choice([0, 55])}.33",
    )
    is_loan = draw.random() < 0.4 or Product.CREDIT_CARD not in pack.products
    return debt(
        owed=owed,
        rate=draw.choice(["0.18", "0.1825", "0.24", "0.06", "0", "0.123456789012345678"]),
        days_past_due=draw.choice([60, 95]),
        product=(
            draw.choice([Product.CONSUMER_LOAN, Product.BUSINESS_LOAN])
            if is_loan
            else Product.CREDIT_CARD
        ),
        maturity=TODAY + timedelta(days=draw.randrange(-200, 1500)) if is_loan else None,
        original_term_months=draw.choice([12, 36, 60]) if is_loan else None,
    )


def _income(draw: Random) -> Income:
    steady = income(f"{draw.choice([5500, 7000, 9000, 20000]) + draw.randrange(999)}.00")
    kind = draw.random()
    if kind < 0.2:
        months = tuple(yuan(f"{draw.randrange(3000, 16000)}.00") for _ in range(12))
        average = sum(month.minor for month in months) // 12
        return replace(steady, by_month=months, amount=steady.amount.currency.money(average))
    if kind < 0.35:
        return replace(steady, every=Every.FORTNIGHT, amount=yuan("4200.00"))
    return steady


def _changing(draw: Random, of: Case) -> Case:
    """Return the case with an outgoing that begins or ends within the plans, for one in three."""
    if draw.random() > 1 / 3:
        return of
    day = TODAY + timedelta(days=draw.randrange(20, 900))
    begins, until = draw.choice([(None, day), (day, None)])
    amount = f"{draw.randrange(200, 4000)}.00"
    later = replace(outgoing(amount, OutgoingKind.OTHER_DEBT), begins=begins, until=until)
    outgoings = (*of.budget.outgoings, later)
    owed = replace(of.lead_debt, contractual_payment=yuan(f"{draw.randrange(300, 3000)}.00"))
    return replace(of, debts=(owed,), budget=replace(of.budget, outgoings=outgoings))


def _wishes(draw: Random) -> Wishes:
    kind = draw.random()
    if kind < 0.15:
        return Wishes(periods=draw.randrange(5, 7))
    if kind < 0.3:
        return Wishes(first_due=TODAY + timedelta(days=draw.randrange(3, 75)))
    if kind < 0.4:
        return Wishes(down_payment=yuan("120.00"))
    return Wishes()


def with_cap(space: Space, limit: Fraction, effect: Effect) -> Space:
    """Return a space whose rules on a cost have another limit and effect, for its debt."""
    rules = tuple(
        rule.model_copy(
            update={
                "parameters": {"rate": str(limit)},
                "effect": effect,
                "effective_from": None,
                "products": (space.debt.product,),
            }
        )
        if is_cost_cap(rule)
        else rule
        for rule in space.policy.rules
    )
    return replace(space, policy=space.policy.model_copy(update={"rules": rules}))
