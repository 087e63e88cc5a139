"""The command line: a plain-text twin of every screen.

Each command's module is imported when the command runs; `--help` and `--version` import none.
"""

from __future__ import annotations

import importlib
import sys
import threading
from pathlib import Path

import click

from plan_assistant import __version__
from plan_assistant.cli.boundary import guarded, tell_defect
from plan_assistant.cli.session import DEFAULT_LOCK_MINUTES, language_of

_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        "demo",
        "Sample borrowers in the UI; without a terminal, one whole call played and printed.",
    ),
    "offers": ("calls", "The offers for a case file."),
    "counter": ("proposals", "Answer what a borrower proposes to pay a month."),
    "why-not": ("proposals", "Why a plan that somebody names is not offered."),
    "compare": ("compare", "What published waterfalls would give, beside the offers."),
    "joint": ("joint", "One payment a month for all negotiated debts, a plan for each."),
    "afford": ("afford", "What the household of a case file can afford."),
    "schedule": ("schedule", "One plan's exact schedule from a terms file."),
    "import": ("cases", "Case files into the store."),
    "staff": ("staff", "The people who work on a store: list them, add one, set a password."),
    "store": (
        "store",
        "A store on PostgreSQL: make it or bring it up to date, check who may do what.",
    ),
    "queue": ("cases", "The cases of the store."),
    "show": ("cases", "One case of the store: what is known, and its record."),
    "find": ("personal", "The cases of a borrower, by name, ID number or phone."),
    "reveal": ("personal", "Who a case is about, unmasked; the record keeps who asked, and why."),
    "choose": ("choose", "Record a plan that the borrower accepted."),
    "close": ("closing", "Close a call with how it ended; without a plan the case is closed."),
    "waiting": ("waiting", "Acts that wait on this machine because the store was away."),
    "deliver": ("waiting", "Deliver what you did while the store was away."),
    "assign": ("assigning", "Give a case to an agency collector, or take it back."),
    "pending": ("decisions", "Plans that wait for a team lead."),
    "waits": ("decisions", "Note that the borrower waits on the phone for the answer."),
    "approve": ("decisions", "Approve a recorded plan."),
    "return": ("decisions", "Return a recorded plan to its collector, with terms if you like."),
    "decline": ("decisions", "Decline a recorded plan."),
    "cancel": ("decisions", "Take one's own recorded plan back."),
    "export": ("exporting", "The agreement as PDF and JSON."),
    "sign": ("follow_up", "Note that an approved agreement was signed."),
    "post": ("follow_up", "Post a payment under an agreement, as it agrees on."),
    "payoff": ("follow_up", "What repays an agreement early and in full on a day."),
    "kept": ("follow_up", "Note that a plan was kept."),
    "broken": ("follow_up", "Declare a plan broken, after a notice."),
    "reopen": ("follow_up", "Open a case for a new negotiation after its plan has ended."),
    "verify": ("verify", "Check an exported JSON file offline, every figure computed again."),
    "audit": ("audit", "Seal the record, verify all of it, export it for others to verify."),
    "backup": ("safekeeping", "Copy the store while others work on it; the copy is verified."),
    "restore": ("safekeeping", "Put a backup where the store is, or belongs."),
    "doctor": (
        "doctor",
        "Versions, store, files, disk, clock and fonts: what is wrong, and the way out.",
    ),
    "policy": ("policy", "Show, check, compare and replay policy packs."),
    "purge": ("personal", "Erase the personal data of cases that are kept long enough."),
    "keys": ("keys", "The master key of a store: status, new, rotate, forget."),
    "selftest": ("selftest", "Price the golden cases that ship with the program, or others."),
    "schema": ("schema", "JSON Schema of a file format."),
}


class _Commands(click.Group):
    """A group that imports a command when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a working day."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return it."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"plan_assistant.cli.{_COMMANDS[cmd_name][0]}")
        name = f"{cmd_name}_" if cmd_name in {"import", "return"} else cmd_name
        command = getattr(module, name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="plan-assistant")
@click.option(
    "--store", "store_url", metavar="URL", help="Store to work on; default: in your data folder."
)
@click.option(
    "--as", "account", metavar="NAME", envvar="PLAN_ASSISTANT_USER", help="Account to work as."
)
@click.option(
    "--policies",
    "policies_folder",
    metavar="DIR",
    envvar="PLAN_ASSISTANT_POLICIES",
    type=click.Path(path_type=Path),
    help="Folder with the lender's own policy packs.",
)
@click.option(
    "--password-stdin",
    "reads_password",
    is_flag=True,
    help="The first line of stdin is the password of the account; else PLAN_ASSISTANT_PASSWORD or a"
    " question on the terminal.",
)
@click.option(
    "--lock-after",
    "lock_minutes",
    metavar="MINUTES",
    envvar="PLAN_ASSISTANT_LOCK_MINUTES",
    type=click.IntRange(1, 240),
    default=DEFAULT_LOCK_MINUTES,
    show_default=True,
    help="Lock the screens after so many minutes without a key.",
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), envvar="PLAN_ASSISTANT_LANG", help="Language."
)
@click.pass_context
def _root(
    ctx: click.Context,
    store_url: str | None,
    account: str | None,
    policies_folder: Path | None,
    lang: str | None,
    lock_minutes: int,
    *,
    reads_password: bool,
) -> None:
    """Find, explain, record and print repayment plans that a borrower can keep.

    Without a command: the terminal UI on the store.
    """
    session = ctx.obj
    session.store_url, session.account_name = store_url, account
    session.policies_folder = policies_folder
    session.reads_password, session.lock_minutes = reads_password, lock_minutes
    session.language = lang or session.language
    ctx.call_on_close(session.close)
    if ctx.invoked_subcommand is None:
        from plan_assistant.cli.screen import run_ui  # noqa: PLC0415

        run_ui(session)


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """Report a thread that failed as a command is reported."""
    if failed.exc_value is not None:
        tell_defect(failed.exc_value, language_of())


def main() -> None:
    """Run the command line; every failure ends in a sentence and an exit code."""
    threading.excepthook = _thread_failed
    sys.exit(guarded(_root))
