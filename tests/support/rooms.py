"""Library branches with computers, and people who book them, straight from the actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Branch, Computer, Opening, Rule
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Where
from portal.blueprints.internet.rules.kinds import Holder, Kind, Who
from portal.blueprints.internet.rules.limits import TO_BEGIN_WITH
from portal.clock import SetClock
from portal.council import Council
from portal.db import committing
from portal.party import Level, Party
from portal.sealed import Sealer

NINE_TO_FIVE = dict.fromkeys(range(7), ((9 * 60, 17 * 60),))


@dataclass
class Rooms:
    """Makes branches and takes turns in them. zone and calendar are the council's."""

    db: Session
    clock: SetClock
    sealer: Sealer
    council: Council
    secret: bytes = b"a secret of the tests"
    made: list[UUID] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        where = Where(self.council.zone, self.council.nation)
        return Desk(where, self.sealer, self.secret, "http://localhost")

    def branch(
        self,
        *kinds: Kind,
        name: str = "Central",
        hours: Mapping[int, tuple[tuple[int, int], ...]] | None = None,
        on_bank_holidays: bool = True,
    ) -> UUID:
        """Make a branch with a computer of each kind that is named, numbered from 1; open from 9am to 5pm each day."""
        branch = uuid4()
        with committing(self.db):
            self.db.execute(
                insert(Branch).values(
                    id=branch,
                    code=f"B{len(self.made)}",
                    name={"en": name},
                    address="1 High Street",
                    on_bank_holidays=on_bank_holidays,
                    is_open=True,
                )
            )
            for weekday, spells in (NINE_TO_FIVE if hours is None else hours).items():
                for opens, closes in spells:
                    self.db.execute(
                        insert(Opening).values(branch_id=branch, weekday=weekday, opens=opens, closes=closes)
                    )
            for number, kind in enumerate(kinds, 1):
                self.db.execute(
                    insert(Computer).values(
                        id=uuid4(), branch_id=branch, name=str(number), kind=kind, status="in-service"
                    )
                )
        self.made.append(branch)
        return branch

    def rule(self, who: Who = Who.ADULT, *, branch: UUID | None = None, **changed: object) -> None:
        """Let the rule to begin with hold, with something changed."""
        limits = TO_BEGIN_WITH[who]
        values = {
            name: getattr(limits, name) for name in limits.__dataclass_fields__ if name not in ("kinds", "who")
        } | {"kinds": sorted(limits.kinds)}
        with committing(self.db):
            self.db.execute(
                insert(Rule).values(
                    id=uuid4(), branch_id=branch, who=who, from_day=date(2020, 1, 1), **values | changed
                )
            )

    def turn(self, person: UUID, *, by_staff: bool = False) -> Turn:
        """Return a turn of somebody with an account, now."""
        party = Party(person, person, Level.LOW)
        return Turn(self.db, self.desk, Holder(person), party, self.clock.now(), by_staff=by_staff)
