"""Every address, walked by those whom it isn't for, by every method, as htmx asks too. A new one is walked unasked."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.audit import record
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.council_service import Audience, Face
from portal.models import Person
from portal.party import PERMISSIONS, Level, Permission, Role
from portal.settings import Settings
from portal.web import current
from portal.web.guards import Need
from tests.factories import Factory
from tests.support.client import CheckingClient

HTMX = {"HX-Request": "true", "HX-Target": "content"}
NOT_THERE = uuid4()
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def faces(app: Flask, audience: Audience) -> dict[str, Face]:
    """Return the faces of an audience, by the names of their blueprints."""
    with app.app_context():
        return {
            face.blueprint.name: face
            for service in current.services()
            for face in service.faces
            if face.audience == audience
        }


def addresses(app: Flask, audience: Audience, *, uuid: UUID = NOT_THERE) -> list[tuple[str, Rule]]:
    """Return each address of an audience, its arguments filled. uuid: what stands in the place of ids."""
    samples = {"uuid": str(uuid), "int": "1", "string": "x", "path": "x", "default": "x"}
    found = [
        (re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda match: samples[match[1] or "default"], rule.rule), rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in faces(app, audience)
    ]
    assert found, f"no address for {audience}"
    return found


def methods(rule: Rule) -> set[str]:
    return METHODS & (rule.methods or set())


def ask(client: CheckingClient, address: str, method: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Ask for an address with a good token, so that nothing but the guard stands in the way."""
    form = {"csrf_token": client.token} if method not in ("GET", "HEAD") else None
    return client.open(address, method=method, data=form, headers=headers)


def walk(
    app: Flask, client: CheckingClient, audience: Audience, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, TestResponse]]:
    """Ask for every address of an audience by each method that it has."""
    for address, rule in addresses(app, audience):
        for method in sorted(methods(rule)):
            yield f"{method} {address}", ask(client, address, method, headers)


def needed(app: Flask, rule: Rule) -> set[Permission]:
    """Return the permissions that staff need for an address."""
    need: Need = getattr(app.view_functions[rule.endpoint], "portal_needs", Need())
    face = faces(app, "staff")[rule.endpoint.split(".")[0]]
    return {permission for permission in (face.permission, need.permission) if permission}


@pytest.fixture
def visitor(client: CheckingClient) -> CheckingClient:
    client.get("/sign-in")
    return client


@pytest.fixture
def resident(client: CheckingClient, make: Factory) -> CheckingClient:
    client.sign_in(make.resident(), level=Level.HIGH).get("/account/language")
    return client


@pytest.fixture
def staff(client: CheckingClient, make: Factory) -> CheckingClient:
    """Somebody of staff who may do nothing in particular."""
    client.sign_in(make.staff(roles=()), level=Level.HIGH).get("/staff/account/password")
    return client


class TestAStranger:
    @pytest.mark.parametrize("audience", ["resident", "staff"])
    def test_is_asked_to_sign_in_everywhere(self, app: Flask, visitor: CheckingClient, audience: Audience) -> None:
        for where, response in walk(app, visitor, audience):
            assert (response.status_code, (response.location or "").split("?")[0]) == (303, "/sign-in"), where

    @pytest.mark.parametrize("audience", ["resident", "staff"])
    def test_asking_by_htmx_is_sent_there_and_gets_nothing_to_swap_in(
        self, app: Flask, visitor: CheckingClient, audience: Audience
    ) -> None:
        for where, response in walk(app, visitor, audience, HTMX):
            assert (response.status_code, response.text) == (401, ""), where
            assert response.headers["HX-Redirect"].split("?")[0] == "/sign-in", where

    def test_without_a_token_sends_no_form(self, app: Flask, visitor: CheckingClient) -> None:
        audiences: tuple[Audience, ...] = ("public", "resident", "staff")
        for audience in audiences:
            for address, rule in addresses(app, audience):
                if "POST" in methods(rule) and rule.endpoint != "account.sign_out":
                    response = visitor.post(address)
                    assert response.status_code == 400 or (response.location or "").startswith("/sign-in"), address

    @pytest.mark.parametrize("audience", ["public", "resident", "staff", "operator", "program"])
    def test_reaches_nothing_by_another_method(self, app: Flask, visitor: CheckingClient, audience: Audience) -> None:
        known: dict[str, set[str]] = {}
        for rule in app.url_map.iter_rules():
            known.setdefault(rule.rule, set()).update(rule.methods or ())
        for address, rule in addresses(app, audience):
            for method in METHODS - known[rule.rule]:
                assert ask(visitor, address, method).status_code in (404, 405), f"{method} {address}"

    def test_gets_nothing_of_what_programs_sign(self, app: Flask, client: CheckingClient) -> None:
        """Without a cookie, as a program asks: but for the one address where a program enrols, which wants its code."""
        for address, rule in addresses(app, "program"):
            need: Need = getattr(app.view_functions[rule.endpoint], "portal_needs", Need())
            expected = 422 if need.unsigned else 401
            for method in methods(rule) - {"HEAD"}:
                assert client.open(address, method=method, json={}).status_code == expected, f"{method} {address}"


class TestAResident:
    @pytest.mark.parametrize("headers", [None, HTMX], ids=["whole", "htmx"])
    def test_finds_no_staff_page(self, app: Flask, resident: CheckingClient, headers: dict[str, str] | None) -> None:
        for where, response in walk(app, resident, "staff", headers):
            assert response.status_code == 404, where

    def test_is_no_program(self, app: Flask, resident: CheckingClient) -> None:
        for where, response in walk(app, resident, "program"):
            assert response.status_code == 400, where

    def test_finds_what_is_not_theirs_as_little_as_what_is_not_there(
        self, app: Flask, resident: CheckingClient
    ) -> None:
        for address, rule in addresses(app, "resident"):
            if rule.arguments:
                for method in methods(rule):
                    assert ask(resident, address, method).status_code == 404, f"{method} {address}"

    def test_whose_sign_in_is_too_weak_proves_more_first(
        self, app: Flask, client: CheckingClient, make: Factory
    ) -> None:
        client.sign_in(make.resident(), level=Level.LOW).get("/sign-in/again")
        for address, rule in addresses(app, "resident"):
            if faces(app, "resident")[rule.endpoint.split(".")[0]].least > Level.LOW:
                for method in methods(rule):
                    location = ask(client, address, method).location or ""
                    assert location.split("?")[0] == "/sign-in/again", f"{method} {address}"

    def test_who_is_restricted_has_the_same_pages_as_anybody(
        self, app: Flask, client: CheckingClient, make: Factory
    ) -> None:
        answers = []
        for person in (make.resident(), make.resident(email="hidden@example.org", restricted=True)):
            client.sign_in(person).get("/account/language")
            answers.append([response.status_code for _, response in walk(app, client, "resident")])
        assert answers[0] == answers[1]
        assert 200 in answers[0]


class TestStaff:
    @pytest.mark.parametrize("headers", [None, HTMX], ids=["whole", "htmx"])
    def test_have_no_residents_page(self, app: Flask, staff: CheckingClient, headers: dict[str, str] | None) -> None:
        for where, response in walk(app, staff, "resident", headers):
            assert response.status_code == 403, where

    @pytest.mark.parametrize("role", [None, *Role])
    def test_reach_what_their_role_may_and_are_told_of_the_rest(
        self, app: Flask, client: CheckingClient, make: Factory, role: Role | None
    ) -> None:
        may = PERMISSIONS[role] if role else frozenset()
        client.sign_in(make.staff(roles=(role,) if role else ()), level=Level.HIGH).get("/staff/account/password")
        for address, rule in addresses(app, "staff"):
            is_allowed = needed(app, rule) <= may
            for method in methods(rule):
                status = ask(client, address, method).status_code
                assert (status != 403) == is_allowed, f"{method} {address}: {status}"

    def test_with_a_password_alone_reach_nothing(self, app: Flask, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(), level=Level.MEDIUM).get("/sign-in/again")
        for where, response in walk(app, client, "staff"):
            assert (response.location or "").split("?")[0] == "/sign-in/again", where

    def test_with_every_role_there_is_see_nothing_of_a_restricted_person(
        self, app: Flask, client: CheckingClient, make: Factory, db: Session, clock: SetClock
    ) -> None:
        hidden = make.resident(name="Quilla Hidden", email="quilla@example.org", username="quilla", restricted=True)
        record(db, make.party(hidden), "rent.view", at=clock.now(), object=f"rent.account:{uuid4()}")
        db.commit()
        client.sign_in(make.staff(roles=tuple(Role)), level=Level.HIGH)
        seen = 0
        for address, rule in addresses(app, "staff", uuid=hidden.id):
            if "GET" in methods(rule):
                response = client.get(address)
                assert response.status_code in ((404,) if rule.arguments else (200, 303)), address
                assert not [word for word in told_of(hidden) if word in response.text.lower()], address
                seen += 1
        assert seen


def told_of(person: Person) -> tuple[str, ...]:
    return str(person.id), "quilla"


def test_public_pages_come_to_anybody_without_a_session(client: CheckingClient) -> None:
    for address in ("/", "/help", "/accessibility", "/privacy", "/cookies"):
        assert client.get(address).status_code == 200
        assert client.session_token is None, address


def test_what_is_for_the_demo_is_not_there_in_production(
    engine: Engine, settings: Settings, connectors: Connectors
) -> None:
    app = create_app(settings.model_copy(update={"profile": "production"}), engine=engine, connectors=connectors)
    assert app.test_client().get("/demo/outbox").status_code == 404
    with app.app_context():
        assert not [service.slug for service in current.services() if service.presence == "demo"]
