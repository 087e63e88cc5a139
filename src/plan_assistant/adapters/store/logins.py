"""Database roles: who is signed in, what is wrong with their powers, and how a person gets a role.

A person is a login role of their own, a member of exactly one group of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from plan_assistant.adapters.store.people import enter
from plan_assistant.adapters.store.schema import account
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role

OWNER: Final = "plan_assistant_owner"
"""Owns the tables; nobody signs in as it."""
GROUPS: Final = {role: f"plan_assistant_{role.value}" for role in Role}
SEALER: Final = "plan_assistant_sealer"
"""The group of the login under which a program seals the record; it belongs to nobody."""
_ENTER: Final = postgresql.insert(account).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Login:
    """The database role that is signed in, and its powers."""

    name: str
    is_superuser: bool
    passes_row_security: bool
    creates_roles: bool
    is_owner: bool
    """Whether it may act as the owner of the tables."""
    groups: tuple[str, ...]
    """Those of ours that it is a member of."""
    group_of_account: str | None
    """The group that the account of that name should be in; None when there is no account."""

    @property
    def seals(self) -> bool:
        """Whether it may write checkpoints."""
        return SEALER in self.groups

    @property
    def sees_all_rows(self) -> bool:
        """Whether no row of the record is out of its sight."""
        seeing = {SEALER, GROUPS[Role.AUDITOR]}
        return self.is_superuser or self.passes_row_security or not seeing.isdisjoint(self.groups)

    @property
    def faults(self) -> tuple[str, ...]:
        """What makes the walls between people void for this login, as codes; best is none."""
        found = {
            "superuser": self.is_superuser,
            "passes_row_security": self.passes_row_security and not self.is_superuser,
            "owner": self.is_owner and not self.is_superuser,
            "creates_roles": self.creates_roles and not self.is_superuser,
            "no_account": self.group_of_account is None and self.groups != (SEALER,),
            "several_groups": len(self.groups) > 1 and not self.is_superuser,
            "group_differs": self.group_of_account is not None
            and self.group_of_account not in self.groups,
        }
        return tuple(code for code, is_so in found.items() if is_so)


_WHO: Final = text(
    "select session_user as name, r.rolsuper, r.rolbypassrls, r.rolcreaterole,"
    " coalesce((select pg_has_role(session_user, o.oid, 'member') from pg_roles o"
    "  where o.rolname = :owner), false) as is_owner,"
    " array(select g.rolname::text from pg_roles g where g.rolname = any(:groups)"
    "  and pg_has_role(session_user, g.oid, 'member') order by 1) as groups,"
    " (select a.role from account a where a.name = session_user) as role"
    " from pg_roles r where r.rolname = session_user"
)


def signed_in(connection: Connection) -> Login:
    """Return who is signed in; the store's tables must be there."""
    row = connection.execute(_WHO, {"owner": OWNER, "groups": [*GROUPS.values(), SEALER]}).one()
    return Login(
        name=row.name,
        is_superuser=row.rolsuper,
        passes_row_security=row.rolbypassrls,
        creates_roles=row.rolcreaterole or row.rolsuper,
        is_owner=row.is_owner,
        groups=tuple(row.groups),
        group_of_account=None if row.role is None else GROUPS.get(row.role),
    )


def admit(connection: Connection, person: Account, by: Login, password: str | None) -> None:
    """Write a person down and, where `by` may, give them a database role with that password.

    Without the right to create roles, or without a password, only the account is added: whoever
    looks after the database then creates the role (`role_statements`). The password reaches the
    server as a SCRAM verifier only.
    """
    if by.is_owner:
        connection.execute(text(f"set local role {OWNER}"))
    enter(connection, person, _ENTER)
    if by.is_owner:
        connection.execute(text("set local role none"))
    if by.creates_roles and password is not None and not _is_role(connection, person.name):
        for statement in role_statements(person, _verifier(connection, person.name, password)):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def role_statements(person: Account, verifier: str) -> tuple[str, ...]:
    """Return the SQL that lets a person sign in, as a member of the one group of their role."""
    name, group = sql.Identifier(person.name), sql.Identifier(GROUPS[person.role])
    return (
        sql.SQL("create role {} login password {}").format(name, sql.Literal(verifier)).as_string(),
        sql.SQL("grant {} to {}").format(group, name).as_string(),
    )


def statements_to_admit(person: Account) -> str:
    """Return the SQL for whoever looks after the database, who then sets the password."""
    name, group = sql.Identifier(person.name), sql.Identifier(GROUPS[person.role])
    made = sql.SQL("create role {} login; grant {} to {};").format(name, group, name)
    return made.as_string()


def _is_role(connection: Connection, name: str) -> bool:
    return bool(
        connection.execute(
            text("select exists (select 1 from pg_roles where rolname = :name)"), {"name": name}
        ).scalar_one()
    )


def _verifier(connection: Connection, name: str, password: str) -> str:
    driver = connection.connection.driver_connection
    assert driver is not None  # a checked-out connection has one
    made = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return str(made.decode())
