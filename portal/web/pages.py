"""Pages and their fragments: one view, one template, whole or the block that htmx is about to swap."""

from typing import Any

from flask import Response, make_response, render_template
from jinja2_fragments.flask import render_block
from markupsafe import Markup

from portal.i18n import gettext as _
from portal.i18n import words
from portal.web import current
from portal.web.htmx import wanted_target


def page(template: str, *, fragments: tuple[str, ...] = ("content",), status: int = 200, **context: Any) -> Response:
    """Render ``template``, or only the block that htmx is about to swap.

    fragments: blocks that may be asked for; a block's name is the id of its element. ``content`` brings the page's
    title along. status: 422 for a form with errors, which then says so in the title.
    """
    context["title_prefix"] = _("Error: ") if status == 422 else ""
    wanted = wanted_target()
    if wanted not in fragments:
        html = render_template(template, **context)
    elif wanted == "content":
        heading = Markup(render_block(template, "title", **context))  # noqa: S704 -- Jinja has escaped it
        council = words(current.council().name)
        title = Markup("<title>{}{} – {}</title>").format(context["title_prefix"], heading, council)
        html = title + render_block(template, "content", **context)
    else:
        html = render_block(template, wanted, **context)
    response = make_response(html, status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response
