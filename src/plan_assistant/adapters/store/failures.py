"""Translates what SQLite and the operating system report into failures that say what to do next."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pysqlite3 import dbapi2
from sqlalchemy.exc import DBAPIError

from plan_assistant.domain.errors import (
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLocked,
    StoreOutOfReach,
    StoreReadOnly,
)

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ROOM_TO_OPEN: Final = 64 * 1024
"""The index of a log takes 32 KiB at first."""
_NOT_WRITABLE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def translated(place: str, lock_timeout: float) -> Iterator[None]:
    """Turn errors of the engine into failures of the store at `place`, keeping the cause."""
    try:
        yield
    except DBAPIError as error:
        raise failure_of(error.orig, place, lock_timeout) from error
    except dbapi2.Error as error:
        raise failure_of(error, place, lock_timeout) from error


def failure_of(error: BaseException | None, place: str, lock_timeout: float) -> StoreFailure:
    """Return the failure that an error of the engine means."""
    # The low byte of an extended result code is the primary one.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _MEANINGS:
        return _MEANINGS[code](place)
    if code in {dbapi2.SQLITE_BUSY, dbapi2.SQLITE_LOCKED}:
        return locked(place, lock_timeout)
    if code in {dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB}:
        return damaged(place, str(error))
    # A quota or a limit on the size of files arrives here too, as an unnamed disk error.
    return StoreFailure(
        f"{place} could not do what was asked ({error}). Check that the disk works and that you"
        " have room on it, then try again: what was recorded after all is not recorded twice.",
        place=place,
        reason=str(error),
    )


def os_failure(error: OSError, place: str) -> StoreFailure:
    """Return the failure that an error of the operating system means."""
    if error.errno in _NO_ROOM:
        return no_room(place)
    if error.errno in _NOT_WRITABLE:
        return read_only(place)
    return StoreOutOfReach(
        f"{place} cannot be reached: {error.strerror}. Check the path, or name another place with"
        " --store.",
        place=place,
        reason=error.strerror or "",
    )


def is_full(folder: Path) -> bool:
    """Say whether the device of that folder lacks the room that opening a store takes."""
    try:
        device = os.statvfs(folder)
    except OSError:
        return False
    return device.f_bavail * device.f_frsize < _ROOM_TO_OPEN


def locked(place: str, lock_timeout: float) -> StoreLocked:
    """Return the failure of a store that another program holds for too long."""
    return StoreLocked(
        f"{place} is held by another program for more than {lock_timeout:g} seconds. Nothing was"
        " recorded. Close the other program or wait for it, then try again.",
        place=place,
        seconds=f"{lock_timeout:g}",
    )


def met(place: str) -> StoreLocked:
    """Return the failure of an act that others were in the way of, however short it waited."""
    return StoreLocked(
        f"{place} is held by other programs. Nothing was recorded. Try again.", place=place
    )


def no_room(place: str) -> StoreFull:
    """Return the failure of a device without room."""
    return StoreFull(
        f"there is no room left for {place}. Nothing was recorded and nothing was lost. Free some"
        " space on that disk, then try again.",
        place=place,
    )


def read_only(place: str) -> StoreReadOnly:
    """Return the failure of a file or folder that refuses writing."""
    return StoreReadOnly(
        f"{place} or its folder cannot be written by your account. Nothing was recorded. Ask for"
        " write permission, or name another place with --store.",
        place=place,
    )


def out_of_reach(place: str) -> StoreOutOfReach:
    """Return the failure of a file that cannot be opened."""
    return StoreOutOfReach(
        f"{place} cannot be opened. Check that its folder exists and that your account may enter"
        " it, or name another place with --store.",
        place=place,
    )


def damaged(place: str, reason: str) -> StoreDamaged:
    """Return the failure of a file that is not a store, or a broken one."""
    return StoreDamaged(
        f"{place} is not a readable record of this program ({reason}). It was left as it is."
        " Restore it from a backup, or name another place with --store.",
        place=place,
        reason=reason,
    )


_MEANINGS: Final[Mapping[int, Callable[[str], StoreFailure]]] = {
    dbapi2.SQLITE_FULL: no_room,
    dbapi2.SQLITE_READONLY: read_only,
    dbapi2.SQLITE_PERM: out_of_reach,
    dbapi2.SQLITE_AUTH: out_of_reach,
    dbapi2.SQLITE_CANTOPEN: out_of_reach,
}
