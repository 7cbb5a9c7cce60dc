"""A resident says that they didn't agree to a help."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing
from portal.identity.visits import OBJECTION
from portal.models import Help, HelpObjection
from portal.party import Party
from portal.sealed import Sealer


def object_to(db: Session, sealer: Sealer, party: Party, help_id: UUID, *, words: str, now: datetime) -> bool:
    """Note an objection to one of one's own helps, for a manager to look into. False if there is one already, or no
    such help.
    """
    sealed = sealer.seal(words, context=OBJECTION)
    own = select(Help.id, literal(now), literal(sealed)).where(Help.id == help_id, Help.subject_id == party.subject)
    columns = (HelpObjection.help_id, HelpObjection.at, HelpObjection.words)
    noted = insert(HelpObjection).from_select([column.key for column in columns], own)
    once = noted.on_conflict_do_nothing().returning(HelpObjection.help_id)
    with committing(db):
        if db.execute(once).one_or_none() is None:
            return False
        record(db, party, "help.object", at=now, object=f"help:{help_id}")
    return True
