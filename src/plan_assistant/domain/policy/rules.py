"""The rules of a pack put to a proposal: each test answers with a finding, or with nothing.

A pack names a test and gives it limits. Not here: what a test asks (`terms_tests.py`,
`plan_tests.py`), what it takes (`parameters.py`), and how findings are worded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from plan_assistant.domain.policy.findings import Finding
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS, VERDICT_ALLOWED
from plan_assistant.domain.policy.proposal import PricedProposal, Proposal
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.verdict import Judgement

OF_THE_SUM: Final = frozenset({VERDICT_ALLOWED})
"""Tests of how a payment sits with the household: where several debts share one payment, they ask
about the sum, never about one part of it."""


def check_terms(proposal: Proposal, pack: PolicyPack, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Ask the rules that need only the terms, before anything is priced."""
    found = (
        TERMS_TESTS[rule.test](rule, proposal, pack) for rule in rules if rule.test in TERMS_TESTS
    )
    return tuple(finding for finding in found if finding is not None)


def check_plan(
    priced: PricedProposal, pack: PolicyPack, rules: Sequence[Rule]
) -> tuple[Finding, ...]:
    """Ask the rules that need the exact schedule."""
    found = (PLAN_TESTS[rule.test](rule, priced, pack) for rule in rules if rule.test in PLAN_TESTS)
    return tuple(finding for finding in found if finding is not None)


def check_part(
    priced: PricedProposal, together: Judgement, pack: PolicyPack, rules: Sequence[Rule]
) -> tuple[Finding, ...]:
    """Ask the same of one part of a joint plan; `together` is how the sum of all parts is judged.

    Whatever does not ask about the household asks about this part alone.
    """
    of_sum = replace(priced, judgement=together)
    found = (
        check_plan(of_sum if rule.test in OF_THE_SUM else priced, pack, (rule,)) for rule in rules
    )
    return tuple(finding for findings in found for finding in findings)
