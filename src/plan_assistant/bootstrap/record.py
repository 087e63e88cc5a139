"""What keeps the record: who seals it, what audits it, and its backups.

Not here: the store that it lies in (`stores.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.seal import Witness
from plan_assistant.ports import Archive, Clock, KeyRing, Sealer, Store

if TYPE_CHECKING:
    from plan_assistant.adapters.store.safekeeping import Kept
    from plan_assistant.adapters.store.seals import SqlSeals
    from plan_assistant.domain.approval import WrongApproval
    from plan_assistant.domain.audit import Report


def archive(store: Store) -> Archive:
    """Return the rows of a store for those who audit it."""
    return _seals(store)


def _seals(store: Store) -> SqlSeals:
    from plan_assistant.adapters.store.seals import SqlSeals  # noqa: PLC0415  # SQLAlchemy is slow to import
    from plan_assistant.adapters.store.sql_store import SqlStore  # noqa: PLC0415

    if not isinstance(store, SqlStore):
        raise TypeError(f"{type(store).__name__} holds no checkpoints")
    return SqlSeals(store)


def sealer(
    store: Store,
    clock: Clock,
    *,
    passphrase: str | None = None,
    takes_over: bool = False,
    clock_is_right: bool = False,
) -> Sealer:
    """Return who seals a store: with the key of this account, or without one only a reader.

    The passphrase comes from the environment where none is given. Raises InputRefused for a key
    that cannot be used.
    """
    from plan_assistant.adapters import outside  # noqa: PLC0415  # only sealing needs these
    from plan_assistant.adapters.sealer import KeySealer, SealReader  # noqa: PLC0415
    from plan_assistant.adapters.signing import SealKey  # noqa: PLC0415

    seals = _seals(store)
    secret = passphrase or outside.passphrase()
    if secret is None or (passphrase is None and not seals.store.may_seal):
        return SealReader(seals)
    key = SealKey.load(outside.key_file(), secret)
    return KeySealer(seals, key, clock, takes_over=takes_over, clock_is_right=clock_is_right)


def passing_sealer(store: Store, clock: Clock) -> Sealer:
    """Return a sealer with a key that is never written down: for a demo."""
    from plan_assistant.adapters.sealer import KeySealer  # noqa: PLC0415  # only sealing needs these
    from plan_assistant.adapters.signing import SealKey  # noqa: PLC0415

    return KeySealer(_seals(store), SealKey.make(), clock)


def seal_passphrase(ask: Callable[[], str] | None) -> str:
    """Return the passphrase of the seal key: from the environment, or from whom we can ask."""
    from plan_assistant.adapters import outside  # noqa: PLC0415  # only sealing needs it

    given = outside.passphrase()
    if given is not None:
        return given
    if ask is None:
        raise outside.nobody_to_ask()
    return ask()


def make_seal_key(passphrase: str, public: Path | None) -> tuple[str, Path, Path]:
    """Make the seal key of this account; return its id and the files of both halves."""
    from plan_assistant.adapters.outside import key_file  # noqa: PLC0415  # only sealing needs these
    from plan_assistant.adapters.signing import SealKey  # noqa: PLC0415

    key, path = SealKey.make(), key_file()
    told = public or path.with_suffix(".pub.pem")
    key.save(path, passphrase)
    try:
        key.save_public(told)
    except PlanAssistantError:
        # Nobody could verify what this key seals, and another one could not be made beside it.
        path.unlink()
        raise
    return key.key_id, path, told


def is_signed(public_key: str, content: bytes, signature: str) -> bool:
    """Say whether that key signed that content."""
    from plan_assistant.adapters.signing import is_signed as check  # noqa: PLC0415  # only audits need it

    return check(public_key, content, signature)


def public_key_id(path: Path) -> str:
    """Return the id of the public key in a file; raises InputRefused for anything else."""
    from plan_assistant.adapters.signing import read_public_key  # noqa: PLC0415  # only audits need it

    return read_public_key(path)


def read_witness(given: str) -> Witness:
    """Return a checkpoint kept elsewhere, from its text or a file."""
    from plan_assistant.adapters.outside import read_witness as read  # noqa: PLC0415  # only audits need it

    return read(given)


def back_up(store: Store, target: Path, *, replace: bool) -> Kept:
    """Copy a store while others work on it, and audit the copy."""
    from plan_assistant.adapters.store import safekeeping  # noqa: PLC0415  # SQLAlchemy is slow to import

    return safekeeping.back_up(_seals(store).store, target, _audited, replace=replace)


def restore(
    source: Path, url: str | None, *, ring: KeyRing | None = None, replace: bool, at: datetime
) -> Kept | Report | WrongApproval:
    """Put a backup that holds where the store is, or belongs."""
    from plan_assistant.adapters.store import safekeeping  # noqa: PLC0415  # SQLAlchemy is slow to import

    return safekeeping.restore(
        source, url, _audited, wrong_approval, ring=ring, replace=replace, at=at
    )


def wrong_approval(store: Store) -> WrongApproval | None:
    """Return the first approval in a store that its lead did not sign; None when all hold.

    A case that cannot be read at all has none: the audit of the rows names what is wrong with it.
    """
    from plan_assistant.adapters.approval_keys import verify_approvals  # noqa: PLC0415  # only audits need it

    events, _ = store.readable_events()
    return verify_approvals(events, store.credentials.key_registry())


def record_verifiers() -> dict[str, bytes]:
    """Return the programs that are handed out with an exported record."""
    from plan_assistant.handout import verifiers  # noqa: PLC0415  # only an export needs them

    return verifiers()


def _audited(record: Archive) -> Report:
    from plan_assistant.services.audit import verify_record  # noqa: PLC0415  # only copies are audited here

    return verify_record(record, is_signed=is_signed)
