"""Rules that no plan can break: what must be said to the borrower or kept on record with a plan.

A duty always answers, or answers where the case has what it is about. Not here: rules with a limit
that a plan can pass (`terms_tests.py`, `plan_tests.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from plan_assistant.domain.case import Hardship
from plan_assistant.domain.policy.findings import Count, Finding, Share
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import PricedProposal, finding_of

_SENSITIVE = frozenset({Hardship.ILLNESS, Hardship.BEREAVEMENT, Hardship.ACCIDENT_DISASTER})


def _always(rule: Rule, _ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    return finding_of(rule)


def _debts_order(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    debts = len(ask.proposal.case.negotiated)
    return None if debts == 1 else finding_of(rule, None, Count(debts))


def _waiver_final(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    waived = ask.proposal.waived.total
    return finding_of(rule, None, waived) if waived else None


def _report_years(rule: Rule, _ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    return finding_of(rule, Count(rule.whole("years")))


def _penalty_rate(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    contract = ask.proposal.debt.annual_rate
    return finding_of(rule, Share(contract * (1 + rule.exact("uplift"))), Share(contract))


def _sensitive(rule: Rule, ask: PricedProposal, _pack: PolicyPack) -> Finding | None:
    codes = {reason.code for reason in ask.proposal.case.hardships}
    return finding_of(rule) if codes & _SENSITIVE else None


DUTIES: dict[str, Callable[[Rule, PricedProposal, PolicyPack], Finding | None]] = {
    "agreement_contents": _always,
    "allocation_order": _always,
    "annual_rate_stated": _always,
    "collection_stops": _always,
    "cost_called_interest": _always,
    "cost_statement": _always,
    "credit_file_notice": _always,
    "credit_report_consent": _always,
    "credit_report_notice": _always,
    "credit_report_years": _report_years,
    "date_convention": _always,
    "debt_advice": _always,
    "debts_order": _debts_order,
    "forbearance_considered": _always,
    "free_choice": _always,
    "human_decides": _always,
    "interest_on_fees": _always,
    "no_limitation_waiver": _always,
    "no_new_card": _always,
    "no_upfront_interest": _always,
    "observation_restarts": _always,
    "penalty_rate_ceiling": _penalty_rate,
    "recording_kept": _always,
    "sensitive_hardship": _sensitive,
    "signature_reliable": _always,
    "waiver_final": _waiver_final,
    "written_contract": _always,
}
