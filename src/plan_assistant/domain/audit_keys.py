"""Compares the keys of cases and the start of signatures with what all facts say of them.

Not here: the facts themselves (`audit_facts.py`), the keys of approvals (`audit_registry.py`) and
keys that seal (`audit.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from plan_assistant.domain.audit_facts import FactChecks
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.stored import RecordRows


def key_discrepancies(record: RecordRows, facts: FactChecks) -> Iterator[Discrepancy]:
    """Return every such row that contradicts the facts, which were all checked before."""
    # A generator, so that nothing is compared before the last fact was seen.
    yield from _approval_start(record, facts)
    yield from _case_keys(record, facts)


def _approval_start(record: RecordRows, facts: FactChecks) -> Iterator[Discrepancy]:
    """Compare the row that excuses unsigned approvals."""
    row = record.approval_start()
    if row is None:
        yield Discrepancy("start_missing", "approval_start", "1")
        return
    until, began = int(row["unsigned_until"] or 0), facts.signing_began
    code, detail = "", {"until": str(until)}
    if began is not None and until >= began:
        code, detail["began"] = "start_late", str(began)
    elif until > facts.newest:
        code, detail["newest"] = "start_beyond", str(facts.newest)
    if code:
        yield Discrepancy(code, "approval_start", str(row["one"]), detail=detail)


def _case_keys(record: RecordRows, facts: FactChecks) -> Iterator[Discrepancy]:
    masters = record.master_keys()
    without_row = set(facts.sealed)
    for row in record.case_keys():
        case_id, master = str(row["case_id"]), row["master_key_id"]
        without_row.discard(case_id)
        code, detail = "", {}
        if master is None and case_id not in facts.purged:
            code = "key_destroyed"
        elif master is not None and case_id in facts.purged:
            code = "key_restored"
        elif master is not None and master not in masters:
            code, detail = "key_elsewhere", {"master": str(master)}
        if code:
            yield Discrepancy(code, "case_key", str(row["key_id"]), None, case_id, None, detail)
    for case_id in sorted(without_row):
        yield Discrepancy("key_missing", "case_key", "", None, case_id)
