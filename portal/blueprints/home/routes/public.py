"""The first page, for visitors and for residents, and the pages that a public body must publish."""

from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, Response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.council_service import CouncilService
from portal.facts import Panel, ToDo
from portal.i18n import current_language, reviewed_languages
from portal.party import Party
from portal.web import current, helping, languages, sessions, watching
from portal.web.pages import page

bp = Blueprint("home", __name__, template_folder="../templates")

NEVER = datetime.max.replace(tzinfo=UTC)


class ServicePanel(NamedTuple):
    """A service's place on the page."""

    service: CouncilService
    panel: Panel


@bp.get("/")
def index() -> AnyResponse:
    if not current_user.is_authenticated:
        return page("home/visitor.html", services=_for_residents())
    if current_user.is_staff and not helping.now():
        return redirect(url_for("staff.index"), code=303)
    party = helping.party()
    watched = watching.look(party)
    if watched.is_unchanged:
        return watched.unchanged()
    return page("home/resident.html", todos=_todos(party), panels=_panels(party), watched=watched)


@bp.get("/help")
def help_page() -> Response:
    return page("home/help.html")


@bp.get("/accessibility")
def accessibility() -> Response:
    return page(
        "home/accessibility.html",
        statement=current.council().publishing.accessibility,
        reviewed=current_language() in reviewed_languages(),
    )


@bp.get("/privacy")
def privacy() -> Response:
    services = [service for service in current.services() if service.privacy]
    return page("home/privacy.html", services=services, officer=current.council().publishing.data_protection)


@bp.get("/cookies")
def cookies() -> Response:
    return page(
        "home/cookies.html",
        session_cookie=sessions.cookie_name(),
        language_cookie=languages.cookie_name(),
        idle_minutes=round(current.settings().resident_idle.total_seconds() / 60),
    )


def _for_residents() -> list[CouncilService]:
    """Return what residents can do here; first where they can begin at once."""
    return sorted((service for service in current.services() if service.panel), key=lambda service: not service.start)


def _panels(party: Party) -> list[ServicePanel]:
    return [
        ServicePanel(service, service.panel(current.db(), party, current.now()))
        for service in current.services()
        if service.panel and service.is_open_to(party)
    ]


def _todos(party: Party) -> list[ToDo]:
    """Return what the person has to do, the most urgent first; what has no day comes last."""
    todos = [
        todo
        for service in current.services()
        if service.todos and service.is_open_to(party)
        for todo in service.todos(current.db(), party, current.now())
    ]
    return sorted(todos, key=lambda todo: todo.due or NEVER)
