"""A computer in a few words, as it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.blueprints.internet.actions.running import WORDS
from portal.blueprints.internet.queries.running import Seat, Use
from portal.blueprints.internet.routes import words
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.sealed import Sealer

SILENT_AFTER = timedelta(minutes=5)
"""A program that hasn't called for so long is likely to be off, or cut off."""
NEXT = 2
"""So many bookings to come are shown of each computer."""


@dataclass(frozen=True, slots=True)
class Scene:
    """When and where: spells in which the branch is open today, what unseals why a computer is blocked."""

    spells: Sequence[Span]
    sealer: Sealer
    now: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """state: ``free``, ``in-use``, ``kept``, ``blocked``, ``out-of-order`` or ``closed``. now: what holds it."""

    id: UUID
    name: str
    kind: str
    state: str
    text: str
    who: str
    silent: str
    following: tuple[str, ...]
    now: Use | None


def card(seat: Seat, scene: Scene) -> Card:
    """Return how a computer stands."""
    use, following = divided(seat, scene.now)
    state, text = _state(seat, use, following, scene)
    return Card(
        id=seat.id,
        name=seat.name,
        kind=words.kind_name(seat.kind),
        state=state,
        text=text,
        who=whose(use) if use and use.held.how != "block" else "",
        silent=_silent(seat, scene.now),
        following=tuple(_line(one, scene.sealer) for one in following[:NEXT]),
        now=use,
    )


def divided(seat: Seat, now: datetime) -> tuple[Use | None, list[Use]]:
    """Return what holds a computer now, and what will."""
    uses = [use for use in seat.uses if use.held.state(now) in OPEN]
    here = next((use for use in uses if use.held.starts_at <= now or use.held.state(now) is State.IN_USE), None)
    return here, [use for use in uses if use is not here]


def whose(use: Use) -> str:
    """Return who holds a computer, as far as others may read it."""
    if use.held.is_guest:
        return _("a guest")
    return use.who or (_("a resident") if use.held.holder else "")


def why(use: Use, sealer: Sealer) -> str:
    """Return why a computer is blocked."""
    return sealer.unseal(use.words, context=WORDS) if use.words else ""


def hours(spells: Sequence[Span]) -> str:
    """Return when a branch is open on a day: "9am to 1pm, 2pm to 5pm"; empty if it is closed."""
    said = (_("%(start)s to %(end)s", start=format_time(one.start), end=format_time(one.end)) for one in spells)
    return ", ".join(said)


def times(held: Held) -> str:
    """Return when a booking is: "10am to 11am"; of a block that lasts for days also until which."""
    if held.ends_at - held.starts_at > timedelta(hours=20):
        end = f"{format_date(held.ends_at, 'day')}, {format_time(held.ends_at)}"
        return _("%(start)s to %(end)s", start=format_time(held.starts_at), end=end)
    return _("%(start)s to %(end)s", start=format_time(held.starts_at), end=format_time(held.ends_at))


def _line(use: Use, sealer: Sealer) -> str:
    about = why(use, sealer) if use.held.how == "block" else whose(use)
    return f"{times(use.held)} ({about})" if about else times(use.held)


def _state(seat: Seat, use: Use | None, following: Sequence[Use], scene: Scene) -> tuple[str, str]:
    if seat.status == "out-of-order":
        return "out-of-order", _("Out of order")
    if use is None:
        return _free(following, scene)
    return _held(use, scene)


def _held(use: Use, scene: Scene) -> tuple[str, str]:
    held, now = use.held, scene.now
    if held.how == "block":
        until = format_time(held.ends_at)
        if held.ends_at - now > timedelta(hours=20):
            until = f"{format_date(held.ends_at, 'day')}, {until}"
        return "blocked", _("Blocked until %(until)s: %(why)s", until=until, why=why(use, scene.sealer))
    if held.state(now) is State.IN_USE:
        time, minutes = format_time(held.ends_at), held.minutes_left(now)
        return "in-use", _("In use until %(time)s, %(minutes)s min left", time=time, minutes=minutes)
    until = format_time(held.held_until or held.ends_at)
    if held.state(now) is State.OFFERED:
        return "kept", _("Offered until %(time)s to somebody who waited", time=until)
    return "kept", _("Kept until %(time)s for a booking", time=until)


def _free(following: Sequence[Use], scene: Scene) -> tuple[str, str]:
    spell = next((one for one in scene.spells if one.start <= scene.now < one.end), None)
    if spell is None:
        return "closed", _("The branch is closed")
    until = min([spell.end, *(use.held.starts_at for use in following)])
    return "free", _("Free until %(time)s", time=format_time(until))


def _silent(seat: Seat, now: datetime) -> str:
    if seat.seen_at is None or now - seat.seen_at < SILENT_AFTER:
        return ""
    return _("Not heard of since %(time)s", time=format_time(seat.seen_at))
