"""The removal of a contact with help waits for the resident's word, or for three days; what was added is taken back."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.account.actions import waiting as asking
from portal.clock import SetClock
from portal.identity import waiting
from portal.identity.mailing import Mailing
from portal.identity.waiting import WAITS
from portal.models import Channel, ContactChange, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in
from tests.support.outbox import Outbox
from tests.support.pages import find
from tests.web.blueprints.account.conftest import Browser, Later
from tests.web.blueprints.account.test_waiting import add, answer, id_of, remove, values


class TestRemoving:
    @pytest.fixture(autouse=True)
    def second(self, mary: Person, make: Factory) -> None:
        make.contact(mary, Channel.EMAIL, "second@example.org")

    def test_waits_and_tells_all_the_old_contacts(
        self, helping: CheckingClient, db: Session, mary: Person, outbox: Outbox, browser: Browser
    ) -> None:
        remove(helping, db, mary, "second@example.org")
        remove(helping, db, mary, "second@example.org")
        assert outbox.sent() == [
            ("contact-change-waits", "mary@example.org"),
            ("contact-change-waits", "second@example.org"),
        ]
        assert browser().submit("/sign-in", {"name": "second@example.org", "password": PASSWORD}).status_code == 303

    def test_takes_effect_after_three_days(
        self,
        helping: CheckingClient,
        db: Session,
        mary: Person,
        later: Later,
        browser: Browser,
        outbox: Outbox,
        clock: SetClock,
    ) -> None:
        remove(helping, db, mary, "second@example.org")
        clock.advance(WAITS - timedelta(minutes=1))
        browser().submit("/reset", {"name": "second@example.org"})
        later(timedelta(minutes=1))
        assert values(db, mary) == [("mary@example.org", True)]
        assert ("sign-in-method-changed", "second@example.org") in outbox.sent()
        assert browser().get(outbox.path("reset")).status_code == 404, "nor does a link choose a password any more"

    def test_with_a_yes_is_done_at_once(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person
    ) -> None:
        remove(helping, db, mary, "second@example.org")
        assert "Removed." in answer(at_home, id_of(db, mary, "second@example.org"), "yes")
        assert values(db, mary) == [("mary@example.org", True)]
        assert db.scalars(select(ContactChange.id)).all() == []

    def test_with_a_no_leaves_it(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, later: Later
    ) -> None:
        remove(helping, db, mary, "second@example.org")
        answer(at_home, id_of(db, mary, "second@example.org"), "no")
        later(WAITS)
        assert ("second@example.org", True) in values(db, mary)

    def test_a_no_that_comes_too_late_says_so_and_undoes_nothing(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, later: Later
    ) -> None:
        add(helping)
        contact = id_of(db, mary, "new@example.org")
        later(WAITS)
        at_home.sign_in(mary)
        assert "This doesn’t wait any more" in answer(at_home, contact, "no")
        assert ("new@example.org", True) in values(db, mary)

    def test_a_no_while_the_job_makes_the_change_undoes_nothing(
        self,
        helping: CheckingClient,
        engine: Engine,
        db: Session,
        make: Factory,
        sealer: Sealer,
        mary: Person,
        clock: SetClock,
    ) -> None:
        add(helping)
        contact = UUID(id_of(db, mary, "new@example.org"))
        clock.advance(WAITS)
        came: list[Exception] = []

        def say_no() -> None:
            with Session(engine) as mine:
                try:
                    asking.say_no(mine, make.party(mary), contact, now=clock.now())
                except asking.NotWaiting as error:
                    came.append(error)

        thread = Thread(target=say_no)
        with Session(engine) as job:
            waiting.take_effect(job, Mailing(sealer, ""), contact, at=clock.now())
            thread.start()
            thread.join(timeout=0.5)  # it waits for the row
            assert thread.is_alive()
            job.commit()
        thread.join()
        assert len(came) == 1
        assert ("new@example.org", True) in values(db, mary)

    def test_of_what_has_become_the_last_one_ends_with_a_message(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, later: Later, outbox: Outbox
    ) -> None:
        remove(helping, db, mary, "second@example.org")
        remove(at_home, db, mary, "mary@example.org")
        later(WAITS)
        assert values(db, mary) == [("second@example.org", True)]
        assert ("contact-change-not-made", "second@example.org") in outbox.sent()

    def test_of_the_last_one_is_refused_at_once(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person
    ) -> None:
        remove(at_home, db, mary, "second@example.org")
        remove(helping, db, mary, "mary@example.org")
        assert "Nothing was removed" in helping.get("/account/contacts").text
        assert db.scalars(select(ContactChange.id)).all() == []

    def test_of_what_was_added_in_the_same_help_is_done_at_once(
        self, helping: CheckingClient, db: Session, mary: Person
    ) -> None:
        add(helping, "typo@example.org")
        buttons = find(helping.get("/account/contacts").text, "//main//button[@name='contact']/@value")
        assert id_of(db, mary, "typo@example.org") in buttons
        remove(helping, db, mary, "typo@example.org")
        assert "Taken back" in helping.get("/account/contacts").text
        assert "typo@example.org" not in dict(values(db, mary))

    def test_of_what_was_added_in_another_help_is_not(
        self, helping: CheckingClient, db: Session, mary: Person, browser: Browser, make: Factory
    ) -> None:
        add(helping)
        una = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Una", email="una@example.org")
        other = browser()
        help_in(other, una, mary)
        contact = id_of(db, mary, "new@example.org")
        assert contact not in find(other.get("/account/contacts").text, "//main//button[@name='contact']/@value")
        remove(other, db, mary, "new@example.org")
        assert ("new@example.org", False) in values(db, mary)
        assert waiting.of_person(db, mary.id)[UUID(contact)].kind is waiting.Kind.ADD

    def test_of_what_the_resident_has_yet_to_confirm_waits_and_their_link_ends_it(
        self,
        helping: CheckingClient,
        at_home: CheckingClient,
        db: Session,
        mary: Person,
        later: Later,
        outbox: Outbox,
    ) -> None:
        add(at_home)
        remove(helping, db, mary, "new@example.org")
        assert add(helping, "New@example.org").status_code == 422, "nor does adding it again end their link"
        assert ("contact-change-waits", "mary@example.org") in outbox.sent()
        assert ("new@example.org", False) in values(db, mary)
        assert at_home.submit(outbox.path("contact-confirm")).status_code == 303
        later(WAITS)
        assert ("new@example.org", True) in values(db, mary)

    def test_of_what_the_resident_has_yet_to_confirm_takes_effect_after_three_days(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, later: Later
    ) -> None:
        add(at_home)
        remove(helping, db, mary, "new@example.org")
        later(WAITS - timedelta(seconds=1))
        assert ("new@example.org", False) in values(db, mary)
        later(timedelta(seconds=1))
        assert "new@example.org" not in dict(values(db, mary))
