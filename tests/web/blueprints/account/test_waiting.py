"""A change of contact made with help waits for the resident's word, or for three days; old contacts are told."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from portal.blueprints.account.actions import waiting as asking
from portal.clock import SetClock
from portal.identity import contacts
from portal.identity.mailing import Mailing
from portal.identity.waiting import BY_POST, WAITS
from portal.models import AuditEvent, Channel, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.failing import FailingSealer
from tests.support.helps import help_in
from tests.support.outbox import Outbox
from tests.support.pages import find
from tests.web.blueprints.account.conftest import Browser, Later


def add(client: CheckingClient, email: str = "new@example.org") -> TestResponse:
    return client.submit("/account/contacts/add", {"email": email})


def id_of(db: Session, person: Person, value: str) -> str:
    db.rollback()
    (way,) = [way for way in contacts.of_person(db, person.id) if way.value == value]
    db.rollback()
    return str(way.id)


def remove(client: CheckingClient, db: Session, person: Person, value: str) -> TestResponse:
    client.get("/account/contacts")
    return client.send("/account/contacts", {"contact": id_of(db, person, value)})


def answer(client: CheckingClient, contact: str, said: str) -> str:
    """Say yes or no, and return the page that comes."""
    client.get("/account/contacts")
    response = client.send("/account/contacts/waiting", {"contact": contact, "answer": said})
    assert response.location == "/account/contacts"
    return client.get(response.location).text


def values(db: Session, person: Person) -> list[tuple[str, bool]]:
    """Return each contact, and whether it is confirmed."""
    db.rollback()
    return [(way.value, way.confirmed) for way in contacts.of_person(db, person.id)]


def about_contacts(outbox: Outbox) -> list[tuple[str, str]]:
    """Return what was sent; the worker also tells of the help itself."""
    return [(template, to) for template, to in outbox.sent() if template != "help-given"]


def records(db: Session) -> list[tuple[str, str, str]]:
    """Return what the audit has of contacts: act, outcome, by what right (without ids)."""
    db.rollback()
    found = select(AuditEvent.act, AuditEvent.outcome, AuditEvent.authority).order_by(AuditEvent.id)
    rows = db.execute(found.where(AuditEvent.act.like("account.contact.%")))
    return [(row.act, row.outcome, row.authority.split(":")[0]) for row in rows]


class TestAdding:
    def test_waits_and_tells_the_old_contacts_and_nobody_else(
        self, helping: CheckingClient, db: Session, mary: Person, outbox: Outbox
    ) -> None:
        assert add(helping).location == "/account/contacts"
        assert values(db, mary) == [("mary@example.org", True), ("new@example.org", False)]
        ((template, address, fields),) = outbox.all()
        assert (template, address) == ("contact-change-waits", "mary@example.org")
        assert fields == {"link": "http://localhost/account/contacts", "day": "2026-11-27"}
        assert records(db) == [("account.contact.add", "waits", "help")]

    def test_gives_nobody_a_way_in_meanwhile(
        self, helping: CheckingClient, browser: Browser, outbox: Outbox, clock: SetClock
    ) -> None:
        add(helping)
        stranger = browser()
        assert stranger.submit("/sign-in", {"name": "new@example.org", "password": PASSWORD}).status_code == 422
        for name in ("new@example.org", "mary@example.org"):
            clock.advance(timedelta(minutes=1))
            stranger.submit("/reset", {"name": name})
        assert [(template, to) for template, to, _ in outbox.all()][1:] == [("reset", "mary@example.org")]

    def test_is_shown_to_staff_without_the_buttons_which_only_the_resident_may_press(
        self, helping: CheckingClient, db: Session, mary: Person
    ) -> None:
        add(helping)
        text = helping.get("/account/contacts").text
        assert "If you say nothing, it is done on Friday 27 November 2026." in text
        assert "Yes, change it" not in text
        contact = id_of(db, mary, "new@example.org")
        response = helping.send("/account/contacts/waiting", {"contact": contact, "answer": "yes"})
        assert response.status_code == 403
        assert values(db, mary)[1] == ("new@example.org", False)

    def test_takes_effect_after_three_days_and_not_before(
        self, helping: CheckingClient, db: Session, mary: Person, later: Later, outbox: Outbox
    ) -> None:
        add(helping)
        later(WAITS - timedelta(seconds=1))
        assert values(db, mary)[1] == ("new@example.org", False)
        later(timedelta(seconds=1))
        assert values(db, mary)[1] == ("new@example.org", True)
        later(timedelta(days=1))
        assert about_contacts(outbox) == [
            ("contact-change-waits", "mary@example.org"),
            ("sign-in-method-changed", "mary@example.org"),
        ]
        assert records(db) == [("account.contact.add", "waits", "help"), ("account.contact.add", "done", "help")]

    def test_with_a_yes_sends_the_address_its_link_which_then_confirms_it_at_once(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, outbox: Outbox, later: Later
    ) -> None:
        add(helping)
        assert "We have sent a link" in answer(at_home, id_of(db, mary, "new@example.org"), "yes")
        assert values(db, mary)[1] == ("new@example.org", False)
        assert ("contact-confirm", "new@example.org") in outbox.sent()
        assert at_home.submit(outbox.path("contact-confirm")).status_code == 303
        assert values(db, mary)[1] == ("new@example.org", True)
        sent = about_contacts(outbox)
        later(WAITS)
        assert about_contacts(outbox) == sent, "nothing is left that waits"

    def test_with_a_no_is_gone(
        self, helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, later: Later
    ) -> None:
        add(helping)
        assert "Everything stays as it was" in answer(at_home, id_of(db, mary, "new@example.org"), "no")
        later(WAITS)
        assert values(db, mary) == [("mary@example.org", True)]
        assert records(db)[-1] == ("account.contact.refuse", "done", "self")

    def test_of_what_is_somebody_elses_by_then_ends_with_a_message(
        self, helping: CheckingClient, db: Session, mary: Person, make: Factory, later: Later, outbox: Outbox
    ) -> None:
        add(helping)
        make.resident(email="New@example.org", name="Somebody Quicker")
        later(WAITS)
        assert values(db, mary) == [("mary@example.org", True)]
        assert ("contact-change-not-made", "mary@example.org") in outbox.sent()
        assert not any(to.lower() == "new@example.org" for _, to in outbox.sent())
        assert records(db)[-1] == ("account.contact.add", "not-possible", "help")

    @pytest.mark.usefixtures("john")
    def test_of_somebody_elses_address_looks_the_same(self, helping: CheckingClient, outbox: Outbox) -> None:
        add(helping, "john@example.org")
        assert outbox.sent() == [("contact-change-waits", "mary@example.org")]

    def test_of_what_is_confirmed_already_is_said(self, helping: CheckingClient) -> None:
        assert add(helping, "Mary@example.org").status_code == 422


def test_one_change_that_fails_keeps_no_other_back_and_is_tried_again(
    helping: CheckingClient,
    browser: Browser,
    db: Session,
    sealer: Sealer,
    failing_sealer: FailingSealer,
    mary: Person,
    john: Person,
    make: Factory,
    clock: SetClock,
) -> None:
    add(helping)
    other = browser()
    help_in(other, make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Una", email="una@example.org"), john)
    clock.advance(timedelta(seconds=1))
    add(other, "newer@example.org")
    clock.advance(WAITS)
    with capture_logs() as lines:
        asking.make_due(db, Mailing(failing_sealer, ""), now=clock.now())
    assert ("new@example.org", False) in values(db, mary)
    assert ("newer@example.org", True) in values(db, john)
    (line,) = lines
    assert line.keys() == {"event", "log_level", "contact_id", "exc_info"}, "who and where is in none of it"
    asking.make_due(db, Mailing(sealer, ""), now=clock.now())
    assert ("new@example.org", True) in values(db, mary)


class TestWhoIsTold:
    def test_by_letter_it_waits_until_the_letter_has_come_and_three_days_more(
        self, client: CheckingClient, db: Session, make: Factory, tom: Person, later: Later, outbox: Outbox
    ) -> None:
        ann = make.resident(email=None, username="ann", name="Ann Example")
        make.contact(ann, Channel.POST, "1 Mill Lane\nMillbrook")
        help_in(client, tom, ann)
        add(client)
        ((template, address, fields),) = outbox.all()
        assert (template, address.splitlines()[0], fields["day"]) == (
            "contact-change-waits",
            "Ann Example",
            "2026-12-01",
        )
        later(WAITS + BY_POST - timedelta(seconds=1))
        assert ("new@example.org", False) in values(db, ann)
        later(timedelta(seconds=1))
        assert ("new@example.org", True) in values(db, ann)

    def test_where_nobody_can_be_told_only_the_residents_own_yes_counts(
        self,
        client: CheckingClient,
        db: Session,
        make: Factory,
        tom: Person,
        later: Later,
        browser: Browser,
        outbox: Outbox,
    ) -> None:
        ann = make.resident(email=None, username="ann", name="Ann Example")
        help_in(client, tom, ann)
        add(client)
        assert outbox.sent() == []
        later(timedelta(days=300))
        assert values(db, ann) == [("new@example.org", False)]
        own = browser().sign_in(ann)
        assert "It isn’t done before you say yes." in own.get("/account/contacts").text
        answer(own, id_of(db, ann, "new@example.org"), "yes")
        own.submit(outbox.path("contact-confirm"))
        assert values(db, ann) == [("new@example.org", True)]


class TestAnswering:
    def test_is_for_whose_contact_it_is(
        self, helping: CheckingClient, browser: Browser, db: Session, mary: Person, john: Person
    ) -> None:
        add(helping)
        contact = id_of(db, mary, "new@example.org")
        for said in ("yes", "no"):
            assert "This doesn’t wait any more" in answer(browser().sign_in(john), contact, said)
        assert ("new@example.org", False) in values(db, mary)

    def test_asks_for_the_password_if_it_was_given_a_while_ago(
        self, helping: CheckingClient, browser: Browser, db: Session, mary: Person
    ) -> None:
        add(helping)
        stale = browser().sign_in(mary, fresh=False)
        stale.get("/account/contacts")
        form = {"contact": id_of(db, mary, "new@example.org"), "answer": "yes"}
        response = stale.send("/account/contacts/waiting", form)
        assert response.location == "/sign-in/again?next=/account/contacts/waiting"
        assert stale.get("/account/contacts/waiting").location == "/account/contacts"

    def test_with_neither_yes_nor_no_is_no_answer(self, at_home: CheckingClient, db: Session, mary: Person) -> None:
        at_home.get("/account/contacts")
        form = {"contact": id_of(db, mary, "mary@example.org"), "answer": "perhaps"}
        assert at_home.send("/account/contacts/waiting", form).status_code == 400


def test_what_waits_is_shown_with_both_buttons(
    helping: CheckingClient, at_home: CheckingClient, db: Session, mary: Person, make: Factory
) -> None:
    make.contact(mary, Channel.EMAIL, "second@example.org")
    add(helping)
    remove(helping, db, mary, "second@example.org")
    text = at_home.get("/account/contacts").text
    buttons = find(text, "//form[@action='/account/contacts/waiting']//button/@value")
    assert buttons == ["yes", "no", "yes", "no"]
    assert "This address was added with help from the council." in text
    assert "With help from the council, it was asked that this is removed." in text
