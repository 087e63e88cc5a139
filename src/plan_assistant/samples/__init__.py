"""Invented borrowers that come with the program: case files for the demo, practice and tests.

Nobody in them exists: the check digits of identity numbers are wrong and telephone numbers lie in
ranges that are not assigned. Not here: how a case file is read (`domain/formats/case_file.py`).
"""

from __future__ import annotations

from importlib.resources import files

_ENDING = ".json"


def sample_names() -> tuple[str, ...]:
    """Return the names of all sample borrowers in order, for example `S01-job-loss`."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in entries if name.endswith(_ENDING)))


def sample_text(name: str) -> str:
    """Return the case file of a sample borrower; raises KeyError for a name that is not one."""
    if name not in sample_names():
        raise KeyError(f"no sample borrower {name!r}; there are {', '.join(sample_names())}")
    return files(__name__).joinpath(name + _ENDING).read_text(encoding="utf-8")
