"""The keys that seals and heads are signed with: Ed25519 (RFC 8032). The database never sees the private half."""

import base64
import binascii
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32


class PublicKeys:
    """Checks signatures. keys: by id."""

    def __init__(self, keys: dict[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    @classmethod
    def from_text(cls, text: str) -> "PublicKeys":
        """Return the keys of ``id:base64,id:base64``, as ``portal audit key`` prints them. Raises ValueError."""
        return cls({id_: Ed25519PublicKey.from_public_bytes(key) for id_, key in _parts(text)})

    def are_good(self, key_id: str, signature: bytes, message: bytes) -> bool:
        """Tell whether the key of that id signed the message; False if there is no such key."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        return ",".join(f"{id_}:{_in_base64(key.public_bytes_raw())}" for id_, key in self._keys.items())


class SigningKeys:
    """Signs with the first key; the others are former ones, which checked signatures are still made with."""

    def __init__(self, keys: dict[str, Ed25519PrivateKey]) -> None:
        """keys: by id. Raises ValueError if there is none."""
        if not keys:
            raise ValueError("at least one key is needed")
        self.id = next(iter(keys))
        """Of the key that signs."""
        self._signing = keys[self.id]
        self.public = PublicKeys({id_: key.public_key() for id_, key in keys.items()})

    @classmethod
    def from_text(cls, text: str) -> "SigningKeys":
        """Return the keys of ``id:base64,id:base64``. Raises ValueError, without repeating a key."""
        return cls({id_: Ed25519PrivateKey.from_private_bytes(key) for id_, key in _parts(text)})

    def sign(self, message: bytes) -> bytes:
        return self._signing.sign(message)


def new_key(key_id: str) -> str:
    """Return a new private key, as ``PORTAL_AUDIT_KEY`` takes it."""
    return f"{key_id}:{_in_base64(Ed25519PrivateKey.generate().private_bytes_raw())}"


def _parts(text: str) -> Iterator[tuple[str, bytes]]:
    for part in filter(None, text.split(",")):
        key_id, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"key {key_id!r} is not base64") from None
        if not key_id or len(key) != KEY_BYTES:
            raise ValueError(f"key {key_id!r} must have {KEY_BYTES} bytes and an id")
        yield key_id, key


def _in_base64(key: bytes) -> str:
    return base64.b64encode(key).decode()
