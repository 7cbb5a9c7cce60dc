"""Verifying: is the trail what was sealed, and if not, where not."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.trail import hashing, sealing
from portal.trail.findings import Report, Trouble
from portal.trail.heads import Head, stored
from portal.trail.keys import PublicKeys
from portal.trail.sealing import LATE

AnyRow = Row[*tuple[Any, ...]]

_IN_TURN = {"stream_results": True, "yield_per": 5_000}
_SEALS = text("select number, sealed_at, events, root, hash, key, signature from audit_seal order by number")
_LEAVES = text(
    f"""
    select leaf.seal, leaf.event_id, leaf.delete_on, leaf.digest, leaf.salt, event.at, {hashing.SAID} as said
    from audit_leaf as leaf left join audit_event as event on event.id = leaf.event_id
    order by leaf.seal, leaf.event_id
    """  # noqa: S608 -- columns, no values
)
"""at: None where the record isn't there."""
_WITHOUT_SEAL = text(
    "select distinct seal from audit_leaf where not exists (select from audit_seal where number = seal) order by seal"
)
_UNSEALED = text(
    """
    select id, at from audit_event as event
    where not exists (select from audit_leaf where event_id = event.id) order by id
    """
)
_BEFORE = text(
    "select max(sealed_at) from audit_seal where number < coalesce(cast(:first_wrong as bigint), 9223372036854775807)"
)


def verify(db: Session, keys: PublicKeys, *, elsewhere: Iterable[Head] = (), at: datetime) -> Report:
    """Go through the whole trail, in one look at the database, and tell what is wrong with it and where.

    elsewhere: heads that were kept outside of the database. keys: from the settings or an auditor, never from there.
    """
    db.rollback()
    db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        report, own, kept = Report(), stored(db), list(elsewhere)
        heads = _all_signed(own, kept, keys, report)
        walk = _Walk(db, keys, report, at)
        hashes = walk.to_the_end({head.seal for head in heads})
        for (seal,) in db.execute(_WITHOUT_SEAL):
            report.add(Trouble.SEAL_MISSING, seal=seal)
        _compare(heads, hashes, report, last=walk.number)
        _compare_with_elsewhere(own, kept, report)
        _look_for_unsealed(db, report, at)
        report.whole_until = db.execute(_BEFORE, {"first_wrong": report.first_wrong_seal}).scalar_one()
        return report
    finally:
        db.rollback()


class _Walk:
    """From the first seal to the last, each with its records."""

    def __init__(self, db: Session, keys: PublicKeys, report: Report, at: datetime) -> None:
        self._db, self._keys, self._report, self._at = db, keys, report, at
        self.number, self._hash = 0, b""
        self._newest_record_at: datetime | None = None
        """Of all records in the seals before."""

    def to_the_end(self, wanted: set[int]) -> dict[int, bytes]:
        """Verify each seal; return the hashes of those that are wanted and there."""
        hashes = {}
        for seal, leaves in _batches(self._db):
            self._look_at_seal(seal)
            self._look_at_batch(seal, leaves)
            self.number, self._hash = seal.number, seal.hash
            self._report.seals += 1
            if seal.number in wanted:
                hashes[seal.number] = seal.hash
        return hashes

    def _look_at_seal(self, seal: AnyRow) -> None:
        """Its number follows, its hash is that of what it says and of the seal before, and the portal signed it."""
        if seal.number != self.number + 1:
            self._report.add(Trouble.SEAL_MISSING, seal=self.number + 1)
        expected = hashing.seal(
            number=seal.number, sealed_at=seal.sealed_at, events=seal.events, root=seal.root, previous=self._hash
        )
        if seal.hash != expected:
            self._report.add(Trouble.SEAL_CHANGED, seal=seal.number)
        if not self._keys.are_good(seal.key, seal.signature, sealing.SIGNED + seal.hash):
            self._report.add(Trouble.SEAL_FORGED, seal=seal.number)

    def _look_at_batch(self, seal: AnyRow, leaves: Sequence[AnyRow]) -> None:
        """The tree over the leaves has the seal's root, and each record is its leaf's."""
        hashes = [hashing.leaf(id_, delete_on, digest) for _, id_, delete_on, digest, *_ in leaves]
        if len(leaves) != seal.events or hashing.root(hashes) != seal.root:
            self._report.add(Trouble.BATCH_CHANGED, seal=seal.number)
        earliest = self._newest_record_at - LATE if self._newest_record_at else None
        for _, id_, delete_on, digest, salt, at, said in leaves:
            if at is None:
                trouble = self._of_deleted(delete_on, salt)
            elif salt is None:
                trouble = Trouble.RECORD_PUT_BACK
            elif hashing.digest(said, salt) != digest:
                trouble = Trouble.RECORD_CHANGED
            elif (earliest and at < earliest) or at > seal.sealed_at + LATE:
                trouble = Trouble.RECORD_MISDATED
            else:
                self._newest_record_at = max(self._newest_record_at or at, at)
                self._report.records += 1
                continue
            if trouble:
                self._report.add(trouble, seal=seal.number, record=id_)

    def _of_deleted(self, delete_on: date, salt: bytes | None) -> Trouble | None:
        """Tell what is wrong with a record that is gone: by rule, its leaf is marked, and its day has come."""
        if salt:
            return Trouble.RECORD_DELETED
        if delete_on > self._at.date():
            return Trouble.RECORD_DELETED_EARLY
        self._report.deleted += 1
        return None


_END: tuple[None, Iterator[AnyRow]] = (None, iter(()))


def _batches(db: Session) -> Iterator[tuple[AnyRow, Sequence[AnyRow]]]:
    """Yield each seal with its leaves, both read in turn; leaves without a seal are left out."""
    with (
        db.execute(_LEAVES, execution_options=_IN_TURN) as all_leaves,
        db.execute(_SEALS, execution_options=_IN_TURN) as seals,
    ):
        batches = groupby(all_leaves, key=itemgetter(0))
        number, leaves = next(batches, _END)
        for seal in seals:
            while number is not None and number < seal.number:
                number, leaves = next(batches, _END)
            yield seal, list(leaves) if number == seal.number else []


def _all_signed(own: list[Head], elsewhere: list[Head], keys: PublicKeys, report: Report) -> list[Head]:
    """Return the heads that the portal signed, by how far they go; note the others."""
    heads = {head.message: head for head in (*own, *elsewhere)}
    good = []
    for head in (*own, *elsewhere):
        if keys.are_good(head.key, head.signature, head.message):
            good.append(head)
        else:
            report.add(Trouble.HEAD_FORGED, day=head.day)
    report.heads = len(heads)
    return sorted(good, key=lambda head: head.seal)


def _compare(heads: list[Head], hashes: dict[int, bytes], report: Report, *, last: int) -> None:
    """Note the heads that name other seals than there are. heads: by how far they go. last: seal there is."""
    agreed = 0
    for head in heads:
        if head.seal not in hashes:
            report.add(Trouble.CUT if head.seal > last else Trouble.SEAL_MISSING, seal=head.seal, day=head.day)
        elif hashes[head.seal] != head.hash:
            report.add(Trouble.REWRITTEN, seal=agreed + 1, day=head.day)
        else:
            agreed = head.seal


def _compare_with_elsewhere(own: list[Head], elsewhere: list[Head], report: Report) -> None:
    by_day = {head.day: head for head in own}
    for head in elsewhere:
        if head.day and head.day not in by_day:
            report.add(Trouble.HEAD_REMOVED, seal=head.seal, day=head.day)
        elif head.day and by_day[head.day].message != head.message:
            report.add(Trouble.HEAD_DIFFERS, seal=head.seal, day=head.day)


def _look_for_unsealed(db: Session, report: Report, at: datetime) -> None:
    for event in db.execute(_UNSEALED, execution_options=_IN_TURN):
        if at - LATE < event.at < at + LATE:
            report.waiting += 1
        else:
            report.add(Trouble.RECORD_UNSEALED, record=event.id)
