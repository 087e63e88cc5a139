"""The places that hold master keys: the environment, a file for its owner only, the OS keyring.

Not here: in which order they are asked (`ring.py`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from plan_assistant.adapters.files import replace_file
from plan_assistant.adapters.keys.master import read_all, unusable, written, written_all
from plan_assistant.ports import MasterKey

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

VARIABLE: Final = "PLAN_ASSISTANT_MASTER_KEY"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Source(Protocol):
    """A place of master keys."""

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    @property
    def may_hold_new(self) -> bool:
        """Whether a key that is made can be kept here."""
        ...

    def read(self) -> tuple[MasterKey, ...]:
        """Return the keys, the newest first."""
        ...

    def add(self, key: MasterKey) -> None:
        """Keep a key as the newest one."""
        ...

    def forget(self, key_id: str) -> bool:
        """Remove a key; say whether it was here."""
        ...


class EnvironmentKeys:
    """One key in PLAN_ASSISTANT_MASTER_KEY, or several with blanks between, the newest first."""

    place: Final = VARIABLE
    may_hold_new: Final = False

    def read(self) -> tuple[MasterKey, ...]:
        """Return the keys of the variable."""
        return read_all(os.environ.get(VARIABLE, ""), self.place)

    def add(self, key: MasterKey) -> None:
        """Refuse: a program cannot change the environment it was started from."""
        del key
        raise unusable(self.place, "only whoever sets it can put a new key into it")

    def forget(self, key_id: str) -> bool:
        """Remove nothing."""
        del key_id
        return False


class KeyFile:
    """A file that nobody but its owner can read."""

    may_hold_new: Final = True

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self.path)

    def read(self) -> tuple[MasterKey, ...]:
        """Return the keys of the file; none when there is no file."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise unusable(self.place, error.strerror or "it cannot be read") from error
        with os.fdopen(descriptor, encoding="ascii") as stream:
            # Asked of the open file: its name may stand for another one by now.
            status = os.fstat(descriptor)
            mode = stat.S_IMODE(status.st_mode)
            if mode & _OTHERS:
                raise unusable(
                    self.place, f"others may read it (mode {mode:04o}): chmod 600 {self.place}"
                )
            if status.st_uid not in {os.geteuid(), 0}:
                raise unusable(self.place, "it belongs to another account")
            try:
                return read_all(stream.read(), self.place)
            except UnicodeDecodeError as error:
                raise unusable(self.place, "it is not a text") from error

    def add(self, key: MasterKey) -> None:
        """Write the file anew with the key in front."""
        self._write([key, *self.read()])

    def forget(self, key_id: str) -> bool:
        """Write the file anew without the key."""
        known = self.read()
        kept = [key for key in known if key.key_id != key_id]
        if len(kept) == len(known):
            return False
        self._write(kept)
        return True

    def _write(self, keys: Sequence[MasterKey]) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self.path, [written_all(keys).encode("ascii")])
        except OSError as error:
            raise unusable(self.place, error.strerror or "it cannot be written") from error


class OsKeyring:
    """The keyring of the operating system, where there is one; asked last, it is slow to import."""

    _SERVICE: Final = "plan-assistant"
    _ENTRY: Final = "master-keys"
    place: Final = "the keyring of the system"

    @property
    def may_hold_new(self) -> bool:
        """Whether the system has a keyring that protects what it holds."""
        return self._backend() is not None

    def read(self) -> tuple[MasterKey, ...]:
        """Return the keys of the keyring; none where there is no keyring."""
        backend = self._backend()
        if backend is None:
            return ()
        from keyring.errors import KeyringError  # noqa: PLC0415  # slow to import

        try:
            text = backend.get_password(self._SERVICE, self._ENTRY)
        except KeyringError as error:
            raise unusable(self.place, f"it stays locked ({type(error).__name__})") from error
        return read_all(text or "", self.place)

    def add(self, key: MasterKey) -> None:
        """Write the entry anew with the key in front."""
        self._write([key, *self.read()])

    def forget(self, key_id: str) -> bool:
        """Write the entry anew without the key."""
        known = self.read()
        kept = [key for key in known if key.key_id != key_id]
        if len(kept) == len(known):
            return False
        self._write(kept)
        return True

    def _write(self, keys: Sequence[MasterKey]) -> None:
        from keyring.errors import KeyringError  # noqa: PLC0415  # slow to import

        backend = self._backend()
        if backend is None:
            raise unusable(self.place, "there is none")
        try:
            backend.set_password(self._SERVICE, self._ENTRY, " ".join(map(written, keys)))
        except KeyringError as error:
            raise unusable(self.place, f"it refused ({type(error).__name__})") from error

    @staticmethod
    def _backend() -> KeyringBackend | None:
        """Return the keyring in use; None for those that only pretend or write plain files."""
        import keyring  # noqa: PLC0415  # slow to import

        backend = keyring.get_keyring()
        return backend if backend.priority >= 1 else None
