"""The people who work on a store: list them, add one."""

from __future__ import annotations

import re
import sys

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.text import clean
from plan_assistant.wording import terms
from plan_assistant.wording.words import words

_SHORTEST_PASSWORD = 12
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
@click.option("--team", default="", help="Whose cases the person works on; default: none.")
@click.pass_obj
def add(session: Session, name: str, role: str, display_name: str | None, team: str) -> int:
    """Let a person work on the store. Role and team cannot be changed afterwards.

    On PostgreSQL the person gets a database login of their own, and you are asked for its first
    password. A login that may not create others only writes the person down, and prints the SQL
    for whoever may. In a file accounts have no password yet: whoever can write it can work as
    anybody.
    """
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    person = Account(name, clean(display_name or name, 60), Role(role), clean(team, 60))
    password = None
    if bootstrap.creates_logins(session.store):
        password = _first_password(session.language)
    left_to_do = bootstrap.add_person(session.store, person, password)
    click.echo(
        words(session.language)(
            "{name} works here as {role}.",
            name=clean(name, 60),
            role=terms.role(person.role, session.language),
        )
    )
    if left_to_do is not None:
        click.echo(
            words(session.language)(
                "Your login may not create others. Whoever looks after the database has to run: "
                "{statements}",
                statements=left_to_do,
            )
        )
    return FINE


def _first_password(language: str) -> str:
    """Ask for a password on the terminal, twice; take a line of stdin where there is none."""
    say = words(language)
    if sys.stdin.isatty():
        given: str = click.prompt(
            say("First password"), hide_input=True, confirmation_prompt=say("Once more")
        )
    else:
        given = sys.stdin.readline().rstrip("\n")
    if len(given) < _SHORTEST_PASSWORD:
        raise click.UsageError(
            say("a password has at least {count} characters", count=_SHORTEST_PASSWORD)
        )
    return given


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def list_(session: Session, *, as_json: bool) -> int:
    """The people who work on the store."""
    people = session.store.accounts()
    if as_json:
        body: list[Json] = [
            {
                "name": one.name,
                "display_name": one.display_name,
                "role": one.role.value,
                "team": one.team,
            }
            for one in people
        ]
        echo_json(body)
        return FINE
    rows = [
        (
            clean(one.name, 60),
            clean(one.display_name, 60),
            terms.role(one.role, session.language),
            clean(one.team, 60),
        )
        for one in people
    ]
    if rows:
        click.echo(table(rows, right_from=len(rows[0])))
    return FINE
