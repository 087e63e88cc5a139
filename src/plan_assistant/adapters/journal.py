"""Keeps acts on this machine while their store is away: one sealed record a line, added durably.

The first line names the file; every other one holds a record: its number, the id of the master key,
and the record sealed with AES-256-GCM for that place of that file of that store, so that a record
that was altered, moved or brought from elsewhere does not open. A last line without an end was
never acknowledged to anybody. Whatever else does not open is kept aside, never dropped. Not here:
what an act is (`domain/waiting.py`).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs

from plan_assistant.adapters.files import replace_file, sync_folder
from plan_assistant.adapters.keys.vault import NotOpened, RecordCipher
from plan_assistant.adapters.store.place import default_place, place_named
from plan_assistant.domain.errors import InputRefused, MasterKeyMissing, NotKept
from plan_assistant.domain.events import Json, RequestKey
from plan_assistant.domain.waiting import (
    Act,
    DamagedRecord,
    JournalContent,
    Refusal,
    WaitingAct,
    read_act,
    standing_on,
    written_act,
)
from plan_assistant.ports import KeyRing

FORMAT: Final = "plan-assistant/journal@1"
_PARTS: Final = 3
_USUAL_PORT: Final = 5432


def identity_of(store: str) -> str:
    """Return what stands for a store in its journal: a hash, so that no path is written down."""
    return sha256(f"{FORMAT}\0{store}".encode()).hexdigest()


def journal_of(
    url: str | None, ring: KeyRing, master_key_id: str | None, *, beside: bool = False
) -> JournalFile:
    """Return the journal of the store at a path or URL, in the state folder of this user.

    `beside` puts it where the store is, for one that is thrown away.
    """
    store = _name_of(url)
    state = platformdirs.user_state_path("plan-assistant") / "journals"
    return JournalFile(Path(store).parent if beside else state, store, ring, master_key_id)


def older_journals(url: str | None, ring: KeyRing) -> Iterator[JournalFile]:
    """Yield the journals in which older versions kept acts for the store named so.

    They gave several names to one store: to a link, and to every spelling of a URL.
    """
    state = platformdirs.user_state_path("plan-assistant") / "journals"
    for name in dict.fromkeys(_older_names(url)):
        if name != _name_of(url):
            yield JournalFile(state, name, ring)


def _name_of(url: str | None) -> str:
    """Return the same name for every way to write the place of a store, without any login."""
    if url is not None and _is_on_server(url):
        host, port, database = _on_server(url)
        return f"postgresql://{host}:{port}/{database}"
    path = default_place() if url is None else place_named(url)
    return os.path.realpath(path)


def _is_on_server(url: str) -> bool:
    return "://" in url and not url.startswith("sqlite")


def _on_server(url: str) -> tuple[str, str, str]:
    """Return host, port and database of a URL, whether they stand in front or among the options."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.get("host") or parts.hostname or "localhost"
    port = options.get("port") or str(parts.port or _USUAL_PORT)
    return host.lower(), port, unquote(parts.path.lstrip("/"))


def _older_names(url: str | None) -> Iterator[str]:
    if url is not None and _is_on_server(url):
        parts = urlsplit(url)
        yield f"{parts.scheme.partition('+')[0]}://{parts.hostname}:{parts.port}{parts.path}"
        host, port, database = _on_server(url)
        if port == str(_USUAL_PORT):
            yield f"postgresql://{host}:None/{database}"
        return
    path = default_place() if url is None else place_named(url)
    yield str(path.parent.absolute().resolve() / path.name)


class JournalFile:
    """The journal of one store, in a folder of the user's own."""

    def __init__(
        self, folder: Path, store: str, ring: KeyRing, master_key_id: str | None = None
    ) -> None:
        """`master_key_id` is that of the store; without it the newest key of the ring seals."""
        self._identity = identity_of(store)
        self._path = folder / f"{self._identity[:16]}.journal"
        self._aside = self._path.with_suffix(".damaged")
        self._ring, self._master_key_id = ring, master_key_id
        # As a method the cache would keep every journal that was ever opened.
        self._cipher = lru_cache(maxsize=8)(self._make_cipher)

    @property
    def place(self) -> str:
        """The file."""
        return str(self._path)

    def _make_cipher(self, master_key_id: str) -> RecordCipher:
        master = self._ring.find(master_key_id)
        if master is None:
            raise MasterKeyMissing(master_key_id, self.place)
        return RecordCipher(master)

    def _newest_cipher(self) -> RecordCipher:
        if self._master_key_id is not None:
            return self._cipher(self._master_key_id)
        return self._cipher(self._ring.newest_or_made().key_id)

    # --- the port -----------------------------------------------------------------------------

    def keep(self, act: Act) -> None:
        """Keep an act durably behind those that wait; the same key twice is one act."""
        with self._changing() as lines:
            known = self._read(lines).acts
            if all(one.act.key != act.key for one in known):
                self._add(lines, {"do": "keep", "act": written_act(act)})

    def content(self) -> JournalContent:
        """Return everything that is not settled."""
        with self._telling():
            if not (self._path.exists() or self._aside.exists()):
                return JournalContent()
        with self._telling(), self._locked(fcntl.LOCK_SH):
            lines = _Lines.of(self._path)
            aside = _Lines.of(self._aside)
        found = self._read(lines)
        kept_aside = tuple(
            DamagedRecord(number, str(self._aside)) for number in range(1, len(aside.whole) + 1)
        )
        return replace(found, damaged=(*kept_aside, *found.damaged))

    def note_delivered(self, key: RequestKey, version: int) -> None:
        """Settle an act that the store has acknowledged."""
        self._note({"do": "delivered", "key": key, "version": version})

    def note_refused(self, key: RequestKey, refusal: Refusal) -> None:
        """Mark an act as refused; it stays."""
        self._note(_mark(key, refusal))

    def note_again(self, key: RequestKey) -> None:
        """Let a refused act wait again."""
        self._note({"do": "again", "key": key})

    def note_discarded(self, key: RequestKey) -> None:
        """Settle an act that a person gives up."""
        self._note({"do": "discarded", "key": key})

    def _note(self, record: dict[str, Json]) -> None:
        with self._changing() as lines:
            self._add(lines, record)

    def take_over(self, older: JournalFile) -> None:
        """Keep what waits in another file of the same store here, and settle it there."""
        with self._telling():
            if not older._path.exists():
                return
        found = older.content()
        for one in found.acts:
            # Here first: whoever is ended in between keeps it twice, under one key.
            self.keep(standing_on(one.act, found.versions))
            if one.refusal is not None:
                self.note_refused(one.act.key, one.refusal)
            older.note_discarded(one.act.key)
        if not found.damaged:
            older.tidy()

    def tidy(self) -> None:
        """Write the file anew with what is not settled, or remove it where all is."""
        with self._changing() as lines:
            found = self._read(lines)
            if any(one.key_id for one in found.damaged):
                return  # written anew they would lose the place that they are sealed for
            # Aside first: a record that is nowhere for a moment could be lost in that moment.
            self._put_aside([lines.whole[one.line - 1] for one in found.damaged])
            if found.acts:
                self._write_anew(found)
            else:
                self._path.unlink(missing_ok=True)
                sync_folder(self._path.parent)

    # --- reading ------------------------------------------------------------------------------

    def _read(self, lines: _Lines) -> JournalContent:
        """Fold the records of a file into what is not settled."""
        file_id = lines.file_id(self._identity)
        state = _State()
        for number, text in enumerate(lines.whole, start=1):
            if number == 1 and file_id is not None:
                continue
            try:
                state.add(self._opened(text, file_id, number))
                state.master_keys.add(text.split(b" ")[1].decode())
            except (NotOpened, InputRefused, ValueError, KeyError, TypeError):
                state.damaged.append(DamagedRecord(number, self.place))
            except MasterKeyMissing as missing:
                key_id = missing.detail["key_id"]
                state.damaged.append(DamagedRecord(number, self.place, key_id))
        return state.content

    def _opened(self, text: bytes, file_id: str | None, number: int) -> Mapping[str, Json]:
        written, key_id, sealed = text.decode("ascii").split(" ")
        if file_id is None or written != str(number):
            raise NotOpened(f"line {number}")
        record = self._cipher(key_id).open(sealed, self._where(file_id, number))
        if not isinstance(record, dict):
            raise NotOpened(f"line {number}")
        return record

    def _where(self, file_id: str, number: int) -> str:
        return f"{FORMAT}:{self._identity}:{file_id}:{number}"

    def _sealed(self, record: Json, file_id: str, number: int) -> bytes:
        cipher = self._newest_cipher()
        sealed = cipher.seal(record, self._where(file_id, number))
        return f"{number} {cipher.key_id} {sealed}\n".encode("ascii")

    # --- writing ------------------------------------------------------------------------------

    def _add(self, lines: _Lines, record: Json) -> None:
        if lines.file_id(self._identity) is None:
            # Nothing of a file with another first line opens: it makes room, as it is.
            self._put_aside(lines.whole)
            lines = _Lines()
        file_id, new = lines.file_id(self._identity), b""
        if file_id is None:
            file_id = secrets.token_hex(8)
            new = self._first_line(file_id)
        new += self._sealed(record, file_id, len(lines.whole) + (2 if new else 1))
        self._append(self._path, new, start=lines.length)

    def _first_line(self, file_id: str) -> bytes:
        head = {"format": FORMAT, "store": self._identity, "file": file_id}
        return json.dumps(head, separators=(",", ":")).encode() + b"\n"

    def _write_anew(self, found: JournalContent) -> None:
        file_id = secrets.token_hex(8)
        new = [self._first_line(file_id)]
        for one in found.acts:
            act = standing_on(one.act, found.versions)
            new.append(self._sealed({"do": "keep", "act": written_act(act)}, file_id, len(new) + 1))
            if one.refusal is not None:
                mark = _mark(act.key, one.refusal)
                new.append(self._sealed(mark, file_id, len(new) + 1))
        replace_file(self._path, new)

    def _put_aside(self, records: Sequence[bytes]) -> None:
        if records:
            whole = b"".join(record + b"\n" for record in records)
            self._append(self._aside, whole, start=_Lines.of(self._aside).length)

    def _append(self, path: Path, new: bytes, *, start: int) -> None:
        """Write at `start`, where the whole lines end; all of it or nothing, durably."""
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            # What a killed writer left of a line makes room: nobody was told that it is kept.
            os.ftruncate(descriptor, start)
            try:
                os.lseek(descriptor, start, os.SEEK_SET)
                left = memoryview(new)
                while left:
                    left = left[os.write(descriptor, left) :]
                os.fsync(descriptor)
            except BaseException:
                os.ftruncate(descriptor, start)
                raise
        finally:
            os.close(descriptor)
        if start == 0:
            sync_folder(path.parent)

    @contextmanager
    def _changing(self) -> Iterator[_Lines]:
        """Yield the lines of the file, held against every other program of ours."""
        with self._telling(), self._locked(fcntl.LOCK_EX):
            yield _Lines.of(self._path)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn an error of the system into a failure that says what to do."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or "it cannot be used"
            raise NotKept(
                f"{self.place}, which keeps what you do while the store is away, cannot be used"
                f" ({reason}). What was not recorded is kept nowhere: write it down, and free some"
                " space or ask for help.",
                place=self.place,
                reason=reason,
            ) from error

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A file of its own: the journal itself is replaced by another one now and then.
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The whole lines of a file, without their ends."""

    whole: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, path: Path) -> _Lines:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return cls()
        return cls(tuple(content.split(b"\n")[:-1]))

    @property
    def length(self) -> int:
        """Bytes of all whole lines: where the next one begins."""
        return sum(len(line) + 1 for line in self.whole)

    def file_id(self, identity: str) -> str | None:
        """Return the id in the first line; None where it is not one of a journal of that store."""
        try:
            head = json.loads(self.whole[0]) if self.whole else None
        except ValueError:
            return None
        if not isinstance(head, dict) or (head.get("format"), head.get("store")) != (
            FORMAT,
            identity,
        ):
            return None
        return str(head.get("file"))


@dataclass
class _State:
    """What the records read so far amount to."""

    acts: dict[RequestKey, WaitingAct] = field(default_factory=dict)
    versions: dict[RequestKey, int] = field(default_factory=dict)
    damaged: list[DamagedRecord] = field(default_factory=list)
    master_keys: set[str] = field(default_factory=set)

    def add(self, record: Mapping[str, Json]) -> None:
        """Take one more record; a mark about an act that is settled already changes nothing."""
        if record["do"] == "keep":
            kept = record["act"]
            if not isinstance(kept, dict):
                raise TypeError("an act is an object")
            act = read_act(kept)
            self.acts.setdefault(act.key, WaitingAct(act))
            return
        key = RequestKey(str(record["key"]))
        match record["do"]:
            case "delivered":
                self.versions[key] = int(str(record["version"]))
                self.acts.pop(key, None)
            case "discarded":
                self.acts.pop(key, None)
            case "refused" if key in self.acts:
                self.acts[key] = replace(self.acts[key], refusal=_refusal(record["refusal"]))
            case "again" if key in self.acts:
                # Behind what waits already: it was refused when it stood in front.
                self.acts[key] = replace(self.acts.pop(key), refusal=None)
            case "refused" | "again":
                pass  # another program has settled the act in between
            case other:
                raise ValueError(f"{other} is no record of this version")

    @property
    def content(self) -> JournalContent:
        return JournalContent(
            tuple(self.acts.values()),
            dict(self.versions),
            tuple(self.damaged),
            frozenset(self.master_keys),
        )


def _refusal(told: Json) -> Refusal:
    if not isinstance(told, dict) or not isinstance(told["detail"], dict):
        raise TypeError("a refusal is an object")
    detail = {name: str(value) for name, value in told["detail"].items()}
    return Refusal(str(told["kind"]), str(told["sentence"]), detail)


def _mark(key: RequestKey, refusal: Refusal) -> dict[str, Json]:
    """Return the record that an act was refused."""
    return {
        "do": "refused",
        "key": key,
        "refusal": {
            "kind": refusal.kind,
            "sentence": refusal.sentence,
            "detail": dict(refusal.detail),
        },
    }
