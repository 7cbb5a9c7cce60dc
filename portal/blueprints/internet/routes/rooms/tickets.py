"""Tickets for guests, made at the desk: what one says is shown once, to be printed or written down."""

from uuid import UUID

from flask import Blueprint, Response

from portal.blueprints.internet.actions import guests
from portal.blueprints.internet.forms.rooms import TicketForm
from portal.blueprints.internet.routes import common, words
from portal.blueprints.internet.routes.rooms import desk
from portal.web import current
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:branch_id>/ticket", view_func=ticket)
    bp.add_url_rule("/<uuid:branch_id>/ticket", view_func=make_ticket, methods=["POST"])


def ticket(branch_id: UUID) -> Response:
    return _page(branch_id, TicketForm())


def make_ticket(branch_id: UUID) -> Response:
    """Make a ticket and show it. There is no page to come back to: only its HMAC is kept. The form that is sent again
    shows the same one again.
    """
    form = TicketForm()
    if not form.is_good():
        return _page(branch_id, form, status=422)
    branch, minutes = desk.branch(branch_id), form.minutes.data
    code = guests.make_ticket(
        current.db(),
        common.desk(),
        current.party(),
        branch_id,
        minutes=minutes,
        key=UUID(form.key.data),
        now=current.now(),
    )
    return page(
        "internet/staff/ticket_made.html",
        branch=branch,
        name=words.branch_name(branch),
        code=f"{code[:4]} {code[4:]}",
        length=words.length(minutes),
        day=desk.today(),
        address=f"{current.settings().base_url.split('://')[-1]}/internet/guest",
    )


def _page(branch_id: UUID, form: TicketForm, *, status: int = 200) -> Response:
    branch = desk.branch(branch_id)
    return page("internet/staff/ticket.html", branch=branch, name=words.branch_name(branch), form=form, status=status)
