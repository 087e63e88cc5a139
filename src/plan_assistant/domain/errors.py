"""Exceptions of the product: something meaningless was asked, or something outside failed.

PlanAssistantError
 |- InvalidTerms            the terms cannot describe a plan
 |- MixedCurrencies         two currencies met in one sum
 |- InputRefused            a file or command line holds problems; carries all of them
 |- TransitionRefused       a case cannot move to that state, or that person may not move it
 |   `- PolicyTightened     the pack of today forbids a plan that waits, or asks more
 |- CalendarUnknown         a date outside what the holiday calendar covers was asked for
 `- StoreFailure            raised by adapters; says what to do next
     |- StoreLocked         another process holds the store for too long
     |- StoreReadOnly       the store's file or folder refuses writing
     |- StoreFull           no room left on the device
     |- StoreNewer          written by a newer version of the program
     |- StoreNotReady       a database without our tables, or with those of an older version
     |- StoreClosedToYou    the database does not know that login, or lets it do nothing
     |- StoreDamaged        not a store, or a broken one
     |   `- CaseUnreadable   a fact of one case cannot be read; the other cases can
     |- StoreOutOfReach     folder missing, or the system does not let us in
     |- FileNotWritten      an exported document could not be written
     |   `- RecordedNotWritten  the record says that it was
     |- PlanNotSent         a plan is kept on this machine, no lead has it
     |- NotKept             neither the store nor the journal of this machine took an act
     |- MasterKeyMissing    the key that opens the personal fields of the store is not here
     |- MasterKeyUnusable   a place of master keys holds something else, or others may read it
     |- CaseNotFound
     |- StaleCase           somebody changed the case in between
     `- KeyReused           the same idempotency key came with another content

A rule's "no" is not an exception: it is a `Finding` (see `domain/policy/findings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_assistant.domain.offers.closed_levers import ClosedLever
    from plan_assistant.domain.policy.findings import Finding


class PlanAssistantError(Exception):
    """Anything this product raises on purpose."""


class InvalidTerms(PlanAssistantError):
    """The terms cannot describe a plan.

    `field` names the field of the terms, `value` what was given, `reason` completes the sentence.
    """

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"{field} = {value}: {reason}")
        self.field = field
        self.value = value
        self.reason = reason


class MixedCurrencies(PlanAssistantError):
    """Two currencies met in one sum or comparison."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be added or compared")
        self.left = left
        self.right = right


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where it is, and a sentence that names the way out."""

    path: str
    """Path of the field, for example `debts[0].components.principal`; empty for the whole file."""
    sentence: str
    line: int | None = None
    """The line of the file, where it is known; the first is 1."""

    def __str__(self) -> str:
        line = "" if self.line is None else f"line {self.line}: "
        return f"{line}{self.path}: {self.sentence}" if self.path else f"{line}{self.sentence}"


class InputRefused(PlanAssistantError):
    """An input holds problems; nothing of it was used."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{source}: {len(problems)} problem(s)")
        self.source = source
        self.problems = tuple(problems)


class TransitionRefused(PlanAssistantError):
    """A case cannot move to that state, or that person may not move it.

    `code` is stable and drives the sentence on screen; `detail` carries its figures or names.
    """

    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail = detail


class ClockBehind(TransitionRefused):
    """Nothing is sealed by a clock that is days behind an erasing that would be sealed with it."""

    def __init__(self, *, today: str, erased: str, case_id: str, version: int) -> None:
        super().__init__(
            "clock_behind", today=today, erased=erased, case_id=case_id, version=str(version)
        )


class PolicyTightened(TransitionRefused):
    """The pack in force today forbids a plan that waits, or asks something new of its lead.

    `findings` are those of its rules that stand in the way, `closed` its levers that are not open
    to the plan, and `unread` the ids of its disclosures that nobody read to the borrower.
    """

    def __init__(
        self,
        pack: str,
        version: str,
        findings: Sequence[Finding],
        *,
        closed: Sequence[ClosedLever] = (),
        unread: Sequence[str] = (),
    ) -> None:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
        named = {"rules": rules} if rules else {}
        super().__init__("policy_tightened", **named, pack=pack, version=version)
        self.findings = tuple(findings)
        self.closed = tuple(closed)
        self.unread = tuple(unread)


class CalendarUnknown(PlanAssistantError):
    """The holiday calendar has nothing for that date."""


class StoreFailure(PlanAssistantError):
    """The store could not do what was asked; the message says what to do next.

    The class chooses the sentence and `detail` carries its names and figures, so that a screen can
    say the same in another language without parsing the message.
    """

    def __init__(self, sentence: str, **detail: str) -> None:
        super().__init__(sentence)
        self.detail = detail


class StoreLocked(StoreFailure):
    """Another process holds the store for too long."""


class StoreReadOnly(StoreFailure):
    """The store's file or folder refuses writing."""


class StoreFull(StoreFailure):
    """No room left on the device."""


class StoreNewer(StoreFailure):
    """The store was written by a newer version of the program."""


class StoreNotReady(StoreFailure):
    """A database without our tables, with older ones, or unfit for them; its owner sees to it."""


class StoreClosedToYou(StoreFailure):
    """The database does not know that login or its password, or lets it do nothing."""


class StoreDamaged(StoreFailure):
    """The file is not a store, or it is broken."""


class CaseUnreadable(StoreDamaged):
    """A fact of one case cannot be read; what else the store holds can."""

    def __init__(self, case_id: str, version: int, reason: str) -> None:
        super().__init__(
            f"fact {version} of case {case_id} cannot be read: {reason}. The other cases are not"
            " concerned. Run `plan-assistant audit verify`, and tell your administrator.",
            case_id=case_id,
            version=str(version),
            reason=reason,
        )
        self.case_id = case_id
        self.version = version


class StoreOutOfReach(StoreFailure):
    """The store's folder is missing, or the system does not let us in."""


class FileNotWritten(StoreFailure):
    """An exported document could not be written."""


class RecordedNotWritten(FileNotWritten):
    """A document could not be written though the record says that it was exported.

    Everything that can be known before it is recorded was in order.
    """

    def __init__(self, number: str, *, path: str, reason: str) -> None:
        super().__init__(
            f"the record holds the export of {number}, but {path} could not be written: {reason}."
            " Free some space or choose another folder, then export again.",
            number=number,
            path=path,
            reason=reason,
        )


class PlanNotSent(StoreFailure):
    """A plan did not reach the store: it is kept on this machine, and no lead has it."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(
            f"{number} was not sent to the team lead: the store is away ({why}). It is kept on this"
            " machine and goes there once, by itself, as soon as the store takes it and its"
            " collector is signed in. Until then nobody can approve it.",
            number=number,
            why=why,
        )


class NotKept(StoreFailure):
    """Neither the store nor the journal of this machine took an act."""


class MasterKeyMissing(StoreFailure):
    """The master key that the store was locked with is in none of the places of keys."""

    def __init__(self, key_id: str, place: str) -> None:
        super().__init__(
            f"the master key {key_id}, which opens the names and numbers in {place}, is not here."
            " Set PLAN_ASSISTANT_MASTER_KEY, or put its file or keyring entry back, then try again."
            " Nothing was opened.",
            key_id=key_id,
            place=place,
        )


class MasterKeyUnusable(StoreFailure):
    """A place of master keys cannot be used: unreadable, malformed, or open to others."""


class CaseNotFound(StoreFailure):
    """No such case in the store."""

    def __init__(self, case_id: str) -> None:
        super().__init__(
            f"there is no case {case_id} in this store. Check the number or import the case first.",
            case_id=case_id,
        )


class StaleCase(StoreFailure):
    """Somebody changed the case since it was read; says what, and who."""

    def __init__(
        self, case_id: str, *, expected: int, found: int, what: str, by: str, at: str
    ) -> None:
        super().__init__(
            f"case {case_id} has moved on: this was prepared on version {expected}, it is at"
            f" version {found} ({what} by {by} at {at}). Nothing was recorded. Look at the case"
            " again, then repeat.",
            case_id=case_id,
            expected=str(expected),
            found=str(found),
            what=what,
            by=by,
            at=at,
        )


class KeyReused(StoreFailure):
    """The same idempotency key came with another content."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the request {key} was already used for another content. Nothing was recorded. Begin"
            " the act again, so that it gets a request of its own.",
            key=key,
        )
