"""What is handed to people outside with an export: programs that check it without this one.

They share no code with the product on purpose, so they are data here and import nothing of ours.
"""

from __future__ import annotations

from importlib.resources import files


def record_verifier() -> bytes:
    """Return the program `verify_record.py`: Python, the standard library and cryptography."""
    return files(__name__).joinpath("verify_record.txt").read_bytes()


def approval_verifier() -> bytes:
    """Return the program `verify_approvals.py`, which needs no more and which the other runs."""
    return files(__name__).joinpath("verify_approvals.txt").read_bytes()
