"""Where failures of a command become sentences on stderr and exit codes."""

from __future__ import annotations

import os
import sys

import click

from plan_assistant.cli.session import Session, language_of
from plan_assistant.domain.errors import (
    CaseNotFound,
    InputRefused,
    InvalidTerms,
    PlanAssistantError,
    StoreFailure,
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
        "password_needed",
        "password_line_missing",
    }
)
"""Refusals because a command named somebody who is not there, or came without what it needs."""


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
        # The reader of a pipe has seen enough; stdout must not be flushed into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        # Python's own report would repeat the text of the error, and with it what it was about.
        tell_defect(error, session.language)
        return FAILURE
    return result if isinstance(result, int) else FINE


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
    click.echo(failure_sentence(error, language), err=True)
    if isinstance(error, InvalidTerms):
        return INPUT_REFUSED
    if isinstance(error, CaseNotFound) or getattr(error, "code", None) in _WRONG_USES:
        return WRONG_USE
    return FAILURE if isinstance(error, StoreFailure) else ANSWER_IS_NO
