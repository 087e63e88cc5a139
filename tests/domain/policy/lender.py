"""A lender's own pack for tests, and what reading it or a variant of it says."""

from __future__ import annotations

import pytest

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.reading import read_pack
from tests.packs import shipped_bytes, shipped_table

LENDER = """\
# A lender's own pack.
format = "plan-assistant/policy@1"
pack = "my-bank"
extends = "cn-card"
version = "1"
title = { en = "My bank", zh = "我行" }

[space]
max_periods = 48

[authority.team_lead]
longest_term_months = 48

[[rules]]
id = "MY-1"
test = "longest_term"
effect = "block"
parameters = { months = 48 }
citation = "Credit committee, 12 March 2026"
confidence = "design"
title = { en = "Four years", zh = "四年" }
"""
_LINES = LENDER.splitlines()


def line_of(text: str) -> int:
    """Return the line of the lender's pack that begins with a text."""
    return next(number for number, line in enumerate(_LINES, 1) if line.startswith(text))


def rule_of_cn(rule_id: str) -> str:
    """Return a rule as the file of the Chinese rules writes it."""
    text = (shipped_bytes("cn") or b"").decode()
    return next(
        f"\n[[rules]]\n{block}"
        for block in text.split("[[rules]]\n")[1:]
        if block.startswith(f'id = "{rule_id}"\n')
    )


def read(text: str) -> PolicyPack:
    return read_pack(text.encode(), "my-bank.toml", shipped_bytes, shipped_table)


def refused(text: str) -> dict[str, Problem]:
    with pytest.raises(InputRefused) as caught:
        read(text)
    assert caught.value.source == "my-bank.toml"
    return {problem.path: problem for problem in caught.value.problems}
