"""What a resident sees of their rent."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.rent.actions import connecting, looking
from portal.blueprints.rent.forms import ConnectForm
from portal.blueprints.rent.queries import Account
from portal.blueprints.rent.routes import statement
from portal.blueprints.rent.routes.labels import label
from portal.blueprints.rent.routes.words import InWords, in_agreement, in_words, local_day
from portal.blueprints.rent.rules.calendar import free_days
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.identity.codes import CodeWrong
from portal.identity.links import AlreadyLinked
from portal.identity.throttle import Throttled
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page, see_other

bp = Blueprint("rent", __name__, url_prefix="/rent", template_folder="../templates")
statement.add_to(bp)

LOOKED_AHEAD = timedelta(days=42)
"""How far ahead weeks without rent are told of."""


@bp.get("")
def accounts() -> Response:
    found = looking.look(current.db(), current.party(), now=current.now())
    return page("rent/accounts.html", accounts=_with_words(found))


@bp.get("/<uuid:account_id>")
def account(account_id: UUID) -> Response:
    calendar = current.council().rent.calendar
    found = looking.look_at(
        current.db(), current.party(), account_id, calendar=calendar, today=local_day(), now=current.now()
    )
    if found is None:
        abort(404)
    return page(
        "rent/account.html",
        account=found.account,
        words=in_words(found.account),
        detail=found,
        charges=[(label(name), pence) for name, pence in found.charges],
        free=free_days(local_day(), local_day() + LOOKED_AHEAD, calendar) if found.next_charge_on else [],
        agreed=in_agreement(found.account),
        left=statement.left,
        flow=statement.flow,
        changed=statement.changed,
        has_benefit=any(month.benefit_pence for month in found.months),
        has_other=any(month.other_pence for month in found.months),
        most_pence=max((month.left_pence for month in found.months), default=0),
    )


@bp.get("/connect")
@needs(alone="links")
def connect() -> Response:
    return page("rent/connect.html", form=ConnectForm())


@bp.post("/connect")
@needs(alone="links")
def connect_with_code() -> AnyResponse:
    form = ConnectForm()
    if not form.is_good():
        return page("rent/connect.html", form=form, status=422)
    try:
        connecting.connect(
            current.db(),
            current.throttle(),
            current.party(),
            reference=form.reference.data,
            code=form.code.data,
            address=request.remote_addr or "",
            now=current.now(),
        )
    except AlreadyLinked:
        flash(_("This account is connected already."), "success")
    except CodeWrong:
        form.fail("code", _("This code and payment reference don’t belong together, or the code no longer works"))
        return page("rent/connect.html", form=form, status=422)
    except Throttled as throttled:
        return _too_often(form, throttled)
    else:
        flash(_("Your rent account is connected."), "success")
    return see_other(url_for(".accounts"))


def _with_words(found: list[Account]) -> list[tuple[Account, InWords]]:
    return [(account, in_words(account)) for account in found]


def _too_often(form: ConnectForm, throttled: Throttled) -> Response:
    form.fail("code", _("There were too many tries. You can try again at %(time)s.", time=format_time(throttled.until)))
    response = make_response(page("rent/connect.html", form=form, status=429))
    response.headers["Retry-After"] = str(round((throttled.until - current.now()).total_seconds()))
    return response
