"""Who has looked at the account, and saying that one didn't agree to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.account import queries
from portal.blueprints.account.actions import objecting
from portal.blueprints.account.forms import ObjectForm
from portal.blueprints.account.queries import Others
from portal.blueprints.account.routes.common import again
from portal.i18n import gettext as _
from portal.identity.visits import KEPT_FOR, Objection, Visit
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page
from portal.web.visits import VisitInWords, acts_in_words, in_words, shown_as

MOST_PAGES = 10_000
YEARS = KEPT_FOR.days // 365


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the list. visit, objection: of a help. who, since, until, acts: of anything else."""

    visit: VisitInWords | None = None
    objection: Objection | None = None
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    acts: tuple[str, ...] = ()


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/looks", view_func=looks)
    bp.add_url_rule("/looks/<uuid:visit>/object", view_func=object_to)
    bp.add_url_rule("/looks/<uuid:visit>/object", view_func=object_now, methods=["POST"])


@needs(alone="sign-in")
def looks() -> Response:
    number = request.args.get("page", default=1, type=int)
    if not 1 <= number <= MOST_PAGES:
        abort(404)
    found = queries.looks(
        current.db(),
        current.sealer(),
        current.party(),
        zone=current.council().zone,
        page=number,
        at=current.now(),
    )
    if number > 1 and not found.found:
        abort(404)
    rows = [_row(look) for look in found.found]
    return page("account/looks.html", looks=rows, number=number, has_older=found.has_older, years=YEARS)


def _row(look: Visit | Others) -> Row:
    if isinstance(look, Visit):
        return Row(visit=in_words(look), objection=look.objection)
    return Row(who=_who(look), since=look.since, until=look.until, acts=acts_in_words(look.acts))


def _who(others: Others) -> str:
    match others.authority:
        case "system":
            return _("Computer job, no person")
        case "command":
            return _("Somebody who runs the portal for the council")
        case _:
            return shown_as(name=others.name, team=others.team)


@needs(alone="sign-in")
def object_to(visit: UUID) -> AnyResponse:
    found = _found(visit)
    if found.objection:
        return redirect(url_for(".looks"), code=303)
    return page("account/object.html", visit=in_words(found), form=ObjectForm())


@needs(alone="sign-in")
def object_now(visit: UUID) -> AnyResponse:
    found, form = _found(visit), ObjectForm()
    if not form.is_good():
        return again("account/object.html", form, visit=in_words(found))
    is_new = objecting.object_to(
        current.db(), current.sealer(), current.party(), visit, words=form.words.data.strip(), now=current.now()
    )
    if is_new:
        flash(_("Thank you. Somebody else at the council looks into it, and answers here."), "success")
    else:
        flash(_("You have said so already. Somebody at the council looks into it."), "problem")
    return redirect(url_for(".looks"), code=303)


def _found(visit: UUID) -> Visit:
    """Return a help of this resident. 404 for anybody else's."""
    return queries.help_of(current.db(), current.sealer(), current.party(), visit) or abort(404)
