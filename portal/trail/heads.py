"""Heads: how far the trail went at a time, signed. Kept outside of the database, they tell what was cut."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.db import committing
from portal.models import AuditHead
from portal.trail.keys import SigningKeys

SIGNED = b"portal audit head\n"
LATEST = "latest.json"

_NEWEST = text("select number, hash from audit_seal order by number desc limit 1")


class BadHead(Exception):
    """A file in the folder of heads isn't one; the message names it."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the trail went. day: whose head it is, UTC; None for the latest, which is written at each sealing.

    seal, hash: number and hash of the newest seal.
    """

    day: date | None
    signed_at: datetime
    seal: int
    hash: bytes
    key: str
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """Return what is signed: all but the signature."""
        day = self.day.isoformat() if self.day else ""
        signed_at = self.signed_at.astimezone(UTC).isoformat(timespec="microseconds")
        return SIGNED + json.dumps([day, signed_at, self.seal, self.hash.hex(), self.key]).encode()

    def as_json(self) -> str:
        values = {
            "day": self.day and self.day.isoformat(),
            "signed_at": self.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "seal": self.seal,
            "hash": self.hash.hex(),
            "key": self.key,
            "signature": self.signature.hex(),
        }
        return json.dumps(values, indent=2) + "\n"


def sign_head(db: Session, keys: SigningKeys, *, at: datetime) -> Head | None:
    """Sign the day's head and return it; the one that is there if it was signed already. None if nothing is sealed."""
    day = at.astimezone(UTC).date()
    with committing(db):
        head = _now(db, keys, day=day, at=at)
        if head is None:
            return None
        db.execute(insert(AuditHead).values(**asdict(head)).on_conflict_do_nothing(index_elements=[AuditHead.day]))
        return next(one for one in stored(db) if one.day == day)


def stored(db: Session) -> list[Head]:
    """Return the heads that the database holds, oldest first."""
    columns = (AuditHead.day, AuditHead.signed_at, AuditHead.seal, AuditHead.hash, AuditHead.key, AuditHead.signature)
    return [Head(*row) for row in db.execute(select(*columns).order_by(AuditHead.day))]


def keep_elsewhere(db: Session, keys: SigningKeys, folder: Path, *, at: datetime) -> None:
    """Write the latest head to the folder, and those of days that it lacks. Raises OSError.

    A file of a day is written once and never again: what the database says later doesn't get to it.
    """
    latest, heads = _now(db, keys, day=None, at=at), stored(db)
    db.rollback()
    for head in heads:
        path = folder / f"{head.day}.json"
        if not path.exists():
            _write(path, head)
    if latest:
        _write(folder / LATEST, latest)


def in_folder(folder: Path) -> list[Head]:
    """Return the heads in a folder, those of days first. Raises BadHead, OSError."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _now(db: Session, keys: SigningKeys, *, day: date | None, at: datetime) -> Head | None:
    newest = db.execute(_NEWEST).one_or_none()
    if newest is None:
        return None
    unsigned = Head(day, at, newest.number, newest.hash, keys.id)
    return Head(day, at, newest.number, newest.hash, keys.id, keys.sign(unsigned.message))


def _write(path: Path, head: Head) -> None:
    """Write a file that appears whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(head.as_json(), "utf-8")
    part.replace(path)


def _read(path: Path) -> Head:
    try:
        said = json.loads(path.read_text("utf-8"))
        return Head(
            day=date.fromisoformat(said["day"]) if said["day"] else None,
            signed_at=datetime.fromisoformat(said["signed_at"]),
            seal=int(said["seal"]),
            hash=bytes.fromhex(said["hash"]),
            key=str(said["key"]),
            signature=bytes.fromhex(said["signature"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadHead(f"{path.name} is no head of an audit trail") from error
