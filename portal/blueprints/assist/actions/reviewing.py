"""Managers look into helps, and what they look at is on record."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing
from portal.identity import protected, reviews, visits
from portal.identity.figures import Choose, Figures, figures, month_before, month_of
from portal.identity.finding import Finder
from portal.identity.reviews import Access, Case
from portal.identity.visits import Visit
from portal.party import Party
from portal.sealed import Sealer

BY_CHANCE: Choose = random.SystemRandom().sample


class NotOver(Exception):
    """The month hasn't begun yet."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a manager sees of a month. sample: None while it can't be drawn. waiting: objections without an answer."""

    figures: Figures
    sample: list[Case] | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One help, and what the manager may do with it. name: whose it was; None where they are protected, and then
    changes are without old and new.
    """

    visit: Visit
    access: Access
    name: str | None = field(repr=False)


def look_at_month(
    db: Session,
    finders: Sequence[Finder],
    party: Party,
    month: date,
    *,
    zone: ZoneInfo,
    now: datetime,
    choose: Choose = BY_CHANCE,
) -> Month:
    """Return the figures of a month and its sample, which is drawn if it wasn't yet. Raises NotOver.

    What this manager may not look into, since it is of themselves or their household, is left out of the sample.
    """
    if month > month_of(now, zone):
        raise NotOver
    with committing(db):
        reviews.draw_sample(db, month, zone=zone, choose=choose, at=now)
        given = reviews.given(db, month, zone=zone, at=now)
        record(db, party, "staff.help.month", at=now, helps=len(given))
        own = protected.own_of(db, finders, party.actor, reviews.subjects(db, month), at=now)
        is_drawn = reviews.can_be_drawn(month, zone=zone, at=now)
        sample = reviews.sample(db, party, month, but=own) if is_drawn else None
        return Month(figures(given), sample, reviews.open_objections(db, party, but=own))


def look_at_objections(
    db: Session, finders: Sequence[Finder], party: Party, *, page: int, now: datetime
) -> tuple[list[Case], bool]:
    """Return one page of the objections that this manager may look into, and whether there are more."""
    with committing(db):
        own = protected.own_of(db, finders, party.actor, reviews.subjects(db), at=now)
        found, has_more = reviews.objections(db, party, but=own, page=page)
        record(db, party, "staff.help.objections", at=now, objections=len(found))
    return found, has_more


def open_help(
    db: Session, sealer: Sealer, finders: Sequence[Finder], party: Party, help_id: UUID, *, now: datetime
) -> Opened | None:
    """Return one help that is objected to or drawn; None if it is neither, or isn't this manager's to look into."""
    with committing(db):
        access = _access(db, finders, party, help_id, now=now)
        visit = visits.of(db, sealer, [help_id]).get(help_id)
        if access is None or visit is None:
            return None
        is_hidden = protected.why_hidden(db, finders, party.actor, access.subject, at=now) is not None
        record(db, replace(party, subject=access.subject), "help.review", at=now, object=f"help:{help_id}")
    return Opened(_without_values(visit), access, None) if is_hidden else Opened(visit, access, access.name)


def _without_values(visit: Visit) -> Visit:
    """Return a help with what was changed, and not from what to what: an address tells who and where somebody is."""
    return replace(visit, changes=tuple(replace(change, old=None, new=None) for change in visit.changes))


def settle(
    db: Session,
    sealer: Sealer,
    finders: Sequence[Finder],
    party: Party,
    help_id: UUID,
    *,
    finding: str,
    now: datetime,
) -> bool:
    """Answer an objection. False if somebody else was quicker, or it isn't this manager's to answer."""
    with committing(db):
        access = _access(db, finders, party, help_id, now=now)
        if access is None or not reviews.settle(db, sealer, party, help_id, finding=finding, at=now):
            return False
        record(db, replace(party, subject=access.subject), "help.settle", at=now, object=f"help:{help_id}")
    return True


def tick(db: Session, finders: Sequence[Finder], party: Party, help_id: UUID, *, now: datetime) -> bool:
    """Note that a manager looked at a help of the sample. False as in ``settle``."""
    with committing(db):
        access = _access(db, finders, party, help_id, now=now)
        if access is None or not reviews.tick(db, party, help_id, at=now):
            return False
        record(db, replace(party, subject=access.subject), "help.check", at=now, object=f"help:{help_id}")
    return True


def _access(db: Session, finders: Sequence[Finder], party: Party, help_id: UUID, *, now: datetime) -> Access | None:
    """Return what the manager may do with a help; None too if it is of themselves or their household: that a second
    one lets them see these doesn't let them judge.
    """
    access = reviews.access(db, party, help_id)
    if access is None or protected.own_of(db, finders, party.actor, {access.subject}, at=now):
        return None
    return access


def draw_last_month(db: Session, *, zone: ZoneInfo, now: datetime) -> None:
    """Draw the sample of the month that ended last, unless it was drawn. For a job."""
    with committing(db):
        reviews.draw_sample(db, month_before(month_of(now, zone)), zone=zone, choose=BY_CHANCE, at=now)
