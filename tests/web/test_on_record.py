"""Everything done or seen behind a guard is on record: every address, walked by those whom it is for. A new one is
walked unasked. And what can't be put on record isn't done.
"""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.council_service import Audience
from portal.models import AuditEvent, Person
from portal.party import Level, Role
from portal.web.on_record import PUBLIC
from tests.factories import Factory
from tests.factories.rent import Night, Tenancies
from tests.support.client import CheckingClient
from tests.web.test_strangers import addresses, ask, methods

SHOWS_NOTHING = {
    *("account", "home.help_page", "home.accessibility", "home.privacy", "home.cookies"),
    *("library_sign_in", "internet_guest", "outbox", "staff_sign_in"),
}
"""Public pages that show nothing of who is signed in: blueprints and pages. What is sent to them is recorded by what it
does.
"""


class Left(NamedTuple):
    """What a request left behind."""

    act: str
    object: str
    actor: UUID | None


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies) -> Person:
    """A resident who has connected a rent account."""
    mary = make.resident()
    tenancies.load(Night().account(("30/03/2026", "DBR", 10000), starts="30/03/2026"))
    tenancies.connect(mary)
    return mary


@pytest.fixture
def boss(make: Factory) -> Person:
    return make.staff(roles=tuple(Role))


def left(db: Session) -> list[Left]:
    db.rollback()
    found = select(AuditEvent.act, AuditEvent.object, AuditEvent.actor_id).order_by(AuditEvent.id)
    return [Left(*row) for row in db.execute(found)]


def walked(
    app: Flask, client: CheckingClient, db: Session, person: Person, audience: Audience
) -> Iterator[tuple[str, str, int, list[Left]]]:
    """Ask for every address of an audience by each method; yield which, the status, and the records that it left.

    The person signs in anew each time: some of what is walked ends sessions.
    """
    for address, rule in addresses(app, audience):
        for method in sorted(methods(rule)):
            client.sign_in(person, level=Level.HIGH).get("/sign-in/again")
            before = len(left(db))
            response = ask(client, address, method)
            yield f"{method} {address}", rule.endpoint, response.status_code, left(db)[before:]


@pytest.mark.parametrize(("audience", "who"), [("resident", "mary"), ("staff", "boss")])
def test_every_page_behind_a_guard_leaves_a_record_of_who_asked(
    app: Flask, client: CheckingClient, db: Session, request: pytest.FixtureRequest, audience: Audience, who: str
) -> None:
    person: Person = request.getfixturevalue(who)
    missing = [
        (where, status)
        for where, _, status, records in walked(app, client, db, person, audience)
        if not shows_nothing(where, status) and person.id not in [record.actor for record in records]
    ]
    assert missing == []


def shows_nothing(where: str, status: int) -> bool:
    """Tell whether an answer can't show or have changed anything: on to another page, or not understood at all."""
    return status == 400 or (where.startswith(("GET", "HEAD")) and 300 <= status < 400)


def test_every_public_page_that_shows_who_is_signed_in_something_leaves_a_record(
    app: Flask, client: CheckingClient, db: Session, mary: Person
) -> None:
    seen = 0
    for where, endpoint, status, records in walked(app, client, db, mary, "public"):
        if not endpoint.startswith(tuple(SHOWS_NOTHING)) and not shows_nothing(where, status) and status != 404:
            seen += 1
            assert mary.id in [record.actor for record in records], where
    assert seen


def test_of_every_public_page_it_is_known_whether_it_shows_something(app: Flask) -> None:
    for address, rule in addresses(app, "public"):
        names = {rule.endpoint, rule.endpoint.split(".")[0]}
        assert names & (PUBLIC | SHOWS_NOTHING), address


def test_a_page_that_says_itself_what_was_seen_leaves_that_record_alone(
    client: CheckingClient, db: Session, mary: Person
) -> None:
    client.sign_in(mary)
    before = len(left(db))
    client.get("/rent")
    (record,) = left(db)[before:]
    assert record.act == "rent.view"


def test_a_page_that_does_not_is_recorded_by_its_name(client: CheckingClient, db: Session, mary: Person) -> None:
    client.sign_in(mary)
    before = len(left(db))
    client.get("/account/contacts")
    assert left(db)[before:] == [Left("page.view", "page:own_account.contact_list", mary.id)]


class TestWhatCanNotBePutOnRecord:
    @pytest.fixture(autouse=True)
    def no_records(self, owner_engine: Engine, mary: Person) -> Iterator[None]:
        """The portal may read the audit and add nothing to it."""
        assert mary.id
        with owner_engine.begin() as connection:
            connection.execute(text("revoke insert on audit_event from portal_app"))
        yield
        with owner_engine.begin() as connection:
            connection.execute(text("grant insert on audit_event to portal_app"))

    @pytest.fixture
    def unlucky(self, app: Flask, client: CheckingClient, mary: Person) -> CheckingClient:
        app.testing = False  # a fault becomes a page, as in production
        return client.sign_in(mary)

    @pytest.mark.parametrize("address", ["/", "/account", "/account/contacts", "/rent", "/account/links"])
    def test_is_not_shown(self, unlucky: CheckingClient, address: str) -> None:
        response = unlucky.get(address)
        assert response.status_code == 500
        assert "mary@example.org" not in response.text and "£" not in response.text

    def test_is_not_done(self, unlucky: CheckingClient, db: Session, mary: Person) -> None:
        unlucky.get("/sign-in/again")
        assert unlucky.send("/account/language", {"language": "cy"}).status_code == 500
        db.rollback()
        db.refresh(mary)
        assert mary.language == "en"
