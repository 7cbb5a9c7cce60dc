"""What the account's routes read of a request and say in more than one place."""

from typing import Any

from flask import Response, make_response, request

from portal.blueprints.account.forms import weakness_in_words
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.identity.mailing import Mailing
from portal.identity.passwords import WeakPassword
from portal.identity.throttle import Throttled
from portal.web import current
from portal.web.forms import Form
from portal.web.pages import page


def address() -> str:
    """Return where the request comes from on the network, as trusted proxies tell it."""
    return request.remote_addr or "0.0.0.0"  # noqa: S104 -- nothing listens here: a socket without addresses


def mailing() -> Mailing:
    return Mailing(current.sealer(), current.settings().base_url)


def again(template: str, form: Form, **context: Any) -> Response:
    """Return a page whose form has errors."""
    return page(template, form=form, status=422, **context)


def too_weak(template: str, form: Form, weak: WeakPassword, **context: Any) -> Response:
    form.fail("password", weakness_in_words(weak.reason))
    return again(template, form, **context)


def too_often(template: str, form: Form, field: str, throttled: Throttled, **context: Any) -> Response:
    """Return a page that says until when to wait."""
    form.fail(field, _("There were too many tries. You can try again at %(time)s.", time=format_time(throttled.until)))
    response = make_response(page(template, form=form, status=429, **context))
    response.headers["Retry-After"] = str(round((throttled.until - current.now()).total_seconds()))
    return response


def link_is_no_good(start_again: str) -> Response:
    """Return the page for a link that was used, is too old, or never was one. start_again: where to get another."""
    return page("account/link_no_good.html", start_again=start_again, status=404)
