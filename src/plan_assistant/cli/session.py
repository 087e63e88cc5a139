"""What the options before a command say: which store, who works, in which language."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plan_assistant.domain.errors import TransitionRefused

if TYPE_CHECKING:
    from plan_assistant.domain.events import Json
    from plan_assistant.ports import Clock, Store
    from plan_assistant.services.desk import Desk


def language_of() -> str:
    """Return the language of the environment: Chinese where it says so, else English."""
    return "zh" if os.environ.get("LANG", "").lower().startswith("zh") else "en"


@dataclass
class Session:
    """One run of the command line."""

    store_url: str | None
    account_name: str | None
    language: str
    clock: Clock | None = None
    policies_folder: Path | None = None
    """Folder with packs of the lender's own."""
    _store: Store | None = field(default=None, repr=False)

    @property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        if self._store is None:
            from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

            self._store = bootstrap.open_store(self.store_url)
            self._warn()
        return self._store

    def _warn(self) -> None:
        """Say on stderr when the walls between people do not hold for whoever signed in."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        if self._store is None or not (faults := bootstrap.login_faults(self._store)):
            return
        from plan_assistant.wording.logins import LOUD, login_sentence  # noqa: PLC0415

        for fault in faults:
            if fault in LOUD:
                click.echo(login_sentence(fault, self._store.login or "", self.language), err=True)

    def close(self) -> None:
        """Close the store if it was opened."""
        if self._store is not None:
            self._store.close()

    def open_at(self, place: str) -> None:
        """Work on the store at that place, whatever the options said."""
        self.store_url = place

    def desk(self) -> Desk:
        """Return the desk of the account named with --as; one account alone needs no name."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        accounts, login = self.store.accounts(), self.store.login
        if self.account_name is not None:
            account = bootstrap.account_named(self.store, self.account_name)
        elif login is not None:
            if login not in {item.name for item in accounts}:
                raise TransitionRefused("login_has_no_account", login=login)
            account = bootstrap.account_named(self.store, login)
        elif len(accounts) == 1:
            account = accounts[0]
        elif not accounts:
            raise TransitionRefused("nobody_works_here")
        else:
            raise TransitionRefused("who_are_you", known=", ".join(item.name for item in accounts))
        return bootstrap.desk(
            self.store, account, clock=self.clock, policies_folder=self.policies_folder
        )


def echo_json(value: Json) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
