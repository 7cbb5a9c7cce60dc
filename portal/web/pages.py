"""Pages and their fragments: one view, one template, whole or the block that htmx is about to swap."""

from typing import Any

from flask import Response, make_response, redirect, render_template
from jinja2_fragments.flask import render_block
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from portal.i18n import gettext as _
from portal.i18n import words
from portal.web import current, helping
from portal.web.htmx import htmx, wanted_target

WITH_ERRORS = frozenset({409, 422, 429})
"""Statuses of pages whose form could not be taken: it conflicts, is wrong, or was sent too often."""


def page(template: str, *, fragments: tuple[str, ...] = ("content",), status: int = 200, **context: Any) -> Response:
    """Render ``template``, or only the block that htmx is about to swap.

    fragments: blocks that may be asked for; a block's name is the id of its element. ``content`` brings the page's
    title along. status: of a form with errors one of ``WITH_ERRORS``; the title then says so, and htmx swaps
    ``content``, whatever it was about to swap: the errors stand beside the form.
    """
    context["title_prefix"] = _("Error: ") if status in WITH_ERRORS else ""
    target = wanted_target()
    wanted = "content" if target and status in WITH_ERRORS else target
    if wanted not in fragments:
        html = render_template(template, **context)
    elif wanted == "content":
        heading = Markup(render_block(template, "title", **context))  # noqa: S704 -- Jinja has escaped it
        council = words(current.council().name)
        prefix = helping.title() + context["title_prefix"]
        title = Markup("<title>{}{} – {}</title>").format(prefix, heading, council)
        html = str(title) + render_block(template, "content", **context) + str(helping.html(is_fragment=True))
    else:
        html = render_block(template, wanted, **context) + str(helping.html(is_fragment=True))
    response = Response(html, status)
    response.headers["Vary"] = "HX-Request, HX-Target"
    if wanted != target:
        response.headers["HX-Retarget"] = "#content"
    return response


def see_other(address: str) -> AnyResponse:
    """Send the browser on to another page after a form was taken. htmx goes there too, instead of swapping a piece in:
    what stands around the piece (navigation, way back, notifications) is the other page's.
    """
    if not htmx():
        return redirect(address, code=303)
    response = make_response("")
    response.headers["HX-Redirect"] = address
    return response
