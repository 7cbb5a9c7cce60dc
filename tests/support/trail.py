"""An audit trail to verify, and somebody with all rights over the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from portal.audit import record
from portal.clock import SetClock
from portal.settings import DEMO_AUDIT_KEY
from portal.trail.findings import Finding, Report
from portal.trail.heads import Head, sign_head
from portal.trail.keys import SigningKeys
from portal.trail.sealing import seal_all
from portal.trail.verifying import verify

KEYS = SigningKeys.from_text(DEMO_AUDIT_KEY)


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit trail, as the portal writes, seals and verifies it."""

    db: Session
    clock: SetClock

    def happens(self, act: str = "rent.view", *, at: datetime | None = None, authority: str = "self") -> int:
        """Write one record and return its id."""
        record(self.db, None, act, at=at or self.clock.now(), authority=authority, object="rent.account:7", lines=3)
        event: int = self.db.execute(text("select max(id) from audit_event")).scalar_one()
        self.db.commit()
        return event

    def sealed(self, count: int = 3) -> list[int]:
        """Write records, seal them together, and return their ids. The clock goes on by a minute."""
        ids = [self.happens() for _ in range(count)]
        self.seal()
        self.clock.advance(timedelta(minutes=1))
        return ids

    def seal(self, *, thorough: bool = False, most: int = 10_000) -> int:
        return seal_all(self.db, KEYS, at=self.clock.now(), thorough=thorough, most=most)

    def head(self) -> Head:
        """Sign the day's head and return it. The clock goes on to the next day."""
        head = sign_head(self.db, KEYS, at=self.clock.now())
        assert head
        self.clock.advance(timedelta(days=1))
        return head

    def verify(self, *heads: Head) -> Report:
        return verify(self.db, KEYS.public, elsewhere=heads, at=self.clock.now())

    def findings(self, *heads: Head) -> list[Finding]:
        return self.verify(*heads).findings


@contextmanager
def superuser(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that no trigger and no foreign key stops, and commit what it did."""
    with engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        yield connection
