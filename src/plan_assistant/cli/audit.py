"""Seals the record, verifies all of it, and exports it for people who verify it themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.approval import WrongApproval
from plan_assistant.domain.audit import Report
from plan_assistant.services.audit import export_record, verify_record
from plan_assistant.wording.approvals import approval_fault_sentence
from plan_assistant.wording.audit import discrepancy_sentence
from plan_assistant.wording.words import Words, words


@click.group()
def audit() -> None:
    """Seal the record, verify all of it, export it for others to verify.

    The passphrase of the seal key is asked for on a terminal; scripts put it into
    PLAN_ASSISTANT_SEAL_PASSPHRASE or a file of mode 0600 that PLAN_ASSISTANT_SEAL_PASSPHRASE_FILE
    names. The key lies in your settings folder, or where PLAN_ASSISTANT_SEAL_KEY says.
    """


@audit.command()
@click.option(
    "--public",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the public half goes; default: beside the key.",
)
@click.pass_obj
def key(session: Session, public: Path | None) -> int:
    """Make the key that seals: the private half stays here, the public half goes to auditors."""
    secret = _passphrase(session, is_new=True)
    key_id, private, told = bootstrap.make_seal_key(secret, public)
    say = words(session.language)
    click.echo(say("Seal key {key_id}", key_id=key_id))
    click.echo(say("Private half, for you alone: {path}", path=str(private)))
    click.echo(say("Public half, for those who verify: {path}", path=str(told)))
    return FINE


def _passphrase(session: Session, *, is_new: bool = False) -> str:
    say = words(session.language)

    def ask() -> str:
        asked = say("Passphrase of the seal key")
        return str(click.prompt(asked, hide_input=True, confirmation_prompt=is_new, err=True))

    return bootstrap.seal_passphrase(ask if sys.stdin.isatty() else None)


@audit.command()
@click.option("--new-key", is_flag=True, help="Go over to a new key from here on.")
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Seal although a case was erased on a later day: it was the other clock that was wrong.",
)
@click.option("--json", "as_json", is_flag=True, help="The checkpoint as a file for auditors.")
@click.pass_obj
def seal(session: Session, *, new_key: bool, clock_is_right: bool, as_json: bool) -> int:
    """Sign a checkpoint over everything that none covers yet.

    Keep what this prints away from the store: with it a record that was replaced as a whole is
    found out.
    """
    sealer = bootstrap.sealer(
        session.store,
        session.clock or bootstrap.system_clock(),
        passphrase=_passphrase(session),
        takes_over=new_key,
        clock_is_right=clock_is_right,
    )
    sealed = sealer.seal()
    say = words(session.language)
    if sealed is None:
        click.echo(say("Nothing is recorded yet, so there is nothing to seal."), err=True)
        return FINE
    if as_json:
        echo_json(sealed.document)
        return FINE
    click.echo(str(sealed.witness))
    return FINE


@audit.command()
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Public key kept outside: only it may have sealed. Several for a key that was followed.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="FILE|NUMBER:ROOT",
    help="Checkpoint kept outside: the line at the foot of an agreement, or a file.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def verify(
    session: Session, public_keys: tuple[Path, ...], checkpoints: tuple[str, ...], *, as_json: bool
) -> int:
    """Check every row of the record: hashes, order, guards, checkpoints, signatures.

    Exit code 1 when something is not what was recorded; the first line names the first wrong row.
    A record that was replaced as a whole is only found out with what was kept outside.
    """
    trusted = {bootstrap.public_key_id(path) for path in public_keys}
    outside = [bootstrap.read_witness(given) for given in checkpoints]
    report = verify_record(
        bootstrap.archive(session.store),
        is_signed=bootstrap.is_signed,
        trusted_keys=trusted,
        outside=outside,
    )
    wrong = bootstrap.wrong_approval(session.store)
    if as_json:
        echo_json(
            {
                "holds": report.holds and wrong is None,
                "facts": report.facts,
                "checkpoints": report.checkpoints,
                "unsealed": report.unsealed,
                "newest": report.newest.facts if report.newest else None,
                "compared_outside": bool(trusted or outside),
                "count": report.count,
                "discrepancies": [item.facts for item in report.discrepancies],
                "wrong_approval": wrong.facts if wrong else None,
            }
        )
    else:
        _say(report, wrong, words(session.language), is_compared=bool(trusted or outside))
    return FINE if report.holds and wrong is None else ANSWER_IS_NO


def _say(report: Report, wrong: WrongApproval | None, say: Words, *, is_compared: bool) -> None:
    echo_discrepancies(report, say)
    if wrong is not None:
        click.echo(approval_fault_sentence(wrong, say.language))
    elif report.holds:
        click.echo(
            say(
                "All of it holds. Facts: {facts}; checkpoints: {checkpoints}; facts not sealed "
                "yet: {unsealed}.",
                facts=report.facts,
                checkpoints=report.checkpoints,
                unsealed=report.unsealed,
            )
        )
    if not is_compared:
        click.echo(
            say(
                "Compared with nothing from outside: name --public-key and --checkpoint to find "
                "out a record that was replaced as a whole."
            ),
            err=True,
        )


def echo_discrepancies(report: Report, say: Words) -> None:
    """Write what does not hold, the first wrong row first."""
    for discrepancy in report.discrepancies:
        click.echo(discrepancy_sentence(discrepancy, say.language))
    if report.count > len(report.discrepancies):
        click.echo(say("... {count} in all.", count=report.count))


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def export(session: Session, folder: Path) -> int:
    """Write the whole record into an empty FOLDER, with programs that verify it.

    For auditors only. verify_record.py needs Python and `cryptography`, not this program; it runs
    the other verifiers that lie beside it. Personal data leave the store with it, as far as
    the store does not encrypt them.
    """
    exported = export_record(
        bootstrap.archive(session.store),
        folder,
        by=session.desk().account,
        files=bootstrap.files(),
        verifiers=bootstrap.record_verifiers(),
    )
    for path in exported.paths:
        click.echo(str(path))
    if exported.odd:
        said = words(session.language).plural(
            "{count} row cannot be read and is written as it stands: line {line} of {file}. The "
            "verifiers name it; audit verify says what is wrong.",
            "{count} rows cannot be read and are written as they stand, the first one in line "
            "{line} of {file}. The verifiers name it; audit verify says what is wrong.",
            len(exported.odd),
            line=exported.odd[0].line,
            file=exported.odd[0].file,
        )
        click.echo(said, err=True)
    return FINE
