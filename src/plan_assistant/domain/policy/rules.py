"""The rules of a pack put to a proposal: each test answers with a finding, or with nothing.

A pack names a test and gives it limits. Not here: what a test asks (`terms_tests.py`,
`plan_tests.py`), and how findings are worded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy.findings import (
    Finding,
)
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS
from plan_assistant.domain.policy.proposal import PricedProposal, Proposal
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS

PARAMETERS: dict[str, tuple[str, ...]] = {
    "longest_term": ("months",),
    "extension_cumulative_short": ("original_term_months_max",),
    "extension_cumulative_long": (
        "original_term_months_min",
        "consumer_loan_months",
        "business_loan_months",
    ),
    "restructured_asset": ("observation_months", "observation_periods"),
    "restructured_before": ("window_months", "margin_days"),
    "smallest_installment": ("minor_units",),
    "stale_figures": ("days",),
    "annualized_cost_alarm": ("rate",),
}
"""What a rule must give its test; a test not listed here needs nothing."""
_RATES = frozenset({"rate"})


def require_known_tests(pack: PolicyPack) -> None:
    """Refuse a pack that asks what nobody can answer; a rule is never skipped in silence."""
    problems = [problem for rule in pack.rules for problem in _problems_of(rule)]
    if problems:
        raise InputRefused(f"policy {pack.pack}", problems)


def _problems_of(rule: Rule) -> Iterator[Problem]:
    if rule.test not in TERMS_TESTS and rule.test not in PLAN_TESTS:
        known = ", ".join(sorted({*TERMS_TESTS, *PLAN_TESTS}))
        yield Problem(f"rules.{rule.id}.test", f"there is no test {rule.test!r}; known are {known}")
        return
    needed = PARAMETERS.get(rule.test, ())
    for name in sorted(set(needed) ^ set(rule.parameters)):
        sentence = "is missing" if name in needed else f"is not a parameter of {rule.test}"
        yield Problem(f"rules.{rule.id}.parameters.{name}", sentence)
    for name in set(needed) & set(rule.parameters):
        value, place = rule.parameters[name], f"rules.{rule.id}.parameters.{name}"
        if name in _RATES:
            try:
                is_share = 0 < Fraction(str(value)) <= 1
            except ValueError:
                is_share = False
            if not is_share:
                yield Problem(place, 'must be a rate from 0 to 1, written as text such as "0.24"')
        elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
            yield Problem(place, "must be a whole number from 1 on")


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
