"""A pack takes the law with its source: only a limit of its own has a source of its own."""

from __future__ import annotations

import pytest

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.policy.pack import PolicyPack
from tests.domain.policy.lender import read, refused, rule_of_cn

_HEAD = """\
format = "plan-assistant/policy@1"
pack = "my-bank"
extends = "cn-loan"
version = "1"
title = { en = "My bank", zh = "我行" }
"""
LOAN_02 = rule_of_cn("CN-LOAN-02")
"""A rule of law as the extended pack has it; its limit, and nothing else, may be loosened."""
CARD_02 = rule_of_cn("CN-CARD-02")
_OWN_LIMIT = LOAN_02.replace("consumer_loan_months = 60", "consumer_loan_months = 48")


def _line(text: str, field: str) -> int:
    """Return the last line of a text that begins with a field."""
    return max(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(field))


def test_the_same_rule_written_again_is_no_change() -> None:
    assert _rule(read(_HEAD + LOAN_02)) == _rule(shipped_pack("cn-loan"))


def _rule(pack: PolicyPack) -> object:
    return next(rule for rule in pack.rules if rule.id == "CN-LOAN-02")


@pytest.mark.parametrize("confidence", ["verified", "design"])
@pytest.mark.parametrize(
    "rule", [LOAN_02, _OWN_LIMIT], ids=["the same limit", "a limit of its own"]
)
def test_a_lender_cannot_confirm_a_rule_in_place_of_counsel(rule: str, confidence: str) -> None:
    text = _HEAD + rule.replace('"secondary"', f'"{confidence}"')

    problems = refused(text)

    assert problems.keys() == {"rules.CN-LOAN-02.confidence"}
    problem = problems["rules.CN-LOAN-02.confidence"]
    assert f"there it is secondary, here {confidence}" in problem.sentence
    assert problem.line == _line(text, "confidence")


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("citation", "个人贷款管理暂行办法 2010; ", "our lawyer said so; "),
        ("effective_from", "2010-02-12", "2009-01-01"),
        ("title", "一年以上个人贷款累计展期", "可以突破"),
    ],
)
def test_who_keeps_the_limit_of_a_law_keeps_its_source(field: str, old: str, new: str) -> None:
    text = _HEAD + LOAN_02.replace(old, new)

    problems = refused(text)

    assert problems.keys() == {f"rules.CN-LOAN-02.{field}"}
    problem = problems[f"rules.CN-LOAN-02.{field}"]
    assert "a pack that extends cn-loan and keeps the limit keeps this, too" in problem.sentence
    assert problem.line == _line(text, field)


def test_a_law_is_no_design_while_its_limit_stays() -> None:
    text = CARD_02.replace('"verified"', '"design"')

    assert refused(_HEAD + text).keys() == {"rules.CN-CARD-02.confidence"}
    assert read(_HEAD + text.replace("months = 60", "months = 48")).rules


def test_a_limit_of_its_own_has_a_source_of_its_own() -> None:
    own = _OWN_LIMIT.replace(
        "个人贷款管理暂行办法 2010", "Credit committee, 12 March 2026"
    ).replace("effective_from = 2010-02-12\n", "")

    pack = read(_HEAD + own)

    assert "Credit committee" in next(
        rule.citation for rule in pack.rules if rule.id == "CN-LOAN-02"
    )
    assert all(rule.needs_counsel for rule in pack.rules if rule.id == "CN-LOAN-02")


def test_a_source_that_is_less_sure_may_be_said_so() -> None:
    assert read(_HEAD + LOAN_02.replace('"secondary"', '"memory"')).rules
