"""Which pack decides a debt: one and only one, by jurisdiction, product and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId, Product
from plan_assistant.domain.errors import InputRefused
from tests.builders import TODAY, case, debt
from tests.domain.policy.lender import LENDER
from tests.wording.samples import negotiations


def case_in(country: str, product: Product = Product.CREDIT_CARD) -> Case:
    return replace(case(debt(product=product)), jurisdiction=country)


@pytest.mark.parametrize(
    ("country", "product", "name"),
    [
        ("CN", Product.CREDIT_CARD, "cn-card"),
        ("CN", Product.CONSUMER_LOAN, "cn-loan"),
        ("CN", Product.BUSINESS_LOAN, "cn-business"),
        ("CN", Product.OTHER, "cn-other"),
        ("HK", Product.CREDIT_CARD, "hk"),
        ("GB", Product.CONSUMER_LOAN, "uk"),
        ("US", Product.CREDIT_CARD, "us-card"),
        ("DE", Product.OTHER, "eu"),
        ("IE", Product.CREDIT_CARD, "eu"),
    ],
)
def test_a_debt_is_decided_by_the_pack_of_its_country_and_product(
    country: str, product: Product, name: str
) -> None:
    assert PackagedPolicies().for_case(case_in(country, product), TODAY).pack == name


def test_each_debt_of_a_case_is_decided_by_its_own_pack() -> None:
    both = case(debt(), debt(debt_id="D2", product=Product.CONSUMER_LOAN))

    packs = PackagedPolicies()

    assert packs.for_case(both, TODAY, DebtId("D1")).pack == "cn-card"
    assert packs.for_case(both, TODAY, DebtId("D2")).pack == "cn-loan"


def test_every_sample_finds_a_pack() -> None:
    packs = PackagedPolicies()

    assert len(negotiations()) == 18
    for state in negotiations():
        for one in state.case.negotiated:
            assert packs.for_case(state.case, state.today, one.debt_id).pack.startswith("cn-")


@pytest.mark.parametrize(
    ("country", "product"), [("JP", Product.CREDIT_CARD), ("US", Product.CONSUMER_LOAN)]
)
def test_where_none_fits_the_known_ones_are_named(country: str, product: Product) -> None:
    with pytest.raises(InputRefused) as caught:
        PackagedPolicies().for_case(case_in(country, product), TODAY)

    sentence = caught.value.problems[0].sentence
    assert f"{country} {product.value} on 2026-11-20" in sentence
    assert "--policy" in sentence
    assert all(name in sentence for name in ("cn-card", "generic", "uk"))


def test_a_pack_that_is_named_decides_whatever_the_debt() -> None:
    assert PackagedPolicies("generic").for_case(case_in("JP"), TODAY).pack == "generic"


@pytest.mark.parametrize("name", ["cn-cards", "no/such.toml", "bad.toml"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(InputRefused):
        PackagedPolicies(name)


def write(folder: Path, name: str, *more: str, extends: str = "cn-card") -> None:
    text = LENDER.replace("my-bank", name).replace("cn-card", extends)
    folder.joinpath(f"{name}.toml").write_text(
        text.replace('version = "1"', "\n".join(['version = "1"', *more])), encoding="utf-8"
    )


def test_a_lenders_pack_stands_in_for_the_one_it_extends(tmp_path: Path) -> None:
    write(tmp_path, "my-bank")
    packs = PackagedPolicies(folder=tmp_path)

    assert packs.for_case(case_in("CN"), TODAY).pack == "my-bank"
    assert packs.for_case(case_in("CN", Product.CONSUMER_LOAN), TODAY).pack == "cn-loan"
    assert packs.named("my-bank").pack == "my-bank"
    assert "my-bank" in {pack.pack for pack in packs.all}


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2026, 12, 31), "cn-card"),
        (date(2027, 1, 1), "my-bank"),
        (date(2027, 6, 30), "my-bank"),
        (date(2027, 7, 1), "cn-card"),
    ],
)
def test_a_pack_is_chosen_on_its_days(tmp_path: Path, on: date, name: str) -> None:
    write(tmp_path, "my-bank", "effective_from = 2027-01-01", "effective_to = 2027-06-30")

    assert PackagedPolicies(folder=tmp_path).for_case(case_in("CN"), on).pack == name


def test_two_packs_that_both_fit_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "my-bank")
    write(tmp_path, "other-bank")

    with pytest.raises(InputRefused) as caught:
        PackagedPolicies(folder=tmp_path).for_case(case_in("CN"), TODAY)

    assert "my-bank and other-bank both fit" in caught.value.problems[0].sentence


def test_one_that_follows_the_other_is_none(tmp_path: Path) -> None:
    write(tmp_path, "my-bank", "effective_to = 2026-12-31")
    write(tmp_path, "my-bank-2027", "effective_from = 2027-01-01")
    packs = PackagedPolicies(folder=tmp_path)

    assert packs.for_case(case_in("CN"), date(2026, 12, 31)).pack == "my-bank"
    assert packs.for_case(case_in("CN"), date(2027, 1, 1)).pack == "my-bank-2027"


def test_a_pack_may_name_one_to_fall_back_on(tmp_path: Path) -> None:
    write(tmp_path, "my-bank-us", 'fallback = "generic"', extends="us-card")
    packs = PackagedPolicies(folder=tmp_path)

    assert packs.for_case(case_in("US", Product.CONSUMER_LOAN), TODAY).pack == "generic"
    assert packs.for_case(case_in("US"), TODAY).pack == "my-bank-us"


def test_a_broken_pack_of_the_folder_is_refused_rather_than_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "my-bank", "magic = 1")

    with pytest.raises(InputRefused) as caught:
        PackagedPolicies(folder=tmp_path).for_case(case_in("CN"), TODAY)

    assert caught.value.source == "my-bank.toml"


def test_a_file_of_the_folder_is_called_as_its_pack(tmp_path: Path) -> None:
    write(tmp_path, "my-bank")
    tmp_path.joinpath("my-bank.toml").rename(tmp_path / "cards.toml")

    with pytest.raises(InputRefused) as caught:
        PackagedPolicies(folder=tmp_path).for_case(case_in("CN"), TODAY)

    assert "my-bank.toml" in caught.value.problems[0].sentence


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        PackagedPolicies(folder=tmp_path / "none").for_case(case_in("CN"), TODAY)
