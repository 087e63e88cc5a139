"""`plan-assistant selftest`: the golden cases shipped with the package, or anybody's."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant.golden.run import run_folder

_FINE, _ANSWER_IS_NO = 0, 1


@click.command()
@click.option(
    "--cases",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with golden-case/2 files; default: those of the package.",
)
def selftest(folder: Path | None) -> int:
    """Price golden cases and name every value that differs.

    One line per case that did not pass; the last line counts. Only kinds this program does not know
    are skipped, by name.
    """
    report = run_folder(folder)
    for line in report.lines:
        click.echo(line)
    click.echo(report.summary)
    return _ANSWER_IS_NO if report.failed else _FINE
