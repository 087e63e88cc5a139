"""A store on PostgreSQL, for those who look after it."""

from __future__ import annotations

import click

from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session
from plan_assistant.wording.logins import login_sentence
from plan_assistant.wording.words import words


@click.group()
def store() -> None:
    """A store on PostgreSQL; one in a file looks after itself."""


@store.command()
@click.pass_obj
def migrate(session: Session) -> int:
    """Make the tables of the store that --store names, or bring them up to date.

    Sign in as somebody who may act as the role plan_assistant_owner. The first time, that role and
    one group for each role of people are created too, which needs the right to create roles.
    """
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    session.ring = bootstrap.key_ring(session.store_url)
    revision = bootstrap.prepare_store(session.store_url, session.ring)
    session.tell_of_new_key()
    click.echo(words(session.language)("The tables are at revision {number}.", number=revision))
    return FINE


@store.command()
@click.pass_obj
def check(session: Session) -> int:
    """Say what makes the walls between people void for the login that opens the store."""
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    faults = bootstrap.login_faults(session.store)
    login = session.store.login or ""
    for fault in faults:
        click.echo(login_sentence(fault, login, session.language))
    if faults:
        return ANSWER_IS_NO
    say = words(session.language)
    click.echo(
        say("The login {login} has the powers of its role and no others.", login=login)
        if login
        else say("The store is a file: whoever can write it can work under any name.")
    )
    return FINE
