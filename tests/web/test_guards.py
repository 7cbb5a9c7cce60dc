"""Faces and their guards, shown with a dummy service that one line registers."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.blueprints.account import rules
from portal.clock import SetClock
from portal.council_service import CouncilService, Face
from portal.i18n import lazy_gettext as _l
from portal.models import AuditEvent
from portal.party import Level, Role
from portal.registry import SERVICES
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.web import dummy

Refusals = Callable[[], list[tuple[UUID | None, str, str]]]


@pytest.fixture
def app(engine: Engine, settings: Settings, clock: SetClock) -> Flask:
    app = create_app(settings, clock=clock, engine=engine, services=(*SERVICES, dummy.SERVICE))
    app.testing = True
    app.test_client_class = CheckingClient
    return app


class TestAStranger:
    def test_is_sent_to_sign_in_and_comes_back(self, client: CheckingClient) -> None:
        response = client.get("/parking")
        assert response.status_code == 303
        assert response.location == "/sign-in?next=/parking"

    def test_asking_by_htmx_is_sent_there_whole(self, client: CheckingClient) -> None:
        response = client.get("/parking", headers={"HX-Request": "true", "HX-Target": "content"})
        assert response.status_code == 401
        assert response.headers["HX-Redirect"] == "/sign-in?next=/parking"
        assert response.text == ""

    def test_sending_a_form_comes_back_to_no_page_that_cannot_be_opened(self, client: CheckingClient) -> None:
        client.get("/sign-in")
        response = client.send("/parking/renew")
        assert response.location == "/sign-in"


class TestAResident:
    def test_gets_in(self, client: CheckingClient, make: Factory) -> None:
        assert client.sign_in(make.resident()).get("/parking").status_code == 200

    def test_sees_the_navigation_and_the_panel(self, client: CheckingClient, make: Factory) -> None:
        home = client.sign_in(make.resident()).get("/").text
        assert "2 permits" in home and 'href="/parking"' in home

    def test_finds_no_staff_page(self, client: CheckingClient, make: Factory) -> None:
        assert client.sign_in(make.resident(), level=Level.HIGH).get("/staff/parking").status_code == 404

    def test_with_a_weaker_sign_in_than_the_face_needs_is_asked_to_prove_more(
        self, client: CheckingClient, make: Factory
    ) -> None:
        response = client.sign_in(make.resident(), level=Level.LOW).get("/parking")
        assert response.status_code == 303
        assert response.location == "/sign-in/again?next=/parking"

    def test_with_a_weaker_sign_in_than_the_page_needs_is_asked_to_prove_more(
        self, client: CheckingClient, make: Factory
    ) -> None:
        assert client.sign_in(make.resident()).get("/parking/proven").status_code == 303

    def test_who_signed_in_a_while_ago_proves_it_again_where_that_matters(
        self, client: CheckingClient, make: Factory
    ) -> None:
        client.sign_in(make.resident(), fresh=False)
        assert client.get("/parking").status_code == 200
        assert client.get("/parking/bank").location == "/sign-in/again?next=/parking/bank"

    def test_who_has_just_signed_in_need_not(self, client: CheckingClient, make: Factory) -> None:
        assert client.sign_in(make.resident()).get("/parking/bank").status_code == 200


class TestStaff:
    def test_with_the_permission_get_in(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(roles=(Role.ADMINISTRATOR,)), level=Level.HIGH)
        assert client.get("/staff/parking").status_code == 200
        assert client.get("/staff/parking/audit").status_code == 200

    def test_without_the_faces_permission_are_told_so(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(roles=(Role.AUDITOR,)), level=Level.HIGH)
        assert client.get("/staff/parking").status_code == 403

    def test_without_their_second_factor_do_not_get_in(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(), level=Level.MEDIUM)
        assert client.get("/staff/parking").status_code == 303

    def test_have_no_resident_page_of_their_own(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(), level=Level.HIGH)
        assert client.get("/parking").status_code == 403


class TestARefusal:
    """Of somebody signed in the audit keeps it: who, which page, why."""

    @pytest.fixture
    def refusals(self, db: Session) -> Refusals:
        def read() -> list[tuple[UUID | None, str, str]]:
            noted = select(AuditEvent).where(AuditEvent.act == "access.refused", AuditEvent.outcome == "refused")
            events = db.scalars(noted.order_by(AuditEvent.id)).all()
            db.rollback()
            return [(event.actor_id, event.object, event.details["why"]) for event in events]

        return read

    def test_of_a_resident_is_on_record(self, client: CheckingClient, make: Factory, refusals: Refusals) -> None:
        mary = make.resident()
        client.sign_in(mary, level=Level.LOW).get("/parking")
        client.sign_in(mary, fresh=False).get("/parking/bank")
        client.get("/staff/parking")
        client.get(f"/rent/{uuid4()}")
        assert refusals() == [
            (mary.id, "page:parking.permits", "level"),
            (mary.id, "page:parking.bank", "fresh"),
            (mary.id, "page:parking_staff.all_permits", "audience"),
            (mary.id, "page:rent.account", "not-found"),
        ]

    def test_of_staff_is_on_record(self, client: CheckingClient, make: Factory, refusals: Refusals) -> None:
        sam = make.staff(roles=(Role.AUDITOR,))
        client.sign_in(sam, level=Level.HIGH).get("/staff/parking")
        client.get("/parking")
        assert refusals() == [
            (sam.id, "page:parking_staff.all_permits", "permission"),
            (sam.id, "page:parking.permits", "audience"),
        ]

    def test_of_one_try_too_many_is_on_record(self, client: CheckingClient, make: Factory, refusals: Refusals) -> None:
        mary = make.resident()
        client.sign_in(mary).get("/sign-in/again")
        for _ in range(rules.HERE):
            assert client.send("/sign-in/again", {"password": "wrong"}).status_code == 422
        assert refusals() == []
        assert client.send("/sign-in/again", {"password": "wrong"}).status_code == 429
        assert refusals() == [(mary.id, "page:account.check_again", "tries")]

    def test_of_a_stranger_costs_the_database_nothing(
        self, client: CheckingClient, engine: Engine, refusals: Refusals
    ) -> None:
        with statements(engine) as sent:
            assert client.get(f"/reset/{'x' * 43}").status_code == 404
            assert client.get("/staff/parking").status_code == 303
            assert client.get("/nowhere").status_code == 404
        assert not [statement for statement in sent if not statement.startswith("select")]
        assert refusals() == []

    def test_stands_without_its_record(
        self, client: CheckingClient, make: Factory, owner_engine: Engine, refusals: Refusals
    ) -> None:
        client.sign_in(make.resident())
        with owner_engine.begin() as connection:
            connection.execute(text("revoke insert on audit_event from portal_app"))
        try:
            assert client.get("/staff/parking").status_code == 404
        finally:
            with owner_engine.begin() as connection:
                connection.execute(text("grant insert on audit_event to portal_app"))
        assert refusals() == []


def test_what_the_service_says_of_privacy_is_published(client: CheckingClient) -> None:
    assert "To give you a parking permit" in client.get("/privacy").text


def test_a_blueprint_with_two_faces_stops_the_start(engine: Engine, settings: Settings) -> None:
    twice = Blueprint("twice", __name__)
    service = CouncilService("twice", _l("Twice"), (Face("public", twice), Face("staff", twice)), presence="always")
    with pytest.raises(ValueError, match="twice"):
        create_app(settings, engine=engine, services=(*SERVICES, service))


def test_a_face_of_programs_says_what_proves_who_asks_and_no_other_does() -> None:
    with pytest.raises(ValueError, match="things"):
        Face("program", Blueprint("things", __name__))
    with pytest.raises(ValueError, match="things"):
        Face("public", Blueprint("things", __name__), proof=lambda: None)


def test_every_address_belongs_to_a_face(app: Flask) -> None:
    guarded = {face.blueprint.name for service in (*SERVICES, dummy.SERVICE) for face in service.faces}
    for rule in app.url_map.iter_rules():
        assert rule.endpoint.split(".")[0] in guarded, rule


def test_the_application_can_be_made_twice(engine: Engine, settings: Settings) -> None:
    create_app(settings, engine=engine)
    create_app(settings, engine=engine)
