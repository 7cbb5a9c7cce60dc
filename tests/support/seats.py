"""Computers that are kept from now on, at whatever hour the tests run, and the screens of the simulated ones."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Day
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import Desk
from portal.db import committing


def keep(
    db: Session, desk: Desk, person: UUID, computer: UUID, *, now: datetime, for_: timedelta, sits: bool = False
) -> UUID:
    """Keep a computer for somebody, whether or not the branch is open. sits: they have checked in."""
    day, booking = desk.where.day(now), uuid4()
    row = {
        "id": booking,
        "computer_id": computer,
        "person_id": person,
        "how": "now",
        "day": day,
        "starts_at": now,
        "ends_at": now + for_,
        "held_until": now + for_,
        "made_at": now,
        "by_staff": False,
    }
    agreed = {"checked_in_at": now, "policy_from": BEFORE_ALL} if sits else {}
    with committing(db):
        kept_day = upsert(Day).values(holder=person, day=day, allowed=120, granted=0, taken=0)
        db.execute(kept_day.on_conflict_do_nothing())
        db.execute(insert(Booking).values({**row, **agreed}))
    return booking


class Screens:
    """The computers as somebody sees them who stands in the room."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def tell(self, path: str, **values: Any) -> None:
        body = json.dumps(values).encode()
        urlopen(Request(f"http://127.0.0.1:{self._port}{path}", body), timeout=30).close()

    def all(self) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = json.loads(self.get("/state"))
        return seen

    def of(self, name: str) -> dict[str, Any]:
        return next(one for one in self.all() if one["name"] == name)

    def wait(self, name: str, condition: Callable[[dict[str, Any]], object], *, asking: bool = True) -> dict[str, Any]:
        """Return what can be seen at a computer as soon as it is so. asking: let it ask sooner than it would."""
        deadline = time.monotonic() + 60
        while not condition(seen := self.of(name)):
            assert time.monotonic() < deadline, seen
            if asking:
                self.tell(f"/{name}/ask")
            time.sleep(1.2)
        return seen
