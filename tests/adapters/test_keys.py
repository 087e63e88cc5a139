"""Master keys: where they are looked for, who may read them, and what is sealed under them."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from plan_assistant.adapters.keys import ring as rings
from plan_assistant.adapters.keys.master import new_master_key, read_all, written
from plan_assistant.adapters.keys.ring import default_ring
from plan_assistant.adapters.keys.sources import KeyFile
from plan_assistant.adapters.keys.vault import FieldCipher, NotOpened, Wrapping, blind, new_secret
from plan_assistant.domain.errors import MasterKeyUnusable
from plan_assistant.domain.events import EventId
from plan_assistant.ports import Lookup, MasterKey

EVENT = EventId("E-1")


class Keyring(KeyringBackend):
    """A keyring in memory, as good as a real one."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("dismissed")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any key and without a keyring."""
    monkeypatch.delenv("PLAN_ASSISTANT_MASTER_KEY")
    monkeypatch.delenv("PLAN_ASSISTANT_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "plan-assistant"


@pytest.fixture
def system_keyring(home: Path) -> Iterator[Keyring]:
    """A user with a keyring."""
    before, mine = keyring.get_keyring(), Keyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def put(path: Path, *keys: MasterKey, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(written, keys)))
    path.chmod(mode)


# --- places
def test_a_new_user_without_a_keyring_gets_a_file_for_themselves(home: Path) -> None:
    ring = default_ring()

    made = ring.newest_or_made()

    file = home / "master.key"
    assert ring.made_in == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert read_all(file.read_text(), "") == (made,)
    assert [path.name for path in home.iterdir()] == ["master.key"]


def test_a_new_user_with_a_keyring_gets_the_key_there(home: Path, system_keyring: Keyring) -> None:
    ring = default_ring()

    made = ring.newest_or_made()

    assert ring.made_in == "the keyring of the system"
    assert list(system_keyring.kept.values()) == [written(made)]
    assert not (home / "master.key").exists()
    assert default_ring().find(made.key_id) == made


def test_places_are_asked_in_order(
    home: Path, tmp_path: Path, system_keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "s.sqlite"
    in_keyring, in_data, beside, named, in_variable = (new_master_key() for _ in range(5))

    seen = []
    system_keyring.set_password("plan-assistant", "master-keys", written(in_keyring))
    seen.append(default_ring(store).newest())
    put(home / "master.key", in_data)
    seen.append(default_ring(store).newest())
    put(tmp_path / "s.sqlite.key", beside)
    seen.append(default_ring(store).newest())
    put(tmp_path / "named", named)
    monkeypatch.setenv("PLAN_ASSISTANT_KEY_FILE", str(tmp_path / "named"))
    seen.append(default_ring(store).newest())
    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", written(in_variable))
    seen.append(default_ring(store).newest())

    assert seen == [in_keyring, in_data, beside, named, in_variable]
    ring = default_ring(store)
    assert all(ring.find(key.key_id) == key for key in seen if key)
    assert ring.where(in_data.key_id) == str(home / "master.key")


def test_a_file_that_was_named_takes_the_new_key(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys" / "mine"
    monkeypatch.setenv("PLAN_ASSISTANT_KEY_FILE", str(file))

    made = default_ring().newest_or_made()

    assert read_all(file.read_text(), "") == (made,)
    assert not home.exists()


def test_a_demo_keeps_its_key_beside_its_store(home: Path, tmp_path: Path) -> None:
    made = default_ring(tmp_path / "demo.sqlite", makes_beside=True).newest_or_made()

    assert read_all((tmp_path / "demo.sqlite.key").read_text(), "") == (made,)
    assert not home.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601], ids=oct)
def test_a_file_that_others_may_read_is_refused(home: Path, mode: int) -> None:
    put(home / "master.key", new_master_key(), mode=mode)

    with pytest.raises(MasterKeyUnusable, match=r"others may read it \(mode 0\d+\): chmod 600"):
        default_ring().newest()


@pytest.mark.parametrize(
    "text", ["x", "AAAA", "é" * 44, base64.b64encode(b"x" * 31).decode(), "AAAA" * 20]
)
def test_what_is_no_key_is_refused_and_never_repeated(home: Path, text: str) -> None:
    put(home / "master.key")
    (home / "master.key").write_text(text)

    with pytest.raises(MasterKeyUnusable) as refused:
        default_ring().newest()

    assert text not in str(refused.value)


def test_a_locked_keyring_is_told(home: Path, system_keyring: Keyring) -> None:
    system_keyring.is_locked = True

    with pytest.raises(MasterKeyUnusable, match="stays locked"):
        default_ring().newest()


def test_programs_that_start_together_make_one_key(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: default_ring().newest_or_made(), range(24)))

    assert len(set(made)) == 1
    assert read_all((home / "master.key").read_text(), "") == (made[0],)


def test_a_further_key_becomes_the_newest_and_the_old_one_stays(home: Path) -> None:
    ring = default_ring()
    first, second = ring.newest_or_made(), ring.make()

    assert default_ring().newest() == second
    assert default_ring().find(first.key_id) == first
    assert ring.forget(first.key_id) == (str(home / "master.key"),)
    assert default_ring().find(first.key_id) is None
    assert ring.forget(first.key_id) == ()


def test_a_key_that_is_made_while_another_is_forgotten_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = default_ring().make()
    write, made = KeyFile._write, []

    with ThreadPoolExecutor() as somebody_else:

        def in_between(file: KeyFile, keys: Sequence[MasterKey]) -> None:
            monkeypatch.setattr(KeyFile, "_write", write)
            made.append(somebody_else.submit(default_ring().make))
            wait(made, timeout=0.2)
            write(file, keys)

        monkeypatch.setattr(KeyFile, "_write", in_between)
        default_ring().forget(old.key_id)

    assert read_all((home / "master.key").read_text(), "") == (made[0].result(),)


def test_whoever_sets_the_variable_has_to_put_the_new_key_into_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_master_key(), new_master_key()
    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", written(old))
    with pytest.raises(MasterKeyUnusable, match="in front of the old one"):
        default_ring().make()

    monkeypatch.setenv("PLAN_ASSISTANT_MASTER_KEY", f"{written(new)} {written(old)}")

    assert default_ring().newest() == new
    assert default_ring().find(old.key_id) == old
    assert not home.exists()


def test_a_key_shows_its_name_only() -> None:
    key = new_master_key()

    assert written(key) not in f"{key!r} {key}"
    assert repr(key.secret) not in f"{key!r} {key}"


def test_the_keyring_is_not_imported_where_another_place_has_the_key() -> None:
    script = textwrap.dedent(
        """
        import sys
        from plan_assistant.adapters.keys.ring import default_ring
        assert default_ring().newest_or_made()
        print("keyring" in sys.modules)
        """
    )

    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout == "False\n"


def test_a_folder_that_cannot_be_made_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        rings, "platformdirs", SimpleNamespace(user_data_path=lambda _name: tmp_path / "file" / "x")
    )

    with pytest.raises(MasterKeyUnusable):
        default_ring().newest_or_made()


def test_a_file_is_replaced_whole_or_not_at_all(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = default_ring().newest_or_made()
    monkeypatch.setattr(os, "fsync", _disk_full)

    with pytest.raises(MasterKeyUnusable, match="No space left"):
        KeyFile(home / "master.key").add(new_master_key())

    assert [path.name for path in home.iterdir()] == ["master.key"]
    assert default_ring().newest() == first


def _disk_full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


# --- what is sealed
def test_a_field_opens_where_it_was_sealed_and_nowhere_else() -> None:
    cipher = FieldCipher("k", new_secret())
    sealed = cipher.seal(EVENT, "borrower.name", "张伟")
    assert isinstance(sealed, dict)
    text = str(sealed["sealed"])

    assert cipher.open(EVENT, "borrower.name", text) == "张伟"
    elsewhere = [
        (cipher, EVENT, "borrower.phone", text),
        (cipher, EventId("E-2"), "borrower.name", text),
        (FieldCipher("k", new_secret()), EVENT, "borrower.name", text),
        (cipher, EVENT, "borrower.name", text[:-8] + "AAAAAAA="),
        (cipher, EVENT, "borrower.name", "not base64"),
        (cipher, EVENT, "borrower.name", ""),
    ]
    for other, event_id, path, changed in elsewhere:
        with pytest.raises(NotOpened):
            other.open(event_id, path, changed)


def test_every_bit_of_a_sealed_field_counts() -> None:
    cipher = FieldCipher("k", new_secret())
    sealed = cipher.seal(EVENT, "note", "x")
    assert isinstance(sealed, dict)
    whole = base64.b64decode(str(sealed["sealed"]))

    for place in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(NotOpened):
            cipher.open(EVENT, "note", base64.b64encode(flipped).decode())


def test_the_length_of_a_name_cannot_be_seen() -> None:
    cipher = FieldCipher("k", new_secret())
    lengths = set()
    for name in ("张伟", "欧阳娜娜", "Chen Wei Ming"):
        sealed = cipher.seal(EVENT, "borrower.name", name)
        assert isinstance(sealed, dict)
        lengths.add(len(str(sealed["sealed"])))

    assert len(lengths) == 1


def test_the_same_field_is_sealed_differently_each_time() -> None:
    cipher = FieldCipher("k", new_secret())

    assert cipher.seal(EVENT, "note", "x") != cipher.seal(EVENT, "note", "x")


@pytest.mark.parametrize("value", ["x", "", 7, True, None, ["a", {"b": 1}], {"sealed": "x"}])
def test_any_value_comes_back_as_it_was(value: object) -> None:
    cipher = FieldCipher("k", new_secret())
    sealed = cipher.seal(EVENT, "note", value)  # type: ignore[arg-type]  # JSON
    assert isinstance(sealed, dict)

    assert cipher.open(EVENT, "note", str(sealed["sealed"])) == value


def test_a_wrapped_key_opens_under_its_master_key_at_its_place_only() -> None:
    master, secret = new_master_key(), new_secret()
    wrapped = Wrapping(master).wrap(secret, "case_key.wrapped:k:C-1")

    assert Wrapping(master).unwrap(wrapped, "case_key.wrapped:k:C-1") == secret
    for wrapping, place in (
        (Wrapping(master), "case_key.wrapped:k:C-2"),
        (Wrapping(new_master_key()), "case_key.wrapped:k:C-1"),
    ):
        with pytest.raises(NotOpened):
            wrapping.unwrap(wrapped, place)


def test_what_a_case_is_found_by_depends_on_key_and_field() -> None:
    key = new_secret()

    assert blind(key, Lookup.NAME, "x") == blind(key, Lookup.NAME, "x")
    others = {
        blind(key, Lookup.NAME, "x"),
        blind(key, Lookup.PHONE, "x"),
        blind(new_secret(), Lookup.NAME, "x"),
    }
    assert len(others) == 3
