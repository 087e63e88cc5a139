"""Screens end with their terminal."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

from tests.cli.conftest import environment

_SECONDS = 60
"""For the queue to be drawn, and as long again for the end."""
_LEADER = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
program = subprocess.Popen([sys.executable, "-m", "plan_assistant", "demo"])
pathlib.Path(sys.argv[1]).write_text(str(program.pid))
program.wait()
"""


def test_screens_end_when_the_terminal_goes_away_and_nobody_tells_them(tmp_path: Path) -> None:
    """Who leads the session gets the signal, and waits; what it started hears nothing."""
    told = tmp_path / "pid"
    leader, terminal = pty.fork()
    if leader == 0:
        os.chdir(tmp_path)
        command = [sys.executable, "-c", _LEADER, str(told)]
        os.execve(sys.executable, command, {**environment(None), "TERM": "xterm"})
    shown, end = b"", time.monotonic() + _SECONDS
    while b"CNY" not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536)
    assert b"CNY" in shown
    assert b"\x1b[?1049h" in shown  # the screens, not the call that is played without a terminal
    program = int(told.read_text())
    assert _runs(program)

    os.close(terminal)

    end = time.monotonic() + _SECONDS
    while _runs(program) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _runs(program)
    os.waitpid(leader, 0)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
