"""Messages about an account, from what changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import messages
from portal.identity.contacts import Way
from portal.models import Channel
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Mailing:
    """sealer: seals what is sent while it lies in the outbox. base_url: what links in messages begin with."""

    sealer: Sealer
    base_url: str

    def link(self, path: str) -> str:
        return self.base_url + path

    def send(
        self,
        db: Session,
        template: str,
        fields: dict[str, str],
        *,
        to: tuple[Channel, str],
        person_id: UUID | None,
        at: datetime,
        language: str | None = None,
    ) -> None:
        """Send one message, in the caller's transaction. language: None for the person's."""
        messages.send(
            db,
            person_id=person_id,
            template=template,
            fields=fields,
            at=at,
            sealer=self.sealer,
            to=to,
            language=language,
        )

    def tell(
        self, db: Session, person_id: UUID, ways: Sequence[Way], template: str, fields: dict[str, str], *, at: datetime
    ) -> None:
        """Tell a person of a change: by each of their confirmed e-mail addresses, else by letter, if there is a way."""
        for way in told_by(ways):
            self.send(db, template, fields, to=(way.channel, way.value), person_id=person_id, at=at)


def told_by(ways: Sequence[Way]) -> list[Way]:
    """Return by which of their contacts a person is told of a change; empty if there is no way."""
    confirmed = [way for way in ways if way.confirmed]
    emails = [way for way in confirmed if way.channel is Channel.EMAIL]
    return emails or [way for way in confirmed if way.channel is Channel.POST][:1]
