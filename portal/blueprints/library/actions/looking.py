"""Looking at library cards, which the audit notes without saying what is on them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.library import queries
from portal.blueprints.library.queries import View
from portal.blueprints.library.rules.desk import Desk
from portal.db import committing
from portal.party import Party


def look(db: Session, desk: Desk, party: Party, *, session: UUID | None, now: datetime) -> list[View]:
    """Return the subject's cards, as ``queries.views``, and note that the actor saw them."""
    found = queries.views(db, desk, party, session=session, at=now)
    if found:
        with committing(db):
            for view in found:
                record(db, party, "library.view", at=now, object=view.card.object)
    return found


def look_at(
    db: Session, desk: Desk, party: Party, card_id: UUID | None, *, session: UUID | None, now: datetime
) -> tuple[View | None, list[View]]:
    """Return one card and all of them, and note that the actor saw that one. card_id: None for the first there is.

    No card: there is none, or it isn't the subject's.
    """
    found = queries.views(db, desk, party, session=session, at=now)
    chosen = next((view for view in found if card_id in (None, view.card.id)), None)
    if chosen:
        with committing(db):
            record(db, party, "library.view", at=now, object=chosen.card.object)
    return chosen, found
