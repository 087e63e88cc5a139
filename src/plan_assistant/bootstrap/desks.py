"""Desks to work at, the door to them, and what every desk has: a clock, packs, calendars, keys."""

from __future__ import annotations

from pathlib import Path

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.clock import SystemClock
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.ports import ApprovalKeys, Clock, Journal, Passwords, Store
from plan_assistant.services.desk import Desk
from plan_assistant.services.staff import Door


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


def door(store: Store, clock: Clock | None = None) -> Door:
    """Return what letting people in needs."""
    return Door(store, clock or system_clock(), passwords(), approval_keys())


def system_clock() -> Clock:
    """Return the clock of the machine."""
    return SystemClock()


def policies(given: str | Path | None = None, folder: Path | None = None) -> PackagedPolicies:
    """Return the packs of the program and of a lender's folder, or one pack for all cases."""
    return PackagedPolicies(given, folder)


def calendars() -> PackagedCalendars:
    """Return the holiday calendars of the program."""
    return PackagedCalendars()


def passwords() -> Passwords:
    """Return the hash that passwords are checked by."""
    from plan_assistant.adapters.passwords import Argon2Passwords  # noqa: PLC0415  # only to sign in

    return Argon2Passwords()


def approval_keys() -> ApprovalKeys:
    """Return what makes, opens and checks the keys of approvals."""
    from plan_assistant.adapters.approval_keys import Ed25519Keys  # noqa: PLC0415  # only to approve

    return Ed25519Keys()


def keep_freed_memory() -> None:
    """Let a process that searches on every key press keep the memory that a search frees."""
    from plan_assistant.adapters import memory  # noqa: PLC0415  # only screens need it

    memory.keep_freed_memory()
