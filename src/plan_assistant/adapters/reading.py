"""Reads the files that somebody names: ordinary ones, and no more of them than is ever needed.

Not here: what their bytes mean.
"""

from __future__ import annotations

import stat
from hashlib import file_digest
from pathlib import Path

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.text import clean

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes. A case with two thousand payments has about a quarter of a megabyte."""


def bytes_of(path: Path) -> bytes:
    """Return all of a file; raises InputRefused, with what to do, where it cannot be read whole."""
    content = bytes_if_there(path)
    if content is None:
        raise _missing(path)
    return content


def bytes_if_there(path: Path) -> bytes | None:
    """Return all of a file, None where there is none; raises InputRefused as `bytes_of`."""
    source = str(path)
    try:
        size = _size_of(path)
        if size > LARGEST_FILE:
            raise too_large(source, size)
        with path.open("rb") as stream:
            # One byte more than allowed: the file may have grown since its size was asked for.
            content = stream.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    if len(content) > LARGEST_FILE:
        raise too_large(source, len(content))
    return content


def text_of(path: Path) -> str:
    """Return a text file in UTF-8; raises InputRefused."""
    try:
        return bytes_of(path).decode()
    except UnicodeDecodeError as error:
        raise _refused(str(path), "this file is not text in UTF-8: save it as UTF-8") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size in hexadecimal digits; raises InputRefused."""
    try:
        _size_of(path)
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), error) from error


def too_large(source: str, size: int) -> InputRefused:
    """Return the refusal of a file, or of text that came another way, that has so many bytes."""
    return _refused(
        source,
        f"this file has {size:,} bytes; at most {LARGEST_FILE:,} are read: keep one case a file",
    )


def _size_of(path: Path) -> int:
    """Return the bytes of an ordinary file; a device or a pipe may never end."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise _refused(str(path), "this is a folder: name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise _refused(str(path), "this is not an ordinary file: save its content as a file")
    return status.st_size


def _missing(path: Path) -> InputRefused:
    return _refused(str(path), "there is no such file: check the name and the folder")


def _unreadable(source: str, error: OSError | ValueError) -> InputRefused:
    if isinstance(error, PermissionError):
        return _refused(source, "this file may not be read: ask its owner for permission")
    reason = clean(getattr(error, "strerror", None) or str(error), 80)
    return _refused(source, f"this file cannot be read ({reason}): copy it again")


def _refused(source: str, sentence: str) -> InputRefused:
    return InputRefused(source, [Problem("", sentence)])
