"""Checks every key of the registry of approvals, also of people who approved nothing.

Not here: the approvals that the keys signed (`approval.py`), and keys that a checkpoint covers
(`audit.py`), which are told even where nothing else contradicts what stands here now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plan_assistant.domain.approval import (
    ApprovalKey,
    IsSigned,
    KeyFault,
    KeyRegistry,
    approval_key_of,
    key_faults,
)
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.policy.findings import ROLES, Role
from plan_assistant.domain.stored import RecordRows, StoredRow


def registry_discrepancies(record: RecordRows, is_signed: IsSigned) -> Iterator[Discrepancy]:
    """Return every entry that is wrong by itself or beside the others."""
    rows = record.approval_keys()
    roles = {str(row["name"]): str(row["role"]) for row in record.people()}
    keys: list[ApprovalKey] = []
    for row in rows:
        try:
            keys.append(approval_key_of(row))
        except ValueError:
            yield _about(row["account"], row["number"], "key_unreadable")
    known = {name: Role(role) for name, role in roles.items() if role in ROLES}
    faults = [
        (fault, _about(key.account, key.number, f"key_{fault}", person=key.endorsed_by))
        for key, fault in key_faults(KeyRegistry(tuple(keys), known), is_signed)
    ]
    # What was changed comes first: an entry behind it, or of its key, may be wrong by that alone.
    yield from (found for fault, found in faults if fault is KeyFault.SIGNATURE_WRONG)
    yield from _misplaced(rows, roles)
    yield from (found for fault, found in faults if fault is not KeyFault.SIGNATURE_WRONG)


def _misplaced(rows: Sequence[StoredRow], roles: Mapping[str, str]) -> Iterator[Discrepancy]:
    newest: dict[str, int] = {}
    for row in rows:
        account, number = str(row["account"]), int(row["number"] or 0)
        expected = newest.get(account, 0) + 1
        if number != expected:
            yield _about(account, number, "key_number", expected=expected)
        if account not in roles:
            yield _about(account, number, "key_person", person=account)
        newest[account] = number


def _about(account: object, number: object, code: str, **detail: object) -> Discrepancy:
    said = {name: str(value) for name, value in detail.items()}
    return Discrepancy(code, "approval_key", f"{account} {number}", detail=said)
