"""What a pack takes from the one it extends, and that it never allows what that one blocks."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.errors import InputRefused, InvalidTerms
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.authority import WaiverLimit
from plan_assistant.domain.policy.difference import differences, loosenings
from plan_assistant.domain.policy.directions import Direction
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.inheritance import Source, merged
from plan_assistant.domain.policy.pack import PackFile, PolicyPack, Rule
from plan_assistant.domain.policy.parameters import PARAMETERS, Form, Looser
from plan_assistant.domain.policy.proposal import PricedProposal
from plan_assistant.domain.policy.reading import read_pack
from plan_assistant.domain.policy.rules import check_plan, check_terms
from plan_assistant.domain.schedule.terms import DownPayment
from plan_assistant.domain.verdict import Verdict
from tests.builders import TODAY, debt, yuan
from tests.domain.policy.proposals import priced, proposal
from tests.packs import every_pack, shipped_bytes

# --- what is taken and what is replaced ---------------------------------------------------------


def laid(below: str, above: str) -> dict[str, Any]:
    return merged((Source("a.toml", below.encode()), Source("b.toml", above.encode())))


def test_a_plain_field_is_replaced_and_a_section_is_merged_field_by_field() -> None:
    whole = laid(
        'calendar = "cn"\n[space]\ngraces = [1]\noffers = 3',
        'calendar = "none"\n[space]\noffers = 5',
    )

    assert whole["calendar"] == "none"
    assert whole["space"] == {"graces": [1], "offers": 5}


def test_the_value_of_a_field_is_replaced_whole() -> None:
    whole = laid(
        "[authority.collector]\nlongest_term_months = 9\nlargest_owed = { CNY = '1', USD = '2' }",
        "[authority.collector]\nlargest_owed = { CNY = '3' }",
    )

    assert whole["authority"]["collector"] == {
        "longest_term_months": 9,
        "largest_owed": {"CNY": "3"},
    }


def test_a_rule_of_the_same_id_is_replaced_and_others_are_added() -> None:
    whole = laid(
        "[[rules]]\nid = 'A'\nx = 1\n[[rules]]\nid = 'B'\n[[rules]]\nid = 'C'",
        "remove_rules = ['C']\n[[rules]]\nid = 'A'\ny = 2\n[[rules]]\nid = 'D'",
    )

    assert whole["rules"] == [{"id": "A", "y": 2}, {"id": "D"}, {"id": "B"}]


@pytest.mark.parametrize("field", ["pack", "version", "title", "effective_to", "chosen_by_name"])
def test_what_a_pack_says_of_itself_is_never_inherited(field: str) -> None:
    assert field not in laid(f"{field} = 1", "")


# --- a tightened pack never allows what its parent blocks ---------------------------------------

_EFFECTS = (Effect.RECORD, Effect.DISCLOSE, Effect.APPROVAL, Effect.BLOCK)


def _unyielding(pack: PolicyPack) -> PolicyPack:
    """Return the pack without anything that a lender may loosen."""
    rules = tuple(rule.model_copy(update={"lender_may_loosen": False}) for rule in pack.rules)
    tables = {
        role: table.model_copy(update={"lender_may_loosen": ()})
        for role, table in pack.authority.items()
    }
    space = pack.space.model_copy(update={"lender_may_loosen": ()})
    return pack.model_copy(update={"rules": rules, "authority": tables, "space": space})


_PARENTS = [_unyielding(shipped_pack(name)) for name in ("cn", "us-card", "eu", "uk", "hk")]
_FAR = (TODAY + timedelta(days=400), 36)


@cache
def pool() -> tuple[PricedProposal, ...]:
    """Return plans on both sides of every limit of the shipped packs."""
    draw = random.Random(7)  # the same plans in every run
    found: list[PricedProposal] = []
    while len(found) < 250:
        maturity, original = draw.choice(
            [
                (None, None),
                (TODAY - timedelta(days=30), 12),
                (TODAY + timedelta(days=200), 13),
                _FAR,
            ]
        )
        of = debt(
            product=draw.choice(list(Product)),
            maturity=maturity,
            original_term_months=original and draw.choice([6, 11, 12, 13, 24, 59, 60, 61, 72]),
            extended_months=draw.choice([0, 0, 6, 12]),
            days_past_due=draw.choice([0, 1, 30, 89, 90, 91, 121, 179, 181, 271, 361]),
            restructured_on=tuple(
                TODAY - timedelta(days=draw.randrange(10, 1900)) for _ in range(draw.randrange(4))
            ),
            rate=draw.choice(["0.12", "0.18", "0.24", "0.36", "0.48", "0.55"]),
        )
        of = replace(of, opened=TODAY - timedelta(days=draw.choice([200, 270, 300, 1500])))
        down = draw.choice([0, 0, 300, 1500])
        try:
            plan = proposal(
                of,
                family=draw.choice([Family.EQUAL_INSTALLMENT, Family.EXTENSION]),
                periods=draw.choice([1, 2, 3, 4, 12, 23, 36, 47, 48, 59, 60, 61, 72, 84, 85, 121]),
                first_due=TODAY + timedelta(days=draw.choice([5, 25, 44, 46, 61, 63, 80])),
                grace_months=draw.randrange(9),
                annual_rate=of.annual_rate * Fraction(draw.choice([0, 1, 2]), 2),
                waived={
                    Component.FEE: yuan(draw.choice(["0.00", "10.00", "425.00", "850.00"])),
                    Component.PRINCIPAL: yuan(draw.choice(["0.00", "0.00", "9000.00"])),
                },
                down_payment=DownPayment(yuan(f"{down}.00"), yuan("0.00")) if down else None,
            )
            role = draw.choice([Role.COLLECTOR, Role.TEAM_LEAD])
            stale = replace(plan.case, as_of=TODAY - timedelta(days=draw.randrange(12)))
            found.append(priced(replace(plan, role=role, case=stale)))
        except InvalidTerms:
            continue
    return tuple(found)


def strength(pack: PolicyPack, plan: PricedProposal, rules: Sequence[Rule]) -> int:
    """Return how strictly some rules of a pack answer a plan: 0 nothing ... 4 a block."""
    found = (*check_terms(plan.proposal, pack, rules), *check_plan(plan, pack, rules))
    return max((1 + _EFFECTS.index(finding.effect) for finding in found), default=0)


def is_weaker(parent: PolicyPack, child: PolicyPack, ids: frozenset[str]) -> bool:
    """Say whether any plan of the pool gets by with less under the child."""
    before, after = (
        {
            product: [rule for rule in pack.rules_for(product, TODAY) if rule.id in ids]
            for product in Product
        }
        for pack in (parent, child)
    )
    return any(
        strength(child, plan, after[plan.proposal.debt.product])
        < strength(parent, plan, before[plan.proposal.debt.product])
        for plan in pool()
    )


def replaced(pack: PolicyPack, rule: Rule, **changes: object) -> PolicyPack:
    """Return the pack with one rule changed."""
    rules = [rule.model_copy(update=changes) if one is rule else one for one in pack.rules]
    return pack.model_copy(update={"rules": tuple(rules)})


def is_refused(parent: PolicyPack, child: PolicyPack) -> bool:
    """Say whether the child loosens; what is refused is what `policy diff` calls looser."""
    found = bool(loosenings(parent, child))
    looser = [one for one in differences(parent, child) if one.direction is Direction.LOOSER]
    assert found is bool(looser)
    return found


def _around(form: Form, value: int | str, step: int) -> int | str:
    if form is Form.RATE:
        return str(max(Fraction(1, 1000), min(Fraction(1), Fraction(value) + Fraction(step, 20))))
    return max(int(form is Form.WHOLE), int(value) + step)


def _limits() -> Iterator[tuple[PolicyPack, Rule, str]]:
    for pack in _PARENTS:
        for rule in pack.own_rules:
            if rule.is_in_force(TODAY):
                yield from ((pack, rule, name) for name in rule.parameters)


@pytest.mark.parametrize(
    ("parent", "rule", "name"),
    [pytest.param(*each, id=f"{each[0].pack} {each[1].id} {each[2]}") for each in _limits()],
)
def test_a_limit_that_lets_more_pass_is_refused_and_only_in_that_direction(
    parent: PolicyPack, rule: Rule, name: str
) -> None:
    form, judged = PARAMETERS[rule.test][name].form, set()
    for step in (-13, -1, 1, 13):
        value = _around(form, str(rule.parameters[name]), step)
        if str(value) == str(rule.parameters[name]):
            continue
        child = replaced(parent, rule, parameters={**rule.parameters, name: value})

        if is_weaker(parent, child, frozenset({rule.id})):
            assert is_refused(parent, child)
        judged.add((step > 0, is_refused(parent, child)))

    assert len(judged) <= 2  # one way is looser, the other is tighter
    if PARAMETERS[rule.test][name].looser is Looser.EITHER:
        assert {refused for _up, refused in judged} == {True}
    else:
        assert len({refused for _up, refused in judged}) == len(judged)


@pytest.mark.parametrize("parent", _PARENTS, ids=lambda pack: pack.pack)
def test_a_rule_that_is_weaker_shorter_narrower_or_gone_is_refused(parent: PolicyPack) -> None:
    for rule in parent.own_rules:
        ids = frozenset({rule.id})
        children = [
            replaced(parent, rule, effect=effect, may_allow=Role.TEAM_LEAD) for effect in _EFFECTS
        ]
        children += [
            replaced(parent, rule, effective_from=TODAY + timedelta(days=1)),
            replaced(parent, rule, effective_to=TODAY - timedelta(days=1)),
            replaced(parent, rule, products=rule.products[1:] or (Product.OTHER,)),
            parent.model_copy(update={"rules": tuple(r for r in parent.rules if r is not rule)}),
        ]
        for child in children:
            if is_weaker(parent, child, ids):
                assert is_refused(parent, child), rule.id
        for effect, child in zip(_EFFECTS, children, strict=False):
            is_lower = _EFFECTS.index(effect) < _EFFECTS.index(rule.effect)
            assert is_refused(parent, child) is is_lower, rule.id


_TABLES: dict[str, tuple[object, ...]] = {
    "longest_term_months": (1, 24, 47, 49, 84, 200),
    "latest_first_payment_days": (1, 30, 44, 46, 61, 63, 100),
    "longest_grace_months": (0, 2, 4, 5, 7, 12),
    "lowest_rate_share": (Fraction(0), Fraction(1, 4), Fraction(3, 4), Fraction(1)),
    "lowest_down_payment_share": (Fraction(0), Fraction(1, 100), Fraction(1)),
    "largest_owed": ({}, {"CNY": "1"}, {"CNY": "40000"}, {"CNY": "900000000000"}, {"USD": "9"}),
    "largest_waiver": (
        {},
        {Component.FEE: WaiverLimit.model_validate({"share": "0.5", "amount": {"CNY": "9"}})},
        {Component.FEE: WaiverLimit.model_validate({"share": "1", "amount": {}})},
        {Component.PRINCIPAL: WaiverLimit.model_validate({"share": "1", "amount": {}})},
    ),
    "restructurings_12_months": (0, 1, 2, 3, 9),
    "restructurings_60_months": (0, 1, 2, 3, 9),
    "verdicts": ((), (Verdict.COMFORTABLE,), tuple(Verdict)),
}
_ASKING = frozenset(
    rule.id for rule in _PARENTS[0].rules if rule.id.startswith(("DES-01", "DES-02", "DES-03"))
)


@pytest.mark.parametrize("name", sorted(_TABLES))
@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.TEAM_LEAD])
def test_a_wider_authority_is_refused(role: Role, name: str) -> None:
    parent = _PARENTS[0]
    for value in _TABLES[name]:
        table = parent.authority[role].model_copy(update={name: value})
        child = parent.model_copy(update={"authority": {**parent.authority, role: table}})

        if is_weaker(parent, child, _ASKING):
            assert is_refused(parent, child), value


# --- several changes at once --------------------------------------------------------------------

_SEVERAL = st.lists(
    st.tuples(
        st.integers(0, len(_PARENTS[0].own_rules) - 1),
        st.sampled_from(_EFFECTS),
        st.integers(-13, 13),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda edit: edit[0],
)


def _edited(parent: PolicyPack, edits: list[tuple[int, Effect, int]]) -> PolicyPack:
    rules = list(parent.rules)
    for index, effect, step in edits:
        rule, takes = rules[index], PARAMETERS.get(rules[index].test, {})
        limits = {
            name: _around(takes[name].form, str(value), step)
            for name, value in rule.parameters.items()
        }
        may = Role.TEAM_LEAD if effect is Effect.APPROVAL else None
        rules[index] = rule.model_copy(
            update={"parameters": limits, "effect": effect, "may_allow": may}
        )
    return parent.model_copy(update={"rules": tuple(rules)})


@given(_SEVERAL)
def test_a_tightened_pack_never_allows_what_its_parent_blocks(
    edits: list[tuple[int, Effect, int]],
) -> None:
    parent = _PARENTS[0]
    child = _edited(parent, edits)
    ids = frozenset(parent.rules[index].id for index, _effect, _step in edits)

    if is_weaker(parent, child, ids):
        assert is_refused(parent, child)
    there, back = differences(parent, child), differences(child, parent)
    assert {change.place for change in there} == {change.place for change in back}


def test_a_pack_differs_from_itself_in_nothing() -> None:
    for pack in every_pack():
        assert differences(pack, pack) == ()
        assert loosenings(pack, pack) == ()


def test_shipped_packs_only_tighten_what_they_extend() -> None:
    by_name = {pack.pack: pack for pack in every_pack()}

    for pack in every_pack():
        if pack.extends is not None:
            assert loosenings(by_name[pack.extends], pack) == ()


def test_shared_chinese_rules_stand_once() -> None:
    chinese = [pack for pack in every_pack() if pack.jurisdictions == ("CN",)]
    for pack in chinese:
        own = tomllib.loads((shipped_bytes(pack.pack) or b"").decode())
        if pack.pack != "cn":
            ids = {rule["id"] for rule in own.get("rules", [])}
            assert ids <= {"CN-RATE-02"}
            assert "cn" in pack.lineage


def test_pack_file_has_every_field_of_a_pack() -> None:
    assert set(PackFile.model_fields) < set(PolicyPack.model_fields)


def test_permission_to_loosen_is_not_a_packs_own_to_give() -> None:
    text = b"""
format = "plan-assistant/policy@1"
pack = "x"
extends = "cn-card"
version = "1"
title = { en = "x", zh = "x" }
[space]
lender_may_loosen = ["max_periods"]
"""
    with pytest.raises(InputRefused) as caught:
        read_pack(text, "x.toml", shipped_bytes)

    assert caught.value.problems[0].path == "space.lender_may_loosen"
