"""Seals fields, wraps keys, and computes what cases are found by: AES-256-GCM and HMAC-SHA256.

Every ciphertext is bound to the place where it stands, so that one that was moved does not open.
Not here: where keys lie (`ring.py`), and which fields are sealed (`domain/personal_fields.py`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plan_assistant.domain.events import EventId, Json
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.ports import Lookup, MasterKey

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_BLOCK: Final = 32
"""A sealed text is padded to a multiple of it: its length would tell a name of two characters from
one of four."""


class NotOpened(Exception):
    """A ciphertext does not open with that key at that place: altered, or moved from elsewhere."""


def new_secret() -> bytes:
    """Return a fresh key."""
    return secrets.token_bytes(KEY_BYTES)


def _encrypted(cipher: AESGCM, plain: bytes, place: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + cipher.encrypt(nonce, plain, place.encode())).decode()


def _decrypted(cipher: AESGCM, sealed: str, place: str) -> bytes:
    try:
        whole = base64.b64decode(sealed, validate=True)
        return cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], place.encode())
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NotOpened(place) from error


class Wrapping:
    """Wraps the other keys of a store under a master key."""

    def __init__(self, master: MasterKey) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, None, b"plan-assistant/wrap@1").derive(master.secret)
        self._cipher = AESGCM(derived)
        self.key_id = master.key_id

    def wrap(self, secret: bytes, place: str) -> str:
        """Return a key as it is stored at that place."""
        return _encrypted(self._cipher, secret, place)

    def unwrap(self, wrapped: str, place: str) -> bytes:
        """Return the key that is stored at that place; raises NotOpened."""
        return _decrypted(self._cipher, wrapped, place)


class RecordCipher:
    """Seals the records of a local journal under a key of their own, derived from a master key."""

    _BLOCK: Final = 256
    """A record is padded to a multiple of it: its length would tell what kind of act it holds."""

    def __init__(self, master: MasterKey) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, None, b"plan-assistant/journal@1").derive(master.secret)
        self._cipher = AESGCM(derived)
        self.key_id = master.key_id

    def seal(self, record: Json, place: str) -> str:
        """Return what is written of a record at that place."""
        plain = canonical(record)
        padded = plain.ljust(-(-len(plain) // self._BLOCK) * self._BLOCK)
        return _encrypted(self._cipher, padded, place)

    def open(self, sealed: str, place: str) -> Json:
        """Return a record again; raises NotOpened."""
        opened: Json = json.loads(_decrypted(self._cipher, sealed, place))
        return opened


class FieldCipher:
    """Seals the personal fields of one case under the case's own key."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        self.key_id = key_id
        self._cipher = AESGCM(secret)

    def seal(self, event_id: EventId, path: str, value: Json) -> Json:
        """Return what is stored in place of a value."""
        plain = canonical(value)
        padded = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
        return {
            "key": self.key_id,
            "sealed": _encrypted(self._cipher, padded, _place(event_id, path)),
        }

    def open(self, event_id: EventId, path: str, sealed: str) -> Json:
        """Return a value again; raises NotOpened."""
        opened: Json = json.loads(_decrypted(self._cipher, sealed, _place(event_id, path)))
        return opened


def _place(event_id: EventId, path: str) -> str:
    return f"event.body:{event_id}:{path}"


def blind(index_key: bytes, by: Lookup, text: str) -> str:
    """Return what a case is found by: the same for the same text, and telling nothing of it.

    `text` is normalised already. Numbers have few digits, so the key is as secret as they are.
    """
    return hmac.new(index_key, f"{by.value}\0{text}".encode(), sha256).hexdigest()


def keyed(request_key: bytes, payload: str) -> str:
    """Return the hash of a payload that nobody can compute for a content they guess."""
    return hmac.new(request_key, payload.encode(), sha256).hexdigest()
