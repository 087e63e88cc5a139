"""Checkpoints over the record: what is signed, and how its root comes about.

A checkpoint covers the facts since the one before it. Its root is that of a Merkle tree in the
manner of RFC 6962 (`00` before a leaf, `01` before a node) whose first leaf is the hash of the
previous checkpoint: number and root of one checkpoint therefore bind the whole record up to it, and
that much fits on paper. Not here: signing (`ports.Sealer`) and checking a record (`audit.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.stored import RecordRow, StoredRow, read_json, row_hash

CHECKPOINT_FORMAT: Final = "plan-assistant/checkpoint@1"
BEGINNING: Final = "0" * 64
"""Stands for the previous checkpoint of the first one."""
MOST_FACTS: Final = 200
"""A checkpoint covers no more: others wait some 30 ms meanwhile, which nobody notices in a call."""

_LEAF: Final = (int, str, int, str, str, str)
_WITNESS: Final = re.compile(r"\s*([1-9][0-9]{0,17})\s*[:：]\s*((?:[0-9a-fA-F]\s*){64})")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a checkpoint covers of one fact; empty hashes stand for rows that are not there."""

    sequence: int
    case_id: str
    version: int
    event: str
    """The hash that the row of the fact carries."""
    request: str
    """The hash over the row of its request."""
    guard: str
    """The hash over its row in `submission` or `decision`."""

    @property
    def text(self) -> str:
        """The canonical JSON that is hashed."""
        parts: list[Json] = [
            self.sequence,
            self.case_id,
            self.version,
            self.event,
            self.request,
            self.guard,
        ]
        return canonical(parts).decode()


def leaf_of(row: RecordRow) -> Leaf:
    """Return what a checkpoint covers of a row."""
    fact = row.event
    return Leaf(
        fact.sequence, fact.case_id, fact.version, fact.sha256, row.request_hash, row.guard_hash
    )


def root_of(previous: str, leaves: Sequence[Leaf]) -> str:
    """Return the Merkle root over the hash of the previous checkpoint and these leaves."""
    texts = [canonical([previous]).decode(), *(leaf.text for leaf in leaves)]
    return _tree_hash([_sha256(b"\x00" + text.encode()) for text in texts]).hex()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root: a tree of n leaves splits at the largest power of two below n."""
    # Pairing level by level, an odd node moving up, is the same tree without recursion.
    level = list(leaves)
    while len(level) > 1:
        paired = [
            _sha256(b"\x01" + left + right)
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired if len(level) % 2 == 0 else [*paired, level[-1]]
    return level[0]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: a stretch of the record, bound to all before it."""

    number: int
    """From 1, without a gap."""
    first: int
    """The sequence after the last one of the previous checkpoint."""
    last: int
    """The sequence of the last fact it covers."""
    count: int
    """How many facts lie between; a sequence that was never recorded counts for nothing."""
    root: str
    previous: str
    """The hash of the previous checkpoint; zeros for the first."""
    people: Mapping[str, str]
    """The people that no earlier checkpoint covers, each with the hash of their row; approval keys,
    too, by `covered_name`."""
    at: str
    """When it was made, ISO 8601."""
    key_id: str
    """The SHA-256 of the public key that signs it."""

    @property
    def content(self) -> dict[str, Json]:
        """The content that is hashed and signed."""
        return {
            "format": CHECKPOINT_FORMAT,
            "number": self.number,
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "root": self.root,
            "previous": self.previous,
            "people": dict(self.people),
            "at": self.at,
            "key_id": self.key_id,
        }

    @property
    def signed_bytes(self) -> bytes:
        """The canonical JSON that the signature is over."""
        return canonical(self.content)

    @property
    def sha256(self) -> str:
        """The hash that the next checkpoint names as the previous one."""
        return hashlib.sha256(self.signed_bytes).hexdigest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed checkpoint as it stands in the store."""

    checkpoint: Checkpoint
    signature: str
    """Ed25519, 128 hexadecimal digits."""
    sha256: str
    """The hash of the checkpoint as it was stored."""
    leaves: tuple[Leaf, ...]
    """What the root was made of; kept so that an audit can name the row that differs."""

    @property
    def document(self) -> dict[str, Json]:
        """The checkpoint as a file for people outside: content and signature."""
        return {**self.checkpoint.content, "signature": self.signature}

    @property
    def witness(self) -> Witness:
        """What is printed of it."""
        return Witness(self.checkpoint.number, self.checkpoint.root)


@dataclass(frozen=True, slots=True)
class Witness:
    """Number and root of a checkpoint, as an agreement or an auditor keeps them outside."""

    number: int
    root: str

    @property
    def facts(self) -> dict[str, Json]:
        """What a document and the fact of its export say about it."""
        return {"number": self.number, "root": self.root}

    def __str__(self) -> str:
        return f"{self.number}:{self.root}"


def witness_in(text: str) -> Witness | None:
    """Return the witness that a text such as `7:9f3c...` writes; None where it is none.

    >>> witness_in("7: " + "9F3C" * 16) == Witness(7, "9f3c" * 16)
    True
    """
    match = _WITNESS.fullmatch(text.strip())
    if match is None:
        return None
    return Witness(int(match[1]), re.sub(r"\s", "", match[2]).lower())


def covered_name(row: StoredRow) -> str:
    """Return the name by which a checkpoint covers a person, or an approval key: `li.na 1`."""
    return str(row["name"]) if "name" in row else f"{row['account']} {row['number']}"


def is_name_of_key(name: str) -> bool:
    """Say whether a checkpoint covers an approval key by that name: login names hold no blank."""
    return " " in name


def next_checkpoint(
    previous: Checkpoint | None,
    rows: Sequence[RecordRow],
    people: Sequence[StoredRow],
    *,
    at: str,
    key_id: str,
) -> tuple[Checkpoint, tuple[Leaf, ...]]:
    """Return the checkpoint over these rows, all there is after the previous one, in order.

    `people` are the rows of people and of approval keys that no earlier checkpoint covers.
    """
    if not rows:
        raise ValueError("a checkpoint covers at least one fact")
    leaves = tuple(map(leaf_of, rows))
    before = BEGINNING if previous is None else previous.sha256
    made = Checkpoint(
        number=1 if previous is None else previous.number + 1,
        first=1 if previous is None else previous.last + 1,
        last=leaves[-1].sequence,
        count=len(leaves),
        root=root_of(before, leaves),
        previous=before,
        people={covered_name(row): row_hash(row) for row in people},
        at=at,
        key_id=key_id,
    )
    return made, leaves


def sealed_of(row: StoredRow) -> Sealed:
    """Return a checkpoint as its row in the store says; raises ValueError for one beyond reading.

    Nothing in it is checked here.
    """
    people = read_json(str(row["people"]))
    if not isinstance(people, dict):
        raise ValueError("its people are not a JSON object")
    checkpoint = Checkpoint(
        number=int(row["number"] or 0),
        first=int(row["first_sequence"] or 0),
        last=int(row["last_sequence"] or 0),
        count=int(row["count"] or 0),
        root=str(row["root"]),
        previous=str(row["previous"]),
        people={name: str(sha256) for name, sha256 in people.items()},
        at=str(row["at"]),
        key_id=str(row["key_id"]),
    )
    canonical(checkpoint.content)  # raises ValueError for a number that no JSON has
    return Sealed(
        checkpoint, str(row["signature"]), str(row["sha256"]), leaves_in(str(row["leaves"]))
    )


def leaves_in(text: str) -> tuple[Leaf, ...]:
    """Return the leaves that the text of a row lists; raises ValueError where it is not a list."""
    leaves = []
    # Other signs that end a line may stand in the name of a case.
    for line in text.split("\n")[:-1]:
        parts: Any = read_json(line)
        is_leaf = (
            isinstance(parts, list)
            and len(parts) == len(_LEAF)
            and all(isinstance(part, kind) for part, kind in zip(parts, _LEAF, strict=True))
            and line == canonical(parts).decode()
        )
        if not is_leaf:
            raise ValueError(f"{line[:40]} is not a leaf")
        leaves.append(Leaf(*parts))
    return tuple(leaves)


def leaves_text(leaves: Sequence[Leaf]) -> str:
    """Return leaves as the text of a row, a line each."""
    return "".join(f"{leaf.text}\n" for leaf in leaves)


def key_id_of(public_key: bytes) -> str:
    """Return the name of a public key: the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()
