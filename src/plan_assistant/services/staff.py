"""The people who work here: letting them in by their passwords, and giving them one.

Not here: what a password is (`domain/passwords.py`) and what a role may do
(`domain/transitions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex

from plan_assistant.domain.approval import ApprovalKey
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.passwords import PasswordKey, StoredPassword, require_fit
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import ApprovalKeys, Clock, Passwords, Signer, Store


@dataclass(frozen=True, slots=True)
class Door:
    """What letting people in needs from the outside."""

    store: Store
    clock: Clock
    passwords: Passwords
    keys: ApprovalKeys


@dataclass(frozen=True, slots=True)
class Proof:
    """A person who has just given the right password."""

    account: Account
    stored: StoredPassword = field(repr=False)
    key: PasswordKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signing:
    """A person's key, ready to sign what they decide at one moment.

    Keep it for every retry of the same act: what is signed then stays the same to the byte.
    """

    account: str
    signer: Signer
    at: datetime
    """The moment that the signature names and the record keeps."""
    nonce: str = field(default_factory=lambda: token_hex(32), repr=False)
    """What the salts of sentences are made of; never written down."""

    def salt(self, case_id: CaseId, plan: str) -> str:
        """Return what is hashed with the sentence about that plan, by its fingerprint.

        Of several cases that are approved at once each has its own: that of one that is kept tells
        nothing about one that was erased.
        """
        return fingerprint({"nonce": self.nonce, "case_id": case_id, "plan": plan})


def authenticate(door: Door, name: str, password: str) -> Proof:
    """Return who gave the right password; the slow hash runs once.

    Raises TransitionRefused: `wrong_name_or_password` says not which of them was wrong,
    `wait_before_retry` after failures in a row, `password_not_set` where there is none yet.
    """
    account = _account(door, name)
    stored = None if account is None else door.store.credentials.password_of(name)
    if account is None:
        door.passwords.waste(password)
        raise TransitionRefused("wrong_name_or_password")
    if stored is None:
        raise TransitionRefused("password_not_set", name=name)
    door.store.credentials.begin_attempt(name, door.clock.now())
    key = door.passwords.open(password, stored.verifier)
    door.store.credentials.end_attempt(name, door.clock.now(), came_in=key is not None)
    if key is None:
        raise TransitionRefused("wrong_name_or_password")
    return Proof(account, stored, key)


def require_back(door: Door, account: Account, password: str) -> None:
    """Refuse to unlock the screens of a person for anybody else.

    Raises TransitionRefused (wrong_name_or_password) for another password than the person's: that
    of the store where people sign in to it, and else the one of this program.
    """
    if door.store.login is None:
        authenticate(door, account.name, password)
    elif not door.store.knows_password(password):
        raise TransitionRefused("wrong_name_or_password")


def signing_of(door: Door, proof: Proof, at: datetime | None = None) -> Signing:
    """Return the person's key, unlocked by the password they have just given.

    Raises TransitionRefused when it does not open: an administrator then gives a new password.
    """
    return Signing(proof.account.name, _signer(door, proof), at or door.clock.now())


def _signer(door: Door, proof: Proof) -> Signer:
    stored = proof.stored
    public = next(
        (
            key.public_key
            for key in door.store.credentials.key_registry().keys
            if (key.account, key.number) == (stored.account, stored.key_number)
        ),
        None,
    )
    signer = (
        None
        if public is None
        else door.keys.unlock(stored.account, public, stored.sealed_key, proof.key)
    )
    if signer is None:
        raise TransitionRefused("approval_key_does_not_open", name=stored.account)
    return signer


def add_person(door: Door, person: Account, password: str, *, by: Proof | None = None) -> Proof:
    """Let a person work here, with a password of their own.

    Where an administrator has a password, only an administrator adds people: otherwise whoever
    finds the program open could become a team lead.
    """
    require_may_add(door, by)
    if door.store.credentials.password_of(person.name) is not None:
        raise TransitionRefused("password_is_set", name=person.name)
    require_fit(password, name=person.name, display_name=person.display_name)
    door.store.add_account(person)
    # A key that somebody else endorsed counts only where that is an administrator.
    is_given = by is not None and by.account.role is Role.ADMINISTRATOR
    return _give(door, person, password, by=by if is_given else None)


def require_may_add(door: Door, by: Proof | None) -> None:
    """Refuse everybody but administrators, where one of them has a password."""
    if by is not None and by.account.role is Role.ADMINISTRATOR:
        return
    keepers = _keepers(door)
    if keepers:
        raise TransitionRefused("administrator_needed", known=", ".join(keepers))


def require_may_rotate(door: Door, by: Proof | None) -> None:
    """Refuse to put a store under another master key to everybody but its administrators.

    Where nobody is one yet, whoever has the file and its key may.
    """
    if by is not None and by.account.role is Role.ADMINISTRATOR:
        return
    keepers = _keepers(door)
    if keepers:
        raise TransitionRefused("only_administrator_rotates", known=", ".join(keepers))


def is_guarded(door: Door) -> bool:
    """Say whether an administrator with a password keeps who may work here."""
    return bool(_keepers(door))


def _keepers(door: Door) -> list[str]:
    guarded = door.store.credentials.with_password()
    return [
        one.name
        for one in door.store.accounts()
        if one.role is Role.ADMINISTRATOR and one.name in guarded
    ]


def set_first_password(door: Door, name: str, password: str) -> Proof:
    """Give the first password to an account that has none: its owner's first sign-in."""
    account = _account(door, name)
    if account is None:
        raise TransitionRefused("wrong_name_or_password")
    if door.store.credentials.password_of(name) is not None:
        raise TransitionRefused("password_is_set", name=name)
    require_fit(password, name=name, display_name=account.display_name)
    return _give(door, account, password, by=None)


def give_demo_password(door: Door, person: Account, password: str) -> Proof:
    """Give an invented person a password that everybody knows, however short it is."""
    return _give(door, person, password, by=None)


def change_password(door: Door, proof: Proof, password: str) -> Proof:
    """Replace the password of the person who has just given it; their approval key stays."""
    account, old = proof.account, proof.stored
    require_fit(password, name=account.name, display_name=account.display_name)
    verifier, key = door.passwords.make(password)
    public = _signer(door, proof).public_key
    sealed = door.keys.seal_again(account.name, public, old.sealed_key, old=proof.key, new=key)
    assert sealed is not None  # it was unlocked on the line above
    stored = replace(
        old,
        number=old.number + 1,
        at=door.clock.now(),
        set_by=account.name,
        verifier=verifier,
        sealed_key=sealed,
    )
    door.store.credentials.add_password(stored, None)
    return Proof(account, stored, key)


def reset_password(door: Door, name: str, password: str, *, by: Proof) -> Proof:
    """Give a person a new password in place of a forgotten one, as an administrator.

    The private key under the old password is lost with it: the person gets a new key pair, signed
    by the administrator. What they approved before stays signed by the old one.
    """
    require_administrator(by, name)
    account = require_known(door, name)
    require_fit(password, name=name, display_name=account.display_name)
    return _give(door, account, password, by=by)


def require_administrator(by: Proof, name: str) -> None:
    """Refuse to give another person a password to everybody but administrators."""
    if by.account.role is not Role.ADMINISTRATOR:
        raise TransitionRefused("only_administrator_resets", name=name)


def require_known(door: Door, name: str) -> Account:
    """Return the account of that name; refuse a name that nobody here has."""
    account = _account(door, name)
    if account is None:
        known = ", ".join(one.name for one in door.store.accounts())
        raise TransitionRefused("no_such_account", name=name, known=known)
    return account


def without_password(door: Door) -> frozenset[str]:
    """Return the accounts that have no password yet."""
    return (
        frozenset(one.name for one in door.store.accounts())
        - door.store.credentials.with_password()
    )


def _give(door: Door, account: Account, password: str, *, by: Proof | None) -> Proof:
    """Add a password with a new key pair; `by` is the administrator who gives it, if any."""
    credentials = door.store.credentials
    before = credentials.password_of(account.name)
    verifier, password_key = door.passwords.make(password)
    signer, sealed = door.keys.make(account.name, password_key)
    number = 1 + max(
        (key.number for key in credentials.key_registry().keys if key.account == account.name),
        default=0,
    )
    now = door.clock.now()
    giver, endorser = (account, signer) if by is None else (by.account, _signer(door, by))
    unsigned = ApprovalKey(
        account=account.name,
        number=number,
        public_key=signer.public_key,
        at=now,
        set_by=giver.name,
        endorsed_by=giver.name,
        endorsed_with=endorser.public_key,
        endorsement="",
    )
    stored = StoredPassword(
        account=account.name,
        number=1 if before is None else before.number + 1,
        at=now,
        set_by=giver.name,
        verifier=verifier,
        key_number=number,
        sealed_key=sealed,
    )
    credentials.add_password(stored, replace(unsigned, endorsement=endorser.sign(unsigned.content)))
    return Proof(account, stored, password_key)


def _account(door: Door, name: str) -> Account | None:
    return next((one for one in door.store.accounts() if one.name == name), None)
