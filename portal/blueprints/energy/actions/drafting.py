"""Filling in a form: begun for some schemes, answered page by page, deleted. Each answer is kept as it is given."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvidence
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.rules.answers import Answers, names_of_health
from portal.blueprints.energy.rules.details import TellsOfHealth
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH
from portal.blueprints.energy.schemes.household import Nation
from portal.db import committing
from portal.identity import helping
from portal.party import Party
from portal.sealed import Sealer

KEPT: Final = timedelta(days=28)
"""How long a draft is kept after its last answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """To one page. seen: ``Form.seen`` of it when it was shown; None if the change only adds to what the page holds.

    change: makes a form with the answer of any other.
    """

    page: str
    seen: str | None
    change: Callable[[Form], Form]


class NoSuchDraft(Exception):
    """It isn't there any more, isn't the person's, or was sent."""


class ChangedMeanwhile(Exception):
    """Somebody, perhaps the same person elsewhere, has answered the page since it was shown. now: the form as it is."""

    def __init__(self, now: Form) -> None:
        super().__init__("changed meanwhile")
        self.now = now


class OtherSchemes(Exception):
    """What a form is for was changed since it was shown. Nothing was changed now."""


def begin(
    db: Session, sealer: Sealer, party: Party, schemes: Mapping[str, str], answers: Answers, *, now: datetime
) -> UUID:
    """Begin a form and return its id; where the person has a draft already, add the schemes to that.

    schemes: the edition by the scheme's slug, at least one. answers: of the check, as far as they go; a draft that is
    there keeps its own. Pressed twice, it begins one.
    """
    with committing(db):
        _delete_over(db, party, now=now)
        application = None
        while application is None:  # as a draft that is there may be sent or deleted while this waits for it
            application = _added(db, sealer, party, answers, now=now) or _there(db, party)
        _add_schemes(db, party, application, schemes, now=now)
    return application


def _added(db: Session, sealer: Sealer, party: Party, answers: Answers, *, now: datetime) -> UUID | None:
    """Add a draft and return its id; None where the person has one already."""
    application = uuid4()
    values = applications.sealed(sealer, Form(answers))
    begun = {"begun_at": now, "changed_at": now, "expires_at": now + KEPT}
    added = upsert(EnergyApplication).values(id=application, person_id=party.subject, **begun, **values)
    once = added.on_conflict_do_nothing(
        index_elements=[EnergyApplication.person_id], index_where=EnergyApplication.sent_at.is_(None)
    )
    if db.execute(once.returning(EnergyApplication.id)).one_or_none() is None:
        return None
    record(db, party, "energy.begin", at=now, object=f"application:{application}")
    helping.note_change(db, sealer, party, "energy.begin", old=None, new=None, at=now)
    return application


def _there(db: Session, party: Party) -> UUID | None:
    """Return the person's draft and lock it."""
    mine = (EnergyApplication.person_id == party.subject, EnergyApplication.sent_at.is_(None))
    return db.scalar(select(EnergyApplication.id).where(*mine).with_for_update())


def _add_schemes(db: Session, party: Party, application: UUID, schemes: Mapping[str, str], *, now: datetime) -> None:
    for scheme, edition in schemes.items():
        case = upsert(EnergyCase).values(
            application_id=application, scheme=scheme, edition=edition, state=State.DRAFT, due=None
        )
        if db.execute(case.on_conflict_do_nothing().returning(EnergyCase.scheme)).one_or_none():
            object_ = f"application:{application}"
            record(db, party, "energy.begin", at=now, object=object_, outcome="scheme-added", scheme=scheme)


def _delete_over(db: Session, party: Party, *, now: datetime) -> None:
    """Delete the person's draft if its time is over and the job hasn't run, and note it as the job does."""
    over = (EnergyApplication.person_id == party.subject, EnergyApplication.expires_at <= now)
    if db.execute(delete(EnergyApplication).where(*over).returning(EnergyApplication.id)).all():
        record(db, None, "energy.tidy", at=now, draft=1)


def choose(
    db: Session,
    sealer: Sealer,
    party: Party,
    application: UUID,
    schemes: Mapping[str, str],
    *,
    seen: Collection[str],
    now: datetime,
) -> None:
    """Set which schemes a draft is for. schemes: as in ``begin``, at least one. seen: those that it was for when the
    page was shown.

    Raises NoSuchDraft; OtherSchemes where it is for others by now, and not for these.
    """
    with committing(db):
        _lock(db, party, application, now=now)
        held = set(db.scalars(select(EnergyCase.scheme).where(EnergyCase.application_id == application)))
        if held not in (set(seen), set(schemes)):
            raise OtherSchemes(str(application))
        others = (EnergyCase.application_id == application, EnergyCase.scheme.not_in(schemes))
        db.execute(delete(EnergyCase).where(*others))
        _add_schemes(db, party, application, schemes, now=now)
        record(db, party, "energy.choose", at=now, object=f"application:{application}", schemes=len(schemes))
        helping.note_change(db, sealer, party, "energy.choose", old=None, new=None, at=now)


def answer(
    db: Session,
    sealer: Sealer,
    party: Party,
    application: UUID,
    given: Answer,
    *,
    nation: Nation,
    now: datetime,
) -> Form:
    """Keep the answer to one page and return the form.

    Whoever answers the same twice changes nothing. Whoever doesn't want to tell of health has the records of files that
    show it deleted; the files are deleted by whoever looks after the store. In a help the person reads that a page was
    changed, not how: the form itself shows that.
    Raises NoSuchDraft; ChangedMeanwhile where the page holds something else by now.
    """
    with committing(db):
        sealed = _lock(db, party, application, now=now)
        before = applications.opened(sealer, *sealed, nation=nation)
        after = _changed(before, given)
        values = applications.sealed(sealer, after) | {"changed_at": now, "expires_at": now + KEPT, "reminded_at": None}
        db.execute(update(EnergyApplication).where(EnergyApplication.id == application).values(**values))
        told = after.detail(TellsOfHealth)
        if given.page == "tells-health" and told and not told.tells:
            forget_files_of_health(db, application)
        record(db, party, "energy.answer", at=now, object=f"application:{application}", page=_on_record(given.page))
        helping.note_change(db, sealer, party, "energy.answer", old=None, new=None, at=now)
    return after


def forget_files_of_health(db: Session, application: UUID) -> None:
    """Delete the records of files that show health, in the caller's transaction."""
    about = (EnergyEvidence.application_id == application, EnergyEvidence.kind.in_(SHOWS_HEALTH))
    db.execute(delete(EnergyEvidence).where(*about))


def _changed(before: Form, given: Answer) -> Form:
    """Return the form with an answer. Raises ChangedMeanwhile unless the page is as it was shown, or says the same."""
    if given.seen in (None, before.seen(given.page)):
        return given.change(before)
    try:
        after = given.change(before)
    except (LookupError, ValueError) as error:  # it is about somebody who isn't in the household any more
        raise ChangedMeanwhile(before) from error
    if after.seen(given.page) != before.seen(given.page):
        raise ChangedMeanwhile(before)
    return after


def _on_record(page: str) -> str:
    """Return what a page is called on record: those about health alike, as which was answered would tell something."""
    slug = page.partition("/")[0]
    return "health" if slug == "tells-health" or slug in names_of_health() else slug


def forget(db: Session, sealer: Sealer, party: Party, application: UUID, *, now: datetime) -> None:
    """Delete a draft with all that belongs to it. Its files are deleted by whoever looks after the store.

    Raises NoSuchDraft.
    """
    with committing(db):
        _lock(db, party, application, now=now)
        db.execute(delete(EnergyApplication).where(EnergyApplication.id == application))
        record(db, party, "energy.forget", at=now, object=f"application:{application}")
        helping.note_change(db, sealer, party, "energy.forget", old=None, new=None, at=now)


def _lock(db: Session, party: Party, application: UUID, *, now: datetime) -> tuple[bytes, bytes | None, bytes | None]:
    """Return the sealed columns of a draft, of which there is no other answer until this one is kept."""
    columns = (EnergyApplication.answers, EnergyApplication.health, EnergyApplication.bank)
    mine = (*applications.theirs(party, now), EnergyApplication.sent_at.is_(None), EnergyApplication.id == application)
    found = db.execute(select(*columns).where(*mine).with_for_update()).one_or_none()
    if found is None:
        raise NoSuchDraft(str(application))
    return found.answers, found.health, found.bank
