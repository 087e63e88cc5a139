"""Dated tables of living costs: what they say for a household, and what is wrong with a bad one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from plan_assistant.adapters.policies import load_pack
from plan_assistant.domain.budget import assess
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.household import (
    Every,
    Household,
    Income,
    Outgoing,
    OutgoingKind,
    Reliability,
)
from plan_assistant.domain.living_costs import Basis, by_kind
from plan_assistant.domain.money import Currency
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.tables import read_costs, read_statement
from tests.builders import budget, case
from tests.domain.policy.lender import LENDER, read, refused
from tests.packs import CN, CN_BYTES, every_pack

FOLDER = resources.files("plan_assistant.policies") / "tables"
IRS = "us-national-standards-2025"


def shipped(name: str) -> bytes:
    return (FOLDER / f"{name}.toml").read_bytes()


def irs(change: Callable[[str], str] = lambda text: text) -> bytes:
    return change(shipped(IRS).decode()).encode()


def test_every_shipped_table_says_where_it_comes_from_and_when() -> None:
    names = sorted(item.name for item in FOLDER.iterdir() if item.name.endswith(".toml"))

    for name in names:
        content = (FOLDER / name).read_bytes()
        reads = read_statement if b"statement-fields" in content else read_costs
        origin = reads(content, name).origin
        assert f"{origin.name}.toml" == name
        assert origin.source
        assert origin.confidence in set(Confidence)
        assert origin.title.keys() == {"en", "zh"}
    assert len(names) == 4


@pytest.mark.parametrize(
    ("persons", "total"),
    [(1, 839), (2, 1481), (3, 1753), (4, 2129), (5, 2523), (6, 2917)],
)
def test_standards_by_household_size_add_an_amount_for_each_person_more(
    persons: int, total: int
) -> None:
    table = read_costs(irs(), IRS)

    assert table.costs["total"].basis is Basis.HOUSEHOLD_SIZE
    assert table.costs["total"].a_month(Household(1, persons - 1)) == total


def test_printed_items_add_up_to_the_printed_totals_but_for_one_person() -> None:
    table = read_costs(irs(), IRS)
    items = [cost for name, cost in table.costs.items() if name != "total"]

    sums = [sum(cost.urban[size] for cost in items) for size in range(4)]

    assert sums == [838, 1481, 1753, 2129]


def test_items_of_one_kind_add_up_and_bind_no_larger_household_than_is_printed() -> None:
    costs = read_costs(irs(), IRS).costs.values()

    three = by_kind(costs, Household(2, 1), "USD")
    five = by_kind(costs, Household(2, 3), "USD")

    assert three[OutgoingKind.OTHER_ESSENTIAL] == 94 + 321
    assert three[OutgoingKind.FOOD] == 1068
    assert five == {}
    assert by_kind(costs, Household(2, 1), "CNY") == {}


def test_consumption_a_year_is_a_month_for_a_weighted_head() -> None:
    food = read_costs(shipped("cn-consumption-2024"), "cn").costs["food"]

    assert food.a_month(Household(2, 1)) == Fraction(8411, 12) * Fraction(18, 10)


def test_minimum_standard_is_lower_in_the_country() -> None:
    minimum = CN.affordability.rules.minimum

    assert minimum is not None
    assert minimum.a_month(Household(1, 0)) == Fraction("785.90")
    assert minimum.a_month(Household(1, 0, is_rural=True)) == Fraction("621.30")


def test_items_of_the_consumption_table_add_up_to_its_total() -> None:
    costs = read_costs(shipped("cn-consumption-2024"), "cn").costs
    items = [cost.urban[0] for name, cost in costs.items() if name != "total"]

    assert sum(items) == Fraction(28227, 12)


def test_a_household_in_dollars_is_lifted_to_the_standards_by_its_size(tmp_path: Path) -> None:
    """Two adults and a child: food 1,068 is counted where 600 is stated."""
    text = CN_BYTES.decode()
    text = text.replace('"cn-consumption-2024"', f'"{IRS}"').replace('share = "1/2"', "")
    text = text.replace(
        'items = ["food", "clothing", "household", "education", "health"]', 'items = ["clothing"]'
    )
    text = text.replace('"cn-minimum-living-2023"', f'"{IRS}"')
    path = tmp_path / "us.toml"
    path.write_text(text, encoding="utf-8")
    dollar = Currency.of("USD")
    household = budget(currency=dollar, cash="0.00")
    household = type(household)(
        currency=dollar,
        incomes=(Income("pay", dollar.parse("6000.00"), Every.MONTH, Reliability.VERIFIED),),
        outgoings=(
            Outgoing("food", OutgoingKind.FOOD, dollar.parse("600.00"), Every.MONTH, True),
            Outgoing("health", OutgoingKind.HEALTH, dollar.parse("900.00"), Every.MONTH, True),
        ),
        cash=dollar.zero,
        payday=None,
    )

    found = assess(case(of_budget=household), load_pack(path).affordability.rules)

    assert found.floor == dollar.parse("1753.00")
    assert found.essentials == dollar.parse("1968.00")


def test_statement_has_a_place_for_every_kind_of_outgoing() -> None:
    statement = read_statement(shipped("uk-statement-fields"), "uk")

    kinds = [kind for group in statement.groups for kind in group.kinds]

    assert sorted(kinds) == sorted(OutgoingKind)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"497", "863"', '"863", "497"', "item food falls with the household size"),
        ('item = "food"', 'item = "total"', "item total stands twice"),
        ('basis = "household_size"', 'basis = "head"', "needs one amount"),
        ('amounts = ["497", "863", "1068", "1255"]', "", "item food needs amounts"),
        ('"497"', "497.0", "a binary fraction would not be exact"),
        ('"497"', '"-497"', "must not be below zero"),
        ('basis = "household_size"', "", "this field is missing"),
        ("published = 2025-04-21", "", "this field is missing"),
        ('kind = "food"', 'kind = "foot"', "“foot” is not known here: write one of food"),
        ('"497"', '"4,97"', "is no number"),
        ("living-costs@1", "living-costs@2", "written for a newer version of this program"),
        ("living-costs@1", "waterfall@1", "this is a waterfall file"),
    ],
)
def test_wrong_tables_are_refused_with_the_reason(old: str, new: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        read_costs(irs(lambda text: text.replace(old, new)), "table.toml")

    assert any(sentence in problem.sentence for problem in refusal.value.problems)


def test_everything_wrong_with_a_table_is_said_with_its_line_and_nothing_besides() -> None:
    text = irs(lambda text: text.replace('"497"', '"-497"').replace('"USD"', '"usd"'))

    with pytest.raises(InputRefused) as refusal:
        read_costs(text, "table.toml")

    lines = text.decode().splitlines()
    said = {problem.path: problem.line for problem in refusal.value.problems}
    assert said.keys() == {"currency", "rows.1.amounts.0"}
    assert lines[(said["currency"] or 0) - 1].startswith("currency")
    assert lines[(said["rows.1.amounts.0"] or 0) - 1].startswith('amounts = ["-497"')


@pytest.mark.parametrize("name", ['"cn-consumption-1999"', '"../cn-consumption-2024"'])
def test_a_pack_that_names_no_known_table_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "lender.toml"
    path.write_text(CN_BYTES.decode().replace('"cn-consumption-2024"', name, 1), encoding="utf-8")

    with pytest.raises(InputRefused) as refusal:
        load_pack(path)

    assert refusal.value.problems


@pytest.mark.parametrize("use", ["floors", "guides"])
def test_a_floor_or_guide_of_no_kind_of_outgoing_is_refused(use: str) -> None:
    named = '{ table = "cn-consumption-2024", items = ["food", "housing"] }'

    problem = refused(f"{LENDER}\n[affordability]\n{use} = [{named}]\n")["affordability"]

    assert "cn-consumption-2024/housing" in problem.sentence
    assert problem.line == len(LENDER.splitlines()) + 2


def test_a_minimum_is_one_item() -> None:
    own = (
        '[affordability]\nminimum = { table = "cn-consumption-2024", items = ["food", "clothing"] }'
    )

    problem = refused(f"{LENDER}\n{own}\n")["affordability.minimum.items"]

    assert problem.line == len(LENDER.splitlines()) + 3


def test_a_lenders_own_table_beside_its_pack_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "lender.toml"
    path.write_bytes(CN_BYTES)
    (tmp_path / "tables").mkdir()
    local = shipped("cn-minimum-living-2023").replace(b'"785.90"', b'"1450.00"')
    (tmp_path / "tables" / "cn-minimum-living-2023.toml").write_bytes(local)

    minimum = load_pack(path).affordability.rules.minimum

    assert minimum is not None
    assert minimum.a_month(Household(1, 0)) == 1450


def test_a_pack_takes_the_tables_it_does_not_name_from_the_pack_it_extends() -> None:
    text = LENDER.replace(
        "[authority.team_lead]",
        """[affordability]
minimum = { table = "us-national-standards-2025", items = ["total"] }

[authority.team_lead]""",
    )

    section = read(text).affordability

    assert section.minimum is not None
    assert section.tables == (IRS, "cn-consumption-2024")
    assert section.floors == CN.affordability.floors
    assert section.rules.guides == CN.affordability.rules.guides


@pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.pack)
def test_every_pack_that_ships_assesses_a_household(pack: PolicyPack) -> None:
    found = assess(case(), pack.affordability.rules)

    assert found.affordable.minor > 0
    assert (found.floor.minor > 0) is (pack.affordability.minimum is not None)
    assert pack.affordability.statement_fields is not None


def test_without_a_table_no_figure_is_counted() -> None:
    rules = next(pack for pack in every_pack() if pack.pack == "hk").affordability.rules

    assert rules.minimum is None
    assert rules.floors == rules.guides == ()
    assert not any(
        line.is_raised_to_floor or line.is_above_guide
        for line in assess(case(), rules).outgoing_lines
    )


def test_rules_without_their_tables_say_which_are_missing() -> None:
    bare = CN.affordability.with_tables({})

    with pytest.raises(InputRefused) as refusal:
        _ = bare.rules

    assert "cn-minimum-living-2023" in refusal.value.problems[0].sentence
