"""Starts the terminal UI on a store."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading

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
    threading.Thread(target=_end_with_terminal, name="terminal", daemon=True).start()
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


def _end_with_terminal() -> None:
    """End the process when its terminal goes away, as a program without screens ends.

    The signal of a hangup goes to whoever leads the session, a shell or `make`, which need not pass
    it on; Textual would then wait for ever to draw, and read an end of input again and again. What
    was recorded or kept is on disk.
    """
    if not hasattr(select, "poll"):
        return
    terminal = select.poll()
    terminal.register(sys.stdin, 0)  # a hangup is told without being asked for
    terminal.poll()
    os.kill(os.getpid(), signal.SIGHUP)
    os._exit(128 + signal.SIGHUP)  # where somebody told us to ignore the signal
