"""Policy packs: what ships is complete and cited; what is wrong is refused with every reason."""

from __future__ import annotations

import hashlib
import json

import pytest

from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.parameters import known_tests
from plan_assistant.domain.policy.reading import read_pack
from tests.builders import TODAY
from tests.packs import CN, shipped_bytes, shipped_table

CN_TEXT = (shipped_bytes("cn") or b"").decode()
GENERIC = (shipped_bytes("generic") or b"").decode()


def test_every_rule_names_a_source_and_a_test_that_exists() -> None:
    assert all(rule.citation for rule in CN.rules)
    assert {rule.test for rule in CN.rules} <= known_tests()


def test_law_that_was_not_read_asks_for_counsel() -> None:
    asking = {rule.id for rule in CN.rules if rule.needs_counsel}

    assert {"CN-LOAN-01", "CN-RATE-01", "CN-CLASS-06"} <= asking
    assert not asking & {rule.id for rule in CN.rules if rule.confidence is Confidence.VERIFIED}


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (60, Component.COST),
        (90, Component.COST),
        (91, Component.PRINCIPAL),
        (95, Component.PRINCIPAL),
    ],
)
def test_card_payments_settle_principal_first_from_day_91(days: int, first: Component) -> None:
    assert CN.allocation_order(Product.CREDIT_CARD, days).order[0] is first


def test_loan_payments_keep_the_order_of_the_civil_code() -> None:
    assert CN.allocation_order(Product.CONSUMER_LOAN, 200).order[-1] is Component.PRINCIPAL


def test_rules_bind_by_product_and_day() -> None:
    card = {rule.id for rule in CN.rules_for(Product.CREDIT_CARD, TODAY)}
    loan = {rule.id for rule in CN.rules_for(Product.CONSUMER_LOAN, TODAY)}

    assert "CN-CARD-02" in card - loan
    assert "CN-LOAN-06" in loan - card
    assert "CN-DISC-02" not in {
        rule.id for rule in CN.rules_for(Product.CREDIT_CARD, TODAY.replace(year=2025))
    }


def test_same_bytes_have_the_same_fingerprint() -> None:
    same = read_pack(CN_TEXT.encode(), "cn.toml", shipped_bytes, shipped_table)
    other = read_pack(CN_TEXT.encode() + b"\n", "cn.toml", shipped_bytes, shipped_table)

    assert same.sha256 == CN.sha256
    assert other.sha256 != CN.sha256


def test_fingerprint_covers_the_packs_in_order_and_then_the_tables() -> None:
    files = [shipped_bytes("generic"), shipped_bytes("cn")]
    files += [shipped_table(name) for name in CN.affordability.files]

    assert CN.sha256 == hashlib.sha256(b"".join(file or b"" for file in files)).hexdigest()


def test_another_table_of_the_same_name_is_another_fingerprint() -> None:
    def other(name: str) -> bytes | None:
        return (shipped_table(name) or b"") + b"\n"

    read = read_pack(CN_TEXT.encode(), "cn.toml", shipped_bytes, other)

    assert read.sha256 != CN.sha256


def refused(text: str) -> str:
    with pytest.raises(InputRefused) as caught:
        read_pack(text.encode(), "lender.toml", shipped_bytes)
    return json.dumps([str(problem) for problem in caught.value.problems])


def test_all_problems_of_a_pack_come_at_once() -> None:
    text = CN_TEXT.replace("default_due_day = 15", "default_due_day = 31\nmagic = 1")
    text = text.replace('buffer_share = "0.10"', "buffer_share = 0.1")

    problems = refused(text)

    assert "default_due_day" in problems
    assert "magic" in problems
    assert "buffer_share" in problems


def test_rule_that_asks_what_nobody_can_answer_is_refused() -> None:
    assert "moon_phase" in refused(GENERIC.replace('test = "rate_cut"', 'test = "moon_phase"'))


def test_rule_id_that_stands_twice_is_refused() -> None:
    assert "CN-CARD-02" in refused(CN_TEXT.replace('id = "CN-CARD-04"', 'id = "CN-CARD-02"'))


def test_broken_file_is_refused_with_its_line() -> None:
    assert "line" in refused("format = \n")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('shocks = ["0.10", "0.20", "0.30"]', "shocks = []", "shocks"),
        ('shocks = ["0.10", "0.20", "0.30"]', 'shocks = ["0.30", "0.10"]', "shocks"),
        ("{ months = 60 }", "{ monthz = 60 }", "monthz"),
        ("{ months = 60 }", "{ months = 0 }", "CN-CARD-02.parameters.months"),
        ('buffer_share = "0.10"', 'buffer_share = "1.10"', "buffer_share"),
        ('buffer_cap = "300"', 'buffer_cap = "-300"', "buffer_cap"),
        ('platform = "0.70"', 'platform = "2.00"', "platform"),
        ('one_off = "0"\n', "", "one_off"),
        ("min_periods = 2", "min_periods = 200", "min_periods"),
        ('rate = "0.24"', 'rate = "24"', "CN-RATE-01.parameters.rate"),
        ("longest_term_months = 120", "longest_term_months = 12", "longest_term_months"),
        ('dsr_comfortable = "0.50"', 'dsr_comfortable = "0.60"', "dsr_comfortable"),
        ("limitation_years = 3", "limitation_years = -3", "limitation_years"),
        ('"business_loan", "other"]\norder', '"other"]\norder', "business_loan"),
        ('"fee", "principal"]\nrule = "CN-CIV-01"', '"fee"]\nrule = "CN-CIV-01"', "CN-CIV-01"),
    ],
)
def test_pack_that_does_not_hold_together_is_refused(old: str, new: str, named: str) -> None:
    text = CN_TEXT
    assert old in text

    assert named in refused(text.replace(old, new))
