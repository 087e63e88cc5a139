"""The only place that builds real adapters and hands them to services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.clock import DemoClock, SystemClock
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import PlanAssistantError, TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.seal import Witness
from plan_assistant.ports import (
    ApprovalKeys,
    Archive,
    Clock,
    DocumentWriter,
    Files,
    Journal,
    KeyRing,
    Passwords,
    PersonalStore,
    Sealer,
    Store,
)
from plan_assistant.services.desk import Desk
from plan_assistant.services.staff import Door, give_demo_password

if TYPE_CHECKING:
    from plan_assistant.adapters.keys.ring import LayeredRing
    from plan_assistant.adapters.store.safekeeping import Kept
    from plan_assistant.adapters.store.seals import SqlSeals
    from plan_assistant.domain.approval import WrongApproval
    from plan_assistant.domain.audit import Report
    from plan_assistant.domain.health import Check
    from plan_assistant.domain.offers.published import Waterfall

DEMO_START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
"""When the demo's clock starts: half past nine in China on the samples' cut-off date."""

DEMO_COLLECTOR = Account("wu.hao", "吴昊", Role.COLLECTOR)
DEMO_LEAD = Account("li.na", "李娜", Role.TEAM_LEAD)
DEMO_PASSWORD = "demo"
"""Of both invented people; the screens of a demo tell it."""


def open_store(url: str | None = None, ring: KeyRing | None = None) -> PersonalStore:
    """Open the store at a path or URL; the default is the user's own data folder.

    Its master key comes from `ring`, or else from the places of this user.
    """
    from plan_assistant.adapters.store import open_store as open_sqlite  # noqa: PLC0415  # SQLAlchemy is slow to import

    return open_sqlite(url, ring=ring or key_ring(url))


def key_ring(url: str | None = None, *, makes_beside: bool = False) -> LayeredRing:
    """Return the master keys of this user for a store.

    `makes_beside` keeps a new key in a file beside the store, for one that is thrown away.
    """
    from plan_assistant.adapters.keys.ring import default_ring  # noqa: PLC0415  # only stores need it
    from plan_assistant.adapters.store.place import default_place, is_postgres, place_named  # noqa: PLC0415

    if url is not None and is_postgres(url):
        return default_ring()
    place = default_place() if url is None else place_named(url)
    return default_ring(place, makes_beside=makes_beside)


def journal(
    url: str | None,
    ring: KeyRing | None = None,
    store: Store | None = None,
    *,
    beside: bool = False,
) -> Journal:
    """Return where acts for the store at that place are kept on this machine while it is away.

    It lies in the user's own state folder: the folder of the store may be what is away. What is
    kept is sealed under the master key of `store` where that is open. `beside` keeps it in the
    folder of the store, for one that is thrown away. What older versions kept under another name
    of the same store waits there from now on.
    """
    from plan_assistant.adapters.journal import journal_of, older_journals  # noqa: PLC0415  # only stores need it

    key_id, ring = getattr(store, "master_key_id", None), ring or key_ring(url)
    found = journal_of(url, ring, key_id, beside=beside)
    for older in () if beside else older_journals(url, ring):
        found.take_over(older)
    return found


def new_master_key() -> str:
    """Return a fresh master key as text, for whoever keeps it in a place of their own."""
    from plan_assistant.adapters.keys import master  # noqa: PLC0415  # only asked for by name

    return master.written(master.new_master_key())


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
    from plan_assistant.adapters.outside import read_witness as read  # noqa: PLC0415

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
    from plan_assistant.services.audit import verify_record  # noqa: PLC0415

    return verify_record(record, is_signed=is_signed)


def examine(url: str | None, clock: Clock) -> tuple[Check, ...]:
    """Look at the program and the store at that place from outside."""
    from plan_assistant.adapters.doctor import examine as look  # noqa: PLC0415  # reads fonts and store

    return look(url, clock)


def prepare_store(url: str | None, ring: KeyRing | None = None) -> str:
    """Make the tables of a store on PostgreSQL, or bring them up to date; return their revision.

    A new store stands on the newest master key of `ring`, or of the places of this user.
    """
    from plan_assistant.adapters.store.preparing import prepare  # noqa: PLC0415  # SQLAlchemy is slow to import

    return prepare(url, ring)


def login_faults(store: Store) -> tuple[str, ...]:
    """Return what makes the walls of a store void for whoever is signed in, as codes.

    A file has no logins, and so no faults: whoever can write it can work as anybody.
    """
    if store.login is None:
        return ()
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415  # psycopg is an extra

    return store.signed_in.faults if isinstance(store, PostgresStore) else ()


def creates_logins(store: Store) -> bool:
    """Say whether adding a person to that store can give them a database role, too."""
    if store.login is None:
        return False
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415  # psycopg is an extra

    return isinstance(store, PostgresStore) and store.signed_in.creates_roles


def add_person(store: Store, person: Account, password: str | None) -> str | None:
    """Add a person to a store, with a database role where one is asked for by its password.

    Return the SQL by which somebody else has to create that role; None when nothing is left to do.
    """
    if store.login is None:
        store.add_account(person)
        return None
    from plan_assistant.adapters.store.logins import statements_to_admit  # noqa: PLC0415  # psycopg is an extra
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415

    assert isinstance(store, PostgresStore)  # the only store that knows who is signed in
    store.add_account(person, password)
    return None if store.signed_in.creates_roles else statements_to_admit(person)


def policies(given: str | Path | None = None, folder: Path | None = None) -> PackagedPolicies:
    """Return the packs of the program and of a lender's folder, or one pack for all cases."""
    return PackagedPolicies(given, folder)


def calendars() -> PackagedCalendars:
    """Return the holiday calendars of the program."""
    return PackagedCalendars()


def keep_freed_memory() -> None:
    """Let a process that searches on every key press keep the memory that a search frees."""
    from plan_assistant.adapters import memory  # noqa: PLC0415  # only screens need it

    memory.keep_freed_memory()


def system_clock() -> Clock:
    """Return the clock of the machine."""
    return SystemClock()


def desk(
    store: Store,
    account: Account,
    *,
    clock: Clock | None = None,
    policy: str | Path | None = None,
    policies_folder: Path | None = None,
    journal: Journal | None = None,
) -> Desk:
    """Return a desk with the real clock, packs and calendars."""
    if store.login not in {None, account.name}:
        raise TransitionRefused("not_your_account", name=account.name, login=store.login or "")
    packs = policies(policy, policies_folder)
    now = clock or system_clock()
    return Desk(account, store, now, packs, calendars(), passwords(), approval_keys(), journal)


def passwords() -> Passwords:
    """Return the hash that passwords are checked by."""
    from plan_assistant.adapters.passwords import Argon2Passwords  # noqa: PLC0415  # only to sign in

    return Argon2Passwords()


def approval_keys() -> ApprovalKeys:
    """Return what makes, opens and checks the keys of approvals."""
    from plan_assistant.adapters.approval_keys import Ed25519Keys  # noqa: PLC0415  # only to approve

    return Ed25519Keys()


def staff_demo(store: Store, clock: Clock) -> None:
    """Let the invented people of the demo work on a store, with a password that anybody may know.

    It is shorter than a password may be.
    """
    at_door = door(store, clock)
    for person in (DEMO_COLLECTOR, DEMO_LEAD):
        store.add_account(person)
        give_demo_password(at_door, person, DEMO_PASSWORD)


def door(store: Store, clock: Clock | None = None) -> Door:
    """Return what letting people in needs."""
    return Door(store, clock or system_clock(), passwords(), approval_keys())


def account_named(store: Store, name: str) -> Account:
    """Return the account of that name; raises TransitionRefused when there is none."""
    for account in store.accounts():
        if account.name == name:
            return account
    raise TransitionRefused(
        "no_such_account", name=name, known=", ".join(a.name for a in store.accounts())
    )


def demo_clock() -> Clock:
    """Return a clock that starts on the morning of the samples' cut-off date."""
    return DemoClock(DEMO_START)


def document_writer() -> DocumentWriter:
    """Return the writer of agreements as PDF."""
    from plan_assistant.adapters.documents.writer import PdfWriter  # noqa: PLC0415  # loads fonts

    return PdfWriter()


def files() -> Files:
    """Return the writer of exported files."""
    from plan_assistant.adapters.files import LocalFiles  # noqa: PLC0415  # only exports need it

    return LocalFiles()


def load_case(path: Path) -> Case:
    """Read a case file; raises InputRefused with every problem found."""
    from plan_assistant.adapters.importers.json_file import load_case as load  # noqa: PLC0415  # its models are slow

    return load(path)


def read_case_text(text: str, source: str) -> Case:
    """Read a case from the text of a case file."""
    from plan_assistant.adapters.importers.json_file import parse_case  # noqa: PLC0415  # its models are slow

    return parse_case(text.encode(), source)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file; raises InputRefused when it cannot be read."""
    from plan_assistant.adapters.reading import sha256_of as hashed  # noqa: PLC0415

    return hashed(path)


def read_json(path: Path) -> object:
    """Read a JSON file; raises InputRefused when it cannot be read."""
    from plan_assistant.adapters.importers.json_text import read_json as read  # noqa: PLC0415

    return read(path)


def waterfalls(names: Sequence[str] = ()) -> tuple[Waterfall, ...]:
    """Return published waterfalls by name or file; without names all that the program has."""
    from plan_assistant.adapters.waterfalls import named_waterfall, packaged_waterfalls  # noqa: PLC0415

    if not names:
        return tuple(packaged_waterfalls().values())
    return tuple(named_waterfall(name) for name in dict.fromkeys(names))
