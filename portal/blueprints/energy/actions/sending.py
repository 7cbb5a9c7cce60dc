"""Sending a form: once, whole, with the declaration in the words that were shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.actions.correcting import tell_housing
from portal.blueprints.energy.actions.drafting import NoSuchDraft, forget_files_of_health
from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.actions.telling import RECEIVED, tell
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyDeclaration
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.rules import home, reference
from portal.blueprints.energy.rules.details import Address
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import nation_of
from portal.blueprints.energy.schemes.household import Nation
from portal.council import Council
from portal.db import committing
from portal.identity import helping
from portal.party import Party
from portal.sealed import Sealer

_TRIES: Final = 8
"""How often a reference is drawn that is somebody's already: of a million million that doesn't happen twice."""


class NotAsShown(Exception):
    """The form, or what it is for, has changed since the declaration was shown. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody declares. words: as they read or heard them. mark: ``Form.mark`` of what they declared it of.

    editions: that the form is decided by, by its schemes' slugs. left_out: schemes that can't be applied for any more.
    with_health: what was said of health is sent; else the form is sent without it, and without the files that show it.
    """

    words: str = field(repr=False)
    language: str
    mark: str
    editions: Mapping[str, str]
    left_out: frozenset[str] = frozenset()
    with_health: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """What a form is sent with. secret: keys the mark of the home. link: the whole address of the form's page."""

    sealer: Sealer
    council: Council
    secret: bytes = field(repr=False)
    link: str

    @property
    def nation(self) -> Nation:
        return nation_of(self.council)


def send(
    db: Session,
    office: Office,
    party: Party,
    application: UUID,
    declared: Declared,
    *,
    now: datetime,
    draw: Callable[[], str] = reference.drawn,
) -> str:
    """Send a form and return its reference; whoever sends it again gets the same one, and nothing else happens.

    Raises NoSuchDraft, NotAsShown.
    """
    with committing(db):
        found = _locked(db, party, application, now=now)
        if found.reference is not None:
            return str(found.reference)
        form = applications.opened(office.sealer, found.answers, found.health, found.bank, nation=office.nation)
        if form.mark != declared.mark or _schemes(db, application) != declared.editions.keys() | declared.left_out:
            raise NotAsShown(str(application))
        if declared.left_out:
            ended = (EnergyCase.application_id == application, EnergyCase.scheme.in_(declared.left_out))
            db.execute(delete(EnergyCase).where(*ended))
        if not declared.with_health:
            form = form.without_health()
            forget_files_of_health(db, application)
        given = _mark_as_sent(db, application, _for_good(office, form, now=now), draw)
        for scheme, edition in declared.editions.items():
            _send_case(db, (application, scheme), edition, now=now)
        _declare(db, party, application, declared, now=now)
        tell(db, office.sealer, party.subject, RECEIVED, link=office.link, at=now, reference=given)
        tell_housing(db, office.sealer, office.council, person=party.subject, form=form, reference=given, at=now)
        object_ = f"application:{application}"
        record(db, party, "energy.send-form", at=now, object=object_, schemes=len(declared.editions))
        helping.note_change(db, office.sealer, party, "energy.send-form", old=None, new=given, at=now)
    return given


def _locked(db: Session, party: Party, application: UUID, *, now: datetime) -> Row[*tuple[Any, ...]]:
    """Return an application, sent or not; nobody changes or sends it until this is done."""
    columns = (EnergyApplication.reference, *applications.SEALED)
    mine = (*applications.theirs(party, now), EnergyApplication.id == application)
    found = db.execute(select(*columns).where(*mine).with_for_update()).one_or_none()
    if found is None:
        raise NoSuchDraft(str(application))
    return found


def _schemes(db: Session, application: UUID) -> set[str]:
    return set(db.scalars(select(EnergyCase.scheme).where(EnergyCase.application_id == application)))


def _for_good(office: Office, form: Form, *, now: datetime) -> dict[str, Any]:
    """Return the columns of a form that is sent, but for its reference."""
    address = form.detail(Address)
    mark = home.mark(office.secret, address.lines) if address else None
    sent = {"sent_at": now, "expires_at": None, "reminded_at": None, "home": mark}
    return applications.sealed(office.sealer, form) | sent


def _mark_as_sent(db: Session, application: UUID, values: dict[str, Any], draw: Callable[[], str]) -> str:
    """Give an application its reference, which is nobody else's: of two that draw the same, one draws again."""
    for _ in range(_TRIES):
        drawn = draw()
        sent = values | {"reference": drawn}
        try:
            with db.begin_nested():
                db.execute(update(EnergyApplication).where(EnergyApplication.id == application).values(**sent))
        except IntegrityError as error:
            if "uq_energy_application_reference" not in str(error.orig):
                raise
        else:
            return drawn
    raise RuntimeError("no reference is free")


def _send_case(db: Session, case: tuple[UUID, str], edition: str, *, now: datetime) -> None:
    """Send the form's case of one scheme, to be decided by the edition that holds now."""
    application, scheme = case
    this = (EnergyCase.application_id == application, EnergyCase.scheme == scheme)
    db.execute(update(EnergyCase).where(*this).values(edition=edition))
    take_step(db, case, State.SENT, before=(State.DRAFT,), by="resident", at=now)


def _declare(db: Session, party: Party, application: UUID, declared: Declared, *, now: datetime) -> None:
    values = {
        "application_id": application,
        "at": now,
        "actor_id": party.actor,
        "help_id": party.help,
        "language": declared.language,
        "words": declared.words,
    }
    db.execute(insert(EnergyDeclaration).values(values))
