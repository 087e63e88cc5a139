"""The packs that ship: every reference rule has its place, every space is searchable."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from plan_assistant.domain.debt import Debt, Product
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.wording import script
from tests.builders import TODAY, case, components, debt
from tests.domain.offers.spaces import space_with
from tests.packs import every_pack

_ROOT = Path(__file__).parents[3]
_IDS = (Path(__file__).parent / "reference_rule_ids.txt").read_text(encoding="utf-8").split()
_LARGEST_SPACE = 150_000
PACKS = pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.pack)


def _left_out() -> set[str]:
    page = (_ROOT / "docs" / "reference" / "rules-left-out.md").read_text(encoding="utf-8")
    listed = page.split("## Where a rule is in a pack")[0].replace(",", " ").split()
    return {word for word in listed if word in _IDS}


def test_every_rule_of_the_reference_list_is_in_a_pack_or_left_out_for_a_reason() -> None:
    held = {rule.id for pack in every_pack() for rule in pack.rules}

    def is_held(rule_id: str) -> bool:
        return rule_id in held or any(one.startswith(f"{rule_id}-") for one in held)

    assert len(_IDS) == 133
    assert {rule_id for rule_id in _IDS if not is_held(rule_id)} == _left_out()


@PACKS
def test_everything_that_must_be_said_is_in_the_read_back(pack: PolicyPack) -> None:
    asked = {rule.test for rule in pack.rules if rule.effect is Effect.DISCLOSE}

    assert asked <= script.spoken_tests()


@PACKS
def test_no_pack_calls_a_plan_illegal(pack: PolicyPack) -> None:
    for rule in pack.rules:
        said = f"{rule.title['en']} {rule.title['zh']}".lower()
        assert not any(word in said for word in ("illegal", "unlawful", "违法", "非法"))


@PACKS
def test_every_rule_says_its_source_and_who_may_allow_it(pack: PolicyPack) -> None:
    for rule in pack.rules:
        assert rule.citation
        assert (rule.may_allow is None) is (rule.effect is not Effect.APPROVAL)
        assert rule.needs_counsel is (rule.confidence in {Confidence.SECONDARY, Confidence.MEMORY})


@PACKS
def test_a_rule_of_law_that_the_reference_list_does_not_hold_asks_for_counsel(
    pack: PolicyPack,
) -> None:
    for rule in pack.rules:
        is_listed = any(rule.id == one or rule.id.startswith(f"{one}-") for one in _IDS)

        assert is_listed or rule.id.startswith("DES-") or rule.needs_counsel


@PACKS
def test_no_pack_extends_a_loan_that_has_matured(pack: PolicyPack) -> None:
    if Family.EXTENSION not in pack.space.families:
        return
    for product in set(pack.products) - {Product.CREDIT_CARD}:  # a card does not mature
        asked = {rule.test: rule.effect for rule in pack.rules_for(product, TODAY)}

        assert asked["extension_before_maturity"] is Effect.BLOCK
        assert asked["overdue_rescheduled"] is Effect.DISCLOSE


def _ordinary(product: Product) -> Debt:
    """Return a debt on which every lever but the rhythm of pay has something to work."""
    is_card = product is Product.CREDIT_CARD
    return debt(
        product=product,
        owed=components(penalty="600.00"),
        rate="0.18" if is_card else "0.128",
        maturity=None if is_card else TODAY + timedelta(days=500),
        original_term_months=None if is_card else 36,
    )


@PACKS
def test_an_ordinary_debt_leaves_a_space_that_is_searched_in_a_moment(pack: PolicyPack) -> None:
    if pack.pack == "cn":
        return  # the base of the Chinese packs is wider than each of them and decides no debt
    for product in pack.products:
        search = Search(space_with(case(_ordinary(product)), pack=pack))

        assert search.certificate.candidates <= _LARGEST_SPACE


@PACKS
def test_who_may_grant_more_is_the_lead(pack: PolicyPack) -> None:
    mine, lead = pack.authority[Role.COLLECTOR], pack.authority[Role.TEAM_LEAD]

    assert lead.longest_term_months >= mine.longest_term_months
    assert lead.longest_term_months <= pack.space.max_periods
    assert not mine.largest_waiver  # DES-03: any waiver goes to the team lead
    assert mine.lowest_rate_share == 1


def test_the_longest_plans_of_a_card_are_not_the_collectors_to_give() -> None:
    card = next(pack for pack in every_pack() if pack.pack == "cn-card")

    assert card.authority[Role.COLLECTOR].longest_term_months < card.space.max_periods


def test_rules_bind_from_their_day() -> None:
    eu = next(pack for pack in every_pack() if pack.pack == "eu")

    def bound(on: date) -> set[str]:
        return {rule.id for rule in eu.rules_for(Product.CONSUMER_LOAN, on)}

    assert "EU-01" not in bound(date(2026, 11, 19))
    assert "EU-01" in bound(date(2026, 11, 20))
    assert "EU-03" in bound(date(2026, 11, 19))
