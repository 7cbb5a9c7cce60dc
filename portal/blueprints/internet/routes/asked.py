"""What an address or a form asks for: which library, day, time, how long, which kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from flask import abort, request

from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import Held

NOW = "now"
"""In place of a time to begin."""
USUAL_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What the times are looked for by. What can't be read counts as not asked for."""

    branch_id: UUID | None
    day: date | None
    minutes: int
    kind: Kind | None


def asked(*, like: Held | None = None) -> Asked:
    """Return what the address asks for. like: a booking that stands in for what it doesn't say."""
    given = request.args
    return Asked(
        branch_id=_uuid(given.get("branch")) or (like.branch_id if like else None),
        day=_day(given.get("day")) or (like.day if like else None),
        minutes=given.get("minutes", like.minutes if like else USUAL_MINUTES, type=int),
        kind=_kind(given.get("kind")),
    )


def wanted(given: Mapping[str, str]) -> Wanted:
    """Return which computer somebody wants, as our own links and forms say it. 404 if they can't be read."""
    branch_id, at, minutes = _uuid(given.get("branch")), given.get("at", ""), given.get("minutes", "")
    starts_at = None if at == NOW else _moment(at)
    if branch_id is None or (starts_at is None and at != NOW) or not minutes.isdecimal():
        abort(404)
    return Wanted(branch_id, _kind(given.get("kind")), starts_at, min(int(minutes), 1440))


def fields(wanted: Wanted) -> dict[str, str]:
    """Return what ``wanted`` reads, for links and hidden fields."""
    return {
        "branch": str(wanted.branch_id),
        "kind": wanted.kind or "",
        "minutes": str(wanted.minutes),
        "at": as_text(wanted.starts_at) if wanted.starts_at else NOW,
    }


def as_text(moment: datetime) -> str:
    """Return a moment as addresses have it: UTC, so that both hours of a night in which clocks go back have theirs."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def key() -> UUID:
    """Return the one-time key of the form that was sent. 404 without one."""
    return _uuid(request.form.get("key")) or abort(404)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _kind(text: str | None) -> Kind | None:
    return Kind(text) if text in set(Kind) else None
