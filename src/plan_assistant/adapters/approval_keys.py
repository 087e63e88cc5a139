"""Ed25519 key pairs of the people who approve, their private parts encrypted with AES-256-GCM.

The private part stands in the database only under a key that the owner's password gives. Not here:
what is signed and whose key counts (`domain/approval.py`).
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from plan_assistant.domain import approval
from plan_assistant.domain.approval import KeyRegistry, WrongApproval
from plan_assistant.domain.events import Event
from plan_assistant.domain.passwords import PasswordKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_NONCE: Final = 12
# Only small digits: a letter in the other case would be the same signature with another byte.
_PUBLIC: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")


class Ed25519Signer:
    """A private key at work."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @property
    def public_key(self) -> str:
        """Return the public key, 64 hexadecimal digits."""
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> str:
        """Return the signature, 128 hexadecimal digits."""
        return self._private.sign(content).hex()

    def sealed(self, account: str, key: PasswordKey) -> str:
        """Return the private part, encrypted for its owner."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # to approve

        nonce = secrets.token_bytes(_NONCE)
        content = AESGCM(key.secret).encrypt(
            nonce, self._private.private_bytes_raw(), _owner(account, self.public_key)
        )
        return base64.b64encode(nonce + content).decode("ascii")

    def __repr__(self) -> str:
        return f"<signer {self.public_key[:16]}>"


class Ed25519Keys:
    """Makes, opens and checks with key pairs."""

    def make(self, account: str, key: PasswordKey) -> tuple[Ed25519Signer, str]:
        """Make a key pair; return it with its private part encrypted under a password's key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  # to approve

        signer = Ed25519Signer(Ed25519PrivateKey.generate())
        return signer, signer.sealed(account, key)

    def unlock(
        self, account: str, public_key: str, sealed_key: str, key: PasswordKey
    ) -> Ed25519Signer | None:
        """Return the key pair; None where it does not open or is not that pair."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # only to approve
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        try:
            sealed = base64.b64decode(sealed_key, validate=True)
            private = AESGCM(key.secret).decrypt(
                sealed[:_NONCE], sealed[_NONCE:], _owner(account, public_key)
            )
            signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(private))
        except (binascii.Error, InvalidTag, ValueError):
            return None
        return signer if signer.public_key == public_key else None

    def seal_again(
        self, account: str, public_key: str, sealed_key: str, *, old: PasswordKey, new: PasswordKey
    ) -> str | None:
        """Return the private part encrypted under another password's key; None as above."""
        signer = self.unlock(account, public_key, sealed_key, old)
        return None if signer is None else signer.sealed(account, new)

    def is_signed(self, public_key: str, content: bytes, signature: str) -> bool:
        """Say whether that signature of that key stands under that content."""
        from plan_assistant.adapters.signing import is_signed  # noqa: PLC0415  # slow to import

        is_written = _PUBLIC.fullmatch(public_key) and _SIGNATURE.fullmatch(signature)
        return bool(is_written) and is_signed(public_key, content, signature)


def verify_approvals(events: Iterable[Event], public_keys: KeyRegistry) -> WrongApproval | None:
    """Return the first approval that its lead did not sign; None when all hold.

    `events` are those of one case or of a whole store, each case from its first event on.
    """
    return approval.verify_approvals(events, public_keys, Ed25519Keys().is_signed)


def _owner(account: str, public_key: str) -> bytes:
    """Return what binds a private part to its place: moved to another account it does not open."""
    return f"approval-key:{account}:{public_key}".encode()
