"""Where policy packs and their tables lie: those of the program, and a lender's own in a folder.

The models of a pack are imported when one is read: the queue is on the screen before. Not here:
what a pack holds (`domain/policy/pack.py`) and how a file is checked (`reading.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.adapters.reading import bytes_if_there
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.notation import shown

if TYPE_CHECKING:
    from plan_assistant.domain.policy.choice import Candidate
    from plan_assistant.domain.policy.pack import PolicyPack

_ENDING = ".toml"


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the packs that ship with the program, in alphabetical order."""
    folder = resources.files("plan_assistant.policies")
    names = (item.name for item in folder.iterdir() if item.name.endswith(_ENDING))
    return tuple(sorted(name.removesuffix(_ENDING) for name in names))


def shipped_pack(name: str) -> PolicyPack:
    """Return a pack that ships with the program; raises InputRefused and names the known ones."""
    from plan_assistant.domain.policy.reading import read_pack  # noqa: PLC0415  # its models

    content = _shipped(name)
    if content is None:
        raise _unknown(name)
    return read_pack(content, f"{name}{_ENDING}", _shipped, _tables(None))


@cache
def _shipped(name: str) -> bytes | None:
    """Return the bytes of a shipped pack; its name always means the shipped one."""
    if name not in shipped_names():
        return None
    return (resources.files("plan_assistant.policies") / f"{name}{_ENDING}").read_bytes()


def _unknown(name: str) -> InputRefused:
    known = ", ".join(shipped_names())
    return InputRefused(
        "policy",
        [Problem("", f"there is no policy pack {shown(name)}: name a file or one of {known}")],
    )


def load_pack(path: Path) -> PolicyPack:
    """Read a pack from a file; what it extends is shipped or lies beside it.

    Tables come from a folder `tables` beside it first, then from the program. Raises InputRefused
    with every problem found.
    """
    from plan_assistant.domain.policy.reading import read_pack  # noqa: PLC0415  # its models

    content = bytes_if_there(path)
    if content is None:
        raise InputRefused(str(path), [Problem("", "cannot be read: it is not there")])
    tables = _tables(path.parent / "tables")
    return read_pack(content, path.name, _beside(path.parent), tables)


def _own_pack(path: Path) -> PolicyPack:
    """Read a pack of a lender's folder, in which a file is called as its pack."""
    pack = load_pack(path)
    if pack.pack != path.stem:
        sentence = f"the file holds the pack {shown(pack.pack)}: call it {pack.pack}{_ENDING}"
        raise InputRefused(path.name, [Problem("pack", sentence)])
    return pack


def pack_named(name: str) -> PolicyPack:
    """Return a shipped pack by its name, or the pack of a file by its path."""
    if name in shipped_names():
        return shipped_pack(name)
    if not name.endswith(_ENDING) and not Path(name).exists():
        raise _unknown(name)
    return load_pack(Path(name))


def _beside(folder: Path) -> Callable[[str], bytes | None]:
    def find(name: str) -> bytes | None:
        return _shipped(name) or bytes_if_there(folder / f"{name}{_ENDING}")

    return find


def _tables(own: Path | None) -> Callable[[str], bytes | None]:
    """Return what finds a table by its name: in a lender's own folder, then in the program's."""
    shipped = resources.files("plan_assistant.policies") / "tables"

    def find(name: str) -> bytes | None:
        content = None if own is None else bytes_if_there(own / f"{name}{_ENDING}")
        if content is not None:
            return content
        file = shipped / f"{name}{_ENDING}"
        return file.read_bytes() if file.is_file() else None

    return find


class PackagedPolicies:
    """The packs of the program and of a folder, chosen by the debt; or one given for all cases."""

    def __init__(self, given: str | Path | None = None, folder: Path | None = None) -> None:
        self._folder = folder
        self._given = self.named(str(given)) if given else None

    def named(self, name: str) -> PolicyPack:
        """Return the pack of that name from the folder or the program, or the pack of a file."""
        for path in self._files:
            if path.stem == name:
                return load_pack(path)
        return pack_named(name)

    @property
    def _files(self) -> tuple[Path, ...]:
        if self._folder is None:
            return ()
        try:
            return tuple(sorted(path for path in self._folder.iterdir() if path.suffix == _ENDING))
        except OSError as error:
            problem = Problem("", f"cannot be read: {error.strerror}")
            raise InputRefused(str(self._folder), [problem]) from error

    @property
    def all(self) -> tuple[PolicyPack, ...]:
        """Every pack at hand: those of the program, then those of the folder."""
        shipped = (shipped_pack(name) for name in shipped_names())
        return (*shipped, *map(_own_pack, self._files))

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        """Return the pack for a debt of that case on that day; the leading debt when none is named.

        Raises InputRefused when no pack fits, or more than one does.
        """
        from plan_assistant.domain.policy.choice import choose_pack  # noqa: PLC0415  # its models

        if self._given is not None:
            return self._given
        chosen = choose_pack(self._candidates, case, _debt(case, debt_id), on)
        return self.named(chosen.header.pack)

    def with_hash(self, sha256: str) -> PolicyPack | None:
        """Return the pack at hand that has that hash; None where it changed or was taken away."""
        given = () if self._given is None else (self._given,)
        return next((pack for pack in (*given, *self.all) if pack.sha256 == sha256), None)

    @property
    def _candidates(self) -> tuple[Candidate, ...]:
        """The heads of all packs: only the one that is chosen is read in full.

        A file of the folder is read in full: a broken one is refused rather than passed over.
        """
        from plan_assistant.domain.policy.choice import Candidate  # noqa: PLC0415  # its models

        shipped = (_shipped_candidate(name) for name in shipped_names())
        own = (Candidate(pack, pack.lineage) for pack in map(_own_pack, self._files))
        return (*shipped, *own)


@cache
def _shipped_candidate(name: str) -> Candidate:
    from plan_assistant.domain.policy.choice import candidate_of  # noqa: PLC0415  # its models

    content = _shipped(name)
    assert content is not None  # it is one of the names
    return candidate_of(content, f"{name}{_ENDING}", _shipped)


def _debt(case: Case, debt_id: DebtId | None) -> Debt:
    """Return the debt of that id; an unknown id is refused where the call begins."""
    return next((debt for debt in case.debts if debt.debt_id == debt_id), case.lead_debt)
