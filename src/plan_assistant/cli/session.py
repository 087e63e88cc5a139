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
    from plan_assistant.adapters.keys.ring import LayeredRing
    from plan_assistant.domain.events import Json
    from plan_assistant.ports import Clock, PersonalStore
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
    ring: LayeredRing | None = None
    """The master keys; None until the store is opened."""
    keeps_quiet: bool = False
    """Whether a screen is up that a line on stderr would damage."""
    _store: PersonalStore | None = field(default=None, repr=False)

    @property
    def store(self) -> PersonalStore:
        """The store, opened when it is first needed."""
        if self._store is None:
            from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

            self.ring = self.ring or bootstrap.key_ring(self.store_url)
            self._store = bootstrap.open_store(self.store_url, self.ring)
            self.tell_of_new_key()
        return self._store

    def tell_of_new_key(self) -> None:
        """Say once that a master key was made, and where: nobody else has a copy of it."""
        if self.keeps_quiet or self.ring is None or self.ring.made_in is None:
            return
        from plan_assistant.wording.problem_texts import translated  # noqa: PLC0415  # rarely needed
        from plan_assistant.wording.words import words  # noqa: PLC0415  # rarely needed

        place, self.ring.made_in = self.ring.made_in, None
        click.echo(
            words(self.language)(
                "A new master key was made in {place}. Keep a copy of it in a safe place: without "
                "it nobody can read the names and numbers in this store again.",
                place=translated(place, self.language),
            ),
            err=True,
        )

    def close(self) -> None:
        """Close the store if it was opened."""
        if self._store is not None:
            self._store.close()

    def open_at(self, place: str) -> None:
        """Work on a store at that place that is thrown away, whatever the options said.

        Its master key is thrown away with it: it lies beside it.
        """
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        self.store_url = place
        self.ring = bootstrap.key_ring(place, makes_beside=True)

    def desk(self) -> Desk:
        """Return the desk of the account named with --as; one account alone needs no name."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        accounts = self.store.accounts()
        if self.account_name is not None:
            account = bootstrap.account_named(self.store, self.account_name)
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
