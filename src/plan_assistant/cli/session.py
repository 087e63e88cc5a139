"""What the options before a command say: which store, who works, in which language."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from plan_assistant.domain.errors import TransitionRefused

if TYPE_CHECKING:
    from plan_assistant.adapters.keys.ring import LayeredRing
    from plan_assistant.domain.events import Json
    from plan_assistant.ports import Clock, Journal, PersonalStore
    from plan_assistant.services.desk import Desk
    from plan_assistant.services.staff import Door, Proof

DEFAULT_LOCK_MINUTES: Final = 10


def language_of() -> str:
    """Return the language of the environment: Chinese where it says so, else English."""
    return "zh" if os.environ.get("LANG", "").lower().startswith("zh") else "en"


PASSWORD_VARIABLE: Final = "PLAN_ASSISTANT_PASSWORD"


@dataclass
class Session:
    """One run of the command line."""

    store_url: str | None
    account_name: str | None
    language: str
    clock: Clock | None = None
    policies_folder: Path | None = None
    """Folder with packs of the lender's own."""
    password: str | None = field(default=None, repr=False)
    """The password of the account, where it is known without asking: a demo's."""
    reads_password: bool = False
    """Whether the first line of stdin is the password of the account (--password-stdin)."""
    lock_minutes: int = DEFAULT_LOCK_MINUTES
    """Minutes without a key after which the screens lock."""
    is_thrown_away: bool = False
    """Whether the store goes after this run, and all that belongs to it: a demo's."""
    _proof: Proof | None = field(default=None, repr=False)
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
            self._warn()
        return self._store

    def _warn(self) -> None:
        """Say on stderr when the walls between people do not hold for whoever signed in."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        if self.keeps_quiet or self._store is None:
            return
        if not (faults := bootstrap.login_faults(self._store)):
            return
        from plan_assistant.wording.logins import LOUD, login_sentence  # noqa: PLC0415

        for fault in faults:
            if fault in LOUD:
                click.echo(login_sentence(fault, self._store.login or "", self.language), err=True)

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

        Its master key and journal are thrown away with it: they lie beside it.
        """
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        self.store_url, self.is_thrown_away = place, True
        self.ring = bootstrap.key_ring(place, makes_beside=True)

    @property
    def door(self) -> Door:
        """What letting people in needs."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        return bootstrap.door(self.store, self.clock)

    @property
    def proof(self) -> Proof:
        """Who is at work, by the password given to this run; asked for and checked once."""
        if self._proof is None:
            from plan_assistant.services.staff import authenticate  # noqa: PLC0415  # --help needs none

            name = self._name()
            self._require_password_set(name)
            self._proof = authenticate(self.door, name, self.ask_password(name))
        return self._proof

    def desk(self, *, delivers: bool = True) -> Desk:
        """Return the desk of the account named with --as; one account alone needs no name.

        What this person did while the store was away is delivered first: nothing overtakes it.
        Where the store knows who signed in, nobody works under another name, and nobody is asked
        for a password again.
        """
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        account = (
            self.proof.account
            if self.store.login is None
            else bootstrap.account_named(self.store, self._name())
        )
        desk = bootstrap.desk(
            self.store,
            account,
            clock=self.clock,
            policies_folder=self.policies_folder,
            journal=self.journal,
        )
        if delivers:
            self._deliver(desk)
        return desk

    def _deliver(self, desk: Desk) -> None:
        from plan_assistant.services.deliver import deliver, unsaved  # noqa: PLC0415  # rarely needed

        if not unsaved(desk).waiting:
            return
        from plan_assistant.wording import keeping  # noqa: PLC0415  # rarely needed

        delivery = deliver(desk)
        said = [keeping.refused_sentence(one, self.language) for one in delivery.refused]
        if delivery.delivered:
            said.append(keeping.delivered_sentence(len(delivery.delivered), self.language))
        if delivery.left.waiting:
            said.append(keeping.waiting_sentence(delivery.left.waiting, self.language))
        for sentence in said:
            click.echo(sentence, err=True)

    @property
    def journal(self) -> Journal:
        """Where acts for the store are kept while it is away; the store need not be open."""
        from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

        return bootstrap.journal(self.store_url, self.ring, self._store, beside=self.is_thrown_away)

    def _name(self) -> str:
        names = [one.name for one in self.store.accounts()]
        login = self.store.login
        if login is not None:
            if login not in names:
                raise TransitionRefused("login_has_no_account", login=login)
            if self.account_name not in {None, login}:
                raise TransitionRefused(
                    "not_your_account", name=self.account_name or "", login=login
                )
            return login
        if self.account_name is not None:
            return self.account_name
        if not names:
            raise TransitionRefused("nobody_works_here")
        if len(names) > 1:
            raise TransitionRefused("who_are_you", known=", ".join(names))
        return names[0]

    def _require_password_set(self, name: str) -> None:
        """Refuse an account without a password before one is asked for."""
        from plan_assistant.services.staff import without_password  # noqa: PLC0415  # --help needs none

        if name in without_password(self.door):
            raise TransitionRefused("password_not_set", name=name)

    # --- passwords ----------------------------------------------------------------------------

    @property
    def known_password(self) -> str | None:
        """The password of the account where nobody has to type it: given, on stdin, environment."""
        if self.password is not None:
            return self.password
        if self.reads_password:
            self.password = _line_of_stdin()
            return self.password
        return os.environ.get(PASSWORD_VARIABLE) or None

    def ask_password(self, name: str) -> str:
        """Return the password of the account at work, from a prompt where it is not known."""
        from plan_assistant.wording.words import words  # noqa: PLC0415  # --help needs none

        known = self.known_password
        if known is not None:
            return known
        require_terminal()
        return _hidden(words(self.language)("Password of {name}", name=name))

    def ask_new_password(self, name: str, *, from_stdin: bool) -> str:
        """Return a new password: typed twice without being shown, or the next line of stdin."""
        from plan_assistant.wording.words import words  # noqa: PLC0415  # --help needs none

        if from_stdin:
            # Where stdin also holds the password of the account at work, that line comes first.
            self.password = self.known_password
            return _line_of_stdin()
        if not sys.stdin.isatty():
            raise TransitionRefused("new_password_needed")
        say = words(self.language)
        first = _hidden(say("New password of {name}", name=name))
        if _hidden(say("The same once more")) != first:
            raise TransitionRefused("passwords_differ")
        return first


def require_terminal() -> None:
    """Refuse to ask for a password where nobody can type one."""
    if not sys.stdin.isatty():
        raise TransitionRefused("password_needed", variable=PASSWORD_VARIABLE)


def _hidden(prompt: str) -> str:
    return str(click.prompt(prompt, hide_input=True, err=True, prompt_suffix=": "))


def _line_of_stdin() -> str:
    line = sys.stdin.readline()
    if not line:
        raise TransitionRefused("password_line_missing")
    return line.rstrip("\r\n")


def echo_json(value: Json) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
