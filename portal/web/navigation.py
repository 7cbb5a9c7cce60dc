"""The words in the head of each page, made from the manifests."""

from dataclasses import dataclass
from functools import cache

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from portal.council_service import Audience, NavigationItem
from portal.i18n import current_language
from portal.party import Permission, permissions_of
from portal.web import current

KEPT = "portal.navigation"
"""Where an application keeps what it has worked out: the same for everybody with the same rights, on every page."""


@dataclass(frozen=True, slots=True)
class Place:
    """One word in the head. current: ``page`` for this very page, ``true`` for one of its section, else empty."""

    text: str
    address: str
    current: str


def install(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = navigation
    app.extensions[KEPT] = cache(_places)


def navigation() -> list[Place]:
    """Return the places that this person can go to; none for a visitor."""
    if not current_user.is_authenticated:
        return []
    audience: Audience = "staff" if current_user.is_staff else "resident"
    kept = current_app.extensions[KEPT]
    found: list[Place] = kept(audience, permissions_of(current_user.roles), current_language(), request.endpoint or "")
    return found


def _places(audience: Audience, permissions: frozenset[Permission], _: str, endpoint: str) -> list[Place]:
    """Return the places of an audience, in the present language. endpoint: of the page that they are shown on."""
    return [
        _place(item, endpoint)
        for service in current.services()
        for item in service.navigation
        if item.audience == audience and (item.permission is None or item.permission in permissions)
    ]


def _place(item: NavigationItem, endpoint: str) -> Place:
    is_here, is_near = endpoint == item.endpoint, _section(endpoint) == _section(item.endpoint)
    return Place(str(item.text), url_for(item.endpoint), "page" if is_here else "true" if is_near else "")


def _section(endpoint: str) -> str:
    return endpoint.partition(".")[0]
