"""All places of master keys behind one port, in a fixed order.

1. PLAN_ASSISTANT_MASTER_KEY; 2. the file that PLAN_ASSISTANT_KEY_FILE names; 3. a file beside the
store, its name with `.key` behind it (the demo makes one); 4. `master.key` in the user's data
folder; 5. the keyring of the system. A store names the key it needs, and the first place that has
it answers; a new store gets the newest key of the first place that has any. Where there is none, a
key is made: in the file that was named, else in the keyring, else in the data folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import platformdirs

from plan_assistant.adapters.keys.master import new_master_key, unusable
from plan_assistant.adapters.keys.sources import EnvironmentKeys, KeyFile, OsKeyring, Source
from plan_assistant.ports import MasterKey

FILE_VARIABLE: Final = "PLAN_ASSISTANT_KEY_FILE"


class LayeredRing:
    """The master keys of several places, asked in order."""

    def __init__(
        self, sources: Sequence[Source], *, makes_in: Sequence[Source], folder: Path
    ) -> None:
        self._sources = tuple(sources)
        self._makes_in = tuple(makes_in)
        self._folder = folder
        self.made_in: str | None = None
        """Where this ring made a key; None when it made none."""

    def newest(self) -> MasterKey | None:
        """Return the newest key of the first place that has any."""
        for source in self._sources:
            if known := source.read():
                return known[0]
        return None

    def find(self, key_id: str) -> MasterKey | None:
        """Return the key of that id from the first place that has it."""
        for source in self._sources:
            for key in source.read():
                if key.key_id == key_id:
                    return key
        return None

    def newest_or_made(self) -> MasterKey:
        """Return the newest key; of two programs that start together one makes the first."""
        known = self.newest()
        if known is not None:
            return known
        with _alone_in(self._folder):
            return self.newest() or self._made()

    def make(self) -> MasterKey:
        """Make a key and keep it in the first place that can hold one.

        Raises MasterKeyUnusable where the environment sets the keys: it has to set the new one.
        """
        if self._sources[0].read() and not self._sources[0].may_hold_new:
            raise unusable(
                self._sources[0].place,
                "a new key has to be put in front of the old one, with a blank between them",
            )
        with _alone_in(self._folder):
            return self._made()

    def _made(self) -> MasterKey:
        source = next(place for place in self._makes_in if place.may_hold_new)
        key = new_master_key()
        source.add(key)
        self.made_in = source.place
        return key

    def forget(self, key_id: str) -> tuple[str, ...]:
        """Remove a key from every place that may be written."""
        # Places are written anew: a key that is made meanwhile would be lost with the old one.
        with _alone_in(self._folder):
            return tuple(source.place for source in self._sources if source.forget(key_id))

    def where(self, key_id: str) -> str:
        """Return what people call the first place that has that key."""
        for source in self._sources:
            if any(key.key_id == key_id for key in source.read()):
                return source.place
        return ""


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder against other programs of ours."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unusable(str(folder), error.strerror or "it cannot be used") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def default_ring(store: Path | None = None, *, makes_beside: bool = False) -> LayeredRing:
    """Return the keys of this user for the store at that place.

    `makes_beside` keeps a new key in the file beside the store, as for a demo that is thrown away.
    """
    named = os.environ.get(FILE_VARIABLE)
    own = KeyFile(Path(named).expanduser()) if named else None
    beside = KeyFile(store.with_name(f"{store.name}.key")) if store else None
    folder = platformdirs.user_data_path("plan-assistant")
    data = KeyFile(folder / "master.key")
    keyring = OsKeyring()
    files = [file for file in (own, beside, data) if file is not None]
    makes_in: list[Source] = [keyring, data]
    if own is not None or (makes_beside and beside is not None):
        file = own or beside
        assert file is not None
        makes_in, folder = [file], file.path.parent
    return LayeredRing([EnvironmentKeys(), *files, keyring], makes_in=makes_in, folder=folder)
