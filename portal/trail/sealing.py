"""Sealing what was committed, in batches, beside the requests: nobody who writes a record waits for it.

Records become visible in the order of their commits, not of their ids. So a batch is what has no leaf yet, not what
came after the last batch: a record that is committed late is sealed in a later one.
"""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.db import committing
from portal.trail import hashing
from portal.trail.keys import SigningKeys
from portal.trail.rules import delete_on

BATCH = 10_000
LATE = timedelta(hours=1)
"""No transaction is open for so long: what is older and isn't sealed is a fault, or the portal didn't write it."""
SIGNED = b"portal audit seal\n"

_LOCK = text("select pg_try_advisory_xact_lock(hashtext('audit_seal'))")
_NEWEST = text("select number, hash from audit_seal order by number desc limit 1")
_LOOK_AFTER = text(
    """
    select coalesce(max(event_id), 0) from audit_leaf where seal = (
        select number from audit_seal where sealed_at < :late order by number desc limit 1
    )
    """
)
_UNSEALED = text(
    f"""
    select id, (at at time zone 'UTC')::date as day, authority, act, {hashing.SAID} as said from audit_event as event
    where id > :after and (select seal from audit_leaf where event_id = event.id) is null
    order by id limit :most
    """  # noqa: S608 -- columns, no values
)
"""Not by ``not exists``: without statistics of the leaves, each batch would be joined with all of them."""
_SEAL = text(
    """
    insert into audit_seal (number, sealed_at, events, root, hash, key, signature)
    values (:number, :sealed_at, :events, :root, :hash, :key, :signature)
    """
)
_LEAVES = "copy audit_leaf (event_id, seal, delete_on, digest, salt) from stdin"


def seal_all(db: Session, keys: SigningKeys, *, at: datetime, thorough: bool = False, most: int = BATCH) -> int:
    """Seal what is committed and isn't sealed, each batch in a commit of its own; return how many records.

    thorough: look through all records, not only those that can have come since the seals of the last hour.
    most: records in one batch.
    """
    after = 0 if thorough else db.execute(_LOOK_AFTER, {"late": at - LATE}).scalar_one()
    db.rollback()
    count = 0
    while True:
        with committing(db):
            events = _seal_batch(db, keys, after=after, at=at, most=most)
        if not events:
            return count
        after = events[-1].id
        count += len(events)


def _seal_batch(
    db: Session, keys: SigningKeys, *, after: int, at: datetime, most: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Seal the first records after the id ``after`` that aren't, and return them; none where another is at it."""
    if not db.execute(_LOCK).scalar_one():
        return []
    events = db.execute(_UNSEALED, {"after": after, "most": most}).all()
    if not events:
        return events
    salts = _salts(len(events))
    leaves = [
        (id_, delete_on(act, authority, day), hashing.digest(said, salt))
        for (id_, day, authority, act, said), salt in zip(events, salts, strict=True)
    ]
    root = hashing.root([hashing.leaf(*leaf) for leaf in leaves])
    number = _add_seal(db, keys, events=len(events), root=root, at=at)
    _add_leaves(db, number, leaves, salts)
    return events


def _add_seal(db: Session, keys: SigningKeys, *, events: int, root: bytes, at: datetime) -> int:
    newest = db.execute(_NEWEST).one_or_none()
    number, previous = (newest.number + 1, newest.hash) if newest else (1, b"")
    hash_ = hashing.seal(number=number, sealed_at=at, events=events, root=root, previous=previous)
    said = {"number": number, "sealed_at": at, "events": events, "root": root, "hash": hash_}
    db.execute(_SEAL, {**said, "key": keys.id, "signature": keys.sign(SIGNED + hash_)})
    return number


def _add_leaves(db: Session, seal: int, leaves: list[tuple[int, date, bytes]], salts: list[bytes]) -> None:
    """Copy the leaves into their table: as an insert they take five times as long."""
    rows = (
        f"{id_}\t{seal}\t{day}\t\\\\x{digest.hex()}\t\\\\x{salt.hex()}\n"
        for (id_, day, digest), salt in zip(leaves, salts, strict=True)
    )
    with db.connection().connection.cursor().copy(_LEAVES) as copy:
        copy.write("".join(rows))


def _salts(count: int) -> list[bytes]:
    drawn = os.urandom(count * hashing.SALT_BYTES)
    return [drawn[start : start + hashing.SALT_BYTES] for start in range(0, len(drawn), hashing.SALT_BYTES)]
