"""The people who work on a store: list them, add one, give or change a password."""

from __future__ import annotations

import re

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.text import clean
from plan_assistant.services.staff import (
    Proof,
    add_person,
    change_password,
    is_guarded,
    require_administrator,
    require_known,
    require_may_add,
    reset_password,
    set_first_password,
    without_password,
)
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


_name = click.argument("name", callback=lambda _ctx, _param, value: _login_name(value))
_from_stdin = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the new password from stdin: one line, after that of the account at work if any.",
)


@staff.command()
@_name
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--display-name", help="How the person is called on agreements; default: NAME.")
@_from_stdin
@click.pass_obj
def add(
    session: Session, name: str, role: str, display_name: str | None, *, from_stdin: bool
) -> int:
    """Let a person work on the store, with a password. Roles cannot be changed afterwards.

    Once an administrator has a password, only an administrator adds people (--as NAME).
    """
    person = Account(name, clean(display_name or name, 60), Role(role))
    door = session.door
    by = session.proof if is_guarded(door) and session.account_name else None
    require_may_add(door, by)
    if any(one.name == name for one in session.store.accounts()):
        # The same person is one person; with another role the store says so.
        session.store.add_account(person)
        if name not in without_password(door):
            raise TransitionRefused("password_is_set", name=name)
    add_person(door, person, session.ask_new_password(name, from_stdin=from_stdin), by=by)
    click.echo(
        words(session.language)(
            "{name} works here as {role}.",
            name=clean(name, 60),
            role=terms.role(person.role, session.language),
        )
    )
    return FINE


@staff.command()
@_name
@_from_stdin
@click.pass_obj
def password(session: Session, name: str, *, from_stdin: bool) -> int:
    """Set a person's password: the first one, one's own anew, or as an administrator anybody's.

    An administrator's new password comes with a new key for approvals: the old one is lost with the
    password that was forgotten. What was approved before stays valid.
    """
    door = session.door
    by = _at_work(session, name)
    if by is None and name in without_password(door):
        set_first_password(door, name, session.ask_new_password(name, from_stdin=from_stdin))
    elif by is not None and by.account.name != name:
        require_administrator(by, name)
        require_known(door, name)
        reset_password(door, name, session.ask_new_password(name, from_stdin=from_stdin), by=by)
    else:
        session.account_name = name
        proof = session.proof
        change_password(door, proof, session.ask_new_password(name, from_stdin=from_stdin))
    click.echo(words(session.language)("{name} has a new password.", name=clean(name, 60)))
    return FINE


def _at_work(session: Session, name: str) -> Proof | None:
    """Return who does this for another person: the account named with --as, if it is another."""
    return session.proof if session.account_name not in {None, name} else None


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def list_(session: Session, *, as_json: bool) -> int:
    """The people who work on the store, and who has no password yet."""
    people = session.store.accounts()
    open_to_all = without_password(session.door)
    if as_json:
        body: list[Json] = [
            {
                "name": one.name,
                "display_name": one.display_name,
                "role": one.role.value,
                "has_password": one.name not in open_to_all,
            }
            for one in people
        ]
        echo_json(body)
        return FINE
    say = words(session.language)
    rows = [
        (
            clean(one.name, 60),
            clean(one.display_name, 60),
            terms.role(one.role, session.language),
            say("no password yet") if one.name in open_to_all else "",
        )
        for one in people
    ]
    if rows:
        click.echo(table(rows, right_from=len(rows[0])))
    return FINE
