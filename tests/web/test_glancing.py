"""What pages ask by themselves is answered before Flask begins, to whom it belongs and to nobody else."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import giving
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.council import Council
from portal.models import Person
from portal.party import Role
from portal.sealed import Sealer
from portal.web import requests
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.helps import ALL, help_in
from tests.support.observing import calls_of, statements
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.test_session_pages import sit

BY_ITSELF = {"HX-Request": "true", "HX-Target": "look"}


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council) -> Rooms:
    return Rooms(db, clock, sealer, council)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def kept(rooms: Rooms, mary: Person) -> UUID:
    return sit(rooms, mary, rooms.branch(Kind.STANDARD))


@pytest.fixture
def address(client: CheckingClient, mary: Person, kept: UUID) -> str:
    """What Mary's page asks."""
    text = client.sign_in(mary).get(f"/internet/sessions/{kept}").text
    return str(pages.find(text, "//*[@id='look']/@hx-get")[0])


def test_nothing_of_flask_runs(client: CheckingClient, address: str) -> None:
    with calls_of(requests._begin) as begun:
        assert client.get(address, headers=BY_ITSELF).status_code == 204
        assert begun == []
        client.get("/")
        assert begun, "and it would be noticed"


def test_another_person_is_told_what_isnt_there(client: CheckingClient, address: str, make: Factory) -> None:
    client.sign_in(make.resident(email="joe@example.org"))
    assert client.get(address).status_code == 404


def test_who_is_signed_out_is_sent_to_sign_in(client: CheckingClient, address: str) -> None:
    client.delete_cookie("portal")
    assert client.get(address, headers=BY_ITSELF).status_code == 401
    client.set_cookie("portal", "no token of ours")
    assert client.get(address, headers=BY_ITSELF).status_code == 401


def test_who_has_lost_their_account_is_signed_out(
    client: CheckingClient, address: str, mary: Person, db: Session, clock: SetClock
) -> None:
    db.execute(update(Person).where(Person.id == mary.id).values(closed_at=clock.now()))
    db.commit()
    assert client.get(address, headers=BY_ITSELF).status_code == 401


def test_a_help_goes_through_its_guard_and_costs_no_more(
    client: CheckingClient, address: str, mary: Person, make: Factory, engine: Engine, db: Session, clock: SetClock
) -> None:
    tom = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")
    help_in(client, tom, mary, services=(*ALL, "internet"))
    with statements(engine) as sent:
        assert client.get(address, headers=BY_ITSELF).status_code == 204
    assert len(sent) <= 2, sent
    giving.finish(db, tom.id, now=clock.now())
    help_in(client, tom, mary, services=("rent",))
    assert client.get(address, headers=BY_ITSELF).status_code == 403


def test_a_broken_id_or_cookie_is_nothing(client: CheckingClient, address: str) -> None:
    assert client.get("/internet/sessions/no-id/left").status_code == 404
    client.delete_cookie("portal")
    assert client.get(address, headers={**BY_ITSELF, "Cookie": 'portal="; x[]=; ='}).status_code == 401
