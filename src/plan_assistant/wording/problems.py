"""What went wrong, in whole sentences that say what to do next: input, steps, failures.

Not here: findings of rules (`findings.py`), which are answers and not problems.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from plan_assistant.domain.approval import Fault
from plan_assistant.domain.approved_plan import PlanState
from plan_assistant.domain.errors import (
    CalendarUnknown,
    CaseNotFound,
    CaseUnreadable,
    FileNotWritten,
    InputRefused,
    InvalidTerms,
    KeyReused,
    MasterKeyMissing,
    MasterKeyUnusable,
    MixedCurrencies,
    NotKept,
    PlanAssistantError,
    PlanNotSent,
    PolicyTightened,
    Problem,
    RecordedNotWritten,
    StaleCase,
    StoreClosedToYou,
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLocked,
    StoreNewer,
    StoreNotReady,
    StoreOutOfReach,
    StoreReadOnly,
    TransitionRefused,
)
from plan_assistant.domain.events import EventType
from plan_assistant.domain.follow_up import Party
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.schedule.schedule import ScheduleDefect
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats, terms
from plan_assistant.wording.approvals import fault_words
from plan_assistant.wording.findings import finding_sentence
from plan_assistant.wording.follow_up import party, plan_state
from plan_assistant.wording.problem_texts import translated
from plan_assistant.wording.transition_texts import TRANSITIONS
from plan_assistant.wording.words import Words, first_fitting, join, message, placeholders, words

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

_BACKUP_NOT_WRITTEN = message(
    "The backup {place} cannot be written. Check that the folder {folder} is there and that your "
    "account may write in it, or name a file in another folder."
)

_FAILURES: dict[type[StoreFailure], tuple[str, ...]] = {
    StoreLocked: (
        message(
            "{place} has been held in the middle of recording by {holders} for more than {seconds} "
            "seconds. Nothing was sealed. Ask them to finish, or have a superuser of the database "
            "end that session with pg_terminate_backend, then try again."
        ),
        message(
            "{place} has been held by another program for more than {seconds} seconds. Nothing "
            "was recorded. Close the other program or wait for it, then try again."
        ),
        message("{place} is held by other programs. Nothing was recorded. Try again."),
    ),
    StoreReadOnly: (
        _BACKUP_NOT_WRITTEN,
        message(
            "{place} or its folder cannot be written by your account. Nothing was recorded. Ask "
            "for write permission, or name another place with --store."
        ),
    ),
    StoreFull: (
        message(
            "There is no room left for {place}. Nothing was recorded and nothing was lost. Free "
            "some space on that disk, then try again."
        ),
    ),
    StoreNewer: (
        message(
            "{place} was written by a newer version of this program (revision {found}; this "
            "program knows {known}). It was left as it is. Install the newer version, or name "
            "another place with --store."
        ),
    ),
    StoreNotReady: (
        message(
            "{place} has the tables of an older version (revision {found}; this program needs "
            "{known}). Nothing was changed. Have its owner run: plan-assistant --store URL store "
            "migrate."
        ),
        message(
            "{place} keeps texts as {encoding}, which does not hold every name. Nothing was made. "
            "Have its owner create a database with encoding 'UTF8' template template0."
        ),
        message(
            "{place} is a database without our tables. Have its owner run: plan-assistant --store "
            "URL store migrate."
        ),
    ),
    StoreClosedToYou: (
        message(
            "{place} does not let your login do that ({reason}). Sign in as the owner of the "
            "database, with the right to create roles."
        ),
        message(
            "{place} does not let you in. Check your login and its password; if they are right, "
            "have yourself added: plan-assistant staff add NAME ROLE."
        ),
    ),
    StoreDamaged: (
        message(
            "{backup} is not a sound backup of this program ({reason}). Nothing was restored. Use "
            "another backup."
        ),
        message(
            "{place} is not a readable record of this program ({reason}). It was left as it is. "
            "Restore it from a backup, or name another place with --store."
        ),
    ),
    CaseUnreadable: (
        message(
            "Case {case_id} cannot be read: fact {version} does not hold what it has to "
            "({reason}). The other cases are not concerned. Run `plan-assistant audit verify`, and "
            "tell your administrator."
        ),
    ),
    StoreOutOfReach: (
        message(
            "The backup {place} cannot be written ({reason}). Check that the folder {folder} is "
            "there and that your account may write in it, or name a file in another folder."
        ),
        _BACKUP_NOT_WRITTEN,
        message(
            "{server} cannot be reached ({reason}). Check the address, your name and your "
            "password, then try again: what was recorded after all is not recorded twice."
        ),
        message(
            "{place} cannot be reached ({reason}). Check the path, or name another place with "
            "--store."
        ),
        message(
            "{place} cannot be opened. Check that its folder exists and that your account may "
            "write there, or name another place with --store."
        ),
    ),
    FileNotWritten: (
        message(
            "{path} could not be written ({reason}). Free some space or choose another folder, "
            "then export again."
        ),
        message("{name} is not a name for a file. Choose another name, then export again."),
    ),
    RecordedNotWritten: (
        message(
            "The record holds the export of {number}, but {path} could not be written ({reason}). "
            "Free some space or choose another folder, then export again."
        ),
    ),
    MasterKeyMissing: (
        message(
            "The master key {key_id}, which opens the names and numbers in {place}, is not here. "
            "Nothing was opened. Set PLAN_ASSISTANT_MASTER_KEY, or put its file or its entry in "
            "the keyring back, then try again."
        ),
    ),
    MasterKeyUnusable: (
        message(
            "The master key in {place} cannot be used: {reason}. Nothing was opened. Mend it, or "
            "name another key with PLAN_ASSISTANT_MASTER_KEY."
        ),
    ),
    PlanNotSent: (
        message(
            "{number} was NOT sent to the team lead: {why}. It is kept on this machine and goes "
            "there once, by itself, as soon as the store takes it and you are signed in. Until "
            "then nobody can approve it; do not promise an answer yet."
        ),
    ),
    NotKept: (
        message(
            "{place}, which keeps what you do while the store is away, cannot be used ({reason}). "
            "What was not recorded is kept nowhere: write it down, and free some space or ask for "
            "help."
        ),
    ),
    CaseNotFound: (
        message(
            "There is no case {case_id} in this store. Check the number, or import the case first."
        ),
    ),
    StaleCase: (
        message(
            "Case {case_id} has moved on since version {expected}: it is at version {found} "
            "({what}, {by}, {at}). Nothing was recorded. Look at the case again, then repeat."
        ),
    ),
    KeyReused: (
        message(
            "The request {key} was already used for another content. Nothing was recorded. "
            "Begin the act again, so that it gets a request of its own."
        ),
    ),
    StoreFailure: (
        message(
            "The store at {place} did not do what was asked ({reason}). Check the disk, then try "
            "again: the same act is never recorded twice."
        ),
    ),
}

_WHY_AWAY = {
    "locked": message("another program holds the store"),
    "read_only": message("the store cannot be written"),
    "full": message("the disk of the store is full"),
    "out_of_reach": message("the store cannot be reached"),
    "failing": message("the disk of the store fails"),
    "behind_others": message("earlier acts still wait for the store"),
}

_LONGEST = 1000
"""No text from outside is shown longer than this."""

_MIXED = message(
    "{left} and {right} cannot be added or compared. Negotiate debts of another currency in a "
    "case of their own."
)
_CALENDAR = message(
    "The holiday calendar does not reach that date. Choose an earlier one, or update the calendar."
)
_DEFECT = message(
    "The schedule failed its own check ({detail}), so the plan is neither offered nor recorded. "
    "Please report this sentence."
)

_FIELDS = {
    "payment_multiple_of": message("the multiple of round payments"),
    "periods": message("the number of payments"),
    "down_payment": message("the down payment"),
    "payment": message("the monthly amount"),
    "due_day": message("the due day"),
    "first_due": message("the first payment date"),
    "start": message("the start date"),
    "principal": message("the principal"),
    "annual_rate": message("the yearly rate"),
    "candidates": message("the number of plans that the policy pack opens"),
    "arrears": message("the amounts carried over"),
    "balloon": message("the last large payment"),
    "fees": message("the fees"),
    "amount": message("the amount"),
    "date": message("the date"),
    "first_due_date": message("the first payment date"),
    "from_due_date": message("the due date"),
    "to_date": message("the new due date"),
    "end_date": message("the last day of the pause"),
    "due_date": message("the due date"),
    "extra_periods": message("the number of payments added"),
    "interest_periods": message("the number of payments in grace"),
    "instalment": message("the installment"),
    "excess": message("the use of what was paid beyond"),
    "steps": message("the steps of the restructuring"),
    "order": message("the order of settlement"),
    "discount_rate": message("the discount rate"),
    "nominal": message("the nominal rate"),
    "effective": message("the effective rate"),
    "periods_a_year": message("the number of periods a year"),
    "settle_after_periods": message("the installments paid before the early settlement"),
}


def away_words(why: str, language: str) -> str:
    """Return why the store takes nothing now, as a part of a sentence."""
    return words(language)(_WHY_AWAY[why])


def problem_lines(refused: InputRefused, language: str) -> list[str]:
    """Return a line that says what was refused, then one line for every problem with its path."""
    say = words(language)
    lines = [
        say.plural(
            "{source} was not accepted and nothing of it was used. There is {count} problem:",
            "{source} was not accepted and nothing of it was used. There are {count} problems:",
            len(refused.problems),
            source=_safe(translated(refused.source, language)),
        )
    ]
    return [*lines, *(f"- {problem_at(problem, language)}" for problem in refused.problems)]


def problem_at(problem: Problem, language: str) -> str:
    """Return one problem: the line and path where it is, if they are known, and what it is."""
    say = words(language)
    path, sentence = _safe(problem.path), _safe(translated(problem.sentence, language))
    if problem.line is not None and path:
        return say(
            "line {line}, {path}: {sentence}", line=problem.line, path=path, sentence=sentence
        )
    return say("{path}: {sentence}", path=path, sentence=sentence) if path else sentence


def _safe(text: str) -> str:
    """Return text that came from outside without anything that could steer a terminal."""
    return clean(text, _LONGEST)


def transition_sentence(refused: TransitionRefused, language: str) -> str:
    """Return why a case cannot take that step, and what to do instead."""
    say = words(language)
    choices = TRANSITIONS.get(refused.code)
    if choices is None:
        return say(
            "This step is not possible now ({code}). Open the case again and repeat.",
            code=refused.code,
        )
    detail = {name: _detail(name, value, language) for name, value in refused.detail.items()}
    if (fault := refused.detail.get("fault")) in set(Fault):
        detail["fault"] = fault_words(str(fault), language)
    return say(first_fitting(choices, detail), **detail)


def failure_sentence(error: PlanAssistantError, language: str) -> str:
    """Return what failed, to what, and what to do next, in one line or a few sentences."""
    say = words(language)
    match error:
        case PolicyTightened():
            sentence = _policy_tightened(error, language)
        case TransitionRefused():
            sentence = transition_sentence(error, language)
        case InputRefused():
            sentence = "\n".join(problem_lines(error, language))
        case InvalidTerms():
            sentence = _invalid_terms(error, say)
        case StoreFailure():
            sentence = _store_failure(error, say)
        case MixedCurrencies():
            sentence = say(_MIXED, left=error.left, right=error.right)
        case CalendarUnknown():
            sentence = say(_CALENDAR)
        case ScheduleDefect():
            sentence = say(_DEFECT, detail=str(error))
        case _:
            sentence = _safe(translated(str(error), language))
    return sentence


def _policy_tightened(error: PolicyTightened, language: str) -> str:
    """Return that a plan is not approved under the pack of today, and all that is in the way."""
    from plan_assistant.wording.policies import closed_lever_sentence  # noqa: PLC0415  # pydantic models

    told = [transition_sentence(error, language)]
    told += [finding_sentence(finding, language) for finding in error.findings]
    told += [closed_lever_sentence(lever, language) for lever in error.closed]
    if error.unread:
        names = formats.listed(
            [terms.disclosure(each, language) for each in error.unread], language
        )
        told.append(words(language)("Not read to the borrower: {disclosures}.", disclosures=names))
    return join(told, language)


def _invalid_terms(error: InvalidTerms, say: Words) -> str:
    field = _FIELDS.get(error.field)
    name = error.field if field is None else say(field)
    return say(
        "Please change {field}, now {value}: {reason}.",
        field=name,
        value=_safe(str(error.value)),
        reason=translated(error.reason, say.language),
    )


def no_plan_sentence(error: InvalidTerms, language: str) -> str:
    """Return why no plan follows from terms that somebody named, the rest of them kept."""
    field, say = _FIELDS.get(error.field), words(language)
    return say(
        "No plan follows from these terms ({field}, {value}): {reason}.",
        field=error.field if field is None else say(field),
        value=_safe(str(error.value)),
        reason=translated(error.reason, language),
    )


def _store_failure(error: StoreFailure, say: Words) -> str:
    detail = {name: _detail(name, value, say.language) for name, value in error.detail.items()}
    for choice in _FAILURES.get(type(error), ()):
        if placeholders(choice) <= detail.keys():
            return say(choice, **detail)
    return _safe(translated(str(error), say.language))


def _detail(name: str, value: str, language: str) -> str:
    """Return a detail as people read it: roles, events, states and moments get their words."""
    shown = value
    match name:
        case "role" if value in set(Role):
            shown = terms.role(Role(value), language)
        case "act" | "what" | "outcome" if value in set(EventType):
            shown = terms.event(EventType(value), language)
        case "outcome" if value in set(PlanState):
            shown = plan_state(PlanState(value), language)
        case "status":
            shown = terms.status(value, language)
        case "missing":
            names = [terms.disclosure(item, language) for item in value.split(", ")]
            shown = ("、" if language == "zh" else ", ").join(names)
        case "unsigned" if set(value.split(", ")) <= set(Party):
            signers = [party(Party(item), language) for item in value.split(", ")]
            shown = formats.listed(signers, language)
        case "until" | "day" | "today" | "approved" | "start" | "first" if _DAY.fullmatch(value):
            shown = formats.day(date.fromisoformat(value), language)
        case "at" | "since":
            shown = formats.moment(datetime.fromisoformat(value), language)
        case "why" if value in _WHY_AWAY:
            shown = away_words(value, language)
        case "reason" | "place":
            # A place of keys that is no path, such as the keyring, has a name in either language.
            shown = translated(value, language)
    return _safe(shown)
