"""Signing in with a library card and its PIN."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.blueprints.library.actions import signing_in
from portal.blueprints.library.models import LibraryCard, LibraryPin
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.identity.throttle import Throttle
from portal.models import Person
from portal.settings import Settings
from tests.support.client import CheckingClient
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.web.blueprints.library.conftest import Connect


def count(db: Session, table: type) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(table)) or 0


def sign_in(db: Session, desk: Desk, throttle: Throttle, clock: SetClock) -> signing_in.SignedIn:
    return signing_in.sign_in(
        db,
        desk,
        throttle,
        CARD,
        address="127.0.0.1",
        language="en",
        nameless="Holder of a library card",
        deadline=Deadline.after(PERSON_WAITS_S),
        now=clock.now(),
    )


class TestSigningIn:
    def test_by_a_card_that_nobody_has_connected_makes_an_account(
        self, client: CheckingClient, library: FakeLibrary, db: Session
    ) -> None:
        library.lend(CARD, "A Ferry for Tuesday")
        assert "Library card and PIN" in client.get("/sign-in").text
        response = client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        assert response.location == "/"
        assert "Ferry" in client.get("/library/loans").text
        assert db.scalars(select(Person.name)).one() == "Mary Example"
        client.send("/sign-out")
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        assert count(db, Person) == 1

    def test_with_a_wrong_pin_is_refused_and_on_record(self, client: CheckingClient, db: Session) -> None:
        response = client.submit("/library/sign-in", {"number": CARD.number, "pin": "0000"})
        assert response.status_code == 422 and "PIN is wrong" in response.text
        assert db.execute(text("select act, outcome from audit_event")).one() == ("sign-in.card", "refused")
        assert count(db, Person) == 0

    def test_reaches_nothing_but_the_card(self, client: CheckingClient, mary: Person, connect: Connect) -> None:
        connect(mary)
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        assert client.get("/library/loans").status_code == 200
        for address in ("/account", "/account/contacts", "/account/devices", "/rent", "/library/connect"):
            assert (client.get(address).location or "").startswith("/sign-in/again"), address
        home = client.get("/").text
        assert "mary@example.org" not in home and "See your loans" in home

    def test_goes_on_to_where_the_person_was_going(self, client: CheckingClient) -> None:
        form = {"number": CARD.number, "pin": CARD.pin}
        assert client.submit("/library/sign-in?next=/library/holds", form).location == "/library/holds"
        client.send("/sign-out")
        assert client.submit("/library/sign-in?next=//evil.example.org", form).location == "/"

    def test_steps_up_with_a_password_or_is_told_how_to_get_one(
        self, client: CheckingClient, mary: Person, connect: Connect
    ) -> None:
        client.submit("/library/sign-in", {"number": CHILDS.number, "pin": CHILDS.pin})
        page = client.get("/sign-in/again?next=/account").text
        assert "Sign in another way" in page and client.get("/sign-in").status_code == 200
        client.get("/library")
        client.send("/sign-out")
        connect(mary)
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        client.submit("/sign-in/again?next=/account", {"password": "correct horse battery"})
        assert client.get("/account").status_code == 200

    @pytest.mark.usefixtures("needs_pin")
    def test_keeps_the_pin_as_long_as_the_session_where_it_is_needed(self, client: CheckingClient, db: Session) -> None:
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        assert count(db, LibraryPin) == 1
        assert "Enter the PIN" not in client.get("/library/loans").text
        client.send("/sign-out")
        assert count(db, LibraryPin) == 0

    def test_moves_to_the_account_that_connects_the_card(
        self, client: CheckingClient, mary: Person, connect: Connect, db: Session
    ) -> None:
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        connect(mary)
        assert db.scalars(select(LibraryCard.person_id)).one() == mary.id
        assert (client.get("/library").location or "").startswith("/sign-in"), "the account is closed, its session over"
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        assert db.scalar(select(func.count()).select_from(Person).where(Person.closed_at.is_(None))) == 1

    def test_and_disconnecting_closes_an_account_that_has_no_other_way_in(
        self, client: CheckingClient, db: Session
    ) -> None:
        client.submit("/library/sign-in", {"number": CARD.number, "pin": CARD.pin})
        card = db.scalars(select(LibraryCard.id)).one()
        client.get(f"/library/disconnect?card={card}")
        assert client.send("/library/disconnect", {"card": card}).location == "/sign-out"
        assert db.scalars(select(Person.closed_at)).one() is not None and count(db, LibraryCard) == 0

    def test_at_once_in_two_browsers_makes_one_account(
        self, engine: Engine, desk: Desk, throttle: Throttle, clock: SetClock, db: Session
    ) -> None:
        ready, came = Barrier(3), []

        def press() -> None:
            with Session(engine) as own:
                ready.wait()
                came.append(sign_in(own, desk, throttle, clock).holder.id)

        threads = [Thread(target=press) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(came) == 3 and len(set(came)) == 1 and count(db, Person) == 1

    def test_without_a_library_system_is_not_offered(self, engine: Engine, settings: Settings, clock: SetClock) -> None:
        app = create_app(settings, clock=clock, engine=engine)
        app.testing = True
        app.test_client_class = CheckingClient
        client = app.test_client()
        assert "Library card" not in client.get("/sign-in").text
        assert client.get("/library/sign-in").status_code == client.get("/library").status_code == 404
