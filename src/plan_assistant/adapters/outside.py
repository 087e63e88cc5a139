"""Reads what was kept of a record elsewhere: the secret of the seal key, printed checkpoints.

Not here: keys (`signing.py`).
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from plan_assistant.adapters.reading import text_of
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.seal import Witness, witness_in

KEY_FILE: Final = "PLAN_ASSISTANT_SEAL_KEY"
PASSPHRASE: Final = "PLAN_ASSISTANT_SEAL_PASSPHRASE"
PASSPHRASE_FILE: Final = "PLAN_ASSISTANT_SEAL_PASSPHRASE_FILE"


def key_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the seal key lies: as the environment says, or in the user's settings."""
    named = environment.get(KEY_FILE)
    if named:
        return Path(named)
    return platformdirs.user_config_path("plan-assistant") / "seal-key.pem"


def passphrase(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the passphrase of the seal key from the environment or the file it names, if any."""
    if named := environment.get(PASSPHRASE_FILE):
        path = Path(named)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _refused(named, f"cannot be read as the passphrase: {error}") from error
        if mode & 0o077:
            raise _refused(named, "can be read by others: run chmod 600 on it")
        return text.rstrip("\r\n")
    return environment.get(PASSPHRASE) or None


def nobody_to_ask() -> InputRefused:
    """Return the refusal of a command that cannot ask for the passphrase."""
    return _refused(PASSPHRASE, "is not set, and there is no terminal to ask for the passphrase")


def read_witness(given: str) -> Witness:
    """Return a checkpoint that was kept elsewhere.

    `given` is its number and root as agreements print them (`7:9f3c...`), or the path of a file
    that holds such a line or the JSON of `audit seal --json`. Raises InputRefused for all else.
    """
    if (witness := witness_in(given)) is not None:
        return witness
    try:
        text = text_of(Path(given))
    except InputRefused as error:
        raise _refused(
            given,
            "is neither a checkpoint such as 7:9f3c... with 64 digits after the colon, nor a file"
            " that can be read",
        ) from error
    witness = witness_in(text) or _in_json(text)
    if witness is None:
        raise _refused(
            given, "holds no checkpoint: expected its number and root, or the JSON of `audit seal`"
        )
    return witness


def _in_json(text: str) -> Witness | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    return witness_in(f"{content.get('number')}:{content.get('root')}")


def _refused(source: str, sentence: str) -> InputRefused:
    return InputRefused(source, [Problem("", sentence)])
