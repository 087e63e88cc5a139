"""Writes exported documents: whole or not at all, for their owner only, and not before they may."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plan_assistant.domain.errors import FileNotWritten

_IS_ROOM: Final = re.compile(r"\..+\.[0-9a-f]{16}\.room")
_STOPPED_SECONDS: Final = 3600
"""No export takes that long: room that is older was left by a program that was stopped."""


class LocalFiles:
    """Files on this machine."""

    def write(self, folder: Path, name: str, content: bytes) -> Path:
        """Write a file atomically with mode 0600 and return its path; it replaces an older one.

        The folder is made if missing. Raises FileNotWritten with a sentence that says what to do.
        """
        return self.write_lines(folder, name, [content])

    def write_lines(self, folder: Path, name: str, lines: Iterable[bytes]) -> Path:
        """Write a file of many lines in the same way, one line at a time; return its path."""
        path = _place(folder, name)
        with _telling(path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(path, lines)
        return path

    @contextmanager
    def room_for(self, folder: Path, documents: Mapping[str, bytes]) -> Iterator[LocalRoom]:
        """Take the room that documents need, and give it up at the end if they do not fill it.

        Until then the room holds noise: a document is on the disk only once it may be. Raises
        FileNotWritten where a folder, a name or the space for one of them is not to be had.
        """
        contents = {_place(folder, name): content for name, content in documents.items()}
        room = LocalRoom(contents)
        try:
            room.take()
            yield room
        finally:
            room.leave()


@dataclass(frozen=True, slots=True)
class _Held:
    """The room of one document: a file under a name of its own, kept open."""

    path: Path
    descriptor: int


class LocalRoom:
    """Room on the disk for documents, in files of mode 0600."""

    def __init__(self, contents: Mapping[Path, bytes]) -> None:
        self._contents = contents
        self._held: dict[Path, _Held] = {}

    def take(self) -> None:
        """Take as much room as the documents need; remove what a stopped program left."""
        for path, content in self._contents.items():
            with _telling(path):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                held = self._held[path] = _taken(path)
                # Noise, because some disks keep no room for zeros.
                _write(held.descriptor, os.urandom(len(content)))
                _remove_older(held)

    def fill(self) -> tuple[Path, ...]:
        """Write the documents into their room and give them their names; return their paths.

        Raises FileNotWritten; what has its name by then keeps it.
        """
        for path, content in self._contents.items():
            with _telling(path):
                _write(self._held[path].descriptor, content)
        for path, held in self._held.items():
            with _telling(path):
                held.path.replace(path)
                sync_folder(path.parent)
        return tuple(self._contents)

    def leave(self) -> None:
        """Remove what has no name yet."""
        for held in self._held.values():
            os.close(held.descriptor)
            # Where a disk lets nothing be removed, what failed before says more. What stays there
            # is its owner's only, and an export removes it an hour later.
            with suppress(OSError):
                held.path.unlink(missing_ok=True)


def _place(folder: Path, name: str) -> Path:
    """Return where a file goes; refuse a name that leads elsewhere."""
    if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise FileNotWritten(f"{name!r} is not a name for a file", name=name)
    return folder / name


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say of a failure which file was not written, and what to do."""
    try:
        yield
    except OSError as error:
        raise FileNotWritten(
            f"{path} could not be written: {error.strerror}. Free some space or choose another"
            " folder, then export again.",
            path=str(path),
            reason=error.strerror or "",
        ) from error


def _taken(path: Path) -> _Held:
    room = path.with_name(f".{path.name}.{secrets.token_hex(8)}.room")
    return _Held(room, os.open(room, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _write(descriptor: int, content: bytes) -> None:
    """Write content over what a file holds from its beginning, durably."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor, "wb", closefd=False) as stream:
        stream.write(content)
    os.fsync(descriptor)


def _remove_older(held: _Held) -> None:
    """Remove the room that a program of the same person left in that folder when it was stopped.

    Its age is measured against a file that was made just now: by the clock of the disk alone.
    """
    now = os.fstat(held.descriptor)
    for left in filter(lambda path: _IS_ROOM.fullmatch(path.name), held.path.parent.iterdir()):
        with suppress(FileNotFoundError):  # another export has just filled it, or removed it
            found = left.lstat()
            is_own = stat.S_ISREG(found.st_mode) and found.st_uid == now.st_uid
            if is_own and now.st_mtime - found.st_mtime > _STOPPED_SECONDS:
                left.unlink()


def replace_file(path: Path, lines: Iterable[bytes]) -> None:
    """Write a file of mode 0600 whole or not at all, durably; raises OSError."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    # Made with its final mode: between making a file and narrowing its mode others could open it.
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(descriptor)
        new.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            new.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
