"""The words in the head of each page, made from the manifests."""

from dataclasses import dataclass
from functools import cache

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.council_service import Audience, CouncilService, NavigationItem
from portal.i18n import current_language
from portal.party import Permission, permissions_of
from portal.web import current, helping

KEPT = "portal.navigation"
"""Where an application keeps the words as HTML: the same for everybody with the same rights, on every page."""


@dataclass(frozen=True, slots=True)
class Place:
    """One word in the head. current: ``page`` for this very page, ``true`` for one of its section, else empty.
    is_closed: staff who help may not go there.
    """

    text: str
    address: str
    current: str
    is_closed: bool = False


def install(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = in_head
    app.extensions[KEPT] = cache(_as_html)


def in_head() -> Markup:
    """Return the places that this person can go to as items of a list; empty for a visitor."""
    if not current_user.is_authenticated:
        return Markup()
    if helping.now():
        return _in_help()
    kept = current_app.extensions[KEPT]
    html: Markup = kept(_audience(), permissions_of(current_user.roles), current_language(), request.endpoint or "")
    return html


def _in_help() -> Markup:
    """Return the resident's places: a council's service that wasn't agreed is closed, the account gone."""
    party, endpoint = current_user.party(), request.endpoint or ""
    places = [
        _place(item, service, endpoint, is_closed=not (service.slug == "home" or party.may_see(service.slug)))
        for service in current.services()
        for item in service.navigation
        if item.audience == "resident" and (service.slug != "account" or party.may_see("account"))
    ]
    template = current_app.jinja_env.get_template("layouts/places.html")
    return Markup(template.render(places=places))  # noqa: S704 -- Jinja has escaped it


def navigation() -> list[Place]:
    """Return the places that this person, who is signed in, can go to."""
    return _places(_audience(), permissions_of(current_user.roles), request.endpoint or "")


def _audience() -> Audience:
    return "staff" if current_user.is_staff else "resident"


def _as_html(audience: Audience, permissions: frozenset[Permission], _: str, endpoint: str) -> Markup:
    """Return the places of an audience, in the present language. endpoint: of the page that they are shown on."""
    template = current_app.jinja_env.get_template("layouts/places.html")
    html = template.render(places=_places(audience, permissions, endpoint))
    return Markup(html)  # noqa: S704 -- Jinja has escaped it


def _places(audience: Audience, permissions: frozenset[Permission], endpoint: str) -> list[Place]:
    return [
        _place(item, service, endpoint)
        for service in current.services()
        for item in service.navigation
        if item.audience == audience and (item.permission is None or item.permission in permissions)
    ]


def _place(item: NavigationItem, service: CouncilService, endpoint: str, *, is_closed: bool = False) -> Place:
    public = {face.blueprint.name for face in service.faces if face.audience == "public"}
    is_here, is_near = endpoint == item.endpoint, _section(endpoint) in {_section(item.endpoint), *public}
    return Place(str(item.text), url_for(item.endpoint), "page" if is_here else "true" if is_near else "", is_closed)


def _section(endpoint: str) -> str:
    return endpoint.partition(".")[0]
