"""What is handed to people outside with an export: a program that checks it without this one.

It shares no code with the product on purpose, so it is data here and imports nothing of ours.
"""

from __future__ import annotations

from importlib.resources import files


def record_verifier() -> bytes:
    """Return the program `verify_record.py`: Python, the standard library and cryptography."""
    return files(__name__).joinpath("verify_record.txt").read_bytes()
