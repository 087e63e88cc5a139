"""`plan-assistant selftest`: the golden cases shipped with the package, or anybody's."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.golden.run import Outcome, Remark, Report, run_folder
from plan_assistant.wording.words import words


@click.command()
@click.option(
    "--cases",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with golden-case/2 files; default: those of the package.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@click.pass_obj
def selftest(session: Session, folder: Path | None, *, as_json: bool) -> int:
    """Price golden cases and name every value that differs.

    One line per case that did not pass; the last line counts. Only kinds this program does not know
    are skipped, by name.
    """
    report = run_folder(folder)
    if as_json:
        echo_json(
            {
                "passed": report.passed,
                "failed": report.failed,
                "skipped": report.skipped,
                "remarks": [
                    {"outcome": str(remark.outcome), "where": remark.where, "what": remark.what}
                    for remark in report.remarks
                ],
            }
        )
    else:
        _say(report, session.language)
    return ANSWER_IS_NO if report.failed else FINE


def _say(report: Report, language: str) -> None:
    for remark in report.remarks:
        click.echo(_line(remark, language))
    click.echo(report.summary)


def _line(remark: Remark, language: str) -> str:
    say = words(language)
    if remark.outcome is Outcome.FAILED:
        return say("FAILED {where}: {what}", where=remark.where, what=remark.what)
    return say("SKIPPED {where}: {what}", where=remark.where, what=remark.what)
