"""Starts the terminal UI on a store."""

from __future__ import annotations

import sys

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import FAILURE, WRONG_USE
from plan_assistant.cli.session import Session
from plan_assistant.wording.words import words


def run_ui(session: Session) -> None:
    """Open the queue; without a terminal say what to do instead."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(
            words(session.language)(
                "The screens need a terminal. `plan-assistant --help` lists the commands."
            ),
            err=True,
        )
        raise SystemExit(WRONG_USE)
    from plan_assistant.ui.app import PlanAssistantApp  # noqa: PLC0415  # Textual is slow to import

    bootstrap.keep_freed_memory()
    session.keeps_quiet = True
    app = PlanAssistantApp(
        store=lambda: session.store,
        account_name=session.account_name,
        password=session.known_password if session.account_name else None,
        lock_minutes=session.lock_minutes,
        language=session.language,
        clock=session.clock or bootstrap.system_clock(),
        policies_folder=session.policies_folder,
        journal=lambda: session.journal,
    )
    app.run()
    session.keeps_quiet = False
    session.tell_of_new_key()
    if app.return_code:
        raise SystemExit(FAILURE)
