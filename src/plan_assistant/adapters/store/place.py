"""Where a store lies: reads the --store option and prepares the folder.

Not here: opening the file (`opening.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import platformdirs

from plan_assistant.adapters.store.failures import damaged, os_failure, read_only
from plan_assistant.domain.errors import InputRefused, Problem, StoreDamaged, StoreOutOfReach
from plan_assistant.domain.text import clean

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_LONGEST: Final = 60
_MOST_NAMED: Final = 10
_SQLITE: Final = "sqlite:///"


def default_place() -> Path:
    """Return the file in the user's data folder that is used when no place is named."""
    return platformdirs.user_data_path("plan-assistant") / "store.sqlite"


def is_postgres(url: str) -> bool:
    """Say whether a URL names a store on PostgreSQL, however it is spelled."""
    scheme = _SCHEME.match(url)
    return scheme is not None and scheme[1].lower().startswith("postgres")


def place_named(url: str) -> Path:
    """Return the file that a path or an sqlite:/// URL names.

    Raises InputRefused for anything else, with what to write instead.
    """
    if url.startswith(_SQLITE):
        rest = url[len(_SQLITE) :]
        if "?" in rest or "#" in rest:
            raise _refused("an sqlite:/// URL of ours takes no options; write sqlite:///PATH only")
        path = unquote(rest)
    elif scheme := _SCHEME.match(url):
        # Only the scheme is repeated: the rest of a URL may hold a password.
        raise _refused(
            f"a store of the kind {scheme[1]}:// is not supported; give the path of a file,"
            " sqlite:///PATH or postgresql://HOST/DATABASE"
        )
    else:
        path = url
    if "\0" in path:
        raise _refused("a path holds no NUL character; give the path of a file or sqlite:///PATH")
    if path.strip() in {"", ":memory:"} or path.startswith("file:"):
        raise _refused("a record needs a file that lasts; give its path, such as ./store.sqlite")
    return Path(path).expanduser()


def _refused(sentence: str) -> InputRefused:
    return InputRefused("--store", [Problem("", sentence)])


def prepare_folder(path: Path, *, is_default: bool) -> None:
    """Make sure that the folder of a store is there.

    The default folder is made, for its owner only. A folder that somebody named must exist: making
    it would hide a typing error behind an empty store. Folders that exist keep their mode.
    """
    folder = path.parent
    if is_default:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise os_failure(error, str(folder)) from error
    try:
        if not folder.is_dir():
            raise StoreOutOfReach(
                f"the folder {folder} does not exist. Make it first, or name another place with"
                " --store.",
                place=str(folder),
            )
        if path.is_dir():
            raise StoreOutOfReach(
                f"{path} is a folder. Name a file, such as {path / 'store.sqlite'}.",
                place=str(path),
            )
    except PermissionError as error:
        raise read_only(str(path)) from error


def copy_in_the_way(target: Path) -> InputRefused:
    """Return the refusal of a backup onto a file that is there."""
    return _in_the_way(target, "is there already: name another file, or add --replace")


def no_plain_file(target: Path) -> InputRefused:
    """Return the refusal of a backup onto a device, a pipe or a folder."""
    return _in_the_way(target, "is no file but a device, a pipe or a folder: name a file")


def copy_onto_store(target: Path) -> InputRefused:
    """Return the refusal of a backup onto a store."""
    return _in_the_way(
        target, "is a store itself, or is in use: a backup never replaces one, name another file"
    )


def store_in_the_way(path: Path, facts: int | None, known: int) -> InputRefused:
    """Return the refusal of a restored store where one is.

    It holds so many facts, `known` of which are in the backup; None where it cannot be read.
    """
    if facts is None:
        return _in_the_way(
            path, "is there already: add --replace; what is there now is kept beside it"
        )
    return _in_the_way(
        path,
        f"is there already (facts: {facts}, of which the backup holds {known}): add --replace;"
        " what is there now is kept beside it",
    )


def would_come_back(source: Path, cases: Sequence[str]) -> InputRefused:
    """Return the refusal of a backup in which cases are readable that were purged since."""
    named = ", ".join(clean(case, _LONGEST) for case in cases[:_MOST_NAMED])
    return _in_the_way(
        source,
        f"is from before cases were purged, {len(cases)} in all, and would make them readable again"
        f" ({named}): take a later backup; or restore it to another place with --store, purge these"
        " cases there, and bring a backup of that store here",
    )


def stray_log(log: Path) -> InputRefused:
    """Return the refusal of a store beside the log of another one, which would be folded in."""
    return _in_the_way(
        log, "is the log of a store that is gone: put that store back, or move its log away"
    )


def store_gone(path: Path, left: Path) -> StoreDamaged:
    """Return the failure of a place where something is left of a store that is gone."""
    return damaged(str(path), f"it is gone, and {left} is what was left of a store there")


def made_anew(path: Path) -> InputRefused:
    """Return the refusal of a store that appeared while another was restored."""
    return _in_the_way(
        path, "was made anew by another program meanwhile: close it and restore again"
    )


def no_backup(source: Path) -> InputRefused:
    """Return the refusal of a backup that is not there."""
    return _in_the_way(source, "is not there: name the file that `backup` wrote")


def no_file() -> InputRefused:
    """Return the refusal to copy a store that is no file."""
    return _refused(
        "a store on PostgreSQL is backed up and restored on its server, with pg_dump and"
        " pg_restore: see docs/guide/postgresql.md"
    )


def _in_the_way(path: Path, sentence: str) -> InputRefused:
    return InputRefused(str(path), [Problem("", sentence)])
