"""Writes exported documents: whole or not at all, and for their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from plan_assistant.domain.errors import FileNotWritten


class LocalFiles:
    """Files on this machine."""

    def write(self, folder: Path, name: str, content: bytes) -> Path:
        """Write a file atomically with mode 0600 and return its path; it replaces an older one.

        The folder is made if missing. Raises FileNotWritten with a sentence that says what to do.
        """
        return self.write_lines(folder, name, [content])

    def write_lines(self, folder: Path, name: str, lines: Iterable[bytes]) -> Path:
        """Write a file of many lines in the same way, one line at a time; return its path."""
        if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
            raise FileNotWritten(f"{name!r} is not a name for a file", name=name)
        path = folder / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(path, lines)
        except OSError as error:
            raise FileNotWritten(
                f"{path} could not be written: {error.strerror}. Free some space or choose another"
                " folder, then export again.",
                path=str(path),
                reason=error.strerror or "",
            ) from error
        return path


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
