"""Numbers for operators: how many computers are in use, free and out of order. Nothing of anybody."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, case, exists, func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Computer
from portal.blueprints.internet.queries.rooms import effective_end


def gauges(db: Session, now: datetime) -> Mapping[str, float]:
    """Return how many computers are in use, kept for somebody or blocked, free, and out of order, of all branches."""
    held_now = and_(
        Booking.computer_id == Computer.id, Booking.starts_at <= now, Booking.ends_at > now, effective_end(now) > now
    )
    is_used = exists().where(held_now, Booking.checked_in_at.is_not(None))
    state = case(
        (Computer.status == "out-of-order", "computers_out_of_order"),
        (is_used, "computers_in_use"),
        (exists().where(held_now), "computers_kept"),
        else_="computers_free",
    )
    found = db.execute(select(state, func.count()).where(Computer.status != "retired").group_by(state))
    none = dict.fromkeys(("computers_out_of_order", "computers_in_use", "computers_kept", "computers_free"), 0.0)
    return none | {name: float(number) for name, number in found}
