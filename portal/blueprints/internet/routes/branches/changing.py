"""What every change of a branch has: who makes it, and asking first if it touches what people booked."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, abort, flash, request
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions.arranging import AskFirst, Keeper, Touched
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes import common
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web import current
from portal.web.pages import page, see_other

AGREED = "agreed"
MOST_AGREED = 1_000_000


def keeper() -> Keeper:
    """Return who changes branches here: the member of staff who is signed in."""
    return Keeper(current.db(), common.desk(), current.party(), current.now())


def languages() -> tuple[str, ...]:
    """Return the languages that residents read, the council's own first."""
    return current.council().languages


def branch_or_404(branch_id: UUID) -> BranchView:
    return rooms.branch(current.db(), branch_id, since=keeper().today) or abort(404)


def agreed() -> int:
    """Return how many bookings whoever sends this form has agreed to touch."""
    return min(max(request.form.get(AGREED, default=0, type=int), 0), MOST_AGREED)


def change(branch: BranchView, work: Callable[[], Touched], *, done: str, to: str) -> AnyResponse:
    """Make a change and go on to a page; where it touches more bookings than were agreed to, ask first.

    done: what is said then.
    """
    try:
        touched = work()
    except AskFirst as ask:
        return asking(branch, ask.touched, back=to)
    flash(f"{done} {told(touched)}".strip(), "success")
    return see_other(to)


def asking(branch: BranchView, touched: Touched, *, back: str) -> Response:
    """Return the page that asks, with the same form once more. back: where to go for who thinks better of it."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in (AGREED, "csrf_token")]
    lines = list(_lines(touched))
    return page("internet/staff/ask.html", branch=branch, touched=touched, lines=lines, sent=sent, back=back)


def _lines(touched: Touched) -> list[str]:
    """Say what a change would do."""
    said = []
    if touched.changed:
        said.append(
            ngettext(
                "%(num)d booking gets another computer of the same kind, or a shorter time.",
                "%(num)d bookings get another computer of the same kind, or a shorter time.",
                touched.changed,
            )
        )
    if touched.cancelled:
        said.append(ngettext("%(num)d booking is cancelled.", "%(num)d bookings are cancelled.", touched.cancelled))
    if touched.sitting:
        said.append(
            ngettext(
                "%(num)d person who sits at a computer now has to move, or to end sooner.",
                "%(num)d people who sit at a computer now have to move, or to end sooner.",
                touched.sitting,
            )
        )
    return said


def told(touched: Touched) -> str:
    """Say what was done to bookings; nothing if none was touched."""
    if not touched.bookings:
        return ""
    return _(
        "Bookings changed: %(changed)s, cancelled: %(cancelled)s, people who sat there: %(sitting)s. We told them.",
        changed=touched.changed,
        cancelled=touched.cancelled,
        sitting=touched.sitting,
    )
