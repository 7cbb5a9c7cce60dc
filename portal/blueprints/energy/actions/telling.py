"""Telling somebody that something happened to their application. Works in its caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import messages
from portal.messages import NoWayToReach
from portal.sealed import Sealer

RECEIVED, STEP = "energy-received", "energy-step"
"""Templates: that an application has come in, and that something has changed about one."""


def tell(
    db: Session, sealer: Sealer, person_id: UUID, template: str, *, link: str, at: datetime, reference: str = ""
) -> bool:
    """Write a message that says nothing of what it is about, in the person's language and to their own confirmed
    contacts alone. link: the whole address of the application's page. reference: of the application, where it came in.

    False if nothing reaches them: then they see it when they sign in.
    """
    fields = {"link": link} | ({"reference": reference} if reference else {})
    try:
        messages.send(db, person_id=person_id, template=template, fields=fields, at=at, sealer=sealer)
    except NoWayToReach:
        return False
    return True
