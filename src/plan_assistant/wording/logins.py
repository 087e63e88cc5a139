"""What is wrong with the powers of a database login, and who has to do what about it."""

from __future__ import annotations

from typing import Final

from plan_assistant.wording.words import message, words

_FAULTS: Final = {
    "superuser": message(
        "{login} is a superuser of the database: no wall between people holds for it. Work under a "
        "login of your own that is not."
    ),
    "passes_row_security": message(
        "{login} passes row security, so it sees every team. Take BYPASSRLS from it, or work under "
        "another login."
    ),
    "owner": message(
        "{login} may act as the owner of the tables and could take the walls down. Use it for "
        "migrations and for adding people only."
    ),
    "creates_roles": message(
        "{login} may create logins and set passwords, and so sign in as others. Use it for adding "
        "people only."
    ),
    "no_account": message(
        "Nobody called {login} works on this store. Have the account added: plan-assistant staff "
        "add {login} ROLE."
    ),
    "several_groups": message(
        "{login} is a member of more than one group of ours and has the powers of all. Have it "
        "taken out of the others."
    ),
    "group_differs": message(
        "{login} is not a member of the group of its role, so its acts are refused. Have it added "
        "to that group."
    ),
}
LOUD: Final = frozenset({"superuser", "passes_row_security", "owner"})
"""Faults that are said whenever a store is opened."""


def login_sentence(fault: str, login: str, language: str) -> str:
    """Return the sentence of a fault."""
    return words(language)(_FAULTS[fault], login=login)
