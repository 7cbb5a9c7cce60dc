"""What is hashed, and how. Each hash begins with a byte of its own kind, so that none can stand for another.

The tree is that of RFC 6962, 2.1 (leaves 0x00, nodes 0x01); seals are chained by 0x02.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

LEAF, NODE, SEAL = b"\x00", b"\x01", b"\x02"
SALT_BYTES = 16

SAID = """
    jsonb_build_array(
        event.id, (extract(epoch from event.at) * 1000000)::bigint, event.actor_id, event.subject_id, event.authority,
        event.act, event.object, event.outcome, event.request_id, event.details
    )::text
"""
"""What is hashed of a record, in SQL, of ``audit_event as event``: a column that is added later changes no hash. As
text of ``jsonb``, which has one form for equal values: making it in Python takes ten times as long as hashing it.
"""


def digest(said: str, salt: bytes) -> bytes:
    """Return the hash of a record. said: as ``SAID`` makes it.

    salt: random, kept as long as the record: without it nobody can try out what a deleted record said.
    """
    return sha256(salt + said.encode()).digest()


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
    moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    said = json.dumps([number, moment, events, root.hex(), previous.hex()])
    return sha256(SEAL + said.encode()).digest()
