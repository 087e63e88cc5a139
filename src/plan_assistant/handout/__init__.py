"""What is handed to people outside with an export: programs that check it without this one.

They share no code with the product on purpose, so they are data here and import nothing of ours.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

_PROGRAMS: Final = (
    "verify_record",
    "verify_approvals",
    "verify_keys",
    "verify_people",
    "verify_retention",
)
"""Python, the standard library and cryptography; the first one runs those that lie beside it."""


def verifiers() -> dict[str, bytes]:
    """Return the programs that check an exported record, by the names of their files."""
    return {
        f"{name}.py": files(__name__).joinpath(f"{name}.txt").read_bytes() for name in _PROGRAMS
    }
