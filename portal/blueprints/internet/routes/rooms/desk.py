"""What the pages of a running room have in common: the branch, who acts, refusals in words for staff."""

from datetime import date
from typing import Literal
from uuid import UUID

from flask import abort, session

from portal.blueprints.internet.actions.moving import Mover
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes import common
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.i18n import Lazy, format_moment, format_time
from portal.i18n import lazy_gettext as _l
from portal.web import current

_BRANCH, _PERSONS = "room", "room_persons"

_REFUSALS: dict[Why, Lazy] = {
    Why.BRANCH_CLOSED: _l("The branch’s computers are off at that time."),
    Why.CLOSING: _l("The branch closes, so there is no more time."),
    Why.PAST: _l("That time is over."),
    Why.TOO_LONG: _l("That is longer than the rules let a session be."),
    Why.NO_MINUTES: _l("They have %(minutes)s minutes left that day. You can give them more on their page."),
    Why.BLOCKED: _l("They may not use the computers until %(until)s."),
    Why.NOT_FOR_YOU: _l("The rules don’t let them use this kind of computer."),
    Why.TAKEN: _l("No such computer is free for that time."),
    Why.AT_ANOTHER: _l("They have a computer at that time already."),
    Why.BOOKED_NEXT: _l("The computer is booked next. Move them to another one to give them more time."),
    Why.NOT_YET: _l("It is too early: their time begins at %(time)s."),
    Why.OVER: _l("That is over already."),
    Why.IN_USE: _l("They sit there already: end the session instead."),
    Why.SOMEBODY_THERE: _l("Somebody else has that computer until %(time)s."),
    Why.ALREADY_WAITS: _l("They wait at another branch."),
    Why.NOTHING_TO_WAIT_FOR: _l("A computer is free now."),
}
POLICY_CHANGED = _l("The rules for using the computers have changed just now. Look at them, and try again.")


def branch(branch_id: UUID) -> BranchView:
    """Return a branch, and remember it as the one where this member of staff works. Raises NotFound."""
    found = rooms.branch(current.db(), branch_id, since=today())
    if found is None:
        abort(404)
    if session.get(_BRANCH) != str(branch_id):
        session[_BRANCH] = str(branch_id)
    return found


def last_branch() -> UUID | None:
    """Return the branch that this browser looked at last."""
    last = session.get(_BRANCH)
    return UUID(last) if last else None


def today() -> date:
    """Return the day at the council."""
    return common.where().day(current.now())


def mover(why: Literal["closed", "out-of-order", "by-staff", "cancelled"]) -> Mover:
    """Return the member of staff signed in here, as who moves bookings."""
    return Mover(current.db(), common.desk(), current.party(), why, current.now())


def in_words(no: NotAllowed) -> str:
    """Return which rule says no, as staff need it."""
    return str(_REFUSALS[no.why]) % {
        "minutes": no.minutes,
        "until": format_moment(no.until) if no.until else "",
        "time": format_time(no.until) if no.until else "",
    }


def remember(persons: list[UUID]) -> None:
    """Keep whom this member of staff was shown last: nobody else's page opens, whoever knows an address."""
    session[_PERSONS] = [str(person) for person in persons]


def only(person: UUID) -> UUID:
    """Return the person if they were shown last. Raises NotFound."""
    if str(person) not in session.get(_PERSONS, ()):
        abort(404)
    return person
