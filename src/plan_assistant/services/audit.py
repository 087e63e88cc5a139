"""Verifies the whole record, and exports it for those who verify it without this program.

Not here: what is checked (`domain/audit.py`), and how a row becomes a line (`record_lines.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plan_assistant.domain.audit import IsSigned, Report, audit
from plan_assistant.domain.errors import InputRefused, Problem, TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.seal import Witness
from plan_assistant.ports import Archive, Files
from plan_assistant.services.record_lines import OddRow, record_files, written


def verify_record(
    archive: Archive,
    *,
    is_signed: IsSigned,
    trusted_keys: Collection[str] = (),
    outside: Sequence[Witness] = (),
) -> Report:
    """Return everything in the record that is not what was recorded.

    `trusted_keys` are ids of public keys and `outside` checkpoints that were kept elsewhere.
    """
    with archive.rows() as rows:
        return audit(rows, is_signed=is_signed, trusted_keys=trusted_keys, outside=outside)


@dataclass(frozen=True, slots=True)
class RecordExport:
    """What an export wrote."""

    paths: tuple[Path, ...]
    odd: tuple[OddRow, ...]
    """The rows that stand there in another form, which every verifier names."""


def export_record(
    archive: Archive, folder: Path, *, by: Account, files: Files, verifiers: Mapping[str, bytes]
) -> RecordExport:
    """Write the whole record as it stands now into an empty folder; return what was written.

    One line of JSON for each fact, person, public key and checkpoint, and `verifiers` that check
    them with Python alone, by the names of their files. A row that no such line can say stands
    there with its numbers as text and why: evidence is most wanted where somebody spoiled a row.
    Raises TransitionRefused for all but auditors, InputRefused for a folder that holds something.
    """
    if by.role is not Role.AUDITOR:
        raise TransitionRefused("only_auditors_export", role=by.role.value)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputRefused(
            str(folder), [Problem("", "is not an empty folder: name a new one for the record")]
        )
    with archive.rows() as rows:
        odd: list[OddRow] = []
        told = [
            files.write_lines(folder, name, written(name, lines, odd))
            for name, lines in record_files(rows).items()
        ]
    programs = (files.write(folder, name, program) for name, program in verifiers.items())
    return RecordExport((*told, *programs), tuple(odd))
