"""Handing letters to the print room: each exactly once, whenever it is interrupted.

A batch is claimed first, and committed; its folder is written under another name and renamed in one step; then its
letters count as delivered. A batch that was claimed and has no folder yet is written by the next call; one whose folder
is there is only marked: its letters are never written a second time.
"""

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from portal.council import Council
from portal.db import committing
from portal.documents import Letter, letter
from portal.messages.texts import compose, signature
from portal.models import Channel, OutboxMessage
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Batch:
    """One folder of letters."""

    folder: Path
    letters: int


def hand_over(db: Session, folder: Path, *, council: Council, sealer: Sealer, at: datetime) -> list[Batch]:
    """Write the letters that wait into a new folder inside ``folder``, and finish what was interrupted before.

    Raises OSError; then nothing counts as handed over that isn't there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(db, f"letters-{at:%Y%m%dT%H%M%SZ}")
    return [_write(db, folder / name, council=council, sealer=sealer, at=at) for name in _claimed(db)]


def render(row: Row[*tuple[Any, ...]], *, council: Council, sealer: Sealer) -> bytes:
    """Return the PDF of one letter of the outbox."""
    fields = json.loads(sealer.unseal(row.fields, context="outbox_message.fields"))
    composed = compose(row.template, fields, language=row.language, council=council)
    content = Letter(
        language=row.language,
        address=tuple(sealer.unseal(row.address, context="outbox_message.address").splitlines()),
        title=composed.subject,
        paragraphs=composed.paragraphs,
        signature=signature(language=row.language, council=council),
        written_at=row.created_at,
        code=composed.code,
    )
    return letter(content, council=council)


def _claim(db: Session, name: str) -> None:
    with committing(db):
        waiting = (
            select(OutboxMessage.id)
            .where(
                OutboxMessage.channel == Channel.POST, OutboxMessage.state == "waiting", OutboxMessage.batch.is_(None)
            )
            .with_for_update(skip_locked=True)
        )
        db.execute(update(OutboxMessage).where(OutboxMessage.id.in_(waiting)).values(batch=name))


def _claimed(db: Session) -> Sequence[str]:
    names = db.scalars(
        select(OutboxMessage.batch)
        .where(OutboxMessage.state == "waiting", OutboxMessage.batch.is_not(None))
        .distinct()
        .order_by(OutboxMessage.batch)
    ).all()
    db.rollback()
    return [name for name in names if name]


def _write(db: Session, done: Path, *, council: Council, sealer: Sealer, at: datetime) -> Batch:
    rows = db.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.template,
            OutboxMessage.language,
            OutboxMessage.address,
            OutboxMessage.fields,
            OutboxMessage.created_at,
        )
        .where(OutboxMessage.batch == done.name)
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    ).all()
    db.rollback()
    if not done.exists():
        unfinished = done.with_name(f".{done.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for row in rows:
            (unfinished / f"{row.id}.pdf").write_bytes(render(row, council=council, sealer=sealer))
        _write_list(unfinished / "letters.csv", [row.id for row in rows])
        unfinished.rename(done)
    with committing(db):
        db.execute(
            update(OutboxMessage)
            .where(OutboxMessage.batch == done.name, OutboxMessage.state == "waiting")
            .values(state="delivered", done_at=at)
        )
    return Batch(done, len(rows))


def _write_list(path: Path, ids: Sequence[UUID]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file"])
        writer.writerows([f"{message_id}.pdf"] for message_id in ids)
