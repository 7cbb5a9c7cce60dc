"""How much time is left, as a page says it and its script counts it down."""

from dataclasses import dataclass
from datetime import datetime

from portal.blueprints.internet.rules.standing import Held, State, warning
from portal.i18n import format_time, ngettext
from portal.i18n import gettext as _

FORMS = 10
"""The plurals of our languages differ for numbers up to it, and for no larger ones (Unicode CLDR)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What the script counts (``frontend/scripts/left.js``).

    mark: what the page says, for the server to compare. end: changes when the end does. whole: seconds from begin to
    end. texts: for each number of minutes up to ``FORMS``, and for more. save: what goes with a warning. warns: one
    holds now. in_use: the minutes are shown, and warned of.
    """

    mark: str
    end: str
    seconds: int
    whole: int
    minutes: str
    texts: str
    save: str
    warns: bool
    in_use: bool

    @property
    def share(self) -> int:
        """Return how much is left, in parts of a hundred."""
        return min(100, round(100 * self.seconds / self.whole)) if self.whole else 0


def clock(held: Held, now: datetime, stops_at: datetime | None) -> Clock | None:
    """Return what is counted down; None where nothing changes soon by itself. stops_at: of the library's computers, if
    it is they that end the session.
    """
    state = held.state(now)
    if state not in (State.OFFERED, State.HELD, State.IN_USE):
        return None
    return Clock(
        mark=held.mark(now),
        end=f"{int(held.changes_at().timestamp()):x}",
        seconds=held.seconds_left(now),
        whole=int((held.ends_at - held.starts_at).total_seconds()),
        minutes=_minutes(held.minutes_left(now)),
        texts="|".join(_minutes(number) for number in range(FORMS + 1)) + "|" + _minutes(100).replace("100", "#"),
        save=_save(stops_at),
        warns=state is State.IN_USE and warning(held.minutes_left(now)) is not None,
        in_use=state is State.IN_USE,
    )


def _minutes(number: int) -> str:
    return ngettext("%(num)d minute left", "%(num)d minutes left", number) if number else _("Your time is over")


def _save(stops_at: datetime | None) -> str:
    save = _("Save your work, or send it to yourself.")
    if stops_at is None:
        return save
    return f"{_('At %(time)s the library’s computers stop.', time=format_time(stops_at))} {save}"
