"""The rules of who may have how much, and the acceptable-use policy: each from a day, or a moment, on."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.blueprints.internet.actions.arranging import Keeper
from portal.blueprints.internet.models import Policy, Rule
from portal.blueprints.internet.rules.limits import Limits
from portal.db import committing


class TooEarly(ValueError):
    """What has been can't be changed."""


def set_rule(keeper: Keeper, branch_id: UUID | None, limits: Limits, *, from_day: date) -> None:
    """Let limits hold at a branch, or at all that have none of their own (None), from a day on; one that was to begin
    on the same day gives way. What is booked already stays as it is. Raises TooEarly for a day before today.
    """
    if from_day < keeper.today:
        raise TooEarly(from_day)
    columns = {
        "minutes_a_day": limits.minutes_a_day,
        "minutes_a_session": limits.minutes_a_session,
        "bookings_at_once": limits.bookings_at_once,
        "days_ahead": limits.days_ahead,
        "grace_minutes": limits.grace_minutes,
        "stops_before": limits.stops_before,
        "extend_by": limits.extend_by,
        "on_line": limits.on_line,
        "kinds": sorted(limits.kinds),
    }
    rule_id = uuid4()
    row = upsert(Rule).values(id=rule_id, branch_id=branch_id, who=limits.who, from_day=from_day, **columns)
    with committing(keeper.db):
        keeper.db.execute(row.on_conflict_do_update(constraint="uq_internet_rule_branch_id_who_from_day", set_=columns))
        whose = f"internet.branch:{branch_id}" if branch_id else ""
        keeper.record("internet.arrange-rule", whose, f"{limits.who}:{from_day}")


def set_policy(keeper: Keeper, body: Mapping[str, str], *, from_moment: datetime) -> None:
    """Let a text of the acceptable-use policy hold from a moment on. It can't be changed or taken back afterwards, only
    followed by another. Raises TooEarly for a moment in the past.
    """
    if from_moment < keeper.now:
        raise TooEarly(from_moment)
    with committing(keeper.db):
        keeper.db.execute(insert(Policy).values(from_moment=from_moment, body=dict(body)))
        keeper.record("internet.arrange-policy", "", from_moment.isoformat())
