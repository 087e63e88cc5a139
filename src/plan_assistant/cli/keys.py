"""The master key of a store: which one it is, a new one, another one, one less."""

from __future__ import annotations

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.services.staff import is_guarded, require_may_rotate
from plan_assistant.wording.problem_texts import translated
from plan_assistant.wording.words import words


@click.group()
def keys() -> None:
    """The master key of a store. It opens the names and numbers; without it nobody can."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def status(session: Session, *, as_json: bool) -> int:
    """Which master key the store stands on, where it lies, and what it covers."""
    found = session.store.key_status()
    assert session.ring is not None  # the store was opened with it
    place = translated(session.ring.where(found.master_key_id), session.language)
    if as_json:
        echo_json(
            {
                "master_key_id": found.master_key_id,
                "place": place,
                "cases_with_key": found.cases_with_key,
                "cases_erased": found.cases_erased,
                "facts_in_clear": found.facts_in_clear,
                "cases_in_clear": list(found.cases_in_clear),
            }
        )
        return FINE
    say = words(session.language)
    click.echo(say("Master key {key_id}, in {place}.", key_id=found.master_key_id, place=place))
    click.echo(
        say(
            "Cases with a key of their own: {kept}; erased: {erased}.",
            kept=found.cases_with_key,
            erased=found.cases_erased,
        )
    )
    if found.facts_in_clear:
        click.echo(
            say.plural(
                "{count} fact was recorded in plain text by an older version; it stays so.",
                "{count} facts were recorded in plain text by an older version; they stay so.",
                found.facts_in_clear,
            )
        )
    return FINE


@keys.command()
def new() -> int:
    """Print a fresh master key, for PLAN_ASSISTANT_MASTER_KEY or a file of your own.

    It is kept nowhere: the line on the screen is all there is of it.
    """
    click.echo(bootstrap.new_master_key())
    return FINE


@keys.command()
@click.pass_obj
def rotate(session: Session) -> int:
    """Put the store under another master key, in one step; every case stays readable.

    The newest key at hand is taken where the store does not stand on it yet; else one is made. The
    old key stays where it is, for other stores and older copies: `keys forget` removes it. Once an
    administrator of a store in a file has a password, only an administrator rotates (--as NAME).
    """
    store = session.store
    if store.login is None:
        # On PostgreSQL the owner of the tables rotates, and the store itself knows who that is.
        door = session.door
        by = session.proof if is_guarded(door) and session.account_name else None
        require_may_rotate(door, by)
    ring = session.ring
    assert ring is not None  # the store was opened with it
    before = store.key_status().master_key_id
    newest = ring.newest()
    to = newest if newest is not None and newest.key_id != before else ring.make()
    left = store.rotate(to)
    session.tell_of_new_key()
    say = words(session.language)
    for case_id in left:
        click.echo(
            say(
                "The key of case {case_id} does not open and was left as it is: it was altered, or "
                "somebody wrote it for a case they never opened.",
                case_id=case_id,
            ),
            err=True,
        )
    click.echo(
        say(
            "The store stands on the master key {new} now. The old one, {old}, is still kept; "
            "plan-assistant keys forget {old} removes it once no other store or copy needs it.",
            new=to.key_id,
            old=before,
        )
    )
    return FINE


@keys.command()
@click.argument("key_id")
@click.pass_obj
def forget(session: Session, key_id: str) -> int:
    """Remove a master key from the files and the keyring of this user, for good.

    Refused while the store, or an act that waits on this machine, stands on it. Other stores and
    copies that stand on it can then be read by nobody who has no other copy of the key; that is how
    old backups are shredded.
    """
    say = words(session.language)
    if session.store.key_status().master_key_id == key_id:
        raise TransitionRefused("key_in_use", key_id=key_id)
    kept = session.journal.content()
    if kept.acts and key_id in kept.master_keys:
        raise TransitionRefused("acts_wait_under_key", key_id=key_id, count=str(len(kept.acts)))
    assert session.ring is not None  # the store was opened with it
    places = session.ring.forget(key_id)
    if not places:
        raise TransitionRefused("no_such_key", key_id=key_id)
    click.echo(
        say(
            "Removed the master key {key_id} from {places}.",
            key_id=key_id,
            places=", ".join(translated(place, session.language) for place in places),
        )
    )
    return FINE
