"""People and things for tests: ``make.resident(…)``."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import pyotp
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.identity import second_factors
from portal.identity.passwords import hash_password
from portal.models import Channel, Contact, Kind, Link, Password, Person, StaffRole, TotpSecret
from portal.party import Level, Party, Role, permissions_of
from portal.sealed import Sealer

PASSWORD = "correct horse battery"
_hashes: dict[str, str] = {}


def hashed(password: str) -> str:
    """Return a hash of ``password``, worked out once for all tests: it is slow on purpose."""
    if password not in _hashes:
        _hashes[password] = hash_password(password)
    return _hashes[password]


@dataclass(frozen=True)
class Factory:
    """Makes what a test needs and commits it."""

    db: Session
    clock: Clock
    sealer: Sealer

    def resident(
        self,
        *,
        email: str | None = "mary@example.org",
        password: str | None = PASSWORD,
        username: str | None = None,
        name: str = "Mary Example",
        language: str = "en",
        restricted: bool = False,
        closed_at: datetime | None = None,
    ) -> Person:
        return self._person(Kind.RESIDENT, email, password, username, name, language, restricted, closed_at)

    def staff(
        self,
        *,
        roles: tuple[Role, ...] = (Role.ADMINISTRATOR,),
        email: str = "sam@example.org",
        password: str = PASSWORD,
        name: str = "Sam Example",
        secret: str | None = None,
    ) -> Person:
        """Return a member of staff whose authenticator is set up. secret: base32, of their authenticator."""
        person = self._person(Kind.STAFF, email, password, None, name, "en", False, None)
        now = self.clock.now()
        self.db.add_all(StaffRole(person_id=person.id, role=role, given_at=now) for role in roles)
        sealed = self.sealer.seal(secret or pyotp.random_base32(), context=second_factors.context(person.id))
        self.db.add(TotpSecret(person_id=person.id, secret=sealed, last_step=0, created_at=now, confirmed_at=now))
        self.db.commit()
        return person

    def contact(self, person: Person, channel: Channel, value: str, *, confirmed: bool = True) -> Contact:
        now = self.clock.now()
        contact = Contact(
            person_id=person.id, channel=channel, value=value, created_at=now, confirmed_at=now if confirmed else None
        )
        self.db.add(contact)
        self.db.commit()
        return contact

    def link(
        self, person: Person, service: str, target: UUID, *, level: Level = Level.MEDIUM, until: datetime | None = None
    ) -> Link:
        link = Link(
            person_id=person.id,
            service=service,
            target=target,
            how="activation-code",
            level=level,
            since=self.clock.now(),
            until=until,
        )
        self.db.add(link)
        self.db.commit()
        return link

    def party(self, person: Person, *, level: Level = Level.MEDIUM, roles: tuple[Role, ...] = ()) -> Party:
        return Party(
            subject=person.id, actor=person.id, level=level, fresh=True, permissions=permissions_of(frozenset(roles))
        )

    def _person(
        self,
        kind: Kind,
        email: str | None,
        password: str | None,
        username: str | None,
        name: str,
        language: str,
        restricted: bool,
        closed_at: datetime | None,
    ) -> Person:
        now = self.clock.now()
        person = Person(
            id=uuid4(),
            kind=kind,
            name=name,
            language=language,
            restricted=restricted,
            created_at=now,
            closed_at=closed_at,
        )
        self.db.add(person)
        self.db.flush()
        if email:
            self.db.add(
                Contact(person_id=person.id, channel=Channel.EMAIL, value=email, created_at=now, confirmed_at=now)
            )
        if password:
            self.db.add(Password(person_id=person.id, username=username, hash=hashed(password), changed_at=now))
        self.db.commit()
        return person
