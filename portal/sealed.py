"""Values that lie in the database encrypted: AES-256-GCM, each with the id of its key.

A sealed value is ``version (1 byte) | length of key id (1) | key id | nonce (12) | ciphertext and tag``. The key id
lets keys be changed: new values use the first key, old ones stay readable until ``portal keys reseal`` seals them anew.
Source: NIST SP 800-38D (random 96-bit nonces; far fewer than 2^32 values a key).
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1


class SealBroken(Exception):
    """The value was not sealed with a key that we hold, for this context, or it was changed."""


class Sealer:
    """Seals and unseals short values."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        """keys: by id, 32 bytes each; the first seals, all unseal. Raises ValueError for a wrong one or none."""
        if not keys:
            raise ValueError("at least one key is needed")
        for key_id, key in keys.items():
            if len(key) != 32 or not 1 <= len(key_id.encode()) <= 255:
                raise ValueError(f"key {key_id!r} must have 32 bytes and an id")
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._first = next(iter(keys))
        self.mark = _mark(self._first)
        """How each value begins that is sealed with the first key."""

    @classmethod
    def from_text(cls, text: str) -> "Sealer":
        """Return a sealer for ``id:base64,id:base64``. Raises ValueError, without repeating the key."""
        keys = {}
        for part in filter(None, text.split(",")):
            key_id, _, encoded = part.strip().partition(":")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise ValueError(f"key {key_id!r} is not base64") from None
        return cls(keys)

    def seal(self, value: str, *, context: str) -> bytes:
        """Return ``value`` sealed. context: where it belongs (table and column); it opens nowhere else."""
        nonce = os.urandom(12)
        body = self._keys[self._first].encrypt(nonce, value.encode(), context.encode())
        return self.mark + nonce + body

    def unseal(self, sealed: bytes, *, context: str) -> str:
        """Return what was sealed. Raises SealBroken."""
        try:
            version, length = sealed[0], sealed[1]
            key = self._keys[sealed[2 : 2 + length].decode()]
            nonce, body = sealed[2 + length : 14 + length], sealed[14 + length :]
            if version != VERSION:
                raise SealBroken(context)
            return key.decrypt(nonce, body, context.encode()).decode()
        except (IndexError, KeyError, UnicodeDecodeError, InvalidTag, ValueError):
            raise SealBroken(context) from None


def _mark(key_id: str) -> bytes:
    encoded = key_id.encode()
    return bytes((VERSION, len(encoded))) + encoded
