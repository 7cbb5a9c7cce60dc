"""The words in the head of each page, made from the manifests."""

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_login import current_user

from portal.council_service import Audience
from portal.web import current


@dataclass(frozen=True, slots=True)
class Place:
    """One word in the head. current: ``page`` for this very page, ``true`` for one of its section, else empty."""

    text: str
    address: str
    current: str


def install(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Place]:
    """Return the places that this person can go to; none for a visitor."""
    if not current_user.is_authenticated:
        return []
    audience: Audience = "staff" if current_user.is_staff else "resident"
    return [
        _place(str(item.text), item.endpoint)
        for service in current.services()
        for item in service.navigation
        if item.audience == audience and (item.permission is None or current_user.party().may(item.permission))
    ]


def _place(text: str, endpoint: str) -> Place:
    address = url_for(endpoint)
    section = endpoint.split(".", maxsplit=1)[0]
    here = "page" if request.endpoint == endpoint else "true" if request.blueprint == section else ""
    return Place(text, address, here)
