"""Ed25519 keys that sign checkpoints: made, kept in a file under a passphrase, and checked.

Not here: what is signed (`domain/seal.py`) and when (`sealer.py`).
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from argon2.low_level import hash_secret_raw
from argon2.profiles import RFC_9106_LOW_MEMORY
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from plan_assistant.adapters.reading import bytes_of
from plan_assistant.domain.errors import FileNotWritten, InputRefused, Problem
from plan_assistant.domain.seal import key_id_of

SHORTEST_PASSPHRASE: Final = 12

_HEAD: Final = b"Argon2id-Salt: "
_SALT_BYTES: Final = 16
_COST: Final = RFC_9106_LOW_MEMORY
"""64 MiB, three rounds: some 0.2 s for each guess."""


class SealKey:
    """A key pair that signs checkpoints."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_key = raw.hex()
        """The public half, 64 hexadecimal digits."""
        self.key_id = key_id_of(raw)

    @classmethod
    def make(cls) -> SealKey:
        """Return a fresh key pair."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str) -> SealKey:
        """Return the key pair in a file; raises InputRefused for anything else."""
        try:
            content = path.read_bytes()
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError as error:
            raise _refused(
                path, f"cannot be read ({error.strerror}): make the key with `audit key` first"
            ) from error
        if mode & 0o077:
            raise _refused(path, "can be read by others: run chmod 600 on it")
        try:
            salt, pem = _parts(content)
            private = load_pem_private_key(pem, _stretched(passphrase, salt))
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _refused(
                path, "does not open with this passphrase, or is no key that `audit key` made"
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise _refused(path, "is not an Ed25519 key: make one with `audit key`")
        return cls(private)

    def save(self, path: Path, passphrase: str) -> None:
        """Write the pair into a new file of mode 0600, encrypted under the passphrase.

        Raises InputRefused for a short passphrase and a file that is there already.
        """
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise InputRefused(
                "the passphrase",
                [Problem("", f"is too short: use at least {SHORTEST_PASSPHRASE} characters")],
            )
        salt = secrets.token_bytes(_SALT_BYTES)
        pem = _HEAD + salt.hex().encode() + b"\n"
        pem += self._private.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            BestAvailableEncryption(_stretched(passphrase, salt)),
        )
        try:
            _write_new(path, pem)
        except FileExistsError as error:
            raise _refused(path, "is there already: a key is never overwritten") from error

    def save_public(self, path: Path) -> None:
        """Write the public half into a new file; raises InputRefused for one that is there."""
        try:
            _write_new(path, self.public_pem)
        except FileExistsError as error:
            raise _refused(
                path,
                "is there already: those who verify what that key sealed still need it; move it"
                " away, or name another file with --public",
            ) from error

    def sign(self, content: bytes) -> str:
        """Return the signature over a content, 128 hexadecimal digits."""
        return self._private.sign(content).hex()

    @property
    def public_pem(self) -> bytes:
        """The public half as a PEM file for those who check."""
        return self._private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


def _write_new(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600; raises FileExistsError, and FileNotWritten for the rest."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _not_written(path, error) from error


def _stretched(passphrase: str, salt: bytes) -> bytes:
    """Return the secret that the PEM block is encrypted with.

    The block's own derivation (PBKDF2 with 2,048 rounds) makes guessing a passphrase cheap.
    """
    raw = hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=_COST.time_cost,
        memory_cost=_COST.memory_cost,
        parallelism=_COST.parallelism,
        hash_len=_COST.hash_len,
        type=_COST.type,
    )
    return raw.hex().encode()


def _parts(content: bytes) -> tuple[bytes, bytes]:
    """Return salt and PEM block of a key file; raises ValueError for a file of another form."""
    head, _, pem = content.partition(b"\n")
    if not head.startswith(_HEAD):
        raise ValueError("salt")
    salt = bytes.fromhex(head.removeprefix(_HEAD).decode("ascii"))
    if len(salt) != _SALT_BYTES:
        raise ValueError("salt")
    return salt, pem


def is_signed(public_key: str, content: bytes, signature: str) -> bool:
    """Say whether that key signed that content; all but the content in hexadecimal digits."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public_key(path: Path) -> str:
    """Return the id of the public key in a PEM file; raises InputRefused for anything else."""
    try:
        key = load_pem_public_key(bytes_of(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _refused(path, "is not a public key in PEM form") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _refused(path, "is not an Ed25519 public key")
    return key_id_of(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _refused(path: Path, sentence: str) -> InputRefused:
    return InputRefused(str(path), [Problem("", sentence)])


def _not_written(path: Path, error: OSError) -> FileNotWritten:
    return FileNotWritten(
        f"{path} could not be written: {error.strerror}. Free some space or choose another folder,"
        " then make the key again.",
        path=str(path),
        reason=error.strerror or "",
    )
