"""What was written to people."""

import json
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import OutboxMessage
from portal.sealed import Sealer


class Outbox:
    """What was written to people, opened: template, address, fields; oldest first."""

    def __init__(self, db: Session, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def all(self) -> list[tuple[str, str, dict[str, str]]]:
        rows = self._db.execute(select(OutboxMessage).order_by(OutboxMessage.created_at)).scalars().all()
        self._db.rollback()
        return [
            (
                row.template,
                self._sealer.unseal(row.address, context="outbox_message.address"),
                json.loads(self._sealer.unseal(row.fields, context="outbox_message.fields")),
            )
            for row in rows
        ]

    def sent(self) -> list[tuple[str, str]]:
        """Return the template and address of each message."""
        return sorted((template, address) for template, address, _ in self.all())

    def path(self, template: str) -> str:
        """Return the path of the link in the newest message of a template."""
        links = [fields["link"] for name, _, fields in self.all() if name == template]
        return re.sub(r"^http://localhost", "", links[-1])

    def code(self) -> str:
        """Return the code in the newest letter."""
        return [fields["code"] for _, _, fields in self.all() if "code" in fields][-1]
