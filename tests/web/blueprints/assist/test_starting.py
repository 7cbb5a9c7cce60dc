"""A help begins: with why, how it was agreed, with what, for how long; by whoever found the person."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import staff
from portal.identity.helping import AGREED, WORDS
from portal.models import AuditEvent, Help, Person, SignInSession
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in

GIVEN: dict[str, Any] = {
    "agreement": "phone",
    "agreed": "4471-20",
    "reason": "question",
    "words": "Wants to know why the rent went up",
    "services": ["rent", "energy"],
    "may": "act",
    "minutes": "15",
}


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """One that a test here adds to."""
    return own_app


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident(name="Mary Example")


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


def test_who_is_signed_out_while_it_begins_helps_nobody(
    app: Flask, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
) -> None:
    """An administrator takes a role away while the form is on its way: that ends sessions before this one begins."""

    @app.after_request
    def take_role_away(response: Response) -> Response:
        if request.method == "POST":
            staff.set_roles(db, None, tom.id, {Role.AUDITOR}, at=clock.now())
        return response

    assert client.submit(found(client, tom, mary), GIVEN).location == "/"
    assert db.execute(select(SignInSession).where(SignInSession.person_id == tom.id)).first() is None
    assert "Mary" not in client.get("/").text


def found(client: CheckingClient, tom: Person, mary: Person) -> str:
    """Sign staff in who have just found Mary; return the address of the page where a help begins."""
    client.sign_in(tom, level=Level.HIGH).get("/staff/account/password")
    with client.session_transaction(environ_base={"REMOTE_ADDR": "127.0.0.1"}) as session:
        session["found"] = [str(mary.id)]
    return f"/staff/assist/{mary.id}/start"


def test_a_help_begins_with_what_was_agreed(
    client: CheckingClient, mary: Person, tom: Person, db: Session, sealer: Sealer
) -> None:
    response = client.submit(found(client, tom, mary), GIVEN)
    assert response.location == "/"
    client.helping = True
    assert "You are helping Mary Example" in client.get("/").text
    begun = db.execute(select(Help)).scalar_one()
    assert (begun.subject_id, begun.staff_id, begun.acts, begun.services) == (
        mary.id,
        tom.id,
        True,
        ["energy", "rent"],
    )
    assert sealer.unseal(begun.words, context=WORDS) == GIVEN["words"]
    assert sealer.unseal(begun.agreed, context=AGREED) == "4471-20"
    record = db.execute(select(AuditEvent).where(AuditEvent.act == "help.begin")).scalar_one()
    assert (record.authority, record.subject_id, record.actor_id) == (f"help:{begun.id}", mary.id, tom.id)


def test_the_session_is_another_one(client: CheckingClient, mary: Person, tom: Person) -> None:
    address = found(client, tom, mary)
    before = client.session_token
    client.submit(address, GIVEN)
    assert client.session_token != before


def test_the_secret_of_forms_is_there_before_a_page_is_in_a_help_and_after_it(
    client: CheckingClient, mary: Person, tom: Person, db: Session
) -> None:
    """Two first pages at once would each keep one. And it is another one each time."""
    secrets = []
    client.submit(found(client, tom, mary), GIVEN)
    secrets.append(db.scalar(select(SignInSession.data["csrf_token"].astext)))
    client.helping = True
    db.rollback()
    client.submit("/account/language")
    client.send("/staff/assist/finish")
    secrets.append(db.scalar(select(SignInSession.data["csrf_token"].astext)))
    assert all(secrets) and secrets[0] != secrets[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agreement": None}, "Say how it was agreed"),
        ({"agreed": ""}, "Enter the call’s reference"),
        ({"agreement": "legal", "agreed": ""}, "Enter which document it is"),
        ({"agreement": "legal"}, "Enter the last day on which the document counts"),
        ({"agreement": "standing", "agreed_until": "2026-11-23"}, "The document doesn’t count any more"),
        ({"reason": None}, "Say why they need help"),
        ({"words": "  "}, "Say in a few words what it is about"),
        ({"services": None}, "Say with what you help"),
        ({"may": None}, "Say whether you may do things for them"),
    ],
)
def test_what_is_missing_is_asked_for(
    client: CheckingClient, mary: Person, tom: Person, db: Session, change: dict[str, Any], message: str
) -> None:
    given = {name: value for name, value in {**GIVEN, **change}.items() if value is not None}
    response = client.submit(found(client, tom, mary), given)
    assert response.status_code == 422
    assert message in response.text
    assert db.execute(select(Help)).first() is None


def test_whoever_was_not_found_is_not_there(client: CheckingClient, mary: Person, tom: Person) -> None:
    found(client, tom, mary)
    assert client.get(f"/staff/assist/{uuid4()}/start").status_code == 404
    assert client.send(f"/staff/assist/{uuid4()}/start", GIVEN).status_code == 404


def test_nobody_helps_two_at_a_time(
    client: CheckingClient, mary: Person, tom: Person, make: Factory, db: Session
) -> None:
    help_in(client, tom, make.resident(name="Ann Other", email="ann@example.org"))
    response = client.submit(found(client, tom, mary), GIVEN)
    assert response.status_code == 409
    assert "You are helping somebody already" in response.text
    assert len(db.execute(select(Help.id)).all()) == 1
    assert "You are helping Ann Other" in client.get("/staff/assist").text
    client.send("/staff/assist/finish")
    assert client.submit(found(client, tom, mary), GIVEN).location == "/"


def test_an_old_sign_in_proves_itself_again_first(client: CheckingClient, mary: Person, tom: Person) -> None:
    address = found(client, tom, mary)
    client.sign_in(tom, level=Level.HIGH, fresh=False)
    assert (client.get(address).location or "").startswith("/sign-in/again")
