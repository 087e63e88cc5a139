"""Where failures of a command become sentences on stderr and exit codes."""

from __future__ import annotations

import os
import sys

import click

from plan_assistant.domain.errors import (
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


def guarded(command: click.Command) -> int:
    """Run a command and return its exit code."""
    try:
        result = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except click.Abort:
        click.echo("stopped", err=True)
        return FAILURE
    except PlanAssistantError as error:
        return _say(error)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; stdout must not be flushed into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    return result if isinstance(result, int) else FINE


def _say(error: PlanAssistantError) -> int:
    from plan_assistant.cli.session import language_of  # noqa: PLC0415  # only a failing command pays for it
    from plan_assistant.wording.problems import failure_sentence, problem_lines  # noqa: PLC0415

    context = click.get_current_context(silent=True)
    language = context.obj.language if context is not None and context.obj else language_of()
    if isinstance(error, InputRefused):
        for line in problem_lines(error, language):
            click.echo(line, err=True)
        return INPUT_REFUSED
    click.echo(failure_sentence(error, language), err=True)
    if isinstance(error, InvalidTerms):
        return INPUT_REFUSED
    return FAILURE if isinstance(error, StoreFailure) else ANSWER_IS_NO
