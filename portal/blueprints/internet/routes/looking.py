"""The page on which a time is looked over before it is booked, or before a booking is moved there."""

from uuid import uuid4

from flask import Response

from portal.blueprints.internet.actions.booking import Preview, Wanted
from portal.blueprints.internet.routes.asked import fields
from portal.blueprints.internet.routes.mine import Mine, to_times
from portal.blueprints.internet.routes.words import branch_name, kind_name, length
from portal.web.pages import page


def look_over(asks: Wanted, preview: Preview, *, mine: Mine | None = None) -> Response:
    """Return the page, with a one-time key for its form. mine: the booking that is changed."""
    return page(
        "internet/check.html",
        key=uuid4(),
        mine=mine,
        fields=fields(asks),
        is_now=asks.starts_at is None,
        branch=preview.branch,
        branch_name=branch_name(preview.branch),
        kind=kind_name(preview.kind),
        span=preview.span,
        to_times=to_times(asks, mine),
        length=length(preview.span.minutes),
        is_shorter=preview.span.minutes < asks.minutes,
        held_until=preview.held_until,
        left=length(preview.left) if preview.left else "",
    )
