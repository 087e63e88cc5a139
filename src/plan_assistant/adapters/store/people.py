"""The rows of the people who work here, and what is wrong with whoever acts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Executable, Row, select

from plan_assistant.adapters.store.schema import account
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import ROLES, Role


def enter(connection: Connection, person: Account, statement: Executable) -> None:
    """Write a person down; refuse one who is known with another name, role or team.

    `statement` inserts into `account` and leaves a row that is there: each dialect has its own.
    """
    row = {
        "name": person.name,
        "display_name": person.display_name,
        "role": person.role.value,
        "team": person.team,
    }
    connection.execute(statement, row)
    known = person_named(connection, person.name)
    if known != person:
        raise TransitionRefused(
            "account_differs", name=person.name, role=known.role.value if known else ""
        )


def everybody(connection: Connection) -> tuple[Account, ...]:
    """Return the people who work here, by login name.

    Nobody works under a role that there is not; an audit names such a row.
    """
    rows = connection.execute(select(account).order_by(account.c.name))
    return tuple(person for row in rows if (person := account_of(row)) is not None)


def person_named(connection: Connection, name: str) -> Account | None:
    """Return the person of that login name."""
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else account_of(row)


def account_of(row: Row[Any]) -> Account | None:
    """Return the person whom a row is about; None where the role is unknown."""
    if row.role not in ROLES:
        return None
    return Account(row.name, row.display_name, Role(row.role), row.team)


def known_person(connection: Connection, actor: Account) -> Account:
    """Return the account of whoever acts; refuse a stranger, and a role that is not theirs."""
    known = person_named(connection, actor.name)
    if known is None:
        raise TransitionRefused("account_unknown", name=actor.name)
    if known.role is not actor.role:
        raise TransitionRefused("account_differs", name=actor.name, role=known.role.value)
    return known
