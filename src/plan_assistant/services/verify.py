"""Checks an evidence file offline: its hashes, its approval, and every figure computed again."""

from __future__ import annotations

from collections.abc import Mapping

from plan_assistant.domain.errors import Problem
from plan_assistant.domain.evidence import check_evidence
from plan_assistant.domain.formats.agreement_file import recompute
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import ApprovalKeys, Calendars


def verify(evidence: object, calendars: Calendars, keys: ApprovalKeys) -> tuple[Problem, ...]:
    """Return everything that does not hold, in the order of the file; nothing when all holds.

    The signature under an approval is checked with the public key beside it: whether that key is
    the lead's own, the registry of the store or a copy of it says. Raises InputRefused when the
    agreement inside cannot be read or priced at all.
    """
    problems = check_evidence(evidence, keys.is_signed)
    agreement = evidence.get("agreement") if isinstance(evidence, Mapping) else None
    if not isinstance(agreement, Mapping):
        return problems
    differences = recompute(agreement, calendars.named, price)
    return (*problems, *(difference.problem for difference in differences))
