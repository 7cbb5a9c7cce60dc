"""Every address, walked by those whom it isn't for. A new route is walked unasked."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.council_service import CouncilService
from portal.party import Level
from portal.registry import SERVICES
from portal.settings import Settings
from portal.web import current
from tests.factories import Factory
from tests.support.client import CheckingClient

SAMPLES = {"uuid": str(uuid4()), "int": "1", "string": "x", "path": "x", "default": "x"}


def addresses(app: Flask, audience: str) -> list[tuple[str, Rule]]:
    """Return each address of an audience, its arguments filled with things that aren't there."""
    services: tuple[CouncilService, ...] = app.extensions["portal"].services
    blueprints = {face.blueprint.name for one in services for face in one.faces if face.audience == audience}
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in blueprints:
            filled = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda match: SAMPLES[match[1] or "default"], rule.rule)
            found.append((filled, rule))
    assert found, f"no address for {audience}"
    return found


def walk(client: CheckingClient, rule: Rule, address: str) -> dict[str, int]:
    """Ask for an address by each method that it has, with a good token; return the statuses."""
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return {
        method: client.open(
            address, method=method, data={"csrf_token": client.token} if method != "GET" else None
        ).status_code
        for method in sorted(methods)
    }


@pytest.fixture
def visitor(client: CheckingClient) -> CheckingClient:
    client.get("/sign-in")
    return client


def test_a_stranger_sees_no_residents_page(app: Flask, visitor: CheckingClient) -> None:
    for address, rule in addresses(app, "resident"):
        assert set(walk(visitor, rule, address).values()) == {303}, address


def test_a_stranger_sees_no_staff_page(app: Flask, visitor: CheckingClient) -> None:
    for address, rule in addresses(app, "staff"):
        assert set(walk(visitor, rule, address).values()) == {303}, address


def test_a_resident_finds_no_staff_page(app: Flask, client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.resident(), level=Level.HIGH).get("/account")
    for address, rule in addresses(app, "staff"):
        assert set(walk(client, rule, address).values()) == {404}, address


def test_staff_have_no_residents_page(app: Flask, client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.staff(), level=Level.HIGH).get("/staff")
    for address, rule in addresses(app, "resident"):
        assert set(walk(client, rule, address).values()) == {403}, address


def test_staff_without_a_role_are_told_that_they_may_not(app: Flask, client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.staff(roles=()), level=Level.HIGH).get("/staff")
    services: tuple[CouncilService, ...] = app.extensions["portal"].services
    faces = {face.blueprint.name: face for one in services for face in one.faces if face.audience == "staff"}
    refused = 0
    for address, rule in addresses(app, "staff"):
        need = getattr(app.view_functions[rule.endpoint], "portal_needs", None)
        if faces[rule.endpoint.split(".")[0]].permission or (need and need.permission):
            assert set(walk(client, rule, address).values()) == {403}, address
            refused += 1
    assert refused


def test_what_is_not_there_and_what_is_not_yours_look_the_same(
    app: Flask, client: CheckingClient, make: Factory
) -> None:
    client.sign_in(make.resident()).get("/account")
    for address, rule in addresses(app, "resident"):
        if rule.arguments and "GET" in (rule.methods or set()):
            assert client.get(address).status_code == 404, address


def test_public_pages_come_to_anybody_without_a_session(app: Flask, client: CheckingClient, settings: Settings) -> None:
    for address in ("/", "/help", "/accessibility", "/privacy", "/cookies"):
        assert client.get(address).status_code == 200
        assert client.session_token is None, address


def test_the_demo_outbox_is_not_there_in_production(app: Flask) -> None:
    with app.app_context():
        assert {service.slug for service in current.services() if service.presence == "demo"} == {
            service.slug for service in SERVICES if service.presence == "demo"
        }
