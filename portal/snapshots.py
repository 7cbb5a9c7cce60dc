"""What other systems last said of people: pages read it instead of asking, and mark what is too old.

A refresher (``portal.jobs.refresher``) takes what is marked, asks, and writes the answer back. Newer wins, whoever
writes: an answer is as old as the moment before it was asked for. Nothing here commits.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from portal.connectors.calling import jittered
from portal.connectors.errors import OutsideError, Refused
from portal.db import rows
from portal.facts import PanelState
from portal.identity.links import links_of, open_links
from portal.logs import get_logger
from portal.models import Link, Snapshot
from portal.party import Party
from portal.sealed import SealBroken, Sealer

log = get_logger("portal.snapshots")

CHANNEL = "portal_snapshots"
"""Who listens hears the slug of a service of which something was marked."""
MARKED_FOR = timedelta(minutes=1)
"""A mark that is older counts no more: whoever made it has gone on. After a failure nothing is marked for as long."""
CLAIMED_FOR = timedelta(seconds=45)
"""Longer than a refresher asks; after that its process was killed, and somebody else may ask."""
WAITS = (*(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30)), *(timedelta(hours=1),) * 23)
"""Before each further try, a day in all: then it is left until a page wants it."""

FAULT = "fault"
"""Code of a failure that is the portal's own."""


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What a system last said of one link of a person.

    target: of the link. text: JSON as the service's ``read`` returned it, None if it never answered. taken_at: just
    before it was asked. failure: code of what came of a later try, None if that answered. reason: of a refusal.
    """

    link_id: UUID
    target: UUID
    text: str | None = field(repr=False)
    taken_at: datetime | None
    failure: str | None
    reason: str | None

    def state(self, *, fresh_for: timedelta, at: datetime) -> PanelState:
        """Return how a page shows it, if ``want`` has been told. A refusal isn't an absence: see ``reason``."""
        is_away = self.failure is not None and self.reason is None
        if self.taken_at is None:
            return PanelState.NEVER if self.failure else PanelState.ASKING
        if at - self.taken_at < fresh_for:
            return PanelState.FRESH
        return PanelState.AWAY if is_away else PanelState.OLDER


@dataclass(frozen=True, slots=True)
class Standing:
    """How all of a person's snapshots stand. stale: links to be marked.

    is_asked: some are being asked for, once those are marked. is_first: of some of these there never was an answer.
    is_away: some could not be had, and are tried again by themselves. seen: changes with every answer, and when a
    system goes away or comes back.
    """

    stale: tuple[UUID, ...] = ()
    is_asked: bool = False
    is_first: bool = False
    is_away: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One snapshot that this process is about to ask for. failures: so many in a row before."""

    link_id: UUID
    failures: int


def context(link_id: UUID) -> str:
    """Return what an answer is sealed for: it opens for its own link only, wherever its row is copied to."""
    return f"snapshot.sealed:{link_id}"


def load(db: Session, sealer: Sealer, party: Party, service: str, *, at: datetime) -> list[LastAnswer]:
    """Return what is known by each of the subject's links to a service that hold, oldest link first."""
    found = rows(db, _of_service(service), **links_of(party, service, at=at))
    return [_opened(sealer, row) for row in found]


def look(
    db: Session, party: Party, fresh_for: Mapping[str, timedelta], *, at: datetime, follows: bool = False
) -> Standing:
    """Return how all of the subject's snapshots stand.

    fresh_for: by the slugs of the services that count, how old an answer may be that is shown as it is. follows: it is
    a page that looks again by itself, for which nothing new is marked.
    """
    visible = [service for service in fresh_for if party.may_see(service)]
    found = rows(db, _STANDING, person=party.subject, services=visible, at=at).all()
    stands = [(row.id, row.taken_at, row.failed_at is not None, row.retry_at is not None) for row in found]
    stale = tuple(row.id for row in found if not follows and _is_to_be_marked(row, fresh_for[row.service], at))
    asked = [row for row in found if row.id in stale or _is_asked(row, at)]
    return Standing(
        stale=stale,
        is_asked=bool(asked),
        is_first=any(row.taken_at is None and row.failed_at is None for row in asked),
        is_away=any(row.retry_at is not None for row in found),
        seen=hashlib.sha256(repr(stands).encode()).hexdigest()[:16],
    )


def want(db: Session, links: Collection[UUID], fresh_for: Mapping[str, timedelta], *, at: datetime) -> None:
    """Mark snapshots of links to be asked for, and wake the refresher when this commits.

    links, fresh_for: as ``look`` found and was told. Those that somebody else has marked, asked for or brought up to
    date in the meantime are left as they are: two tabs ask once.
    """
    spans = json.dumps({service: span.total_seconds() for service, span in fresh_for.items()})
    marked = rows(db, _WANT, links=list(links), spans=spans, at=at, long_ago=at - MARKED_FOR)
    for service in {row.service for row in marked}:
        rows(db, _NOTIFY, channel=CHANNEL, service=service)


def put(db: Session, sealer: Sealer, link_id: UUID, answer: str, *, taken_at: datetime) -> bool:
    """Keep what a system said. False if the link has ended, or if what is kept is as new.

    answer: JSON. taken_at: of the clock, just before it was asked for: after a write that means after the write, not
    the begin of the request, or an older answer that comes in between would win.
    """
    sealed = sealer.seal(answer, context=context(link_id))
    return rows(db, _PUT, link=link_id, sealed=sealed, taken_at=taken_at).one_or_none() is not None


def claim(db: Session, service: str, *, at: datetime) -> Claim | None:
    """Take one snapshot that is marked or due to be tried again, for ``CLAIMED_FOR``; None if there is none.

    Those that people wait for come first, the longest wait first.
    """
    moments = {"at": at, "long_ago": at - MARKED_FOR, "until": at + CLAIMED_FOR}
    row = rows(db, _CLAIM, service=service, **moments).one_or_none()
    return Claim(row.link_id, row.failures) if row else None


def fail(db: Session, claimed: Claim, error: Exception, *, asked_at: datetime, at: datetime) -> None:
    """Note that a try came to nothing, and when the next is due; nothing if an answer has come meanwhile.

    error: an OutsideError, or a fault of ours. A refusal is not tried again by itself: the answer would be the same.
    """
    refused = error if isinstance(error, Refused) else None
    tried = claimed.failures
    wait = None if refused or tried >= len(WAITS) else timedelta(seconds=jittered(WAITS[tried].total_seconds()))
    db.execute(
        update(Snapshot)
        .where(Snapshot.link_id == claimed.link_id, or_(Snapshot.taken_at.is_(None), Snapshot.taken_at < asked_at))
        .values(
            wanted_at=None,
            claimed_until=None,
            retry_at=at + wait if wait else None,
            failed_at=at,
            failure=error.code if isinstance(error, OutsideError) else FAULT,
            reason=refused.reason if refused else None,
            failures=tried + 1,
        )
    )


def delete_expired(db: Session, *, at: datetime) -> None:
    """Delete what was fetched by links whose time is over. Nobody is shown it since; others went with their links."""
    db.execute(delete(Snapshot).where(Snapshot.link_id == Link.id, Link.until <= at))


def _opened(sealer: Sealer, row: Row[*tuple[Any, ...]]) -> LastAnswer:
    answer = None
    if row.sealed is not None:
        try:
            answer = sealer.unseal(row.sealed, context=context(row.id))
        except SealBroken:  # its key is gone: as good as never fetched, and no reason to show no page
            log.warning("snapshot.sealed", link_id=str(row.id))
    taken_at = row.taken_at if answer is not None else None
    return LastAnswer(row.id, row.target, answer, taken_at, row.failure, row.reason)


def _is_asked(row: Row[*tuple[Any, ...]], at: datetime) -> bool:
    is_marked = row.wanted_at is not None and row.wanted_at > at - MARKED_FOR
    return is_marked or (row.claimed_until is not None and row.claimed_until > at)


def _is_to_be_marked(row: Row[*tuple[Any, ...]], fresh_for: timedelta, at: datetime) -> bool:
    is_fresh = row.taken_at is not None and row.taken_at > at - fresh_for
    has_just_failed = row.failed_at is not None and row.failed_at > at - MARKED_FOR
    return not (is_fresh or has_just_failed or _is_asked(row, at))


@cache
def _of_service(service: str) -> Select[*tuple[Any, ...]]:
    return (
        select(Link.id, Link.target, Snapshot.sealed, Snapshot.taken_at, Snapshot.failure, Snapshot.reason)
        .outerjoin(Snapshot, Snapshot.link_id == Link.id)
        .where(open_links(service))
        .order_by(Link.since, Link.id)
    )


_STANDING = text(
    """
    select link.id, link.service, taken_at, failed_at, retry_at, wanted_at, claimed_until
    from link left join snapshot on link_id = link.id
    where person_id = :person and link.service = any(:services)
        and ended_at is null and (until is null or until > :at)
    order by link.id
    """
)
_NOTIFY = select(func.pg_notify(text(":channel"), text(":service")))

# "for share": a link that ends at this moment ends before it or after it, and its trigger sees what was written
_WANT = text(
    """
    insert into snapshot (link_id, service, wanted_at)
    select id, service, :at from link where id = any(:links) and ended_at is null order by id for share
    on conflict (link_id) do update set wanted_at = excluded.wanted_at
    where coalesce(snapshot.wanted_at <= :long_ago, true)
        and coalesce(snapshot.failed_at <= :long_ago, true)
        and coalesce(snapshot.claimed_until <= :at, true)
        and coalesce(
            snapshot.taken_at <= :at - make_interval(secs => (cast(:spans as jsonb) ->> snapshot.service)::float), true
        )
    returning service
    """
)
_PUT = text(
    """
    insert into snapshot (link_id, service, sealed, taken_at)
    select id, service, :sealed, :taken_at from link where id = :link and ended_at is null for share
    on conflict (link_id) do update
    set sealed = excluded.sealed, taken_at = excluded.taken_at, wanted_at = null, claimed_until = null, retry_at = null,
        failed_at = null, failure = null, reason = null, failures = 0
    where coalesce(snapshot.taken_at < excluded.taken_at, true)
    returning link_id
    """
)
_CLAIM = text(
    """
    update snapshot set claimed_until = :until
    where link_id = (
        select link_id from snapshot join link on link.id = link_id
        where snapshot.service = :service
            and (wanted_at > :long_ago or retry_at <= :at)
            and (claimed_until is null or claimed_until <= :at)
            and ended_at is null and (until is null or until > :at)
        order by coalesce(wanted_at > :long_ago, false) desc, coalesce(wanted_at, retry_at), link_id
        limit 1
        for update of snapshot skip locked
    )
    returning link_id, failures
    """
)
