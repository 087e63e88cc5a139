"""What `doctor` finds: the state of the program and its store, as data.

Codes, with the details their sentences name (`wording/health.py`, `wording/walls.py`):

versions (each package) · sqlite (version, mode) · sqlite_old (version, mode) · no_store (place) ·
store_gone (place, path) · second_name (path, place) · half_made (path) ·
store_unreadable (place, reason) · store (place, revision, facts, mode) ·
store_unsound (place, reason) · foreign_keys (table) · guards_missing (names) · guards (count) ·
mode (path, mode) · modes (path) · folder_mode (path, mode) · disk (free, path) ·
disk_low (free, least, path) · clock (now) · clock_behind (now, newest) ·
clock_implausible (now) · clock_jumped (seconds) · clock_went_back (count, first) ·
moment_unreadable (place) · fonts · fonts_missing (characters) · seals_none (facts) ·
seals (number, at, unsealed) · seal_key_mode (path, mode) · acts_wait (count) ·
acts_refused (count) · journal_damaged (count) · journal_unusable (reason) ·
database (place, version, revision, facts) · database_old (version) · walls (count) ·
row_security_off (table, sql) · policy_missing (name, table, sql) ·
policy_changed (name, table, sql) · policy_added (name, table, sql) ·
trigger_missing (name, table, sql) · trigger_off (name, table, sql) ·
trigger_changed (name, table, sql) · trigger_added (name, table, sql) ·
triggers_asleep (names) · foreign_keys_off (table, sql) · rule_added (name, table, sql) ·
constraint_missing (name, table, sql) · constraint_changed (name, table, sql) ·
constraint_added (name, table, sql) · function_missing (name) · function_changed (name) ·
function_added (name) · relation_missing (name) · relation_added (name) ·
owner_changed (name, owner, sql) · right_added (who, name, rights, sql) ·
right_missing (who, name, rights, sql) · login (login) · login_superuser (login) ·
login_passes_row_security (login) · login_owner (login) · login_creates_roles (login) ·
login_no_account (login) · login_several_groups (login) · login_group_differs (login) ·
above_walls (names)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from plan_assistant.domain.events import Json


class State(StrEnum):
    """How a check ended."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing; nothing has to be done at once."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer of the doctor."""

    code: str
    state: State
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Json]:
        """The same as plain JSON."""
        return {"code": self.code, "state": self.state.value, "detail": dict(self.detail)}


def fine(code: str, **detail: object) -> Check:
    """Return an answer that needs nothing."""
    return _check(code, State.FINE, detail)


def note(code: str, **detail: object) -> Check:
    """Return an answer worth knowing."""
    return _check(code, State.NOTE, detail)


def wrong(code: str, **detail: object) -> Check:
    """Return an answer that asks for something to be done."""
    return _check(code, State.WRONG, detail)


def _check(code: str, state: State, detail: Mapping[str, object]) -> Check:
    return Check(code, state, {name: str(value) for name, value in detail.items()})
