"""Library cards as their owners may see them, with what the library system last said of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from portal import snapshots
from portal.blueprints.library.models import LibraryCard, LibraryOutcome, LibraryPin
from portal.blueprints.library.rules.desk import SERVICE, Desk, of_number
from portal.blueprints.library.rules.keeping import from_text
from portal.blueprints.library.rules.settling import Deed, Question, Told
from portal.connectors.library import Borrower, Card
from portal.db import rows
from portal.facts import PanelState
from portal.identity.links import links_of, open_links
from portal.models import Asked, Link, SignInSession
from portal.party import Level, Party

FRESH_FOR = timedelta(minutes=5)
"""After so long what a library system said is asked for again when somebody looks."""
NUMBER = "library_card.number"
PIN = "library_pin.pin"
TOLD = "library_outcome.told"
QUESTION = "asked.question"
ACTS = tuple(deed.act for deed in Deed)


@dataclass(frozen=True, slots=True)
class Connected:
    """A card that is connected. link: what it stands on. number: sealed. child_name, ends_on: None for an own card."""

    id: UUID
    link: UUID
    person: UUID
    number: bytes = field(repr=False)
    last_four: str
    is_own: bool
    child_name: str | None
    ends_on: date | None
    wants_reminders: bool

    @property
    def object(self) -> str:
        """Return how the audit names it."""
        return f"library.card:{self.id}"


@dataclass(frozen=True, slots=True)
class View:
    """A card and what is known of it. borrower: None where the library system never answered. reason: why it says
    nothing newer, where it refused to.

    has_pin: a PIN is at hand, or none is needed; without, nothing newer can be asked for. questions: those whose answer
    isn't known. told: what came of others a short while ago.
    """

    card: Connected
    borrower: Borrower | None
    taken_at: datetime | None
    state: PanelState
    reason: str | None
    has_pin: bool
    questions: tuple[Question, ...] = ()
    told: tuple[Told, ...] = ()

    def is_asked(self, thing: str) -> bool:
        """Tell whether something of a loan or hold was asked whose answer isn't known."""
        return any(question.thing == thing for question in self.questions)

    def told_of(self, thing: str) -> Told | None:
        return next((told for told in self.told if told.thing == thing), None)


_COLUMNS = (
    LibraryCard.id,
    Link.id.label("link"),
    LibraryCard.person_id,
    LibraryCard.number,
    LibraryCard.last_four,
    LibraryCard.is_own,
    LibraryCard.child_name,
    LibraryCard.ends_on,
    LibraryCard.wants_reminders,
)
_OF_PARTY = (
    select(*_COLUMNS)
    .join(Link, Link.target == LibraryCard.id)
    .where(open_links(SERVICE), or_(LibraryCard.is_own, bindparam("sees_all")))
    .order_by(LibraryCard.is_own.desc(), LibraryCard.child_name, LibraryCard.id)
)
"""Whoever signed in with a card sees that one, which is their own, and no child's."""


def cards(db: Session, party: Party, *, at: datetime) -> list[Connected]:
    """Return the subject's cards: their own first, then those of children by name."""
    found = rows(db, _OF_PARTY, sees_all=party.level >= Level.MEDIUM, **links_of(party, SERVICE, at=at))
    return [Connected(*row) for row in found]


def card(db: Session, party: Party, card_id: UUID, *, at: datetime) -> Connected | None:
    """Return one card; None if there is none or it isn't the subject's: the same answer for both."""
    return next((one for one in cards(db, party, at=at) if one.id == card_id), None)


def by_link(db: Session, link: UUID, *, at: datetime) -> Connected | None:
    """Return the card that a link leads to; for jobs, not for pages. None if it holds no more."""
    return next(_all(db, Link.id == link, at=at), None)


def by_id(db: Session, card_id: UUID, *, at: datetime) -> Connected | None:
    """As ``by_link``, by the card's own id."""
    return next(_all(db, LibraryCard.id == card_id, at=at), None)


def with_reminders(db: Session, *, at: datetime) -> list[Connected]:
    """Return the cards whose owners want to be reminded; for jobs."""
    return list(_all(db, LibraryCard.wants_reminders.is_(True), at=at))


def _all(db: Session, condition: ColumnElement[bool], *, at: datetime) -> Iterator[Connected]:
    holds = (Link.ended_at.is_(None), or_(Link.until.is_(None), Link.until > at))
    found = select(*_COLUMNS).join(Link, Link.target == LibraryCard.id).where(condition, *holds)
    yield from (Connected(*row) for row in db.execute(found.order_by(LibraryCard.id)).all())


def views(db: Session, desk: Desk, party: Party, *, session: UUID | None, at: datetime) -> list[View]:
    """Return the subject's cards with what is known of them. session: whose PINs are at hand."""
    mine = cards(db, party, at=at)
    if not mine:
        return []
    kept = {one.target: one for one in snapshots.load(db, desk.sealer, party, SERVICE, at=at)}
    asked, told = _questions(db, desk, party.subject), _told(db, desk, [one.id for one in mine], at=at)
    found = []
    for one in mine:
        last = kept[one.id]
        found.append(
            View(
                card=one,
                borrower=from_text(last.text) if last.text else None,
                taken_at=last.taken_at,
                state=last.state(fresh_for=FRESH_FOR, at=at),
                reason=last.reason,
                has_pin=not desk.system.abilities.needs_pin or has_pin(db, one, session=session, at=at),
                questions=tuple(question for question in asked if question.card == one.id),
                told=tuple(told.get(one.id, ())),
            )
        )
    return found


def has_pin(db: Session, card: Connected, *, session: UUID | None, at: datetime) -> bool:
    """Tell whether a PIN of the card is at hand."""
    return _sealed_pin(db, card, LibraryPin.session_id == session, at=at) is not None


def asked_as(db: Session, desk: Desk, card: Connected, *, session: UUID | None, at: datetime) -> Card:
    """Return how the library system is asked about a card in a session."""
    return _card(desk, card, _sealed_pin(db, card, LibraryPin.session_id == session, at=at))


def asked_by_job(db: Session, desk: Desk, card: Connected, *, at: datetime) -> Card:
    """As ``asked_as``, with any PIN that is at hand: one that is kept, or one of a session that isn't over."""
    return _card(desk, card, _sealed_pin(db, card, LibraryPin.session_id.is_not(None), at=at))


def _card(desk: Desk, card: Connected, pin: bytes | None) -> Card:
    return Card(
        number=desk.sealer.unseal(card.number, context=NUMBER),
        pin=desk.sealer.unseal(pin, context=PIN) if pin else None,
    )


def _sealed_pin(db: Session, card: Connected, of_session: ColumnElement[bool], *, at: datetime) -> bytes | None:
    usable = or_(LibraryPin.session_id.is_(None), of_session & (SignInSession.expires_at > at))
    found = (
        select(LibraryPin.pin)
        .outerjoin(SignInSession, SignInSession.id == LibraryPin.session_id)
        .where(LibraryPin.card_id == card.id, usable)
        .order_by(SignInSession.seen_at.desc().nulls_last())
        .limit(1)
    )
    return db.execute(found).scalar_one_or_none()


def owner(db: Session, desk: Desk, number: str) -> UUID | None:
    """Return who has connected a card as their own."""
    own = select(LibraryCard.person_id).where(LibraryCard.is_own, LibraryCard.number_hash == hash_of(desk, number))
    return db.execute(own).scalar_one_or_none()


def own_card(db: Session, person_id: UUID) -> UUID | None:
    """Return the id of the card that is a person's own."""
    own = select(LibraryCard.id).where(LibraryCard.is_own, LibraryCard.person_id == person_id)
    return db.execute(own).scalar_one_or_none()


def hash_of(desk: Desk, number: str) -> bytes:
    return of_number(desk.secret, number)


def _questions(db: Session, desk: Desk, person_id: UUID) -> list[Question]:
    open_ones = select(Asked.question).where(Asked.person_id == person_id, Asked.act.in_(ACTS))
    return [
        Question.from_text(desk.sealer.unseal(sealed, context=QUESTION))
        for sealed in db.execute(open_ones.order_by(Asked.asked_at)).scalars()
    ]


def told_of(db: Session, desk: Desk, card_id: UUID, thing: bytes, *, at: datetime) -> Told | None:
    """Return what a page tells of one loan or hold. thing: as ``LibraryOutcome`` has it."""
    shown = select(LibraryOutcome.told).where(
        LibraryOutcome.card_id == card_id, LibraryOutcome.thing == thing, LibraryOutcome.shown_until > at
    )
    sealed = db.execute(shown).scalar_one_or_none()
    return Told.from_text(desk.sealer.unseal(sealed, context=TOLD)) if sealed else None


def _told(db: Session, desk: Desk, card_ids: list[UUID], *, at: datetime) -> dict[UUID, list[Told]]:
    shown: Any = select(LibraryOutcome.card_id, LibraryOutcome.told).where(
        LibraryOutcome.card_id.in_(card_ids), LibraryOutcome.shown_until > at
    )
    found: dict[UUID, list[Told]] = {}
    for card_id, sealed in db.execute(shown.order_by(LibraryOutcome.at)):
        found.setdefault(card_id, []).append(Told.from_text(desk.sealer.unseal(sealed, context=TOLD)))
    return found
