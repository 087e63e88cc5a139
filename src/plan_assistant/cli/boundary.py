"""Where failures of a command become sentences on stderr and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from plan_assistant.cli.session import Session, language_of
from plan_assistant.domain.errors import (
    CaseNotFound,
    CaseUnreadable,
    InputRefused,
    InvalidTerms,
    PlanAssistantError,
    StoreFailure,
    TransitionRefused,
)

FINE = 0
ANSWER_IS_NO = 1
WRONG_USE = 2
INPUT_REFUSED = 3
FAILURE = 4

_WRONG_USES = frozenset(
    {
        "who_are_you",
        "no_such_account",
        "nobody_works_here",
        "no_such_offer",
        "outcome_unknown",
        "no_such_debt",
        "password_needed",
        "new_password_needed",
        "password_line_missing",
    }
)
"""Refusals because a command named somebody who is not there, or came without what it needs."""

_GIVEN_BY = {
    "recording_missing": "--recording",
    "reason_missing": "--reason",
    "sentence_missing": "--sentence",
    "reveal_sentence_missing": "--sentence",
    "reopen_sentence_missing": "--sentence",
    "decision_sentence_missing": "--sentence",
}
"""The option that gives what a refusal misses. The same refusal on a screen names none."""


def guarded(command: click.Command) -> int:
    """Run a command and return its exit code."""
    session = Session(None, None, language_of())
    try:
        result = command.main(standalone_mode=False, obj=session)
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except click.Abort:
        click.echo("stopped", err=True)
        return FAILURE
    except PlanAssistantError as error:
        return _say(error, session.language)
    except BrokenPipeError:
        # The reader of a pipe has seen enough.
        _leave_stdout()
        return FINE
    except Exception as error:
        if isinstance(error, OSError) and _is_of_output(error):
            _leave_stdout()
            _tell_not_written(error, session.language)
        else:
            # Python's own report would repeat the text of the error, and with it what it was about.
            tell_defect(error, session.language)
        return FAILURE
    return result if isinstance(result, int) else FINE


def _is_of_output(error: OSError) -> bool:
    """Say whether an error arose where the output of a command is written."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code is click.echo.__code__


def _leave_stdout() -> None:
    """Let nothing be flushed into stdout again, not even when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_not_written(error: OSError, language: str) -> None:
    from plan_assistant.wording.words import words  # noqa: PLC0415  # only a failing command pays

    sentence = words(language)(
        "The output could not be written ({reason}). What the command recorded stays recorded. "
        "Send the output to another place, then ask for it again.",
        reason=error.strerror or type(error).__name__,
    )
    click.echo(sentence, err=True)


def echo_left_out(cases: Sequence[CaseUnreadable], language: str) -> None:
    """Write on stderr why cases are missing from a list."""
    from plan_assistant.wording.problems import failure_sentence  # noqa: PLC0415  # hardly ever

    for unreadable in cases:
        click.echo(failure_sentence(unreadable, language), err=True)


def tell_defect(error: BaseException, language: str) -> None:
    """Write on stderr where the program failed, and nothing of what was in memory."""
    from plan_assistant.wording.defects import defect_report  # noqa: PLC0415  # only a defect pays

    click.echo(defect_report(error, language), err=True)


def _say(error: PlanAssistantError, language: str) -> int:
    from plan_assistant.wording.problems import (  # noqa: PLC0415  # only a failing command pays
        failure_sentence,
        problem_lines,
    )

    if isinstance(error, InputRefused):
        for line in problem_lines(error, language):
            click.echo(line, err=True)
        return INPUT_REFUSED
    click.echo(failure_sentence(_with_option(error), language), err=True)
    if isinstance(error, InvalidTerms):
        return INPUT_REFUSED
    if isinstance(error, CaseNotFound) or getattr(error, "code", None) in _WRONG_USES:
        return WRONG_USE
    return FAILURE if isinstance(error, StoreFailure) else ANSWER_IS_NO


def _with_option(error: PlanAssistantError) -> PlanAssistantError:
    """Return a refusal of what was missing with the option that gives it."""
    if not isinstance(error, TransitionRefused) or error.code not in _GIVEN_BY:
        return error
    return TransitionRefused(error.code, **error.detail, option=_GIVEN_BY[error.code])
