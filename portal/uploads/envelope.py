"""Files as they lie in the store: each encrypted with a key of its own.

The key is kept with what is known of the file, sealed; so a change of sealing keys touches no file, and once its row is
gone nobody can read a file any more, in no backup either. AES-256-GCM; the file's id is bound in, so that one file
can't be put in another's place. Encrypted: ``version (1 byte) | nonce (12) | ciphertext and tag``.
Source: NIST SP 800-38D.
"""

import base64
import binascii
import os
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12


class EnvelopeBroken(Exception):
    """The file wasn't encrypted with this key, for this id, or it was changed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """key: 32 bytes as text, for a ``Sealer`` to seal."""

    key: str = field(repr=False)
    data: bytes = field(repr=False)


def encrypt(data: bytes, *, file_id: UUID) -> Envelope:
    """Return a file encrypted with a new key."""
    key, nonce = AESGCM.generate_key(256), os.urandom(NONCE_BYTES)
    encrypted = AESGCM(key).encrypt(nonce, data, file_id.bytes)
    return Envelope(base64.b64encode(key).decode(), VERSION + nonce + encrypted)


def decrypt(data: bytes, *, key: str, file_id: UUID) -> bytes:
    """Return a file as it was. Raises EnvelopeBroken."""
    nonce, encrypted = data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
    if data[:1] != VERSION:
        raise EnvelopeBroken
    try:
        return AESGCM(base64.b64decode(key, validate=True)).decrypt(nonce, encrypted, file_id.bytes)
    except (InvalidTag, ValueError, binascii.Error):
        raise EnvelopeBroken from None
