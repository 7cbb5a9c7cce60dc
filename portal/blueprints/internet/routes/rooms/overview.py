"""The branches, and one room at a glance: it follows by itself what happens, for a while."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, make_response, request, url_for

from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.queries import rooms, running
from portal.blueprints.internet.queries.running import Tally
from portal.blueprints.internet.routes import common, words
from portal.blueprints.internet.routes.rooms import desk, glance
from portal.blueprints.internet.rules.hours import Span
from portal.party import Permission
from portal.web import current
from portal.web.htmx import htmx
from portal.web.pages import page
from portal.web.watching import Look

EVERY_S = 15
FOLLOWS_FOR = timedelta(minutes=30)
"""No longer: each look counts as use of the session, and a screen that nobody looks at must be signed out in time."""


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("", view_func=branches, strict_slashes=False)
    bp.add_url_rule("/<uuid:branch_id>", view_func=room)


def branches() -> Response:
    found = rooms.branches(current.db(), since=desk.today())
    last = desk.last_branch()
    tallies = running.tallies(current.db(), today=desk.today(), now=current.now())
    return page(
        "internet/staff/branches.html",
        branches=[
            (branch, tallies.get(branch.id, Tally()), words.branch_name(branch))
            for branch in sorted(found, key=lambda branch: (branch.id != last, words.branch_name(branch)))
        ],
        edit=edit_address(),
    )


def room(branch_id: UUID) -> Response:
    """Show a room. htmx asks with ``seen`` what is new: 204 if nothing is."""
    branch, now, where = desk.branch(branch_id), current.now(), common.where()
    today = where.day(now)
    rest = Span(now, where.whole_day(today).end)
    found = running.seats(current.db(), rest, Computer.branch_id == branch_id, now=now)
    scene = glance.Scene(branch.opening.spells(today, where), current.sealer(), now)
    cards = [glance.card(seat, scene) for seat in found]
    waits = running.waiting(current.db(), branch_id, today=today)
    seen = _fingerprint(branch.name, [astuple(one) for one in cards], [astuple(one) for one in waits])
    if htmx() and request.args.get("seen") == seen and not _is_over():
        return make_response("", 204)
    return page(
        "internet/staff/room.html",
        branch=branch,
        name=words.branch_name(branch),
        cards=cards,
        waits=waits,
        kind_name=words.kind_name,
        hours=glance.hours(scene.spells),
        now=now,
        look=_look(branch_id, seen),
        edit=edit_address(),
    )


def edit_address() -> Callable[[UUID], str] | None:
    """Return what gives the address at which a branch is edited; None for whoever may not."""
    if not current.party().may(Permission.INTERNET_MANAGE):
        return None
    return lambda branch_id: url_for("internet_branches.edit", branch=branch_id)


def _look(branch_id: UUID, seen: str) -> Look | None:
    """Return how htmx asks what is new; None once it has asked for long enough."""
    until = request.args.get("until") or f"{int((current.now() + FOLLOWS_FOR).timestamp()):x}"
    if "until" in request.args and _is_over():
        return None
    return Look(url_for(".room", branch_id=branch_id, seen=seen, until=until), trigger=f"every {EVERY_S}s")


def _fingerprint(*shown: object) -> str:
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _is_over() -> bool:
    """Tell whether the page has followed for long enough; what isn't a time of ours counts as over."""
    try:
        until = int(request.args.get("until", ""), 16)
    except ValueError:
        return True
    return current.now().timestamp() >= until
