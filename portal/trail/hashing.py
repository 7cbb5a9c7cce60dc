"""What is hashed, and how. Each hash begins with a byte of its own kind, so that none can stand for another.

The tree is that of RFC 6962, 2.1 (leaves 0x00, nodes 0x01); seals are chained by 0x02.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

LEAF, NODE, SEAL = b"\x00", b"\x01", b"\x02"
SALT_BYTES = 16

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Event(NamedTuple):
    """An audit record, as far as it is hashed: a column that is added to the table later changes no hash."""

    id: int
    at: datetime
    actor_id: UUID | None
    subject_id: UUID | None
    authority: str
    act: str
    object: str
    outcome: str
    request_id: str
    details: dict[str, Any]


COLUMNS = ", ".join(f"event.{name}" for name in Event._fields)
"""Of ``audit_event as event``, in the order of ``Event``."""


def digest(event: Sequence[Any], salt: bytes) -> bytes:
    """Return the hash of a record. event: the values of ``Event`` in their order.

    salt: random, kept as long as the record: without it nobody can try out what a deleted record said.
    """
    id_, at, actor, subject, *words = event
    values = (id_, _moment(at), actor and str(actor), subject and str(subject), *words)
    return sha256(salt + _encode(values).encode()).digest()


def leaf(event_id: int, delete_on: date, record: bytes) -> bytes:
    """Return the hash that the tree holds of a record. record: its digest, all that stays when it is deleted."""
    return sha256(b"%b%d %b %b" % (LEAF, event_id, delete_on.isoformat().encode(), record)).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the Merkle tree over ``leaves``, of which there is at least one."""
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(NODE + left + right).digest() for left, right in pairs] + odd
    return level[0]


def seal(*, number: int, sealed_at: datetime, events: int, root: bytes, previous: bytes) -> bytes:
    """Return the hash of a seal. previous: that of the seal before, empty for the first."""
    said = _encode((number, _moment(sealed_at), events, root.hex(), previous.hex()))
    return sha256(SEAL + said.encode()).digest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
