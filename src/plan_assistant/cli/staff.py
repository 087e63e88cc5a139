"""The people who work on a store: list them, add one, give or change a password."""

from __future__ import annotations

import re

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.passwords import require_fit
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
@click.option("--team", default="", help="Whose cases the person works on; default: none.")
@_from_stdin
@click.pass_obj
def add(
    session: Session,
    name: str,
    role: str,
    display_name: str | None,
    team: str,
    *,
    from_stdin: bool,
) -> int:
    """Let a person work on the store. Role and team cannot be changed afterwards.

    In a file the person gets a password, and once an administrator has one, only an administrator
    adds people (--as NAME). On PostgreSQL the person gets a database login of their own with the
    password that is asked for; a login that may not create others only writes the person down, and
    prints the SQL for whoever may.
    """
    person = Account(name, clean(display_name or name, 60), Role(role), clean(team, 60))
    left_to_do = None
    if session.store.login is None:
        _add_to_file(session, person, from_stdin=from_stdin)
    else:
        left_to_do = _add_to_database(session, person, from_stdin=from_stdin)
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


def _add_to_file(session: Session, person: Account, *, from_stdin: bool) -> None:
    door, name = session.door, person.name
    by = session.proof if is_guarded(door) and session.account_name else None
    require_may_add(door, by)
    if any(one.name == name for one in session.store.accounts()):
        # The same person is one person; with another role the store says so.
        session.store.add_account(person)
        if name not in without_password(door):
            raise TransitionRefused("password_is_set", name=name)
    add_person(door, person, session.ask_new_password(name, from_stdin=from_stdin), by=by)


def _add_to_database(session: Session, person: Account, *, from_stdin: bool) -> str | None:
    """Write a person down, with a database login where that may be; return the SQL left to run."""
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    password = None
    if bootstrap.creates_logins(session.store):
        password = session.ask_new_password(person.name, from_stdin=from_stdin)
        require_fit(password, name=person.name, display_name=person.display_name)
    return bootstrap.add_person(session.store, person, password)


@staff.command()
@_name
@_from_stdin
@click.pass_obj
def password(session: Session, name: str, *, from_stdin: bool) -> int:
    """Set a person's password: the first one, one's own anew, or as an administrator anybody's.

    An administrator's new password comes with a new key for approvals: the old one is lost with the
    password that was forgotten. What was approved before stays valid. On PostgreSQL this password
    is for approvals only; you sign in with that of your database login.
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
    """Return who does this for another person: who signed in, or the account named with --as."""
    at_work = session.store.login or session.account_name
    return session.proof if at_work not in {None, name} else None


def _has_one(session: Session, person: Account) -> bool:
    """Say whether a person has a password here: where people sign in elsewhere, to approve only."""
    return session.store.login is None or person.role in {Role.TEAM_LEAD, Role.ADMINISTRATOR}


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
                "team": one.team,
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
            clean(one.team, 60),
            say("no password yet") if one.name in open_to_all and _has_one(session, one) else "",
        )
        for one in people
    ]
    if rows:
        click.echo(table(rows, right_from=len(rows[0])))
    return FINE
