"""Letting people in: right and wrong passwords, first ones, new ones, and the keys behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.desks import CASE, approve, lead, memory_store, waiting
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD, NOW, OTHER_LEAD
from tests.staffing import KEYS, PASSWORD, door_of, give_password, proof_of
from tests.stores import fresh_sqlite

from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.domain.approval import is_endorsed
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, Event, RequestKey
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store
from plan_assistant.services import decide
from plan_assistant.services.staff import (
    Door,
    add_person,
    authenticate,
    change_password,
    is_guarded,
    reset_password,
    set_first_password,
    signing_of,
    without_password,
)

NEW = "another five small words"


class _Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store that asks for passwords; on PostgreSQL the database does (test_store_postgres.py)."""
    made: Store = memory_store() if request.param == "memory" else fresh_sqlite(tmp_path)
    yield made
    made.close()


@pytest.fixture
def door(store: Store) -> Door:
    for person in (COLLECTOR, LEAD, ADMINISTRATOR):
        give_password(store, person)
    return door_of(store)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return refused.value.code


# --- coming in
def test_the_right_password_proves_who_is_there(door: Door) -> None:
    assert authenticate(door, "li.na", PASSWORD).account == LEAD


@pytest.mark.parametrize(
    ("name", "password"),
    [("li.na", "not this one"), ("li.na", ""), ("LI.NA", PASSWORD), ("nobody", PASSWORD)],
)
def test_what_was_wrong_is_not_told(door: Door, name: str, password: str) -> None:
    assert code_of(lambda: authenticate(door, name, password)) == "wrong_name_or_password"


def test_nobody_comes_in_without_a_password(door: Door) -> None:
    assert code_of(lambda: authenticate(door, "he.jun", "")) == "password_not_set"


def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password(store: Store) -> None:
    wasted: list[str] = []

    class Watched:
        def waste(self, password: str) -> None:
            wasted.append(password)

    watched = replace(door_of(store), passwords=Watched())  # type: ignore[arg-type]  # only this is asked

    assert code_of(lambda: authenticate(watched, "nobody", PASSWORD)) == "wrong_name_or_password"
    assert wasted == [PASSWORD]


# --- failures
def test_wrong_passwords_in_a_row_shut_the_account_for_longer_and_longer(store: Store) -> None:
    give_password(store, LEAD)
    clock = _Clock()
    door = door_of(store, clock)
    waits = []

    for failures in range(1, 7):
        assert code_of(lambda: authenticate(door, "li.na", "wrong")) == "wrong_name_or_password"
        if failures >= 3:
            with pytest.raises(TransitionRefused) as shut:
                authenticate(door, "li.na", "wrong")
            waits.append(int(shut.value.detail["seconds"]))
            clock.wait(waits[-1])

    assert waits == [2, 4, 8, 16]


def test_while_an_account_is_shut_even_the_right_password_waits(store: Store) -> None:
    give_password(store, LEAD)
    clock = _Clock()
    door = door_of(store, clock)
    for _ in range(3):
        code_of(lambda: authenticate(door, "li.na", "wrong"))

    assert code_of(lambda: authenticate(door, "li.na", PASSWORD)) == "wait_before_retry"
    clock.wait(2)
    assert authenticate(door, "li.na", PASSWORD).account == LEAD
    for _ in range(3):
        assert code_of(lambda: authenticate(door, "li.na", "wrong")) == "wrong_name_or_password"


def test_others_come_in_while_one_account_is_shut(door: Door) -> None:
    for _ in range(3):
        code_of(lambda: authenticate(door, "li.na", "wrong"))

    assert authenticate(door, "wu.hao", PASSWORD).account == COLLECTOR


def test_who_breaks_the_program_off_while_it_checks_has_used_a_try(store: Store) -> None:
    give_password(store, LEAD)
    clock = _Clock()
    for _ in range(5):
        store.credentials.begin_attempt("li.na", clock.now())
        clock.wait(20)

    clock.at -= timedelta(seconds=17)
    assert code_of(lambda: authenticate(door_of(store, clock), "li.na", PASSWORD)) == (
        "wait_before_retry"
    )


# --- first passwords
def test_an_account_of_an_older_store_gets_its_password_at_the_first_sign_in(store: Store) -> None:
    door = door_of(store)
    assert "li.na" in without_password(door)

    set_first_password(door, "li.na", PASSWORD)

    assert "li.na" not in without_password(door)
    assert authenticate(door, "li.na", PASSWORD).account == LEAD
    assert code_of(lambda: set_first_password(door, "li.na", NEW)) == "password_is_set"


def test_a_person_comes_with_a_password_or_not_at_all(store: Store) -> None:
    door = door_of(store)
    person = Account("zhao.min", "赵敏", Role.COLLECTOR)

    assert code_of(lambda: add_person(door, person, "short")) == "password_short"
    assert person not in store.accounts()
    add_person(door, person, PASSWORD)
    assert authenticate(door, "zhao.min", PASSWORD).account == person


@pytest.mark.parametrize("by", [None, COLLECTOR, LEAD])
def test_where_an_administrator_works_nobody_else_adds_people(
    door: Door, by: Account | None
) -> None:
    proof = None if by is None else authenticate(door, by.name, PASSWORD)
    person = Account("mallory", "M", Role.TEAM_LEAD)

    assert is_guarded(door)
    assert code_of(lambda: add_person(door, person, PASSWORD, by=proof)) == "administrator_needed"
    assert person not in door.store.accounts()


def test_whom_an_administrator_adds_has_a_key_that_the_administrator_signed(door: Door) -> None:
    person = Account("zhao.min", "赵敏", Role.TEAM_LEAD)

    add_person(door, person, PASSWORD, by=proof_of(door.store, ADMINISTRATOR))

    (key,) = [
        one for one in door.store.credentials.key_registry().keys if one.account == "zhao.min"
    ]
    assert (key.set_by, key.endorsed_by) == ("tang.yi", "tang.yi")
    assert is_endorsed(key, door.store.credentials.key_registry(), KEYS.is_signed)


# --- new passwords
def test_a_new_password_replaces_the_old_one_and_keeps_the_key(door: Door) -> None:
    before = proof_of(door.store, LEAD)
    public_key = signing_of(door, before).signer.public_key

    change_password(door, before, NEW)

    assert code_of(lambda: authenticate(door, "li.na", PASSWORD)) == "wrong_name_or_password"
    after = authenticate(door, "li.na", NEW)
    assert signing_of(door, after).signer.public_key == public_key
    assert after.stored.number == 2


def test_a_password_changed_twice_from_the_same_place_changes_once(door: Door) -> None:
    before = proof_of(door.store, LEAD)
    change_password(door, before, NEW)

    assert code_of(lambda: change_password(door, before, "yet another five words")) == (
        "password_set_meanwhile"
    )
    assert authenticate(door, "li.na", NEW).account == LEAD


def test_an_administrator_gives_a_new_password_with_a_new_key(door: Door) -> None:
    old = signing_of(door, proof_of(door.store, LEAD)).signer.public_key
    admin = proof_of(door.store, ADMINISTRATOR)

    reset_password(door, "li.na", NEW, by=admin)

    new = signing_of(door, authenticate(door, "li.na", NEW)).signer.public_key
    assert new != old
    given = [key for key in door.store.credentials.key_registry().keys if key.public_key == new]
    assert [(key.set_by, key.number) for key in given] == [("tang.yi", 2)]


def test_a_new_password_forgives_the_failures_before(door: Door) -> None:
    for _ in range(3):
        code_of(lambda: authenticate(door, "li.na", "wrong"))

    reset_password(door, "li.na", NEW, by=proof_of(door.store, ADMINISTRATOR))

    assert authenticate(door, "li.na", NEW).account == LEAD


@pytest.mark.parametrize("person", [COLLECTOR, LEAD])
def test_nobody_else_gives_passwords(door: Door, person: Account) -> None:
    proof = proof_of(door.store, person)

    assert code_of(lambda: reset_password(door, "tang.yi", NEW, by=proof)) == (
        "only_administrator_resets"
    )


def test_a_new_administrator_key_comes_from_the_old_one(door: Door) -> None:
    own = proof_of(door.store, ADMINISTRATOR)

    reset_password(door, "tang.yi", NEW, by=own)
    reset_password(door, "li.na", NEW, by=authenticate(door, "tang.yi", NEW))

    registry = door.store.credentials.key_registry()
    events = _approved_with(door.store, NEW)
    assert verify_approvals(events, registry) is None


def _approved_with(store: Store, password: str) -> tuple[Event, ...]:
    signing = signing_of(door_of(store), authenticate(door_of(store), "li.na", password), NOW)
    decide.approve(
        lead(store),
        CASE,
        fingerprint=waiting(store),
        version=2,
        key=RequestKey("yes"),
        signing=signing,
    )
    return store.events(CASE)


def test_a_key_that_was_moved_to_another_account_does_not_open(door: Door) -> None:
    """Whoever copies a lead's row under another name has a row that opens nothing."""
    proof = proof_of(door.store, LEAD)
    stolen = replace(proof.stored, account="wu.hao")

    assert code_of(lambda: signing_of(door, replace(proof, stored=stolen))) == (
        "approval_key_does_not_open"
    )


def test_an_approval_is_signed_by_the_person_at_the_desk_only(store: Store) -> None:
    fingerprint = waiting(store)
    give_password(store, OTHER_LEAD)
    other = signing_of(door_of(store), proof_of(store, OTHER_LEAD), NOW)
    with pytest.raises(ValueError, match="nobody else"):
        decide.approve(
            lead(store),
            CASE,
            fingerprint=fingerprint,
            version=2,
            key=RequestKey("yes"),
            signing=other,
        )
    assert len(store.events(CASE)) == 2


def test_each_approval_holds_after_the_password_was_changed(store: Store) -> None:
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))

    change_password(door_of(store), proof_of(store, LEAD), NEW)

    assert verify_approvals(store.events(CASE), store.credentials.key_registry()) is None
