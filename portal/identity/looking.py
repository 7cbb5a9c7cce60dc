"""Staff look for a resident: each search is on record, and each person whom it showed. ``docs/security.md`` says why
there are limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing
from portal.identity import finding, protected
from portal.identity.finding import Clues, Finder, Somebody
from portal.identity.protected import Why
from portal.identity.throttle import Limit, Throttle
from portal.party import Party

LEAST_FACTS: Final = 2
MOST_FOUND: Final = 5
SEARCHES, SEARCHES_A_DAY = 30, 200
"""Of one member of staff, in a quarter of an hour and in a day."""


class TooFewFacts(Exception):
    """Whoever looks for somebody says two things that they were told, at least."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Somebody whom the facts fit and who isn't shown. person: None where they have no account."""

    person: UUID | None
    why: Why


@dataclass(frozen=True, slots=True)
class Found:
    """shown: at most five. is_too_many: more fit, so nobody is shown."""

    shown: tuple[Somebody, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    is_too_many: bool = False


def find(
    db: Session, throttle: Throttle, finders: Sequence[Finder], party: Party, clues: Clues, *, now: datetime
) -> Found:
    """Return whom the facts fit, as far as this member of staff may see them. Raises TooFewFacts, Throttled."""
    if len(clues.kinds) < LEAST_FACTS:
        raise TooFewFacts
    throttle.ask(db, of_searching(party.actor), at=now)
    with committing(db):
        everybody = finding.search(db, finders, clues, at=now)
        found = _as_far_as_seen(db, finders, party, everybody, now=now)
        kinds = " ".join(sorted(clues.kinds))
        hidden = len(found.hidden)
        record(db, party, "assist.find", at=now, facts=kinds, found=len(everybody), hidden=hidden)
        for one in found.shown:
            record_seen(db, party, one, at=now)
    return found


def of_searching(staff_id: UUID) -> tuple[Limit, ...]:
    return (
        Limit(("assist-find", str(staff_id)), SEARCHES, timedelta(minutes=15)),
        Limit(("assist-find", "day", str(staff_id)), SEARCHES_A_DAY, timedelta(days=1)),
    )


def record_seen(db: Session, party: Party, one: Somebody, *, at: datetime) -> None:
    """Note that a member of staff saw somebody, in the caller's transaction."""
    if one.person:
        record(db, replace(party, subject=one.person), "assist.found", at=at, object=f"person:{one.person}")
    elif one.holder:
        service, row = one.holder
        record(db, party, "assist.found", at=at, object=f"{service}:{row}", authority="staff")


def _as_far_as_seen(
    db: Session, finders: Sequence[Finder], party: Party, everybody: Sequence[Somebody], *, now: datetime
) -> Found:
    if len(everybody) > MOST_FOUND:
        return Found(is_too_many=True)
    near = protected.near(db, finders, party.actor, at=now)
    shown, hidden = [], []
    for one in everybody:
        why = near.why(one)
        if why and not (one.person and protected.is_allowed(db, party.actor, one.person, at=now)):
            hidden.append(Hidden(one.person, why))
        else:
            shown.append(one)
    return Found(tuple(shown), tuple(hidden))
