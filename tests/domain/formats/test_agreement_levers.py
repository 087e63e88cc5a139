"""Agreements with every lever: they recompute to themselves, and a changed cell is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.agreement import Agreement
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.agreement_file import recompute, write_agreement
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.formats.plan_file import write_plan
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.schedule.engine import price
from tests.agreed_rows import first_version
from tests.domain.formats.test_agreement_file import agreement
from tests.lever_plans import CALENDAR, LEVERS, combinations, lever_plan

ZERO = CNY.zero


def named(_name: str) -> Holidays:
    return CALENDAR


PARTS = [part.value for part in Component if part is not Component.PRINCIPAL]


@cache
def drawn_up(levers: tuple[str, ...]) -> Agreement:
    made = agreement()
    case, plan = lever_plan(levers)
    return replace(made, case=case, debt=case.lead_debt, plan=plan)


@cache
def _written(levers: tuple[str, ...]) -> str:
    return canonical(write_agreement(drawn_up(levers))).decode()


def written(*levers: str) -> dict[str, Any]:
    return json.loads(_written(levers))  # type: ignore[no-any-return]


def paths(changed: dict[str, Any]) -> list[str]:
    return [difference.path for difference in recompute(changed, named, price)]


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_every_combination_of_levers_recomputes_to_itself(levers: tuple[str, ...]) -> None:
    assert recompute(written(*levers), named, price) == []
    assert canonical(write_plan(drawn_up(levers).plan))


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_what_is_owed_is_what_is_repaid_and_what_is_waived(levers: tuple[str, ...]) -> None:
    found = written(*levers)
    plan, terms = found["plan"], found["plan"]["terms"]

    def money(text: str | None) -> Money:
        return CNY.parse(text) if text else ZERO

    repaid = money(terms["principal"]) + money(terms["arrears"])
    assert money(found["debt"]["total"]) == repaid + money(plan["waived"]["total"])
    owed = money(found["debt"]["components"]["principal"])
    assert money(terms["principal"]) == owed + money(plan["capitalised"])


@pytest.mark.parametrize("part", [*PARTS, "principal"])
@pytest.mark.parametrize("by", [1, -1])
def test_a_changed_part_of_a_waiver_is_named(part: str, by: int) -> None:
    changed = written("waiver")
    waived = changed["plan"]["waived"]
    amount = CNY.parse(waived[part]).minor + by
    waived[part] = CNY.money(max(amount, 2)).plain

    found = paths(changed)

    assert found
    assert found[0] in {f"plan.waived.{part}", "plan.waived"}


@pytest.mark.parametrize("by", [1, -1])
def test_a_changed_total_of_a_waiver_is_named(by: int) -> None:
    changed = written("waiver")
    waived = changed["plan"]["waived"]
    waived["total"] = CNY.money(CNY.parse(waived["total"]).minor + by).plain

    assert paths(changed) == ["plan.waived.total"]


def test_the_one_part_that_can_be_wrong_is_named_with_what_is_right() -> None:
    changed = written("capitalised", "waiver")
    full = changed["debt"]["components"]["penalty_interest"]
    assert changed["plan"]["waived"]["penalty_interest"] == full
    changed["plan"]["waived"]["penalty_interest"] = "0.00"

    (difference,) = recompute(changed, named, price)

    assert (difference.path, difference.recomputed) == ("plan.waived.penalty_interest", full)


def test_no_part_is_waived_beyond_what_is_owed_of_it() -> None:
    changed = written("waiver")
    waived, owed = changed["plan"]["waived"], changed["debt"]["components"]
    shifted = CNY.parse(waived["penalty_interest"])
    waived["penalty_interest"] = "0.00"
    waived["fee"] = (CNY.parse(waived["fee"]) + shifted).plain

    first = recompute(changed, named, price)[0]

    assert first.path == "plan.waived.fee"
    assert first.recomputed == owed["fee"]


@pytest.mark.parametrize("levers", [(), ("capitalised",), ("capitalised", "waiver")])
@pytest.mark.parametrize("by", [1, 10_000])
def test_changed_capitalised_interest_is_named(levers: tuple[str, ...], by: int) -> None:
    changed = written(*levers)
    plan = changed["plan"]
    plan["capitalised"] = CNY.money(CNY.parse(plan["capitalised"]).minor + by).plain

    assert paths(changed) == ["plan.capitalised"]


def test_no_more_interest_joins_the_principal_than_is_owed() -> None:
    changed = written("capitalised")
    owed, total = changed["debt"]["components"], changed["debt"]["total"]
    moved = CNY.parse("100.00")
    owed["principal"] = (CNY.parse(owed["principal"]) - moved).plain
    owed["fee"] = (CNY.parse(owed["fee"]) + moved).plain
    changed["plan"]["capitalised"] = (CNY.parse(changed["plan"]["capitalised"]) + moved).plain

    assert changed["debt"]["total"] == total
    assert paths(changed) == ["plan.capitalised"]


@given(st.data())
def test_any_changed_amount_owed_or_waived_is_found_where_it_stands(data: st.DataObject) -> None:
    levers = data.draw(st.sampled_from([("waiver",), ("capitalised",), ("capitalised", "waiver")]))
    changed = written(*levers)
    parts = {"debt": changed["debt"], "plan": changed["plan"]}
    path, holder, key = data.draw(
        st.sampled_from(
            [
                *(
                    ("debt.components", parts["debt"]["components"], part.value)
                    for part in Component
                ),
                ("debt.total", parts["debt"], "total"),
                *(("plan.waived", parts["plan"]["waived"], part) for part in (*PARTS, "total")),
                ("plan.capitalised", parts["plan"], "capitalised"),
            ]
        )
    )
    holder[key] = CNY.money(CNY.parse(holder[key]).minor + data.draw(st.integers(1, 10**7))).plain

    assert paths(changed)[0].startswith(path)


def test_an_agreement_of_the_first_version_verifies_as_nothing_waived() -> None:
    assert recompute(first_version(written()), named, price) == []


@pytest.mark.parametrize(
    ("lever", "path"), [("waiver", "debt.total"), ("capitalised", "plan.terms.principal")]
)
def test_a_later_lever_cannot_hide_in_the_first_version(lever: str, path: str) -> None:
    assert path in paths(first_version(written(lever)))


def test_a_later_version_is_refused_as_newer() -> None:
    newer = {**written(), "format": "plan-assistant/agreement@4"}

    with pytest.raises(InputRefused) as refusal:
        recompute(newer, named, price)

    assert "newer version" in refusal.value.problems[0].sentence


def test_every_lever_is_told_apart_by_its_terms() -> None:
    seen = {json.dumps(written(lever)["plan"], sort_keys=True) for lever in LEVERS}

    assert len(seen) == len(LEVERS)


def test_a_changed_rate_step_rhythm_or_multiple_no_longer_gives_the_rows() -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("lower rate", {"annual_rate": "0.180000"}),
        ("step-up", {"payment_steps": []}),
        ("biweekly", {"frequency": {"every": 1, "unit": "weeks"}}),
        ("hundreds", {"payment_multiple_of": None}),
        ("first", {"arrears_treatment": "spread"}),
        ("last", {"arrears_treatment": "spread"}),
    ]
    for lever, change in changes:
        changed = written(lever)
        changed["plan"]["terms"] |= change
        assert paths(changed)[0].startswith("plan.rows["), lever


def test_the_example_plans_are_what_their_names_say() -> None:
    _, plan = lever_plan(("waiver", "capitalised", "step-up", "hundreds", "lower rate"))

    assert plan.waived != Components.none(CNY)
    assert plan.capitalised
    assert plan.terms.payment_steps
    assert plan.terms.payment_multiple_of == CNY.parse("100.00")
    assert plan.terms.annual_rate == Fraction(9, 100)
    assert plan.first_due > date(2026, 11, 20)
