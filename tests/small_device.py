"""Runs a function on a small file system of its own, so that a full device is really full."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_PRIVATE, _EVERYTHING_BELOW = 1 << 18, 1 << 14
_NOT_POSSIBLE = "not possible: "


def on_small_device(act: Callable[[Path], str], folder: Path, size: int) -> str:
    """Return what `act` returns in a child process that sees a file system of `size` bytes at
    `folder`.

    Nobody else sees it, and it goes with the child. Skips the test, and says so, on a machine that
    lets neither root nor a user namespace mount anything.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer = "the child failed"
        try:
            answer = _mounted(folder, size) or act(folder)
        except BaseException as error:  # told to the parent, which compares it
            answer = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, answer.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read().decode()
    os.waitpid(child, 0)
    if answer.startswith(_NOT_POSSIBLE):
        pytest.skip(f"a full device was not tried: {answer}")
    return answer


def _mounted(folder: Path, size: int) -> str:
    """Mount the file system; return why not, or nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return f"{_NOT_POSSIBLE}this system has no namespaces"
    user, group = os.geteuid(), os.getegid()
    if user == 0 and libc.unshare(_NEW_MOUNTS) == 0:
        pass
    elif libc.unshare(_NEW_MOUNTS | _NEW_USER) == 0:
        try:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"0 {user} 1")
            Path("/proc/self/gid_map").write_text(f"0 {group} 1")
        except OSError as error:
            return f"{_NOT_POSSIBLE}{error.strerror}"
    else:
        return f"{_NOT_POSSIBLE}no new namespace, {os.strerror(ctypes.get_errno())}"
    libc.mount(b"none", b"/", None, _PRIVATE | _EVERYTHING_BELOW, None)
    options = f"size={size}".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options) != 0:
        return f"{_NOT_POSSIBLE}no mount, {os.strerror(ctypes.get_errno())}"
    return ""
