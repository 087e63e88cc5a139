"""Every field of a pack has a decided direction, and a lender's pack is held to it when read."""

from __future__ import annotations

from collections.abc import Set

import pytest

from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy import directions
from plan_assistant.domain.policy.affordability import AffordabilityTable, CostsNamed
from plan_assistant.domain.policy.authority import Authority, WaiverLimit
from plan_assistant.domain.policy.difference import ABOUT_A_RULE, differences
from plan_assistant.domain.policy.directions import Direction, authority_directions
from plan_assistant.domain.policy.findings import Days, Effect, Role, Word
from plan_assistant.domain.policy.pack import (
    AllocationOrder,
    BreachTable,
    PackFile,
    ScheduleConventions,
)
from plan_assistant.domain.policy.parts import Part
from plan_assistant.domain.policy.reading import read_pack
from plan_assistant.domain.policy.robustness import RobustnessBox
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import Space, StepPattern, Waivers
from tests.builders import debt
from tests.domain.policy.lender import LENDER, read, refused
from tests.domain.policy.proposals import asked, proposal, rule
from tests.packs import CN, shipped_bytes, shipped_table

_OF_ITSELF = {"pack", "extends", "version", "title", "format"}
_APART = {
    "remove_rules",  # a rule that is gone is a loosening of its own
    "space",
    "robustness",
    "schedule",
    "affordability",
    "authority",
    "breach",
    "rules",
}


_IN_A_LIMIT = frozenset({"test", "parameters", "effect", "may_allow", "lender_may_loosen"})
"""What decides how strictly a rule answers a plan."""


@pytest.mark.parametrize(
    ("model", "decided"),
    [
        (PackFile, directions.TOP.keys() | _OF_ITSELF | _APART),
        (Space, directions.SPACE.keys()),
        (RobustnessBox, directions.ROBUSTNESS.keys()),
        (ScheduleConventions, directions.SCHEDULE.keys()),
        (AffordabilityTable, directions.AFFORDABILITY.keys()),
        (BreachTable, directions.BREACH.keys()),
        (Authority, authority_directions(Role.COLLECTOR).keys()),
        (Authority, authority_directions(Role.TEAM_LEAD).keys()),
        (Rule, {"id"} | _IN_A_LIMIT | ABOUT_A_RULE.keys()),
        # What a direction compares piece by piece.
        (Waivers, {"interest", "penalty_interest", "fee", "cost"}),
        (StepPattern, {"months", "share"}),
        (WaiverLimit, {"share", "amount"}),
        (CostsNamed, {"table", "items", "share"}),
        (AllocationOrder, {"products", "max_days_past_due", "order", "rule", "scope"}),
    ],
)
def test_a_new_field_fails_here_until_somebody_decides_which_way_is_looser(
    model: type[Part], decided: Set[str]
) -> None:
    assert set(model.model_fields) == set(decided)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('version = "1"', 'version = "1"\nlimitation_years = 30', "limitation_years"),
        ('version = "1"', 'version = "1"\nretention_years = 99', "retention_years"),
        ('version = "1"', 'version = "1"\nretention_years = 1', "retention_years"),
        ('version = "1"', 'version = "1"\ncalendar = "none"', "calendar"),
        ('version = "1"', 'version = "1"\nobjections = ["too_much"]', "objections"),
        (
            'version = "1"',
            'version = "1"\nlender_may_loosen = ["calendar"]\ncalendar = "none"',
            "calendar",
        ),
        ('version = "1"', 'version = "1"\nlender_may_loosen = ["calendar"]', "lender_may_loosen"),
        ("max_periods = 48", "first_payment_min_days = 6", "space.first_payment_min_days"),
        ("[space]", '[schedule]\nholiday_roll = "none"\n[space]', "schedule.holiday_roll"),
        ("[space]", '[robustness]\nconfidence = "verified"\n[space]', "robustness.confidence"),
        (
            "[space]",
            '[affordability]\nconfidence = "verified"\n[space]',
            "affordability.confidence",
        ),
        (
            "[space]",
            '[affordability]\ntable_currency = "USD"\n[space]',
            "affordability.table_currency",
        ),
    ],
)
def test_a_lender_may_not_loosen_what_is_no_lever(old: str, new: str, place: str) -> None:
    problem = refused(LENDER.replace(old, new, 1))[place]

    assert "may only tighten it" in problem.sentence
    assert problem.line is not None


def test_a_lender_may_warn_of_a_time_barred_debt_sooner() -> None:
    pack = read(LENDER.replace('version = "1"', 'version = "1"\nlimitation_years = 2'))

    ways = {change.place: change.direction for change in differences(CN, pack)}
    assert ways["limitation_years"] is Direction.TIGHTER


_ORDERS = """
[[allocation]]
products = ["credit_card"]
max_days_past_due = {days}
order = ["cost", "interest", "penalty_interest", "fee", "principal"]
rule = "Our contract"

[[allocation]]
products = ["credit_card"]
order = ["principal", "interest", "penalty_interest", "fee", "cost"]
rule = "Our contract"
scope = "{scope}"

[[allocation]]
products = ["consumer_loan", "business_loan", "other"]
order = ["fee", "cost", "interest", "penalty_interest", "principal"]
rule = "Our contract"
"""


def test_an_order_may_not_settle_principal_later_than_the_extended_pack() -> None:
    later, sooner, elsewhere = (
        LENDER + _ORDERS.format(days=days, scope=scope)
        for days, scope in ((120, "account"), (60, "account"), (60, "installment"))
    )

    assert refused(later).keys() == {"allocation"}
    # Inside each installment, interest of the oldest comes before principal of the next.
    assert refused(elsewhere).keys() == {"allocation"}
    ways = {change.place: change.direction for change in differences(CN, read(sooner))}
    assert ways["allocation"] is Direction.TIGHTER


def test_what_a_pack_lets_others_loosen_is_not_handed_on() -> None:
    generic = read_pack(shipped_bytes("generic") or b"", "generic.toml")
    card = read_pack(shipped_bytes("cn-card") or b"", "cn-card.toml", shipped_bytes)

    assert "limitation_years" in generic.lender_may_loosen
    assert card.lender_may_loosen == ()


def test_a_permission_for_a_field_that_does_not_exist_is_named() -> None:
    content = (shipped_bytes("generic") or b"").replace(b'"retention_years"', b'"retention"')

    with pytest.raises(InputRefused) as caught:
        read_pack(content, "generic.toml", find_table=shipped_table)

    assert [problem.path for problem in caught.value.problems] == ["lender_may_loosen"]


@pytest.mark.parametrize(
    ("limits", "days", "worst"),
    [
        ({"watch_from": 1, "doubtful_from": 271, "loss_from": 50}, 300, "loss"),
        ({"watch_from": 1, "doubtful_from": 271, "loss_from": 361}, 300, "doubtful"),
    ],
)
def test_a_class_that_begins_sooner_never_gives_way_to_a_better_one(
    limits: dict[str, int], days: int, worst: str
) -> None:
    question = rule("classification_by_days", Effect.RECORD, **limits)

    found = asked(question, proposal(debt(days_past_due=days)))

    assert found is not None
    assert (found.limit, found.actual) == (Word(worst), Days(days))
