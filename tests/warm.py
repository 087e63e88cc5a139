"""Commands as processes of their own, forked from one that has imported the program already.

Importing SQLAlchemy, pydantic and the rest takes a command longer than most of its work, and the
tests run some two thousand. A forked process has a folder, an environment, an input and an output
of its own, the clock of the samples and a hash of passwords that costs next to nothing, and ends as
any other; what a cold start costs is `tests/ui/test_startup.py`'s subject.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import NoReturn

from plan_assistant.bootstrap import desks
from tests.samples_day import work_on_the_samples_day
from tests.staffing import CHEAP

_STREAMS = ("stdin", "stdout", "stderr")
_LEFT_OUT = ("plan_assistant.ui", "__main__", "migrations", "verifier")
"""Modules that commands do not import."""
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: bytes
    err: bytes


def run_command(
    *arguments: object, folder: Path, environment: Mapping[str, str], typed: bytes = b""
) -> Done:
    """Run `plan-assistant` as a shell does."""
    with tempfile.TemporaryDirectory() as name:
        streams = {stream: Path(name, stream) for stream in _STREAMS}
        streams["stdin"].write_bytes(typed)
        code = _parent().run(
            {
                "arguments": [*map(str, arguments)],
                "folder": str(folder),
                "environment": dict(environment),
                **{stream: str(path) for stream, path in streams.items()},
            }
        )
        return Done(code, streams["stdout"].read_bytes(), streams["stderr"].read_bytes())


class _Parent:
    """The process that all commands of a test process are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, request: Mapping[str, object]) -> int:
        """Have one command run; return its exit code, below zero for the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def _parent() -> _Parent:
    return _Parent()


def _import_everything() -> None:
    package = import_module("plan_assistant")
    for module in walk_packages(package.__path__, "plan_assistant."):
        if not any(part in module.name for part in _LEFT_OUT):
            import_module(module.name)


def _becomes_a_command() -> bool:
    """Fork a process for each request that arrives; say True in it, and False at the end of all."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request)
            return True
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return False


def _become(request: dict[str, object]) -> None:
    for number, stream in enumerate(_STREAMS):
        flags = os.O_RDONLY if stream == "stdin" else os.O_WRONLY | os.O_CREAT
        opened = os.open(str(request[stream]), flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
        file = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
        setattr(sys, stream, file)
        setattr(sys, f"__{stream}__", file)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[call-overload]
    sys.argv = ["plan-assistant", *request["arguments"]]  # type: ignore[misc]


def _end(end: SystemExit) -> NoReturn:
    """End this process as Python does, but leave its modules to the system.

    Taking them apart writes to every page that is shared with the parent: most of a short command.
    """
    if not isinstance(end.code, int):
        raise end
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(end.code)


if __name__ == "__main__":
    _import_everything()
    work_on_the_samples_day()
    desks.passwords = lambda: CHEAP
    gc.collect()
    gc.freeze()  # a collection in a forked process would copy what it looks at
    if _becomes_a_command():
        from plan_assistant.cli import main

        try:
            main()
        except SystemExit as end:
            _end(end)
