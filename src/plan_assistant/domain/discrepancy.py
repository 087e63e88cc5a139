"""What an audit finds: rows of the record that are not what was recorded.

Codes, with the details that their sentences name (`wording/audit.py`):

fact_hash · fact_type (found) · fact_body · fact_incomplete (missing) · fact_form (field) ·
fact_version (expected) · purged_early (ended, years, until) · purged_short (years, approved) ·
purged_end (found, expected) · purged_running · purged_ahead (day, sealed) ·
fact_opening · fact_person (person) · fact_unrequested · fact_role (found, known) ·
fact_may_not (role, act) ·
fact_differs (field, found, expected) · guard_missing · guard_surplus ·
row_differs (field, found, expected) · four_eyes (person) · export_differs (number) ·
follows_nothing (fingerprint) · follows_end (end) · signed_again · sent_again · decided_again ·
sealed_changed (checkpoint) · sealed_moved (checkpoint) · sealed_missing (checkpoint) ·
sealed_surplus (checkpoint) · stray · request_second (other) · person_changed (checkpoint) ·
person_missing (checkpoint) · seal_missing · seal_unreadable (reason) ·
seal_differs (field, found, expected) · seal_content · seal_signature ·
seal_key_unknown (key) · seal_foreign (key) · seal_list ·
seal_rows (first, last) · key_differs · key_unused · outside_missing (newest) ·
outside_differs (root, found, agrees) · start_missing · start_late (until, began) ·
start_beyond (until, newest) · key_destroyed · key_restored · key_elsewhere (master) · key_missing ·
key_unreadable · key_number (expected) · key_person (person) ·
key_gone (checkpoint) · key_changed (checkpoint) ·
key_signature_wrong (person) · key_giver_unknown (person) · key_giver_may_not (person) ·
key_circle (person)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plan_assistant.domain.events import Json
from plan_assistant.domain.stored import StoredEvent


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One row that does not hold, and what about it."""

    code: str
    table: str
    row: str
    """Its primary key; empty for a row that `sequence` names."""
    sequence: int | None = None
    """The fact it is, or stands beside."""
    case_id: str | None = None
    version: int | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Json]:
        """The same as plain JSON."""
        return {
            "code": self.code,
            "table": self.table,
            "row": self.row,
            "sequence": self.sequence,
            "case_id": self.case_id,
            "version": self.version,
            "detail": dict(self.detail),
        }


def about(event: StoredEvent, code: str, *, table: str = "event", **detail: object) -> Discrepancy:
    """Return what is wrong with an event, or with the row of another table beside it."""
    return Discrepancy(
        code,
        table,
        "",
        event.sequence,
        event.case_id,
        event.version,
        {name: str(value) for name, value in detail.items()},
    )
