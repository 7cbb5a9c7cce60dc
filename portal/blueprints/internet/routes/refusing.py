"""The page of what a rule doesn't allow: which rule, what was chosen, what is possible instead."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import Response, url_for

from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.routes.asked import NOW, fields
from portal.blueprints.internet.routes.common import where
from portal.blueprints.internet.routes.mine import Mine, to_times
from portal.blueprints.internet.routes.words import branch_name, kind_name, length, refusal
from portal.blueprints.internet.rules.limits import NotAllowed, Offer, Why
from portal.i18n import format_date, format_time
from portal.web import current
from portal.web.pages import page

NOW_INSTEAD = frozenset({Why.NOTHING_TO_WAIT_FOR, Why.TOO_MANY})
"""What a computer now would be the answer to."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Another time, ready to be booked. key: of its own form."""

    text: str
    kind: str
    length: str
    fields: dict[str, str]
    key: UUID


def refused(no: NotAllowed, asks: Wanted, *, status: int, mine: Mine | None = None) -> Response:
    """Return the page. mine: the one that was to be changed, and stands as it was. status: 409 for what was sent."""
    db, now = current.db(), current.now()
    today = where().day(now)
    branch = rooms.branch(db, asks.branch_id, since=today)
    starts_at = asks.starts_at or now
    chosen: dict[str, Any] = {"branch": asks.branch_id, "minutes": asks.minutes, "kind": asks.kind}
    return page(
        "internet/refused.html",
        status=status,
        is_taken=no.why is Why.TAKEN,
        words=refusal(no),
        branch_name=branch_name(branch) if branch else "",
        day=format_date(starts_at, "day"),
        time=None if asks.starts_at is None else format_time(starts_at),
        length=length(asks.minutes),
        kind=kind_name(asks.kind),
        others=[_nearest(asks, offer) for offer in no.others],
        wait=chosen if no.may_wait and not mine else None,
        now=url_for(".check", at=NOW, **chosen) if no.why in NOW_INSTEAD and not mine else None,
        mine=mine,
        to_times=to_times(asks, mine),
    )


def _nearest(asks: Wanted, offer: Offer) -> Nearest:
    instead = Wanted(asks.branch_id, offer.kind, offer.starts_at, offer.minutes)
    time, day = format_time(offer.starts_at), where().day(offer.starts_at)
    is_another_day = day != where().day(asks.starts_at or current.now())
    return Nearest(
        text=f"{format_date(day, 'day')}, {time}" if is_another_day else time,
        kind=kind_name(offer.kind),
        length=length(offer.minutes),
        fields=fields(instead),
        key=uuid4(),
    )
