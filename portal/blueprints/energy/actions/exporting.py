"""Applications handed to staff as folders, until casework has pages: whole or not at all, and on record before."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.queries import sent
from portal.blueprints.energy.queries.evidence import KEY
from portal.blueprints.energy.queries.sent import Declared, File, Handed, Sent
from portal.blueprints.energy.rules import handover
from portal.blueprints.energy.rules.health import counts
from portal.blueprints.energy.rules.paper import written
from portal.blueprints.energy.rules.retention import UNPAID
from portal.blueprints.energy.schemes.catalogue import Scheme, nation_of
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH
from portal.connectors.storage import FileStore, Missing
from portal.council import Council
from portal.db import committing
from portal.documents.guides import guide
from portal.identity import protected
from portal.party import Party, Permission
from portal.sealed import SealBroken, Sealer
from portal.uploads.envelope import EnvelopeBroken, decrypt

_ENDINGS: Final = {"image/jpeg": "jpg", "application/pdf": "pdf"}
_HEALTH: Final = "told of a health condition or pregnancy that counts"
Written = dict[str, Any]


class NotAllowed(Exception):
    """The member of staff lacks a permission; its name is the message."""


class AlreadyThere(Exception):
    """The folder has an export of this application."""


class NoStore(Exception):
    """The application has files, and no store is set to read them from."""


@dataclass(frozen=True, slots=True)
class Office:
    """What an export works with. files: None where none is set."""

    council: Council
    schemes: tuple[Scheme, ...]
    sealer: Sealer
    files: FileStore | None

    @property
    def sign(self) -> str:
        return "€" if self.council.currency == "EUR" else "£"


@dataclass(frozen=True, slots=True)
class Wanted:
    """health: with what was said of health, for who may read it. bank: with bank details, where there is something to
    pay.
    """

    health: bool = False
    bank: bool = False


def export(
    db: Session, office: Office, party: Party, application: Sent, wanted: Wanted, *, to: Path, now: datetime
) -> Path:
    """Write an application into a folder of its own below ``to``, readable for nobody but its owner; return that.

    party: the member of staff, for the person whose application it is. It is on record before anything is read.
    Raises NotAllowed, portal.identity.protected.Protected, AlreadyThere, NoStore, Unreadable, and Unavailable where the
    store doesn't answer; then no folder is left.
    """
    final, half = to / application.reference, to / f".{application.reference}.half"
    _expect_allowed(party, wanted)
    if final.exists():
        raise AlreadyThere(str(final))
    with committing(db):
        protected.expect_open(db, (), party.actor, party.subject, at=now)
        handed = sent.handed(db, office.sealer, application.id, nation_of(office.council))
        has_bank = wanted.bank and any(case.state in UNPAID for case in handed.cases)
        if handed.files and office.files is None:
            raise NoStore(application.reference)
        record(
            db,
            party,
            "energy.export",
            at=now,
            object=f"application:{application.id}",
            health=wanted.health,
            bank=has_bank,
        )
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700, parents=True)
    try:
        told = _content(office, application, handed, wanted.health, has_bank)
        told["evidence"] = list(_evidence(office, handed, half, wanted.health))
        _write(half / "application.json", json.dumps(told, indent=2, ensure_ascii=False).encode())
        paper = written(told, sign=office.sign, zone=office.council.zone, now=now)
        _write(half / "application.pdf", guide(paper, council=office.council))
        half.rename(final)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return final


def _expect_allowed(party: Party, wanted: Wanted) -> None:
    needed = (Permission.ENERGY_READ, *((Permission.ENERGY_HEALTH,) if wanted.health else ()))
    for permission in needed:
        if not party.may(permission):
            raise NotAllowed(permission.value)


def _content(office: Office, application: Sent, handed: Handed, health: bool, bank: bool) -> Written:
    """Return all but the files. Of health there is what a referral needs of each scheme, and no more unless asked."""
    editions = sent.by_name(office.schemes)
    day = application.sent_at.astimezone(office.council.zone).date()
    cases = []
    for case in handed.cases:
        ready = editions.get((case.scheme, case.edition))
        answer = counts(ready, handed.form.household, day) if ready else None
        cases.append(
            {
                "scheme": case.scheme,
                "name": ready.edition.name["en"] if ready else case.scheme,
                "edition": case.edition,
                "state": case.state.value,
                "due": case.due and case.due.isoformat(),
                **({_HEALTH: answer} if answer else {}),
            }
        )
    return {
        "reference": application.reference,
        "sent_at": application.sent_at.isoformat(),
        "cases": cases,
        "steps": [_plain(step) for step in map(asdict, handed.steps)],
        "declaration": _declared(handed.declared, health=health) if handed.declared else None,
        "answers": handover.content(handed.form, health=health, bank=bank),
        "messages": [_plain(letter) for letter in map(asdict, handed.letters)],
    }


def _declared(declared: Declared, *, health: bool) -> Written:
    """Return a declaration; its words only with health, as they say whether any was told."""
    told = _plain(asdict(declared))
    return told if health else {name: value for name, value in told.items() if name != "words"}


def _plain(given: Mapping[str, Any]) -> Written:
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in given.items()}


def _evidence(office: Office, handed: Handed, folder: Path, health: bool) -> Iterator[Written]:
    """Write the files that may be seen, and yield what is said of each; those about health only with health."""
    seen = [file for file in handed.files if health or file.kind not in SHOWS_HEALTH]
    for number, file in enumerate(seen, 1):
        told: Written = {"kind": file.kind, "added_at": file.added_at.isoformat(), "state": file.state}
        if file.state == "clean" and office.files is not None:
            data = _opened(office.files, office.sealer, file)
            if data is None:
                told["state"] = "can't be read"
            else:
                (folder / "evidence").mkdir(mode=0o700, exist_ok=True)
                told["file"] = f"evidence/{number:02}-{file.kind}.{_ENDINGS[file.media]}"
                _write(folder / told["file"], data)
        yield told


def _opened(files: FileStore, sealer: Sealer, file: File) -> bytes | None:
    """Return a file as it was cleaned; None where the store lost it, or it was changed. Raises Unavailable."""
    try:
        return decrypt(files.get(file.id), key=sealer.unseal(file.key, context=KEY), file_id=file.id)
    except (Missing, EnvelopeBroken, SealBroken):
        return None


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
