"""The people who work on a store: list them, add one."""

from __future__ import annotations

import re

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.text import clean
from plan_assistant.wording import terms
from plan_assistant.wording.words import words

_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def _login_name(text: str) -> str:
    """Return a login name that nobody can mistake for another one."""
    if _LOGIN_NAME.fullmatch(text):
        return text
    raise click.BadParameter(
        "use 1 to 40 small letters, digits, dots, dashes or underscores, such as wu.hao"
    )


@click.group()
def staff() -> None:
    """The people who work on a store."""


@staff.command()
@click.argument("name", callback=lambda _ctx, _param, value: _login_name(value))
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--display-name", help="How the person is called on agreements; default: NAME.")
@click.pass_obj
def add(session: Session, name: str, role: str, display_name: str | None) -> int:
    """Let a person work on the store. Roles cannot be changed afterwards.

    Accounts have no password yet: whoever can write the store's file can work as anybody.
    """
    person = Account(name, clean(display_name or name, 60), Role(role))
    session.store.add_account(person)
    click.echo(
        words(session.language)(
            "{name} works here as {role}.",
            name=clean(name, 60),
            role=terms.role(person.role, session.language),
        )
    )
    return FINE


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def list_(session: Session, *, as_json: bool) -> int:
    """The people who work on the store."""
    people = session.store.accounts()
    if as_json:
        body: list[Json] = [
            {"name": one.name, "display_name": one.display_name, "role": one.role.value}
            for one in people
        ]
        echo_json(body)
        return FINE
    rows = [
        (clean(one.name, 60), clean(one.display_name, 60), terms.role(one.role, session.language))
        for one in people
    ]
    if rows:
        click.echo(table(rows, right_from=len(rows[0])))
    return FINE
