"""What nobody presses a button for: newer facts, reminders, the end of a child's card."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import snapshots
from portal.audit import record
from portal.blueprints.library import queries
from portal.blueprints.library.actions import checking
from portal.blueprints.library.actions.settling import tell_by_email
from portal.blueprints.library.models import LibraryCard, LibraryOutcome, LibraryReminder
from portal.blueprints.library.queries import Connected
from portal.blueprints.library.rules.desk import SERVICE, Desk, of_number
from portal.blueprints.library.rules.due import as_seen
from portal.connectors.errors import Refused
from portal.connectors.library import Loan, Reason
from portal.db import committing
from portal.identity import links
from portal.sealed import Sealer

REMINDS_FROM, REMINDS_UNTIL = 8, 20
"""Hours of the council's day between which people are reminded."""
NEW_ENOUGH = timedelta(hours=12)
"""A reminder goes by what the library said in this time, so that nobody is reminded of what they took back."""
KEPT_FOR = timedelta(days=60)
"""How long it is known that somebody was reminded: longer than a loan can be due in."""


def read(db: Session, desk: Desk, link: UUID, *, within_s: float, now: datetime) -> str:
    """Return what the library says of a linked card, to be kept; no transaction is open while it is asked.

    Raises Refused (``pin-needed`` without asking, where it needs one that isn't at hand), Unavailable, Garbled.
    """
    card = queries.by_link(db, link, at=now)
    if card is None:
        raise Refused(Reason.NOT_ON_THIS_CARD)
    as_asked = queries.asked_by_job(db, desk, card, at=now)
    db.rollback()
    if desk.system.abilities.needs_pin and as_asked.pin is None:
        raise Refused(Reason.PIN_NEEDED)
    borrower = desk.system.read(as_asked, within_s=within_s)
    return checking.as_kept(desk, borrower, checking.kept(db, desk, link), is_own=card.is_own)


def remind(db: Session, desk: Desk, *, base_url: str, now: datetime) -> None:
    """Remind those who want it of what is due in as many days as the council has settled, or sooner: once of each."""
    local = now.astimezone(desk.council.zone)
    if not REMINDS_FROM <= local.hour < REMINDS_UNTIL:
        return
    for card in queries.with_reminders(db, at=now):
        last = checking.kept(db, desk, card.link)
        if last is None or now - last.taken_at > NEW_ENOUGH:
            with committing(db):
                snapshots.want(db, [card.link], {SERVICE: NEW_ENOUGH}, at=now)
            continue
        due = [loan for loan in last.borrower.loans if _is_due_soon(desk, loan, now)]
        with committing(db):
            _remind(db, desk, card, due, base_url=base_url, now=now)


def _is_due_soon(desk: Desk, loan: Loan, now: datetime) -> bool:
    if loan.due_on is None:
        return False
    return timedelta(0) <= loan.due_on - desk.today(now) <= timedelta(days=desk.rules.remind_days)


def _remind(db: Session, desk: Desk, card: Connected, due: list[Loan], *, base_url: str, now: datetime) -> None:
    new = [loan for loan in due if _is_first_time(db, desk, card, loan, now)]
    first_day = min((loan.due_on for loan in new if loan.due_on), default=None)
    if first_day is None:
        return
    is_sent = tell_by_email(
        db,
        desk,
        card.person,
        "library-due",
        count=str(len(new)),
        day=first_day.isoformat(),
        link=f"{base_url}/library",
        now=now,
    )
    if is_sent:
        record(db, None, "library.remind", at=now, object=card.object, subject=card.person, count=len(new))


def _is_first_time(db: Session, desk: Desk, card: Connected, loan: Loan, now: datetime) -> bool:
    thing = desk.key("reminder", str(card.id), loan.item, as_seen(loan))
    noted = insert(LibraryReminder).values(card_id=card.id, thing=thing, sent_at=now)
    return db.execute(noted.on_conflict_do_nothing().returning(LibraryReminder.thing)).one_or_none() is not None


def rehash(db: Session, sealer: Sealer, secret: bytes, *, now: datetime) -> int:
    """Work out anew what cards are found by, with another secret; return how many there are."""
    with committing(db):
        cards = db.execute(select(LibraryCard.id, LibraryCard.number)).all()
        for card_id, sealed in cards:
            found_by = of_number(secret, sealer.unseal(sealed, context=queries.NUMBER))
            db.execute(update(LibraryCard).where(LibraryCard.id == card_id).values(number_hash=found_by))
        record(db, None, "library.rehash", at=now, authority="command", cards=len(cards))
    return len(cards)


def tidy(db: Session, *, now: datetime) -> None:
    """End the links of children's cards whose day has come, and delete what has had its time."""
    with committing(db):
        links.end_expired(db, SERVICE, at=now)
        db.execute(delete(LibraryOutcome).where(LibraryOutcome.shown_until <= now))
        db.execute(delete(LibraryReminder).where(LibraryReminder.sent_at <= now - KEPT_FOR))
